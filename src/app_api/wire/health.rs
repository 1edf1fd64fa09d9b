//! The health of a directory as it is sent.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Shown;
use crate::base::id::DirectoryId;
use crate::base::time::Timestamp;
use crate::model::directory::{Directory, DirectoryCounts};
use crate::model::health::Health;

#[derive(Debug, Serialize)]
pub struct DirectoryHealth<'a> {
    object: &'static str,
    directory_id: Shown<DirectoryId>,
    external_key: &'a str,
    name: &'a str,
    state: &'static str,
    /// `ok`, or that somebody should look at the alarms.
    status: &'static str,
    alarms: Vec<&'static str>,
    last_request_at: Option<Shown<Timestamp>>,
    last_success_at: Option<Shown<Timestamp>>,
    requests_24h: u64,
    errors_24h: &'a BTreeMap<String, u64>,
    users: Users,
    groups: u64,
    pending_members: u64,
    tokens: u64,
    tokens_end_at: Option<Shown<Timestamp>>,
}

#[derive(Debug, Serialize)]
struct Users {
    active: u64,
    inactive: u64,
    held: u64,
    denied: u64,
}

impl<'a> DirectoryHealth<'a> {
    pub fn new(directory: &'a Directory, counts: DirectoryCounts, health: &'a Health) -> Self {
        Self {
            object: "directory_health",
            directory_id: Shown(directory.id),
            external_key: &directory.external_key,
            name: &directory.name,
            state: directory.state.name(),
            status: if health.open_alarms.is_empty() { "ok" } else { "attention" },
            alarms: health.open_alarms.iter().map(|kind| kind.name()).collect(),
            last_request_at: health.last_request_at.map(Shown),
            last_success_at: health.last_success_at.map(Shown),
            requests_24h: health.requests_day,
            errors_24h: &health.errors_day,
            users: Users {
                active: counts.users_active,
                inactive: counts.users_inactive,
                held: counts.users_held,
                denied: counts.users_denied,
            },
            groups: counts.groups,
            pending_members: health.pending_members,
            tokens: health.tokens,
            tokens_end_at: health.tokens_end_at.map(Shown),
        }
    }
}
