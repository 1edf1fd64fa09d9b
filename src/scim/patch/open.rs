//! Writes what no schema describes: attributes under extension URNs, and core attributes that are
//! kept for the mapping. Without a schema the values themselves say what they are.

use serde_json::{Map, Value};

use super::Write;
use super::values::{ChangeValues, Selection, described};
use super::write::is_unassignment;
use crate::scim::field::field;
use crate::scim::filter::AttributePath;
use crate::scim::resource::Resource;
use crate::scim::schema::TypeSchema;
use crate::scim::{Error, Strictness};

/// Whether the part before the last colon is an extension that is registered or that the resource has.
pub(super) fn has_extension(schema: &TypeSchema, resource: &Resource, path: &AttributePath) -> bool {
    let Some(urn) = &path.schema else { return false };
    schema.extension(urn).is_some() || field(&resource.attributes, urn).is_some()
}

/// `urn:a:b` is an attribute `b` or a whole extension. It is an extension when the resource has it,
/// or when an object is written to it and there is no extension `urn:a`.
pub(super) fn is_extension(
    schema: &TypeSchema,
    resource: &Resource,
    path: &AttributePath,
    value: Option<&Value>,
) -> bool {
    if path.sub.is_some() {
        return false;
    }
    let is_there = field(&resource.attributes, &path.to_string()).is_some();
    is_there || (value.is_some_and(Value::is_object) && !has_extension(schema, resource, path))
}

/// The object of an extension, made if it isn't there.
pub(super) fn extension_mut<'r>(resource: &'r mut Resource, urn: &str) -> &'r mut Map<String, Value> {
    let key = existing_key(&resource.attributes, urn).unwrap_or_else(|| urn.to_owned());
    let value = resource.attributes.entry(key).or_insert_with(|| Value::Object(Map::new()));
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    match value {
        Value::Object(object) => object,
        _ => unreachable!("the value was made an object above"),
    }
}

/// The object of an extension, if it is there.
pub(super) fn existing_mut<'r>(resource: &'r mut Resource, urn: &str) -> Option<&'r mut Map<String, Value>> {
    let key = existing_key(&resource.attributes, urn)?;
    resource.attributes.get_mut(&key)?.as_object_mut()
}

fn existing_key(object: &Map<String, Value>, name: &str) -> Option<String> {
    match object.contains_key(name) {
        true => Some(name.to_owned()),
        false => object.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned(),
    }
}

/// Writes an attribute or one of its parts.
pub(super) fn write(
    object: &mut Map<String, Value>,
    mode: Write,
    name: &str,
    sub: Option<&str>,
    value: &Value,
) -> Result<(), Error> {
    if is_unassignment(value) {
        return match mode == Write::Add && value.is_array() {
            true => Ok(()),
            false => remove(object, name, sub, None),
        };
    }
    let key = existing_key(object, name).unwrap_or_else(|| name.to_owned());
    match (sub, object.get_mut(&key)) {
        (Some(sub), None) => {
            object.insert(key, Value::Object(Map::from_iter([(sub.to_owned(), value.clone())])));
        }
        (Some(sub), Some(Value::Object(parts))) => return write(parts, mode, sub, None, value),
        (Some(sub), Some(Value::Array(values))) => {
            for parts in values.iter_mut().filter_map(Value::as_object_mut) {
                write(parts, mode, sub, None, value)?;
            }
        }
        (Some(_), Some(_)) => return Err(Error::invalid_path(format!("{name} has no sub-attributes"))),
        (None, Some(Value::Array(values))) if mode == Write::Add => {
            let added = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            for value in added {
                if !values.contains(value) {
                    values.push(value.clone());
                }
            }
        }
        (None, Some(Value::Object(parts))) if value.is_object() => {
            for (name, value) in value.as_object().into_iter().flatten() {
                write_part(parts, name, value);
            }
            if parts.is_empty() {
                object.shift_remove(&key);
            }
        }
        (None, _) => {
            object.insert(key, value.clone());
        }
    }
    Ok(())
}

fn write_part(parts: &mut Map<String, Value>, name: &str, value: &Value) {
    let key = existing_key(parts, name).unwrap_or_else(|| name.to_owned());
    match is_unassignment(value) {
        true => {
            parts.shift_remove(&key);
        }
        false => {
            parts.insert(key, value.clone());
        }
    }
}

/// Removes an attribute or one of its parts; with a value, just what the value lists.
pub(super) fn remove(
    object: &mut Map<String, Value>,
    name: &str,
    sub: Option<&str>,
    value: Option<&Value>,
) -> Result<(), Error> {
    let Some(key) = existing_key(object, name) else { return Ok(()) };
    let is_empty = match (sub, value, object.get_mut(&key)) {
        (Some(sub), _, Some(Value::Object(parts))) => {
            if let Some(sub) = existing_key(parts, sub) {
                parts.shift_remove(&sub);
            }
            parts.is_empty()
        }
        (Some(sub), _, Some(Value::Array(values))) => {
            for parts in values.iter_mut().filter_map(Value::as_object_mut) {
                if let Some(sub) = existing_key(parts, sub) {
                    parts.shift_remove(&sub);
                }
            }
            values.retain(|value| value.as_object().is_none_or(|parts| !parts.is_empty()));
            values.is_empty()
        }
        (Some(_), _, _) => false,
        (None, Some(listed), Some(Value::Array(values))) => {
            let listed = listed.as_array().map_or(std::slice::from_ref(listed), Vec::as_slice);
            values.retain(|value| !listed.contains(value));
            values.is_empty()
        }
        (None, _, _) => true,
    };
    if is_empty {
        object.shift_remove(&key);
    }
    Ok(())
}

/// Changes the values of an open attribute that a filter selects.
pub(super) fn change_values(
    object: &mut Map<String, Value>,
    path: &AttributePath,
    selection: Selection<'_>,
    change: ChangeValues<'_>,
) -> Result<(), Error> {
    let key = existing_key(object, &path.name).unwrap_or_else(|| path.name.clone());
    let mut values = match object.get(&key) {
        Some(Value::Array(values)) => values.clone(),
        Some(value) => vec![value.clone()],
        None => Vec::new(),
    };
    let is_any = values.iter().any(|value| selection.picks(value));
    match change {
        ChangeValues::Write { mode, value, strictness } if !is_any => {
            values.push(create(path, selection, mode, value, strictness)?);
        }
        ChangeValues::Write { mode, value, .. } => {
            for selected in values.iter_mut().filter(|value| selection.picks(value)) {
                match (path.sub.as_deref(), selected) {
                    (Some(sub), Value::Object(parts)) => write(parts, mode, sub, None, value)?,
                    (_, selected) => *selected = value.clone(),
                }
            }
        }
        ChangeValues::Remove => match path.sub.as_deref() {
            None => values.retain(|value| !selection.picks(value)),
            Some(sub) => {
                for selected in values.iter_mut().filter(|value| selection.picks(value)) {
                    if let Value::Object(parts) = selected {
                        remove(parts, sub, None, None)?;
                    }
                }
            }
        },
    }
    values.retain(|value| !is_unassignment(value) && value.as_object().is_none_or(|parts| !parts.is_empty()));
    match values.is_empty() {
        true => object.shift_remove(&key),
        false => object.insert(key, Value::Array(values)),
    };
    Ok(())
}

fn create(
    path: &AttributePath,
    selection: Selection<'_>,
    mode: Write,
    value: &Value,
    strictness: Strictness,
) -> Result<Value, Error> {
    let no_target = || Error::no_target(format!("no value of {} matches the filter of the path", path.name));
    let Selection::Matching(filter) = selection else { return Err(no_target()) };
    if mode == Write::Replace && strictness == Strictness::Strict {
        return Err(no_target());
    }
    let mut made = described(filter).ok_or_else(no_target)?;
    match (path.sub.as_deref(), value) {
        (Some(sub), value) => {
            made.insert(sub.to_owned(), value.clone());
        }
        (None, Value::Object(parts)) => made.extend(parts.clone()),
        (None, _) => return Err(no_target()),
    }
    Ok(Value::Object(made))
}
