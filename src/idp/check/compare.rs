//! Compares what a provider wrote with what the server shows.

use serde_json::Value;

/// What the server adds, keeps to itself, or is compared elsewhere.
const LEFT_OUT: [&str; 7] = ["schemas", "meta", "password", "groups", "id", "members", "$ref"];

/// Everything in `written` that `shown` lacks or has otherwise: path, wanted, shown.
pub fn differences(written: &Value, shown: &Value) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    compare("", written, shown, &mut found);
    found
}

/// The differences in a line; none when there is none.
pub fn difference(written: &Value, shown: &Value) -> Option<(String, String)> {
    let found = differences(written, shown);
    let side = |values: Vec<(&String, &String)>| {
        values.into_iter().map(|(path, value)| format!("{path} {value}")).collect::<Vec<_>>().join(", ")
    };
    let wanted = side(found.iter().map(|(path, wanted, _)| (path, wanted)).collect());
    let came = side(found.iter().map(|(path, _, came)| (path, came)).collect());
    (!found.is_empty()).then_some((wanted, came))
}

fn compare(path: &str, written: &Value, shown: &Value, found: &mut Vec<(String, String, String)>) {
    match (written, shown) {
        // Empty and absent are the same (RFC 7643 §2.5).
        (written, _) if is_empty(written) => {}
        (Value::Object(written), Value::Object(shown)) => {
            // RFC 7643 §4.3: the name of a manager is read-only.
            let is_manager = path.ends_with(".manager");
            let is_left_out = |name: &str| LEFT_OUT.contains(&name) || (is_manager && name == "displayName");
            for (name, value) in written.iter().filter(|(name, _)| !is_left_out(name)) {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                compare(&path, value, shown.get(name).unwrap_or(&Value::Null), found);
            }
        }
        (Value::Array(written), Value::Array(shown)) => {
            for value in written {
                let is_there = shown.iter().any(|other| differences_of_element(value, other) == 0);
                if !is_there {
                    note(path, value, &Value::Array(shown.clone()), found);
                }
            }
        }
        // Some write the reference of a manager as bare text.
        (Value::String(text), Value::Object(object))
            if object.get("value").and_then(Value::as_str) == Some(text) => {}
        // Some write booleans as text.
        (Value::String(text), Value::Bool(value)) if text.eq_ignore_ascii_case(&value.to_string()) => {}
        (written, shown) if written == shown => {}
        (written, shown) => note(path, written, shown, found),
    }
}

fn differences_of_element(written: &Value, shown: &Value) -> usize {
    let mut found = Vec::new();
    compare("", written, shown, &mut found);
    found.len()
}

fn note(path: &str, written: &Value, shown: &Value, found: &mut Vec<(String, String, String)>) {
    let short = |value: &Value| value.to_string().chars().take(200).collect::<String>();
    found.push((path.to_owned(), short(written), short(shown)));
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(values) => values.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_server_adds_is_no_difference_and_what_it_lacks_is() {
        let written = json!({"userName": "A", "roles": [], "password": "x", "emails": [{"value": "a", "primary": true}]});
        let shown = json!({"id": "1", "userName": "A", "emails": [{"value": "b"}, {"value": "a", "primary": true, "type": "work"}]});
        assert_eq!(differences(&written, &shown), []);
        let shown = json!({"userName": "a", "emails": [{"value": "a"}]});
        let paths: Vec<String> = differences(&written, &shown).into_iter().map(|(path, ..)| path).collect();
        assert_eq!(paths, ["userName", "emails"]);
    }

    #[test]
    fn a_manager_and_a_boolean_may_be_written_as_text() {
        assert_eq!(differences(&json!({"manager": "7"}), &json!({"manager": {"value": "7"}})), []);
        assert_eq!(differences(&json!({"active": "False"}), &json!({"active": false})), []);
        assert_eq!(differences(&json!({"active": false}), &json!({"active": true})).len(), 1);
    }
}
