//! Finds and replaces `bulkId:` references (RFC 7644 §3.7.2).

use std::collections::HashMap;

use serde_json::Value;

const PREFIX: &str = "bulkId:";

/// A reference to a resource that doesn't exist (yet).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unresolved {
    pub bulk_id: String,
}

/// The bulkIds that a value refers to: any text that is a reference, and quoted ones in the path of
/// a PATCH operation. `key` is the name that the value stands under.
pub(super) fn references(key: &str, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    // A list of what is left to look at instead of recursion: the depth is the client's choice.
    let mut left = vec![(key, value)];
    while let Some((key, value)) = left.pop() {
        match value {
            Value::String(text) => found.extend(in_text(key, text).map(str::to_owned)),
            Value::Array(values) => left.extend(values.iter().map(|value| (key, value))),
            Value::Object(object) => left.extend(object.iter().map(|(key, value)| (key.as_str(), value))),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    found
}

/// Puts ids in the place of all references, wherever they stand in a body.
///
/// # Errors
///
/// The first reference that `resolved` doesn't know; the body may be half replaced then.
pub fn substitute(body: &mut Value, resolved: &HashMap<String, String>) -> Result<(), Unresolved> {
    let mut left: Vec<(String, &mut Value)> = vec![(String::new(), body)];
    while let Some((key, value)) = left.pop() {
        match value {
            Value::String(text) => {
                if let Some(replaced) = replaced(&key, text, resolved)? {
                    *text = replaced;
                }
            }
            Value::Array(values) => left.extend(values.iter_mut().map(|value| (key.clone(), value))),
            Value::Object(object) => left.extend(object.iter_mut().map(|(key, value)| (key.clone(), value))),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    Ok(())
}

fn in_text<'a>(key: &str, text: &'a str) -> impl Iterator<Item = &'a str> {
    let quoted = if key.eq_ignore_ascii_case("path") { text } else { "" };
    text.strip_prefix(PREFIX).into_iter().chain(in_filter(quoted))
}

/// The references between quotes: `members[value eq "bulkId:x"]`.
fn in_filter(path: &str) -> impl Iterator<Item = &str> {
    path.split('"').skip(1).step_by(2).filter_map(|quoted| quoted.strip_prefix(PREFIX))
}

fn replaced(key: &str, text: &str, resolved: &HashMap<String, String>) -> Result<Option<String>, Unresolved> {
    let id = |bulk_id: &str| resolved.get(bulk_id).ok_or_else(|| Unresolved { bulk_id: bulk_id.to_owned() });
    if let Some(bulk_id) = text.strip_prefix(PREFIX) {
        return Ok(Some(id(bulk_id)?.clone()));
    }
    if !key.eq_ignore_ascii_case("path") || in_filter(text).next().is_none() {
        return Ok(None);
    }
    let mut parts = Vec::new();
    for (index, part) in text.split('"').enumerate() {
        match part.strip_prefix(PREFIX).filter(|_| index % 2 == 1) {
            Some(bulk_id) => parts.push(id(bulk_id)?.as_str()),
            None => parts.push(part),
        }
    }
    Ok(Some(parts.join("\"")))
}
