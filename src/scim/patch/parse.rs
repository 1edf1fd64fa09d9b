//! Reads a PatchOp message into operations.

use serde_json::{Map, Value};

use super::deactivation::has_stray_active;
use super::{Operation, Patch, Write};
use crate::base::limits::PATCH_OPERATIONS_MAX;
use crate::scim::dialect::Rule;
use crate::scim::field::{assigned, describe, field, refuse_twins, short};
use crate::scim::path;
use crate::scim::schema::{ResourceType, TypeSchema, urn};
use crate::scim::{Error, Strictness};

/// Reads a request that is standard SCIM, or was rewritten into it by the dialect. Paths are
/// resolved here, so that an operation on what no schema has is refused before anything is done.
///
/// # Errors
///
/// `invalidSyntax` for a message that isn't a PatchOp, `invalidPath` for a path, `invalidValue` for
/// a missing value, `noTarget` for `remove` without a path.
pub fn parse(body: &Map<String, Value>, schema: &TypeSchema, strictness: Strictness) -> Result<Patch, Error> {
    refuse_twins(body, "")?;
    check_schemas(body)?;
    if schema.resource_type == ResourceType::User && has_stray_active(body) {
        return Err(Error::invalid_syntax("active stands beside Operations, where it does nothing; put it in an operation"));
    }
    let operations = match assigned(body, "Operations") {
        Some(Value::Array(operations)) => operations,
        Some(other) => {
            return Err(Error::invalid_syntax(format!(
                "Operations must be an array, not {}",
                describe(other)
            )));
        }
        None => return Err(Error::invalid_syntax("Operations is required: an array of operations")),
    };
    if operations.is_empty() && strictness == Strictness::Strict {
        return Err(Error::invalid_syntax("Operations must hold at least one operation"));
    }
    if PATCH_OPERATIONS_MAX < operations.len() {
        return Err(Error::invalid_value(format!(
            "the request has {} operations; at most {PATCH_OPERATIONS_MAX} are taken",
            operations.len()
        )));
    }
    let mut rules = Vec::new();
    let operations: Result<_, Error> = operations
        .iter()
        .enumerate()
        .map(|(index, value)| {
            let parsed = operation(value, schema, strictness, &mut rules);
            parsed.map_err(|error| numbered(error, index, operations.len()))
        })
        .collect();
    Ok(Patch { operations: operations?, rules })
}

/// Says which operation is at fault, where there are several.
pub(super) fn numbered(error: Error, index: usize, count: usize) -> Error {
    match count {
        0 | 1 => error,
        _ => Error { detail: format!("Operation {}: {}", index + 1, error.detail), ..error },
    }
}

fn check_schemas(body: &Map<String, Value>) -> Result<(), Error> {
    let is_named = assigned(body, "schemas").and_then(Value::as_array).is_some_and(|schemas| {
        schemas
            .iter()
            .any(|schema| schema.as_str().is_some_and(|schema| schema.eq_ignore_ascii_case(urn::PATCH_OP)))
    });
    match is_named {
        true => Ok(()),
        false => Err(Error::invalid_syntax(format!("schemas must hold \"{}\"", urn::PATCH_OP))),
    }
}

fn operation(
    value: &Value,
    schema: &TypeSchema,
    strictness: Strictness,
    rules: &mut Vec<Rule>,
) -> Result<Operation, Error> {
    let Value::Object(operation) = value else {
        return Err(Error::invalid_syntax(format!(
            "an operation must be an object, not {}",
            describe(value)
        )));
    };
    refuse_twins(operation, "an operation")?;
    let mode = mode(operation)?;
    let path = match assigned(operation, "path") {
        None => None,
        Some(Value::String(text)) => Some(path::parse(text, schema, strictness, rules)?),
        Some(other) => {
            return Err(Error::invalid_path(format!("path must be a string, not {}", describe(other))));
        }
    };
    let value = field(operation, "value").cloned();
    match (mode, path, value) {
        (None, Some(path), value) => Ok(Operation::Remove { path, value }),
        (None, None, _) => Err(Error::no_target("remove needs a path that says what to remove")),
        (Some(_), _, None) => Err(Error::invalid_value("add and replace need a value")),
        (Some(_), None, Some(value)) if !value.is_object() => Err(Error::invalid_value(format!(
            "without a path the value must be an object of attributes, not {}",
            describe(&value)
        ))),
        (Some(mode), path, Some(value)) => Ok(Operation::Write { mode, path, value }),
    }
}

/// How to write; `None` for `remove`. The word's case is no reason to refuse: the dialect notes it.
fn mode(operation: &Map<String, Value>) -> Result<Option<Write>, Error> {
    let op = match assigned(operation, "op") {
        Some(Value::String(op)) => op,
        Some(other) => {
            return Err(Error::invalid_syntax(format!("op must be a string, not {}", describe(other))));
        }
        None => return Err(Error::invalid_syntax("op is required: add, remove or replace")),
    };
    match op.to_ascii_lowercase().as_str() {
        "add" => Ok(Some(Write::Add)),
        "replace" => Ok(Some(Write::Replace)),
        "remove" => Ok(None),
        _ => Err(Error::invalid_syntax(format!("op must be add, remove or replace, not {:?}", short(op)))),
    }
}
