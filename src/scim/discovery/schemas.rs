//! Schemas (RFC 7643 §7).

use serde_json::{Map, Value, json};

use super::{list, meta};
use crate::scim::schema::{Attribute, Registry, Schema, Type, service, urn};

/// The list of all schemas: those of the resource types, their extensions, and the schemas of the
/// discovery resources.
pub fn schemas(registry: &Registry, base_url: &str) -> Map<String, Value> {
    list(all(registry).iter().map(|schema| schema_json(schema, base_url)).collect())
}

/// One schema by its URN, in any case.
pub fn schema(registry: &Registry, base_url: &str, id: &str) -> Option<Map<String, Value>> {
    all(registry)
        .iter()
        .find(|schema| schema.id.eq_ignore_ascii_case(id))
        .map(|schema| schema_json(schema, base_url))
}

/// A schema as it is published.
pub fn schema_json(schema: &Schema, base_url: &str) -> Map<String, Value> {
    let mut sent = Map::new();
    sent.insert("schemas".to_owned(), json!([urn::SCHEMA]));
    sent.insert("id".to_owned(), schema.id.clone().into());
    sent.insert("name".to_owned(), schema.name.clone().into());
    sent.insert("description".to_owned(), schema.description.clone().into());
    sent.insert("attributes".to_owned(), schema.attributes.iter().map(attribute).collect());
    sent.insert("meta".to_owned(), meta("Schema", base_url, &format!("/Schemas/{}", schema.id)));
    sent
}

fn all(registry: &Registry) -> Vec<Schema> {
    let (user, group) = (&registry.user, &registry.group);
    let mut all = vec![user.core.clone(), group.core.clone()];
    for extension in user.extensions.iter().chain(&group.extensions) {
        if !all.iter().any(|schema| schema.id.eq_ignore_ascii_case(&extension.id)) {
            all.push(extension.clone());
        }
    }
    all.extend(service::schemas());
    all
}

/// Goes no deeper than our own schemas do: sub-attributes, and theirs in the schema of schemas.
fn attribute(attribute: &Attribute) -> Value {
    let mut sent = Map::new();
    let mut put = |name: &str, value: Value| sent.insert(name.to_owned(), value);
    put("name", attribute.name.clone().into());
    put("type", attribute.kind.keyword().into());
    put("multiValued", attribute.multi_valued.into());
    put("description", attribute.description.clone().into());
    put("required", (attribute.required || attribute.has_default).into());
    if !attribute.canonical_values.is_empty() {
        put("canonicalValues", attribute.canonical_values.clone().into());
    }
    if matches!(attribute.kind, Type::String | Type::Reference | Type::Binary) {
        put("caseExact", attribute.case_exact.into());
    }
    put("mutability", attribute.mutability.keyword().into());
    put("returned", attribute.returned.keyword().into());
    put("uniqueness", attribute.uniqueness.keyword().into());
    if attribute.kind == Type::Reference {
        put("referenceTypes", attribute.reference_types.clone().into());
    }
    if !attribute.sub_attributes.is_empty() {
        put("subAttributes", attribute.sub_attributes.iter().map(self::attribute).collect());
    }
    Value::Object(sent)
}
