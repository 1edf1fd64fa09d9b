//! Google Workspace: the token endpoint and the Directory API's listings, to be pulled from.

mod error;
mod query;
mod shapes;
mod token;

use serde_json::{Value, json};

use crate::base::time::Timestamp;

use super::answer::{Answer, etag_of};
use super::faults::{Asked, FaultKind};
use super::page::{Page, Place, page};
use super::people::{DOMAIN, Group, Member, People};
use super::request::Request;
use super::tokens::Tokens;

pub use error::{quota, token as token_error};
pub use query::UserQuery;
pub use shapes::CUSTOMER;
#[cfg(test)]
pub use token::SCOPES;
pub use token::{ServiceAccount, admin_email};

use shapes::Projection;

const API: &str = "/admin/directory/v1/";
const USERS_PAGE_MAX: usize = 500;
const OTHERS_PAGE_MAX: usize = 200;

/// What a path asks for, with the key of the thing it names.
pub fn asked(path: &str) -> (Asked, Option<&str>) {
    if path == "/token" {
        return (Asked::Token, None);
    }
    let Some(rest) = path.strip_prefix(API) else { return (Asked::Nothing, None) };
    let parts: Vec<&str> = rest.trim_end_matches('/').split('/').collect();
    match parts.as_slice() {
        ["users"] => (Asked::Users, None),
        ["users", key] => (Asked::User, Some(key)),
        ["groups"] => (Asked::Groups, None),
        ["groups", key] => (Asked::Group, Some(key)),
        ["groups", key, "members"] => (Asked::Members, Some(key)),
        ["customer", key, "orgunits", ..] => (Asked::OrgUnits, Some(key)),
        ["customer", key, "schemas"] => (Asked::Schemas, Some(key)),
        _ => (Asked::Nothing, None),
    }
}

/// One request to the Directory API, with all it takes to answer it.
pub struct Call<'a> {
    pub request: &'a Request,
    pub people: &'a People,
    pub fault: Option<&'a FaultKind>,
    /// Rows of a page, however many are asked for.
    pub page_rows_max: usize,
}

/// An access token for a signed assertion.
pub fn give_token(
    account: &ServiceAccount,
    request: &Request,
    token_uri: &str,
    now: Timestamp,
    tokens: &mut Tokens,
) -> Answer {
    if request.method != "POST" {
        return token_error(405, "invalid_request", "Use POST");
    }
    let grant = request.form_field("grant_type");
    let checked = match grant.as_deref() == Some(token::GRANT) {
        true => {
            let assertion = request.form_field("assertion").unwrap_or_default();
            token::verify(account, &assertion, token_uri, now)
        }
        false => Err(token::Refusal::Grant),
    };
    match checked {
        Ok(scopes) => {
            let (token, life_secs) = tokens.give("ya29.", scopes, now);
            Answer::json(
                200,
                &json!({"access_token": token, "expires_in": life_secs, "token_type": "Bearer"}),
            )
        }
        Err(refusal) => {
            let (status, code, description) = refusal.words();
            token_error(status, code, description)
        }
    }
}

/// The answer to anything but the token endpoint.
pub fn answer(call: &Call<'_>, tokens: &Tokens, now: Timestamp) -> Answer {
    let (asked, key) = asked(&call.request.path);
    let scopes = match call.request.bearer().and_then(|token| tokens.scopes(token, now)) {
        Some(scopes) => scopes,
        None => return error::unauthorized(),
    };
    if asked == Asked::Nothing {
        return error::error(404, "global", "notFound", "Not Found");
    }
    if call.request.method != "GET" {
        return error::insufficient_scope();
    }
    let needed: &[&str] = match asked {
        Asked::Users | Asked::User => &["admin.directory.user.readonly"],
        Asked::Members => &["admin.directory.group.member.readonly", "admin.directory.group.readonly"],
        Asked::OrgUnits => &["admin.directory.orgunit.readonly"],
        Asked::Schemas => &["admin.directory.userschema.readonly"],
        _ => &["admin.directory.group.readonly"],
    };
    if !scopes.iter().any(|scope| needed.iter().any(|needed| scope.ends_with(needed))) {
        return error::insufficient_scope();
    }
    let found = match asked {
        Asked::Users => users(call),
        Asked::User => one_user(call, key.unwrap_or_default()),
        Asked::Groups => groups(call),
        Asked::Group => one_group(call, key.unwrap_or_default()),
        Asked::Members => members(call, key.unwrap_or_default()),
        Asked::OrgUnits => org_units(&call.request.path, key.unwrap_or_default()),
        _ => customer(key.unwrap_or_default()).map(|()| shapes::schemas()),
    };
    match found {
        Ok(body) => tagged(call.request, body),
        Err(refused) => refused,
    }
}

/// The body with its entity tag, or 304 when the client has that one.
fn tagged(request: &Request, mut body: Value) -> Answer {
    let etag = match body["etag"].as_str() {
        Some(etag) => etag.to_owned(),
        None => etag_of(body.to_string().as_bytes()),
    };
    if request.has(&etag) {
        return Answer::new(304, "", Vec::new()).with("etag", etag);
    }
    let ends_listing = body.get("nextPageToken").is_none();
    body["etag"] = json!(etag);
    Answer { ends_listing, ..Answer::json(200, &body).with("etag", etag) }
}

fn customer(key: &str) -> Result<(), Answer> {
    match key {
        "my_customer" | CUSTOMER => Ok(()),
        _ => Err(error::bad_request()),
    }
}

/// The whole customer, or one of its domains, or nobody; one of both parameters must be there.
fn is_ours(request: &Request) -> Result<bool, Answer> {
    match (request.parameter("customer"), request.parameter("domain")) {
        (Some(key), None) => customer(key).map(|()| true),
        (None, Some(DOMAIN)) => Ok(true),
        (None, Some(_)) => Err(error::error(404, "global", "notFound", "Domain not found.")),
        (Some(_), Some(_)) | (None, None) => Err(error::bad_request()),
    }
}

/// How many rows are asked for, within what the API allows.
fn page_size(call: &Call<'_>, default: usize, max: usize) -> Result<usize, Answer> {
    let wanted = match call.request.parameter("maxResults") {
        Some(text) => text.parse().ok().filter(|wanted| (1..=max).contains(wanted)).ok_or_else(|| {
            error::invalid(&format!("Invalid value '{text}'. Values must be within the range: [1, {max}]"))
        })?,
        None => default,
    };
    Ok(wanted.min(call.page_rows_max.max(1)))
}

fn place(request: &Request, asked: Asked) -> Result<Place, Answer> {
    match request.parameter("pageToken") {
        None => Ok(Place::FIRST),
        Some(token) => {
            Place::of_token(asked, token).ok_or_else(|| error::invalid("Invalid Input: pageToken"))
        }
    }
}

fn listing(call: &Call<'_>, asked: Asked, mut rows: Vec<Value>, size: usize) -> Result<Page<Value>, Answer> {
    match call.fault {
        Some(FaultKind::EmptyListing) => rows.clear(),
        Some(FaultKind::Reordered) => rows.reverse(),
        Some(FaultKind::DuplicateRows) => rows.extend(rows.first().cloned()),
        Some(FaultKind::DuplicateIds) => {
            let mut twin = rows.first().cloned();
            if let Some(twin) = &mut twin {
                let field = if asked == Asked::Members { "role" } else { "name" };
                twin[field] = if asked == Asked::Users {
                    json!({"givenName": "Twin", "familyName": "Twin"})
                } else {
                    json!("OWNER")
                };
            }
            rows.extend(twin);
        }
        _ => {}
    }
    Ok(page(&rows, asked, place(call.request, asked)?, size, call.fault))
}

/// The envelope; a listing without rows has no key for them, as there.
fn envelope(kind: &str, rows_key: &str, page: Page<Value>) -> Value {
    let mut body = json!({"kind": kind});
    if !page.rows.is_empty() {
        body[rows_key] = json!(page.rows);
    }
    if let Some(next) = page.next {
        body["nextPageToken"] = json!(next);
    }
    body
}

fn projection(request: &Request) -> Result<Projection, Answer> {
    match request.parameter("projection") {
        None | Some("basic") => Ok(Projection::Basic),
        Some("full") => Ok(Projection::Full),
        Some("custom") => {
            let mask = request.parameter("customFieldMask").unwrap_or_default();
            Ok(Projection::Custom(mask.split(',').map(str::to_owned).collect()))
        }
        Some(other) => Err(error::invalid(&format!("Invalid value '{other}' for projection"))),
    }
}

fn users(call: &Call<'_>) -> Result<Value, Answer> {
    is_ours(call.request)?;
    let size = page_size(call, 100, USERS_PAGE_MAX)?;
    let projection = projection(call.request)?;
    let query = call.request.parameter("query").unwrap_or_default();
    let query = UserQuery::parse(query).ok_or_else(|| error::invalid("Invalid Input: query"))?;
    let wants_deleted = call.request.parameter("showDeleted") == Some("true");
    let mut persons: Vec<_> = call
        .people
        .persons
        .values()
        .filter(|person| person.is_listed() != wants_deleted && query.holds(person))
        .collect();
    match call.request.parameter("orderBy") {
        None => {}
        Some("email") => persons.sort_by(|a, b| a.email.cmp(&b.email)),
        Some("givenName") => persons.sort_by(|a, b| a.given_name.cmp(&b.given_name)),
        Some("familyName") => persons.sort_by(|a, b| a.family_name.cmp(&b.family_name)),
        Some(other) => return Err(error::invalid(&format!("Invalid value '{other}' for orderBy"))),
    }
    if call.request.parameter("sortOrder") == Some("DESCENDING") {
        persons.reverse();
    }
    let rows = persons.into_iter().map(|person| shapes::user(call.people, person, &projection)).collect();
    Ok(envelope("admin#directory#users", "users", listing(call, Asked::Users, rows, size)?))
}

fn one_user(call: &Call<'_>, key: &str) -> Result<Value, Answer> {
    let projection = projection(call.request)?;
    let mut listed = call.people.listed();
    let found = listed.find(|person| {
        person.google_id() == key || person.email == key || person.aliases.iter().any(|alias| alias == key)
    });
    found
        .map(|person| shapes::user(call.people, person, &projection))
        .ok_or_else(|| error::not_found("userKey"))
}

fn groups(call: &Call<'_>) -> Result<Value, Answer> {
    let size = page_size(call, OTHERS_PAGE_MAX, OTHERS_PAGE_MAX)?;
    let mut groups: Vec<&Group> = call.people.groups.values().collect();
    match call.request.parameter("userKey") {
        Some(key) => groups.retain(|group| {
            group.members.iter().any(|member| shapes::member(call.people, member)["id"] == key)
                || group.members.iter().any(|member| shapes::member(call.people, member)["email"] == key)
        }),
        None => {
            is_ours(call.request)?;
        }
    }
    let rows = groups.into_iter().map(shapes::group).collect();
    Ok(envelope("admin#directory#groups", "groups", listing(call, Asked::Groups, rows, size)?))
}

fn find_group<'a>(people: &'a People, key: &str) -> Result<&'a Group, Answer> {
    let found = people.groups.values().find(|group| group.google_id() == key || group.email == key);
    found.ok_or_else(|| error::not_found("groupKey"))
}

fn one_group(call: &Call<'_>, key: &str) -> Result<Value, Answer> {
    find_group(call.people, key).map(shapes::group)
}

fn members(call: &Call<'_>, key: &str) -> Result<Value, Answer> {
    let group = find_group(call.people, key)?;
    let size = page_size(call, OTHERS_PAGE_MAX, OTHERS_PAGE_MAX)?;
    let wants_derived = call.request.parameter("includeDerivedMembership") == Some("true");
    let roles = call.request.parameter("roles").unwrap_or("MEMBER");
    let mut members: Vec<Member> = group.members.iter().cloned().collect();
    if wants_derived {
        members = derived(call.people, group);
    }
    // Everyone here is a plain member: no group has an owner or a manager.
    if !roles.split(',').any(|role| role == "MEMBER") {
        members.clear();
    }
    let rows = members.iter().map(|member| shapes::member(call.people, member)).collect();
    Ok(envelope("admin#directory#members", "members", listing(call, Asked::Members, rows, size)?))
}

/// All units, or the one whose path comes after `orgunits`, without its first slash.
fn org_units(path: &str, key: &str) -> Result<Value, Answer> {
    customer(key)?;
    let all = shapes::org_units();
    match path.split_once("/orgunits/").map(|(_, unit)| format!("/{unit}")) {
        None => Ok(all),
        Some(wanted) => {
            let mut units = all["organizationUnits"].as_array().into_iter().flatten();
            let found = units.find(|unit| unit["orgUnitPath"] == wanted.as_str()).cloned();
            found.ok_or_else(|| error::error(404, "global", "notFound", "Org unit not found"))
        }
    }
}

/// The people of a group and of the groups in it; nesting may go in a circle.
fn derived(people: &People, group: &Group) -> Vec<Member> {
    let (mut found, mut seen, mut open) = (Vec::new(), vec![group.number], vec![group.number]);
    while let Some(number) = open.pop() {
        for member in people.groups.get(&number).into_iter().flat_map(|group| &group.members) {
            match member {
                Member::Group(inner) if !seen.contains(inner) => {
                    seen.push(*inner);
                    open.push(*inner);
                }
                Member::Group(_) => {}
                Member::Person(_) | Member::Outsider(_) if !found.contains(member) => {
                    found.push(member.clone())
                }
                Member::Person(_) | Member::Outsider(_) => {}
            }
        }
    }
    found
}
