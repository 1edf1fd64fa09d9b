//! What the app and the operator can do: organizations, directories, credentials, lists, access.

pub mod access;
pub mod alarms;
pub mod catalogue;
pub mod connectors;
pub mod directories;
pub mod events;
pub mod failure;
pub mod groups;
pub mod health;
pub mod held;
pub mod keys;
pub mod mapping;
pub mod organizations;
pub mod preview;
pub mod requests;
pub mod schemas;
pub mod tokens;
pub mod users;
mod visibility;

pub use failure::{AppFailure, Fault};
