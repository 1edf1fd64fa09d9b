//! Tests of custom extension schemas.

use serde_json::{Value, json};

use super::parse;
use crate::base::limits::EXTENSION_ATTRIBUTES_MAX;
use crate::scim::schema::{Attribute, Mutability, ResourceType, Returned, Type, standard, urn};
use crate::scim::{Error, discovery};

fn schema(attributes: Value) -> Result<crate::scim::schema::Schema, Error> {
    parse(&json!({"id": "urn:example:Own:1.0", "attributes": attributes}), ResourceType::User)
}

fn detail(attributes: Value) -> String {
    schema(attributes).expect_err("must be refused").detail
}

#[test]
fn a_schema_is_read_with_the_defaults_of_the_rfc() {
    let own = schema(json!([
        {"name": "badge"},
        {"NAME": "level", "Type": "INTEGER", "required": true, "returned": "request"},
        {"name": "pin", "mutability": "writeOnly", "returned": "default"},
        {"name": "seat", "type": "complex", "multiValued": true, "subAttributes": [
            {"name": "$ref", "type": "reference", "referenceTypes": ["external"]},
            {"name": "value", "canonicalValues": ["a"], "caseExact": true},
        ]},
    ]))
    .expect("good");
    assert_eq!((own.id.as_str(), own.name.as_str()), ("urn:example:Own:1.0", "1.0"));
    let attribute = |name: &str| own.attribute(name).cloned().expect(name);
    assert_eq!(attribute("badge").kind, Type::String);
    assert_eq!(attribute("badge").mutability, Mutability::ReadWrite);
    let level = attribute("level");
    assert_eq!((level.kind, level.required, level.returned), (Type::Integer, true, Returned::Request));
    assert_eq!(attribute("pin").returned, Returned::Never);
    let seat = attribute("seat");
    assert!(seat.multi_valued && seat.sub_attributes.iter().all(|sub| sub.case_exact));
    assert_eq!(seat.sub_attributes[0].reference_types, ["external"]);
}

#[test]
fn what_is_published_can_be_read_again() {
    for schema in [&standard().user.core, &standard().group.core, &standard().user.extensions[0]] {
        let mut json = Value::Object(discovery::schema_json(schema, "https://x.example"));
        json["id"] = json!("urn:example:Copy");
        json["attributes"]
            .as_array_mut()
            .expect("an array")
            .retain(|attribute| attribute["uniqueness"] == "none");
        let copy = parse(&json, ResourceType::User).expect("good");
        // What never is without a value is published as required.
        let published = |attribute: &Attribute| Attribute {
            required: attribute.required || attribute.has_default,
            has_default: false,
            ..attribute.clone()
        };
        let original = schema.attributes.iter().filter(|attribute| attribute.name != "userName");
        assert_eq!(copy.attributes, original.map(published).collect::<Vec<_>>());
    }
}

#[test]
fn an_id_must_be_a_urn_of_its_own() {
    let with = |id: &str| parse(&json!({"id": id, "attributes": [{"name": "a"}]}), ResourceType::User);
    for id in
        ["urn:example:X", "URN:Example:scim:1.0:User", "urn:ietf:params:scim:schemas:extension:acme:2.0:User"]
    {
        assert!(with(id).is_ok(), "{id}");
    }
    for id in [
        "",
        "x",
        "urn:",
        "urn:x:",
        "urn:x:y",
        "urn:example:",
        "urn:example:a b",
        "urn:example:a\"b",
        "urn:example:a:",
        "urn:example:ü",
        "https://example.com",
        urn::USER,
        urn::GROUP,
        urn::ENTERPRISE_USER,
        urn::SCHEMA,
        "URN:ietf:params:scim:schemas:core:2.0:user",
        "urn:ietf:params:scim:schemas:core:2.0:User:more",
        "urn:ietf:params:scim:schemas:core:2.0",
        &format!("urn:example:{}", "x".repeat(300)),
    ] {
        assert!(with(id).is_err(), "{id}");
    }
}

#[test]
fn what_cannot_be_kept_is_refused() {
    let cases = [
        (json!([]), "needs at least one entry in attributes"),
        (json!({}), "attributes of the schema must be an array"),
        (json!(["a"]), "an attribute must be an object"),
        (json!([{"type": "string"}]), "an attribute needs name"),
        (json!([{"name": "1a"}]), "can't be the name"),
        (json!([{"name": "a.b"}]), "can't be the name"),
        (json!([{"name": "$ref"}]), "can't be the name"),
        (json!([{"name": "a"}, {"name": "A"}]), "has the attribute A twice"),
        (json!([{"name": "a", "type": "text"}]), "type of a must be one of string, boolean"),
        (json!([{"name": "a", "type": "complex"}]), "a needs at least one entry in subAttributes"),
        (json!([{"name": "a", "subAttributes": [{"name": "b"}]}]), "its type must be complex"),
        (
            json!([{"name": "a", "type": "complex", "subAttributes": [{"name": "b", "type": "complex"}]}]),
            "b is inside another attribute",
        ),
        (json!([{"name": "a", "uniqueness": "server"}]), "uniqueness of a must be none"),
        (json!([{"name": "a", "multiValued": "yes"}]), "multiValued of a must be true or false"),
        (json!([{"name": "a", "canonicalValues": [1]}]), "must be an array of strings"),
        (json!([{"name": "a", "description": "x".repeat(1001)}]), "at most 1000 bytes"),
        (json!([{"name": "a", "Name": "b"}]), "twice"),
    ];
    for (attributes, expected) in cases {
        let detail = detail(attributes.clone());
        assert!(detail.contains(expected), "{attributes}: {detail}");
    }
    assert!(parse(&json!([]), ResourceType::User).is_err());
}

#[test]
fn attributes_and_sub_attributes_are_counted_together() {
    let many = |count: usize| {
        let subs: Vec<Value> = (0..count).map(|index| json!({"name": format!("s{index}")})).collect();
        json!([{"name": "a", "type": "complex", "subAttributes": subs}])
    };
    assert!(schema(many(EXTENSION_ATTRIBUTES_MAX - 1)).is_ok());
    assert!(schema(many(EXTENSION_ATTRIBUTES_MAX)).is_err());
}
