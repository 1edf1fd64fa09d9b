//! Tests of projection.

use proptest::prelude::{Strategy, prop_assert, prop_assert_eq, proptest};
use proptest::sample::subsequence;
use serde_json::{Map, Value, json};

use super::Projection;
use crate::scim::schema::{ResourceType, TypeSchema, extension, standard, urn};

fn schema() -> TypeSchema {
    let own = json!({"id": "urn:example:Own", "attributes": [
        {"name": "secret", "mutability": "writeOnly"},
        {"name": "key", "returned": "always"},
        {"name": "heavy", "returned": "request"},
        {"name": "plain"},
        {"name": "parts", "type": "complex", "subAttributes": [
            {"name": "hidden", "returned": "never"}, {"name": "sure", "returned": "always"},
            {"name": "asked", "returned": "request"}, {"name": "open"},
        ]},
    ]});
    let own = extension::parse(&own, ResourceType::User).expect("a good schema");
    TypeSchema::clone(&standard().with_extensions(vec![own], Vec::new()).user)
}

fn whole() -> Map<String, Value> {
    let value = json!({
        "schemas": [urn::USER, "urn:example:Own"], "id": "1", "externalId": "x", "userName": "zoe",
        "password": "never", "name": {"givenName": "Zoe", "familyName": "Li"},
        "emails": [{"value": "a", "type": "work"}, {"type": "home"}], "groups": [{"value": "g"}],
        urn::ENTERPRISE_USER: {"department": "R&D", "manager": {"value": "m", "$ref": "r"}},
        "urn:example:Own": {"secret": 1, "key": 2, "heavy": 3, "plain": 4,
            "parts": {"hidden": 1, "sure": 2, "asked": 3, "open": 4}},
        "urn:unknown:1.0:X": {"a": {"b": 1, "c": 2}},
        "meta": {"version": "1", "location": "l"},
    });
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

fn sent(attributes: &str, excluded: &str) -> Value {
    let projection = Projection::parse(Some(attributes), Some(excluded), &schema()).expect("good");
    Value::Object(projection.apply(whole()))
}

fn minimum_with(more: Value) -> Value {
    let mut value = json!({
        "schemas": [urn::USER, "urn:example:Own"], "id": "1", "urn:example:Own": {"key": 2},
    });
    if let (Value::Object(object), Value::Object(more)) = (&mut value, more) {
        object.extend(more);
    }
    value
}

#[test]
fn attributes_select_what_is_named_and_the_minimum() {
    let enterprise = urn::ENTERPRISE_USER;
    let cases = [
        ("nothing", json!({})),
        ("id,schemas", json!({})),
        ("USERNAME", json!({"userName": "zoe"})),
        (" userName , ,title", json!({"userName": "zoe"})),
        ("name.givenname", json!({"name": {"givenName": "Zoe"}})),
        ("name,name.givenName", json!({"name": {"givenName": "Zoe", "familyName": "Li"}})),
        ("name.givenName,name", json!({"name": {"givenName": "Zoe", "familyName": "Li"}})),
        ("name.givenName,name.familyName", json!({"name": {"givenName": "Zoe", "familyName": "Li"}})),
        ("emails.value", json!({"emails": [{"value": "a"}]})),
        ("userName.x", json!({})),
        ("password", json!({})),
        ("meta.version", json!({"meta": {"version": "1"}})),
        ("urn:ietf:params:scim:schemas:core:2.0:User:userName", json!({"userName": "zoe"})),
        ("urn:ietf:params:scim:schemas:core:2.0:USER:name.givenName", json!({"name": {"givenName": "Zoe"}})),
        (
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
            json!({enterprise: {"department": "R&D", "manager": {"value": "m", "$ref": "r"}}}),
        ),
        (
            "urn:ietf:params:scim:schemas:extension:ENTERPRISE:2.0:User:department",
            json!({enterprise: {"department": "R&D"}}),
        ),
        (
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
            json!({enterprise: {"manager": {"value": "m"}}}),
        ),
        ("department", json!({})),
        ("urn:unknown:1.0:X", json!({"urn:unknown:1.0:X": {"a": {"b": 1, "c": 2}}})),
        ("urn:unknown:1.0:X:a.b", json!({"urn:unknown:1.0:X": {"a": {"b": 1}}})),
        ("urn:unknown:1.0", json!({})),
        (
            "urn:example:Own",
            json!({"urn:example:Own": {"key": 2, "plain": 4, "parts": {"sure": 2, "open": 4}}}),
        ),
        ("urn:example:Own:heavy", json!({"urn:example:Own": {"key": 2, "heavy": 3}})),
        ("urn:example:Own:secret", json!({})),
        (
            "urn:example:Own:parts.open",
            json!({"urn:example:Own": {"key": 2, "parts": {"sure": 2, "open": 4}}}),
        ),
        (
            "urn:example:Own:parts.asked",
            json!({"urn:example:Own": {"key": 2, "parts": {"sure": 2, "asked": 3}}}),
        ),
        ("urn:example:Own:parts.hidden", json!({"urn:example:Own": {"key": 2, "parts": {"sure": 2}}})),
    ];
    for (attributes, expected) in cases {
        assert_eq!(sent(attributes, ""), minimum_with(expected), "attributes={attributes}");
    }
}

#[test]
fn by_default_all_is_sent_but_what_is_hidden() {
    let mut expected = whole();
    expected.remove("password");
    expected["urn:example:Own"] = json!({"key": 2, "plain": 4, "parts": {"sure": 2, "open": 4}});
    assert_eq!(sent("", ""), Value::Object(expected));
}

#[test]
fn excluded_attributes_are_left_out_of_the_default() {
    let default = |change: &dyn Fn(&mut Map<String, Value>)| match sent("", "") {
        Value::Object(mut object) => {
            change(&mut object);
            Value::Object(object)
        }
        other => other,
    };
    type Change = fn(&mut Map<String, Value>);
    let cases: [(&str, Change); 9] = [
        ("groups,EMAILS", |sent| {
            sent.remove("groups");
            sent.remove("emails");
        }),
        ("id,schemas,nothing,password,userName.x", |_| {}),
        ("name.givenName", |sent| sent["name"] = json!({"familyName": "Li"})),
        ("emails.type", |sent| sent["emails"] = json!([{"value": "a"}])),
        ("name.givenName,name.familyName", |sent| {
            sent.remove("name");
        }),
        ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", |sent| {
            sent.remove(urn::ENTERPRISE_USER);
        }),
        ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.$ref", |sent| {
            sent[urn::ENTERPRISE_USER] = json!({"department": "R&D", "manager": {"value": "m"}});
        }),
        ("urn:example:Own", |sent| sent["urn:example:Own"] = json!({"key": 2})),
        ("urn:example:Own:key,urn:example:Own:parts.sure,urn:example:Own:parts.open", |sent| {
            sent["urn:example:Own"] = json!({"key": 2, "plain": 4, "parts": {"sure": 2}});
        }),
    ];
    for (excluded, change) in cases {
        assert_eq!(sent("", excluded), default(&change), "excludedAttributes={excluded}");
    }
}

#[test]
fn both_parameters_together_are_refused() {
    assert!(Projection::parse(Some("a"), Some("b"), &schema()).is_err());
    assert!(Projection::parse(Some("a"), Some(" ,"), &schema()).is_ok());
}

#[test]
fn expensive_parts_are_needed_only_when_they_are_sent() {
    let needs = |attributes, excluded| {
        Projection::parse(attributes, excluded, &standard().group).expect("good").needs("members")
    };
    let cases = [
        (None, None, true),
        (Some("displayName"), None, false),
        (Some("displayName,Members"), None, true),
        (Some("members.value"), None, true),
        (Some("urn:ietf:params:scim:schemas:core:2.0:Group:members"), None, true),
        (Some("urn:ietf:params:scim:schemas:core:2.0:Group"), None, true),
        (None, Some("MEMBERS"), false),
        (None, Some("members.display"), true),
        (None, Some("urn:ietf:params:scim:schemas:core:2.0:Group:members"), false),
    ];
    for (attributes, excluded, expected) in cases {
        assert_eq!(needs(attributes, excluded), expected, "{attributes:?} {excluded:?}");
    }
    assert!(Projection::default_of(&standard().group).is_default());
}

const NAMES: [&str; 9] = [
    "userName",
    "name.givenName",
    "name",
    "emails.value",
    "groups",
    "meta",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    "urn:example:Own:parts.open",
    "urn:unknown:1.0:X:a",
];

fn lists() -> impl Strategy<Value = String> {
    subsequence(NAMES.to_vec(), 1..NAMES.len()).prop_map(|names| names.join(","))
}

proptest! {
    // What a projection leaves is part of the whole, and applying it again changes nothing.
    #[test]
    fn a_projection_is_idempotent_and_adds_nothing(list in lists()) {
        for (attributes, excluded) in [(Some(list.as_str()), None), (None, Some(list.as_str()))] {
            let projection = Projection::parse(attributes, excluded, &schema()).expect("good");
            let once = projection.apply(whole());
            prop_assert_eq!(&once["id"], &json!("1"));
            prop_assert!(!once.contains_key("password"));
            prop_assert!(once.keys().all(|key| whole().contains_key(key)));
            prop_assert_eq!(projection.apply(once.clone()), once);
        }
    }

    // Each top-level attribute is in exactly one of the two answers, but for the minimum.
    #[test]
    fn attributes_and_excluded_attributes_share_only_the_minimum(name in subsequence(vec!["userName", "name", "emails", "groups", "meta"], 1..5)) {
        let list = name.join(",");
        let (with, without) = (sent(&list, ""), sent("", &list));
        for name in ["userName", "name", "emails", "groups", "meta"] {
            prop_assert!(with.get(name).is_some() != without.get(name).is_some());
        }
    }
}
