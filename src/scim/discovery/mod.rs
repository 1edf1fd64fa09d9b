//! What the discovery endpoints send (RFC 7644 §4): the server's abilities, resource types, schemas.
//! All of it comes from the values that are enforced.

mod config;
mod resource_types;
mod schemas;

use serde_json::{Map, Value, json};

pub use config::service_provider_config;
pub use resource_types::{resource_type, resource_types};
pub use schemas::{schema, schema_json, schemas};

use super::list::ListResponse;

/// All of a kind on one page: these lists are short and are never paged (RFC 7644 §4).
fn list(resources: Vec<Map<String, Value>>) -> Map<String, Value> {
    let resources: Vec<Value> = resources.into_iter().map(Value::Object).collect();
    ListResponse {
        total_results: resources.len(),
        start_index: Some(1),
        resources,
        ..ListResponse::default()
    }
    .into_map()
}

fn meta(resource_type: &str, base_url: &str, path: &str) -> Value {
    let base_url = base_url.trim_end_matches('/');
    json!({"resourceType": resource_type, "location": format!("{base_url}{path}")})
}

#[cfg(test)]
mod tests;
