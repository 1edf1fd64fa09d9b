//! Resources as values: read from a request, checked, and written as they are sent.

mod check;
mod members;
mod normalize;
mod parse;
mod render;

use serde_json::{Map, Value};

pub(in crate::scim) use check::collapse;
pub use check::{check, check_immutable};
pub use members::parse_members;
pub use normalize::normalize_value;
pub use parse::{Parsed, parse};
pub use render::{About, render};

/// What a client wrote, in canonical form.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Resource {
    /// Attributes by schema: `externalId`, `userName`, …, and extension objects by URN. Never
    /// `schemas`, `id`, `meta`, `groups`, `members` or `password`.
    pub attributes: Map<String, Value>,
    /// Core attributes that no schema knows: kept for mapping, shown, never returned as schema.
    pub extra: Map<String, Value>,
}

impl Resource {
    /// The text of a core attribute, such as `userName`.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).and_then(Value::as_str)
    }

    /// The form in which a resource is stored: `{"attributes":{…},"extra":{…}}`, `extra` only where
    /// there is any.
    pub fn to_stored_text(&self) -> String {
        let mut object = Map::new();
        object.insert("attributes".to_owned(), Value::Object(self.attributes.clone()));
        if !self.extra.is_empty() {
            object.insert("extra".to_owned(), Value::Object(self.extra.clone()));
        }
        Value::Object(object).to_string()
    }

    /// Reads what [`Resource::to_stored_text`] wrote; `None` when it didn't.
    pub fn from_stored_text(text: &str) -> Option<Self> {
        let Ok(Value::Object(mut object)) = serde_json::from_str(text) else { return None };
        let Some(Value::Object(attributes)) = object.remove("attributes") else { return None };
        let extra = match object.remove("extra") {
            Some(Value::Object(extra)) => extra,
            Some(_) => return None,
            None => Map::new(),
        };
        Some(Self { attributes, extra })
    }
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

impl MemberKind {
    /// The value of the sub-attribute `type`.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }
}

/// Whether a key names a schema rather than an attribute.
pub fn is_urn(key: &str) -> bool {
    key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:"))
}

#[cfg(test)]
mod tests;
