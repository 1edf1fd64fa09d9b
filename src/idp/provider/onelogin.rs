//! OneLogin: a template that the admin edits, users by PUT, one PATCH for each member, request targets that end in
//! `&` or `?`, an empty User-Agent.
//!
//! Observed: the searches, the PUT with its URIs that are no SCIM 2.0 URNs, the type and length of the PATCH that adds
//! a member. Not observed, and therefore the plainest form: the POST of a user (the template of the PUT), the removal
//! of a member, the new name of a group, and suspension (a PUT with `active`). Leaving is a DELETE here, which is one
//! of the three things that its admin can choose and the only one whose form is known.

use http::Method;
use serde_json::{Value, json};

use crate::idp::check::{Expect, Need};
use crate::idp::client::{Spaces, encoded, equals};
use crate::idp::link::{Ask, Link, Stop};
use crate::idp::random::Random;
use crate::idp::world::Departure;
use crate::scim::schema::urn;

use super::body::{Body, patch};
use super::plain::{add, remove_one, rename};
use super::{Account, Doing, MemberChange, Pace, Paging, Presence, Provider, Team, create};

const CORE: &str = "urn:scim:schemas:core:2.0";
const ENTERPRISE: &str = "urn:scim:schemas:extension:enterprise:2.0";

pub struct OneLogin;

impl Provider for OneLogin {
    fn name(&self) -> &'static str {
        "onelogin"
    }

    fn about(&self) -> &'static str {
        "PUT users with URIs of its own, DELETE who leaves, one PATCH for each member, no User-Agent"
    }

    fn pace(&self) -> Pace {
        Pace { members_at_once: 1, ..Pace::USUAL }
    }

    fn paging(&self) -> Paging {
        Paging::ByServer
    }

    fn departure(&self) -> Departure {
        Departure::Deletes
    }

    fn headers(&self, method: &Method) -> Vec<(&'static str, String)> {
        let kind = match *method {
            Method::POST | Method::PATCH => "application/scim+json",
            _ => "application/json",
        };
        vec![("User-Agent", String::new()), ("Content-Type", kind.to_owned())]
    }

    /// The number of the user; the stock template lacks it, ours for the customer's admin has it.
    fn external_id(&self, mut random: Random) -> String {
        random.text("123456789", 9)
    }

    fn user(&self, account: &Account) -> Value {
        user(account).value()
    }

    fn group(&self, team: &Team) -> Value {
        json!({ "schemas": [urn::GROUP], "displayName": team.name })
    }

    fn reason(&self, need: Need) -> &'static str {
        match need {
            Need::ReadsBack => {
                "OneLogin shows a user as failed when the answer lacks id, givenName or familyName"
            }
            Need::CreatedBody => "OneLogin takes the id for its later PUT from the answer to the POST",
            other => other.reason(),
        }
    }

    fn connect<'a>(&'a self, link: &'a Link) -> Doing<'a, ()> {
        Box::pin(async move {
            search(link, "onelogin-no-such-user").await?;
            link.send(Ask::get("/Groups", Expect::List)).await?;
            Ok(())
        })
    }

    fn find_user<'a>(&'a self, link: &'a Link, account: &'a Account) -> Doing<'a, Option<Value>> {
        Box::pin(search(link, &account.person.user_name))
    }

    fn update_user<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, ()> {
        Box::pin(async move { put(link, id, user(account).value()).await })
    }

    fn deactivate_user<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, ()> {
        Box::pin(async move { put(link, id, user(account).with("active", false).value()).await })
    }

    fn reactivate_user<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, String> {
        Box::pin(async move {
            put(link, id, user(account).with("active", true).value()).await?;
            Ok(id.to_owned())
        })
    }

    fn delete_user<'a>(&'a self, link: &'a Link, id: &'a str) -> Doing<'a, ()> {
        Box::pin(super::flow::delete(link, format!("/Users/{id}?")))
    }

    fn find_group<'a>(&'a self, link: &'a Link, team: &'a Team) -> Doing<'a, Option<Value>> {
        Box::pin(create::find_group_in_list(link, team))
    }

    fn add_group<'a>(&'a self, link: &'a Link, team: &'a Team) -> Doing<'a, (String, Presence)> {
        Box::pin(create::group_unless_listed(link, team))
    }

    fn rename_group<'a>(&'a self, link: &'a Link, id: &'a str, team: &'a Team) -> Doing<'a, ()> {
        Box::pin(async move { patch_group(link, id, vec![rename(team)]).await })
    }

    fn change_members<'a>(&'a self, link: &'a Link, id: &'a str, change: MemberChange<'a>) -> Doing<'a, ()> {
        Box::pin(async move {
            for member in change.removed {
                patch_group(link, id, vec![remove_one(member)]).await?;
            }
            for member in change.added.chunks(1) {
                patch_group(link, id, vec![add(member)]).await?;
            }
            Ok(())
        })
    }
}

/// An empty list and a 404 are the same to it.
async fn search(link: &Link, user_name: &str) -> Result<Option<Value>, Stop> {
    let answer = link.send(Ask::get(search_path(user_name), Expect::List).accepting(&[404])).await?;
    Ok(answer.resources().first().cloned())
}

pub(super) fn search_path(user_name: &str) -> String {
    format!("/Users?filter={}&", encoded(&equals("userName", user_name), Spaces::Plus))
}

/// The template of the enterprise application; it has no `active`, whose absence changes nothing.
fn user(account: &Account) -> Body {
    let person = &account.person;
    Body::default()
        .with("schemas", json!([CORE, ENTERPRISE]))
        .with("userName", person.user_name.as_str())
        .with("name", json!({ "familyName": person.family_name, "givenName": person.given_name }))
        .with("emails", json!([{ "value": person.email, "type": "work", "primary": true }]))
        .text("displayName", &person.display_name)
        .some("title", person.title.as_ref())
        .with("externalId", account.external_id.as_str())
}

async fn put(link: &Link, id: &str, body: Value) -> Result<(), Stop> {
    link.send(Ask::put(format!("/Users/{id}?"), id, body)).await.map(|_| ())
}

async fn patch_group(link: &Link, id: &str, operations: Vec<Value>) -> Result<(), Stop> {
    link.send(Ask::patch(format!("/Groups/{id}?"), id, patch(operations))).await.map(|_| ())
}
