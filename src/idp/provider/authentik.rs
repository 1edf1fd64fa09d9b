//! authentik: asks what the server can do, creates without a search and adopts after a 409, PUT users, one operation for
//! each member, reads a group back and mends the difference; a PUT that is answered 404 makes the user anew.
//!
//! From its source, as releases before July 2026 behave: members are removed by a list of values, a group's new name is
//! a replacement of the whole group with its id and `path: null`.

use std::collections::HashSet;
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::idp::check::{Expect, Need};
use crate::idp::link::{Ask, Link, Stop};
use crate::idp::random::Random;
use crate::scim::schema::urn;

use super::body::{Body, patch};
use super::plain::{add, groups_by, remove_list, users_by, values};
use super::{
    Account, Doing, Member, MemberChange, Pace, Paging, Presence, Provider, RetryAfter, Team, create, flow,
};

pub struct Authentik;

impl Provider for Authentik {
    fn name(&self) -> &'static str {
        "authentik"
    }

    fn about(&self) -> &'static str {
        "searches only after a 409, PUT users, one operation for each member, mends groups it reads back"
    }

    fn pace(&self) -> Pace {
        Pace {
            at_once: 4,
            // What fails waits for the sync of the next hour.
            first_wait: Duration::from_secs(60 * 60),
            doubles: false,
            retry_after: RetryAfter::Ignored,
            ..Pace::USUAL
        }
    }

    fn paging(&self) -> Paging {
        Paging::ByServer
    }

    fn erases(&self) -> bool {
        true
    }

    fn headers(&self, _: &Method) -> Vec<(&'static str, String)> {
        vec![
            ("User-Agent", "authentik@2026.2.1".to_owned()),
            ("Accept", "application/scim+json".to_owned()),
            ("Content-Type", "application/scim+json".to_owned()),
        ]
    }

    fn external_id(&self, mut random: Random) -> String {
        random.text("0123456789abcdef", 64)
    }

    fn group_external_id(&self, mut random: Random) -> String {
        random.uuid()
    }

    fn user(&self, account: &Account) -> Value {
        user(account).value()
    }

    fn group(&self, team: &Team) -> Value {
        group(team).value()
    }

    fn reason(&self, need: Need) -> &'static str {
        match need {
            Need::JsonBody => {
                "authentik sizes its requests by bulk.maxOperations and takes an unreadable \
                ServiceProviderConfig for a server without PATCH"
            }
            Need::ConflictVisible => {
                "after a 409 authentik adopts the first user or group that its filter finds"
            }
            Need::MembersPushed => {
                "authentik reads members back as a list and sends what is missing, again and again"
            }
            other => other.reason(),
        }
    }

    fn connect<'a>(&'a self, link: &'a Link) -> Doing<'a, ()> {
        Box::pin(async move {
            let config = config(link).await?;
            let is_sized =
                config["bulk"]["maxOperations"].is_u64() && config["filter"]["maxResults"].is_u64();
            if !is_sized {
                let expected = "numbers in bulk.maxOperations and filter.maxResults";
                link.find(Need::JsonBody, "GET /ServiceProviderConfig", expected, &config.to_string());
            }
            Ok(())
        })
    }

    fn find_user<'a>(&'a self, link: &'a Link, account: &'a Account) -> Doing<'a, Option<Value>> {
        Box::pin(flow::first_hit(link, users_by("userName", &account.person.user_name)))
    }

    fn add_user<'a>(&'a self, link: &'a Link, account: &'a Account) -> Doing<'a, String> {
        Box::pin(create::user(link, account))
    }

    fn update_user<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, ()> {
        Box::pin(async move { self.write_user(link, id, account).await.map(|_| ()) })
    }

    fn write_user<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, String> {
        Box::pin(async move {
            let put = Ask::put(format!("/Users/{id}"), id, user(account).with("id", id).value());
            let answer = link.send(put.accepting(&[404])).await?;
            if answer.status == 404 {
                return create::user(link, account).await;
            }
            Ok(id.to_owned())
        })
    }

    fn deactivate_user<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, ()> {
        self.update_user(link, id, account)
    }

    fn reactivate_user<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, String> {
        self.write_user(link, id, account)
    }

    fn find_group<'a>(&'a self, link: &'a Link, team: &'a Team) -> Doing<'a, Option<Value>> {
        Box::pin(flow::first_hit(link, groups_by("displayName", &team.name)))
    }

    fn add_group<'a>(&'a self, link: &'a Link, team: &'a Team) -> Doing<'a, (String, Presence)> {
        Box::pin(create::group(link, team))
    }

    fn push_members<'a>(&'a self, link: &'a Link, id: &'a str, team: &'a Team) -> Doing<'a, ()> {
        Box::pin(async move {
            let change = MemberChange { team, added: &team.members, removed: &[] };
            self.change_members(link, id, change).await?;
            mend(link, id, team).await
        })
    }

    fn rename_group<'a>(&'a self, link: &'a Link, id: &'a str, team: &'a Team) -> Doing<'a, ()> {
        Box::pin(async move {
            if !patches(link).await? {
                return put_group(link, id, team).await;
            }
            send(link, id, vec![replacement(id, team)]).await?;
            mend(link, id, team).await
        })
    }

    fn change_members<'a>(&'a self, link: &'a Link, id: &'a str, change: MemberChange<'a>) -> Doing<'a, ()> {
        Box::pin(async move {
            if !patches(link).await? {
                return put_group(link, id, change.team).await;
            }
            send(link, id, change.added.chunks(1).map(add).collect()).await?;
            send(link, id, change.removed.chunks(1).map(remove_list).collect()).await
        })
    }
}

/// Asked once; what can't be read means that the server can do nothing beyond the least.
async fn config(link: &Link) -> Result<&Value, Stop> {
    let read = async || match link.send(Ask::get("/ServiceProviderConfig", Expect::Document)).await {
        Ok(answer) => Ok(answer.body),
        Err(Stop::Refused { .. } | Stop::Unusable) => Ok(Value::Null),
        Err(stop) => Err(stop),
    };
    link.line.memory.config.get_or_try_init(read).await
}

async fn patches(link: &Link) -> Result<bool, Stop> {
    Ok(config(link).await?["patch"]["supported"] == true)
}

/// Operations in as many requests as bulk.maxOperations asks for, which says nothing about PATCH; 0 means all at once.
async fn send(link: &Link, id: &str, operations: Vec<Value>) -> Result<(), Stop> {
    let most = config(link).await?["bulk"]["maxOperations"].as_u64().unwrap_or(0);
    let at_once = if most == 0 { operations.len() } else { usize::try_from(most).unwrap_or(usize::MAX) };
    for chunk in operations.chunks(at_once.max(1)) {
        link.send(Ask::patch(format!("/Groups/{id}"), id, patch(chunk.to_vec()))).await?;
    }
    Ok(())
}

/// Reads the group and makes its members the wanted ones; without a list of members it only takes out.
async fn mend(link: &Link, id: &str, team: &Team) -> Result<(), Stop> {
    let shown = flow::read(link, "Groups", id).await?;
    let listed = shown.get("members").and_then(Value::as_array);
    let there: HashSet<&str> = listed
        .into_iter()
        .flatten()
        .filter_map(|member| member.get("value").and_then(Value::as_str))
        .collect();
    let wanted: HashSet<&str> = team.members.iter().map(|member| member.id.as_str()).collect();
    let missing =
        team.members.iter().filter(|member| listed.is_some() && !there.contains(member.id.as_str()));
    let additions = missing.map(|member| add(std::slice::from_ref(member)));
    let surplus = there.iter().filter(|id| !wanted.contains(*id));
    let removals = surplus.map(|id| remove_list(&[Member { id: (*id).to_owned(), display: String::new() }]));
    send(link, id, additions.chain(removals).collect()).await
}

async fn put_group(link: &Link, id: &str, team: &Team) -> Result<(), Stop> {
    let body = group(team).filled("members", values(&team.members).into()).with("id", id).value();
    link.send(Ask::put(format!("/Groups/{id}"), id, body)).await.map(|_| ())
}

/// The whole group, the server's own id with it.
fn replacement(id: &str, team: &Team) -> Value {
    json!({ "op": "replace", "path": null, "value": group(team).with("id", id).value() })
}

fn group(team: &Team) -> Body {
    Body::default()
        .with("schemas", json!([urn::GROUP]))
        .with("externalId", team.external_id.as_str())
        .with("displayName", team.name.as_str())
}

pub(super) fn user(account: &Account) -> Body {
    let person = &account.person;
    let formatted = format!("{} {}", person.given_name, person.family_name);
    Body::default()
        .with("schemas", json!([urn::USER]))
        .with("active", account.is_active)
        .with("emails", json!([{ "primary": true, "type": "other", "value": person.email }]))
        .with("externalId", account.external_id.as_str())
        .with(
            "name",
            json!({ "familyName": person.family_name, "formatted": formatted, "givenName": person.given_name }),
        )
        .text("displayName", &person.display_name)
        .with("userName", person.user_name.as_str())
}
