//! The test's side of an upstream, `/_control`: what there is, faults, changes, and what was asked.

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Answer;
use super::customer::Customer;
use super::faults::{Asked, Fault, FaultKind, Faults};
use super::file::{Encoding, Layout};
use super::people::{Change, Group, Member, Person, Unknown};
use super::request::Request;

pub const PATH: &str = "/_control";

/// Answers a request under [`PATH`].
pub fn answer(customer: &mut Customer, request: &Request) -> Answer {
    // A page in a browser could reach a loopback port; it always says where it comes from.
    if request.header("origin").is_some() {
        return refused(403, "not from a browser");
    }
    match (request.method.as_str(), request.path.strip_prefix(PATH).unwrap_or_default()) {
        ("GET", "" | "/") => Answer::json(200, &state(customer)),
        ("PUT", "/faults") => read(request, |wire: FaultsWire| {
            let faults: Result<Vec<Fault>, String> = wire.faults.into_iter().map(FaultWire::fault).collect();
            customer.faults = Faults::new(faults?);
            Ok(json!({}))
        }),
        ("POST", "/changes") => read(request, |wire: ChangesWire| {
            let changes: Vec<Change> = wire.changes.into_iter().map(ChangeWire::change).collect();
            customer.change(&changes).map_err(|unknown| match unknown {
                Unknown::Person(number) => format!("there is no person {number}"),
                Unknown::Group(number) => format!("there is no group {number}"),
            })?;
            Ok(json!({ "revision": customer.revision }))
        }),
        ("PUT", "/layout") => read(request, |wire: LayoutWire| {
            customer.layout = wire.layout()?;
            Ok(json!({}))
        }),
        ("POST", "/step") => Answer::json(200, &json!({ "step": customer.advance() })),
        ("POST", "/expire-tokens") => {
            customer.tokens.forget();
            Answer::json(200, &json!({}))
        }
        ("GET", "/requests") => Answer::json(200, &requests(customer)),
        ("DELETE", "/requests") => {
            customer.answered.clear();
            Answer::json(200, &json!({}))
        }
        _ => refused(404, "there is no such control"),
    }
}

fn refused(status: u16, message: &str) -> Answer {
    Answer::json(status, &json!({ "message": message }))
}

fn read<Wire: for<'de> Deserialize<'de>>(
    request: &Request,
    act: impl FnOnce(Wire) -> Result<Value, String>,
) -> Answer {
    let parsed = serde_json::from_slice(&request.body).map_err(|error| error.to_string());
    match parsed.and_then(act) {
        Ok(done) => Answer::json(200, &done),
        Err(message) => refused(400, &message),
    }
}

/// The truth, with which whatever was pulled is compared.
fn state(customer: &Customer) -> Value {
    let persons: Vec<Value> = customer.people.persons.values().map(person).collect();
    let groups: Vec<Value> = customer.people.groups.values().map(|found| group(customer, found)).collect();
    json!({
        "revision": customer.revision,
        "pulls": customer.pulls,
        "steps_left": customer.steps.len(),
        "has_faults": !customer.faults.is_none(),
        "persons": persons,
        "groups": groups,
    })
}

fn person(person: &Person) -> Value {
    json!({
        "number": person.number,
        "standing": person.standing.name(),
        "google_id": person.google_id(),
        "employee_id": person.employee_id(),
        "email": person.email,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "title": person.title,
        "department": person.department,
        "cost_center": person.cost_center,
        "org_unit": person.org_unit,
        "manager": person.manager,
    })
}

fn group(customer: &Customer, group: &Group) -> Value {
    let member = |member: &Member| match member {
        Member::Person(number) => customer.people.persons.get(number).map(Person::google_id),
        Member::Group(number) => customer.people.groups.get(number).map(Group::google_id),
        Member::Outsider(email) => Some(email.clone()),
    };
    let members: Vec<String> = group.members.iter().filter_map(member).collect();
    json!({"number": group.number, "google_id": group.google_id(), "email": group.email, "name": group.name, "members": members})
}

fn requests(customer: &Customer) -> Value {
    let asked = customer.answered.iter().map(|answered| {
        json!({
            "method": answered.method,
            "path": answered.path,
            "query": answered.query,
            "asked": answered.asked.name(),
            "page": answered.page,
            "status": answered.status,
            "has_fault": answered.has_fault,
        })
    });
    json!({ "requests": asked.collect::<Vec<Value>>() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultsWire {
    faults: Vec<FaultWire>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultWire {
    kind: String,
    on: Option<String>,
    page: Option<usize>,
    times: Option<u32>,
    status: Option<u16>,
    reason: Option<String>,
    retry_after: Option<u32>,
    column: Option<String>,
    to: Option<String>,
    count: Option<usize>,
}

impl FaultWire {
    fn fault(self) -> Result<Fault, String> {
        let kind = self.kind()?;
        let on = match self.on.as_deref() {
            None => None,
            Some(name) => {
                let found = Asked::ALL.iter().find(|(known, _)| *known == name);
                Some(found.map(|(_, asked)| *asked).ok_or_else(|| format!("nothing is called {name:?}"))?)
            }
        };
        Ok(Fault { kind, on, page: self.page, times: self.times })
    }

    fn kind(&self) -> Result<FaultKind, String> {
        let text =
            |value: &Option<String>, default: &str| value.clone().unwrap_or_else(|| default.to_owned());
        let kind = match self.kind.as_str() {
            "page_missing" => FaultKind::PageMissing,
            "page_skipped" => FaultKind::PageSkipped,
            "page_repeated" => FaultKind::PageRepeated,
            "token_loops" => FaultKind::TokenLoops,
            "token_expired" => FaultKind::TokenExpired,
            "refused" => FaultKind::Refused,
            "scope_missing" => FaultKind::ScopeMissing,
            "clock_skew" => FaultKind::ClockSkew,
            "quota" => FaultKind::Quota {
                reason: text(&self.reason, "userRateLimitExceeded"),
                retry_after: self.retry_after,
            },
            "status" => FaultKind::Status(self.status.ok_or("status needs the field status")?),
            "stall" => FaultKind::Stall,
            "stall_body" => FaultKind::StallBody,
            "trickle" => FaultKind::Trickle,
            "endless" => FaultKind::Endless,
            "truncated" => FaultKind::Truncated,
            "cut" => FaultKind::Cut,
            "empty" => FaultKind::Empty,
            "empty_listing" => FaultKind::EmptyListing,
            "renamed_column" => FaultKind::RenamedColumn {
                column: self.column.clone().ok_or("renamed_column needs the field column")?,
                to: text(&self.to, "Renamed"),
            },
            "duplicate_ids" => FaultKind::DuplicateIds,
            "duplicate_rows" => FaultKind::DuplicateRows,
            "reordered" => FaultKind::Reordered,
            "wrong_type" => FaultKind::WrongType,
            "garbage" => FaultKind::Garbage,
            "redirect" => FaultKind::Redirect(text(&self.to, "http://169.254.169.254/latest/meta-data/")),
            "absent" => FaultKind::Absent(self.count.ok_or("absent needs the field count")?),
            other => return Err(format!("there is no fault {other:?}")),
        };
        Ok(kind)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangesWire {
    changes: Vec<ChangeWire>,
}

#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
enum ChangeWire {
    Hire { person: usize },
    Expect { person: usize },
    Rename { person: usize, given_name: String, family_name: String },
    EmailChange { person: usize, email: String },
    Retitle { person: usize, title: String },
    MoveOrgUnit { person: usize, org_unit: String },
    Suspend { person: usize },
    Archive { person: usize },
    Terminate { person: usize },
    Delete { person: usize },
    Rehire { person: usize },
    GroupCreate { group: usize, name: String },
    GroupRename { group: usize, name: String },
    GroupDelete { group: usize },
    AddMember { group: usize, member: MemberWire },
    RemoveMember { group: usize, member: MemberWire },
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum MemberWire {
    Person(usize),
    Group(usize),
    Outsider(String),
}

impl MemberWire {
    fn member(self) -> Member {
        match self {
            Self::Person(number) => Member::Person(number),
            Self::Group(number) => Member::Group(number),
            Self::Outsider(email) => Member::Outsider(email),
        }
    }
}

impl ChangeWire {
    fn change(self) -> Change {
        match self {
            Self::Hire { person } => Change::Hire(person),
            Self::Expect { person } => Change::Expect(person),
            Self::Rename { person, given_name, family_name } => {
                Change::Rename { person, given_name, family_name }
            }
            Self::EmailChange { person, email } => Change::EmailChange { person, email },
            Self::Retitle { person, title } => Change::Retitle { person, title },
            Self::MoveOrgUnit { person, org_unit } => Change::MoveOrgUnit { person, org_unit },
            Self::Suspend { person } => Change::Suspend(person),
            Self::Archive { person } => Change::Archive(person),
            Self::Terminate { person } => Change::Terminate(person),
            Self::Delete { person } => Change::Delete(person),
            Self::Rehire { person } => Change::Rehire(person),
            Self::GroupCreate { group, name } => Change::GroupCreate { group, name },
            Self::GroupRename { group, name } => Change::GroupRename { group, name },
            Self::GroupDelete { group } => Change::GroupDelete(group),
            Self::AddMember { group, member } => Change::AddMember { group, member: member.member() },
            Self::RemoveMember { group, member } => Change::RemoveMember { group, member: member.member() },
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LayoutWire {
    delimiter: Option<char>,
    encoding: Option<String>,
}

impl LayoutWire {
    fn layout(self) -> Result<Layout, String> {
        let encoding = match self.encoding.as_deref() {
            None | Some("utf-8") => Encoding::Utf8,
            Some("utf-8-mark") => Encoding::Utf8WithMark,
            Some("utf-16") => Encoding::Utf16,
            Some("latin-1") => Encoding::Latin1,
            Some(other) => return Err(format!("there is no encoding {other:?}")),
        };
        Ok(Layout { delimiter: self.delimiter.unwrap_or(','), encoding })
    }
}
