//! Extension schemas as they are sent.

use serde::Serialize;
use serde_json::Value;

use crate::store::app::directories::StoredSchema;

#[derive(Debug, Serialize)]
pub struct ExtensionSchema<'a> {
    object: &'static str,
    urn: &'a str,
    resource_type: &'a str,
    /// As it was registered, in the form of RFC 7643 §7.
    schema: Value,
}

impl<'a> From<&'a StoredSchema> for ExtensionSchema<'a> {
    fn from(schema: &'a StoredSchema) -> Self {
        Self {
            object: "extension_schema",
            urn: &schema.urn,
            resource_type: &schema.resource_type,
            schema: serde_json::from_str(&schema.body).unwrap_or(Value::Null),
        }
    }
}
