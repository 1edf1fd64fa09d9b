//! The health of a directory: when its provider came last, what went wrong, who waits for what.

use std::collections::BTreeMap;

use crate::base::time::Timestamp;

use super::alarm::AlarmKind;

/// How a directory is doing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Health {
    pub last_request_at: Option<Timestamp>,
    pub last_success_at: Option<Timestamp>,
    /// Records of the last day; only so many of the successful reads are kept.
    pub requests_day: u64,
    /// Errors of the last day by cause: the SCIM error's type, else the status.
    pub errors_day: BTreeMap<String, u64>,
    pub pending_members: u64,
    pub tokens: u64,
    /// When the last of its tokens ends; None when one never does, or when there is none.
    pub tokens_end_at: Option<Timestamp>,
    pub open_alarms: Vec<AlarmKind>,
}
