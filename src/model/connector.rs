//! Connectors: where a directory pulls from, what came of it, and what waits for a person.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::base::id::DirectoryId;
use crate::base::time::Timestamp;

/// What a connector pulls from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConnectorKind {
    Google,
    Workday,
    File,
}

impl ConnectorKind {
    pub const ALL: [Self; 3] = [Self::Google, Self::Workday, Self::File];

    pub fn name(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Workday => "workday",
            Self::File => "file",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A connector as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Connector {
    pub directory_id: DirectoryId,
    pub kind: ConnectorKind,
    /// As they were given, without secrets.
    pub settings: Map<String, Value>,
    /// The secrets, sealed.
    pub credentials: Vec<u8>,
    pub every_secs: u64,
    pub next_run_at: Timestamp,
    pub memory: Memory,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What the next run needs to know of those before it. Ids are those of the SCIM resources.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    pub last: Option<RunReport>,
    /// Milliseconds since 1970.
    pub last_complete_at: Option<i64>,
    /// Users of the last complete listing.
    pub last_complete_users: u64,
    /// Absent from a complete listing, too many to be removed without a person: id and name.
    pub waiting: BTreeMap<String, String>,
    /// Removed by the next complete run in which they are absent still.
    pub approved: Vec<String>,
    /// Kept though they are absent, until they are listed again.
    pub denied: Vec<String>,
    /// Removals without approval: moment and number.
    pub removed: Vec<(i64, u64)>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Everything was listed, and all of it applied.
    Complete,
    /// What was listed is applied; who was not listed is left alone.
    Partial,
    /// Nothing was changed.
    Failed,
}

/// What a run found and did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunReport {
    pub id: String,
    pub started_at: String,
    pub duration_ms: u64,
    pub outcome: Outcome,
    #[serde(default)]
    pub counts: Counts,
    /// What went wrong, and what to change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The first of the records that could not be applied, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<String>,
}

/// How much a run found and did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    pub users_listed: u64,
    pub groups_listed: u64,
    pub users_created: u64,
    pub users_updated: u64,
    pub users_deactivated: u64,
    pub users_removed: u64,
    pub groups_created: u64,
    pub groups_updated: u64,
    pub groups_removed: u64,
    pub members_added: u64,
    pub members_removed: u64,
    /// Records that could not be applied.
    pub refused: u64,
    /// Removals that wait for a person.
    pub waiting: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_of_an_earlier_version_is_read() {
        let memory: Memory = serde_json::from_str("{\"approved\":[\"a\"]}").expect("read");
        assert_eq!(memory, Memory { approved: vec!["a".to_owned()], ..Memory::default() });
    }

    #[test]
    fn every_kind_reads_back_what_it_is_called() {
        for kind in ConnectorKind::ALL {
            assert_eq!(ConnectorKind::from_name(kind.name()), Some(kind));
        }
    }
}
