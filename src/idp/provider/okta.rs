//! Okta: apps of its integration network patch what is small and put users; apps from the wizard put everything.

use http::Method;
use serde_json::{Map, Value, json};

use crate::idp::check::{Expect, Need};
use crate::idp::client::{Spaces, encoded, equals};
use crate::idp::link::{Ask, Link};
use crate::idp::random::Random;
use crate::scim::schema::urn;

use super::body::{Body, patch};
use super::{Account, Doing, MemberChange, Pace, Presence, Provider, RetryAfter, Team, flow};

/// The two kinds of apps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// From the integration network.
    Oin,
    /// From the app integration wizard.
    Aiw,
}

pub struct Okta(Kind);

pub static OIN: Okta = Okta(Kind::Oin);
pub static AIW: Okta = Okta(Kind::Aiw);

impl Provider for Okta {
    fn name(&self) -> &'static str {
        match self.0 {
            Kind::Oin => "okta",
            Kind::Aiw => "okta-aiw",
        }
    }

    fn about(&self) -> &'static str {
        match self.0 {
            Kind::Oin => "app of the integration network: PUT users, PATCH active and groups",
            Kind::Aiw => "app from the wizard: PUT for everything, active and members too",
        }
    }

    fn pace(&self) -> Pace {
        // Whole seconds alone; without them it begins at a minute and doubles, ten times at most.
        Pace { at_once: 8, members_at_once: 1_000, retry_after: RetryAfter::Seconds, ..Pace::USUAL }
    }

    fn headers(&self, method: &Method) -> Vec<(&'static str, String)> {
        let mut headers = vec![
            ("User-Agent", "Okta SCIM Client 1.0.0".to_owned()),
            ("Accept", "application/scim+json".to_owned()),
            ("Accept-Charset", "utf-8".to_owned()),
        ];
        if matches!(*method, Method::POST | Method::PUT | Method::PATCH) {
            headers.push(("Content-Type", "application/scim+json; charset=utf-8".to_owned()));
        }
        headers
    }

    fn external_id(&self, mut random: Random) -> String {
        let alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        format!("00u{}", random.text(alphabet, 17))
    }

    fn user(&self, account: &Account) -> Value {
        let mut user = attributes(account);
        user.insert("groups".to_owned(), json!([]));
        user.insert("password".to_owned(), placeholder_password(account).into());
        user.insert("active".to_owned(), account.is_active.into());
        Value::Object(user)
    }

    fn group(&self, team: &Team) -> Value {
        json!({ "schemas": [urn::GROUP], "displayName": team.name, "members": [] })
    }

    fn reason(&self, need: Need) -> &'static str {
        match need {
            Need::CreatedBody => {
                "Okta fails with \"Create new user returned empty user\" when the 201 has no body"
            }
            Need::EmptyList => "Okta's certification wants 200 with totalResults 0 for an unknown userName",
            Need::NumericLists => "Okta's import reads numbers; text stops it",
            Need::ErrorBody => "Okta parses errors as JSON and shows the admin a parser's message otherwise",
            Need::Deactivated => {
                "Okta never deletes users: a deactivated one must stay readable with active false"
            }
            Need::FilterFinds => "Okta's certification looks a user up in upper case",
            Need::UsableId => "Okta refuses ids that contain bulkId",
            other => other.reason(),
        }
    }

    fn connect<'a>(&'a self, link: &'a Link) -> Doing<'a, ()> {
        Box::pin(async move {
            link.send(Ask::get("/Users?startIndex=1&count=2", Expect::List)).await?;
            link.send(Ask::get("/Groups?startIndex=1&count=100", Expect::List)).await?;
            Ok(())
        })
    }

    fn find_user<'a>(&'a self, link: &'a Link, account: &'a Account) -> Doing<'a, Option<Value>> {
        let filter = equals("userName", &account.person.user_name);
        Box::pin(flow::first_hit(link, search("/Users", &filter)))
    }

    fn add_user<'a>(&'a self, link: &'a Link, account: &'a Account) -> Doing<'a, String> {
        Box::pin(async move {
            let id = flow::add_user(link, account).await?;
            flow::read(link, "Users", &id).await?;
            Ok(id)
        })
    }

    fn update_user<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, ()> {
        Box::pin(async move {
            let shown = flow::read(link, "Users", id).await?;
            link.send(Ask::put(format!("/Users/{id}"), id, merged(&shown, id, account))).await?;
            Ok(())
        })
    }

    fn deactivate_user<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, ()> {
        Box::pin(self.set_active(link, id, account))
    }

    fn reactivate_user<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, String> {
        Box::pin(async move {
            // Assigning again begins with the same search as the first time.
            let Some(found) = flow::find_user(link, account).await? else {
                return self.add_user(link, account).await;
            };
            let id = found.get("id").and_then(Value::as_str).unwrap_or(id).to_owned();
            if self.0 == Kind::Oin {
                self.set_active(link, &id, account).await?;
            }
            self.update_user(link, &id, account).await?;
            Ok(id)
        })
    }

    fn find_group<'a>(&'a self, link: &'a Link, team: &'a Team) -> Doing<'a, Option<Value>> {
        Box::pin(flow::first_hit(link, search("/Groups", &equals("displayName", &team.name))))
    }

    fn add_group<'a>(&'a self, link: &'a Link, team: &'a Team) -> Doing<'a, (String, Presence)> {
        Box::pin(async move {
            let (id, presence) = flow::add_group(link, team).await?;
            flow::read(link, "Groups", &id).await?;
            // A full push replaces whatever was there, so nothing of others is left.
            Ok((id, presence))
        })
    }

    fn push_members<'a>(&'a self, link: &'a Link, id: &'a str, team: &'a Team) -> Doing<'a, ()> {
        Box::pin(async move {
            if self.0 == Kind::Aiw {
                return put_group(link, id, team).await;
            }
            let members: Vec<Value> = team.members.iter().map(member).collect();
            let (first, rest) = members.split_at(members.len().min(self.pace().members_at_once));
            let replace = json!({ "op": "replace", "path": "members", "value": first });
            link.send(Ask::patch(format!("/Groups/{id}"), id, patch(vec![replace]))).await?;
            for chunk in rest.chunks(self.pace().members_at_once) {
                let add = json!({ "op": "add", "path": "members", "value": chunk });
                link.send(Ask::patch(format!("/Groups/{id}"), id, patch(vec![add]))).await?;
            }
            Ok(())
        })
    }

    fn rename_group<'a>(&'a self, link: &'a Link, id: &'a str, team: &'a Team) -> Doing<'a, ()> {
        Box::pin(async move {
            match self.0 {
                Kind::Oin => {
                    link.send(Ask::patch(format!("/Groups/{id}"), id, rename(id, team))).await.map(|_| ())
                }
                Kind::Aiw => put_group(link, id, team).await,
            }
        })
    }

    fn change_members<'a>(&'a self, link: &'a Link, id: &'a str, change: MemberChange<'a>) -> Doing<'a, ()> {
        Box::pin(async move {
            if self.0 == Kind::Aiw {
                return put_group(link, id, change.team).await;
            }
            // The name is written again with every change of members.
            link.send(Ask::patch(format!("/Groups/{id}"), id, rename(id, change.team))).await?;
            for operations in membership(change, self.pace().members_at_once) {
                link.send(Ask::patch(format!("/Groups/{id}"), id, patch(operations))).await?;
            }
            Ok(())
        })
    }

    fn certify<'a>(&'a self, link: &'a Link, account: &'a Account) -> Doing<'a, ()> {
        Box::pin(async move {
            let shouted = equals("userName", &account.person.user_name.to_uppercase());
            if flow::first_hit(link, search("/Users", &shouted)).await?.is_none() {
                let expected = format!("the user {:?}", account.person.user_name);
                link.find(Need::FilterFinds, "GET /Users", &expected, "nobody, asked for in upper case");
            }
            link.send(Ask::get("/Users/010101001010101011001010101011", Expect::Missing)).await?;
            let mut stranger = Ask::get("/Users?startIndex=1&count=2", Expect::Unauthorised);
            stranger.wrong_token = true;
            link.send(stranger).await?;
            Ok(())
        })
    }
}

impl Okta {
    async fn set_active(
        &self,
        link: &Link,
        id: &str,
        account: &Account,
    ) -> Result<(), crate::idp::link::Stop> {
        match self.0 {
            Kind::Oin => {
                let operation = json!({ "op": "replace", "value": { "active": account.is_active } });
                link.send(Ask::patch(format!("/Users/{id}"), id, patch(vec![operation]))).await.map(|_| ())
            }
            Kind::Aiw => self.update_user(link, id, account).await,
        }
    }
}

pub(super) fn search(path: &str, filter: &str) -> String {
    format!("{path}?filter={}&startIndex=1&count=100", encoded(filter, Spaces::Percent))
}

/// What is mapped, in the order in which it is written.
fn attributes(account: &Account) -> Map<String, Value> {
    let person = &account.person;
    let enterprise = Body::default()
        .some("employeeNumber", person.employee_number.as_ref())
        .some("department", person.department.as_ref())
        .filled("manager", manager(account))
        .value();
    let has_enterprise = enterprise.as_object().is_some_and(|enterprise| !enterprise.is_empty());
    let schemas = if has_enterprise { json!([urn::USER, urn::ENTERPRISE_USER]) } else { json!([urn::USER]) };
    let phones: Vec<Value> =
        person.phone.iter().map(|phone| json!({ "primary": true, "value": phone, "type": "work" })).collect();
    let body = Body::default()
        .with("schemas", schemas)
        .with("userName", person.user_name.as_str())
        .with("name", json!({ "givenName": person.given_name, "familyName": person.family_name }))
        .with("emails", json!([{ "primary": true, "value": person.email, "type": "work" }]))
        .text("displayName", &person.display_name)
        .some("title", person.title.as_ref())
        .some("locale", person.locale.as_ref())
        .filled("phoneNumbers", Value::Array(phones))
        .filled(urn::ENTERPRISE_USER, enterprise)
        .with("externalId", account.external_id.as_str())
        .value();
    match body {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

/// Okta's profile has two texts, managerId and manager, that the customer fills.
fn manager(account: &Account) -> Value {
    match &account.manager {
        Some(manager) => json!({ "value": manager.external_id, "displayName": manager.display_name }),
        None => Value::Null,
    }
}

/// A placeholder that stays the same, so that a run repeats.
fn placeholder_password(account: &Account) -> String {
    let seed = account
        .external_id
        .bytes()
        .fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
    Random::new(seed).text("0123456789abcdefghijklmnopqrstuvwxyz", 8)
}

/// The body of a PUT: what the server showed, with what is mapped written over it.
pub(super) fn merged(shown: &Value, id: &str, account: &Account) -> Value {
    let mut body = Map::new();
    let mut mapped = attributes(account);
    body.insert("schemas".to_owned(), mapped.remove("schemas").unwrap_or_default());
    body.insert("id".to_owned(), id.into());
    let shown = shown.as_object().into_iter().flatten();
    for (name, value) in
        shown.filter(|(name, _)| !matches!(name.as_str(), "schemas" | "id" | "meta" | "groups"))
    {
        body.insert(name.clone(), value.clone());
    }
    body.extend(mapped);
    for email in body.get_mut("emails").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(value) = email.get("value").cloned() {
            email["display"] = value;
        }
    }
    body.insert("active".to_owned(), account.is_active.into());
    body.insert("groups".to_owned(), json!([]));
    body.insert("meta".to_owned(), json!({ "resourceType": "User" }));
    Value::Object(body)
}

fn member(member: &super::Member) -> Value {
    json!({ "value": member.id, "display": member.display })
}

pub(super) fn rename(id: &str, team: &Team) -> Value {
    patch(vec![json!({ "op": "replace", "value": { "id": id, "displayName": team.name } })])
}

/// Removals and additions in one PATCH, as many as go into one.
pub(super) fn membership(change: MemberChange<'_>, at_once: usize) -> Vec<Vec<Value>> {
    let removals = change
        .removed
        .iter()
        .map(|member| json!({ "op": "remove", "path": format!("members[value eq \"{}\"]", member.id) }));
    let mut requests: Vec<Vec<Value>> =
        removals.collect::<Vec<_>>().chunks(at_once).map(<[Value]>::to_vec).collect();
    for chunk in change.added.chunks(at_once) {
        let values: Vec<Value> = chunk.iter().map(member).collect();
        let add = json!({ "op": "add", "path": "members", "value": values });
        match requests.last_mut() {
            Some(last) if last.len() < at_once => last.push(add),
            _ => requests.push(vec![add]),
        }
    }
    requests
}

async fn put_group(link: &Link, id: &str, team: &Team) -> Result<(), crate::idp::link::Stop> {
    let members: Vec<Value> = team.members.iter().map(member).collect();
    let body = json!({ "schemas": [urn::GROUP], "displayName": team.name, "members": members });
    link.send(Ask::put(format!("/Groups/{id}"), id, body)).await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::super::Member;
    use super::*;

    fn members(ids: &[&str]) -> Vec<Member> {
        ids.iter().map(|id| Member { id: (*id).to_owned(), display: (*id).to_owned() }).collect()
    }

    #[test]
    fn removals_and_additions_share_a_patch_while_there_is_room() {
        let team = Team { name: "T".to_owned(), external_id: String::new(), members: Vec::new() };
        let (added, removed) = (members(&["1"]), members(&["2", "3", "4"]));
        let change = MemberChange { team: &team, added: &added, removed: &removed };
        let sizes = |at_once| membership(change, at_once).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes(4), [4]);
        assert_eq!(sizes(3), [3, 1]);
        assert_eq!(sizes(2), [2, 2]);
    }
}
