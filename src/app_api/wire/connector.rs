//! Connectors and their runs as they are sent.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Shown;
use crate::base::id::DirectoryId;
use crate::base::time::Timestamp;
use crate::model;
use crate::model::connector::RunReport;

#[derive(Debug, Serialize)]
pub struct Connector<'a> {
    object: &'static str,
    directory_id: Shown<DirectoryId>,
    #[serde(rename = "type")]
    type_name: &'static str,
    /// As they were given; what is sealed is not shown.
    settings: &'a Map<String, Value>,
    every_seconds: u64,
    next_run_at: Shown<Timestamp>,
    last_run: Option<Run<'a>>,
    last_complete_at: Option<Shown<Timestamp>>,
    removals: Removals<'a>,
    created_at: Shown<Timestamp>,
    updated_at: Shown<Timestamp>,
}

/// Removals that nobody decided on, and those that somebody did.
#[derive(Debug, Serialize)]
struct Removals<'a> {
    waiting: Vec<Waiting<'a>>,
    approved: usize,
    denied: usize,
}

#[derive(Debug, Serialize)]
struct Waiting<'a> {
    id: &'a str,
    name: &'a str,
}

#[derive(Debug, Serialize)]
pub struct Run<'a> {
    object: &'static str,
    #[serde(flatten)]
    report: &'a RunReport,
}

impl<'a> From<&'a RunReport> for Run<'a> {
    fn from(report: &'a RunReport) -> Self {
        Self { object: "connector_run", report }
    }
}

impl<'a> From<&'a model::connector::Connector> for Connector<'a> {
    fn from(connector: &'a model::connector::Connector) -> Self {
        let memory = &connector.memory;
        Self {
            object: "connector",
            directory_id: Shown(connector.directory_id),
            type_name: connector.kind.name(),
            settings: &connector.settings,
            every_seconds: connector.every_secs,
            next_run_at: Shown(connector.next_run_at),
            last_run: memory.last.as_ref().map(Run::from),
            last_complete_at: memory.last_complete_at.map(|at| Shown(Timestamp::from_millis(at))),
            removals: Removals {
                waiting: memory.waiting.iter().map(|(id, name)| Waiting { id, name }).collect(),
                approved: memory.approved.len(),
                denied: memory.denied.len(),
            },
            created_at: Shown(connector.created_at),
            updated_at: Shown(connector.updated_at),
        }
    }
}
