//! Deviations in the keys of an object of attributes, and then in their values.

use serde_json::{Map, Value};

use super::{Names, Rule, note, value};
use crate::scim::Strictness;
use crate::scim::filter::AttributePath;
use crate::scim::path::{self, Path};
use crate::scim::resource::is_urn;
use crate::scim::schema::{Schema, TypeSchema};

/// Rewrites a resource, or the value of an operation without a path.
pub(super) fn rewrite(
    attributes: &mut Map<String, Value>,
    schema: &TypeSchema,
    names: &Names,
    rules: &mut Vec<Rule>,
) {
    flatten_core(attributes, schema, names, rules);
    name_extensions(attributes, schema, rules);
    place(attributes, schema, names, rules);
    for (key, value) in attributes.iter_mut() {
        if let Some(attribute) = schema.core_attribute(key) {
            // `schemas` has rules of its own.
            if attribute.name != "schemas" {
                value::rewrite(attribute, value, names, rules);
            }
        } else if let Some(extension) = schema.extension(key) {
            rewrite_extension(extension, value, names, rules);
        }
    }
}

/// Rewrites the values in an extension's object.
pub(super) fn rewrite_extension(extension: &Schema, value: &mut Value, names: &Names, rules: &mut Vec<Rule>) {
    for (key, value) in value.as_object_mut().into_iter().flatten() {
        if let Some(attribute) = extension.attribute(key) {
            value::rewrite(attribute, value, names, rules);
        }
    }
}

/// `{"urn:…:core:2.0:User": {"active": false}}`: core attributes stand at the top.
fn flatten_core(
    attributes: &mut Map<String, Value>,
    schema: &TypeSchema,
    names: &Names,
    rules: &mut Vec<Rule>,
) {
    let is_core =
        |(key, value): &(&String, &Value)| value.is_object() && key.eq_ignore_ascii_case(&schema.core.id);
    let Some(key) = attributes.iter().find(is_core).map(|(key, _)| key.clone()) else { return };
    if let Some(Value::Object(core)) = attributes.shift_remove(&key) {
        for (key, value) in core {
            attributes.entry(key).or_insert(value);
        }
        note(rules, names.dotted_key);
    }
}

/// `urn:…:enterprise:2.0User` and other spellings of a registered extension's URN.
fn name_extensions(attributes: &mut Map<String, Value>, schema: &TypeSchema, rules: &mut Vec<Rule>) {
    let misspelt: Vec<(String, String)> = attributes
        .keys()
        .filter_map(|key| Some((key.clone(), misspelt_extension(key, schema)?.id.clone())))
        .collect();
    for (key, urn) in misspelt {
        if !attributes.contains_key(&urn)
            && let Some(value) = attributes.shift_remove(&key)
        {
            attributes.insert(urn, value);
            note(rules, Rule::ResourceExtensionTypo);
        }
    }
}

/// The extension that a misspelt URN means: colons lost or added, or the URN of SCIM 1.1.
pub(super) fn misspelt_extension<'s>(key: &str, schema: &'s TypeSchema) -> Option<&'s Schema> {
    if !is_urn(key) || schema.extension(key).is_some() {
        return None;
    }
    let letters = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    };
    let old = |urn: &str| {
        let name = urn.strip_prefix("urn:ietf:params:scim:schemas:extension:")?.split(':').next()?;
        Some(["1.0", "2.0"].map(|version| letters(&format!("urn:scim:schemas:extension:{name}:{version}"))))
    };
    let key = letters(key);
    schema.extensions.iter().find(|extension| {
        letters(&extension.id) == key || old(&extension.id).is_some_and(|old| old.contains(&key))
    })
}

/// Puts `"name.givenName"`, `"urn:…:User:department"` and a `department` without its URN where they
/// belong. Keys that can't be moved stay, for the parser to judge.
fn place(attributes: &mut Map<String, Value>, schema: &TypeSchema, names: &Names, rules: &mut Vec<Rule>) {
    let moves: Vec<(String, AttributePath)> = attributes
        .iter()
        .filter_map(|(key, value)| Some((key.clone(), moved(key, value, schema)?)))
        .collect();
    for (key, path) in moves {
        let Some(value) = attributes.get(&key).cloned() else { continue };
        if put(attributes, &path, value) {
            attributes.shift_remove(&key);
            note(rules, if key.contains([':', '.']) { names.dotted_key } else { names.urn_missing });
        }
    }
}

/// Where a key points, if that is not where it stands.
fn moved(key: &str, value: &Value, schema: &TypeSchema) -> Option<AttributePath> {
    let is_extension = is_urn(key) && value.is_object() && !key.contains("]");
    if key.contains('[') || schema.core_attribute(key).is_some() || schema.extension(key).is_some() {
        return None;
    }
    match path::parse(key, schema, Strictness::Lenient, &mut Vec::new()) {
        Ok(Path::Attribute(path)) => {
            // One sub-attribute of many values has no place in an object.
            (!path.multi_valued || path.sub.is_none()).then_some(path)
        }
        Ok(Path::Open(path)) => {
            let is_registered = path.schema.as_ref().is_some_and(|urn| schema.extension(urn).is_some());
            (is_registered || (!is_extension && path.sub.is_none())).then_some(path)
        }
        _ => None,
    }
}

/// Puts a value where a path points, unless something else is there.
fn put(attributes: &mut Map<String, Value>, path: &AttributePath, value: Value) -> bool {
    let object = match &path.schema {
        None => Some(attributes),
        Some(urn) => object_at(attributes, urn),
    };
    let Some(object) = object else { return false };
    let (object, name) = match &path.sub {
        None => (Some(object), &path.name),
        Some(sub) => (object_at(object, &path.name), sub),
    };
    match object {
        Some(object) => {
            object.insert(existing(object, name), value);
            true
        }
        None => false,
    }
}

fn object_at<'o>(object: &'o mut Map<String, Value>, name: &str) -> Option<&'o mut Map<String, Value>> {
    let key = existing(object, name);
    object.entry(key).or_insert_with(|| Value::Object(Map::new())).as_object_mut()
}

fn existing(object: &Map<String, Value>, name: &str) -> String {
    object.keys().find(|key| key.eq_ignore_ascii_case(name)).map_or_else(|| name.to_owned(), Clone::clone)
}
