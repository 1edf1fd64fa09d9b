//! CyberArk Identity: single documents of discovery by their ids, users by PUT, groups by PATCH.
//!
//! Documented: which calls a server must answer. Not observed, and therefore the plainest form: every literal body, the
//! removal of members, new names of groups, and whether anything is deleted; a role that is gone is a DELETE here.

use http::Method;
use serde_json::{Value, json};

use crate::idp::check::{Expect, Need};
use crate::idp::link::{Ask, Link};
use crate::idp::random::Random;
use crate::scim::schema::urn;

use super::body::Body;
use super::plain::{change_members, patch_group, rename, users_by};
use super::{Account, Doing, MemberChange, Paging, Presence, Provider, Team, create, flow};

pub struct CyberArk;

impl Provider for CyberArk {
    fn name(&self) -> &'static str {
        "cyberark"
    }

    fn about(&self) -> &'static str {
        "reads the discovery documents one by one, PUT users, lists groups, PATCH members"
    }

    fn paging(&self) -> Paging {
        Paging::ByServer
    }

    fn headers(&self, method: &Method) -> Vec<(&'static str, String)> {
        match *method {
            Method::POST | Method::PUT | Method::PATCH => {
                vec![("Content-Type", "application/scim+json".to_owned())]
            }
            _ => Vec::new(),
        }
    }

    /// Whether it sends one is not documented; without it nobody would be known again after a change of name.
    fn external_id(&self, mut random: Random) -> String {
        random.uuid()
    }

    fn user(&self, account: &Account) -> Value {
        user(account, None)
    }

    fn group(&self, team: &Team) -> Value {
        json!({ "schemas": [urn::GROUP], "displayName": team.name })
    }

    fn reason(&self, need: Need) -> &'static str {
        match need {
            Need::JsonBody => "CyberArk's Verify reads what the server can do from its discovery documents",
            Need::ListResponse => "CyberArk's Verify ends with a list of one user",
            other => other.reason(),
        }
    }

    fn connect<'a>(&'a self, link: &'a Link) -> Doing<'a, ()> {
        Box::pin(async move {
            let config = link.send(Ask::get("/ServiceProviderConfig", Expect::Document)).await?;
            for feature in ["patch", "filter"] {
                if config.body[feature]["supported"] != true {
                    let came = config.body[feature].to_string();
                    link.find(
                        Need::JsonBody,
                        "GET /ServiceProviderConfig",
                        &format!("{feature} supported"),
                        &came,
                    );
                }
            }
            for path in ["/ResourceTypes/User", "/ResourceTypes/Group"] {
                link.send(Ask::get(path, Expect::Document)).await?;
            }
            link.send(Ask::get(format!("/Schemas/{}", urn::USER), Expect::Document)).await?;
            link.send(Ask::get("/Users?count=1", Expect::List)).await?;
            Ok(())
        })
    }

    fn find_user<'a>(&'a self, link: &'a Link, account: &'a Account) -> Doing<'a, Option<Value>> {
        Box::pin(flow::first_hit(link, users_by("userName", &account.person.user_name)))
    }

    fn update_user<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, ()> {
        Box::pin(async move {
            flow::read(link, "Users", id).await?;
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

    fn rename_group<'a>(&'a self, link: &'a Link, id: &'a str, team: &'a Team) -> Doing<'a, ()> {
        Box::pin(async move { patch_group(link, id, vec![rename(team)]).await })
    }

    fn change_members<'a>(&'a self, link: &'a Link, id: &'a str, change: MemberChange<'a>) -> Doing<'a, ()> {
        Box::pin(async move {
            flow::read(link, "Groups", id).await?;
            change_members(link, id, change).await
        })
    }
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
        .with("emails", json!([{ "value": person.email, "primary": true, "type": "work" }]))
        .text("displayName", &person.display_name)
        .some("title", person.title.as_ref())
        .with("active", account.is_active)
        .value()
}
