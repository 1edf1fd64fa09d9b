//! Directories as they are sent.

use std::time::Duration;

use serde::Serialize;

use super::Shown;
use crate::base::id::{DirectoryId, OrganizationId};
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::config::show_duration;
use crate::model;
use crate::model::alarm::AlarmKind;
use crate::model::brake::Watch;
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
    /// How many wait for a decision of the operator, and whose deprovisioning was denied.
    held_users: u64,
    denied_users: u64,
    #[serde(flatten)]
    watched: Option<Watched>,
    created_at: Shown<Timestamp>,
    updated_at: Shown<Timestamp>,
}

/// What a directory is watched for, and the alarms that are open.
#[derive(Debug, Serialize)]
struct Watched {
    brake: Brake,
    silence_after: String,
    alarms: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
struct Brake {
    mode: &'static str,
    threshold_percent: u32,
    threshold_min: u32,
    window: String,
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
            held_users: counts.users_held,
            denied_users: counts.users_denied,
            watched: None,
            created_at: Shown(directory.created_at),
            updated_at: Shown(directory.updated_at),
        }
    }
}

impl Directory<'_> {
    /// With its brake, and what somebody should look at.
    #[must_use]
    pub fn watched(self, watch: Watch, open_alarms: &[AlarmKind]) -> Self {
        let brake = Brake {
            mode: watch.brake.mode.name(),
            threshold_percent: watch.brake.threshold_percent,
            threshold_min: watch.brake.threshold_min,
            window: show_duration(Duration::from_secs(watch.brake.window_secs.into())),
        };
        let silence_after = match watch.silence_after_secs {
            0 => "never".to_owned(),
            secs => show_duration(Duration::from_secs(secs.into())),
        };
        let alarms = open_alarms.iter().map(|kind| kind.name()).collect();
        Self { watched: Some(Watched { brake, silence_after, alarms }), ..self }
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
