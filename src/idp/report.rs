//! What a run ends with: what was sent, what was found, and the provider's own directory.

use std::time::Duration;

use serde_json::{Value, json};

use super::check::Finding;

#[derive(Debug)]
pub struct Report {
    pub provider: &'static str,
    pub scenario: &'static str,
    pub seed: u64,
    pub took: Duration,
    /// Kind of request, status and how many.
    pub traffic: Vec<(String, String, usize)>,
    /// Those that are listed, and how many more there were.
    pub findings: (Vec<Finding>, usize),
    pub directory: Value,
}

impl Report {
    pub fn is_clean(&self) -> bool {
        self.findings.0.is_empty()
    }

    pub fn requests(&self) -> usize {
        self.traffic.iter().map(|(_, _, count)| count).sum()
    }

    pub fn json(&self) -> Value {
        let requests: Vec<Value> = self
            .traffic
            .iter()
            .map(|(kind, status, count)| json!({ "request": kind, "status": status, "count": count }))
            .collect();
        json!({
            "object": "idp_report",
            "provider": self.provider,
            "scenario": self.scenario,
            "seed": self.seed,
            "duration_ms": u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX),
            "requests": requests,
            "findings": self.findings.0.iter().map(Finding::json).collect::<Vec<_>>(),
            "findings_left_out": self.findings.1,
            "directory": self.directory,
        })
    }
}
