//! Creates a group (RFC 7644 §3.3).

use crate::scim::dialect::Rule;
use crate::scim::resource::{MemberRef, Resource};
use crate::service::authenticate::Caller;
use crate::service::changes::{Announcer, Written, change};
use crate::service::context::Context;
use crate::service::failure::Failure;
use crate::service::record::Origin;
use crate::service::users::Derived;
use crate::store::directory::DirectoryTransaction;

use super::membership::MembershipChange;
use super::save::{SaveGroup, save_group};
use super::{answer, check_pending, check_unique, with_members};

/// A group to be created: checked, and rewritten by the dialect.
pub struct CreateGroup {
    pub resource: Resource,
    pub members: Vec<MemberRef>,
    /// Whether the answer needs the members.
    pub answer_members: Derived,
    pub rules: Vec<Rule>,
    pub origin: Origin,
}

/// Creates a group.
///
/// # Errors
///
/// `uniqueness` where names are unique; [`Failure`] of the store.
pub async fn create_group(context: &Context, caller: &Caller, request: CreateGroup) -> Result<Written, Failure> {
    let members = request.answer_members;
    let written = change(context, caller, move |tx, caller| create(tx, caller, request)).await?;
    with_members(context, caller, written, members)
}

fn create(tx: &mut DirectoryTransaction<'_, '_>, caller: &Caller, request: CreateGroup) -> Result<Written, Failure> {
    check_unique(tx, caller, None, &request.resource)?;
    let announcer = Announcer::of(caller, request.origin.request_id);
    let members = MembershipChange::of_new_group(tx.view(), &request.members)?;
    let id = tx.new_id();
    check_pending(tx, id, &members)?;
    let change = SaveGroup { id, before: None, resource: &request.resource, members };
    let row = save_group(tx, &announcer, &caller.registry.group, &change)?;
    let record = request.origin.succeeded(201, Some(row.id.to_string()), &request.rules, None);
    tx.record_request(&record)?;
    Ok(answer(row, request.rules))
}
