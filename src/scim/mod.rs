//! RFC 7643 and RFC 7644 as pure functions on values: no clock, no socket, no SQL.

pub mod bulk;
pub mod cursor;
pub mod discovery;
pub mod error;
pub mod field;
pub mod list;
pub mod message;
pub mod projection;
pub mod resource;
pub mod schema;
pub mod sort;

pub use error::{Error, ScimType};
