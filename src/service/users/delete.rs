//! Deletes a user (RFC 7644 §3.6): 404 from then on; memberships end.

use crate::model::event::Cause;
use crate::service::authenticate::Caller;
use crate::service::changes::{Announcer, IfMatch, change};
use crate::service::context::Context;
use crate::service::failure::Failure;
use crate::service::record::Origin;
use crate::service::resources::from_stored;
use crate::store::directory::{DirectoryTransaction, UserStatus};

use super::expected;
use super::save::{SaveUser, save_user};

pub struct DeleteUser {
    pub id: String,
    pub if_match: IfMatch,
    pub origin: Origin,
}

/// Deletes a user.
///
/// # Errors
///
/// [`Failure::NotFound`], also the second time; [`Failure::VersionMismatch`].
pub async fn delete_user(context: &Context, caller: &Caller, request: DeleteUser) -> Result<(), Failure> {
    change(context, caller, move |tx, caller| delete(tx, caller, &request)).await
}

fn delete(tx: &mut DirectoryTransaction<'_, '_>, caller: &Caller, request: &DeleteUser) -> Result<(), Failure> {
    let before = expected(tx, &request.id, &request.if_match)?;
    let resource = from_stored(&before.document, before.extra.as_deref());
    let announcer = Announcer::of(caller, request.origin.request_id);
    let status = UserStatus::Deleted;
    let change =
        SaveUser { id: before.id, before: Some(&before), resource: &resource, status, cause: Cause::Deleted };
    save_user(tx, &announcer, &caller.registry.user, &change)?;
    tx.record_request(&request.origin.succeeded(204, Some(request.id.clone()), &[], None))?;
    Ok(())
}
