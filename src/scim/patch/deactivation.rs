//! Decides whether a request sets `active` to false, whatever else is in it and however it words it.
//! Nothing else in the request needs to be valid: a dismissed person must not keep access because of
//! a bad phone number beside.

use serde_json::{Map, Value};

use crate::scim::field::field;
use crate::scim::schema::urn;

/// Whether a PATCH leaves `active` false: the last operation that sets it decides; where none does,
/// what stands beside the operations, as SCIM 1.1 wrote it.
pub fn deactivates_by_patch(body: &Map<String, Value>) -> bool {
    let operations = match field(body, "Operations") {
        Some(Value::Array(operations)) => operations.as_slice(),
        Some(single @ Value::Object(_)) => std::slice::from_ref(single),
        _ => &[],
    };
    let last = operations.iter().filter_map(Value::as_object).filter_map(effect).next_back();
    last.or_else(|| in_attributes(body)) == Some(false)
}

/// Whether `active` stands beside the operations of a PATCH, where it would do nothing.
pub(super) fn has_stray_active(body: &Map<String, Value>) -> bool {
    in_attributes(body).is_some()
}

/// Whether a PUT says that the user is not active.
pub fn deactivates_by_put(body: &Map<String, Value>) -> bool {
    in_attributes(body) == Some(false)
}

/// What an operation sets `active` to. `remove` sets nothing: absence is neither true nor false.
fn effect(operation: &Map<String, Value>) -> Option<bool> {
    let op = field(operation, "op")?.as_str()?.trim().to_ascii_lowercase();
    if op != "add" && op != "replace" {
        return None;
    }
    let value = field(operation, "value")?;
    match field(operation, "path") {
        Some(Value::String(path)) if is_active(path) => truth(value),
        Some(Value::String(path))
            if path.trim().eq_ignore_ascii_case(urn::USER) || path.trim().is_empty() =>
        {
            in_attributes(value.as_object()?)
        }
        Some(Value::Null) | None => match value {
            Value::Object(attributes) => in_attributes(attributes),
            Value::Array(values) => match values.as_slice() {
                [Value::Object(attributes)] => in_attributes(attributes),
                _ => None,
            },
            Value::String(json) => in_attributes(serde_json::from_str::<Value>(json).ok()?.as_object()?),
            _ => None,
        },
        Some(_) => None,
    }
}

/// What an object of attributes sets `active` to; the last of several spellings decides.
fn in_attributes(attributes: &Map<String, Value>) -> Option<bool> {
    let of = |(key, value): (&String, &Value)| match value {
        Value::Object(core) if key.eq_ignore_ascii_case(urn::USER) => {
            core.iter().filter(|(key, _)| is_active(key)).filter_map(|(_, value)| truth(value)).next_back()
        }
        value if is_active(key) => truth(value),
        _ => None,
    };
    attributes.iter().filter_map(of).next_back()
}

fn is_active(name: &str) -> bool {
    let name = name.trim();
    let short = match name.split_at_checked(urn::USER.len()) {
        Some((start, rest)) if start.eq_ignore_ascii_case(urn::USER) => {
            rest.strip_prefix([':', '.']).unwrap_or(name)
        }
        _ => name,
    };
    short.eq_ignore_ascii_case("active")
}

fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "false" | "0" => Some(false),
            "true" | "1" => Some(true),
            _ => None,
        },
        Value::Number(number) => match number.as_f64()? {
            0.0 => Some(false),
            1.0 => Some(true),
            _ => None,
        },
        Value::Array(values) => match values.as_slice() {
            [only] if !only.is_array() => truth(only),
            _ => None,
        },
        // Some send what they would send for a member: `{"$ref": null, "value": "False"}`.
        Value::Object(object) => field(object, "value")
            .or_else(|| field(object, "active"))
            .filter(|value| !value.is_object())
            .and_then(truth),
        Value::Null => None,
    }
}
