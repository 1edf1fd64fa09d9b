//! Writes one attribute into the object in which it stands: the core of a resource, or an extension.

use serde_json::{Map, Value};

use super::Write;
use super::apply::required;
use super::values::demote_others;
use crate::scim::Error;
use crate::scim::resource::{collapse, normalize_value};
use crate::scim::schema::{Attribute, Mutability};

/// Writes an attribute, or one sub-attribute of a singular complex attribute.
///
/// # Errors
///
/// `invalidValue` for a wrong type, `mutability` when something required would go or something
/// immutable would change.
pub(super) fn write(
    object: &mut Map<String, Value>,
    attribute: &Attribute,
    sub: Option<&Attribute>,
    mode: Write,
    value: &Value,
) -> Result<(), Error> {
    let before = object.get(&attribute.name).cloned();
    match sub {
        Some(sub) => write_sub(object, attribute, sub, value)?,
        None if attribute.multi_valued => write_values(object, attribute, mode, value)?,
        None if attribute.is_complex() => write_complex(object, attribute, value)?,
        None => match normalize_value(attribute, value.clone())? {
            Some(value) => {
                object.insert(attribute.name.clone(), value);
            }
            None => unassign(object, attribute)?,
        },
    }
    refuse_changed(attribute, before.as_ref(), object.get(&attribute.name))
}

/// Takes an attribute away.
///
/// # Errors
///
/// `mutability` when it is required, or immutable and set.
pub(super) fn unassign(object: &mut Map<String, Value>, attribute: &Attribute) -> Result<(), Error> {
    if attribute.required {
        return Err(required(&attribute.name));
    }
    let before = object.shift_remove(&attribute.name);
    refuse_changed(attribute, before.as_ref(), None)
}

/// Takes a sub-attribute of a singular attribute away, and the attribute with its last one.
///
/// # Errors
///
/// `mutability` when either is required or immutable.
pub(super) fn remove_sub(
    object: &mut Map<String, Value>,
    attribute: &Attribute,
    sub: &Attribute,
) -> Result<(), Error> {
    let Some(Value::Object(parts)) = object.get_mut(&attribute.name) else { return Ok(()) };
    if !parts.contains_key(&sub.name) {
        return Ok(());
    }
    if attribute.mutability == Mutability::Immutable {
        return Err(immutable(attribute));
    }
    unassign(parts, sub)?;
    match parts.is_empty() {
        true => unassign(object, attribute),
        false => Ok(()),
    }
}

/// What means "no value" (RFC 7643 §2.5).
pub(super) fn is_unassignment(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

/// `add` appends, `replace` replaces all. A single value counts as a list of one.
fn write_values(
    object: &mut Map<String, Value>,
    attribute: &Attribute,
    mode: Write,
    value: &Value,
) -> Result<(), Error> {
    let list = match value {
        Value::Array(_) | Value::Null => value.clone(),
        single => Value::Array(vec![single.clone()]),
    };
    let new = match normalize_value(attribute, list)? {
        Some(Value::Array(new)) => new,
        _ => Vec::new(),
    };
    match (mode, object.get_mut(&attribute.name)) {
        (Write::Add, Some(Value::Array(values))) => {
            let primary = new.iter().rposition(is_primary).map(|index| values.len() + index);
            values.extend(new);
            demote_others(values, primary);
            collapse(attribute, values);
        }
        (Write::Replace, _) if new.is_empty() => return unassign(object, attribute),
        (Write::Add, _) if new.is_empty() => {}
        (Write::Replace, _) | (Write::Add, _) => {
            let mut new = new;
            let primary = new.iter().rposition(is_primary);
            demote_others(&mut new, primary);
            collapse(attribute, &mut new);
            object.insert(attribute.name.clone(), Value::Array(new));
        }
    }
    Ok(())
}

/// Whether a value says that it is the primary one.
pub(super) fn is_primary(value: &Value) -> bool {
    value.get("primary") == Some(&Value::Bool(true))
}

/// Sub-attributes that are named are written, or unassigned by null; the others stay.
fn write_complex(object: &mut Map<String, Value>, attribute: &Attribute, value: &Value) -> Result<(), Error> {
    let new = normalize_value(attribute, value.clone())?;
    let Value::Object(named) = value else { return unassign(object, attribute) };
    let mut parts = match object.get(&attribute.name) {
        Some(Value::Object(parts)) => parts.clone(),
        _ => Map::new(),
    };
    if let Some(Value::Object(new)) = new {
        for (name, value) in new {
            if let Some(sub) = attribute.sub_attribute(&name) {
                refuse_changed(sub, parts.get(&name), Some(&value))?;
            }
            parts.insert(name, value);
        }
    }
    for (name, _) in named.iter().filter(|(_, value)| is_unassignment(value)) {
        match attribute.sub_attribute(name) {
            Some(sub) if sub.mutability != Mutability::ReadOnly => unassign(&mut parts, sub)?,
            _ => {}
        }
    }
    put(object, attribute, parts)
}

fn write_sub(
    object: &mut Map<String, Value>,
    attribute: &Attribute,
    sub: &Attribute,
    value: &Value,
) -> Result<(), Error> {
    let Some(value) = normalize_value(sub, value.clone())? else { return remove_sub(object, attribute, sub) };
    let mut parts = match object.get(&attribute.name) {
        Some(Value::Object(parts)) => parts.clone(),
        _ => Map::new(),
    };
    refuse_changed(sub, parts.get(&sub.name), Some(&value))?;
    parts.insert(sub.name.clone(), value);
    put(object, attribute, parts)
}

fn put(
    object: &mut Map<String, Value>,
    attribute: &Attribute,
    parts: Map<String, Value>,
) -> Result<(), Error> {
    if !parts.is_empty() {
        object.insert(attribute.name.clone(), Value::Object(parts));
        return Ok(());
    }
    match object.contains_key(&attribute.name) {
        true => unassign(object, attribute),
        false => Ok(()),
    }
}

/// An immutable attribute takes its first value and keeps it.
pub(super) fn refuse_changed(
    attribute: &Attribute,
    before: Option<&Value>,
    after: Option<&Value>,
) -> Result<(), Error> {
    match attribute.mutability == Mutability::Immutable && before.is_some() && before != after {
        true => Err(immutable(attribute)),
        false => Ok(()),
    }
}

fn immutable(attribute: &Attribute) -> Error {
    Error::mutability(format!("{} can't be changed once it is set", attribute.name))
}
