//! RFC 7643 and RFC 7644 as pure functions on values: no clock, no socket, no SQL.

pub mod bulk;
pub mod cursor;
pub mod dialect;
pub mod discovery;
pub mod error;
pub mod field;
pub mod filter;
pub mod list;
pub mod message;
pub mod moment;
pub mod patch;
pub mod path;
pub mod projection;
pub mod resource;
pub mod schema;
pub mod sort;

pub use error::{Error, ScimType};

/// Whether providers' deviations are understood, or the RFC alone decides (a directory's `strict`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    Strict,
    Lenient,
}
