//! What a server got wrong against what the provider needs: the needs, the findings, the checks of answers.

mod answer;
mod compare;
mod need;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use crate::base::limits;

pub use answer::{Answered, Expect, check, shown};
pub use compare::{difference, differences};
pub use need::Need;

/// One thing that the server got wrong, with the first request that showed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub need: Need,
    /// What the customer was doing.
    pub step: String,
    /// Method and path; empty where it is about the whole.
    pub request: String,
    pub expected: String,
    pub came: String,
    /// Why this provider needs it.
    pub why: String,
    pub times: usize,
}

impl Finding {
    pub fn json(&self) -> Value {
        json!({
            "need": self.need.name(),
            "step": self.step,
            "request": self.request,
            "expected": self.expected,
            "came": self.came,
            "why": self.why,
            "times": self.times,
        })
    }
}

/// Everything found in a run; the same fault in the same kind of request is one finding.
#[derive(Debug, Default)]
pub struct Findings(Mutex<Found>);

#[derive(Debug, Default)]
struct Found {
    listed: Vec<Finding>,
    places: HashMap<String, usize>,
    left_out: usize,
}

impl Findings {
    pub fn add(&self, finding: Finding) {
        let mut found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = place(&finding);
        if let Some(at) = found.places.get(&place).copied() {
            found.listed[at].times += 1;
        } else if found.listed.len() < limits::IDP_FINDINGS_MAX {
            let at = found.listed.len();
            found.places.insert(place, at);
            found.listed.push(finding);
        } else {
            found.left_out += 1;
        }
    }

    /// Those that are listed, and how many more there were.
    pub fn all(&self) -> (Vec<Finding>, usize) {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (found.listed.clone(), found.left_out)
    }
}

/// Faults of one answer are the same wherever the request differs only in its id or query; differences between the
/// two directories are each their own.
fn place(finding: &Finding) -> String {
    if finding.need.is_about_one_resource() {
        return format!("{:?} {} {}", finding.need, finding.expected, finding.came);
    }
    let (method, path) = finding.request.split_once(' ').unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    let kind = path.split('/').nth(1).unwrap_or_default();
    format!("{:?} {method} {kind} {} {}", finding.need, path.matches('/').count(), finding.expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(request: &str, number: usize) -> Finding {
        Finding {
            need: if number == 0 { Need::NumericLists } else { Need::SameUsers },
            step: "s".to_owned(),
            request: request.to_owned(),
            expected: number.to_string(),
            came: String::new(),
            why: String::new(),
            times: 1,
        }
    }

    #[test]
    fn the_same_fault_of_the_same_kind_of_request_is_one_finding() {
        let findings = Findings::default();
        findings.add(finding("GET /Users?startIndex=1", 0));
        findings.add(finding("GET /Users?startIndex=101", 0));
        findings.add(finding("GET /Users/1", 0));
        let (listed, left_out) = findings.all();
        assert_eq!((listed.len(), listed[0].times, left_out), (2, 2, 0));
    }

    #[test]
    fn findings_are_listed_up_to_the_limit_and_counted_beyond() {
        let findings = Findings::default();
        for number in 1..=limits::IDP_FINDINGS_MAX {
            findings.add(finding("", number));
        }
        assert_eq!((findings.all().0.len(), findings.all().1), (limits::IDP_FINDINGS_MAX, 0));
        findings.add(finding("", limits::IDP_FINDINGS_MAX + 1));
        assert_eq!((findings.all().0.len(), findings.all().1), (limits::IDP_FINDINGS_MAX, 1));
    }
}
