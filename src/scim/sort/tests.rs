//! Tests of sorting.

use std::cmp::Ordering;

use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use serde_json::{Map, Value, json};

use super::{DecimalKey, Direction, SortBy, SortKey};
use crate::base::limits::SORT_KEY_BYTES_MAX;
use crate::scim::ScimType;
use crate::scim::moment::Moment;
use crate::scim::schema::{standard, urn};

fn sort_by(path: &str) -> SortBy {
    SortBy::parse(Some(path), None, &standard().user).expect("good").expect("given")
}

fn key(path: &str, resource: Value) -> SortKey {
    match resource {
        Value::Object(object) => sort_by(path).key(&object),
        _ => SortKey::Missing,
    }
}

fn moment(nanos: i128) -> SortKey {
    Moment::from_total_nanos(nanos).map_or(SortKey::Missing, SortKey::Moment)
}

fn text(text: &str) -> SortKey {
    SortKey::Text(text.to_owned())
}

#[test]
fn the_key_is_the_value_that_the_path_names() {
    let enterprise = urn::ENTERPRISE_USER;
    let cases = [
        ("userName", json!({"userName": "ZOË"}), text("zoë")),
        ("USERNAME", json!({"userName": "z"}), text("z")),
        ("urn:ietf:params:scim:schemas:core:2.0:User:userName", json!({"userName": "z"}), text("z")),
        ("externalId", json!({"externalId": "Ab"}), text("Ab")),
        ("name.familyName", json!({"name": {"familyName": "Li"}}), text("li")),
        ("name", json!({"name": {"formatted": "Zoe Li"}}), text("zoe li")),
        ("title", json!({}), SortKey::Missing),
        ("active", json!({"active": true}), SortKey::Boolean(true)),
        ("meta.created", json!({"meta": {"created": "1970-01-01T01:00:00.5+01:00"}}), moment(500_000_000)),
        ("emails", json!({"emails": [{"value": "B"}, {"value": "A"}]}), text("b")),
        ("emails.value", json!({"emails": [{"value": "B"}, {"value": "A", "primary": true}]}), text("a")),
        ("emails.type", json!({"emails": [{"value": "B"}]}), SortKey::Missing),
        ("x509Certificates", json!({"x509Certificates": [{"value": "Bb"}]}), text("Bb")),
        (
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
            json!({enterprise: {"department": "R&D"}}),
            text("r&d"),
        ),
        (
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user:MANAGER.value",
            json!({enterprise: {"manager": {"value": "M"}}}),
            text("m"),
        ),
        ("urn:own:1.0:X:a.b", json!({"urn:own:1.0:X": {"a": {"b": 3}}}), SortKey::Integer(3)),
        ("urn:own:1.0:X:a", json!({"urn:own:1.0:X": {"a": 1.5}}), SortKey::Decimal(DecimalKey(1.5))),
        ("urn:own:1.0:X:a", json!({"urn:own:1.0:X": {"a": {"b": 3}}}), SortKey::Missing),
    ];
    for (path, resource, expected) in cases {
        assert_eq!(key(path, resource), expected, "{path}");
    }
}

#[test]
fn what_cannot_be_sorted_by_is_refused() {
    for path in ["password", "shoeSize", "userName.x", "name.x", "meta", "emails[type eq \"work\"]", "urn:x"]
    {
        let error = SortBy::parse(Some(path), None, &standard().user).expect_err(path);
        assert_eq!(error.scim_type, ScimType::InvalidValue);
    }
    assert!(SortBy::parse(Some("userName"), Some("up"), &standard().user).is_err());
    assert_eq!(SortBy::parse(None, Some("descending"), &standard().user), Ok(None));
    assert_eq!(SortBy::parse(Some(" "), None, &standard().user), Ok(None));
}

#[test]
fn a_missing_value_is_last_ascending_and_first_descending() {
    let order = |direction: &str| {
        let sort_by =
            SortBy::parse(Some("title"), Some(direction), &standard().user).expect("good").expect("given");
        let resources =
            [("1", json!({"title": "b"})), ("2", json!({})), ("3", json!({"title": "A"})), ("4", json!({}))];
        let mut keys: Vec<(SortKey, &str)> = resources
            .iter()
            .map(|(id, value)| (sort_by.key(value.as_object().unwrap_or(&Map::new())), *id))
            .collect();
        keys.sort_by(|left, right| sort_by.compare((&left.0, left.1), (&right.0, right.1)));
        keys.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
    };
    assert_eq!(order("ascending"), ["3", "1", "2", "4"]);
    assert_eq!(order("DESCENDING"), ["2", "4", "1", "3"]);
    assert_eq!(sort_by("title").direction(), Direction::Ascending);
}

#[test]
fn a_long_text_counts_up_to_its_limit() {
    let long = "é".repeat(SORT_KEY_BYTES_MAX);
    assert_eq!(key("title", json!({"title": long})), text(&"é".repeat(SORT_KEY_BYTES_MAX / 2)));
    let whole = "a".repeat(SORT_KEY_BYTES_MAX);
    assert_eq!(key("title", json!({"title": whole})), text(&whole));
    assert_eq!(key("title", json!({"title": format!("{whole}b")})), text(&whole));
}

#[test]
fn expensive_attributes_are_mentioned() {
    assert!(sort_by("groups.display").mentions("groups"));
    assert!(!sort_by("userName").mentions("groups"));
    assert!(!sort_by("urn:own:groups").mentions("groups"));
}

fn keys() -> impl Strategy<Value = SortKey> {
    prop_oneof![
        any::<bool>().prop_map(SortKey::Boolean),
        any::<i64>().prop_map(|value| SortKey::Integer(i128::from(value))),
        any::<u64>().prop_map(|bits| SortKey::Decimal(DecimalKey(f64::from_bits(bits)))),
        any::<i64>().prop_map(|nanos| moment(nanos.into())),
        any::<String>().prop_map(SortKey::Text),
        proptest::strategy::Just(SortKey::Missing),
    ]
}

proptest! {
    #[test]
    fn keys_have_a_total_order(a in keys(), b in keys(), c in keys()) {
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        prop_assert_eq!(a == b, a.cmp(&b) == Ordering::Equal);
        if a <= b && b <= c {
            prop_assert!(a <= c);
        }
        prop_assert!(a <= SortKey::Missing);
    }

    #[test]
    fn a_key_survives_its_cursor(key in keys()) {
        let text = key.to_json().to_string();
        let read = serde_json::from_str(&text).ok().and_then(|value| SortKey::from_json(&value));
        prop_assert_eq!(read, Some(key));
    }
}
