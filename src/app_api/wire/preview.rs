//! What a dry run would come to, as it is sent.

use serde::Serialize;

use super::Shown;
use crate::base::id::DirectoryId;
use crate::model::directory::Directory;
use crate::model::preview::{Preview, PreviewProblem};

#[derive(Debug, Serialize)]
pub struct DirectoryPreview<'a> {
    object: &'static str,
    directory_id: Shown<DirectoryId>,
    state: &'static str,
    users: Users,
    groups: u64,
    memberships: u64,
    events: u64,
    problems: Vec<Problem<'a>>,
    deviations: Vec<Named<'a>>,
    errors: Vec<Named<'a>>,
}

#[derive(Debug, Serialize)]
struct Users {
    active: u64,
    inactive: u64,
}

#[derive(Debug, Serialize)]
struct Problem<'a> {
    kind: &'static str,
    message: &'static str,
    count: u64,
    examples: &'a [String],
}

#[derive(Debug, Serialize)]
struct Named<'a> {
    name: &'a str,
    count: u64,
}

impl<'a> DirectoryPreview<'a> {
    pub fn new(directory: &'a Directory, preview: &'a Preview) -> Self {
        Self {
            object: "directory_preview",
            directory_id: Shown(directory.id),
            state: directory.state.name(),
            users: Users { active: preview.users_active, inactive: preview.users_inactive },
            groups: preview.groups,
            memberships: preview.memberships,
            events: preview.events,
            problems: preview.problems.iter().map(Problem::from).collect(),
            deviations: named(&preview.deviations),
            errors: named(&preview.errors),
        }
    }
}

impl<'a> From<&'a PreviewProblem> for Problem<'a> {
    fn from(problem: &'a PreviewProblem) -> Self {
        Self {
            kind: problem.kind.name(),
            message: problem.kind.words(),
            count: problem.count,
            examples: &problem.examples,
        }
    }
}

fn named(counts: &[(String, u64)]) -> Vec<Named<'_>> {
    counts.iter().map(|(name, count)| Named { name, count: *count }).collect()
}
