//! Changes some values of a multi-valued attribute: those that a path's filter selects, or those
//! that a `remove` lists.

use serde_json::{Map, Value, json};

use super::Write;
use super::write::{is_primary, is_unassignment, refuse_changed, unassign};
use crate::base::text::fold;
use crate::scim::field::{assigned, describe, field};
use crate::scim::filter::{Filter, Operand, matches_value};
use crate::scim::resource::{collapse, normalize_value};
use crate::scim::schema::{Attribute, Mutability};
use crate::scim::{Error, Strictness};

/// Which values.
#[derive(Clone, Copy)]
pub(super) enum Selection<'f> {
    All,
    Matching(&'f Filter),
}

/// What to do with them, or with one sub-attribute of each.
#[derive(Clone, Copy)]
pub(super) enum ChangeValues<'v> {
    Write { mode: Write, value: &'v Value, strictness: Strictness },
    Remove,
}

impl Selection<'_> {
    pub fn picks(self, value: &Value) -> bool {
        match self {
            Self::All => true,
            Self::Matching(filter) => matches_value(filter, value),
        }
    }
}

/// Changes the selected values of an attribute; says whether a value was created because none
/// matched.
///
/// # Errors
///
/// `noTarget` when a write finds nothing and nothing can be created, `invalidValue` for a wrong
/// type, `mutability` for what is required or immutable.
pub(super) fn change(
    object: &mut Map<String, Value>,
    attribute: &Attribute,
    sub: Option<&Attribute>,
    selection: Selection<'_>,
    change: ChangeValues<'_>,
) -> Result<bool, Error> {
    let (mut values, is_single) = match object.get(&attribute.name) {
        Some(Value::Array(values)) => (values.clone(), false),
        Some(value) => (vec![value.clone()], true),
        None => (Vec::new(), !attribute.multi_valued),
    };
    let is_created = match change {
        ChangeValues::Remove => {
            remove(&mut values, attribute, sub, selection)?;
            false
        }
        ChangeValues::Write { value, .. } if is_unassignment(value) => {
            refuse_unmatched(&values, attribute, selection, change)?;
            remove(&mut values, attribute, sub, selection)?;
            false
        }
        ChangeValues::Write { mode, value, strictness } => {
            let new = New::of(attribute, sub, mode, value)?;
            refuse_levelling(&values, attribute, sub, selection)?;
            match values.iter().any(|value| selection.picks(value)) {
                true => {
                    new.write(&mut values, selection)?;
                    false
                }
                false => {
                    values.push(new.create(attribute, selection, mode, strictness)?);
                    let last = values.len() - 1;
                    let primary = values.last().is_some_and(is_primary).then_some(last);
                    demote_others(&mut values, primary);
                    matches!(selection, Selection::Matching(_))
                }
            }
        }
    };
    collapse(attribute, &mut values);
    match values.pop() {
        None if object.contains_key(&attribute.name) => unassign(object, attribute)?,
        None => {}
        Some(value) if is_single => {
            object.insert(attribute.name.clone(), value);
        }
        Some(last) => {
            values.push(last);
            object.insert(attribute.name.clone(), Value::Array(values));
        }
    }
    Ok(is_created)
}

/// Removes what a `remove` with a value lists, and nothing else.
///
/// # Errors
///
/// `invalidValue` when the list doesn't say what to remove.
pub(super) fn remove_listed(
    object: &mut Map<String, Value>,
    attribute: &Attribute,
    value: &Value,
) -> Result<(), Error> {
    let listed = match value {
        Value::Array(listed) => listed.as_slice(),
        single => std::slice::from_ref(single),
    };
    if let Some(vague) = listed.iter().find(|listed| !says_which(listed)) {
        return Err(Error::invalid_value(format!(
            "{} in the value does not say which value of {} to remove; leave value out to remove all",
            describe(vague),
            attribute.name
        )));
    }
    let Some(Value::Array(values)) = object.get_mut(&attribute.name) else { return Ok(()) };
    values.retain(|value| !listed.iter().any(|listed| is_listed(attribute, value, listed)));
    match values.is_empty() {
        true => unassign(object, attribute),
        false => Ok(()),
    }
}

/// Of all primary values only the one at this place stays primary.
pub(super) fn demote_others(values: &mut [Value], primary: Option<usize>) {
    let Some(primary) = primary else { return };
    for (index, value) in values.iter_mut().enumerate() {
        if index != primary && is_primary(value) {
            value["primary"] = Value::Bool(false);
        }
    }
}

/// What is written: a sub-attribute's value, or a whole value.
enum New<'a> {
    Sub { sub: &'a Attribute, value: Value },
    Whole { attribute: &'a Attribute, mode: Write, value: Value },
}

impl<'a> New<'a> {
    fn of(
        attribute: &'a Attribute,
        sub: Option<&'a Attribute>,
        mode: Write,
        value: &Value,
    ) -> Result<Self, Error> {
        let unassigned = |name: &str| Error::invalid_value(format!("the new value of {name} is empty"));
        if let Some(sub) = sub {
            let value = normalize_value(sub, value.clone())?.ok_or_else(|| unassigned(&sub.name))?;
            return Ok(Self::Sub { sub, value });
        }
        let list = if attribute.multi_valued { Value::Array(vec![value.clone()]) } else { value.clone() };
        let value = match normalize_value(attribute, list)? {
            Some(Value::Array(values)) => values.into_iter().next(),
            other => other,
        };
        let value = value.ok_or_else(|| unassigned(&attribute.name))?;
        Ok(Self::Whole { attribute, mode, value })
    }

    fn write(&self, values: &mut [Value], selection: Selection<'_>) -> Result<(), Error> {
        let mut primary = None;
        for (index, value) in values.iter_mut().enumerate() {
            if !selection.picks(value) {
                continue;
            }
            match (self, &mut *value) {
                (Self::Sub { sub, value: new }, Value::Object(parts)) => {
                    refuse_changed(sub, parts.get(&sub.name), Some(new))?;
                    parts.insert(sub.name.clone(), new.clone());
                }
                (
                    Self::Whole { attribute, mode: Write::Add, value: Value::Object(new) },
                    Value::Object(parts),
                ) => {
                    refuse_parts_changed(attribute, parts, new)?;
                    parts.extend(new.clone());
                }
                (Self::Whole { attribute, value: new, .. }, old) => {
                    if let (Value::Object(old), Value::Object(new)) = (&*old, new) {
                        refuse_parts_changed(attribute, old, new)?;
                    }
                    *old = new.clone();
                }
                (Self::Sub { .. }, _) => {}
            }
            if is_primary(value) && self.sets_primary() {
                primary = Some(index);
            }
        }
        demote_others(values, primary);
        Ok(())
    }

    fn sets_primary(&self) -> bool {
        match self {
            Self::Sub { sub, value } => sub.name == "primary" && *value == Value::Bool(true),
            Self::Whole { value, .. } => is_primary(value),
        }
    }

    /// The value that the filter describes and the operation completes.
    fn create(
        self,
        attribute: &Attribute,
        selection: Selection<'_>,
        mode: Write,
        strictness: Strictness,
    ) -> Result<Value, Error> {
        let mut made = match selection {
            Selection::All => Map::new(),
            Selection::Matching(_) if mode == Write::Replace && strictness == Strictness::Strict => {
                return Err(no_target(attribute));
            }
            Selection::Matching(filter) => described(filter).ok_or_else(|| no_target(attribute))?,
        };
        match self {
            Self::Sub { sub, value } => {
                made.insert(sub.name.clone(), value);
            }
            Self::Whole { value: Value::Object(value), .. } => made.extend(value),
            Self::Whole { .. } => return Err(no_target(attribute)),
        }
        let list = if attribute.multi_valued { json!([made]) } else { Value::Object(made) };
        let normalized = match normalize_value(attribute, list)? {
            Some(Value::Array(values)) => values.into_iter().next(),
            other => other,
        };
        normalized.ok_or_else(|| no_target(attribute))
    }
}

fn no_target(attribute: &Attribute) -> Error {
    Error::no_target(format!("no value of {} matches the filter of the path", attribute.name))
}

/// The sub-attributes that a filter of equalities asks for.
pub(super) fn described(filter: &Filter) -> Option<Map<String, Value>> {
    let mut made = Map::new();
    for comparison in filter.equalities()? {
        let value = match &comparison.operand {
            Operand::Null => continue,
            Operand::Boolean(value) => Value::Bool(*value),
            Operand::Number(number) => Value::Number(number.clone()),
            Operand::Text(text) => Value::from(text.written.as_str()),
            Operand::Moment { text, .. } => Value::from(text.as_str()),
        };
        let name = comparison.attribute.name.clone();
        match made.insert(name, value.clone()) {
            Some(other) if other != value => return None,
            _ => {}
        }
    }
    Some(made)
}

/// `emails.value` without a filter would make all addresses one; nobody means that.
fn refuse_levelling(
    values: &[Value],
    attribute: &Attribute,
    sub: Option<&Attribute>,
    selection: Selection<'_>,
) -> Result<(), Error> {
    match (selection, sub) {
        (Selection::All, Some(sub)) if sub.name == "value" && 1 < values.len() => {
            Err(Error::invalid_path(format!(
                "{name} has several values; say which one is meant, as in {name}[type eq \"work\"].value",
                name = attribute.name
            )))
        }
        _ => Ok(()),
    }
}

/// Emptying what isn't there changes nothing, but the RFC wants `replace` to fail.
fn refuse_unmatched(
    values: &[Value],
    attribute: &Attribute,
    selection: Selection<'_>,
    change: ChangeValues<'_>,
) -> Result<(), Error> {
    match (selection, change) {
        (
            Selection::Matching(_),
            ChangeValues::Write { mode: Write::Replace, strictness: Strictness::Strict, .. },
        ) if !values.iter().any(|value| selection.picks(value)) => Err(no_target(attribute)),
        _ => Ok(()),
    }
}

fn remove(
    values: &mut Vec<Value>,
    attribute: &Attribute,
    sub: Option<&Attribute>,
    selection: Selection<'_>,
) -> Result<(), Error> {
    let is_any = values.iter().any(|value| selection.picks(value));
    if is_any && attribute.mutability == Mutability::Immutable {
        return Err(Error::mutability(format!("{} can't be changed once it is set", attribute.name)));
    }
    let Some(sub) = sub else {
        values.retain(|value| !selection.picks(value));
        return Ok(());
    };
    for value in values.iter_mut().filter(|value| selection.picks(value)) {
        if let Value::Object(parts) = value {
            unassign(parts, sub)?;
        }
    }
    values.retain(|value| value.as_object().is_none_or(|parts| !parts.is_empty()));
    Ok(())
}

fn refuse_parts_changed(
    attribute: &Attribute,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
) -> Result<(), Error> {
    for (name, value) in after {
        if let Some(sub) = attribute.sub_attribute(name) {
            refuse_changed(sub, before.get(name), Some(value))?;
        }
    }
    Ok(())
}

fn says_which(listed: &Value) -> bool {
    match listed {
        Value::Null | Value::Array(_) => false,
        Value::Object(parts) => parts.iter().any(|(name, value)| is_telling(name) && !value.is_null()),
        _ => true,
    }
}

/// Labels don't tell one value from another.
fn is_telling(name: &str) -> bool {
    !["$ref", "display", "primary"].iter().any(|label| name.eq_ignore_ascii_case(label))
}

fn is_listed(attribute: &Attribute, value: &Value, listed: &Value) -> bool {
    let (Value::Object(value), Value::Object(listed)) = (value, listed) else {
        let simple = value.as_object().map_or(Some(value), |parts| parts.get("value"));
        let definition = attribute.sub_attribute("value").unwrap_or(attribute);
        return !listed.is_object() && simple.is_some_and(|simple| is_same(definition, simple, listed));
    };
    let is_same_part = |name: &str| match (attribute.sub_attribute(name), assigned(listed, name)) {
        (Some(sub), Some(listed)) => field(value, name).is_some_and(|value| is_same(sub, value, listed)),
        (None, Some(_)) => false,
        (_, None) => true,
    };
    match assigned(listed, "value") {
        Some(_) => is_same_part("value") && is_same_part("type"),
        None => listed.keys().filter(|name| is_telling(name)).all(|name| is_same_part(name)),
    }
}

fn is_same(definition: &Attribute, value: &Value, listed: &Value) -> bool {
    match (value, listed) {
        (Value::String(value), Value::String(listed)) if !definition.case_exact => {
            fold(value) == fold(listed)
        }
        (value, listed) => value == listed,
    }
}
