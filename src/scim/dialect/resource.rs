//! Deviations in whole resources, as POST and PUT send them.

use serde_json::{Map, Value, json};

use super::{RESOURCE, Rule, keys, note};
use crate::scim::field::field;
use crate::scim::resource::is_urn;
use crate::scim::schema::{TypeSchema, urn};

/// Rewrites a resource into standard SCIM and says which deviations it had. What isn't understood
/// stays for the parser to refuse.
pub fn rewrite_resource(body: &mut Map<String, Value>, schema: &TypeSchema) -> Vec<Rule> {
    let mut rules = Vec::new();
    keys::rewrite(body, schema, &RESOURCE, &mut rules);
    schemas(body, schema, &mut rules);
    unknown_attributes(body, schema, &mut rules);
    rules
}

/// Leaves in `schemas` what is known or used, and adds the core schema.
fn schemas(body: &mut Map<String, Value>, schema: &TypeSchema, rules: &mut Vec<Rule>) {
    let named = match field(body, "schemas") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(named)) => named.clone(),
        Some(single @ Value::String(_)) => vec![single.clone()],
        Some(_) => return,
    };
    let mut kept: Vec<Value> = Vec::with_capacity(named.len() + 1);
    let mut is_unknown = false;
    for value in named {
        match value.as_str() {
            None => kept.push(value),
            Some(text) if is_known(text, schema) || (is_urn(text) && field(body, text).is_some()) => {
                kept.push(value)
            }
            Some(text) => match keys::misspelt_extension(text, schema) {
                Some(extension) => {
                    kept.push(extension.id.clone().into());
                    note(rules, Rule::ResourceExtensionTypo);
                }
                None => is_unknown = true,
            },
        }
    }
    if is_unknown {
        note(rules, Rule::ResourceSchemaUriUnknown);
    }
    let is_core = |value: &Value| value.as_str().is_some_and(is_any_core);
    if !kept.iter().any(is_core) {
        kept.insert(0, json!(schema.core.id));
        if !is_unknown {
            note(rules, Rule::ResourceSchemasMissing);
        }
    }
    body.retain(|key, _| !key.eq_ignore_ascii_case("schemas"));
    body.insert("schemas".to_owned(), Value::Array(kept));
}

/// Another resource type's schema is no unknown one: the parser refuses it.
fn is_known(text: &str, schema: &TypeSchema) -> bool {
    is_any_core(text) || schema.extension(text).is_some()
}

fn is_any_core(text: &str) -> bool {
    [urn::USER, urn::GROUP].iter().any(|urn| text.eq_ignore_ascii_case(urn))
}

/// What no schema has is kept for the mapping; here it is only said.
fn unknown_attributes(body: &Map<String, Value>, schema: &TypeSchema, rules: &mut Vec<Rule>) {
    let is_unknown = |(key, value): (&String, &Value)| {
        !value.is_null() && !is_urn(key) && schema.core_attribute(key).is_none()
    };
    if body.iter().any(is_unknown) {
        note(rules, Rule::ResourceUnknownAttributeKept);
    }
}
