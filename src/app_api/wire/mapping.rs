//! A directory's mapping, and what another one would change, as they are sent.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::Shown;
use super::list::Cursors;
use crate::base::id::{DirectoryId, UserId};
use crate::base::time::Timestamp;
use crate::model::mapping::{Mapping, RoleRule};
use crate::service::app::mapping::{DirectoryMapping, Preview, PreviewedUser};
use crate::store::directory::RemapRow;

#[derive(Debug, Serialize)]
pub struct MappingObject {
    object: &'static str,
    directory_id: Shown<DirectoryId>,
    is_default: bool,
    version: u64,
    /// The directory's own document; while it has none, the defaults, to be edited.
    document: Value,
    /// All targets and rules, the provider's defaults included.
    in_force: Value,
    remap: Remap,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<Shown<Timestamp>>,
}

/// How far the users have been mapped again.
#[derive(Debug, Serialize)]
struct Remap {
    /// `none`, `running`, `done`.
    state: &'static str,
    done: usize,
    total: usize,
    changed: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<Shown<Timestamp>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<Shown<Timestamp>>,
}

impl MappingObject {
    pub fn new(mapping: &DirectoryMapping) -> Self {
        let defaults = || Mapping::default_document(mapping.provider);
        let in_force = match &mapping.document {
            Some(own) => Mapping::whole_document(mapping.provider, own),
            None => defaults(),
        };
        let was_saved = 0 < mapping.version.number;
        Self {
            object: "mapping",
            directory_id: Shown(mapping.directory),
            is_default: mapping.document.is_none(),
            version: mapping.version.number,
            document: mapping.document.clone().unwrap_or_else(defaults),
            in_force,
            remap: Remap::new(mapping.remap.as_ref()),
            updated_at: was_saved.then_some(Shown(mapping.version.saved_at)),
        }
    }
}

impl Remap {
    fn new(run: Option<&RemapRow>) -> Self {
        let Some(run) = run else {
            return Self {
                state: "none",
                done: 0,
                total: 0,
                changed: 0,
                started_at: None,
                finished_at: None,
            };
        };
        Self {
            state: if run.finished_at.is_some() { "done" } else { "running" },
            done: run.done,
            // Users who came meanwhile are looked at too.
            total: run.total.max(run.done),
            changed: run.changed,
            started_at: Some(Shown(run.started_at)),
            finished_at: run.finished_at.map(Shown),
        }
    }
}

#[derive(Debug, Serialize)]
pub struct MappingPreview<'a> {
    object: &'static str,
    users_total: usize,
    users_changed: usize,
    users_missing_required: usize,
    data: Vec<User<'a>>,
    list_metadata: Cursors,
}

#[derive(Debug, Serialize)]
struct User<'a> {
    id: Shown<UserId>,
    idp_id: &'a str,
    email: Option<&'a str>,
    changes: BTreeMap<&'a str, Change<'a>>,
    missing_required: &'a [String],
    roles: &'a [String],
    role_decided_by: Value,
}

#[derive(Debug, Serialize)]
struct Change<'a> {
    from: &'a Value,
    to: &'a Value,
}

impl<'a> MappingPreview<'a> {
    pub fn new(preview: &'a Preview) -> Self {
        let last = preview.page.last().filter(|_| preview.has_more);
        Self {
            object: "mapping_preview",
            users_total: preview.users_total,
            users_changed: preview.users_changed,
            users_missing_required: preview.users_missing_required,
            data: preview.page.iter().map(User::new).collect(),
            list_metadata: Cursors { before: None, after: last.map(|user| user.id.to_string()) },
        }
    }
}

impl<'a> User<'a> {
    fn new(user: &'a PreviewedUser) -> Self {
        let changes = user.changes.iter();
        Self {
            id: Shown(user.id),
            idp_id: &user.idp_id,
            email: user.email.as_deref(),
            changes: changes.map(|(name, (from, to))| (name.as_str(), Change { from, to })).collect(),
            missing_required: &user.missing,
            roles: &user.roles,
            role_decided_by: decided_by(user),
        }
    }
}

/// One rule, a list of several, `"default"`, or null where there is no role.
fn decided_by(user: &PreviewedUser) -> Value {
    let mut rules: Vec<Value> = user.rules.iter().map(|(index, rule)| rule_object(*index, rule)).collect();
    match (rules.len(), user.roles.is_empty()) {
        (0, true) => Value::Null,
        (0, false) => "default".into(),
        (1, _) => rules.remove(0),
        _ => Value::Array(rules),
    }
}

fn rule_object(index: usize, rule: &RoleRule) -> Value {
    let mut object = json!({"rule": index});
    if let Some(group) = rule.group() {
        object["group"] = group.into();
    }
    if let Some(when) = rule.when() {
        object["when"] = when.into();
    }
    object
}
