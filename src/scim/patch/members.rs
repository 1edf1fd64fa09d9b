//! What operations do to the members of a group. Members are rows in a store, so the outcome is a
//! list of changes, not a value.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{MemberChange, Write};
use crate::base::limits::MEMBERS_PER_REQUEST_MAX;
use crate::scim::Error;
use crate::scim::filter::{Comparison, Filter, Operand, Operator, matches_value};
use crate::scim::resource::{MemberRef, parse_members};
use crate::scim::schema::Attribute;

/// Applies changes to a list of members, each of which is there once. For small groups and tests; a
/// store does the same with rows.
pub fn apply_members(current: &mut Vec<MemberRef>, changes: &[MemberChange]) {
    for change in changes {
        match change {
            MemberChange::Add(added) => add(current, added),
            MemberChange::Remove(ids) => {
                let ids: HashSet<&str> = ids.iter().map(String::as_str).collect();
                current.retain(|member| !ids.contains(member.value.as_str()));
            }
            MemberChange::RemoveMatching(filter) => {
                current.retain(|member| !matches_value(filter, &as_value(member)));
            }
            MemberChange::ReplaceAll(all) => {
                current.clear();
                add(current, all);
            }
        }
    }
}

fn add(current: &mut Vec<MemberRef>, added: &[MemberRef]) {
    let mut known: HashSet<String> = current.iter().map(|member| member.value.clone()).collect();
    for member in added {
        if known.insert(member.value.clone()) {
            current.push(member.clone());
        }
    }
}

/// A member as a filter sees it.
fn as_value(member: &MemberRef) -> Value {
    match member.kind {
        Some(kind) => json!({"value": member.value, "type": kind.name()}),
        None => json!({"value": member.value}),
    }
}

/// `add` and `replace` on `members`.
pub(super) fn write(
    mode: Write,
    sub: Option<&Attribute>,
    value: &Value,
) -> Result<Option<MemberChange>, Error> {
    if sub.is_some() {
        return Err(immutable());
    }
    let members = parse_members(&as_list(value))?;
    Ok(match mode {
        Write::Add if members.is_empty() => None,
        Write::Add => Some(MemberChange::Add(members)),
        Write::Replace => Some(MemberChange::ReplaceAll(members)),
    })
}

/// `remove` on `members`: all of them without a value, else just those that the value names. A
/// value that names none removes none, whatever it looks like.
pub(super) fn remove(sub: Option<&Attribute>, value: Option<&Value>) -> Result<Option<MemberChange>, Error> {
    match (sub, value) {
        (Some(_), _) => Err(immutable()),
        (None, None) => Ok(Some(MemberChange::ReplaceAll(Vec::new()))),
        (None, Some(Value::Null)) => Err(Error::invalid_value(
            "value is null, which names no members; leave value out to remove all members",
        )),
        (None, Some(value)) => {
            let ids: Vec<String> =
                parse_members(&as_list(value))?.into_iter().map(|member| member.value).collect();
            Ok((!ids.is_empty()).then_some(MemberChange::Remove(ids)))
        }
    }
}

/// `remove` on `members[…]`. Ids, the common case, are listed, so that nobody has to look at every
/// member of a large group.
pub(super) fn remove_matching(filter: &Filter) -> MemberChange {
    match ids(filter) {
        Some(ids) => MemberChange::Remove(ids),
        None => MemberChange::RemoveMatching(filter.clone()),
    }
}

fn ids(filter: &Filter) -> Option<Vec<String>> {
    match filter {
        Filter::Compare(Comparison { attribute, operator: Operator::Eq, operand: Operand::Text(text) })
            if attribute.name == "value" && text.folded.is_none() =>
        {
            Some(vec![text.written.clone()])
        }
        Filter::Or(parts) => {
            let mut all = Vec::with_capacity(parts.len());
            for part in parts {
                all.extend(ids(part)?);
            }
            Some(all)
        }
        _ => None,
    }
}

/// One request may name so many members, over all its operations.
pub(super) fn check_count(changes: &[MemberChange]) -> Result<(), Error> {
    let count: usize = changes
        .iter()
        .map(|change| match change {
            MemberChange::Add(members) | MemberChange::ReplaceAll(members) => members.len(),
            MemberChange::Remove(ids) => ids.len(),
            MemberChange::RemoveMatching(_) => 1,
        })
        .sum();
    match count <= MEMBERS_PER_REQUEST_MAX {
        true => Ok(()),
        false => Err(Error::invalid_value(format!(
            "{count} members are named; one request takes at most {MEMBERS_PER_REQUEST_MAX}"
        ))),
    }
}

/// The error for changing a member in place.
pub(super) fn immutable() -> Error {
    Error::mutability("a member can't be changed; remove it and add another")
}

fn as_list(value: &Value) -> Value {
    match value {
        Value::Object(_) => Value::Array(vec![value.clone()]),
        other => other.clone(),
    }
}
