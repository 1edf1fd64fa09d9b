//! Checks a whole resource before it is stored: what is required, limits, primaries, duplicates.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::Resource;
use crate::base::limits::{
    ATTRIBUTES_MAX, KEY_STRING_BYTES_MAX, RESOURCE_BYTES_MAX, VALUES_PER_ATTRIBUTE_MAX,
};
use crate::base::text::fold;
use crate::scim::Error;
use crate::scim::schema::{Attribute, Mutability, ResourceType, TypeSchema};

/// Checks what no single attribute can tell. Equal (type, value) pairs are made one, and of several
/// primary values the last one stays primary.
///
/// # Errors
///
/// `invalidValue` when a required attribute is missing, a text is too long or holds control
/// characters, or there is too much of something.
pub fn check(schema: &TypeSchema, resource: &mut Resource) -> Result<(), Error> {
    check_required(&schema.core.attributes, &resource.attributes, "")?;
    check_keys(schema.resource_type, resource)?;
    check_count(resource)?;
    check_bytes(resource)?;
    for attribute in &schema.core.attributes {
        tidy(attribute, &mut resource.attributes, &attribute.name)?;
    }
    for extension in &schema.extensions {
        let Some(Value::Object(object)) = resource.attributes.get_mut(&extension.id) else { continue };
        let prefix = format!("{}:", extension.id);
        check_required(&extension.attributes, object, &prefix)?;
        for attribute in &extension.attributes {
            tidy(attribute, object, &format!("{prefix}{}", attribute.name))?;
        }
    }
    Ok(())
}

/// Refuses a change of an immutable value that is set (RFC 7644 §3.5.1).
///
/// # Errors
///
/// `mutability` with the attribute's name.
pub fn check_immutable(schema: &TypeSchema, before: &Resource, after: &Resource) -> Result<(), Error> {
    refuse_changed(&schema.core.attributes, &before.attributes, Some(&after.attributes), "")?;
    for extension in &schema.extensions {
        let Some(old) = extension_object(before, &extension.id) else { continue };
        let new = extension_object(after, &extension.id);
        refuse_changed(&extension.attributes, old, new, &format!("{}:", extension.id))?;
    }
    Ok(())
}

fn extension_object<'a>(resource: &'a Resource, urn: &str) -> Option<&'a Map<String, Value>> {
    resource.attributes.get(urn).and_then(Value::as_object)
}

fn refuse_changed(
    attributes: &[Attribute],
    before: &Map<String, Value>,
    after: Option<&Map<String, Value>>,
    prefix: &str,
) -> Result<(), Error> {
    for attribute in attributes.iter().filter(|attribute| attribute.mutability == Mutability::Immutable) {
        let old = before.get(&attribute.name);
        if old.is_some() && old != after.and_then(|after| after.get(&attribute.name)) {
            return Err(Error::mutability(format!(
                "{prefix}{} can't be changed once it is set",
                attribute.name
            )));
        }
    }
    Ok(())
}

fn check_required(attributes: &[Attribute], object: &Map<String, Value>, prefix: &str) -> Result<(), Error> {
    let required = attributes.iter().filter(|attribute| attribute.required);
    for attribute in required.filter(|attribute| attribute.mutability != Mutability::ReadOnly) {
        let name = &attribute.name;
        match object.get(name) {
            None => return Err(Error::invalid_value(format!("{prefix}{name} is required"))),
            Some(Value::String(text)) if text.trim().is_empty() => {
                return Err(Error::invalid_value(format!("{prefix}{name} must not be empty")));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// The attributes by which resources are found: short, visible text.
fn check_keys(resource_type: ResourceType, resource: &Resource) -> Result<(), Error> {
    for name in ["userName", "externalId", "displayName"] {
        let Some(text) = resource.text(name) else { continue };
        if text.chars().any(char::is_control) {
            return Err(Error::invalid_value(format!("{name} must not hold control characters")));
        }
        let is_key = name != "displayName" || resource_type == ResourceType::Group;
        if is_key && KEY_STRING_BYTES_MAX < text.len() {
            return Err(Error::invalid_value(format!(
                "{name} has {} bytes; at most {KEY_STRING_BYTES_MAX} are taken",
                text.len()
            )));
        }
    }
    match resource.text("externalId") {
        Some(text) if text.trim().is_empty() => {
            Err(Error::invalid_value("externalId must not be empty; leave it out or send null"))
        }
        _ => Ok(()),
    }
}

fn check_count(resource: &Resource) -> Result<(), Error> {
    let inside: usize = resource.attributes.values().filter_map(Value::as_object).map(Map::len).sum();
    let count = resource.attributes.len() + resource.extra.len() + inside;
    if ATTRIBUTES_MAX < count {
        return Err(Error::invalid_value(format!(
            "the resource has {count} attributes; at most {ATTRIBUTES_MAX} are taken"
        )));
    }
    Ok(())
}

/// A resource that grows with every PATCH would in time be too large to be read, or told of.
fn check_bytes(resource: &Resource) -> Result<(), Error> {
    let count = bytes_of(&resource.attributes) + bytes_of(&resource.extra);
    match count <= RESOURCE_BYTES_MAX {
        true => Ok(()),
        false => Err(Error::invalid_value(format!(
            "the resource would have {count} bytes; at most {RESOURCE_BYTES_MAX} are taken"
        ))),
    }
}

pub(super) fn bytes_of(object: &Map<String, Value>) -> usize {
    let of = |(name, value): (&String, &Value)| name.len() + bytes_of_value(value);
    object.iter().map(of).sum()
}

/// The depth is that of a body: [`crate::base::limits::JSON_DEPTH_MAX`].
fn bytes_of_value(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 1,
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(bytes_of_value).sum(),
        Value::Object(object) => bytes_of(object),
    }
}

/// Checks the values of one attribute inside its object and makes duplicates and primaries one.
fn tidy(attribute: &Attribute, object: &mut Map<String, Value>, place: &str) -> Result<(), Error> {
    match object.get_mut(&attribute.name) {
        Some(Value::Object(value)) => check_required(&attribute.sub_attributes, value, &format!("{place}.")),
        Some(Value::Array(values)) => {
            collapse(attribute, values);
            if VALUES_PER_ATTRIBUTE_MAX < values.len() {
                return Err(Error::invalid_value(format!(
                    "{place} would have {} values; at most {VALUES_PER_ATTRIBUTE_MAX} are taken",
                    values.len()
                )));
            }
            keep_last_primary(values);
            for value in values.iter().filter_map(Value::as_object) {
                check_required(&attribute.sub_attributes, value, &format!("{place}."))?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Makes equal (type, value) pairs one, in the first one's place and with the last one's words.
pub(in crate::scim) fn collapse(attribute: &Attribute, values: &mut Vec<Value>) {
    let mut places: HashMap<String, usize> = HashMap::with_capacity(values.len());
    let mut kept: Vec<Value> = Vec::with_capacity(values.len());
    for value in values.drain(..) {
        let identity = identity(attribute, &value);
        match places.get(&identity).and_then(|place| kept.get_mut(*place)) {
            Some(Value::Object(first)) => {
                if let Value::Object(second) = value {
                    first.extend(second);
                }
            }
            Some(_) => {}
            None => {
                places.insert(identity, kept.len());
                kept.push(value);
            }
        }
    }
    *values = kept;
}

/// What makes two values the same one: type and value, or all of it where there is no value.
fn identity(attribute: &Attribute, value: &Value) -> String {
    let Some(object) = value.as_object() else { return comparable(Some(attribute), value) };
    match object.get("value") {
        Some(significant) => {
            let kind = object.get("type").unwrap_or(&Value::Null);
            let pair = Value::from(vec![
                comparable(attribute.sub_attribute("type"), kind),
                comparable(attribute.sub_attribute("value"), significant),
            ]);
            format!("v{pair}")
        }
        None => {
            let mut pairs: Vec<String> = object
                .iter()
                .map(|(key, value)| Value::from(vec![key.clone(), value.to_string()]).to_string())
                .collect();
            pairs.sort_unstable();
            format!("o{}", pairs.concat())
        }
    }
}

fn comparable(attribute: Option<&Attribute>, value: &Value) -> String {
    match value {
        Value::String(text) if attribute.is_some_and(|attribute| !attribute.case_exact) => {
            Value::from(fold(text)).to_string()
        }
        other => other.to_string(),
    }
}

/// `primary` is true at most once (RFC 7643 §2.4). Providers send two; the last one was meant.
fn keep_last_primary(values: &mut [Value]) {
    let mut found = false;
    for value in values.iter_mut().rev() {
        let Some(primary) = value.get_mut("primary") else { continue };
        if *primary == Value::Bool(true) {
            if found {
                *primary = Value::Bool(false);
            }
            found = true;
        }
    }
}
