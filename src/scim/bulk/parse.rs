//! Reads a Bulk request. What is wrong with one operation stays with that operation.

use std::collections::HashMap;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::references::references;
use super::{Method, Operation, Plan, PlanError, Refusal, Request, Target, order};
use crate::base::limits::BULK_OPERATIONS_MAX;
use crate::scim::Error;
use crate::scim::field::{assigned, describe, refuse_twins, short};
use crate::scim::message::check_message;
use crate::scim::schema::{ResourceType, urn};

/// Reads a Bulk request and orders it.
///
/// # Errors
///
/// When it isn't a Bulk request, or is too large. An operation that can't be done is in the plan,
/// with its refusal.
pub fn plan(body: &Map<String, Value>) -> Result<Plan, PlanError> {
    refuse_twins(body, "")?;
    check_message(body, urn::BULK_REQUEST)?;
    let fail_on_errors = fail_on_errors(body)?;
    let values = match assigned(body, "Operations") {
        Some(Value::Array(values)) => values,
        Some(other) => {
            let came = describe(other);
            return Err(Error::invalid_syntax(format!("Operations must be an array, not {came}")).into());
        }
        None => return Err(Error::invalid_syntax("Operations is required").into()),
    };
    if BULK_OPERATIONS_MAX < values.len() {
        return Err(PlanError::TooManyOperations { count: values.len() });
    }
    let mut operations: Vec<Operation> = values.iter().map(operation).collect();
    let creators = creators(&mut operations);
    for index in 0..operations.len() {
        resolve(&mut operations, index, &creators);
    }
    let steps = order::order(&mut operations);
    Ok(Plan { fail_on_errors, operations, steps })
}

fn fail_on_errors(body: &Map<String, Value>) -> Result<Option<usize>, Error> {
    match assigned(body, "failOnErrors") {
        None => Ok(None),
        // No error accepted and one error accepted both end with the first one.
        Some(value) => match value.as_u64() {
            Some(count) => Ok(Some(usize::try_from(count).unwrap_or(usize::MAX).max(1))),
            None => Err(Error::invalid_syntax(format!(
                "failOnErrors must be a whole number of 0 or more, not {}",
                describe(value)
            ))),
        },
    }
}

fn operation(value: &Value) -> Operation {
    let Value::Object(object) = value else {
        let refusal =
            Error::invalid_syntax(format!("an operation must be an object, not {}", describe(value)));
        return Operation {
            method: String::new(),
            bulk_id: None,
            request: Err(Refusal::Invalid(refusal)),
            depends_on: Vec::new(),
        };
    };
    let method = assigned(object, "method").and_then(Value::as_str).unwrap_or_default();
    let bulk_id = assigned(object, "bulkId").and_then(Value::as_str).map(str::to_owned);
    Operation {
        method: short(method).to_ascii_uppercase(),
        bulk_id,
        request: request(object),
        depends_on: Vec::new(),
    }
}

fn request(object: &Map<String, Value>) -> Result<Request, Refusal> {
    refuse_twins(object, "the operation").map_err(Refusal::Invalid)?;
    let method = method(object).map_err(Refusal::Invalid)?;
    let path = required_text(object, "path").map_err(Refusal::Invalid)?;
    let Some((resource_type, target)) = target(&path) else {
        return Err(Refusal::NotFound { path: short(&path) });
    };
    check_target(method, resource_type, target.as_ref()).map_err(Refusal::Invalid)?;
    if method == Method::Post {
        let bulk_id = required_text(object, "bulkId").map_err(Refusal::Invalid)?;
        if bulk_id.is_empty() {
            return Err(Refusal::Invalid(Error::invalid_value("bulkId must not be empty")));
        }
    }
    let body = body(object, method).map_err(Refusal::Invalid)?;
    let version = text(object, "version").map_err(Refusal::Invalid)?;
    Ok(Request { method, resource_type, target, body, version })
}

fn method(object: &Map<String, Value>) -> Result<Method, Error> {
    let text = required_text(object, "method")?;
    match text.to_ascii_uppercase().as_str() {
        "POST" => Ok(Method::Post),
        "PUT" => Ok(Method::Put),
        "PATCH" => Ok(Method::Patch),
        "DELETE" => Ok(Method::Delete),
        _ => Err(Error::invalid_value(format!(
            "method must be POST, PUT, PATCH or DELETE, not {:?}",
            short(&text)
        ))),
    }
}

/// Reads `/Users`, `/Users/{id}` or `/Users/bulkId:{x}`.
fn target(path: &str) -> Option<(ResourceType, Option<Target>)> {
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    let (endpoint, id) = match path.split_once('/') {
        Some((endpoint, id)) => (endpoint, Some(id)),
        None => (path, None),
    };
    let is_endpoint = |resource_type: &ResourceType| {
        resource_type.endpoint().trim_start_matches('/').eq_ignore_ascii_case(endpoint)
    };
    let resource_type = [ResourceType::User, ResourceType::Group].into_iter().find(is_endpoint)?;
    let Some(id) = id else { return Some((resource_type, None)) };
    let id = percent_decode_str(id).decode_utf8().ok()?;
    if id.is_empty() || id.contains('/') {
        return None;
    }
    let target = match id.strip_prefix("bulkId:") {
        Some(bulk_id) => Target::BulkId(bulk_id.to_owned()),
        None => Target::Id(id.into_owned()),
    };
    Some((resource_type, Some(target)))
}

fn check_target(method: Method, resource_type: ResourceType, target: Option<&Target>) -> Result<(), Error> {
    let endpoint = resource_type.endpoint();
    match (method, target) {
        (Method::Post, Some(_)) => {
            Err(Error::invalid_value(format!("the path of a POST must be {endpoint}, without an id")))
        }
        (Method::Put | Method::Patch | Method::Delete, None) => {
            Err(Error::invalid_value(format!("path must name one resource, such as {endpoint}/{{id}}")))
        }
        (Method::Post, None) | (Method::Put | Method::Patch | Method::Delete, Some(_)) => Ok(()),
    }
}

fn body(object: &Map<String, Value>, method: Method) -> Result<Option<Map<String, Value>>, Error> {
    match (method, assigned(object, "data")) {
        (Method::Delete, _) => Ok(None),
        (_, Some(Value::Object(body))) => Ok(Some(body.clone())),
        (_, Some(other)) => {
            Err(Error::invalid_syntax(format!("data must be an object, not {}", describe(other))))
        }
        (_, None) => Err(Error::invalid_syntax("data is required")),
    }
}

fn required_text(object: &Map<String, Value>, name: &str) -> Result<String, Error> {
    text(object, name)?.ok_or_else(|| Error::invalid_syntax(format!("{name} is required")))
}

fn text(object: &Map<String, Value>, name: &str) -> Result<Option<String>, Error> {
    match assigned(object, name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => {
            Err(Error::invalid_syntax(format!("{name} must be a string, not {}", describe(other))))
        }
    }
}

/// The POST that creates each bulkId. A second one with the same is refused: nobody could tell
/// which of the two a reference means.
fn creators(operations: &mut [Operation]) -> HashMap<String, usize> {
    let mut creators = HashMap::new();
    for (index, operation) in operations.iter_mut().enumerate() {
        // A POST that is refused for another reason still owns its bulkId, so that what refers to
        // it fails with it. A bulkId of another method creates nothing.
        let Some(bulk_id) = operation.bulk_id.clone().filter(|_| operation.method == "POST") else {
            continue;
        };
        match creators.get(&bulk_id) {
            None => {
                creators.insert(bulk_id, index);
            }
            Some(_) => {
                let detail = format!("bulkId {:?} is used by another operation", short(&bulk_id));
                operation.request = Err(Refusal::Invalid(Error::invalid_value(detail)));
            }
        }
    }
    creators
}

/// Finds what one operation refers to.
fn resolve(operations: &mut [Operation], index: usize, creators: &HashMap<String, usize>) {
    let Some(operation) = operations.get_mut(index) else { return };
    let Ok(request) = &operation.request else { return };
    let mut wanted = Vec::new();
    if let Some(Target::BulkId(bulk_id)) = &request.target {
        wanted.push(bulk_id.clone());
    }
    if let Some(body) = &request.body {
        wanted.extend(body.iter().flat_map(|(key, value)| references(key, value)));
    }
    let mut depends_on = Vec::new();
    for bulk_id in wanted {
        match creators.get(&bulk_id) {
            Some(creator) => depends_on.push(*creator),
            // What it refers to is missing, but it may deactivate somebody: carrying it out decides.
            None if matches!(request.method, Method::Put | Method::Patch) => {}
            None => {
                let detail = format!("no POST of this request has the bulkId {:?}", short(&bulk_id));
                operation.request = Err(Refusal::Invalid(Error::invalid_value(detail)));
                return;
            }
        }
    }
    depends_on.sort_unstable();
    depends_on.dedup();
    operation.depends_on = depends_on;
}
