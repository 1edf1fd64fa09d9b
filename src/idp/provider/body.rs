//! Builds and compares bodies: objects without empty values, PATCH messages, single values by their path.

use serde_json::{Map, Value, json};

use crate::scim::schema::urn;

/// An object in the order in which it is written.
#[derive(Debug, Default)]
pub struct Body(Map<String, Value>);

impl Body {
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// Only text that is not empty.
    pub fn text(self, name: &str, value: &str) -> Self {
        if value.is_empty() { self } else { self.with(name, value) }
    }

    pub fn some(self, name: &str, value: Option<&String>) -> Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    /// A whole object or list, unless it is empty.
    pub fn filled(self, name: &str, value: Value) -> Self {
        let is_empty = match &value {
            Value::Object(object) => object.is_empty(),
            Value::Array(values) => values.is_empty(),
            Value::Null => true,
            _ => false,
        };
        if is_empty { self } else { self.with(name, value) }
    }

    pub fn value(self) -> Value {
        Value::Object(self.0)
    }
}

/// A PATCH of these operations.
pub fn patch(operations: Vec<Value>) -> Value {
    json!({ "schemas": [urn::PATCH_OP], "Operations": operations })
}

/// A user's single values, each with the path by which a PATCH names it; values of lists go by their type.
pub fn leaves(user: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (name, value) in user.as_object().into_iter().flatten() {
        match value {
            _ if matches!(name.as_str(), "schemas" | "meta" | "id" | "groups" | "password" | "roles") => {}
            Value::Object(object) => {
                let separator = if name.starts_with("urn:") { ":" } else { "." };
                for (sub, value) in object.iter().filter(|(_, value)| !value.is_object() && !value.is_null())
                {
                    found.push((format!("{name}{separator}{sub}"), value.clone()));
                }
            }
            Value::Array(values) => {
                for value in values {
                    found.extend(typed(name, value));
                }
            }
            Value::Null => {}
            value => found.push((name.clone(), value.clone())),
        }
    }
    found
}

fn typed(name: &str, value: &Value) -> Vec<(String, Value)> {
    let Some(kind) = value.get("type").and_then(Value::as_str) else { return Vec::new() };
    let subs = value.as_object().into_iter().flatten();
    let told = subs.filter(|(sub, _)| !matches!(sub.as_str(), "type" | "primary" | "display" | "$ref"));
    told.map(|(sub, value)| (format!("{name}[type eq \"{kind}\"].{sub}"), value.clone())).collect()
}

/// The values of `wanted` that `shown` lacks or has otherwise.
pub fn changed(wanted: &Value, shown: &Value) -> Vec<(String, Value)> {
    let shown = leaves(shown);
    let is_same = |leaf: &(String, Value)| shown.contains(leaf);
    leaves(wanted).into_iter().filter(|leaf| !is_same(leaf)).collect()
}

/// The paths that `shown` has among those and `wanted` does not.
pub fn vanished(wanted: &Value, shown: &Value, among: &[&str]) -> Vec<String> {
    let wanted = leaves(wanted);
    let is_gone =
        |path: &String| among.contains(&path.as_str()) && !wanted.iter().any(|(other, _)| other == path);
    leaves(shown).into_iter().map(|(path, _)| path).filter(is_gone).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_named_by_the_path_of_a_patch() {
        let shown = json!({"id": "1", "displayName": "A", "name": {"givenName": "A"}, "emails": [{"type": "work", "value": "a", "primary": true}]});
        let wanted = json!({"displayName": "A", "name": {"givenName": "B"}, "emails": [{"type": "work", "value": "b"}],
            "urn:x:User": {"department": "D"}});
        let paths: Vec<String> = changed(&wanted, &shown).into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, ["name.givenName", "emails[type eq \"work\"].value", "urn:x:User:department"]);
        assert_eq!(changed(&shown, &shown), []);
        assert_eq!(vanished(&json!({}), &shown, &["displayName"]), ["displayName"]);
    }
}
