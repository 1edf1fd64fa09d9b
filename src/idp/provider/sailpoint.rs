//! SailPoint: reads five discovery documents, aggregates accounts and groups, patches without paths, one PATCH for each
//! member and several of them at a time, no second attempt after 429.
//!
//! Documented: the discovery, the filters of the aggregation. Observed: replacements without a path with one
//! sub-attribute each, one PATCH for each member in parallel. Not observed, and therefore the plainest form: the POST
//! of a user, deactivation (`active` by the same kind of PATCH), the removal of a member, groups that are made, renamed
//! or deleted.

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::idp::check::{Expect, Need};
use crate::idp::client::{Spaces, encoded, equals};
use crate::idp::link::{Ask, Link, Stop};
use crate::idp::random::Random;
use crate::scim::schema::urn;

use super::body::{Body, patch};
use super::plain::{add, remove_one, rename};
use super::{Account, Doing, MemberChange, Pace, Presence, Provider, Team, create, flow};

/// Members whose changes are under way at a time.
const MEMBERS_AT_ONCE: usize = 4;

pub struct SailPoint;

impl Provider for SailPoint {
    fn name(&self) -> &'static str {
        "sailpoint"
    }

    fn about(&self) -> &'static str {
        "aggregates first, PATCH users without paths, one PATCH for each member in parallel"
    }

    fn pace(&self) -> Pace {
        Pace { at_once: 4, members_at_once: 1, retried: &[500, 502, 503, 504], ..Pace::USUAL }
    }

    fn headers(&self, method: &Method) -> Vec<(&'static str, String)> {
        match *method {
            Method::POST | Method::PUT | Method::PATCH => {
                vec![("Content-Type", "application/scim+json".to_owned())]
            }
            _ => Vec::new(),
        }
    }

    /// The identity's own id, when the admin maps it as our page for that admin asks.
    fn external_id(&self, mut random: Random) -> String {
        random.text("0123456789abcdef", 32)
    }

    fn user(&self, account: &Account) -> Value {
        user(account)
    }

    fn group(&self, team: &Team) -> Value {
        json!({ "schemas": [urn::GROUP], "displayName": team.name })
    }

    fn reason(&self, need: Need) -> &'static str {
        match need {
            Need::JsonBody => "SailPoint needs all five discovery documents, each with a valid body",
            Need::ListResponse => {
                "SailPoint takes a collection of discovery for a ListResponse like any other"
            }
            Need::ReadsBack => {
                "SailPoint sends one sub-attribute in each operation: the second must not wipe the first"
            }
            Need::MembersPushed => {
                "SailPoint reads members for its reconciliation and sends them one by one, in parallel"
            }
            Need::Status => "SailPoint does not try again, not even after 429",
            Need::FilterFinds => {
                "SailPoint aggregates with filters that write attribute names in another case"
            }
            other => other.reason(),
        }
    }

    fn connect<'a>(&'a self, link: &'a Link) -> Doing<'a, ()> {
        Box::pin(async move {
            let documents = [
                ("/ServiceProviderConfig", Expect::Document),
                ("/ResourceTypes", Expect::Document),
                ("/ResourceTypes/User", Expect::Document),
                ("/ResourceTypes/Group", Expect::Document),
                ("/Schemas", Expect::Document),
            ];
            for (path, expect) in documents {
                let answer = link.send(Ask::get(path, expect)).await?;
                let is_collection = matches!(path, "/ResourceTypes" | "/Schemas");
                if is_collection && answer.resources().is_empty() {
                    link.find(
                        Need::ListResponse,
                        &format!("GET {path}"),
                        "a ListResponse with Resources",
                        "none",
                    );
                }
            }
            // The first aggregation: what is there now is correlated, not created again.
            link.line.memory.users.get_or_try_init(|| create::users_now(link)).await?;
            link.line.memory.groups.get_or_try_init(|| create::groups_now(link)).await?;
            Ok(())
        })
    }

    fn find_user<'a>(&'a self, link: &'a Link, account: &'a Account) -> Doing<'a, Option<Value>> {
        Box::pin(create::find_user_in_list(link, account))
    }

    fn add_user<'a>(&'a self, link: &'a Link, account: &'a Account) -> Doing<'a, String> {
        Box::pin(create::user_unless_listed(link, account))
    }

    fn update_user<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, ()> {
        Box::pin(async move {
            let shown = flow::read(link, "Users", id).await?;
            patch_user(link, id, operations(&user(account), &shown)).await
        })
    }

    fn deactivate_user<'a>(&'a self, link: &'a Link, id: &'a str, _: &'a Account) -> Doing<'a, ()> {
        Box::pin(patch_user(link, id, vec![replace("active", false.into())]))
    }

    fn reactivate_user<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, String> {
        Box::pin(async move {
            patch_user(link, id, vec![replace("active", true.into())]).await?;
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
        Box::pin(super::plain::patch_group(link, id, vec![rename(team)]))
    }

    fn change_members<'a>(&'a self, link: &'a Link, id: &'a str, change: MemberChange<'a>) -> Doing<'a, ()> {
        let removals = change.removed.iter().map(remove_one);
        let additions = change.added.chunks(1).map(add);
        Box::pin(patch_each(link.clone(), id.into(), removals.chain(additions).collect()))
    }

    fn certify<'a>(&'a self, link: &'a Link, account: &'a Account) -> Doing<'a, ()> {
        Box::pin(async move {
            let user_name = &account.person.user_name;
            let start: String = user_name.chars().take(5).collect();
            for filter in [
                format!("username sw {}", Value::from(start.as_str())),
                format!(
                    "meta.lastModified gt \"2011-05-13T04:42:34Z\" and userName sw {}",
                    Value::from(start.as_str())
                ),
                equals("userName", &user_name.to_uppercase()),
            ] {
                let path = format!("/Users?filter={}", encoded(&filter, Spaces::Percent));
                let answer = link.send(Ask::get(path, Expect::List)).await?;
                if answer.resources().is_empty() {
                    link.find(Need::FilterFinds, "GET /Users", &format!("users with {filter}"), "nobody");
                }
            }
            let asked =
                link.send(Ask::get("/Users?attributes=displayName,organizationId", Expect::List)).await?;
            if asked.resources().iter().any(|user| user.get("emails").is_some()) {
                let expected = "displayName and what is always returned";
                link.find(
                    Need::ListResponse,
                    "GET /Users?attributes=displayName",
                    expected,
                    "emails as well",
                );
            }
            link.send(Ask::get("/Users/no-such-user", Expect::Missing)).await.map(|_| ())
        })
    }
}

fn replace(name: &str, value: Value) -> Value {
    let mut values = serde_json::Map::new();
    values.insert(name.to_owned(), value);
    json!({ "op": "replace", "value": values })
}

/// One operation for each attribute that differs, for complex ones one for each sub-attribute.
pub(super) fn operations(wanted: &Value, shown: &Value) -> Vec<Value> {
    let mut operations = Vec::new();
    for (name, value) in wanted.as_object().into_iter().flatten().filter(|(name, _)| *name != "schemas") {
        let there = shown.get(name);
        match value {
            Value::Object(parts) => {
                for (part, value) in
                    parts.iter().filter(|(part, value)| there.and_then(|all| all.get(*part)) != Some(value))
                {
                    let mut one = serde_json::Map::new();
                    one.insert(part.clone(), value.clone());
                    operations.push(replace(name, Value::Object(one)));
                }
            }
            value if there == Some(value) => {}
            value => operations.push(replace(name, value.clone())),
        }
    }
    operations
}

async fn patch_user(link: &Link, id: &str, operations: Vec<Value>) -> Result<(), Stop> {
    if operations.is_empty() {
        return Ok(());
    }
    link.send(Ask::patch(format!("/Users/{id}"), id, patch(operations))).await.map(|_| ())
}

/// Each operation in a PATCH of its own, several under way at a time and in no order.
async fn patch_each(link: Link, id: Arc<str>, operations: Vec<Value>) -> Result<(), Stop> {
    let (mut running, mut waiting, mut outcome) = (JoinSet::new(), operations.into_iter(), Ok(()));
    loop {
        while running.len() < MEMBERS_AT_ONCE
            && let Some(operation) = waiting.next()
        {
            let (link, id) = (link.clone(), id.clone());
            running.spawn(async move { super::plain::patch_group(&link, &id, vec![operation]).await });
        }
        match running.join_next().await {
            // One that fails does not keep the others from being sent.
            Some(Ok(Err(stop))) => outcome = Err(stop),
            Some(Ok(Ok(()))) => {}
            Some(Err(_)) => outcome = Err(Stop::Unusable),
            None => return outcome,
        }
    }
}

fn user(account: &Account) -> Value {
    let person = &account.person;
    let enterprise = Body::default()
        .some("department", person.department.as_ref())
        .some("employeeNumber", person.employee_number.as_ref())
        .value();
    let has_enterprise = enterprise.as_object().is_some_and(|enterprise| !enterprise.is_empty());
    let schemas = if has_enterprise { json!([urn::USER, urn::ENTERPRISE_USER]) } else { json!([urn::USER]) };
    Body::default()
        .with("schemas", schemas)
        .with("externalId", account.external_id.as_str())
        .with("userName", person.user_name.as_str())
        .with("name", json!({ "familyName": person.family_name, "givenName": person.given_name }))
        .text("displayName", &person.display_name)
        .with("emails", json!([{ "value": person.email, "type": "work", "primary": true }]))
        .some("title", person.title.as_ref())
        .filled(urn::ENTERPRISE_USER, enterprise)
        .with("active", account.is_active)
        .value()
}
