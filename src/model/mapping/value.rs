//! Reads attributes of a stored user, and gives e-mails and addresses the app's shape.

use serde_json::{Map, Value, json};

/// A user as stored: attributes of the schemas, and those that no schema knows.
pub(super) struct Object<'a> {
    pub resource: &'a Map<String, Value>,
    pub extra: &'a Map<String, Value>,
}

impl<'a> Object<'a> {
    /// An attribute by name, without regard to case; inside an extension when a URN is named.
    pub fn attribute(&self, urn: Option<&str>, name: &str) -> Option<&'a Value> {
        let Some(urn) = urn else {
            return member(self.resource, name).or_else(|| member(self.extra, name));
        };
        match member(self.resource, urn).or_else(|| member(self.extra, urn))? {
            Value::Object(extension) => member(extension, name),
            _ => None,
        }
    }
}

/// The member of that name, without regard to case; the exact name first.
pub(super) fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object
        .get(name)
        .or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
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

/// The e-mails as objects of `primary`, `type` and `value`; those without a value are left out.
pub(super) fn emails(user: &Object<'_>) -> Vec<Value> {
    objects(user, "emails")
        .into_iter()
        .filter_map(|email| {
            let value = member(email, "value").and_then(as_text)?;
            let mut shaped = Map::new();
            shaped.insert("primary".to_owned(), Value::Bool(is_primary(email)));
            add_text(&mut shaped, "type", member(email, "type"));
            shaped.insert("value".to_owned(), Value::String(value));
            Some(Value::Object(shaped))
        })
        .collect()
}

/// The addresses under the app's names; those without any part are left out.
pub(super) fn addresses(user: &Object<'_>) -> Vec<Value> {
    objects(user, "addresses").into_iter().filter_map(address).collect()
}

fn address(address: &Map<String, Value>) -> Option<Value> {
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

fn objects<'a>(user: &Object<'a>, name: &str) -> Vec<&'a Map<String, Value>> {
    match user.attribute(None, name) {
        Some(Value::Array(values)) => values.iter().filter_map(Value::as_object).collect(),
        Some(Value::Object(object)) => vec![object],
        _ => Vec::new(),
    }
}

fn is_primary(object: &Map<String, Value>) -> bool {
    member(object, "primary") == Some(&Value::Bool(true))
}

fn add_text(object: &mut Map<String, Value>, name: &str, value: Option<&Value>) {
    if let Some(text) = value.and_then(as_text) {
        object.insert(name.to_owned(), Value::String(text));
    }
}
