//! Where alarms go: for now the log, in one place, so that a register of alarms can take them over.

use tracing::{info, warn};

use crate::base::id::DirectoryId;

/// What a person must look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlarmKind {
    /// Removals wait for approval.
    RemovalsWait,
    /// The provider refuses the credentials.
    CredentialsRefused,
    /// Runs fail, or their listings are not complete.
    PullFails,
}

impl AlarmKind {
    pub const ALL: [Self; 3] = [Self::RemovalsWait, Self::CredentialsRefused, Self::PullFails];

    pub fn name(self) -> &'static str {
        match self {
            Self::RemovalsWait => "connector_removals_wait",
            Self::CredentialsRefused => "connector_credentials_refused",
            Self::PullFails => "connector_pull_fails",
        }
    }
}

/// Raises an alarm. The details, which may name people, are in the run's report.
pub fn raise(directory: DirectoryId, kind: AlarmKind) {
    warn!(%directory, alarm = kind.name(), "an alarm was raised; `rosterd directory connector runs` shows why");
}

pub fn clear(directory: DirectoryId, kind: AlarmKind) {
    info!(%directory, alarm = kind.name(), "an alarm is over");
}
