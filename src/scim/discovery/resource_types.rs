//! ResourceTypes (RFC 7643 §6).

use serde_json::{Map, Value, json};

use super::{list, meta};
use crate::scim::schema::{Registry, ResourceType, TypeSchema, urn};

const ALL: [ResourceType; 2] = [ResourceType::User, ResourceType::Group];

/// The list of all resource types.
pub fn resource_types(registry: &Registry, base_url: &str) -> Map<String, Value> {
    list(ALL.iter().map(|resource_type| to_json(registry.of(*resource_type), base_url)).collect())
}

/// One resource type by its id, which is its name.
pub fn resource_type(registry: &Registry, base_url: &str, id: &str) -> Option<Map<String, Value>> {
    let found = ALL.into_iter().find(|resource_type| resource_type.name() == id)?;
    Some(to_json(registry.of(found), base_url))
}

fn to_json(schema: &TypeSchema, base_url: &str) -> Map<String, Value> {
    let name = schema.resource_type.name();
    let extensions: Vec<Value> = schema
        .extensions
        .iter()
        .map(|extension| json!({"schema": extension.id, "required": false}))
        .collect();
    let mut sent = Map::new();
    sent.insert("schemas".to_owned(), json!([urn::RESOURCE_TYPE]));
    sent.insert("id".to_owned(), name.into());
    sent.insert("name".to_owned(), name.into());
    sent.insert("description".to_owned(), schema.core.description.clone().into());
    sent.insert("endpoint".to_owned(), schema.resource_type.endpoint().into());
    sent.insert("schema".to_owned(), schema.core.id.clone().into());
    if !extensions.is_empty() {
        sent.insert("schemaExtensions".to_owned(), Value::Array(extensions));
    }
    sent.insert("meta".to_owned(), meta("ResourceType", base_url, &format!("/ResourceTypes/{name}")));
    sent
}
