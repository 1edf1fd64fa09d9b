//! Resources as values: what of a User or Group is kept.

use serde_json::{Map, Value};

/// What the client wrote, in canonical form.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Resource {
    /// Attributes by schema: `externalId`, `userName`, …, and extension objects by URN. Never
    /// `schemas`, `id`, `meta`, `groups`, `members` or `password`.
    pub attributes: Map<String, Value>,
    /// Core attributes that no schema knows: kept for mapping, shown, never returned as schema.
    pub extra: Map<String, Value>,
}

/// A member of a group as a request names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MemberRef {
    pub value: String,
    pub kind: Option<MemberKind>,
}

/// What a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MemberKind {
    User,
    Group,
}
