//! Directory users: a SCIM User as the app sees it, after the directory's mapping.

use serde_json::{Map, Value};

use crate::base::id::{DirectoryId, OrganizationId, UserId};
use crate::base::time::Timestamp;

/// A user as the app sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct DirectoryUser {
    pub id: UserId,
    pub directory_id: DirectoryId,
    pub organization_id: OrganizationId,
    /// `externalId`, else the resource's own id.
    pub idp_id: String,
    pub state: UserState,
    /// What the mapping made of the resource.
    pub view: DirectoryUserView,
    /// Slugs of roles, the first one first in rank.
    pub roles: Vec<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Whether the provider wants the user to have access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UserState {
    Active,
    Inactive,
}

impl UserState {
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "active" => Some(Self::Active),
            "inactive" => Some(Self::Inactive),
            _ => None,
        }
    }
}

/// The part of a directory user that a mapping decides.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DirectoryUserView {
    pub email: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    /// The full name.
    pub name: Option<String>,
    pub username: Option<String>,
    pub job_title: Option<String>,
    /// Objects with `primary`, `type` and `value`.
    pub emails: Vec<Value>,
    pub custom_attributes: Map<String, Value>,
    /// The SCIM attributes as stored, unknown ones included.
    pub raw_attributes: Map<String, Value>,
}
