//! Users: which are in scope, and what becomes of their attributes.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use crate::connect::listing::{ListedUser, Listing};
use crate::connect::trouble::Trouble;

use super::api::{Api, Pages, segment};
use super::groups::Members;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// What Google knows that SCIM has no name for.
const OWN: &str = "urn:rosterd:google:user";
const CUSTOM: &str = "urn:rosterd:google:schema:";
const PATH: &str = "/admin/directory/v1/users";
const PAGE: &str = "500";

/// Adds the users in scope to the listing.
///
/// # Errors
///
/// When they can't be listed; too many.
pub async fn list(api: &Api<'_>, members: &Members, listing: &mut Listing) -> Result<(), Trouble> {
    let (whose, name) = api.source.whose();
    let parameters = [(whose, name), ("maxResults", PAGE), ("projection", "full"), ("orderBy", "email")];
    let Pages { items, gap } = api.pages(PATH, &parameters, "users").await?;
    if let Some(gap) = gap {
        listing.gap(gap);
    }
    let chosen: Option<HashSet<&str>> = (!api.source.groups.is_empty())
        .then(|| members.values().flat_map(|members| members.users.iter().map(String::as_str)).collect());
    for item in items {
        let Some(id) = item.get("id").and_then(Value::as_str).filter(|id| !id.is_empty()) else {
            listing.gap(Trouble::content("a user has no id", "it is tried again at the next run"));
            continue;
        };
        let is_chosen = chosen.as_ref().is_none_or(|chosen| chosen.contains(id));
        if is_chosen && is_in_units(api, &item) {
            let (external_id, active) = (id.to_owned(), active(&item));
            let body = scim(&item, active).to_string();
            listing.add_user(ListedUser { external_id, active, body: body.into() })?;
        }
    }
    Ok(())
}

/// # Errors
///
/// When there is no such organizational unit.
pub async fn check_unit(api: &Api<'_>, unit: &str) -> Result<(), Trouble> {
    if unit == "/" {
        return Ok(());
    }
    let parts: Vec<String> = unit.trim_matches('/').split('/').map(segment).collect();
    let path = format!(
        "/admin/directory/v1/customer/{}/orgunits/{}",
        segment(&api.source.customer),
        parts.join("/")
    );
    match api.find(&path, &[]).await? {
        Some(_) => Ok(()),
        None => Err(Trouble::settings(
            "org_units",
            format!("there is no organizational unit {unit:?}"),
            "write whole paths as Google has them, like /Sales/Europe",
        )),
    }
}

/// Whether the user is in one of the units, or in one below.
fn is_in_units(api: &Api<'_>, user: &Map<String, Value>) -> bool {
    let path = user.get("orgUnitPath").and_then(Value::as_str).unwrap_or_default().to_lowercase();
    let units = &api.source.org_units;
    units.is_empty()
        || units.iter().any(|unit| {
            let unit = unit.trim_end_matches('/').to_lowercase();
            path.strip_prefix(&unit).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
}

/// Which of these absent users are there all the same: a listing that left them out proves nothing.
///
/// # Errors
///
/// When Google can't say.
pub async fn still_there(api: &Api<'_>, absent: &[String]) -> Result<Vec<String>, Trouble> {
    let mut there = Vec::new();
    for id in absent {
        let found = api.find(&format!("{PATH}/{}", segment(id)), &[("projection", "basic")]).await?;
        if let Some(Value::Object(user)) = found
            && user.get("id").and_then(Value::as_str) == Some(id)
            && !user.contains_key("deletionTime")
            && is_in_units(api, &user)
        {
            there.push(id.clone());
        }
    }
    Ok(there)
}

/// Suspended and archived users have no access; nothing is said where Google says nothing.
fn active(user: &Map<String, Value>) -> Option<bool> {
    let flag = |name: &str| user.get(name).and_then(Value::as_bool);
    match (flag("suspended"), flag("archived")) {
        (None, None) => None,
        (suspended, archived) => Some(!suspended.unwrap_or(false) && !archived.unwrap_or(false)),
    }
}

/// The user as SCIM has it.
pub fn scim(user: &Map<String, Value>, active: Option<bool>) -> Value {
    let mut scim = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            scim.insert(name.to_owned(), value);
        }
    };
    put("externalId", user.get("id").cloned());
    put("userName", user.get("primaryEmail").cloned());
    put("active", active.map(Value::Bool));
    put("name", name(user));
    put("displayName", text(user, "/name/displayName").or_else(|| text(user, "/name/fullName")));
    put("emails", emails(user));
    put(
        "phoneNumbers",
        list_of(user, "phones", |phone| Some(json!({"value": phone.get("value")?, "type": kind(phone)}))),
    );
    put("addresses", list_of(user, "addresses", address));
    let organization = primary(user, "organizations");
    put("title", organization.and_then(|organization| plain(organization.get("title"))));
    put("userType", organization.and_then(|organization| plain(organization.get("description"))));
    put(
        "preferredLanguage",
        primary(user, "languages").and_then(|language| plain(language.get("languageCode"))),
    );
    put(ENTERPRISE, enterprise(user, organization));
    put(OWN, own(user));
    if let Some(Value::Object(schemas)) = user.get("customSchemas") {
        for (name, values) in schemas {
            put(
                &format!("{CUSTOM}{name}"),
                Some(values.clone())
                    .filter(|values| values.as_object().is_some_and(|values| !values.is_empty())),
            );
        }
    }
    Value::Object(scim)
}

fn text(user: &Map<String, Value>, pointer: &str) -> Option<Value> {
    let (first, rest) = pointer.trim_start_matches('/').split_once('/').unwrap_or((pointer, ""));
    plain(user.get(first)?.get(rest))
}

/// A text that isn't empty.
fn plain(value: Option<&Value>) -> Option<Value> {
    value.filter(|value| value.as_str().is_some_and(|text| !text.trim().is_empty())).cloned()
}

fn object(pairs: [(&str, Option<Value>); 6]) -> Option<Value> {
    let object: Map<String, Value> =
        pairs.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    (!object.is_empty()).then_some(Value::Object(object))
}

fn name(user: &Map<String, Value>) -> Option<Value> {
    let nothing = ("", None);
    object([
        ("givenName", text(user, "/name/givenName")),
        ("familyName", text(user, "/name/familyName")),
        ("formatted", text(user, "/name/fullName")),
        nothing.clone(),
        nothing.clone(),
        nothing,
    ])
}

fn list_of(user: &Map<String, Value>, key: &str, make: impl Fn(&Value) -> Option<Value>) -> Option<Value> {
    let values: Vec<Value> = user.get(key)?.as_array()?.iter().filter_map(make).collect();
    (!values.is_empty()).then_some(Value::Array(values))
}

/// The one marked as primary, else the first.
fn primary<'u>(user: &'u Map<String, Value>, key: &str) -> Option<&'u Value> {
    let values = user.get(key)?.as_array()?;
    let is_primary = |value: &&Value| value.get("primary").and_then(Value::as_bool) == Some(true);
    values.iter().find(is_primary).or_else(|| values.first())
}

/// Google's own word for what kind it is, or the customer's.
fn kind(value: &Value) -> Value {
    let word = plain(value.get("customType")).or_else(|| plain(value.get("type")));
    word.unwrap_or_else(|| "work".into())
}

/// All addresses, the one to log in with as the primary one, each once.
fn emails(user: &Map<String, Value>) -> Option<Value> {
    let login = user.get("primaryEmail")?.as_str()?;
    let mut seen = HashSet::from([login.to_lowercase()]);
    let mut emails = vec![json!({"value": login, "type": "work", "primary": true})];
    for email in user.get("emails").and_then(Value::as_array).into_iter().flatten() {
        if let Some(address) = email.get("address").and_then(Value::as_str)
            && seen.insert(address.to_lowercase())
        {
            let kind = if email.get("type").is_some() || email.get("customType").is_some() {
                kind(email)
            } else {
                "other".into()
            };
            emails.push(json!({"value": address, "type": kind}));
        }
    }
    Some(Value::Array(emails))
}

fn address(value: &Value) -> Option<Value> {
    let part = |name: &str| plain(value.get(name));
    let mut address = object([
        ("formatted", part("formatted")),
        ("streetAddress", part("streetAddress")),
        ("locality", part("locality")),
        ("region", part("region")),
        ("postalCode", part("postalCode")),
        ("country", part("countryCode").or_else(|| part("country"))),
    ])?;
    address.as_object_mut()?.insert("type".to_owned(), kind(value));
    Some(address)
}

fn enterprise(user: &Map<String, Value>, organization: Option<&Value>) -> Option<Value> {
    let of = |name: &str| organization.and_then(|organization| plain(organization.get(name)));
    let of_type = |key: &str, wanted: &str| {
        let values = user.get(key)?.as_array()?;
        let found = values.iter().find(|value| value.get("type").and_then(Value::as_str) == Some(wanted))?;
        plain(found.get("value"))
    };
    object([
        ("employeeNumber", of_type("externalIds", "organization")),
        ("costCenter", of("costCenter")),
        ("organization", of("name")),
        ("division", None),
        ("department", of("department")),
        // The address of the manager, which is all that Google has.
        ("manager", of_type("relations", "manager").map(|manager| json!({"value": manager}))),
    ])
}

fn own(user: &Map<String, Value>) -> Option<Value> {
    let flag = |name: &str| user.get(name).filter(|value| value.is_boolean()).cloned();
    object([
        ("orgUnitPath", plain(user.get("orgUnitPath"))),
        ("isAdmin", flag("isAdmin")),
        ("isDelegatedAdmin", flag("isDelegatedAdmin")),
        ("suspended", flag("suspended")),
        ("archived", flag("archived")),
        ("suspensionReason", plain(user.get("suspensionReason"))),
    ])
}
