//! PATCH (RFC 7644 §3.5.2): reads the operations of a request and applies them to a resource.

mod apply;
mod deactivation;
#[cfg(test)]
mod laws;
mod members;
mod open;
mod parse;
#[cfg(test)]
mod tests;
mod values;
#[cfg(test)]
mod vectors;
mod write;

use serde_json::Value;

pub use apply::apply;
pub use deactivation::{deactivates_by_patch, deactivates_by_put};
pub use members::apply_members;
pub use parse::parse;

use super::dialect::Rule;
use super::filter::Filter;
use super::path::Path;
use super::resource::{MemberRef, Resource};

/// The operations of one request, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch {
    pub operations: Vec<Operation>,
    /// Deviations that were understood while parsing.
    pub rules: Vec<Rule>,
}

/// One operation.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
    /// `add` and `replace`; without a path the value is an object of attributes.
    Write { mode: Write, path: Option<Path>, value: Value },
    /// `remove`; a value, when there is one, names which values of a multi-valued attribute go.
    Remove { path: Path, value: Option<Value> },
}

/// The two ways to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    Add,
    Replace,
}

/// What came out of applying a patch.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    pub resource: Resource,
    /// What the operations do to a group's members, in their order.
    pub member_changes: Vec<MemberChange>,
    /// Deviations that were understood while parsing and applying, each once.
    pub rules: Vec<Rule>,
}

/// A change of a group's members, which are rows of their own and no part of [`Resource`].
#[derive(Debug, Clone, PartialEq)]
pub enum MemberChange {
    Add(Vec<MemberRef>),
    /// Removes the members that have these ids; others stay.
    Remove(Vec<String>),
    /// Removes the members that match; the filter's attributes are the sub-attributes of `members`.
    RemoveMatching(Filter),
    /// Leaves just these; none at all when empty.
    ReplaceAll(Vec<MemberRef>),
}
