//! Rauthy: reads all groups first, searches by `externalId` and then by `userName`, PUT users with an attribute of its
//! own, one PATCH for each membership.
//!
//! From its source. It takes a member out only of groups that the server shows in the user's `groups`, by their names,
//! and reads these from the answer to its PUT; here the user is read for it.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::idp::check::{Expect, Need};
use crate::idp::link::{Ask, Link, Stop};
use crate::idp::random::Random;
use crate::scim::schema::urn;

use super::body::{Body, patch};
use super::plain::{groups_by, remove_list, users_by};
use super::{Account, Doing, Member, MemberChange, Pace, Provider, RetryAfter, Team, flow};

/// Groups of one page of its first reading.
const PAGE: usize = 100;

pub struct Rauthy;

impl Provider for Rauthy {
    fn name(&self) -> &'static str {
        "rauthy"
    }

    fn about(&self) -> &'static str {
        "searches by externalId, then userName; PUT users; one PATCH for each membership, removed by value"
    }

    fn pace(&self) -> Pace {
        Pace {
            at_once: 4,
            members_at_once: 1,
            // A failed task is taken up again by a job of the scheduler.
            first_wait: Duration::from_secs(60 * 60),
            doubles: false,
            retry_after: RetryAfter::Ignored,
            ..Pace::USUAL
        }
    }

    fn erases(&self) -> bool {
        true
    }

    fn headers(&self, method: &Method) -> Vec<(&'static str, String)> {
        let mut headers = vec![("User-Agent", "Rauthy Client v0.33.0".to_owned())];
        if matches!(*method, Method::POST | Method::PUT | Method::PATCH) {
            headers.push(("Accept", "application/scim+json".to_owned()));
            headers.push(("Content-Type", "application/scim+json".to_owned()));
        }
        headers
    }

    fn headers_of(&self, ask: &Ask) -> Vec<(&'static str, String)> {
        let mut headers = self.headers(&ask.method);
        // Searches say nothing about what they accept, the first reading does.
        if ask.method == Method::GET && ask.path.contains("startIndex=") {
            headers.push(("Accept", "application/scim+json".to_owned()));
        }
        headers
    }

    fn external_id(&self, mut random: Random) -> String {
        random.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 24)
    }

    fn user(&self, account: &Account) -> Value {
        let body = user(account, None);
        let custom = Body::default().some("department", account.person.department.as_ref()).value();
        body.filled("custom", custom).value()
    }

    /// `custom` is in no schema; a server may leave it out.
    fn expected_user(&self, account: &Account) -> Value {
        user(account, None).value()
    }

    fn group(&self, team: &Team) -> Value {
        json!({ "schemas": [urn::GROUP], "externalId": team.external_id, "displayName": team.name })
    }

    fn reason(&self, need: Need) -> &'static str {
        match need {
            Need::ListResponse | Need::NumericLists => {
                "Rauthy can't read a list without Resources, totalResults and itemsPerPage, not even an empty one"
            }
            Need::ReadsBack => {
                "Rauthy stops when a group comes back without its externalId, and reads groups of users"
            }
            Need::CreatedBody => "Rauthy reads the user or group from the answer to every POST and PUT",
            other => other.reason(),
        }
    }

    fn connect<'a>(&'a self, link: &'a Link) -> Doing<'a, ()> {
        Box::pin(async move {
            let mut start = 1;
            loop {
                let ask = Ask::get(format!("/Groups?startIndex={start}&count={PAGE}"), Expect::List);
                let answer = link.send(ask).await?;
                complete(link, "GET /Groups", &answer.body);
                if answer.resources().len() < PAGE {
                    return Ok(());
                }
                start += PAGE;
            }
        })
    }

    fn find_user<'a>(&'a self, link: &'a Link, account: &'a Account) -> Doing<'a, Option<Value>> {
        Box::pin(async move {
            match search(link, users_by("externalId", &account.external_id)).await? {
                Some(found) => Ok(Some(found)),
                None => search(link, users_by("userName", &account.person.user_name)).await,
            }
        })
    }

    fn update_user<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, ()> {
        Box::pin(async move {
            let custom = Body::default().some("department", account.person.department.as_ref()).value();
            let body = user(account, Some(id)).filled("custom", custom).value();
            link.send(Ask::put(format!("/Users/{id}"), id, body)).await.map(|_| ())
        })
    }

    fn deactivate_user<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, ()> {
        Box::pin(self.search_and_put(link, id, account))
    }

    fn reactivate_user<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, String> {
        Box::pin(async move {
            self.search_and_put(link, id, account).await?;
            Ok(id.to_owned())
        })
    }

    fn find_group<'a>(&'a self, link: &'a Link, team: &'a Team) -> Doing<'a, Option<Value>> {
        Box::pin(async move {
            match search(link, groups_by("externalId", &team.external_id)).await? {
                Some(found) => Ok(Some(found)),
                None => search(link, groups_by("displayName", &team.name)).await,
            }
        })
    }

    fn rename_group<'a>(&'a self, link: &'a Link, id: &'a str, team: &'a Team) -> Doing<'a, ()> {
        Box::pin(patch_group(link, id, rename(team)))
    }

    fn change_members<'a>(&'a self, link: &'a Link, id: &'a str, change: MemberChange<'a>) -> Doing<'a, ()> {
        Box::pin(async move {
            for member in change.added {
                patch_group(link, id, addition(member)).await?;
            }
            for member in change.removed {
                shows_group(link, member, change.team).await?;
                patch_group(link, id, remove_list(std::slice::from_ref(member))).await?;
            }
            Ok(())
        })
    }
}

impl Rauthy {
    /// Every change begins with the search, so that it meets the server's user as it is now.
    async fn search_and_put(&self, link: &Link, id: &str, account: &Account) -> Result<(), Stop> {
        let found = flow::find_user(link, account).await?;
        let found = found.as_ref().and_then(|found| found.get("id")).and_then(Value::as_str);
        self.update_user(link, found.unwrap_or(id), account).await
    }
}

/// The user must show the group that it is to be taken out of.
async fn shows_group(link: &Link, member: &Member, team: &Team) -> Result<(), Stop> {
    let user = flow::read(link, "Users", &member.id).await?;
    let groups = user.get("groups").and_then(Value::as_array).into_iter().flatten();
    let mut names = groups.filter_map(|group| group.get("display").and_then(Value::as_str));
    if !names.any(|name| name == team.name) {
        let request = format!("GET /Users/{}", member.id);
        let came = user.get("groups").unwrap_or(&Value::Null).to_string();
        link.find(Need::ReadsBack, &request, &format!("{:?} among the groups, by display", team.name), &came);
    }
    Ok(())
}

async fn search(link: &Link, path: String) -> Result<Option<Value>, Stop> {
    let answer = link.send(Ask::get(path.clone(), Expect::List)).await?;
    complete(link, &format!("GET {path}"), &answer.body);
    Ok(answer.resources().first().cloned())
}

/// Its decoder knows no absent member of a list.
fn complete(link: &Link, request: &str, list: &Value) {
    for name in ["Resources", "totalResults", "itemsPerPage"] {
        if list.get(name).is_none() {
            link.find(Need::ListResponse, request, &format!("{name} in the list"), "none");
        }
    }
}

fn addition(member: &Member) -> Value {
    json!({ "op": "add", "path": "members", "value": [{ "value": member.id, "display": member.display }] })
}

fn rename(team: &Team) -> Value {
    json!({ "op": "replace", "value": { "displayName": team.name, "externalId": team.external_id } })
}

async fn patch_group(link: &Link, id: &str, operation: Value) -> Result<(), Stop> {
    link.send(Ask::patch(format!("/Groups/{id}"), id, patch(vec![operation]))).await.map(|_| ())
}

pub(super) fn user(account: &Account, id: Option<&str>) -> Body {
    let person = &account.person;
    let body = Body::default().with("schemas", json!([urn::USER]));
    let body = match id {
        Some(id) => body.with("id", id),
        None => body,
    };
    // It knows languages, not regions.
    let language = person.locale.as_ref().map(|locale| locale.split('-').next().unwrap_or(locale).to_owned());
    let phones: Vec<Value> =
        person.phone.iter().map(|phone| json!({ "value": phone, "primary": true })).collect();
    body.with("externalId", account.external_id.as_str())
        .with("userName", person.user_name.as_str())
        .with("name", json!({ "familyName": person.family_name, "givenName": person.given_name }))
        .with("displayName", person.email.as_str())
        .some("preferredLanguage", language.as_ref())
        .some("locale", language.as_ref())
        .with("active", account.is_active)
        .with("emails", json!([{ "value": person.email, "primary": true }]))
        .filled("phoneNumbers", phones.into())
        .with("roles", json!([]))
}
