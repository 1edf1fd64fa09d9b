//! Decides whether a resource, or one value of an attribute, matches a filter.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::{Map, Number, Value};

use super::ast::{Comparison, Filter, Operand, Operator, Text};
use super::attribute::AttributePath;
use crate::base::text::fold;
use crate::scim::field::field;
use crate::scim::moment::Moment;

/// What names are looked up in: a whole resource, or one value within brackets.
#[derive(Clone, Copy)]
enum Node<'v> {
    Resource(&'v Map<String, Value>),
    Element(&'v Value),
}

/// Whether a whole resource matches.
pub fn matches(filter: &Filter, resource: &Map<String, Value>) -> bool {
    holds(filter, Node::Resource(resource))
}

/// Whether one value of a multi-valued attribute matches the filter of a value path.
pub fn matches_value(filter: &Filter, value: &Value) -> bool {
    holds(filter, Node::Element(value))
}

fn holds(filter: &Filter, node: Node<'_>) -> bool {
    match filter {
        Filter::And(parts) => parts.iter().all(|part| holds(part, node)),
        Filter::Or(parts) => parts.iter().any(|part| holds(part, node)),
        Filter::Not(inner) => !holds(inner, node),
        Filter::Present(path) => present(path, node),
        Filter::Compare(comparison) => compare(comparison, node),
        Filter::Values { attribute, filter } => match find(attribute, node) {
            None | Some(Value::Null) => false,
            Some(Value::Array(values)) => values.iter().any(|value| holds(filter, Node::Element(value))),
            Some(value) => holds(filter, Node::Element(value)),
        },
    }
}

fn find<'v>(path: &AttributePath, node: Node<'v>) -> Option<&'v Value> {
    match node {
        Node::Resource(resource) => path.find(resource),
        Node::Element(value) => part(value, &path.name),
    }
}

/// A sub-attribute of a value; a simple value is its own `value`.
fn part<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    match value {
        Value::Object(object) => field(object, name),
        Value::Null | Value::Array(_) => None,
        simple => (name == "value").then_some(simple),
    }
}

fn present(path: &AttributePath, node: Node<'_>) -> bool {
    let Some(value) = find(path, node) else { return false };
    let Some(sub) = &path.sub else { return is_present(value) };
    match value {
        Value::Array(values) => values.iter().any(|value| part(value, sub).is_some_and(is_present)),
        value => part(value, sub).is_some_and(is_present),
    }
}

/// "Non-empty" for `pr`: bodies are bounded in depth, and so is this.
fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => values.iter().any(is_present),
        Value::Object(object) => object.values().any(is_present),
    }
}

/// A multi-valued attribute matches when any one of its values does, for `ne` too.
fn compare(comparison: &Comparison, node: Node<'_>) -> bool {
    match find(&comparison.attribute, node) {
        Some(Value::Array(values)) if !values.is_empty() => values.iter().any(|value| one(comparison, value)),
        Some(Value::Array(_)) | Some(Value::Null) | None => match comparison.operand {
            Operand::Null => comparison.operator == Operator::Eq,
            // No value differs where there is none; on a singular attribute `ne` is `not eq`.
            _ => comparison.operator == Operator::Ne && !comparison.attribute.multi_valued,
        },
        Some(value) => one(comparison, value),
    }
}

fn one(comparison: &Comparison, value: &Value) -> bool {
    let value = match (&comparison.attribute.sub, value) {
        (Some(sub), value) => part(value, sub),
        // An open attribute's complex value is compared by its `value`.
        (None, Value::Object(object)) if comparison.operand != Operand::Null => field(object, "value"),
        (None, value) => Some(value),
    };
    let is_ne = comparison.operator == Operator::Ne;
    match (value, &comparison.operand) {
        (Some(value), Operand::Null) => is_present(value) == is_ne,
        (None, Operand::Null) => !is_ne,
        (None | Some(Value::Null), _) => is_ne,
        (Some(Value::Array(values)), _) => values.iter().any(|value| scalar(comparison, value)),
        (Some(value), _) => scalar(comparison, value),
    }
}

fn scalar(comparison: &Comparison, value: &Value) -> bool {
    let operator = comparison.operator;
    match (&comparison.operand, value) {
        (Operand::Boolean(operand), Value::Bool(value)) => ordered(operator, Some(value.cmp(operand))),
        (Operand::Number(operand), Value::Number(value)) => ordered(operator, number_order(value, operand)),
        (Operand::Text(operand), Value::String(value)) => text(operator, value, operand),
        (Operand::Moment { moment, .. }, Value::String(value)) => match Moment::parse(value) {
            Some(value) => ordered(operator, Some(value.cmp(moment))),
            None => operator == Operator::Ne,
        },
        _ => operator == Operator::Ne,
    }
}

fn text(operator: Operator, value: &str, operand: &Text) -> bool {
    let value = match operand.folded {
        Some(_) => Cow::Owned(fold(value)),
        None => Cow::Borrowed(value),
    };
    let operand = operand.comparable();
    match operator {
        Operator::Co => value.contains(operand),
        Operator::Sw => value.starts_with(operand),
        Operator::Ew => value.ends_with(operand),
        _ => ordered(operator, Some(value.as_ref().cmp(operand))),
    }
}

fn ordered(operator: Operator, ordering: Option<Ordering>) -> bool {
    let Some(ordering) = ordering else { return operator == Operator::Ne };
    match operator {
        Operator::Eq => ordering.is_eq(),
        Operator::Ne => ordering.is_ne(),
        Operator::Gt => ordering.is_gt(),
        Operator::Ge => ordering.is_ge(),
        Operator::Lt => ordering.is_lt(),
        Operator::Le => ordering.is_le(),
        Operator::Co | Operator::Sw | Operator::Ew => false,
    }
}

fn number_order(a: &Number, b: &Number) -> Option<Ordering> {
    match (a.as_i64(), b.as_i64(), a.as_u64(), b.as_u64()) {
        (Some(a), Some(b), _, _) => Some(a.cmp(&b)),
        (_, _, Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}
