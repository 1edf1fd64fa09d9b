//! Values on their way to the app: texts, and e-mails and addresses in the app's shape.

use serde_json::{Map, Value, json};

use crate::scim::field::field as member;

/// Whether there is nothing in it.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The value, a text without the blanks around it: providers send them by mistake.
pub(super) fn trimmed(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.trim().to_owned()),
        other => other.clone(),
    }
}

/// Whether a text can be the address of a mailbox: one @ with something at both sides, no blanks.
pub(super) fn is_address(text: &str) -> bool {
    match text.split_once('@') {
        Some((local, domain)) => {
            !local.is_empty()
                && !domain.is_empty()
                && !domain.contains('@')
                && !text.contains(char::is_whitespace)
        }
        None => false,
    }
}

/// A singular value as text; empty text is no value.
pub(super) fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// An e-mail as an object of `primary`, `type` and `value`; nothing without a value.
pub(super) fn email(email: &Value) -> Option<Value> {
    let Value::Object(email) = email else {
        return as_text(email).map(|value| json!({"primary": false, "value": value}));
    };
    let value = member(email, "value").and_then(as_text)?;
    let mut shaped = Map::new();
    shaped.insert("primary".to_owned(), Value::Bool(is_primary(email)));
    add_text(&mut shaped, "type", member(email, "type"));
    shaped.insert("value".to_owned(), Value::String(value));
    Some(Value::Object(shaped))
}

/// An address under the app's names; nothing without any part.
pub(super) fn address(address: &Value) -> Option<Value> {
    let Value::Object(address) = address else {
        return as_text(address).map(|text| json!({"raw_address": text, "primary": false}));
    };
    const PARTS: [(&str, &str); 5] = [
        ("street_address", "streetAddress"),
        ("locality", "locality"),
        ("region", "region"),
        ("postal_code", "postalCode"),
        ("country", "country"),
    ];
    let mut shaped = Map::new();
    add_text(&mut shaped, "type", member(address, "type"));
    let mut whole = Vec::new();
    for (ours, scim) in PARTS {
        if let Some(text) = member(address, scim).and_then(as_text) {
            whole.push(text.clone());
            shaped.insert(ours.to_owned(), Value::String(text));
        }
    }
    let raw = match member(address, "formatted").and_then(as_text) {
        Some(formatted) => formatted,
        None if whole.is_empty() => return None,
        None => whole.join(", "),
    };
    shaped.insert("raw_address".to_owned(), json!(raw));
    shaped.insert("primary".to_owned(), Value::Bool(is_primary(address)));
    Some(Value::Object(shaped))
}

fn is_primary(object: &Map<String, Value>) -> bool {
    member(object, "primary") == Some(&Value::Bool(true))
}

fn add_text(object: &mut Map<String, Value>, name: &str, value: Option<&Value>) {
    if let Some(text) = value.and_then(as_text) {
        object.insert(name.to_owned(), Value::String(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_at_sign_and_no_blanks() {
        assert!(is_address("zoe@example.com"));
        for text in ["zoe", "@x", "zoe@", "a@b@c", "a b@c"] {
            assert!(!is_address(text), "{text}");
        }
    }
}
