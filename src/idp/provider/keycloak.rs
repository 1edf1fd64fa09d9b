//! Keycloak with the plugin of mitodl: never searches, replaces all members whenever one changes, waits five seconds for
//! an answer, writes booleans of a PATCH as text.
//!
//! From its source. Its settings `user-patchOp` and `group-patchOp` choose between PUT and PATCH. Here groups are
//! patched. Users are shown both ways, which one Keycloak is not: attributes by PUT, since its PATCH of a user leaves
//! names and addresses out, and `active` by that PATCH. Not observed: the User-Agent (none is sent). Its import, which
//! is what links users that a server has already, asks for an address that no server has; here it reads the lists.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::idp::check::Need;
use crate::idp::link::{Ask, Link, Stop};
use crate::idp::random::Random;
use crate::scim::schema::urn;

use super::body::{Body, patch};
use super::plain::values;
use super::{Account, Doing, MemberChange, Pace, Presence, Provider, RetryAfter, Team, create};

pub struct Keycloak;

impl Provider for Keycloak {
    fn name(&self) -> &'static str {
        "keycloak"
    }

    fn about(&self) -> &'static str {
        "never searches, PUT users, \"false\" as text, replaces all members of a group each time"
    }

    fn pace(&self) -> Pace {
        Pace {
            at_once: 2,
            attempts: 10,
            first_wait: Duration::from_millis(500),
            doubles: true,
            // Only a lost connection is tried again, no status.
            retried: &[],
            retry_after: RetryAfter::Ignored,
            answer_within: Duration::from_secs(5),
            ..Pace::USUAL
        }
    }

    fn erases(&self) -> bool {
        true
    }

    fn headers(&self, _: &Method) -> Vec<(&'static str, String)> {
        vec![("Content-Type", "application/scim+json".to_owned())]
    }

    fn external_id(&self, mut random: Random) -> String {
        random.uuid()
    }

    fn user(&self, account: &Account) -> Value {
        user(account, None)
    }

    fn group(&self, team: &Team) -> Value {
        let member =
            |member: &super::Member| json!({ "value": member.id, "$ref": format!("Users/{}", member.id) });
        let members: Vec<Value> = team.members.iter().map(member).collect();
        Body::default()
            .with("schemas", json!([urn::GROUP]))
            .with("externalId", team.external_id.as_str())
            .with("displayName", team.name.as_str())
            .filled("members", members.into())
            .value()
    }

    fn reason(&self, need: Need) -> &'static str {
        match need {
            Need::CreatedBody => {
                "Keycloak maps a user to the id in the answer; without it nothing is ever updated"
            }
            Need::Answered => "Keycloak waits five seconds, then sends the request again",
            Need::Status => "Keycloak logs a failure and does not try again until the user changes",
            Need::Deactivated => {
                "Keycloak writes active as the text \"false\"; read as true, somebody keeps access"
            }
            other => other.reason(),
        }
    }

    /// It has no test; the first request is the first user.
    fn connect<'a>(&'a self, _: &'a Link) -> Doing<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn find_user<'a>(&'a self, link: &'a Link, account: &'a Account) -> Doing<'a, Option<Value>> {
        Box::pin(create::find_user_in_list(link, account))
    }

    fn add_user<'a>(&'a self, link: &'a Link, account: &'a Account) -> Doing<'a, String> {
        Box::pin(create::user(link, account))
    }

    fn update_user<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, ()> {
        Box::pin(async move {
            link.send(Ask::put(format!("/Users/{id}"), id, user(account, Some(id)))).await.map(|_| ())
        })
    }

    fn deactivate_user<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, ()> {
        Box::pin(patch_user(link, id, account))
    }

    fn reactivate_user<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, String> {
        Box::pin(async move {
            patch_user(link, id, account).await?;
            self.update_user(link, id, account).await?;
            Ok(id.to_owned())
        })
    }

    fn find_group<'a>(&'a self, link: &'a Link, team: &'a Team) -> Doing<'a, Option<Value>> {
        Box::pin(create::find_group_in_list(link, team))
    }

    fn add_group<'a>(&'a self, link: &'a Link, team: &'a Team) -> Doing<'a, (String, Presence)> {
        Box::pin(create::group(link, team))
    }

    fn push_members<'a>(&'a self, link: &'a Link, id: &'a str, team: &'a Team) -> Doing<'a, ()> {
        Box::pin(patch_group(link, id, team))
    }

    fn rename_group<'a>(&'a self, link: &'a Link, id: &'a str, team: &'a Team) -> Doing<'a, ()> {
        Box::pin(patch_group(link, id, team))
    }

    fn change_members<'a>(&'a self, link: &'a Link, id: &'a str, change: MemberChange<'a>) -> Doing<'a, ()> {
        Box::pin(patch_group(link, id, change.team))
    }

    /// It asks for nothing beyond its daily traffic.
    fn certify<'a>(&'a self, _: &'a Link, _: &'a Account) -> Doing<'a, ()> {
        Box::pin(async { Ok(()) })
    }
}

/// All that its PATCH of a user says.
pub(super) fn user_operations(account: &Account) -> Vec<Value> {
    let person = &account.person;
    let replace = |path: &str, value: &str| json!({ "path": path, "op": "replace", "value": value });
    vec![
        replace("active", if account.is_active { "true" } else { "false" }),
        replace("userName", &person.user_name),
        replace("displayName", &person.display_name),
    ]
}

/// The members that remain, all of them; none is a removal of the whole attribute.
pub(super) fn group_operations(team: &Team) -> Vec<Value> {
    let members = match team.members.is_empty() {
        true => json!({ "path": "members", "op": "remove" }),
        false => json!({ "path": "members", "op": "replace", "value": values(&team.members) }),
    };
    vec![
        members,
        json!({ "path": "displayName", "op": "replace", "value": team.name }),
        json!({ "path": "externalId", "op": "replace", "value": team.external_id }),
    ]
}

async fn patch_user(link: &Link, id: &str, account: &Account) -> Result<(), Stop> {
    let body = patch(user_operations(account));
    link.send(Ask::patch(format!("/Users/{id}"), id, body)).await.map(|_| ())
}

async fn patch_group(link: &Link, id: &str, team: &Team) -> Result<(), Stop> {
    let body = patch(group_operations(team));
    link.send(Ask::patch(format!("/Groups/{id}"), id, body)).await.map(|_| ())
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
        .text("displayName", &person.display_name)
        .with("name", json!({ "givenName": person.given_name, "familyName": person.family_name }))
        .with("emails", json!([{ "value": person.email }]))
        .with("active", account.is_active)
        .with("roles", json!([]))
        .value()
}
