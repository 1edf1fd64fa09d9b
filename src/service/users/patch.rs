//! Changes parts of a user (RFC 7644 §3.5.2), and the rule that a deactivation comes first.

use serde_json::Value;

use crate::model::event::Cause;
use crate::scim::dialect::{Rule, note};
use crate::scim::patch::{self, Patch};
use crate::scim::{self, Strictness};
use crate::service::authenticate::Caller;
use crate::service::changes::{Announcer, IfMatch, Written, change};
use crate::service::context::Context;
use crate::service::failure::Failure;
use crate::service::record::Origin;
use crate::service::resources::from_stored;
use crate::store::directory::{DirectoryTransaction, UserRow, UserStatus};

use super::save::{SaveUser, save_user};
use super::unique::check_unique;
use super::{answer, expected};

pub struct PatchUser {
    pub id: String,
    pub if_match: IfMatch,
    /// The operations, or what is wrong with them.
    pub patch: Result<Patch, scim::Error>,
    /// Whether the body sets `active` to false, whatever else is in it.
    pub deactivates: bool,
    pub rules: Vec<Rule>,
    pub origin: Origin,
}

/// Applies a PATCH. One that asks for what is already true changes nothing.
///
/// # Errors
///
/// [`Failure::NotFound`] before anything about the body; then what is wrong with the body, unless
/// it deactivates and the directory is not strict.
pub async fn patch_user(context: &Context, caller: &Caller, request: PatchUser) -> Result<Written, Failure> {
    change(context, caller, move |tx, caller| patch(tx, caller, request)).await
}

fn patch(tx: &mut DirectoryTransaction<'_, '_>, caller: &Caller, request: PatchUser) -> Result<Written, Failure> {
    let before = expected(tx, &request.id, &request.if_match)?;
    let announcer =
        Announcer { directory: &caller.directory, request_id: Some(request.origin.request_id) };
    let mut rules = request.rules;
    let done = request
        .patch
        .map_err(Failure::Scim)
        .and_then(|patch| apply(tx, caller, &announcer, &before, &patch));
    let (row, dropped) = match done {
        Ok((row, applied_rules)) => {
            applied_rules.into_iter().for_each(|rule| note(&mut rules, rule));
            (row, None)
        }
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

fn apply(
    tx: &mut DirectoryTransaction<'_, '_>,
    caller: &Caller,
    announcer: &Announcer<'_>,
    before: &UserRow,
    patch: &Patch,
) -> Result<(UserRow, Vec<Rule>), Failure> {
    let schema = &caller.registry.user;
    let old = from_stored(&before.document, before.extra.as_deref());
    let applied = patch::apply(schema, &before.id.to_string(), &old, patch, caller.strictness())?;
    check_unique(tx, before, &applied.resource)?;
    let active = applied.resource.attributes.get("active").and_then(Value::as_bool);
    let status = status_of(active, before.status);
    let cause = cause_of(before.status, status);
    let change = SaveUser { id: before.id, before: Some(before), resource: &applied.resource, status, cause };
    Ok((save_user(tx, announcer, schema, &change)?, applied.rules))
}

/// Sets `active` to false and nothing else: what is invalid beside a deactivation must not keep
/// someone's access alive.
pub fn deactivate_only(
    tx: &mut DirectoryTransaction<'_, '_>,
    caller: &Caller,
    announcer: &Announcer<'_>,
    before: &UserRow,
) -> Result<UserRow, Failure> {
    let mut resource = from_stored(&before.document, before.extra.as_deref());
    resource.attributes.insert("active".into(), Value::Bool(false));
    let status = UserStatus::Inactive;
    let cause = cause_of(before.status, status);
    let change = SaveUser { id: before.id, before: Some(before), resource: &resource, status, cause };
    Ok(save_user(tx, announcer, &caller.registry.user, &change)?)
}

/// The status that `active` asks for; its absence changes nothing.
pub fn status_of(active: Option<bool>, before: UserStatus) -> UserStatus {
    match active {
        Some(true) => UserStatus::Active,
        Some(false) => UserStatus::Inactive,
        None => before,
    }
}

/// What the app is told about why a user changed.
pub fn cause_of(before: UserStatus, after: UserStatus) -> Cause {
    match (before, after) {
        (UserStatus::Active, UserStatus::Inactive) => Cause::Deactivated,
        (UserStatus::Inactive, UserStatus::Active) => Cause::Reactivated,
        _ => Cause::Updated,
    }
}
