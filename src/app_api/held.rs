//! Routes of held users: look at them, approve, deny.

use serde_json::Value;

use crate::base::id::{DirectoryId, UserId, kind};
use crate::base::limits;
use crate::model::held::HoldDecision;
use crate::model::page::Order;
use crate::service::app::held;
use crate::web::Response;

use super::answer::{Refused, list, ok};
use super::directories::WHAT;
use super::fields::Fields;
use super::wire::held::{Decision, HeldUser};
use super::{AppApi, Call};

impl AppApi {
    pub(super) async fn list_held(&self, call: &Call) -> Result<Response, Refused> {
        let directory = call.id("id", WHAT)?;
        let paging = call.query()?.paging::<kind::User>(Order::OldestFirst)?;
        let page = held::list_held(&self.context, &call.caller, directory, paging.request).await?;
        Ok(list(&paging, &page, |held| held.user.id.to_string(), HeldUser::from))
    }

    pub(super) async fn decide_held(
        &self,
        call: &mut Call,
        decision: HoldDecision,
    ) -> Result<Response, Refused> {
        let directory: DirectoryId = call.id("id", WHAT)?;
        let mut fields = Fields::read(&mut call.request).await?;
        let users = users(&mut fields);
        fields.finish_strictly()?;
        let decided = held::decide_held(&self.context, &call.caller, directory, users, decision).await?;
        Ok(ok(&Decision::new(decision, decided)))
    }
}

/// The users that are named; None when the field is absent. An empty list names nobody and is
/// refused: a program that has lost its list must not decide about everybody.
fn users(fields: &mut Fields) -> Option<Vec<UserId>> {
    let right = format!(
        "name 1 to {} users by their ids, directory_user_…, or leave it out for all",
        limits::HELD_NAMED_MAX
    );
    let Value::Array(values) = fields.value("users")? else {
        fields.fault("users", "invalid", right);
        return None;
    };
    let ids: Option<Vec<UserId>> = values.iter().map(|value| value.as_str()?.parse().ok()).collect();
    match ids.filter(|ids| (1..=limits::HELD_NAMED_MAX).contains(&ids.len())) {
        Some(ids) => Some(ids),
        None => {
            fields.fault("users", "invalid", right);
            None
        }
    }
}
