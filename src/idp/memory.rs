//! What a provider keeps in mind between its steps: what it read once instead of asking each time.

use std::collections::HashMap;

use serde_json::Value;
use tokio::sync::OnceCell;

use crate::base::text::fold;

/// Resources by their folded name.
pub type ByName = HashMap<String, Value>;

/// Filled by the provider that needs it, at most once in a run.
#[derive(Debug, Default)]
pub struct Memory {
    /// The server's ServiceProviderConfig, or what the provider takes for it.
    pub config: OnceCell<Value>,
    /// The users and groups that were there when the provider first listed them.
    pub users: OnceCell<ByName>,
    pub groups: OnceCell<ByName>,
}

/// Resources by that attribute, without regard to case; the first of a name stays.
pub fn by_name(resources: Vec<Value>, attribute: &str) -> ByName {
    let mut named = ByName::new();
    for resource in resources {
        if let Some(name) = resource.get(attribute).and_then(Value::as_str).map(fold) {
            named.entry(name).or_insert(resource);
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_of_a_name_stays_whatever_its_case() {
        let groups = vec![
            json!({"id": "1", "displayName": "Ops"}),
            json!({"id": "2", "displayName": "OPS"}),
            json!({}),
        ];
        let named = by_name(groups, "displayName");
        assert_eq!((named.len(), named["ops"]["id"].as_str()), (1, Some("1")));
    }
}
