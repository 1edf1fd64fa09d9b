//! Rippling: a probe of ServiceProviderConfig, then creation without a search; a failed creation is tried again and must
//! meet itself as a conflict.
//!
//! Documented: the attributes, the option to change groups by PATCH (on here). Secondary sources: the probe, the
//! repeated creation. Not observed, and therefore the plainest form: every literal body, the search after a conflict,
//! updates and deactivation (PUT), the removal of members, the new name of a group.

use http::Method;
use serde_json::{Value, json};

use crate::idp::check::{Expect, Need};
use crate::idp::link::{Ask, Link};
use crate::idp::random::Random;
use crate::scim::schema::urn;

use super::body::Body;
use super::plain::{change_members, groups_by, patch_group, rename, users_by};
use super::{Account, Doing, MemberChange, Provider, Team, create, flow};

pub struct Rippling;

impl Provider for Rippling {
    fn name(&self) -> &'static str {
        "rippling"
    }

    fn about(&self) -> &'static str {
        "creates without a search and again after a failure, PUT users, PATCH groups"
    }

    fn headers(&self, method: &Method) -> Vec<(&'static str, String)> {
        match *method {
            Method::POST | Method::PUT | Method::PATCH => {
                vec![("Content-Type", "application/scim+json".to_owned())]
            }
            _ => Vec::new(),
        }
    }

    fn external_id(&self, mut random: Random) -> String {
        random.text("0123456789abcdef", 24)
    }

    fn user(&self, account: &Account) -> Value {
        user(account, None)
    }

    fn group(&self, team: &Team) -> Value {
        json!({ "schemas": [urn::GROUP], "displayName": team.name })
    }

    fn reason(&self, need: Need) -> &'static str {
        match need {
            Need::ConflictVisible => {
                "Rippling repeats a failed creation: the 409 must be about a user it can find"
            }
            Need::SameUsers => "Rippling repeats a failed creation, which must not make a second user",
            other => other.reason(),
        }
    }

    fn connect<'a>(&'a self, link: &'a Link) -> Doing<'a, ()> {
        Box::pin(async move {
            let config = link.send(Ask::get("/ServiceProviderConfig", Expect::Document)).await?;
            if config.body["patch"]["supported"].as_bool().is_none() {
                let came = config.body["patch"].to_string();
                link.find(Need::JsonBody, "GET /ServiceProviderConfig", "whether patch is supported", &came);
            }
            Ok(())
        })
    }

    fn find_user<'a>(&'a self, link: &'a Link, account: &'a Account) -> Doing<'a, Option<Value>> {
        Box::pin(async move {
            let by_id = flow::first_hit(link, users_by("externalId", &account.external_id)).await?;
            match by_id {
                Some(found) => Ok(Some(found)),
                None => flow::first_hit(link, users_by("userName", &account.person.user_name)).await,
            }
        })
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
        self.update_user(link, id, account)
    }

    fn reactivate_user<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, String> {
        Box::pin(async move {
            self.update_user(link, id, account).await?;
            Ok(id.to_owned())
        })
    }

    fn find_group<'a>(&'a self, link: &'a Link, team: &'a Team) -> Doing<'a, Option<Value>> {
        Box::pin(flow::first_hit(link, groups_by("displayName", &team.name)))
    }

    fn rename_group<'a>(&'a self, link: &'a Link, id: &'a str, team: &'a Team) -> Doing<'a, ()> {
        Box::pin(async move { patch_group(link, id, vec![rename(team)]).await })
    }

    fn change_members<'a>(&'a self, link: &'a Link, id: &'a str, change: MemberChange<'a>) -> Doing<'a, ()> {
        Box::pin(change_members(link, id, change))
    }

    fn certify<'a>(&'a self, link: &'a Link, account: &'a Account) -> Doing<'a, ()> {
        Box::pin(async move {
            // The repeated creation of somebody who is there.
            let again = Ask::post("/Users", self.user(account)).accepting(&[409]);
            let answer = link.send(again).await?;
            if answer.status != 409 {
                link.find(Need::SameUsers, "POST /Users", "409 uniqueness", &answer.status.to_string());
            }
            if flow::first_hit(link, users_by("externalId", &account.external_id)).await?.is_none() {
                let expected = format!("the user of externalId {:?}", account.external_id);
                link.find(Need::FilterFinds, "GET /Users", &expected, "nobody");
            }
            Ok(())
        })
    }
}

fn user(account: &Account, id: Option<&str>) -> Value {
    let person = &account.person;
    let body = Body::default().with("schemas", json!([urn::USER]));
    let body = match id {
        Some(id) => body.with("id", id),
        None => body,
    };
    body.with("externalId", account.external_id.as_str())
        .with("userName", person.user_name.as_str())
        .with("name", json!({ "givenName": person.given_name, "familyName": person.family_name }))
        .with("emails", json!([{ "value": person.email, "primary": true }]))
        .with("active", account.is_active)
        .value()
}
