//! Held users: look at them, and decide about them in bounded batches.

use crate::base::id::{DirectoryId, RequestId, UserId};
use crate::base::limits;
use crate::base::time::Timestamp;
use crate::model::directory_user::DirectoryUser;
use crate::model::event::Cause;
use crate::model::held::{Decided, HoldDecision};
use crate::model::page::{Page, PageRequest};
use crate::service::authenticate_app::AppCaller;
use crate::service::context::Context;
use crate::service::hold;
use crate::service::users::save::directory_user;
use crate::store::app::{AppTransaction, AppView};

use super::directories::found;
use super::failure::AppFailure;

/// A user whose deprovisioning is held back.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldUser {
    /// As the app sees it.
    pub user: DirectoryUser,
    pub held_at: Timestamp,
    pub cause: Cause,
    pub request_id: Option<RequestId>,
    pub denied_at: Option<Timestamp>,
}

/// # Errors
///
/// A directory that isn't there; [`AppFailure`] of the store.
pub async fn list_held(
    context: &Context,
    caller: &AppCaller,
    directory: DirectoryId,
    page: PageRequest,
) -> Result<Page<HeldUser>, AppFailure> {
    let list = move |view: &AppView<'_>| -> Result<_, AppFailure> {
        let directory = found(view, directory)?;
        Ok(view.held_users(directory.id, &page)?.map(|held| HeldUser {
            user: directory_user(&directory, &held.user),
            held_at: held.held_at,
            cause: held.cause,
            request_id: held.request_id,
            denied_at: held.denied_at,
        }))
    };
    Ok(context.store.scan_app(caller.scope(), list).await?)
}

/// Approves or denies: all that wait, up to [`limits::HELD_PER_REQUEST_MAX`], or those that are named.
/// Each batch is a transaction of its own, so that a wave of 100,000 stops nobody else's writes; what
/// is decided when this fails stays decided.
///
/// # Errors
///
/// A directory that isn't there; [`AppFailure`] of the store.
pub async fn decide_held(
    context: &Context,
    caller: &AppCaller,
    directory: DirectoryId,
    users: Option<Vec<UserId>>,
    decision: HoldDecision,
) -> Result<Decided, AppFailure> {
    let mut decided = Decided::default();
    match users {
        Some(users) => {
            for batch in users.chunks(limits::HELD_PER_COMMIT_MAX) {
                let done = decide_batch(context, caller, directory, Some(batch.to_vec()), decision).await?;
                decided = Decided { users: decided.users + done.users, remaining: done.remaining };
            }
            Ok(decided)
        }
        None => loop {
            let done = decide_batch(context, caller, directory, None, decision).await?;
            decided = Decided { users: decided.users + done.users, remaining: done.remaining };
            let is_enough =
                limits::HELD_PER_REQUEST_MAX <= usize::try_from(decided.users).unwrap_or(usize::MAX);
            if done.remaining == 0 || done.users == 0 || is_enough {
                return Ok(decided);
            }
        },
    }
}

async fn decide_batch(
    context: &Context,
    caller: &AppCaller,
    directory: DirectoryId,
    users: Option<Vec<UserId>>,
    decision: HoldDecision,
) -> Result<Decided, AppFailure> {
    let actor = caller.actor().clone();
    let work = move |tx: &mut AppTransaction<'_, '_>| -> Result<Decided, AppFailure> {
        let directory = found(tx.view(), directory)?;
        let own = &mut tx.directory(directory.id);
        Ok(hold::decide(own, &directory, users.as_deref(), decision, &actor)?)
    };
    Ok(context.store.write_app(caller.scope(), work).await?)
}
