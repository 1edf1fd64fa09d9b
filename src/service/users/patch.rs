//! Changes parts of a user (RFC 7644 §3.5.2).

use crate::scim::patch::{self, Patch};
use crate::service::authenticate::Caller;
use crate::service::changes::{Written, change};
use crate::service::context::Context;
use crate::service::failure::Failure;

use super::update::{UpdateUser, update};

/// Applies a PATCH. One that asks for what is already true changes nothing.
///
/// # Errors
///
/// As [`update`]; then what is wrong with the body.
pub async fn patch_user(
    context: &Context,
    caller: &Caller,
    request: UpdateUser<Patch>,
) -> Result<Written, Failure> {
    change(context, caller, move |tx, caller| {
        let id = request.id.clone();
        update(tx, caller, request, |old, patch| {
            let applied = patch::apply(&caller.registry.user, &id, old, &patch, caller.strictness())?;
            Ok((applied.resource, applied.rules))
        })
    })
    .await
}
