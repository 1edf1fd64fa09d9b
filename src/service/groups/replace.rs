//! Replaces a group (RFC 7644 §3.5.1).

use crate::scim;
use crate::scim::dialect::Rule;
use crate::scim::patch::MemberChange;
use crate::scim::resource::{MemberRef, Resource, check_immutable};
use crate::service::authenticate::Caller;
use crate::service::changes::{Announcer, IfMatch, Replacement, Written, change};
use crate::service::context::Context;
use crate::service::failure::Failure;
use crate::service::record::Origin;
use crate::service::resources::from_stored;
use crate::service::users::Derived;
use crate::store::directory::DirectoryTransaction;

use super::membership::MembershipChange;
use super::save::{SaveGroup, save_group};
use super::{answer, check_pending, check_unique, expected, with_members};

pub struct ReplaceGroup {
    pub id: String,
    pub if_match: IfMatch,
    /// What the body says, or what is wrong with it. A body without `members` empties the group:
    /// a PUT replaces all that is writable.
    pub resource: Result<Replacement<(Resource, Vec<MemberRef>)>, scim::Error>,
    pub answer_members: Derived,
    pub rules: Vec<Rule>,
    pub origin: Origin,
}

/// Replaces a group and its members.
///
/// # Errors
///
/// [`Failure::NotFound`] before anything about the body; then what is wrong with the body.
pub async fn replace_group(context: &Context, caller: &Caller, request: ReplaceGroup) -> Result<Written, Failure> {
    let members = request.answer_members;
    let written = change(context, caller, move |tx, caller| replace(tx, caller, request)).await?;
    with_members(context, caller, written, members)
}

fn replace(tx: &mut DirectoryTransaction<'_, '_>, caller: &Caller, request: ReplaceGroup) -> Result<Written, Failure> {
    let before = expected(tx, &request.id, &request.if_match)?;
    let replacement = request.resource?;
    let ((mut resource, members), mut rules) = (replacement.body, request.rules);
    let old = from_stored(&before.document, before.extra.as_deref());
    replacement.unmentioned_external_id.apply(&old, &mut resource, &mut rules);
    check_immutable(&caller.registry.group, &old, &resource)?;
    if resource.text("displayName") != old.text("displayName") {
        check_unique(tx, caller, Some(before.id), &resource)?;
    }
    let announcer = Announcer::of(caller, request.origin.request_id);
    let changes = [MemberChange::ReplaceAll(members)];
    let members = MembershipChange::of_changes(tx.view(), before.id, &changes)?;
    check_pending(tx, before.id, &members)?;
    let change = SaveGroup { id: before.id, before: Some(&before), resource: &resource, members };
    let row = save_group(tx, &announcer, &caller.registry.group, &change)?;
    tx.record_request(&request.origin.succeeded(200, Some(row.id.to_string()), &rules, None))?;
    Ok(answer(row, rules))
}
