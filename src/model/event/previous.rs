//! What changed between two versions of an object: the old values of the changed attributes.
//!
//! Decided 2026-11: every changed attribute is listed, as WorkOS lists them. `custom_attributes`
//! and `raw_attributes` are compared one level down, so that a changed phone number lists the phone
//! numbers and not the whole raw document; an update that only `raw_attributes` shows is still an
//! update, since the app is sent them. `created_at` and `updated_at` say nothing and are left out.

use serde_json::{Map, Value};

/// The changed top-level attributes with their old values, null for those that are new; for
/// `custom_attributes` and `raw_attributes` the changed keys alone.
pub fn previous_attributes(before: &Map<String, Value>, after: &Map<String, Value>) -> Map<String, Value> {
    let mut previous = Map::new();
    for name in names(before, after) {
        let (old, new) = (before.get(name), after.get(name));
        let is_noise = matches!(name, "created_at" | "updated_at" | "previous_attributes");
        if is_noise || is_same(old, new) {
            continue;
        }
        let old = match (name, old, new) {
            ("custom_attributes" | "raw_attributes", Some(Value::Object(old)), Some(Value::Object(new))) => {
                Value::Object(changed(old, new))
            }
            _ => old.cloned().unwrap_or(Value::Null),
        };
        previous.insert(name.to_owned(), old);
    }
    previous
}

fn changed(before: &Map<String, Value>, after: &Map<String, Value>) -> Map<String, Value> {
    names(before, after)
        .filter(|name| !is_same(before.get(*name), after.get(*name)))
        .map(|name| (name.to_owned(), before.get(name).cloned().unwrap_or(Value::Null)))
        .collect()
}

fn names<'a>(before: &'a Map<String, Value>, after: &'a Map<String, Value>) -> impl Iterator<Item = &'a str> {
    let new = after.keys().filter(|name| !before.contains_key(*name));
    before.keys().chain(new).map(String::as_str)
}

/// An absent attribute and one that is null are the same.
fn is_same(old: Option<&Value>, new: Option<&Value>) -> bool {
    old.unwrap_or(&Value::Null) == new.unwrap_or(&Value::Null)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(before: Value, after: Value, expected: Value) {
        let (Value::Object(before), Value::Object(after)) = (before, after) else { panic!("objects") };
        assert_eq!(Value::Object(previous_attributes(&before, &after)), expected);
    }

    #[test]
    fn changed_new_and_gone_attributes_have_their_old_values() {
        check(
            json!({"name": "A", "email": "a@x", "state": "active", "first_name": null}),
            json!({"name": "B", "state": "active", "first_name": "C", "role": {"slug": "x"}}),
            json!({"name": "A", "email": "a@x", "first_name": null, "role": null}),
        );
    }

    #[test]
    fn custom_and_raw_attributes_are_compared_one_level_down() {
        check(
            json!({"custom_attributes": {"a": 1, "b": {"c": 1}, "d": 1}, "raw_attributes": {"x": 1, "y": 2}}),
            json!({"custom_attributes": {"a": 1, "b": {"c": 2}, "e": 1}, "raw_attributes": {"x": 1, "y": 3}}),
            json!({"custom_attributes": {"b": {"c": 1}, "d": 1, "e": null}, "raw_attributes": {"y": 2}}),
        );
    }

    #[test]
    fn times_and_the_order_of_keys_are_no_change() {
        check(
            json!({"updated_at": "1", "created_at": "1", "custom_attributes": {"a": 1, "b": 2}}),
            json!({"updated_at": "2", "created_at": "2", "custom_attributes": {"b": 2, "a": 1}}),
            json!({}),
        );
    }
}
