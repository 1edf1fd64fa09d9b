//! People, groups and members as the Directory API shows them.

use serde_json::{Value, json};

use crate::idp::upstream::answer::etag_of;
use crate::idp::upstream::people::{DOMAIN, Group, Member, ORG_UNITS, People, Person, Standing};

pub const CUSTOMER: &str = "C03rstrd1";
const CREATED: &str = "2021-03-01T08:00:00.000Z";
/// The customer's own schema of user fields.
const SCHEMA: &str = "Work";

/// How much of a user is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Projection {
    Basic,
    /// These custom schemas.
    Custom(Vec<String>),
    Full,
}

pub fn user(people: &People, person: &Person, projection: &Projection) -> Value {
    let is_suspended =
        matches!(person.standing, Standing::Suspended | Standing::Terminated | Standing::Expected);
    let mut user = json!({
        "kind": "admin#directory#user",
        "id": person.google_id(),
        "primaryEmail": person.email,
        "name": {
            "givenName": person.given_name,
            "familyName": person.family_name,
            "fullName": person.full_name(),
        },
        "isAdmin": false,
        "isDelegatedAdmin": false,
        "lastLoginTime": "1970-01-01T00:00:00.000Z",
        "creationTime": CREATED,
        "agreedToTerms": true,
        "suspended": is_suspended,
        "archived": person.standing == Standing::Archived,
        "changePasswordAtNextLogin": false,
        "ipWhitelisted": false,
        "emails": emails(person),
        "languages": [{"languageCode": "en", "preference": "preferred"}],
        "organizations": [{
            "title": person.title,
            "primary": true,
            "customType": "",
            "department": person.department,
            "description": if person.is_contractor { "Contractor" } else { "Employee" },
            "costCenter": person.cost_center,
        }],
        "externalIds": [{"value": person.employee_id(), "type": "organization"}],
        "phones": [{"value": person.phone, "type": "work"}],
        "addresses": [{"type": "work", "locality": person.city, "countryCode": person.country}],
        "customerId": CUSTOMER,
        "orgUnitPath": person.org_unit,
        "isMailboxSetup": true,
        "isEnrolledIn2Sv": false,
        "isEnforcedIn2Sv": false,
        "includeInGlobalAddressList": true,
    });
    if is_suspended {
        user["suspensionReason"] = json!("ADMIN");
    }
    if !person.aliases.is_empty() {
        user["aliases"] = json!(person.aliases);
    }
    if let Some(manager) = person.manager.and_then(|number| people.persons.get(&number)) {
        user["relations"] = json!([{"value": manager.email, "type": "manager"}]);
    }
    if person.standing == Standing::Deleted {
        user["deletionTime"] = json!("2026-11-20T09:00:00.000Z");
    }
    let shows_schema = match projection {
        Projection::Basic => false,
        Projection::Custom(names) => names.iter().any(|name| name == SCHEMA),
        Projection::Full => true,
    };
    if shows_schema {
        user["customSchemas"] = json!({SCHEMA: {
            "badge": format!("B{:05}", person.number),
            "onCall": person.number % 4 == 0,
            "floors": [{"type": "work", "value": format!("{}", person.number % 12)}],
        }});
    }
    with_etag(user)
}

fn emails(person: &Person) -> Vec<Value> {
    let mut emails = vec![json!({"address": person.email, "primary": true})];
    emails.extend(person.aliases.iter().map(|alias| json!({"address": alias})));
    emails.push(
        json!({"address": format!("{}@home.example", person.employee_id().to_lowercase()), "type": "home"}),
    );
    emails
}

pub fn group(group: &Group) -> Value {
    with_etag(json!({
        "kind": "admin#directory#group",
        "id": group.google_id(),
        "email": group.email,
        "name": group.name,
        // A number written as text, as 64-bit numbers are in Google's JSON.
        "directMembersCount": group.members.len().to_string(),
        "description": "",
        "adminCreated": true,
    }))
}

/// A direct member, or one who is in through a nested group.
pub fn member(people: &People, member: &Member) -> Value {
    let shown = match member {
        Member::Person(number) => {
            let person = &people.persons[number];
            let status = match person.standing {
                Standing::Active => "ACTIVE",
                Standing::Archived => "ARCHIVED",
                _ => "SUSPENDED",
            };
            json!({"kind": "admin#directory#member", "id": person.google_id(), "email": person.email,
                   "role": "MEMBER", "type": "USER", "status": status})
        }
        Member::Group(number) => {
            let group = &people.groups[number];
            json!({"kind": "admin#directory#member", "id": group.google_id(), "email": group.email,
                   "role": "MEMBER", "type": "GROUP", "status": "ACTIVE"})
        }
        Member::Outsider(email) => {
            let id = format!(
                "1{:020}",
                email.bytes().fold(9_u64, |sum, byte| sum * 31 % 99_999_999_977 + u64::from(byte))
            );
            json!({"kind": "admin#directory#member", "id": id, "email": email, "role": "MEMBER", "type": "USER"})
        }
    };
    with_etag(shown)
}

pub fn org_units() -> Value {
    let units: Vec<Value> = ORG_UNITS
        .iter()
        .map(|path| {
            let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
            let parent = if parent.is_empty() { "/" } else { parent };
            json!({
                "kind": "admin#directory#orgUnit",
                "name": name,
                "description": "",
                "orgUnitId": format!("id:03ph{}", path.len()),
                "orgUnitPath": path,
                "parentOrgUnitPath": parent,
                "parentOrgUnitId": if parent == "/" { "id:03phroot".to_owned() } else { format!("id:03ph{}", parent.len()) },
            })
        })
        .collect();
    json!({"kind": "admin#directory#orgUnits", "organizationUnits": units})
}

pub fn schemas() -> Value {
    let field = |name: &str, kind: &str, is_multi: bool| {
        json!({"kind": "admin#directory#schema#fieldspec", "fieldName": name, "fieldType": kind, "displayName": name,
               "multiValued": is_multi, "readAccessType": "ALL_DOMAIN_USERS"})
    };
    json!({"kind": "admin#directory#schemas", "schemas": [{
        "kind": "admin#directory#schema",
        "schemaId": "wk-1",
        "schemaName": SCHEMA,
        "displayName": format!("{SCHEMA} at {DOMAIN}"),
        "fields": [field("badge", "STRING", false), field("onCall", "BOOL", false), field("floors", "STRING", true)],
    }]})
}

fn with_etag(mut value: Value) -> Value {
    let etag = etag_of(value.to_string().as_bytes());
    value["etag"] = json!(etag);
    value
}
