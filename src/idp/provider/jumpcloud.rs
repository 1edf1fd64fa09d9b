//! JumpCloud: activation makes a test user and a test group and deletes both; users by PUT with empty lists, keys in
//! the order of the alphabet.
//!
//! Observed: the bodies of POST and PUT. Documented: the test of the connection, members removed by a list of values.
//! Not observed, and therefore the plainest form: the search for users and groups, deactivation (a PUT), the addition
//! of members, the new name of a group, the User-Agent (none is sent).

use http::Method;
use serde_json::{Value, json};

use crate::idp::check::{Expect, Need};
use crate::idp::link::{Ask, Link, Stop};
use crate::idp::random::Random;
use crate::scim::schema::urn;

use super::body::Body;
use super::plain::{add, groups_by, patch_group, remove_list, rename, users_by};
use super::{Account, Doing, Member, MemberChange, Provider, Team, flow};

const TEST_USER: &str = "testuser@example.com";
const TEST_GROUP: &str = "jumpcloud-test-group";

pub struct JumpCloud;

impl Provider for JumpCloud {
    fn name(&self) -> &'static str {
        "jumpcloud"
    }

    fn about(&self) -> &'static str {
        "tests with a user and a group of its own, PUT users with empty lists, members removed by value"
    }

    fn headers(&self, _: &Method) -> Vec<(&'static str, String)> {
        vec![("Content-Type", "application/scim+json".to_owned())]
    }

    fn external_id(&self, mut random: Random) -> String {
        random.text("0123456789abcdef", 24)
    }

    fn user(&self, account: &Account) -> Value {
        user(account, None)
    }

    fn group(&self, team: &Team) -> Value {
        json!({ "schemas": [urn::GROUP], "displayName": team.name, "members": [] })
    }

    fn reason(&self, need: Need) -> &'static str {
        match need {
            Need::EmptyList | Need::ListResponse => {
                "JumpCloud does not activate while the lists of users and groups are not answered 200, even if empty"
            }
            Need::MembersPushed => {
                "JumpCloud names the members to be removed in a list of values, and means only those"
            }
            other => other.reason(),
        }
    }

    fn connect<'a>(&'a self, link: &'a Link) -> Doing<'a, ()> {
        Box::pin(async move {
            link.send(Ask::get("/Users", Expect::List)).await?;
            link.send(Ask::get("/Groups", Expect::List)).await?;
            let user =
                test_resource(link, "/Users", test_user(None), users_by("userName", TEST_USER)).await?;
            let body = json!({ "schemas": [urn::GROUP], "displayName": TEST_GROUP, "members": [] });
            let group = test_resource(link, "/Groups", body, groups_by("displayName", TEST_GROUP)).await?;
            let member = [Member { id: user.clone(), display: TEST_USER.to_owned() }];
            for operation in [add(&member), remove_list(&member)] {
                // A refusal is noted; the test goes on, for what it made must go again.
                match patch_group(link, &group, vec![operation]).await {
                    Ok(()) | Err(Stop::Refused { .. }) => {}
                    Err(stop) => return Err(stop),
                }
            }
            flow::delete(link, format!("/Groups/{group}")).await?;
            let deleted =
                link.send(Ask::delete(format!("/Users/{user}")).accepting(&[404, 405, 501])).await?;
            if matches!(deleted.status, 405 | 501) {
                let mut body = test_user(Some(&user));
                body["active"] = false.into();
                link.send(Ask::put(format!("/Users/{user}"), &user, body)).await?;
            }
            Ok(())
        })
    }

    fn find_user<'a>(&'a self, link: &'a Link, account: &'a Account) -> Doing<'a, Option<Value>> {
        Box::pin(flow::first_hit(link, users_by("userName", &account.person.user_name)))
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
        Box::pin(async move {
            let at_once = self.pace().members_at_once;
            for chunk in change.added.chunks(at_once) {
                patch_group(link, id, vec![add(chunk)]).await?;
            }
            for chunk in change.removed.chunks(at_once) {
                patch_group(link, id, vec![remove_list(chunk)]).await?;
            }
            Ok(())
        })
    }
}

/// Makes what the test needs; what an interrupted test left behind is used again, and nothing else: it is deleted
/// afterwards.
async fn test_resource(link: &Link, path: &str, body: Value, search: String) -> Result<String, Stop> {
    let attempts = link.line.provider.pace().attempts;
    for attempt in 1..=attempts {
        match link.send(Ask::post(path, body.clone()).accepting(&[409])).await {
            Ok(answer) if answer.status == 409 => {
                let found = flow::first_hit(link, search).await?.unwrap_or_default();
                let is_own =
                    ["externalId", "displayName"].iter().all(|name| body.get(*name) == found.get(*name));
                if !is_own {
                    let expected = format!("the test's own leftover, {body}");
                    link.find(Need::ConflictVisible, &format!("POST {path}"), &expected, &found.to_string());
                    return Err(Stop::Unusable);
                }
                return found.get("id").and_then(Value::as_str).map(str::to_owned).ok_or(Stop::Unusable);
            }
            Ok(answer) => return answer.id().map(str::to_owned).ok_or(Stop::Unusable),
            Err(Stop::Lost) => link.pause(attempt).await,
            Err(stop) => return Err(stop),
        }
    }
    link.find(Need::Answered, &format!("POST {path}"), "an answer", "none in all attempts");
    Err(Stop::Lost)
}

/// The user of the test, as recorded.
pub(super) fn test_user(id: Option<&str>) -> Value {
    let address = json!({
        "country": "US", "locality": "locality", "postalCode": "80027", "primary": true, "region": "region",
        "streetAddress": "street-address", "type": "work",
    });
    let body = Body::default()
        .with("active", true)
        .with("addresses", json!([address]))
        .with("displayName", "displayname")
        .with("emails", json!([{ "primary": true, "type": "work", "value": TEST_USER }]))
        .with("externalId", "66e2d689590450d073d2df3b");
    let body = match id {
        Some(id) => body.with("id", id),
        None => body,
    };
    body.with("locale", "en-US")
        .with("name", json!({ "familyName": "lastname", "givenName": "firstname" }))
        .with("phoneNumbers", json!([{ "primary": true, "type": "work", "value": "tel:+1-555-555-5555" }]))
        .with("preferredLanguage", "en-US")
        .with("schemas", json!([urn::USER, urn::ENTERPRISE_USER]))
        .with("userName", TEST_USER)
        .value()
}

/// Keys in the order of the alphabet; lists without values are written as such, and so cleared; the enterprise URI
/// stands there whether there is an object for it or not.
pub(super) fn user(account: &Account, id: Option<&str>) -> Value {
    let person = &account.person;
    let place = Body::default()
        .some("country", person.country.as_ref())
        .some("locality", person.city.as_ref())
        .value();
    let mut addresses = Vec::new();
    if let Value::Object(mut place) = place
        && !place.is_empty()
    {
        place.insert("primary".to_owned(), true.into());
        place.insert("type".to_owned(), "work".into());
        addresses.push(Value::Object(place));
    }
    let phone = |phone: &String| json!({ "primary": true, "type": "work", "value": format!("tel:{phone}") });
    let phones: Vec<Value> = person.phone.iter().map(phone).collect();
    let body = Body::default()
        .with("active", account.is_active)
        .with("addresses", addresses)
        .text("displayName", &person.display_name)
        .with("emails", json!([{ "primary": true, "type": "work", "value": person.email }]))
        .with("externalId", account.external_id.as_str());
    // An update names the id, and the two URIs the other way round.
    let (body, schemas) = match id {
        Some(id) => (body.with("id", id), json!([urn::ENTERPRISE_USER, urn::USER])),
        None => (body, json!([urn::USER, urn::ENTERPRISE_USER])),
    };
    let enterprise = Body::default()
        .some("department", person.department.as_ref())
        .some("employeeNumber", person.employee_number.as_ref())
        .value();
    body.some("locale", person.locale.as_ref())
        .with("name", json!({ "familyName": person.family_name, "givenName": person.given_name }))
        .with("phoneNumbers", phones)
        .some("preferredLanguage", person.locale.as_ref())
        .with("schemas", schemas)
        .some("title", person.title.as_ref())
        .filled(urn::ENTERPRISE_USER, enterprise)
        .with("userName", person.user_name.as_str())
        .value()
}
