//! Bearer tokens of a directory: several at a time, each with its own end.

use crate::base::id::{DirectoryId, TokenId};
use crate::base::limits;
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::model::credential::DirectoryToken;
use crate::model::event::{Cause, NewEvent};
use crate::service::authenticate_app::AppCaller;
use crate::service::context::Context;
use crate::store::app::AppTransaction;

use super::directories::{add_token, announce, found};
use super::failure::AppFailure;

/// Makes a token; its clear text is never to be had again.
///
/// # Errors
///
/// Too many tokens; an end in the past; no such directory; [`AppFailure`] of the store.
pub async fn create_token(
    context: &Context,
    caller: &AppCaller,
    directory: DirectoryId,
    expires_at: Option<Timestamp>,
) -> Result<(DirectoryToken, Secret), AppFailure> {
    let owned = caller.clone();
    let create = move |tx: &mut AppTransaction<'_, '_>| -> Result<_, AppFailure> {
        let directory = found(tx.view(), directory)?;
        let present = tx.view().tokens(directory.id, directory.organization_id)?;
        if limits::TOKENS_PER_DIRECTORY_MAX <= present.len() {
            return Err(AppFailure::Conflict {
                code: "too_many_tokens",
                message: format!(
                    "the directory has {} tokens, which is the most; revoke one that is not used any more",
                    present.len()
                ),
            });
        }
        if expires_at.is_some_and(|expires_at| expires_at <= tx.now()) {
            return Err(AppFailure::invalid("expires_at", "in_the_past", "name a moment in the future"));
        }
        add_token(tx, &owned, &directory, expires_at)
    };
    Ok(context.store.write_app(caller.scope(), create).await?)
}

/// The tokens of a directory, oldest first.
///
/// # Errors
///
/// No such directory; [`AppFailure`] of the store.
pub fn list_tokens(
    context: &Context,
    caller: &AppCaller,
    directory: DirectoryId,
) -> Result<Vec<DirectoryToken>, AppFailure> {
    Ok(context.store.read_app(caller.scope(), |view| -> Result<_, AppFailure> {
        let directory = found(view, directory)?;
        Ok(view.tokens(directory.id, directory.organization_id)?)
    })?)
}

/// Ends a token, and the access tokens got with it, from the next request on.
///
/// # Errors
///
/// No such directory or token; [`AppFailure`] of the store.
pub async fn revoke_token(
    context: &Context,
    caller: &AppCaller,
    directory: DirectoryId,
    token: TokenId,
) -> Result<(), AppFailure> {
    let owned = caller.clone();
    let revoke = move |tx: &mut AppTransaction<'_, '_>| -> Result<(), AppFailure> {
        let directory = found(tx.view(), directory)?;
        let tokens = tx.view().tokens(directory.id, directory.organization_id)?;
        let Some(revoked) = tokens.into_iter().find(|present| present.id == token) else {
            return Err(AppFailure::not_found("token", token));
        };
        tx.delete_token(directory.id, token)?;
        announce(tx, &owned, &directory, NewEvent::token_revoked(&revoked), Cause::TokenRevoked)
    };
    Ok(context.store.write_app(caller.scope(), revoke).await?)
}
