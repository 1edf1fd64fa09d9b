//! Changes parts of a group (RFC 7644 §3.5.2).

use crate::scim;
use crate::scim::dialect::{Rule, note};
use crate::scim::patch::{self, Patch};
use crate::service::authenticate::Caller;
use crate::service::changes::{Announcer, IfMatch, Written, change};
use crate::service::context::Context;
use crate::service::failure::Failure;
use crate::service::record::Origin;
use crate::service::resources::from_stored;
use crate::service::users::Derived;
use crate::store::directory::DirectoryTransaction;

use super::membership::MembershipChange;
use super::save::{SaveGroup, save_group};
use super::{answer, check_pending, check_unique, expected, with_members};

pub struct PatchGroup {
    pub id: String,
    pub if_match: IfMatch,
    /// The operations, or what is wrong with them.
    pub patch: Result<Patch, scim::Error>,
    /// What a PATCH that worked is answered: 200 or 204.
    pub status: u16,
    pub answer_members: Derived,
    pub rules: Vec<Rule>,
    pub origin: Origin,
}

/// Applies a PATCH to a group: attributes and members together or not at all.
///
/// # Errors
///
/// [`Failure::NotFound`] before anything about the body; then what is wrong with the body.
pub async fn patch_group(context: &Context, caller: &Caller, request: PatchGroup) -> Result<Written, Failure> {
    let members = request.answer_members;
    let written = change(context, caller, move |tx, caller| patch(tx, caller, request)).await?;
    with_members(context, caller, written, members)
}

fn patch(tx: &mut DirectoryTransaction<'_, '_>, caller: &Caller, request: PatchGroup) -> Result<Written, Failure> {
    let before = expected(tx, &request.id, &request.if_match)?;
    let patch = request.patch?;
    let schema = &caller.registry.group;
    let old = from_stored(&before.document, before.extra.as_deref());
    let applied = patch::apply(schema, &before.id.to_string(), &old, &patch, caller.strictness())?;
    if applied.resource.text("displayName") != old.text("displayName") {
        check_unique(tx, caller, Some(before.id), &applied.resource)?;
    }
    let announcer = Announcer::of(caller, request.origin.request_id);
    let members = MembershipChange::of_changes(tx.view(), before.id, &applied.member_changes)?;
    check_pending(tx, before.id, &members)?;
    let change = SaveGroup { id: before.id, before: Some(&before), resource: &applied.resource, members };
    let row = save_group(tx, &announcer, schema, &change)?;
    let mut rules = request.rules;
    applied.rules.into_iter().for_each(|rule| note(&mut rules, rule));
    tx.record_request(&request.origin.succeeded(request.status, Some(row.id.to_string()), &rules, None))?;
    Ok(answer(row, rules))
}
