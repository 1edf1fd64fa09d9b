//! Looks up members of a JSON object by name without regard to case.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::Error;

/// The member of that name, whatever its case.
pub fn field<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    match object.get(name) {
        Some(value) => Some(value),
        None => object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value),
    }
}

/// As [`field`], with null taken for absent (RFC 7643 §2.5).
pub fn assigned<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    field(object, name).filter(|value| !value.is_null())
}

/// Refuses an object that has one name in two spellings: names differ by more than case, and which
/// of two values counts must not be ours to guess.
///
/// # Errors
///
/// `invalidSyntax` with the name.
pub fn refuse_twins(object: &Map<String, Value>, place: &str) -> Result<(), Error> {
    let mut seen = HashSet::with_capacity(object.len());
    for key in object.keys() {
        if !seen.insert(key.to_ascii_lowercase()) {
            let name = short(key);
            let place = if place.is_empty() { String::new() } else { format!(" in {place}") };
            return Err(Error::invalid_syntax(format!(
                "{name} is there twice{place} in different case; send it once"
            )));
        }
    }
    Ok(())
}

/// What came, in a few words: never more of a value than its first characters.
pub fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => format!("the boolean {value}"),
        Value::Number(number) => format!("the number {}", short(&number.to_string())),
        // JSON within a text may hold a password, which is shown to nobody.
        Value::String(text) if text.len() <= SHOWN_BYTES_MAX && !mentions_password(text) => {
            format!("the text {text:?}")
        }
        Value::String(text) => format!("a text of {} bytes", text.len()),
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// Whether a text speaks of a password, and so may hold one.
pub fn mentions_password(text: &str) -> bool {
    text.to_ascii_lowercase().contains("password")
}

/// A name that a client chose, cut to a length that can be shown.
pub fn short(name: &str) -> String {
    match name.char_indices().nth(SHOWN_BYTES_MAX) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
        None => name.to_owned(),
    }
}

const SHOWN_BYTES_MAX: usize = 64;
