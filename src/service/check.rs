//! Checks a file: SQLite's own integrity, the order of the event log, and that the log tells of
//! exactly what the tables hold: the fold of the events is the state.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use serde_json::{Map, Value};

use crate::model::directory::Directory;
use crate::model::event::NewEvent;
use crate::model::fold::State;
use crate::store::Error;
use crate::store::directory::{DirectoryView, Member};
use crate::store::inspect::Inspection;

use super::groups::directory_group;
use super::users::save::directory_user;

/// Differences are told up to here; more say nothing new.
const PROBLEMS_MAX: usize = 100;

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CheckReport {
    /// One sentence each; empty when all is well.
    pub problems: Vec<String>,
    pub directories: usize,
    pub users: usize,
    pub groups: usize,
    pub memberships: usize,
    pub events: usize,
    /// Whether old events were removed, as configured: then the log alone does not give the state.
    pub is_pruned: bool,
}

/// Checks a file in one snapshot.
///
/// # Errors
///
/// When the file can't be read to its end.
pub fn check(file: &Inspection) -> Result<CheckReport, Error> {
    let mut report = CheckReport::default();
    report.problems.extend(file.integrity()?);
    report.is_pruned = file.is_pruned()?;
    let mut told = State::default();
    let mut is_broken = false;
    file.each_event(|event| {
        report.events += 1;
        if !is_broken
            && !report.is_pruned
            && let Err(error) = told.apply(&event)
        {
            is_broken = true;
            report.problems.push(format!("the event log is broken at {error}"));
        }
    })?;
    let mut held = State::default();
    for directory in file.directories()? {
        report.directories += 1;
        if file.was_announced(directory.id)? {
            hold(&mut held, &file.directory(directory.id), &directory)?;
        }
    }
    (report.users, report.groups, report.memberships) =
        (held.users.len(), held.groups.len(), held.memberships.len());
    if !is_broken && !report.is_pruned {
        compare(&mut report.problems, "user", &told.users, &held.users);
        compare(&mut report.problems, "group", &told.groups, &held.groups);
        compare_members(&mut report.problems, &told.memberships, &held.memberships);
    }
    report.problems.truncate(PROBLEMS_MAX);
    Ok(report)
}

/// Adds what the app sees of a directory in the tables.
fn hold(held: &mut State, view: &DirectoryView<'_>, directory: &Directory) -> Result<(), Error> {
    view.scan_users(|row| -> Result<_, Error> {
        if row.visible {
            let event = NewEvent::user_created(&directory_user(directory, &row));
            held.users.insert(row.id.to_string(), event.data);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let mut frozen = BTreeSet::new();
    view.scan_held(|row| -> Result<_, Error> {
        let id = row.user.id.to_string();
        let event = NewEvent::user_created(&directory_user(directory, &row.user));
        held.users.insert(id.clone(), event.data);
        for group in view.held_groups(row.user.id)? {
            held.memberships.insert((group.to_string(), id.clone()));
        }
        frozen.insert(id);
        Ok(ControlFlow::Continue(()))
    })?;
    view.scan_groups(|row| -> Result<_, Error> {
        let event = NewEvent::group_created(&directory_group(directory, &row));
        held.groups.insert(row.id.to_string(), event.data);
        for member in view.members(row.id)? {
            let is_seen = match member {
                Member::User(id) => {
                    let id = id.to_string();
                    held.users.contains_key(&id) && !frozen.contains(&id)
                }
                Member::Group(_) => false,
            };
            if is_seen {
                held.memberships.insert((row.id.to_string(), member.to_string()));
            }
        }
        Ok(ControlFlow::Continue(()))
    })
}

type Objects = std::collections::BTreeMap<String, Map<String, Value>>;

fn compare(problems: &mut Vec<String>, what: &str, told: &Objects, held: &Objects) {
    for (id, object) in told {
        match held.get(id) {
            None => problems.push(format!("the events tell of a {what} {id} that is not in the tables")),
            Some(kept) if is_same(object, kept) => {}
            Some(_) => {
                problems.push(format!("the {what} {id} in the tables differs from what the events tell"))
            }
        }
    }
    for id in held.keys().filter(|id| !told.contains_key(*id)) {
        problems.push(format!("no event tells of the {what} {id} in the tables"));
    }
}

/// Whether two are the same but for `updated_at`, which the end of a whole group moves for its
/// members without an event for each.
fn is_same(told: &Map<String, Value>, held: &Map<String, Value>) -> bool {
    told.len() == held.len()
        && told.iter().all(|(name, value)| name == "updated_at" || held.get(name) == Some(value))
}

fn compare_members(
    problems: &mut Vec<String>,
    told: &BTreeSet<(String, String)>,
    held: &BTreeSet<(String, String)>,
) {
    for (group, user) in told.difference(held) {
        problems.push(format!("the events tell that {user} is in {group}, the tables don't"));
    }
    for (group, user) in held.difference(told) {
        problems.push(format!("no event tells that {user} is in {group}"));
    }
}
