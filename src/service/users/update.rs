//! Changes a user that is there, by PUT or by PATCH, and the rule that a deactivation comes first.

use serde_json::Value;

use crate::model::event::Cause;
use crate::scim::dialect::{Rule, note};
use crate::scim::resource::Resource;
use crate::scim::{self, Strictness};
use crate::service::authenticate::Caller;
use crate::service::changes::{Announcer, IfMatch, Written};
use crate::service::failure::Failure;
use crate::service::record::Origin;
use crate::service::resources::from_stored;
use crate::store::directory::{DirectoryTransaction, UserRow, UserStatus};

use super::required::check_required;
use super::save::{SaveUser, save_user};
use super::unique::check_unique;
use super::{answer, expected};

/// A change of one user; `B` is what its body says.
pub struct UpdateUser<B> {
    pub id: String,
    pub if_match: IfMatch,
    /// What the body says, or what is wrong with it.
    pub body: Result<B, scim::Error>,
    /// Whether the body sets `active` to false, whatever else is in it.
    pub deactivates: bool,
    pub rules: Vec<Rule>,
    pub origin: Origin,
}

/// Changes a user to what `wanted` makes of the resource as it is and of the body. Unless the
/// directory is strict, a body that deactivates does that even if the rest of it is invalid: what
/// stands beside a deactivation must not keep someone's access alive.
///
/// # Errors
///
/// [`Failure::NotFound`] and [`Failure::VersionMismatch`] before anything about the body.
pub fn update<B>(
    tx: &mut DirectoryTransaction<'_, '_>,
    caller: &Caller,
    request: UpdateUser<B>,
    wanted: impl FnOnce(&Resource, B) -> Result<(Resource, Vec<Rule>), scim::Error>,
) -> Result<Written, Failure> {
    let before = expected(tx, &request.id, &request.if_match)?;
    let old = from_stored(&before.document, before.extra.as_deref());
    let mut rules = request.rules;
    let new = request.body.and_then(|body| wanted(&old, body)).map_err(Failure::Scim);
    let new = new.and_then(|(resource, applied)| {
        check_unique(tx, &before, &resource)?;
        if status_of(&before, &resource) == UserStatus::Active {
            check_required(&caller.mapping, Some(&before), &resource)?;
        }
        Ok((resource, applied))
    });
    let (resource, dropped) = match new {
        Ok((resource, applied)) => {
            applied.into_iter().for_each(|rule| note(&mut rules, rule));
            (resource, None)
        }
        Err(Failure::Scim(error)) if request.deactivates && caller.strictness() == Strictness::Lenient => {
            note(&mut rules, Rule::LifecycleDeactivateDespiteError);
            (deactivated(old), Some(error.detail))
        }
        Err(failure) => return Err(failure),
    };
    let row = save(tx, caller, &request.origin, &before, &resource)?;
    let id = Some(row.id.to_string());
    tx.record_request(&request.origin.succeeded(200, id, &rules, dropped.as_deref()))?;
    let mut written = answer(tx, row)?;
    (written.rules, written.dropped) = (rules, dropped);
    Ok(written)
}

fn deactivated(mut resource: Resource) -> Resource {
    resource.attributes.insert("active".into(), Value::Bool(false));
    resource
}

fn save(
    tx: &mut DirectoryTransaction<'_, '_>,
    caller: &Caller,
    origin: &Origin,
    before: &UserRow,
    resource: &Resource,
) -> Result<UserRow, Failure> {
    let status = status_of(before, resource);
    let cause = match (before.status, status) {
        (UserStatus::Active, UserStatus::Inactive) => Cause::Deactivated,
        (UserStatus::Inactive, UserStatus::Active) => Cause::Reactivated,
        _ => Cause::Updated,
    };
    let announcer = Announcer::of(caller, origin.request_id);
    let change = SaveUser { id: before.id, before: Some(before), resource, status, cause };
    Ok(save_user(tx, &announcer, &caller.registry.user, &change)?)
}

/// The absence of `active` changes nothing: it never turns false into true.
fn status_of(before: &UserRow, resource: &Resource) -> UserStatus {
    match resource.attributes.get("active").and_then(Value::as_bool) {
        Some(true) => UserStatus::Active,
        Some(false) => UserStatus::Inactive,
        None => before.status,
    }
}
