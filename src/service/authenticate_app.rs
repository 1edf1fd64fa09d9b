//! Who asks on the app's side: a key becomes an [`AppCaller`], and only here.

use std::sync::Arc;

use crate::base::id::KeyId;
use crate::base::secret::TokenHash;
use crate::base::time::Timestamp;
use crate::model::event::{Actor, ActorSource};
use crate::model::scope::AppScope;
use crate::store::WriteError;
use crate::store::credentials::FoundKey;

use super::context::Context;

/// How often the last use of a key is written down.
const LAST_USE_MILLIS: i64 = 60_000;

/// A longer key is not even looked up.
const KEY_BYTES_MAX: usize = 1_024;

/// Somebody who may read and change all directories. Cheap to clone.
#[derive(Debug, Clone)]
pub struct AppCaller {
    scope: AppScope,
    actor: Actor,
}

impl AppCaller {
    /// Whoever came by `operator.sock`, whose door is the file's owner.
    pub fn operator() -> Self {
        let actor = Actor { id: "operator".to_owned(), source: ActorSource::System, name: None };
        Self { scope: AppScope::new(), actor }
    }

    pub fn scope(&self) -> &AppScope {
        &self.scope
    }

    /// Whom events name as the one who did it.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }
}

/// Why someone is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppDenied {
    /// 401: no key, or not one of ours.
    Unauthorized { reason: &'static str },
    /// 503: the store can't say.
    Unavailable,
}

/// Checks the `Authorization` header of a request to the app's API.
///
/// # Errors
///
/// [`AppDenied`].
pub fn authenticate_app(context: &Context, authorization: Option<&str>) -> Result<AppCaller, AppDenied> {
    let refused = |reason| AppDenied::Unauthorized { reason };
    let key = presented(authorization).map_err(refused)?;
    let hash = TokenHash::of(key);
    let found = known_key(context, hash)?.ok_or(refused("the key is unknown or was revoked"))?;
    let now = context.clock.now();
    if found.expires_at.is_some_and(|expires_at| expires_at <= now) {
        return Err(refused("the key has expired"));
    }
    let caller = AppCaller {
        scope: AppScope::new(),
        actor: Actor { id: found.key_id.to_string(), source: ActorSource::Api, name: None },
    };
    if found.last_used_at.is_none_or(|used| used.plus_millis(LAST_USE_MILLIS) <= now) {
        note_use(context, &caller, found.key_id, now);
    }
    Ok(caller)
}

/// Looks a key up, or finds what is remembered of it.
fn known_key(context: &Context, hash: TokenHash) -> Result<Option<Arc<FoundKey>>, AppDenied> {
    // Before the look-up: what changes meanwhile makes the number another one.
    let version = context.store.credentials_version().ok_or(AppDenied::Unavailable)?;
    if let Some(known) = context.known_keys.find(version, &hash) {
        return Ok(Some(known));
    }
    let found = context
        .store
        .read_credentials(|credentials| credentials.app_key(&hash))
        .map_err(|_| AppDenied::Unavailable)?
        .filter(|found| hash.matches(&found.hash))
        .map(Arc::new);
    if let Some(found) = &found {
        context.known_keys.keep(version, hash, Arc::clone(found));
    }
    Ok(found)
}

fn presented(authorization: Option<&str>) -> Result<&str, &'static str> {
    let header = authorization.ok_or("send the key as `Authorization: Bearer sk_…`")?;
    let key = match header.trim().split_once(' ') {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => key.trim(),
        _ => return Err("the Authorization header must be `Bearer` and a key"),
    };
    // Not only those that we made: the configuration may name one of its own form.
    match key.len() <= KEY_BYTES_MAX {
        true => Ok(key),
        false => Err("the key is not one of ours"),
    }
}

/// Writes down the use of a key without making its user wait; the next use brings another note.
fn note_use(context: &Context, caller: &AppCaller, key: KeyId, now: Timestamp) {
    let (store, scope) = (context.store.clone(), caller.scope.clone());
    tokio::spawn(async move {
        let noted: Result<(), WriteError<crate::store::Error>> =
            store.write_app(&scope, move |tx| tx.app_key_used(key, now)).await;
        if noted.is_err() {
            tracing::debug!("the last use of a key was not written down");
        }
    });
}
