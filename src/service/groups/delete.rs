//! Deletes a group (RFC 7644 §3.6) and all memberships in it and of it.

use crate::model::event::{Cause, NewEvent};
use crate::service::authenticate::Caller;
use crate::service::changes::{Announcer, IfMatch, change};
use crate::service::context::Context;
use crate::service::failure::Failure;
use crate::service::record::Origin;
use crate::service::users::roles::role_group;
use crate::store::directory::{DirectoryTransaction, Member};

use super::expected;
use super::membership::follow_roles;
use super::save::directory_group;

pub struct DeleteGroup {
    pub id: String,
    pub if_match: IfMatch,
    pub origin: Origin,
}

/// Deletes a group.
///
/// # Errors
///
/// [`Failure::NotFound`], also the second time; [`Failure::VersionMismatch`].
pub async fn delete_group(context: &Context, caller: &Caller, request: DeleteGroup) -> Result<(), Failure> {
    change(context, caller, move |tx, caller| delete(tx, caller, &request)).await
}

fn delete(
    tx: &mut DirectoryTransaction<'_, '_>,
    caller: &Caller,
    request: &DeleteGroup,
) -> Result<(), Failure> {
    let row = expected(tx, &request.id, &request.if_match)?;
    let now = tx.now();
    let nested = Member::Group(row.id);
    for (parent, _) in tx.view().groups_of(nested)? {
        tx.remove_member(parent, nested)?;
        tx.touch_group(parent, now)?;
    }
    let announcer = Announcer::of(caller, request.origin.request_id);
    let is_named = !announcer.mapping.roles().naming(&role_group(&row)).is_empty();
    let members = if is_named { tx.view().members(row.id)? } else { Vec::new() };
    tx.touch_users_of(row.id, now)?;
    tx.clear_members(row.id)?;
    tx.forget_held_group(row.id)?;
    tx.delete_group(row.id)?;
    let group = directory_group(&caller.directory, &row);
    announcer.announce(tx, NewEvent::group_deleted(&group), Cause::Deleted)?;
    follow_roles(tx, &announcer, &members, Cause::MemberRemoved)?;
    tx.record_request(&request.origin.succeeded(204, Some(request.id.clone()), &[], None))?;
    Ok(())
}
