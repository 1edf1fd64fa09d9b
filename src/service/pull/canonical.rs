//! One number for a resource, the same in whatever order its keys stand.

use aws_lc_rs::digest::{Context, SHA256};
use serde_json::{Map, Value};

/// The first half of a SHA-256: enough to tell two states of one resource apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest([u8; 16]);

impl Digest {
    /// Of a stored document without `active`, and of its unknown attributes.
    pub fn of(document: &Map<String, Value>, extra: Option<&Map<String, Value>>) -> Self {
        let mut context = Context::new(&SHA256);
        add_object(&mut context, document, Some("active"));
        match extra {
            Some(extra) => add_object(&mut context, extra, None),
            None => context.update(b"-"),
        }
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&context.finish().as_ref()[..16]);
        Self(bytes)
    }
}

fn add(context: &mut Context, value: &Value) {
    match value {
        Value::Object(object) => add_object(context, object, None),
        Value::Array(values) => {
            context.update(b"[");
            values.iter().for_each(|value| add(context, value));
            context.update(b"]");
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            // JSON text of a scalar can't be mistaken for another: strings are quoted and escaped.
            context.update(value.to_string().as_bytes());
            context.update(b",");
        }
    }
}

fn add_object(context: &mut Context, object: &Map<String, Value>, without: Option<&str>) {
    let mut pairs: Vec<(&String, &Value)> =
        object.iter().filter(|(key, _)| Some(key.as_str()) != without).collect();
    pairs.sort_unstable_by_key(|(key, _)| *key);
    context.update(b"{");
    for (key, value) in pairs {
        context.update(Value::String(key.clone()).to_string().as_bytes());
        context.update(b":");
        add(context, value);
    }
    context.update(b"}");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn digest(value: &Value) -> Digest {
        Digest::of(value.as_object().expect("an object"), None)
    }

    #[test]
    fn order_of_keys_and_active_don_t_count_and_everything_else_does() {
        let one = json!({"a": 1, "b": {"c": [1, 2], "d": "x"}, "active": true});
        assert_eq!(digest(&one), digest(&json!({"b": {"d": "x", "c": [1, 2]}, "a": 1, "active": false})));
        for other in [
            json!({"a": 1, "b": {"c": [2, 1], "d": "x"}}),
            json!({"a": "1", "b": {"c": [1, 2], "d": "x"}}),
            json!({"a": 1, "b": {"c": [12], "d": "x"}}),
            json!({"a": 1, "b": {"c": [1, 2], "d": "x", "active": true}}),
        ] {
            assert_ne!(digest(&one), digest(&other), "{other}");
        }
    }
}
