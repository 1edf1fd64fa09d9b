//! Reads an extension schema that an administrator defines for a directory (RFC 7643 §7). What can't
//! be kept is refused here, so that what is published is what is enforced.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{Attribute, Mutability, ResourceType, Returned, Schema, Type, Uniqueness, urn};
use crate::base::limits::EXTENSION_ATTRIBUTES_MAX;
use crate::scim::Error;
use crate::scim::field::{assigned, describe, refuse_twins, short};

/// Reads one schema for resources of this type.
///
/// # Errors
///
/// `invalidValue` or `invalidSyntax` that names what is wrong and where.
pub fn parse(json: &Value, resource_type: ResourceType) -> Result<Schema, Error> {
    let Value::Object(object) = json else {
        return Err(Error::invalid_syntax(format!("a schema must be an object, not {}", describe(json))));
    };
    refuse_twins(object, "the schema")?;
    let id = required_text(object, "id", "the schema")?;
    check_id(&id)?;
    let mut count = 0;
    let attributes = attributes(object, "attributes", "the schema", Level::Top, &mut count)?;
    let name = match text(object, "name", "the schema")? {
        Some(name) => name,
        None => id.rsplit(':').next().unwrap_or_default().to_owned(),
    };
    let description = text(object, "description", "the schema")?
        .unwrap_or_else(|| format!("Additional attributes of a {}", resource_type.name()));
    Ok(Schema { id, name, description, attributes })
}

/// Complex attributes stand at the top only (RFC 7643 §2.3.8).
#[derive(Debug, Clone, Copy, PartialEq)]
enum Level {
    Top,
    Sub,
}

fn check_id(id: &str) -> Result<(), Error> {
    let mut parts = id.splitn(3, ':');
    let is_urn = parts.next().is_some_and(|scheme| scheme.eq_ignore_ascii_case("urn"));
    let namespace = parts.next().unwrap_or_default();
    let rest = parts.next().unwrap_or_default();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let is_visible = |byte: u8| byte.is_ascii_graphic() && !b"\"\\[],".contains(&byte);
    // RFC 8141 wants two characters of namespace at least; the RFC's own examples have `edu`.
    let is_valid = is_urn
        && 2 <= namespace.len()
        && namespace.bytes().all(is_name)
        && !rest.is_empty()
        && !rest.ends_with(':')
        && rest.bytes().all(is_visible)
        && id.len() <= ID_BYTES_MAX;
    if !is_valid {
        return Err(Error::invalid_value(format!(
            "id must be a URN such as \"urn:example:scim:2.0:User\", not {:?}",
            short(id)
        )));
    }
    match KNOWN.iter().find(|known| within(id, known) || within(known, id)) {
        Some(known) => {
            Err(Error::invalid_value(format!("id clashes with {known}, which this server defines")))
        }
        None => Ok(()),
    }
}

/// Whether one URN is another, or begins with it as attribute names do.
fn within(longer: &str, shorter: &str) -> bool {
    let start = longer.get(..shorter.len()).unwrap_or_default();
    let rest = longer.get(shorter.len()..).unwrap_or_default();
    start.eq_ignore_ascii_case(shorter) && (rest.is_empty() || rest.starts_with(':'))
}

fn attributes(
    object: &Map<String, Value>,
    list: &str,
    place: &str,
    level: Level,
    count: &mut usize,
) -> Result<Vec<Attribute>, Error> {
    let values = match assigned(object, list) {
        Some(Value::Array(values)) if !values.is_empty() => values,
        Some(Value::Array(_)) | None => {
            return Err(Error::invalid_value(format!("{place} needs at least one entry in {list}")));
        }
        Some(other) => {
            return Err(Error::invalid_value(format!(
                "{list} of {place} must be an array, not {}",
                describe(other)
            )));
        }
    };
    *count += values.len();
    if EXTENSION_ATTRIBUTES_MAX < *count {
        return Err(Error::invalid_value(format!(
            "the schema has more than {EXTENSION_ATTRIBUTES_MAX} attributes and sub-attributes"
        )));
    }
    let mut names = HashSet::new();
    let mut attributes = Vec::with_capacity(values.len());
    for value in values {
        let attribute = attribute(value, level, count)?;
        if !names.insert(attribute.name.to_ascii_lowercase()) {
            return Err(Error::invalid_value(format!("{place} has the attribute {} twice", attribute.name)));
        }
        attributes.push(attribute);
    }
    Ok(attributes)
}

fn attribute(value: &Value, level: Level, count: &mut usize) -> Result<Attribute, Error> {
    let Value::Object(object) = value else {
        return Err(Error::invalid_value(format!("an attribute must be an object, not {}", describe(value))));
    };
    refuse_twins(object, "an attribute")?;
    let name = required_text(object, "name", "an attribute")?;
    check_name(&name, level)?;
    let kind = keyword(object, "type", &name, TYPES)?.unwrap_or(Type::String);
    let sub_attributes = match (kind, level) {
        (Type::Complex, Level::Top) => attributes(object, "subAttributes", &name, Level::Sub, count)?,
        (Type::Complex, Level::Sub) => {
            return Err(Error::invalid_value(format!(
                "{name} is inside another attribute, so it can't be complex"
            )));
        }
        _ if assigned(object, "subAttributes").is_some_and(|subs| subs.get(0).is_some()) => {
            return Err(Error::invalid_value(format!(
                "{name} has subAttributes, so its type must be complex"
            )));
        }
        _ => Vec::new(),
    };
    let mutability = keyword(object, "mutability", &name, MUTABILITIES)?.unwrap_or(Mutability::ReadWrite);
    let returned = match (mutability, keyword(object, "returned", &name, RETURNED)?) {
        (Mutability::WriteOnly, _) => Returned::Never,
        (_, returned) => returned.unwrap_or(Returned::Default),
    };
    if keyword(object, "uniqueness", &name, UNIQUENESSES)?.is_some_and(|unique| unique != Uniqueness::None) {
        return Err(Error::invalid_value(format!(
            "uniqueness of {name} must be none: this server keeps only userName unique"
        )));
    }
    let always_exact = matches!(kind, Type::Reference | Type::Binary);
    Ok(Attribute {
        kind,
        multi_valued: flag(object, "multiValued", &name)?,
        description: text(object, "description", &name)?.unwrap_or_default(),
        required: flag(object, "required", &name)?,
        has_default: false,
        canonical_values: texts(object, "canonicalValues", &name)?,
        case_exact: always_exact || flag(object, "caseExact", &name)?,
        mutability,
        returned,
        uniqueness: Uniqueness::None,
        reference_types: texts(object, "referenceTypes", &name)?,
        sub_attributes,
        name,
    })
}

/// RFC 7643 §2.1, and `$ref`, which the RFC uses against its own rule.
fn check_name(name: &str, level: Level) -> Result<(), Error> {
    let is_ref = level == Level::Sub && name == "$ref";
    let starts_well = name.starts_with(|first: char| first.is_ascii_alphabetic());
    let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || b"$-_".contains(&byte);
    if is_ref || (starts_well && name.bytes().all(is_valid) && name.len() <= NAME_BYTES_MAX) {
        return Ok(());
    }
    Err(Error::invalid_value(format!(
        "{:?} can't be the name of an attribute: a letter, then letters, digits, $, - and _, at most {NAME_BYTES_MAX}",
        short(name)
    )))
}

fn required_text(object: &Map<String, Value>, name: &str, place: &str) -> Result<String, Error> {
    text(object, name, place)?.ok_or_else(|| Error::invalid_value(format!("{place} needs {name}")))
}

fn text(object: &Map<String, Value>, name: &str, place: &str) -> Result<Option<String>, Error> {
    match assigned(object, name) {
        None => Ok(None),
        Some(Value::String(text)) if text.len() <= TEXT_BYTES_MAX => Ok(Some(text.clone())),
        Some(other) => Err(Error::invalid_value(format!(
            "{name} of {place} must be a string of at most {TEXT_BYTES_MAX} bytes, not {}",
            describe(other)
        ))),
    }
}

fn flag(object: &Map<String, Value>, name: &str, place: &str) -> Result<bool, Error> {
    match assigned(object, name) {
        None => Ok(false),
        Some(Value::Bool(value)) => Ok(*value),
        Some(other) => Err(Error::invalid_value(format!(
            "{name} of {place} must be true or false, not {}",
            describe(other)
        ))),
    }
}

fn texts(object: &Map<String, Value>, name: &str, place: &str) -> Result<Vec<String>, Error> {
    let wrong = |value: &Value| {
        Error::invalid_value(format!(
            "{name} of {place} must be an array of strings, not {}",
            describe(value)
        ))
    };
    match assigned(object, name) {
        None => Ok(Vec::new()),
        Some(Value::Array(values)) => {
            values.iter().map(|value| value.as_str().map(str::to_owned).ok_or_else(|| wrong(value))).collect()
        }
        Some(other) => Err(wrong(other)),
    }
}

fn keyword<T: Copy>(
    object: &Map<String, Value>,
    name: &str,
    place: &str,
    keywords: &[(&str, T)],
) -> Result<Option<T>, Error> {
    let Some(text) = text(object, name, place)? else { return Ok(None) };
    match keywords.iter().find(|(keyword, _)| keyword.eq_ignore_ascii_case(&text)) {
        Some((_, value)) => Ok(Some(*value)),
        None => {
            let known: Vec<&str> = keywords.iter().map(|(keyword, _)| *keyword).collect();
            Err(Error::invalid_value(format!(
                "{name} of {place} must be one of {}, not {:?}",
                known.join(", "),
                short(&text)
            )))
        }
    }
}

const ID_BYTES_MAX: usize = 255;
const NAME_BYTES_MAX: usize = 100;
const TEXT_BYTES_MAX: usize = 1_000;

const KNOWN: [&str; 7] = [
    urn::USER,
    urn::GROUP,
    urn::ENTERPRISE_USER,
    urn::SERVICE_PROVIDER_CONFIG,
    urn::RESOURCE_TYPE,
    urn::SCHEMA,
    "urn:ietf:params:scim:api:messages:2.0",
];

const TYPES: &[(&str, Type)] = &[
    ("string", Type::String),
    ("boolean", Type::Boolean),
    ("decimal", Type::Decimal),
    ("integer", Type::Integer),
    ("dateTime", Type::DateTime),
    ("binary", Type::Binary),
    ("reference", Type::Reference),
    ("complex", Type::Complex),
];

const MUTABILITIES: &[(&str, Mutability)] = &[
    ("readOnly", Mutability::ReadOnly),
    ("readWrite", Mutability::ReadWrite),
    ("immutable", Mutability::Immutable),
    ("writeOnly", Mutability::WriteOnly),
];

const RETURNED: &[(&str, Returned)] = &[
    ("always", Returned::Always),
    ("never", Returned::Never),
    ("default", Returned::Default),
    ("request", Returned::Request),
];

const UNIQUENESSES: &[(&str, Uniqueness)] =
    &[("none", Uniqueness::None), ("server", Uniqueness::Server), ("global", Uniqueness::Global)];

#[cfg(test)]
mod tests;
