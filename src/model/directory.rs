//! Directories: one connection of one organization to one identity provider.

use crate::base::id::{DirectoryId, OrganizationId};
use crate::base::time::Timestamp;

use super::provider::Provider;

/// One connection to a customer's provider; the unit of isolation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    pub id: DirectoryId,
    pub organization_id: OrganizationId,
    /// The last part of the SCIM URL; unique.
    pub external_key: String,
    pub name: String,
    pub provider: Provider,
    pub state: DirectoryState,
    /// The RFC alone decides: deviations are not rewritten, every request is atomic.
    pub strict: bool,
    pub on_deactivate: OnDeactivate,
    /// The status of a PATCH of a group; the provider's own when absent.
    pub group_patch_status: Option<GroupPatchStatus>,
    /// Whether a group's `displayName` is unique; the provider's own when absent.
    pub unique_group_names: Option<bool>,
    pub domain: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Directory {
    /// The status that a PATCH of a group without `attributes` is answered.
    pub fn group_patch_status(&self) -> u16 {
        match self.group_patch_status {
            Some(status) => status.code(),
            None => self.provider.group_patch_status(),
        }
    }

    pub fn has_unique_group_names(&self) -> bool {
        self.unique_group_names.unwrap_or_else(|| self.provider.has_unique_group_names())
    }
}

/// Where a directory stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DirectoryState {
    /// Created and ready.
    Linked,
    /// A dry run: takes everything in, sends nothing out.
    Validating,
    /// A connector's credentials are refused by the provider.
    InvalidCredentials,
    /// Paused or disconnected: the provider is answered 403.
    Unlinked,
    Deleting,
}

impl DirectoryState {
    pub const ALL: [Self; 5] =
        [Self::Linked, Self::Validating, Self::InvalidCredentials, Self::Unlinked, Self::Deleting];

    /// As the API says it, and the store keeps it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linked => "linked",
            Self::Validating => "validating",
            Self::InvalidCredentials => "invalid_credentials",
            Self::Unlinked => "unlinked",
            Self::Deleting => "deleting",
        }
    }

    /// As events say it.
    pub fn event_name(self) -> &'static str {
        match self {
            Self::Linked => "active",
            Self::Unlinked => "inactive",
            Self::Validating | Self::InvalidCredentials | Self::Deleting => self.name(),
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// What the app sees when a provider deactivates a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OnDeactivate {
    /// The user stays, inactive: `dsync.user.updated`.
    Keep,
    /// The user is gone for the app: `dsync.user.deleted`.
    Delete,
}

impl OnDeactivate {
    pub fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Delete => "delete",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "keep" => Some(Self::Keep),
            "delete" => Some(Self::Delete),
            _ => None,
        }
    }
}

/// What a PATCH of a group that worked is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GroupPatchStatus {
    /// 200 with the group.
    Ok,
    /// 204 without a body.
    NoContent,
}

impl GroupPatchStatus {
    pub fn code(self) -> u16 {
        match self {
            Self::Ok => 200,
            Self::NoContent => 204,
        }
    }

    pub fn from_code(code: u16) -> Option<Self> {
        match code {
            200 => Some(Self::Ok),
            204 => Some(Self::NoContent),
            _ => None,
        }
    }
}

/// How much is in a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DirectoryCounts {
    pub users_active: u64,
    pub users_inactive: u64,
    /// Among the active ones: whose deprovisioning waits for a decision, and was denied.
    pub users_held: u64,
    pub users_denied: u64,
    pub groups: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_reads_back_what_it_is_called() {
        for state in DirectoryState::ALL {
            assert_eq!(DirectoryState::from_name(state.name()), Some(state));
        }
        assert_eq!(DirectoryState::from_name("active"), None);
    }
}
