//! Writes a resource as it is sent (RFC 7643 §3): whole; projection takes away what wasn't asked for.

use serde_json::{Map, Value, json};

use super::{Resource, is_urn};
use crate::base::time::Timestamp;
use crate::scim::schema::TypeSchema;

/// What the server knows of a resource besides what the client wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct About<'a> {
    pub id: &'a str,
    pub created: Timestamp,
    pub last_modified: Timestamp,
    /// The entity tag with its quotes: `W/"3"`.
    pub version: &'a str,
    /// The absolute address of the resource.
    pub location: &'a str,
    /// The groups of a User, when they were loaded.
    pub groups: Option<Vec<Value>>,
    /// The members of a Group, when they were loaded.
    pub members: Option<Vec<Value>>,
}

/// The whole resource: `schemas`, `id`, attributes in the order of their schemas, `meta`.
pub fn render(resource: &Resource, schema: &TypeSchema, about: About<'_>) -> Map<String, Value> {
    let attributes = &resource.attributes;
    let extensions = extensions(resource, schema);
    let mut derived = [("groups", about.groups), ("members", about.members)];

    let mut sent = Map::new();
    let urns = std::iter::once(schema.core.id.as_str()).chain(extensions.iter().map(|(urn, _)| urn.as_str()));
    sent.insert("schemas".to_owned(), urns.collect());
    sent.insert("id".to_owned(), about.id.into());
    let core = schema.core.attributes.iter().map(|attribute| attribute.name.as_str());
    for name in std::iter::once("externalId").chain(core) {
        let value = match derived.iter_mut().find(|(derived, _)| *derived == name) {
            Some((_, values)) => values.take().filter(|values| !values.is_empty()).map(Value::Array),
            None => attributes.get(name).cloned(),
        };
        if let Some(value) = value {
            sent.insert(name.to_owned(), value);
        }
    }
    for (urn, value) in extensions {
        sent.insert(urn.clone(), value.clone());
    }
    sent.insert(
        "meta".to_owned(),
        json!({
            "resourceType": schema.resource_type.name(),
            "created": about.created.to_string(),
            "lastModified": about.last_modified.to_string(),
            "location": about.location,
            "version": about.version,
        }),
    );
    sent
}

/// The extensions with data: registered ones in their order, then the others.
fn extensions<'a>(resource: &'a Resource, schema: &TypeSchema) -> Vec<(&'a String, &'a Value)> {
    let has_data = |value: &Value| value.as_object().is_some_and(|object| !object.is_empty());
    let mut found: Vec<_> =
        resource.attributes.iter().filter(|(key, value)| is_urn(key) && has_data(value)).collect();
    let rank = |urn: &str| {
        schema.extensions.iter().position(|extension| extension.id == urn).unwrap_or(schema.extensions.len())
    };
    found.sort_by_key(|(urn, _)| rank(urn));
    found
}
