//! RFC 7643 and RFC 7644 as pure functions on values: no clock, no socket, no SQL.

pub mod error;
pub mod field;
pub mod resource;
pub mod schema;

pub use error::{Error, ScimType};
