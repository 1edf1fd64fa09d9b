//! Replaces a user (RFC 7644 §3.5.1).

use serde_json::Value;

use crate::scim::dialect::Rule;
use crate::scim::resource::{Resource, check_immutable};
use crate::scim::{self, Strictness};
use crate::service::authenticate::Caller;
use crate::service::changes::{Announcer, IfMatch, Written, change};
use crate::service::context::Context;
use crate::service::failure::Failure;
use crate::service::record::Origin;
use crate::service::resources::from_stored;
use crate::store::directory::{DirectoryTransaction, UserRow};

use super::patch::{cause_of, deactivate_only, status_of};
use super::save::{SaveUser, save_user};
use super::unique::check_unique;
use super::{answer, expected};

pub struct ReplaceUser {
    pub id: String,
    pub if_match: IfMatch,
    /// What the body says, or what is wrong with it.
    pub resource: Result<Resource, scim::Error>,
    /// Whether the body sets `active` to false, whatever else is in it.
    pub deactivates: bool,
    pub rules: Vec<Rule>,
    pub origin: Origin,
}

/// Replaces a user. A body without `active` keeps it.
///
/// # Errors
///
/// [`Failure::NotFound`] before anything about the body; then what is wrong with the body, unless
/// it deactivates and the directory is not strict.
pub async fn replace_user(context: &Context, caller: &Caller, request: ReplaceUser) -> Result<Written, Failure> {
    change(context, caller, move |tx, caller| replace(tx, caller, request)).await
}

fn replace(tx: &mut DirectoryTransaction<'_, '_>, caller: &Caller, request: ReplaceUser) -> Result<Written, Failure> {
    let before = expected(tx, &request.id, &request.if_match)?;
    let announcer =
        Announcer { directory: &caller.directory, request_id: Some(request.origin.request_id) };
    let done = request.resource.map_err(Failure::Scim).and_then(|resource| {
        let resource = merged(tx, caller, &before, resource)?;
        save(tx, caller, &announcer, &before, &resource)
    });
    let mut rules = request.rules;
    let (row, dropped) = match done {
        Ok(row) => (row, None),
        Err(Failure::Scim(error)) if request.deactivates && caller.strictness() == Strictness::Lenient => {
            rules.push(Rule::LifecycleDeactivateDespiteError);
            (deactivate_only(tx, caller, &announcer, &before)?, Some(error.detail))
        }
        Err(failure) => return Err(failure),
    };
    let id = Some(row.id.to_string());
    tx.record_request(&request.origin.succeeded(200, id, &rules, dropped.as_deref()))?;
    let mut written = answer(tx, row)?;
    (written.rules, written.dropped) = (rules, dropped);
    Ok(written)
}

/// What a PUT leaves: all that it says, and `active` as it was when it doesn't say.
fn merged(
    tx: &DirectoryTransaction<'_, '_>,
    caller: &Caller,
    before: &UserRow,
    mut resource: Resource,
) -> Result<Resource, Failure> {
    let old = from_stored(&before.document, before.extra.as_deref());
    if !resource.attributes.contains_key("active")
        && let Some(active) = old.attributes.get("active")
    {
        resource.attributes.insert("active".into(), active.clone());
    }
    check_immutable(&caller.registry.user, &old, &resource)?;
    check_unique(tx, before, &resource)?;
    Ok(resource)
}

fn save(
    tx: &mut DirectoryTransaction<'_, '_>,
    caller: &Caller,
    announcer: &Announcer<'_>,
    before: &UserRow,
    resource: &Resource,
) -> Result<UserRow, Failure> {
    let status = status_of(resource.attributes.get("active").and_then(Value::as_bool), before.status);
    let cause = cause_of(before.status, status);
    let change = SaveUser { id: before.id, before: Some(before), resource, status, cause };
    Ok(save_user(tx, announcer, &caller.registry.user, &change)?)
}
