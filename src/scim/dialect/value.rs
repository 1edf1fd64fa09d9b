//! Deviations in the value of one attribute: each small function knows one.

use serde_json::{Map, Value, json};

use super::{Clears, Names, Rule, note};
use crate::scim::field::assigned;
use crate::scim::schema::{Attribute, Type};

/// Rewrites the value of an attribute or sub-attribute. Goes no deeper than the schema, which has
/// two levels.
pub(super) fn rewrite(attribute: &Attribute, value: &mut Value, names: &Names, rules: &mut Vec<Rule>) {
    if !attribute.multi_valued {
        unwrap_list(value, names, rules);
        empty_list(value, names, rules);
        single(attribute, value, names, rules);
        return;
    }
    if attribute.is_complex() {
        json_string(attribute, value, names, rules);
        string_value(attribute, value, names, rules);
    }
    wrap_single(value, names, rules);
    match value {
        Value::Array(values) => values.iter_mut().for_each(|value| element(attribute, value, names, rules)),
        value => element(attribute, value, names, rules),
    }
}

/// Rewrites one value of a multi-valued attribute.
pub(super) fn element(attribute: &Attribute, value: &mut Value, names: &Names, rules: &mut Vec<Rule>) {
    if attribute.is_complex() {
        json_string(attribute, value, names, rules);
        string_value(attribute, value, names, rules);
        parts(attribute, value, rules, |part, value, rules| {
            if part.kind == Type::Boolean {
                single(part, value, names, rules);
            }
        });
    } else {
        boolean_string(attribute, value, names, rules);
    }
}

fn single(attribute: &Attribute, value: &mut Value, names: &Names, rules: &mut Vec<Rule>) {
    if attribute.is_complex() {
        json_string(attribute, value, names, rules);
        manager_id(attribute, value, rules);
        manager_string(attribute, value, names, rules);
        parts(attribute, value, rules, |part, value, rules| {
            // An empty `value` clears the whole; the part by itself is text like any other.
            if part.name != "value" {
                rewrite(part, value, names, rules);
            }
        });
    }
    empty_string(attribute, value, names, rules);
    boolean_string(attribute, value, names, rules);
}

fn parts(
    attribute: &Attribute,
    value: &mut Value,
    rules: &mut Vec<Rule>,
    rewrite: impl Fn(&Attribute, &mut Value, &mut Vec<Rule>),
) {
    for (name, value) in value.as_object_mut().into_iter().flatten() {
        if let Some(part) = attribute.sub_attribute(name) {
            rewrite(part, value, rules);
        }
    }
}

/// `["False"]` for a single value.
pub(super) fn unwrap_list(value: &mut Value, names: &Names, rules: &mut Vec<Rule>) {
    if let Value::Array(values) = value
        && let [only] = values.as_mut_slice()
        && !only.is_array()
    {
        *value = only.take();
        note(rules, names.value_as_array);
    }
}

/// `[]` for a single value: none.
fn empty_list(value: &mut Value, names: &Names, rules: &mut Vec<Rule>) {
    if value.as_array().is_some_and(Vec::is_empty) {
        *value = Value::Null;
        note(rules, names.value_as_array);
    }
}

/// `"emails": {"value": …}`: OneLogin's template has an object where a list belongs.
fn wrap_single(value: &mut Value, names: &Names, rules: &mut Vec<Rule>) {
    if let (Some(rule), false) = (names.single_value, value.is_array() || value.is_null()) {
        *value = json!([value.take()]);
        note(rules, rule);
    }
}

/// `"False"`: Entra without its compliance flag, Keycloak.
fn boolean_string(attribute: &Attribute, value: &mut Value, names: &Names, rules: &mut Vec<Rule>) {
    if attribute.kind != Type::Boolean {
        return;
    }
    let truth = match value.as_str().map(str::trim) {
        Some(text) if text.eq_ignore_ascii_case("true") => true,
        Some(text) if text.eq_ignore_ascii_case("false") => false,
        _ => return,
    };
    *value = Value::Bool(truth);
    note(rules, names.boolean_string);
}

/// `"{\"value\":\"admin\"}"`: Entra's app roles.
fn json_string(attribute: &Attribute, value: &mut Value, names: &Names, rules: &mut Vec<Rule>) {
    let Some(object) = value.as_str().and_then(object_in_text) else { return };
    if object.keys().any(|key| attribute.sub_attribute(key).is_some()) {
        *value = Value::Object(object);
        note(rules, names.json_string);
    }
}

/// The object that is written in a text, if that is what the text is.
pub(super) fn object_in_text(text: &str) -> Option<Map<String, Value>> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let parsed = crate::base::json::parse(text.as_bytes(), crate::base::limits::JSON_DEPTH_MAX).ok()?;
    match parsed {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

/// `"roles": ["admin"]`.
fn string_value(attribute: &Attribute, value: &mut Value, names: &Names, rules: &mut Vec<Rule>) {
    if let Value::String(text) = value
        && !text.is_empty()
        && attribute.sub_attribute("value").is_some()
    {
        *value = json!({"value": text});
        note(rules, names.string_value);
    }
}

/// `"manager": "26118915"`: Entra.
fn manager_string(attribute: &Attribute, value: &mut Value, names: &Names, rules: &mut Vec<Rule>) {
    if let Value::String(text) = value
        && !text.trim().is_empty()
        && attribute.sub_attribute("value").is_some()
    {
        *value = json!({"value": text});
        note(rules, names.manager_string);
    }
}

/// `"manager": {"managerId": …}`: OneLogin's older template, from SCIM 1.1.
fn manager_id(attribute: &Attribute, value: &mut Value, rules: &mut Vec<Rule>) {
    let Value::Object(manager) = value else { return };
    if attribute.name != "manager" || assigned(manager, "value").is_some() {
        return;
    }
    if let Some(id @ Value::String(_)) = manager.shift_remove("managerId") {
        manager.insert("value".to_owned(), id);
        note(rules, Rule::ResourceManagerId);
    }
}

/// `""` and `{"value": ""}` clear: Entra has no other way to take a manager away. Never what is
/// required.
fn empty_string(attribute: &Attribute, value: &mut Value, names: &Names, rules: &mut Vec<Rule>) {
    let is_empty = |value: &Value| value.as_str().is_some_and(|text| text.trim().is_empty());
    let clears = match attribute.kind {
        Type::Complex => match &*value {
            Value::Object(parts) => assigned(parts, "value").is_some_and(is_empty),
            value => is_empty(value) && attribute.sub_attribute("value").is_some(),
        },
        Type::Boolean => is_empty(value),
        _ => names.clears_text == Clears::AnyText && value.as_str() == Some(""),
    };
    if clears && !attribute.required {
        *value = Value::Null;
        note(rules, names.empty_string);
    }
}
