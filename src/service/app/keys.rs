//! Keys of the app's API.

use crate::base::id::KeyId;
use crate::base::secret::{self, Secret, TokenHash};
use crate::base::time::Timestamp;
use crate::model::credential::{self, APP_KEY_PREFIX, AppKey};
use crate::service::authenticate_app::AppCaller;
use crate::service::context::Context;
use crate::store::app::AppTransaction;

use super::failure::AppFailure;

/// Makes a key; its clear text is never to be had again.
///
/// # Errors
///
/// An end in the past; [`AppFailure`] of the store.
pub async fn create_key(
    context: &Context,
    caller: &AppCaller,
    name: String,
    expires_at: Option<Timestamp>,
) -> Result<(AppKey, Secret), AppFailure> {
    let secret = secret::new_token(APP_KEY_PREFIX);
    let key = add_key(context, caller, name, expires_at, &secret).await?;
    Ok((key, secret))
}

/// Adds a key whose clear text the caller has already: one that the configuration names.
///
/// # Errors
///
/// As [`create_key`].
pub async fn add_key(
    context: &Context,
    caller: &AppCaller,
    name: String,
    expires_at: Option<Timestamp>,
    secret: &Secret,
) -> Result<AppKey, AppFailure> {
    let hash = TokenHash::of(secret.reveal());
    let key_suffix = credential::suffix(secret.reveal());
    let create = move |tx: &mut AppTransaction<'_, '_>| -> Result<_, AppFailure> {
        let now = tx.now();
        if expires_at.is_some_and(|expires_at| expires_at <= now) {
            return Err(AppFailure::invalid("expires_at", "in_the_past", "name a moment in the future"));
        }
        let id = tx.new_id();
        let key = AppKey { id, name, key_suffix, created_at: now, expires_at, last_used_at: None };
        tx.insert_app_key(&key, &hash)?;
        Ok(key)
    };
    Ok(context.store.write_app(caller.scope(), create).await?)
}

/// All keys, oldest first.
///
/// # Errors
///
/// [`AppFailure`] of the store.
pub fn list_keys(context: &Context, caller: &AppCaller) -> Result<Vec<AppKey>, AppFailure> {
    Ok(context.store.read_app(caller.scope(), |view| -> Result<_, AppFailure> { Ok(view.app_keys()?) })?)
}

/// Ends a key from the next request on.
///
/// # Errors
///
/// No such key; [`AppFailure`] of the store.
pub async fn revoke_key(context: &Context, caller: &AppCaller, key: KeyId) -> Result<(), AppFailure> {
    let revoke = move |tx: &mut AppTransaction<'_, '_>| -> Result<(), AppFailure> {
        match tx.delete_app_key(key)? {
            true => Ok(()),
            false => Err(AppFailure::not_found("key", key)),
        }
    };
    Ok(context.store.write_app(caller.scope(), revoke).await?)
}
