//! Ping (PingFederate's SCIM provisioner, PingOne): users by PUT alone, every group downloaded and matched by name,
//! members by PATCH as its option says.
//!
//! Documented: which calls it makes. Not observed, and therefore the plainest form: every literal body, the page size,
//! the new name of a group, the User-Agent (none is sent).

use std::collections::HashSet;

use http::Method;
use serde_json::{Value, json};

use crate::idp::check::{Expect, Need};
use crate::idp::client::{Spaces, encoded};
use crate::idp::link::{Ask, Link};
use crate::idp::random::Random;
use crate::scim::schema::urn;

use super::body::Body;
use super::plain::{change_members, patch_group, rename, values};
use super::{Account, Doing, Member, MemberChange, Presence, Provider, Team, create, flow};

/// Members that the POST of a group carries; the others follow.
const FIRST_MEMBERS: usize = 1_000;

pub struct Ping;

impl Provider for Ping {
    fn name(&self) -> &'static str {
        "ping"
    }

    fn about(&self) -> &'static str {
        "PUT users, inactive by PUT, downloads all groups and matches them by name, PATCH members"
    }

    fn headers(&self, _: &Method) -> Vec<(&'static str, String)> {
        vec![("Content-Type", "application/scim+json".to_owned())]
    }

    /// Mapped when the admin adds the row, as our page for that admin asks.
    fn external_id(&self, mut random: Random) -> String {
        random.uuid()
    }

    fn user(&self, account: &Account) -> Value {
        user(account, None)
    }

    fn group(&self, team: &Team) -> Value {
        let first = &team.members[..team.members.len().min(FIRST_MEMBERS)];
        json!({ "schemas": [urn::GROUP], "displayName": team.name, "members": values(first) })
    }

    fn reason(&self, need: Need) -> &'static str {
        match need {
            Need::StablePages => "Ping downloads every group and makes those again that no page showed",
            Need::NumericLists => "Ping counts its way through the pages",
            Need::ReadsBack => {
                "Ping compares values by their type: without type and primary it writes them again"
            }
            other => other.reason(),
        }
    }

    fn connect<'a>(&'a self, link: &'a Link) -> Doing<'a, ()> {
        Box::pin(async move {
            link.send(Ask::get("/Groups?startIndex=1&count=1", Expect::List)).await?;
            Ok(())
        })
    }

    fn find_user<'a>(&'a self, link: &'a Link, account: &'a Account) -> Doing<'a, Option<Value>> {
        Box::pin(flow::first_hit(link, users_named(&account.person.user_name)))
    }

    fn update_user<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, ()> {
        Box::pin(async move {
            link.send(Ask::put(format!("/Users/{id}"), id, user(account, Some(id)))).await.map(|_| ())
        })
    }

    fn deactivate_user<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, ()> {
        self.update_user(link, id, account)
    }

    fn reactivate_user<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, String> {
        Box::pin(async move {
            self.update_user(link, id, account).await?;
            Ok(id.to_owned())
        })
    }

    fn find_group<'a>(&'a self, link: &'a Link, team: &'a Team) -> Doing<'a, Option<Value>> {
        Box::pin(create::find_group_in_list(link, team))
    }

    fn add_group<'a>(&'a self, link: &'a Link, team: &'a Team) -> Doing<'a, (String, Presence)> {
        Box::pin(create::group_unless_listed(link, team))
    }

    fn push_members<'a>(&'a self, link: &'a Link, id: &'a str, team: &'a Team) -> Doing<'a, ()> {
        Box::pin(async move {
            let shown = flow::read(link, "Groups", id).await?;
            let there = member_ids(&shown);
            let missing = |member: &&Member| !there.contains(member.id.as_str());
            let added: Vec<Member> = team.members.iter().filter(missing).cloned().collect();
            change_members(link, id, MemberChange { team, added: &added, removed: &[] }).await
        })
    }

    fn rename_group<'a>(&'a self, link: &'a Link, id: &'a str, team: &'a Team) -> Doing<'a, ()> {
        Box::pin(async move { patch_group(link, id, vec![rename(team)]).await })
    }

    fn change_members<'a>(&'a self, link: &'a Link, id: &'a str, change: MemberChange<'a>) -> Doing<'a, ()> {
        Box::pin(change_members(link, id, change))
    }
}

fn member_ids(group: &Value) -> HashSet<&str> {
    let members = group.get("members").and_then(Value::as_array).into_iter().flatten();
    members.filter_map(|member| member.get("value").and_then(Value::as_str)).collect()
}

/// Its filter expression with the operator as its own examples write it; operators have no case (RFC 7644 §3.4.2.2).
pub(super) fn users_named(user_name: &str) -> String {
    format!("/Users?filter={}", encoded(&format!("userName Eq {}", Value::from(user_name)), Spaces::Plus))
}

pub(super) fn user(account: &Account, id: Option<&str>) -> Value {
    let person = &account.person;
    let body = Body::default().with("schemas", json!([urn::USER]));
    let body = match id {
        Some(id) => body.with("id", id),
        None => body,
    };
    body.with("externalId", account.external_id.as_str())
        .with("userName", person.user_name.as_str())
        .with("name", json!({ "givenName": person.given_name, "familyName": person.family_name }))
        .with("emails", json!([{ "value": person.email, "type": "work", "primary": true }]))
        .some("title", person.title.as_ref())
        .with("active", account.is_active)
        .value()
}
