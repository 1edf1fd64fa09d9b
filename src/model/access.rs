//! Access: whether somebody may come in, why, and what they have.

use serde_json::{Map, Value};

use crate::base::id::{DirectoryId, EventId, GroupId, OrganizationId, UserId};

use super::directory::DirectoryState;
use super::directory_user::UserState;

/// The answer to `GET /access`.
#[derive(Debug, Clone, PartialEq)]
pub struct AccessAnswer {
    pub is_allowed: bool,
    pub reason: AccessReason,
    /// All users that matched; more than one only for an address or an idp_id that several have.
    pub users: Vec<AccessUser>,
    /// The newest event that the answer takes into account.
    pub as_of: Option<EventId>,
}

/// One user that matched.
#[derive(Debug, Clone, PartialEq)]
pub struct AccessUser {
    pub id: UserId,
    pub directory_id: DirectoryId,
    pub organization_id: OrganizationId,
    pub directory_state: DirectoryState,
    pub idp_id: String,
    pub state: UserState,
    /// A deprovisioning of this user waits for approval: no access, whatever the state shown.
    pub is_held: bool,
    pub email: Option<String>,
    pub name: Option<String>,
    pub roles: Vec<String>,
    pub groups: Vec<AccessGroup>,
    pub custom_attributes: Map<String, Value>,
}

/// A group that gives its members something; direct memberships alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessGroup {
    pub id: GroupId,
    pub idp_id: String,
    pub name: String,
}

/// Why access is given or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccessReason {
    /// Every user that matched is active.
    Active,
    Inactive,
    UnknownUser,
    /// Several matched and some are not active.
    SomeInactive,
    Held,
    DirectoryValidating,
    DirectoryInvalidCredentials,
    DirectoryPaused,
    DirectoryDeleting,
    UnknownDirectory,
    UnknownOrganization,
}

impl AccessReason {
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::UnknownUser => "unknown_user",
            Self::SomeInactive => "some_inactive",
            Self::Held => "held",
            Self::DirectoryValidating => "directory_validating",
            Self::DirectoryInvalidCredentials => "directory_invalid_credentials",
            Self::DirectoryPaused => "directory_paused",
            Self::DirectoryDeleting => "directory_deleting",
            Self::UnknownDirectory => "unknown_directory",
            Self::UnknownOrganization => "unknown_organization",
        }
    }
}
