//! Held users and decisions about them, as they are sent.

use serde::Serialize;

use super::Shown;
use super::directory_user::DirectoryUser;
use crate::base::id::{DirectoryId, RequestId, UserId};
use crate::base::time::Timestamp;
use crate::model::held::{Decided, HoldDecision};
use crate::service::app::held;

#[derive(Debug, Serialize)]
pub struct HeldUser<'a> {
    object: &'static str,
    id: Shown<UserId>,
    directory_id: Shown<DirectoryId>,
    held_at: Shown<Timestamp>,
    cause: &'static str,
    request_id: Option<Shown<RequestId>>,
    decision: Option<&'static str>,
    denied_at: Option<Shown<Timestamp>>,
    /// As the app sees it.
    user: DirectoryUser<'a>,
}

impl<'a> From<&'a held::HeldUser> for HeldUser<'a> {
    fn from(held: &'a held::HeldUser) -> Self {
        Self {
            object: "held_user",
            id: Shown(held.user.id),
            directory_id: Shown(held.user.directory_id),
            held_at: Shown(held.held_at),
            cause: held.cause.name(),
            request_id: held.request_id.map(Shown),
            decision: held.denied_at.map(|_| "denied"),
            denied_at: held.denied_at.map(Shown),
            user: DirectoryUser::from(&held.user),
        }
    }
}

/// What a decision did.
#[derive(Debug, Serialize)]
pub struct Decision {
    object: &'static str,
    decision: &'static str,
    users: u64,
    remaining: u64,
}

impl Decision {
    pub fn new(decision: HoldDecision, decided: Decided) -> Self {
        let decision = match decision {
            HoldDecision::Approve => "approved",
            HoldDecision::Deny => "denied",
        };
        Self { object: "held_decision", decision, users: decided.users, remaining: decided.remaining }
    }
}
