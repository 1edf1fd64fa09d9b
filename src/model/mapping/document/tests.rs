//! Documents that are taken, and what is said about those that are not.

use serde_json::json;

use super::*;

/// The place and the code of everything that is wrong.
fn faults(document: Value) -> Vec<(String, &'static str)> {
    match Document::parse(&document) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.into_iter().map(|fault| (fault.place, fault.code)).collect(),
    }
}

#[test]
fn documents_of_every_form_are_taken() {
    for document in [
        json!({}),
        json!({"attributes": {}, "roles": {}}),
        json!({"attributes": {"email": ["emails[primary eq true].value", "userName"], "x": []}}),
        json!({"attributes": {"full": {"template": "{title}, {name.formatted}", "transform": "trim"}}}),
        json!({"attributes": {"cost": {"from": ["costCenter", {"template": "{title}"}], "default": 7, "required": true}}}),
        json!({"roles": {"mode": "multiple", "default": null, "rules": [
            {"group": "Admins", "role": "org:admin"},
            {"when": "title co \"Manager\" and userType ne \"Contractor\"", "group": "x", "role": "m"},
        ]}}),
    ] {
        assert_eq!(faults(document.clone()), [], "{document}");
    }
}

#[test]
fn everything_wrong_is_told_with_its_place() {
    for (document, expected) in [
        (json!([]), vec![("", "invalid")]),
        (json!({"attribute": {}}), vec![("attribute", "unknown")]),
        (json!({"attributes": {"a": "b c"}}), vec![("attributes.a", "invalid_path")]),
        (json!({"attributes": {"a": "emails.nosuch"}}), vec![("attributes.a", "invalid_path")]),
        (json!({"attributes": {"a": "{title}"}}), vec![("attributes.a", "invalid_path")]),
        (
            json!({"attributes": {"a": ["title", "emails["], "b": 7}}),
            vec![("attributes.a[1]", "invalid_path"), ("attributes.b", "invalid")],
        ),
        (
            json!({"attributes": {"a": {"template": "{title", "sources": []}}}),
            vec![("attributes.a.sources", "unknown"), ("attributes.a.template", "invalid_template")],
        ),
        (
            json!({"attributes": {"a": {"from": "title", "template": "{title}"}}}),
            vec![("attributes.a.template", "invalid")],
        ),
        (
            json!({"attributes": {"a": {"from": "title", "transform": ["trim", "reverse"], "required": "yes"}}}),
            vec![("attributes.a.transform", "unknown"), ("attributes.a.required", "invalid")],
        ),
        (json!({"attributes": {"a": {"required": true}}}), vec![("attributes.a.required", "invalid")]),
        (json!({"attributes": {"Team": "title", "team": "title"}}), vec![("attributes.team", "duplicate")]),
        (json!({"attributes": {"Email": "userName"}}), vec![("attributes.Email", "invalid")]),
        (
            json!({"attributes": {"email": {"from": "emails", "transform": "list"}}}),
            vec![("attributes.email.transform", "invalid")],
        ),
        (
            json!({"attributes": {"a": [{"from": "title", "default": 1}]}}),
            vec![("attributes.a[0].default", "unknown")],
        ),
        (json!({"roles": {"mode": "highest"}}), vec![("roles.mode", "invalid")]),
        (json!({"roles": {"default": "no blanks"}}), vec![("roles.default", "invalid")]),
        (
            json!({"roles": {"rules": [{"role": "a"}, {"when": "title cx \"a\"", "role": "b"}, {"group": "g"}]}}),
            vec![
                ("roles.rules[0]", "required"),
                ("roles.rules[1].when", "invalid_filter"),
                ("roles.rules[2].role", "required"),
            ],
        ),
    ] {
        let expected: Vec<(String, &str)> =
            expected.into_iter().map(|(place, code)| (place.to_owned(), code)).collect();
        assert_eq!(faults(document.clone()), expected, "{document}");
    }
}

#[test]
fn as_much_is_taken_as_the_limits_say() {
    let targets = |count: usize| {
        let attributes: Map<String, Value> = (0..count).map(|n| (format!("t{n}"), json!("title"))).collect();
        faults(json!({"attributes": attributes}))
    };
    assert_eq!(targets(limits::MAPPING_TARGETS_MAX), []);
    assert_eq!(targets(limits::MAPPING_TARGETS_MAX + 1), [("attributes".to_owned(), "too_many")]);
    let sources = |count: usize| faults(json!({"attributes": {"a": vec!["title"; count]}}));
    assert_eq!(sources(limits::MAPPING_SOURCES_MAX), []);
    assert_eq!(sources(limits::MAPPING_SOURCES_MAX + 1), [("attributes.a".to_owned(), "too_many")]);
    let rules =
        |count: usize| faults(json!({"roles": {"rules": vec![json!({"group": "g", "role": "r"}); count]}}));
    assert_eq!(rules(limits::MAPPING_RULES_MAX), []);
    assert_eq!(rules(limits::MAPPING_RULES_MAX + 1), [("roles.rules".to_owned(), "too_many")]);
    let role = |bytes: usize| faults(json!({"roles": {"default": "r".repeat(bytes)}}));
    assert_eq!(role(limits::ROLE_BYTES_MAX), []);
    assert_eq!(role(limits::ROLE_BYTES_MAX + 1), [("roles.default".to_owned(), "invalid")]);
    let name = |bytes: usize| faults(json!({"attributes": {"n".repeat(bytes): "title"}})).len();
    assert_eq!(name(limits::MAPPING_NAME_BYTES_MAX), 0);
    assert_eq!(name(limits::MAPPING_NAME_BYTES_MAX + 1), 1);
    let padded = |bytes: usize| {
        let empty = json!({"attributes": {"a": {"default": ""}}}).to_string().len();
        faults(json!({"attributes": {"a": {"default": "x".repeat(bytes - empty)}}}))
    };
    assert_eq!(padded(limits::MAPPING_DOCUMENT_BYTES_MAX), []);
    assert_eq!(padded(limits::MAPPING_DOCUMENT_BYTES_MAX + 1), [(String::new(), "too_long")]);
}
