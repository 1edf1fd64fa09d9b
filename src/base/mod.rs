//! Facts every layer shares: identifiers, time, secrets, text folding, strict JSON, limits.

pub mod id;
pub mod json;
pub mod limits;
pub mod seal;
pub mod secret;
pub mod text;
pub mod time;
