//! Directories as they are sent.

use serde::Serialize;

use super::Shown;
use crate::base::id::{DirectoryId, OrganizationId};
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::model;
use crate::model::directory::DirectoryCounts;

#[derive(Debug, Serialize)]
pub struct Directory<'a> {
    object: &'static str,
    id: Shown<DirectoryId>,
    organization_id: Shown<OrganizationId>,
    external_key: &'a str,
    #[serde(rename = "type")]
    type_name: &'static str,
    provider: &'static str,
    state: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<&'a str>,
    metadata: Metadata,
    scim_url: &'a str,
    strict: bool,
    on_deactivate: &'static str,
    group_patch_status: u16,
    unique_group_names: bool,
    created_at: Shown<Timestamp>,
    updated_at: Shown<Timestamp>,
}

#[derive(Debug, Serialize)]
struct Metadata {
    users: UserCounts,
    groups: u64,
}

#[derive(Debug, Serialize)]
struct UserCounts {
    active: u64,
    inactive: u64,
}

impl<'a> Directory<'a> {
    /// `scim_url` is the address that the provider is given, made from the configured public URL.
    pub fn new(
        directory: &'a model::directory::Directory,
        counts: DirectoryCounts,
        scim_url: &'a str,
    ) -> Self {
        Self {
            object: "directory",
            id: Shown(directory.id),
            organization_id: Shown(directory.organization_id),
            external_key: &directory.external_key,
            type_name: directory.provider.type_name(),
            provider: directory.provider.name(),
            state: directory.state.name(),
            name: &directory.name,
            domain: directory.domain.as_deref(),
            metadata: Metadata {
                users: UserCounts { active: counts.users_active, inactive: counts.users_inactive },
                groups: counts.groups,
            },
            scim_url,
            strict: directory.strict,
            on_deactivate: directory.on_deactivate.name(),
            group_patch_status: directory.group_patch_status(),
            unique_group_names: directory.has_unique_group_names(),
            created_at: Shown(directory.created_at),
            updated_at: Shown(directory.updated_at),
        }
    }
}

/// A directory just made: with its bearer token, which is never shown again.
#[derive(Serialize)]
pub struct DirectoryWithToken<'a> {
    #[serde(flatten)]
    directory: Directory<'a>,
    bearer_token: &'a str,
}

impl<'a> DirectoryWithToken<'a> {
    pub fn new(directory: Directory<'a>, bearer_token: &'a Secret) -> Self {
        Self { directory, bearer_token: bearer_token.reveal() }
    }
}
