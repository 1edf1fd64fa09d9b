//! Microsoft Entra ID: patches only; the default job, and the one with the flag aadOptscim062020.

use std::time::Duration;

use http::Method;
use serde_json::{Map, Value, json};

use crate::idp::check::{Expect, Need};
use crate::idp::client::{Spaces, encoded, equals};
use crate::idp::link::{Ask, Link, Stop};
use crate::idp::random::Random;
use crate::scim::schema::urn;

use super::body::{Body, changed, patch, vanished};
use super::{Account, Doing, Member, MemberChange, Pace, Provider, RetryAfter, Team, flow};

const GROUP_MARKER: &str = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";
/// Attributes that the job clears; others it leaves as they are.
const CLEARED: [&str; 3] = ["title", "displayName", "preferredLanguage"];

/// How the job writes a PATCH.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Default,
    /// With the flag in the tenant URL.
    Compliant,
}

pub struct Entra(Kind);

pub static DEFAULT: Entra = Entra(Kind::Default);
pub static COMPLIANT: Entra = Entra(Kind::Compliant);

impl Provider for Entra {
    fn name(&self) -> &'static str {
        match self.0 {
            Kind::Default => "entra",
            Kind::Compliant => "entra-compliant",
        }
    }

    fn about(&self) -> &'static str {
        match self.0 {
            Kind::Default => "one capitalised op per attribute, \"False\" as text, members removed by value",
            Kind::Compliant => "with aadOptscim062020: RFC ops, values without a path, members[value eq …]",
        }
    }

    fn pace(&self) -> Pace {
        Pace {
            at_once: 10,
            // A failed object waits for the next cycle, 40 minutes later.
            attempts: 8,
            first_wait: Duration::from_secs(40 * 60),
            doubles: false,
            retry_after: RetryAfter::SecondsOrDate,
            quarantine_from: Some(100),
            ..Pace::USUAL
        }
    }

    fn erases(&self) -> bool {
        true
    }

    fn links_managers_later(&self) -> bool {
        true
    }

    fn headers(&self, method: &Method) -> Vec<(&'static str, String)> {
        let mut headers = vec![("ADSCIMVersion", "6.0".to_owned())];
        if matches!(*method, Method::POST | Method::PATCH) {
            headers.push(("Content-Type", "application/scim+json; charset=utf-8".to_owned()));
        }
        headers
    }

    fn external_id(&self, mut random: Random) -> String {
        random.uuid()
    }

    fn user(&self, account: &Account) -> Value {
        user(account)
    }

    fn expected_user(&self, account: &Account) -> Value {
        let mut user = user(account);
        if let Some(id) = account.manager.as_ref().and_then(|manager| manager.id.as_ref()) {
            user[urn::ENTERPRISE_USER]["manager"] = json!({ "value": id });
        }
        user
    }

    fn group(&self, team: &Team) -> Value {
        json!({
            "schemas": [urn::GROUP, GROUP_MARKER],
            "externalId": team.external_id,
            "displayName": team.name,
            "meta": { "resourceType": "Group" },
        })
    }

    fn reason(&self, need: Need) -> &'static str {
        match need {
            Need::EmptyList => {
                "Entra fails the connection test, and quarantines the job, when a match query is 404"
            }
            Need::MembersKept => "Entra does not send memberships again when a user is restored",
            Need::ReadsBack => "Entra sends an attribute again in every cycle while a read does not show it",
            Need::FilterFinds => "Entra's validator looks a user up in another case",
            Need::Deactivated => "Entra's match must find a disabled user, or it is created twice",
            Need::Quarantine => "Entra stops the job when most calls fail; deprovisioning stops with it",
            Need::GoneAfterDelete => "Entra's validator deletes twice and wants 404 the second time",
            other => other.reason(),
        }
    }

    fn connect<'a>(&'a self, link: &'a Link) -> Doing<'a, ()> {
        Box::pin(async move {
            let mut random = Random::new(link.line.client.base().authority().len() as u64);
            let (user, group) = (random.uuid(), random.uuid());
            // An answer of 404 fails the test, unlike in the daily search.
            let users = Ask::get(users_by("userName", &user), Expect::List);
            link.send(users).await?;
            link.send(Ask::get(groups_by_name(&group), Expect::List)).await?;
            Ok(())
        })
    }

    fn find_user<'a>(&'a self, link: &'a Link, account: &'a Account) -> Doing<'a, Option<Value>> {
        Box::pin(flow::first_hit(link, users_by("userName", &account.person.user_name)))
    }

    fn update_user<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, ()> {
        Box::pin(async move {
            let shown = flow::read(link, "Users", id).await?;
            let mut operations = self.operations(&user(account), &shown);
            operations.extend(self.manager(account, &shown));
            self.patch_user(link, id, operations).await
        })
    }

    fn link_manager<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, ()> {
        Box::pin(async move {
            let operations = self.manager(account, &Value::Null).into_iter().collect();
            self.patch_user(link, id, operations).await
        })
    }

    fn deactivate_user<'a>(&'a self, link: &'a Link, id: &'a str, _: &'a Account) -> Doing<'a, ()> {
        Box::pin(async move { self.patch_user(link, id, vec![self.active("False", false)]).await })
    }

    fn reactivate_user<'a>(&'a self, link: &'a Link, id: &'a str, account: &'a Account) -> Doing<'a, String> {
        Box::pin(async move {
            self.patch_user(link, id, vec![self.active("True", true)]).await?;
            self.update_user(link, id, account).await?;
            Ok(id.to_owned())
        })
    }

    fn find_group<'a>(&'a self, link: &'a Link, team: &'a Team) -> Doing<'a, Option<Value>> {
        Box::pin(flow::first_hit(link, groups_by_name(&team.name)))
    }

    fn rename_group<'a>(&'a self, link: &'a Link, id: &'a str, team: &'a Team) -> Doing<'a, ()> {
        Box::pin(async move {
            let operation = json!({ "op": self.op("Replace"), "path": "displayName", "value": team.name });
            patch_group(link, id, vec![operation]).await
        })
    }

    fn change_members<'a>(&'a self, link: &'a Link, id: &'a str, change: MemberChange<'a>) -> Doing<'a, ()> {
        Box::pin(async move {
            let at_once = self.pace().members_at_once;
            // A removal is accompanied by additions of members that are there already.
            let again = match change.removed.is_empty() {
                true => &[],
                false => &change.team.members[..change.team.members.len().min(2)],
            };
            let added: Vec<Member> =
                again.iter().filter(|member| !change.added.contains(member)).cloned().collect();
            let added: Vec<Member> = change.added.iter().cloned().chain(added).collect();
            for chunk in added.chunks(at_once) {
                patch_group(link, id, self.addition(chunk)).await?;
            }
            for chunk in change.removed.chunks(at_once) {
                patch_group(link, id, self.removal(chunk)).await?;
            }
            Ok(())
        })
    }
}

impl Entra {
    fn op(&self, name: &str) -> String {
        match self.0 {
            Kind::Default => name.to_owned(),
            Kind::Compliant => name.to_lowercase(),
        }
    }

    fn active(&self, text: &str, value: bool) -> Value {
        let value = match self.0 {
            Kind::Default => json!(text),
            Kind::Compliant => json!(value),
        };
        json!({ "op": self.op("Replace"), "path": "active", "value": value })
    }

    pub(super) fn addition(&self, members: &[Member]) -> Vec<Value> {
        let values: Vec<Value> = members.iter().map(reference).collect();
        vec![json!({ "op": self.op("Add"), "path": "members", "value": values })]
    }

    pub(super) fn removal(&self, members: &[Member]) -> Vec<Value> {
        match self.0 {
            Kind::Default => {
                let values: Vec<Value> = members.iter().map(reference).collect();
                vec![json!({ "op": "Remove", "path": "members", "value": values })]
            }
            Kind::Compliant => members
                .iter()
                .map(|member| json!({ "op": "remove", "path": format!("members[value eq \"{}\"]", member.id) }))
                .collect(),
        }
    }

    /// What makes the shown user the wanted one.
    pub(super) fn operations(&self, wanted: &Value, shown: &Value) -> Vec<Value> {
        let op = self.op("Replace");
        let value = |value: Value| match (self.0, value) {
            (Kind::Default, Value::Bool(true)) => json!("True"),
            (Kind::Default, Value::Bool(false)) => json!("False"),
            (_, value) => value,
        };
        let (mut operations, mut without_path) = (Vec::new(), Map::new());
        for (path, new) in changed(wanted, shown) {
            let is_filtered = path.contains('[');
            match self.0 {
                Kind::Compliant if !is_filtered && path != "active" => {
                    without_path.insert(path, new);
                }
                _ => operations.push(json!({ "op": op, "path": path, "value": value(new) })),
            }
        }
        if !without_path.is_empty() {
            operations.push(json!({ "op": op, "value": without_path }));
        }
        let gone = vanished(wanted, shown, &CLEARED).into_iter();
        operations.extend(gone.map(|path| json!({ "op": self.op("Remove"), "path": path })));
        operations
    }

    /// The manager, a reference that is written as bare text.
    pub(super) fn manager(&self, account: &Account, shown: &Value) -> Option<Value> {
        let id = account.manager.as_ref()?.id.as_ref()?;
        let is_shown = shown[urn::ENTERPRISE_USER]["manager"]["value"].as_str();
        let op = if is_shown.is_some() { "Replace" } else { "Add" };
        let path = format!("{}:manager", urn::ENTERPRISE_USER);
        (is_shown != Some(id)).then(|| json!({ "op": self.op(op), "path": path, "value": id }))
    }

    async fn patch_user(&self, link: &Link, id: &str, operations: Vec<Value>) -> Result<(), Stop> {
        if operations.is_empty() {
            return Ok(());
        }
        link.send(Ask::patch(format!("/Users/{id}"), id, patch(operations))).await.map(|_| ())
    }
}

async fn patch_group(link: &Link, id: &str, operations: Vec<Value>) -> Result<(), Stop> {
    link.send(Ask::patch(format!("/Groups/{id}"), id, patch(operations))).await.map(|_| ())
}

fn reference(member: &Member) -> Value {
    json!({ "$ref": null, "value": member.id })
}

pub(super) fn users_by(attribute: &str, value: &str) -> String {
    format!("/Users?filter={}", encoded(&equals(attribute, value), Spaces::Plus))
}

pub(super) fn groups_by_name(name: &str) -> String {
    let filter = encoded(&equals("displayName", name), Spaces::Plus);
    format!("/Groups?excludedAttributes=members&filter={filter}")
}

/// What the default attribute mappings of a new application write.
fn user(account: &Account) -> Value {
    let person = &account.person;
    let address = Body::default()
        .some("locality", person.city.as_ref())
        .some("country", person.country.as_ref())
        .value();
    let mut addresses = Vec::new();
    if let Some(address) = address.as_object().filter(|address| !address.is_empty()) {
        let mut typed = address.clone();
        typed.insert("type".to_owned(), "work".into());
        addresses.push(Value::Object(typed));
    }
    let phones: Vec<Value> =
        person.phone.iter().map(|phone| json!({ "type": "work", "value": phone })).collect();
    let enterprise = Body::default()
        .some("employeeNumber", person.employee_number.as_ref())
        .some("department", person.department.as_ref())
        .value();
    let formatted = format!("{} {}", person.given_name, person.family_name);
    Body::default()
        .with("schemas", json!([urn::USER, urn::ENTERPRISE_USER]))
        .with("externalId", account.external_id.as_str())
        .with("userName", person.user_name.as_str())
        .with("active", account.is_active)
        .text("displayName", &person.display_name)
        .some("title", person.title.as_ref())
        .with("emails", json!([{ "primary": true, "type": "work", "value": person.email }]))
        .some("preferredLanguage", person.locale.as_ref())
        .filled("addresses", Value::Array(addresses))
        .filled("phoneNumbers", Value::Array(phones))
        .with("meta", json!({ "resourceType": "User" }))
        .with(
            "name",
            json!({ "formatted": formatted, "familyName": person.family_name, "givenName": person.given_name }),
        )
        .filled(urn::ENTERPRISE_USER, enterprise)
        .with("roles", json!([]))
        .value()
}
