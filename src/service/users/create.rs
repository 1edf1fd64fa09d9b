//! Creates a user, or brings back the same person (RFC 7644 §3.3; matching as documented).

use crate::base::id::UserId;
use crate::model::event::Cause;
use crate::model::lifecycle::{self, Conflicts, Decision, Existing, Posted, Status, UniqueKey};
use crate::scim::dialect::Rule;
use crate::scim::resource::Resource;
use crate::service::authenticate::Caller;
use crate::service::changes::{Announcer, Written, change};
use crate::service::context::Context;
use crate::service::failure::Failure;
use crate::service::record::Origin;
use crate::store::directory::{DirectoryTransaction, UserRow, UserStatus};

use super::answer;
use super::required::check_required;
use super::save::{SaveUser, folded_user_name, save_user};
use super::unique::taken;

/// A user to be created: checked, and rewritten by the dialect.
pub struct CreateUser {
    pub resource: Resource,
    pub rules: Vec<Rule>,
    pub origin: Origin,
}

/// Creates a user.
///
/// # Errors
///
/// `uniqueness` when the person is there already; [`Failure`] of the store.
pub async fn create_user(context: &Context, caller: &Caller, request: CreateUser) -> Result<Written, Failure> {
    change(context, caller, move |tx, caller| create(tx, caller, request)).await
}

fn create(tx: &mut DirectoryTransaction<'_, '_>, caller: &Caller, request: CreateUser) -> Result<Written, Failure> {
    let mut resource = request.resource;
    let posted_active = resource.attributes.get("active").and_then(serde_json::Value::as_bool);
    // RFC 7643 §4.1.1 leaves the default to the server; the providers expect to read one.
    resource.attributes.entry("active").or_insert(true.into());
    let announcer = Announcer::of(caller, request.origin.request_id);
    let decision = decide(tx, caller, &resource, posted_active)?;
    let status = match posted_active {
        Some(false) => UserStatus::Inactive,
        Some(true) | None => UserStatus::Active,
    };
    if status == UserStatus::Active && !matches!(decision, Decision::Conflict { .. }) {
        check_required(&caller.mapping, None, &resource)?;
    }
    let row = match decision {
        Decision::Conflict { key, .. } => {
            let attribute = match key {
                UniqueKey::ExternalId => "externalId",
                UniqueKey::UserName => "userName",
            };
            return Err(taken(attribute).into());
        }
        Decision::New { retire } => {
            retire_namesake(tx, &announcer, caller, retire)?;
            let id = tx.new_id();
            let change = SaveUser { id, before: None, resource: &resource, status, cause: Cause::Created };
            save_user(tx, &announcer, &caller.registry.user, &change)?
        }
        Decision::Revive { id, retire } => {
            retire_namesake(tx, &announcer, caller, retire)?;
            let before = by_id(tx, id)?;
            let cause = Cause::Reprovisioned;
            let change = SaveUser { id, before: Some(&before), resource: &resource, status, cause };
            save_user(tx, &announcer, &caller.registry.user, &change)?
        }
    };
    let record = request.origin.succeeded(201, Some(row.id.to_string()), &request.rules, None);
    tx.record_request(&record)?;
    let mut written = answer(tx, row)?;
    written.rules = request.rules;
    Ok(written)
}

fn decide(
    tx: &DirectoryTransaction<'_, '_>,
    caller: &Caller,
    resource: &Resource,
    active: Option<bool>,
) -> Result<Decision, Failure> {
    let external_id = resource.text("externalId").map(str::to_owned);
    let person = match &external_id {
        Some(external_id) => tx.view().users_by_external_id(external_id)?.into_iter().next(),
        None => None,
    };
    let namesake = tx.view().user_by_user_name(&folded_user_name(resource))?;
    let conflicts = match caller.directory.strict {
        true => Conflicts::Strict,
        false => Conflicts::Forgiving,
    };
    let (person, namesake) = (person.as_ref().and_then(existing), namesake.as_ref().and_then(existing));
    Ok(lifecycle::decide(&Posted { external_id, active }, person.as_ref(), namesake.as_ref(), conflicts))
}

fn existing(row: &UserRow) -> Option<Existing> {
    let status = match row.status {
        UserStatus::Active => Status::Active,
        UserStatus::Inactive => Status::Inactive,
        UserStatus::Deleted => Status::Deleted,
        UserStatus::Retired => return None,
    };
    Some(Existing { id: row.id, status, external_id: row.external_id.clone() })
}

/// Makes room for another person of the same `userName`.
fn retire_namesake(
    tx: &mut DirectoryTransaction<'_, '_>,
    announcer: &Announcer<'_>,
    caller: &Caller,
    namesake: Option<UserId>,
) -> Result<(), Failure> {
    let Some(id) = namesake else { return Ok(()) };
    let before = by_id(tx, id)?;
    let resource = crate::service::resources::from_stored(&before.document, before.extra.as_deref());
    let status = UserStatus::Retired;
    let change = SaveUser { id, before: Some(&before), resource: &resource, status, cause: Cause::Retired };
    save_user(tx, announcer, &caller.registry.user, &change)?;
    Ok(())
}

/// # Panics
///
/// When there is no such user: it was read in this transaction.
fn by_id(tx: &DirectoryTransaction<'_, '_>, id: UserId) -> Result<UserRow, Failure> {
    match tx.view().user(id)? {
        Some(row) => Ok(row),
        None => panic!("a user vanished within a transaction"),
    }
}
