//! Reads the body of a POST or PUT (RFC 7644 §3.3 and §3.5.1).

use serde_json::{Map, Value};

use super::normalize::normalize_at;
use super::{MemberRef, Resource, is_urn, parse_members};
use crate::scim::Error;
use crate::scim::field::{describe, refuse_twins};
use crate::scim::schema::{Attribute, Mutability, Returned, Schema, TypeSchema, urn};

/// What a body says.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    pub resource: Resource,
    /// `None` when the body doesn't mention `members`.
    pub members: Option<Vec<MemberRef>>,
    /// The `id` in the body: read-only, so it changes nothing; a PUT may compare it.
    pub id: Option<String>,
}

/// Reads a whole resource. Read-only attributes are left out, as RFC 7644 §3.3 wants; a password is
/// dropped unread. What is required is for [`super::check`] to say.
///
/// # Errors
///
/// `invalidValue` for a wrong type, `invalidSyntax` for a name in two spellings.
pub fn parse(body: &Map<String, Value>, schema: &TypeSchema) -> Result<Parsed, Error> {
    refuse_twins(body, "")?;
    let mut parsed = Parsed { resource: Resource::default(), members: None, id: None };
    for (key, value) in body {
        match schema.core_attribute(key) {
            Some(attribute) => known(&mut parsed, attribute, value, schema)?,
            None if is_urn(key) => extension(&mut parsed.resource, key, value, schema)?,
            None => keep(&mut parsed.resource.extra, key, value),
        }
    }
    Ok(parsed)
}

fn known(
    parsed: &mut Parsed,
    attribute: &Attribute,
    value: &Value,
    schema: &TypeSchema,
) -> Result<(), Error> {
    match attribute.name.as_str() {
        "schemas" => return check_schemas(value, schema),
        "id" => parsed.id = value.as_str().map(str::to_owned),
        "members" => parsed.members = Some(parse_members(value)?),
        // Two people must never be taken for one because neither has an identifier.
        "externalId" if is_blank(value) => {}
        _ if attribute.mutability == Mutability::ReadOnly || is_secret(attribute) => {}
        name => {
            if let Some(value) = normalize_at(attribute, value.clone(), name)? {
                parsed.resource.attributes.insert(name.to_owned(), value);
            }
        }
    }
    Ok(())
}

fn is_blank(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim().is_empty())
}

fn is_secret(attribute: &Attribute) -> bool {
    attribute.mutability == Mutability::WriteOnly && attribute.returned == Returned::Never
}

/// `schemas` is not needed: the endpoint says what the resource is. A body that says it is
/// something else is refused.
fn check_schemas(value: &Value, schema: &TypeSchema) -> Result<(), Error> {
    let urns = match value {
        Value::Null => return Ok(()),
        Value::Array(urns) => urns,
        other => {
            return Err(Error::invalid_value(format!("schemas must be an array, not {}", describe(other))));
        }
    };
    let mut other_type = None;
    for value in urns {
        let Value::String(text) = value else {
            return Err(Error::invalid_value(format!("schemas must hold strings, not {}", describe(value))));
        };
        if text.eq_ignore_ascii_case(&schema.core.id) {
            return Ok(());
        }
        other_type =
            other_type.or([urn::USER, urn::GROUP].into_iter().find(|urn| text.eq_ignore_ascii_case(urn)));
    }
    match other_type {
        Some(urn) => Err(Error::invalid_value(format!(
            "schemas names {urn}, but {} holds resources of {}",
            schema.resource_type.endpoint(),
            schema.core.id
        ))),
        None => Ok(()),
    }
}

fn extension(resource: &mut Resource, key: &str, value: &Value, schema: &TypeSchema) -> Result<(), Error> {
    // Core attributes stand at the top (RFC 7643 §3); an object of them is nothing we know.
    let is_core = key.eq_ignore_ascii_case(&schema.core.id);
    match (schema.extension(key), value) {
        (_, Value::Null) => {}
        (Some(extension), Value::Object(object)) => {
            let kept = extension_attributes(extension, object)?;
            if !kept.is_empty() {
                resource.attributes.insert(extension.id.clone(), Value::Object(kept));
            }
        }
        (Some(extension), other) => {
            return Err(Error::invalid_value(format!(
                "{} must be an object, not {}",
                extension.id,
                describe(other)
            )));
        }
        (None, Value::Object(object)) if !is_core => {
            if !object.is_empty() {
                resource.attributes.insert(key.to_owned(), value.clone());
            }
        }
        (None, _) => keep(&mut resource.extra, key, value),
    }
    Ok(())
}

/// The attributes of a registered extension in canonical form; those that its schema doesn't know
/// stay as they came.
fn extension_attributes(
    extension: &Schema,
    object: &Map<String, Value>,
) -> Result<Map<String, Value>, Error> {
    refuse_twins(object, &extension.id)?;
    let mut kept = Map::new();
    for (key, value) in object {
        match extension.attribute(key) {
            Some(attribute) if attribute.mutability == Mutability::ReadOnly => {}
            Some(attribute) => {
                let place = format!("{}:{}", extension.id, attribute.name);
                if let Some(value) = normalize_at(attribute, value.clone(), &place)? {
                    kept.insert(attribute.name.clone(), value);
                }
            }
            None => keep(&mut kept, key, value),
        }
    }
    Ok(kept)
}

fn keep(object: &mut Map<String, Value>, key: &str, value: &Value) {
    if !value.is_null() {
        object.insert(key.to_owned(), value.clone());
    }
}
