//! What the product can do, one verb per file; the only place where a transaction begins.

pub mod alarms;
pub mod app;
pub mod authenticate;
pub mod authenticate_app;
pub mod changes;
pub mod check;
pub mod context;
pub mod failure;
pub mod groups;
pub mod hold;
pub mod list;
pub mod mappings;
pub mod oauth;
pub mod record;
pub mod pull;
pub mod registries;
pub mod remap;
pub mod remembered;
pub mod resources;
pub mod users;

pub use authenticate::{Caller, Denied, authenticate};
pub use authenticate_app::{AppCaller, AppDenied, authenticate_app};
pub use context::{Context, Settings};
pub use failure::Failure;
pub use record::{Origin, Recorder};
