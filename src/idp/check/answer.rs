//! Checks one answer: status, content type, shape.

use serde_json::Value;

use crate::scim::schema::urn::{ERROR, LIST_RESPONSE};

use super::Need;

/// What kind of answer the provider waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expect {
    /// A ListResponse.
    List,
    /// 201 with the resource.
    Created,
    /// 200 with this resource.
    Resource {
        id: String,
    },
    /// 200 with the resource, or 204.
    Updated {
        id: String,
    },
    Deleted,
    /// A document of discovery, 200 and JSON.
    Document,
    Missing,
    Unauthorised,
}

/// What is wrong: the need, what was expected, and what came.
pub type Fault = (Need, String, String);

/// The answer's parts that are looked at.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    pub status: u16,
    pub content_type: &'a str,
    pub text: &'a str,
    pub body: Option<&'a Value>,
}

/// Everything wrong with an answer; `accepted` are statuses besides the expected one that the provider can digest.
pub fn check(expect: &Expect, accepted: &[u16], answered: &Answered<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let status = answered.status;
    let wanted = expect.statuses();
    if !wanted.contains(&status) && !accepted.contains(&status) {
        let need = match expect {
            Expect::List if status == 404 => Need::EmptyList,
            Expect::Unauthorised => Need::Unauthorised,
            Expect::Missing => Need::GoneAfterDelete,
            _ => Need::Status,
        };
        let wanted: Vec<String> = wanted.iter().map(u16::to_string).collect();
        faults.push((need, wanted.join(" or "), shown(answered)));
    }
    let has_body = !answered.text.trim().is_empty();
    if has_body && !is_json_type(answered.content_type) {
        faults.push((
            Need::ContentType,
            "application/scim+json".to_owned(),
            answered.content_type.to_owned(),
        ));
    }
    if has_body && answered.body.is_none() {
        faults.push((Need::JsonBody, "JSON".to_owned(), shown(answered)));
    }
    match status {
        200..=299 => success(expect, answered, &mut faults),
        _ => error_body(answered, &mut faults),
    }
    faults
}

impl Expect {
    fn statuses(&self) -> &'static [u16] {
        match self {
            Self::List | Self::Resource { .. } | Self::Document => &[200],
            Self::Created => &[201],
            Self::Updated { .. } => &[200, 204],
            Self::Deleted => &[204],
            Self::Missing => &[404],
            Self::Unauthorised => &[401],
        }
    }
}

/// `application/json` is tolerated by every provider; anything else is shown to the admin as a failure.
fn is_json_type(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/scim+json" || kind == "application/json"
}

fn success(expect: &Expect, answered: &Answered<'_>, faults: &mut Vec<Fault>) {
    let body = answered.body.unwrap_or(&Value::Null);
    match expect {
        Expect::List => list(body, answered, faults),
        Expect::Created => match id(body) {
            None => faults.push((Need::CreatedBody, "the resource with its id".to_owned(), shown(answered))),
            Some(id) => usable(id, faults),
        },
        Expect::Resource { id: wanted } => same(wanted, body, answered, faults),
        Expect::Updated { id: wanted } if answered.status == 200 => same(wanted, body, answered, faults),
        Expect::Document if !body.is_object() => {
            faults.push((Need::JsonBody, "a JSON object".to_owned(), shown(answered)));
        }
        Expect::Updated { .. }
        | Expect::Document
        | Expect::Deleted
        | Expect::Missing
        | Expect::Unauthorised => {}
    }
}

fn same(wanted: &str, body: &Value, answered: &Answered<'_>, faults: &mut Vec<Fault>) {
    if id(body) != Some(wanted) {
        faults.push((Need::SameResource, format!("the resource {wanted}"), shown(answered)));
    }
}

fn id(body: &Value) -> Option<&str> {
    body.get("id").and_then(Value::as_str).filter(|id| !id.is_empty())
}

fn usable(id: &str, faults: &mut Vec<Fault>) {
    let is_usable =
        !id.contains("bulkId") && !id.contains(|letter: char| letter.is_whitespace() || letter == '/');
    if !is_usable {
        faults.push((Need::UsableId, "an id without bulkId, spaces and slashes".to_owned(), id.to_owned()));
    }
}

fn list(body: &Value, answered: &Answered<'_>, faults: &mut Vec<Fault>) {
    if !has_schema(body, LIST_RESPONSE) {
        faults.push((Need::ListResponse, format!("schemas with {LIST_RESPONSE}"), shown(answered)));
    }
    for name in ["totalResults", "startIndex", "itemsPerPage"] {
        let is_wrong = match body.get(name) {
            None => name == "totalResults",
            Some(value) => !value.is_u64(),
        };
        if is_wrong {
            let came = body.get(name).unwrap_or(&Value::Null).to_string();
            faults.push((Need::NumericLists, format!("a number in {name}"), came));
        }
    }
    let total = body.get("totalResults").and_then(Value::as_u64).unwrap_or(0);
    match body.get("Resources") {
        Some(Value::Array(resources)) => {
            if resources.iter().any(|resource| id(resource).is_none()) {
                faults.push((
                    Need::UsableId,
                    "an id in every resource of a list".to_owned(),
                    shown(answered),
                ));
            }
        }
        None if total == 0 => {}
        _ => faults.push((Need::ListResponse, "a list in Resources".to_owned(), shown(answered))),
    }
}

fn error_body(answered: &Answered<'_>, faults: &mut Vec<Fault>) {
    let body = answered.body.unwrap_or(&Value::Null);
    let status = answered.status.to_string();
    let is_error = has_schema(body, ERROR);
    if !is_error || body.get("status").and_then(Value::as_str) != Some(status.as_str()) {
        let expected = format!("a SCIM error with status \"{status}\" as text");
        faults.push((Need::ErrorBody, expected, shown(answered)));
    }
}

fn has_schema(body: &Value, wanted: &str) -> bool {
    let schemas = body.get("schemas").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    schemas.iter().any(|schema| schema.as_str() == Some(wanted))
}

/// The answer in a line.
pub fn shown(answered: &Answered<'_>) -> String {
    let text: String = answered.text.chars().take(240).collect();
    format!("{} {}", answered.status, text.trim()).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn faults(expect: &Expect, status: u16, content_type: &str, body: &Value) -> Vec<Need> {
        let text = body.to_string();
        let answered = Answered { status, content_type, text: &text, body: Some(body) };
        check(expect, &[], &answered).into_iter().map(|(need, ..)| need).collect()
    }

    const SCIM: &str = "application/scim+json";

    #[test]
    fn a_right_answer_has_no_fault() {
        let list = json!({"schemas": [LIST_RESPONSE], "totalResults": 1, "Resources": [{"id": "1"}]});
        assert_eq!(faults(&Expect::List, 200, SCIM, &list), []);
        assert_eq!(faults(&Expect::Created, 201, SCIM, &json!({"id": "1"})), []);
        let error = json!({"schemas": [ERROR], "status": "404"});
        assert_eq!(faults(&Expect::Missing, 404, SCIM, &error), []);
    }

    #[test]
    fn each_fault_of_a_list_is_named() {
        let list = json!({"schemas": [], "totalResults": "1", "Resources": [{}]});
        let expected = [Need::ContentType, Need::ListResponse, Need::NumericLists, Need::UsableId];
        assert_eq!(faults(&Expect::List, 200, "text/html", &list), expected);
        let error = json!({"schemas": [ERROR], "status": "404"});
        assert_eq!(faults(&Expect::List, 404, SCIM, &error), [Need::EmptyList]);
    }

    #[test]
    fn each_fault_of_a_change_is_named() {
        assert_eq!(faults(&Expect::Created, 201, SCIM, &json!({})), [Need::CreatedBody]);
        assert_eq!(faults(&Expect::Created, 201, SCIM, &json!({"id": "bulkId:1"})), [Need::UsableId]);
        let other = Expect::Updated { id: "1".to_owned() };
        assert_eq!(faults(&other, 200, SCIM, &json!({"id": "2"})), [Need::SameResource]);
        let numeric = json!({"schemas": [ERROR], "status": 409});
        assert_eq!(faults(&Expect::Created, 409, SCIM, &numeric), [Need::Status, Need::ErrorBody]);
    }
}
