//! Checks one attribute's value against its schema and brings it into canonical form.

use serde_json::{Map, Value};

use crate::base::limits::{MEMBERS_PER_REQUEST_MAX, STRING_BYTES_MAX, VALUES_PER_ATTRIBUTE_MAX};
use crate::scim::Error;
use crate::scim::field::{describe, refuse_twins};
use crate::scim::moment::Moment;
use crate::scim::schema::{Attribute, Mutability, Type};

/// One attribute's value in canonical form: types checked, sub-attributes under their schema's
/// names, read-only and unknown sub-attributes left out. `None` when nothing is left: null, `[]`
/// and an object without values all mean unassigned (RFC 7643 §2.5). A multi-valued attribute
/// takes an array.
///
/// # Errors
///
/// `invalidValue` that says what came and what is wanted; `invalidSyntax` for a name in two
/// spellings.
pub fn normalize_value(attribute: &Attribute, value: Value) -> Result<Option<Value>, Error> {
    normalize_at(attribute, value, &attribute.name)
}

/// As [`normalize_value`], with the place to name in an error: `emails`, or
/// `urn:…:User:manager`. Goes no deeper than the schema, which has two levels.
pub(super) fn normalize_at(attribute: &Attribute, value: Value, place: &str) -> Result<Option<Value>, Error> {
    match (attribute.multi_valued, value) {
        (_, Value::Null) => Ok(None),
        (false, value) => single(attribute, value, place),
        (true, Value::Array(values)) => many(attribute, values, place),
        (true, other) => {
            Err(Error::invalid_value(format!("{place} must be an array, not {}", describe(&other))))
        }
    }
}

fn many(attribute: &Attribute, values: Vec<Value>, place: &str) -> Result<Option<Value>, Error> {
    let values_max = match attribute.name.as_str() {
        "members" => MEMBERS_PER_REQUEST_MAX,
        _ => VALUES_PER_ATTRIBUTE_MAX,
    };
    if values_max < values.len() {
        return Err(Error::invalid_value(format!(
            "{place} has {} values; at most {values_max} are taken",
            values.len()
        )));
    }
    let mut kept = Vec::with_capacity(values.len());
    for (index, value) in values.into_iter().enumerate() {
        if value.is_null() {
            continue;
        }
        kept.extend(single(attribute, value, &format!("{place}[{index}]"))?);
    }
    Ok(if kept.is_empty() { None } else { Some(Value::Array(kept)) })
}

fn single(attribute: &Attribute, value: Value, place: &str) -> Result<Option<Value>, Error> {
    match value {
        Value::Object(object) if attribute.is_complex() => sub_attributes(attribute, object, place),
        value if fits(attribute.kind, &value) => {
            if let Value::String(text) = &value {
                check_length(text, place)?;
            }
            Ok(Some(value))
        }
        other => Err(Error::invalid_value(format!(
            "{place} must be {}, not {}",
            wanted(attribute.kind),
            describe(&other)
        ))),
    }
}

fn sub_attributes(
    attribute: &Attribute,
    object: Map<String, Value>,
    place: &str,
) -> Result<Option<Value>, Error> {
    refuse_twins(&object, place)?;
    let mut kept = Map::new();
    for (key, value) in object {
        let Some(sub_attribute) = attribute.sub_attribute(&key) else { continue };
        if sub_attribute.mutability == Mutability::ReadOnly {
            continue;
        }
        let place = format!("{place}.{}", sub_attribute.name);
        if let Some(value) = normalize_at(sub_attribute, value, &place)? {
            kept.insert(sub_attribute.name.clone(), value);
        }
    }
    Ok(if kept.is_empty() { None } else { Some(Value::Object(kept)) })
}

fn fits(kind: Type, value: &Value) -> bool {
    match (kind, value) {
        (Type::String | Type::Reference | Type::Binary, Value::String(_))
        | (Type::Boolean, Value::Bool(_))
        | (Type::Decimal, Value::Number(_)) => true,
        // An integer has no fraction and no exponent (RFC 7643 §2.3.4); `1.0` parses as a float.
        (Type::Integer, Value::Number(number)) => number.is_i64() || number.is_u64(),
        (Type::DateTime, Value::String(text)) => Moment::parse(text).is_some(),
        _ => false,
    }
}

fn wanted(kind: Type) -> &'static str {
    match kind {
        Type::String => "a string",
        Type::Boolean => "a boolean (true or false, without quotes)",
        Type::Decimal => "a number",
        Type::Integer => "a whole number",
        Type::DateTime => "a date and time such as \"2026-01-15T12:00:00Z\"",
        Type::Binary => "a string of base64",
        Type::Reference => "a string with an address",
        Type::Complex => "an object",
    }
}

pub(super) fn check_length(text: &str, place: &str) -> Result<(), Error> {
    if STRING_BYTES_MAX < text.len() {
        return Err(Error::invalid_value(format!(
            "{place} has {} bytes; at most {STRING_BYTES_MAX} are taken",
            text.len()
        )));
    }
    Ok(())
}
