//! The `schemas` of protocol messages: SearchRequest, BulkRequest and the like (RFC 7644 §8.2).

use serde_json::{Map, Value};

use super::Error;
use super::field::{assigned, describe};

/// Refuses a message whose `schemas` names other things alone. One without `schemas` is taken for
/// what its address says.
///
/// # Errors
///
/// `invalidSyntax` that names the URN wanted.
pub fn check_message(body: &Map<String, Value>, wanted: &str) -> Result<(), Error> {
    let Some(schemas) = assigned(body, "schemas") else { return Ok(()) };
    let is_wanted = |value: &Value| value.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(wanted));
    match schemas {
        Value::Array(urns) if urns.is_empty() || urns.iter().any(is_wanted) => Ok(()),
        other => Err(Error::invalid_syntax(format!(
            "schemas must be [\"{wanted}\"], not {}",
            describe(other.get(0).unwrap_or(other))
        ))),
    }
}
