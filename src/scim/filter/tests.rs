//! Tests of filters: the vectors, tables of what is refused and understood, limits.

use serde_json::{Map, Value, json};

use super::{IndexKey, candidates, matches, parse, parse_condition, parse_noting};
use crate::base::limits::{FILTER_BYTES_MAX, FILTER_DEPTH_MAX, FILTER_TERMS_MAX};
use crate::scim::dialect::Rule;
use crate::scim::schema::{TypeSchema, standard};
use crate::scim::{Error, ScimType, Strictness};

const STRICT: Strictness = Strictness::Strict;
const LENIENT: Strictness = Strictness::Lenient;

fn vectors() -> Value {
    let text = include_str!("../../../tests/vectors/filters.json");
    let mut vectors: Value = serde_json::from_str(text).expect("vectors");
    // The stand-ins for what a server would fill in.
    let mut text = vectors.to_string();
    for (name, value) in vectors["offline"].as_object_mut().expect("offline") {
        text = text.replace(&format!("${{{name}}}"), value.as_str().expect("text"));
    }
    serde_json::from_str(&text).expect("filled vectors")
}

fn outcome(row: &Value, resource: &Map<String, Value>, strictness: Strictness) -> &'static str {
    let registry = standard();
    let schema = if row["resource"] == "group" { &registry.group } else { &registry.user };
    let filter = row["filter"].as_str().expect("filter");
    match parse_noting(filter, schema, strictness, &mut Vec::new()) {
        Ok(filter) if matches(&filter, resource) => "yes",
        Ok(_) => "no",
        Err(error) => {
            assert_eq!(error.scim_type, ScimType::InvalidFilter, "{filter}");
            assert!(!error.detail.ends_with('.'), "{error}");
            "invalid"
        }
    }
}

#[test]
fn every_vector_holds() {
    let vectors = vectors();
    for row in vectors["filters"].as_array().expect("rows") {
        let resource =
            vectors["resources"][row["resource"].as_str().expect("name")].as_object().expect("resource");
        for strictness in [STRICT, LENIENT] {
            let outcome = outcome(row, resource, strictness);
            let is_accepted = row["expect"] == outcome
                || row["accept"]
                    .as_array()
                    .is_some_and(|accept| accept.iter().any(|accept| accept == outcome));
            assert!(is_accepted, "{strictness:?} {row}: {outcome}");
        }
    }
}

fn user() -> TypeSchema {
    (*standard().user).clone()
}

fn person() -> Map<String, Value> {
    let person = json!({
        "id": "abc", "userName": "Bob", "externalId": "E-1", "active": true,
        "name": {"givenName": "Bob", "familyName": ""},
        "emails": [{"value": "bob@work.example", "type": "work", "primary": true}, {"value": "bob@home.example"}],
        "roles": [{"value": "admin", "primary": true}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
            {"employeeNumber": "7", "manager": {"value": "xyz"}, "badge": "Blue"},
        "urn:example:2.0:Desk": {"floor": 3, "Rooms": [{"value": "A1"}, {"value": "B2"}], "since": "2024"},
        "meta": {"created": "2024-03-01T10:20:30.500Z"},
    });
    person.as_object().cloned().expect("object")
}

#[test]
fn lenient_rules_are_understood_and_named() {
    for (text, rules, expected) in [
        (
            r#"emails[type eq "work"].value eq "BOB@work.example""#,
            vec![Rule::FilterValuePathSubAttribute],
            true,
        ),
        (
            r#"emails[type eq "work" or primary eq true].value ew "home.example""#,
            vec![Rule::FilterValuePathSubAttribute],
            false,
        ),
        (
            r#"emails[type eq "work"].value pr and active eq true"#,
            vec![Rule::FilterValuePathSubAttribute],
            true,
        ),
        (r#"active eq "True""#, vec![Rule::FilterBooleanString], true),
        (r#"roles[primary eq "true"]"#, vec![Rule::FilterBooleanString], true),
        ("active eq TRUE", vec![Rule::FilterBooleanCase], true),
        (
            "id eq abc and manager eq xyz",
            vec![Rule::FilterUnquotedValue, Rule::AttributeUrnMissing, Rule::FilterComplexValue],
            true,
        ),
        ("userName eq bob", vec![Rule::FilterUnquotedValue], true),
        ("(userName eq bob@example.com) or active eq false", vec![Rule::FilterUnquotedValue], false),
        (r#"employeeNumber eq "7""#, vec![Rule::AttributeUrnMissing], true),
        (
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.employeeNumber eq "7""#,
            vec![Rule::AttributeUrnDot],
            true,
        ),
    ] {
        let mut noted = Vec::new();
        let filter = parse_noting(text, &user(), LENIENT, &mut noted).expect(text);
        assert_eq!((noted, matches(&filter, &person())), (rules, expected), "{text}");
        let strict = parse(text, &user()).map_err(|error| error.scim_type);
        // In URNs without schema a dot may be part of the URN, so that one has another meaning.
        if !text.contains("User.employee") {
            assert_eq!(strict, Err(ScimType::InvalidFilter), "{text}");
        }
        assert_eq!(parse(&filter.to_string(), &user()), Ok(filter), "{text}");
    }
}

#[test]
fn what_is_not_a_filter_is_refused_in_both_modes() {
    for text in [
        "",
        " ",
        "()",
        "userName eq\t\"x\"",
        "userName eq \"x\"and active eq true",
        "active eq true and(title pr)",
        "active eq true and",
        "and active eq true",
        "not (active eq true",
        "emails [type eq \"work\"]",
        "emails[type eq \"work\"] .value eq \"x\"",
        "emails[type eq \"work\"].nosuch eq \"x\"",
        "emails[type eq \"work\"].value",
        "emails.value[type eq \"x\"]",
        "addresses eq \"x\"",
        "password eq \"x\"",
        "password pr",
        "PASSWORD sw \"a\"",
        "active eq 1",
        "active co \"t\"",
        "active eq \"maybe\"",
        "name.givenName gt null",
        "meta.created gt \"2024\"",
        "urn:ietf:params:scim:schemas:core:2.0:User eq \"x\"",
        "urn:ietf:params:scim:schemas:core:2.0:Group:displayName eq \"x\"",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr",
        "foo:bar eq \"x\"",
        "userName eq and",
        "userName eq 'bob'",
        "userName eq bob@\"",
        "userName eq bob smith",
        "userName eq -",
        "title eq nosuch(",
        "emails[type eq work]",
        "userName eq \"\\ud800\"",
        "userName eq {\"a\":1}",
        "é eq \"x\"",
        "userName.value eq \"x\"",
    ] {
        for strictness in [STRICT, LENIENT] {
            let result = parse_noting(text, &user(), strictness, &mut Vec::new());
            assert_eq!(result.map_err(|error| error.scim_type), Err(ScimType::InvalidFilter), "{text}");
        }
    }
}

#[test]
fn details_name_what_to_change() {
    let detail = |text: &str| parse(text, &user()).expect_err(text).detail;
    assert_eq!(detail("nosuch eq \"x\""), "The filter is invalid: User has no attribute nosuch");
    assert_eq!(detail("name.nosuch pr"), "The filter is invalid: name has no sub-attribute nosuch");
    assert_eq!(
        detail("userName regex \"b\""),
        "The filter is invalid: the operator \"regex\" is not supported"
    );
    assert_eq!(
        detail("userName eq bob"),
        "The filter is invalid: \"bob\" is not a value: text needs double quotes around it"
    );
    assert_eq!(
        detail("name eq \"x\""),
        "The filter is invalid: name is complex: name one of its sub-attributes, such as name.formatted"
    );
    assert_eq!(detail(""), "The filter is invalid: it is empty");
}

#[test]
fn comparisons_follow_types_and_absence() {
    for (text, expected) in [
        ("name.familyName pr", false),
        ("name pr", true),
        ("name.familyName eq null", true),
        ("title ne \"x\"", true),
        ("emails.type ne \"work\"", true),
        ("emails.type eq null", true),
        ("phoneNumbers.type ne \"work\"", false),
        ("phoneNumbers eq null", true),
        ("emails ne null", true),
        ("emails[type pr and value ew \"home.example\"]", false),
        ("emails.display pr", false),
        ("meta.created sw \"2024-03\"", true),
        ("meta.created lt \"9999-12-31T23:59:59.9999999Z\"", true),
        ("meta.created gt \"0001-01-01T00:00:00Z\"", true),
        ("userName eq \"bob\"", true),
        ("externalId eq \"e-1\"", false),
        ("userName co \"_\"", false),
        ("userName sw \"b.\"", false),
        ("urn:example:2.0:Desk:floor ge 3", true),
        ("urn:example:2.0:Desk:floor eq \"3\"", false),
        ("urn:example:2.0:Desk:floor ne \"3\"", true),
        ("URN:EXAMPLE:2.0:DESK:ROOMS eq \"a1\"", true),
        ("urn:example:2.0:Desk:rooms.value eq \"b2\"", true),
        ("urn:example:2.0:Desk:rooms[value sw \"b\"]", true),
        ("urn:example:2.0:Desk:nothing eq \"b2\"", false),
        ("urn:example:2.0:Other:nothing pr", false),
        ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:Badge eq \"blue\"", true),
        ("userName eq\"bob\"", true),
        ("not  ( active eq false )", true),
    ] {
        let filter = parse(text, &user()).expect(text);
        assert_eq!(matches(&filter, &person()), expected, "{text}");
    }
}

#[test]
fn conditions_of_a_mapping_may_name_unknown_attributes() {
    let mut person = person();
    person.insert("costCenter2".to_owned(), json!("A"));
    person.insert("cars".to_owned(), json!([{"plate": "B-1"}]));
    for (text, expected) in [
        ("costcenter2 eq \"a\"", true),
        ("cars[plate sw \"b\"]", true),
        ("nothing pr", false),
        ("cars.plate eq \"x\"", false),
    ] {
        assert_eq!(
            parse_condition(text, &user()).map(|filter| matches(&filter, &person)),
            Ok(expected),
            "{text}"
        );
        assert!(parse(text, &user()).is_err(), "{text}");
    }
}

#[test]
fn index_keys_contain_every_match() {
    use IndexKey::{DisplayName, Email, ExternalId, Id, UserName};
    let text = |text: &str| text.to_owned();
    for (filter, expected) in [
        ("userName eq \"Bob\"", Some(vec![UserName(text("bob"))])),
        ("externalId eq \"Bob\"", Some(vec![ExternalId(text("Bob"))])),
        ("emails eq \"A@b\"", Some(vec![Email(text("a@b"))])),
        ("emails[type eq \"work\" and value eq \"A@b\"]", Some(vec![Email(text("a@b"))])),
        ("emails[not (value eq \"A@b\")]", None),
        ("emails.type eq \"work\"", None),
        ("title pr and userName eq \"a\" and id eq \"x\"", Some(vec![Id(text("x"))])),
        (
            "userName eq \"a\" or displayName eq \"B\"",
            Some(vec![UserName(text("a")), DisplayName(text("b"))]),
        ),
        ("userName eq \"a\" or title pr", None),
        ("userName ne \"a\"", None),
        ("not (userName eq \"a\")", None),
        ("userName eq null", None),
        ("urn:example:2.0:User:userName eq \"a\"", None),
    ] {
        assert_eq!(candidates(&parse(filter, &user()).expect(filter)), expected, "{filter}");
    }
    let group = |filter: &str| candidates(&parse(filter, &standard().group).expect(filter));
    assert_eq!(group("members[value eq \"X\"]"), Some(vec![IndexKey::Member(text("X"))]));
    assert_eq!(group("members eq \"X\""), Some(vec![IndexKey::Member(text("X"))]));
    let groups = parse("groups.value eq \"X\"", &user()).expect("filter");
    assert_eq!(candidates(&groups), Some(vec![IndexKey::GroupOf(text("X"))]));
}

#[test]
fn mentions_looks_at_core_attributes_everywhere() {
    let filter = |text: &str| parse(text, &user()).expect(text);
    assert!(filter("not (title pr or GROUPS[value eq \"x\"])").mentions("groups"));
    assert!(filter("groups.value eq \"x\"").mentions("groups"));
    assert!(!filter("urn:example:2.0:User:groups pr").mentions("groups"));
    assert!(!filter("title eq \"groups\"").mentions("groups"));
}

fn refused(text: &str) -> bool {
    matches!(parse(text, &user()), Err(Error { scim_type: ScimType::InvalidFilter, .. }))
}

#[test]
fn limits_hold_at_n_and_not_at_n_plus_1() {
    let nested = |depth: usize| format!("{}title pr{}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse(&nested(FILTER_DEPTH_MAX), &user()).is_ok());
    assert!(refused(&nested(FILTER_DEPTH_MAX + 1)));
    let negated = |depth: usize| format!("{}title pr{}", "not (".repeat(depth), ")".repeat(depth));
    assert!(parse(&negated(FILTER_DEPTH_MAX), &user()).is_ok());
    assert!(refused(&negated(FILTER_DEPTH_MAX + 1)));
    let terms = |count: usize| vec!["title pr"; count].join(" or ");
    assert!(parse(&terms(FILTER_TERMS_MAX), &user()).is_ok());
    assert!(refused(&terms(FILTER_TERMS_MAX + 1)));
    let long = |bytes: usize| format!("title eq \"{}\"", "x".repeat(bytes - 11));
    assert!(parse(&long(FILTER_BYTES_MAX), &user()).is_ok());
    assert!(refused(&long(FILTER_BYTES_MAX + 1)));
}

#[test]
fn bombs_are_refused() {
    for text in [
        "(".repeat(100_000),
        "not (".repeat(100_000),
        "emails[".repeat(100_000),
        "(".repeat(8_000),
        "emails[".repeat(1_000),
        vec!["title pr"; 100_000].join(" and "),
        format!("title eq \"{}\"", "\\".repeat(1024 * 1024)),
        "\"".repeat(8_000),
        " ".repeat(8_000),
        "é".repeat(4_000),
    ] {
        assert!(refused(&text));
    }
}
