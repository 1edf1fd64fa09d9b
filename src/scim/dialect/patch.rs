//! Deviations in PATCH requests.

use serde_json::{Map, Value, json};

use super::{PATCH, Rule, keys, note, value};
use crate::scim::Strictness;
use crate::scim::field::field;
use crate::scim::path::{self, Path};
use crate::scim::schema::{TypeSchema, urn};

/// Rewrites a PATCH into standard SCIM and says which deviations it had. What isn't understood stays
/// for the parser to refuse.
pub fn rewrite_patch(body: &mut Map<String, Value>, schema: &TypeSchema) -> Vec<Rule> {
    let mut rules = Vec::new();
    key_case(body, &["schemas", "Operations"], &mut rules);
    schemas_missing(body, &mut rules);
    let Some(Value::Array(operations)) = body.get_mut("Operations") else { return rules };
    if operations.is_empty() {
        note(&mut rules, Rule::PatchEmptyOperations);
    }
    for operation in operations.iter_mut().filter_map(Value::as_object_mut) {
        key_case(operation, &["op", "path", "value"], &mut rules);
        op_case(operation, &mut rules);
        path_null(operation, &mut rules);
        operation_value(operation, schema, &mut rules);
    }
    rules
}

/// `operations`, `Op`, `Path`.
fn key_case(object: &mut Map<String, Value>, names: &[&str], rules: &mut Vec<Rule>) {
    for name in names {
        let mut twins = object.keys().filter(|key| key.eq_ignore_ascii_case(name));
        let (Some(key), None) = (twins.next().cloned(), twins.next()) else { continue };
        if key != *name
            && let Some(value) = object.shift_remove(&key)
        {
            object.insert((*name).to_owned(), value);
            note(rules, Rule::PatchOperationsKeyCase);
        }
    }
}

/// A PatchOp that doesn't say that it is one.
fn schemas_missing(body: &mut Map<String, Value>, rules: &mut Vec<Rule>) {
    let is_named =
        |schema: &Value| schema.as_str().is_some_and(|text| text.eq_ignore_ascii_case(urn::PATCH_OP));
    match field(body, "schemas") {
        Some(Value::Array(schemas)) if schemas.iter().any(is_named) => {}
        _ => {
            body.insert("schemas".to_owned(), json!([urn::PATCH_OP]));
            note(rules, Rule::PatchSchemasMissing);
        }
    }
}

/// `Replace`: Entra.
fn op_case(operation: &mut Map<String, Value>, rules: &mut Vec<Rule>) {
    let Some(Value::String(op)) = operation.get_mut("op") else { return };
    let standard = op.trim().to_ascii_lowercase();
    if *op != standard && ["add", "remove", "replace"].contains(&standard.as_str()) {
        *op = standard;
        note(rules, Rule::PatchOpCase);
    }
}

/// `"path": null`: authentik.
fn path_null(operation: &mut Map<String, Value>, rules: &mut Vec<Rule>) {
    if operation.get("path") == Some(&Value::Null) {
        operation.shift_remove("path");
        note(rules, Rule::PatchPathNull);
    }
}

fn operation_value(operation: &mut Map<String, Value>, schema: &TypeSchema, rules: &mut Vec<Rule>) {
    let is_remove = operation.get("op").and_then(Value::as_str) == Some("remove");
    let path = operation.get("path").cloned();
    let Some(value) = operation.get_mut("value") else { return };
    let path = match &path {
        Some(Value::String(text)) => path::parse(text, schema, Strictness::Lenient, &mut Vec::new()).ok(),
        Some(_) => return,
        None if is_remove => return,
        None => return attributes(value, schema, rules),
    };
    match path {
        Some(Path::Attribute(path)) => match path.definition(schema) {
            // What a remove lists is named by its values; nothing in it clears anything.
            Some((attribute, None)) if attribute.multi_valued || !is_remove => {
                value::rewrite(attribute, value, &PATCH, rules);
            }
            Some((_, Some(sub))) if !is_remove => value::rewrite(sub, value, &PATCH, rules),
            _ => {}
        },
        Some(Path::Values { attribute, sub, .. }) if !is_remove => {
            value::unwrap_list(value, &PATCH, rules);
            let attribute = crate::scim::filter::AttributePath { sub, ..attribute };
            match attribute.definition(schema) {
                Some((_, Some(sub))) => value::rewrite(sub, value, &PATCH, rules),
                Some((attribute, None)) => value::element(attribute, value, &PATCH, rules),
                None => {}
            }
        }
        Some(Path::Extension { urn }) if !is_remove => {
            if let Some(extension) = schema.extension(&urn) {
                keys::rewrite_extension(extension, value, &PATCH, rules);
            }
        }
        _ => {}
    }
}

/// The value of an operation without a path: `[{…}]` and `"{…}"` are understood as the object.
fn attributes(value: &mut Value, schema: &TypeSchema, rules: &mut Vec<Rule>) {
    if value.as_array().is_some_and(|values| values.iter().all(Value::is_object)) {
        value::unwrap_list(value, &PATCH, rules);
    }
    if let Some(object) = value.as_str().and_then(value::object_in_text) {
        *value = Value::Object(object);
        note(rules, Rule::PatchJsonStringValue);
    }
    if let Value::Object(attributes) = value {
        keys::rewrite(attributes, schema, &PATCH, rules);
    }
}
