//! The answer to a Bulk request (RFC 7644 §3.7.3).

use serde_json::{Map, Value, json};

use crate::scim::schema::urn;

/// What came of one operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    pub method: String,
    pub bulk_id: Option<String>,
    /// The entity tag after a success.
    pub version: Option<String>,
    /// The resource's absolute address; `None` only for a POST that failed.
    pub location: Option<String>,
    pub status: u16,
    /// The body; an error always has one.
    pub response: Option<Map<String, Value>>,
}

/// The answer, with the outcomes in the order of the request.
pub fn response(outcomes: Vec<Outcome>) -> Map<String, Value> {
    let operations: Vec<Value> = outcomes.into_iter().map(|outcome| Value::Object(item(outcome))).collect();
    let mut body = Map::new();
    body.insert("schemas".to_owned(), json!([urn::BULK_RESPONSE]));
    body.insert("Operations".to_owned(), Value::Array(operations));
    body
}

fn item(outcome: Outcome) -> Map<String, Value> {
    let texts = [
        ("method", Some(outcome.method)),
        ("bulkId", outcome.bulk_id),
        ("version", outcome.version),
        ("location", outcome.location),
        ("status", Some(outcome.status.to_string())),
    ];
    let mut item = Map::new();
    for (name, text) in texts {
        if let Some(text) = text {
            item.insert(name.to_owned(), Value::String(text));
        }
    }
    if let Some(response) = outcome.response {
        item.insert("response".to_owned(), Value::Object(response));
    }
    item
}
