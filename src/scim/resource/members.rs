//! Reads the members of a Group out of a request (RFC 7643 §4.2).

use std::collections::HashSet;

use serde_json::Value;

use super::{MemberKind, MemberRef};
use crate::base::limits::{KEY_STRING_BYTES_MAX, MEMBERS_PER_REQUEST_MAX};
use crate::scim::Error;
use crate::scim::field::{assigned, describe};

/// The members that an array names, each once; null names none.
///
/// # Errors
///
/// `invalidValue` when it isn't an array of objects with a `value`, or names too many.
pub fn parse_members(value: &Value) -> Result<Vec<MemberRef>, Error> {
    let values = match value {
        Value::Null => return Ok(Vec::new()),
        Value::Array(values) => values,
        other => {
            return Err(Error::invalid_value(format!(
                "members must be an array of objects, not {}",
                describe(other)
            )));
        }
    };
    if MEMBERS_PER_REQUEST_MAX < values.len() {
        return Err(Error::invalid_value(format!(
            "{} members are named; one request takes at most {MEMBERS_PER_REQUEST_MAX}, send the others with PATCH",
            values.len()
        )));
    }
    let mut seen = HashSet::with_capacity(values.len());
    let mut members = Vec::with_capacity(values.len());
    for (index, value) in values.iter().enumerate() {
        let member = parse_member(value, index)?;
        if seen.insert(member.value.clone()) {
            members.push(member);
        }
    }
    Ok(members)
}

fn parse_member(value: &Value, index: usize) -> Result<MemberRef, Error> {
    let Value::Object(object) = value else {
        return Err(Error::invalid_value(format!(
            "members[{index}] must be an object such as {{\"value\": \"…\"}}, not {}",
            describe(value)
        )));
    };
    match assigned(object, "value") {
        Some(Value::String(id)) if id.is_empty() || KEY_STRING_BYTES_MAX < id.len() => {
            Err(Error::invalid_value(format!(
                "members[{index}].value must be the id of a User or Group; it has {} bytes",
                id.len()
            )))
        }
        Some(Value::String(id)) => Ok(MemberRef { value: id.clone(), kind: kind(assigned(object, "type")) }),
        Some(other) => Err(Error::invalid_value(format!(
            "members[{index}].value must be a string, not {}",
            describe(other)
        ))),
        None => Err(Error::invalid_value(format!("members[{index}].value is required"))),
    }
}

// Providers write other things here, such as "direct"; what the id names decides in the end.
fn kind(value: Option<&Value>) -> Option<MemberKind> {
    let text = value?.as_str()?;
    [MemberKind::User, MemberKind::Group].into_iter().find(|kind| kind.name().eq_ignore_ascii_case(text))
}
