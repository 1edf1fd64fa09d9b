//! A directory's mapping: what is in force, what another one would change, and putting it in force.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use serde_json::{Map, Value};

use crate::base::id::{DirectoryId, UserId};
use crate::model::event::NewEvent;
use crate::model::mapping::{Decided, Document, Mapping, Missing, RoleRule};
use crate::model::provider::Provider;
use crate::service::authenticate_app::AppCaller;
use crate::service::context::Context;
use crate::service::users::remap::remapped;
use crate::store::app::{AppTransaction, AppView};
use crate::store::directory::{MappingVersion, RemapRow};

use super::directories::found;
use super::failure::{AppFailure, Fault};

/// The mapping of a directory.
#[derive(Debug, Clone)]
pub struct DirectoryMapping {
    pub directory: DirectoryId,
    pub provider: Provider,
    pub version: MappingVersion,
    /// The directory's own document; None for its provider's defaults.
    pub document: Option<Value>,
    /// The last run over all users.
    pub remap: Option<RemapRow>,
}

/// What a mapping would change.
#[derive(Debug, Clone, Default)]
pub struct Preview {
    pub users_total: usize,
    pub users_changed: usize,
    /// Users who lack something that is required: the mapping removes nobody, but they could not be
    /// created so.
    pub users_missing_required: usize,
    /// A page of those who change or lack something, oldest first.
    pub page: Vec<PreviewedUser>,
    pub has_more: bool,
}

/// A user whom a mapping would change, or who would lack something.
#[derive(Debug, Clone)]
pub struct PreviewedUser {
    pub id: UserId,
    pub idp_id: String,
    /// As the app sees it now.
    pub email: Option<String>,
    /// By the attribute's name, custom ones as `custom_attributes.name`: before and after.
    pub changes: BTreeMap<String, (Value, Value)>,
    pub missing: Vec<String>,
    pub roles: Vec<String>,
    /// The rules that give the roles, with their indexes; none for the default.
    pub rules: Vec<(usize, RoleRule)>,
}

/// # Errors
///
/// No such directory; [`AppFailure`] of the store.
pub fn read_mapping(
    context: &Context,
    caller: &AppCaller,
    id: DirectoryId,
) -> Result<DirectoryMapping, AppFailure> {
    Ok(context.store.read_app(caller.scope(), |view| read(view, id))?)
}

fn read(view: &AppView<'_>, id: DirectoryId) -> Result<DirectoryMapping, AppFailure> {
    let directory = found(view, id)?;
    let view = view.directory_view(id);
    let row = view.mapping()?;
    Ok(DirectoryMapping {
        directory: id,
        provider: directory.provider,
        version: row.as_ref().map(|row| row.version).unwrap_or_default(),
        document: row.and_then(|row| row.document).and_then(|text| serde_json::from_str(&text).ok()),
        remap: view.remap()?,
    })
}

/// Puts a document in force; an empty one means the provider's defaults. Whoever is written from
/// then on is mapped by it, all others follow in the background.
///
/// # Errors
///
/// All that is wrong with the document; no such directory; [`AppFailure`] of the store.
pub async fn put_mapping(
    context: &Context,
    caller: &AppCaller,
    id: DirectoryId,
    document: Value,
) -> Result<DirectoryMapping, AppFailure> {
    let parsed = parse(&document)?;
    let stored = (!parsed.is_empty()).then(|| document.to_string());
    let put = move |tx: &mut AppTransaction<'_, '_>| -> Result<DirectoryMapping, AppFailure> {
        found(tx.view(), id)?;
        let before = tx.view().directory_view(id).mapping()?.and_then(|row| row.document);
        // The same again is no new version, and nobody changes by it.
        if before != stored {
            put_in_force(tx, id, stored.as_deref())?;
        }
        read(tx.view(), id)
    };
    Ok(context.store.write_app(caller.scope(), put).await?)
}

fn put_in_force(
    tx: &mut AppTransaction<'_, '_>,
    id: DirectoryId,
    document: Option<&str>,
) -> Result<(), crate::store::Error> {
    let mut tx = tx.directory(id);
    tx.put_mapping(document)?;
    tx.begin_remap()
}

/// Maps all users again after the provider, and with it the defaults, became another one.
pub(super) fn follow_provider(tx: &mut AppTransaction<'_, '_>, id: DirectoryId) -> Result<(), AppFailure> {
    let document = tx.view().directory_view(id).mapping()?.and_then(|row| row.document);
    Ok(put_in_force(tx, id, document.as_deref())?)
}

/// Says what a document would change, and writes nothing: a page of the users, and the counts of all.
///
/// # Errors
///
/// All that is wrong with the document; no such directory; [`AppFailure`] of the store.
pub async fn preview_mapping(
    context: &Context,
    caller: &AppCaller,
    id: DirectoryId,
    document: Value,
    page: PreviewPage,
) -> Result<Preview, AppFailure> {
    let parsed = parse(&document)?;
    let preview = move |view: &AppView<'_>| preview(view, id, &parsed, page);
    Ok(context.store.scan_app(caller.scope(), preview).await?)
}

/// Which part of a preview is wanted.
#[derive(Debug, Clone, Copy)]
pub struct PreviewPage {
    pub after: Option<UserId>,
    pub limit: usize,
}

fn preview(
    view: &AppView<'_>,
    id: DirectoryId,
    document: &Document,
    page: PreviewPage,
) -> Result<Preview, AppFailure> {
    let directory = found(view, id)?;
    let mapping = Mapping::compile(directory.provider, document);
    let view = view.directory_view(id);
    let mut preview = Preview::default();
    view.scan_users(|row| -> Result<_, AppFailure> {
        if !row.visible {
            return Ok(ControlFlow::Continue(()));
        }
        preview.users_total += 1;
        let new = remapped(&view, &directory, &mapping, &row)?;
        let missing = if mapping.has_required() { mapping.missing(&new.after.view) } else { Vec::new() };
        preview.users_missing_required += usize::from(!missing.is_empty());
        let event = if new.is_change() { NewEvent::user_updated(&new.before, &new.after) } else { None };
        preview.users_changed += usize::from(event.is_some());
        if event.is_none() && missing.is_empty() || page.after.is_some_and(|after| row.id <= after) {
            return Ok(ControlFlow::Continue(()));
        }
        if page.limit <= preview.page.len() {
            preview.has_more = true;
            return Ok(ControlFlow::Continue(()));
        }
        preview.page.push(PreviewedUser {
            id: row.id,
            idp_id: new.before.idp_id,
            email: new.before.view.email,
            changes: event.map(|event| changes(&event.data)).unwrap_or_default(),
            missing: missing.into_iter().map(|Missing { target, .. }| target).collect(),
            roles: new.after.roles,
            rules: deciding(&mapping, &new.decided),
        });
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(preview)
}

fn deciding(mapping: &Mapping, decided: &Decided) -> Vec<(usize, RoleRule)> {
    let rules = decided.rules.iter();
    rules.filter_map(|index| mapping.roles().rule(*index).map(|rule| (*index, rule.clone()))).collect()
}

/// What an update event would say: the changed attributes, before and after.
fn changes(data: &Map<String, Value>) -> BTreeMap<String, (Value, Value)> {
    let mut changes = BTreeMap::new();
    let value = |object: Option<&Value>, name: &str| object.and_then(|object| object.get(name)).cloned();
    for (name, from) in data.get("previous_attributes").and_then(Value::as_object).into_iter().flatten() {
        match (name.as_str(), from) {
            ("custom_attributes", Value::Object(customs)) => {
                for (custom, from) in customs {
                    let to = value(data.get(name), custom).unwrap_or_default();
                    changes.insert(format!("{name}.{custom}"), (from.clone(), to));
                }
            }
            _ => {
                changes.insert(name.clone(), (from.clone(), data.get(name).cloned().unwrap_or_default()));
            }
        }
    }
    changes
}

fn parse(document: &Value) -> Result<Document, AppFailure> {
    Document::parse(document).map_err(|faults| {
        let faults = faults.into_iter().map(|fault| Fault::new(fault.place, fault.code, fault.message));
        AppFailure::Invalid(faults.collect())
    })
}
