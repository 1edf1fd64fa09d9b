//! Tests of reading, checking and writing resources.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_assert_eq, prop_oneof, proptest};
use serde_json::{Map, Value, json};

use super::{About, MemberKind, MemberRef, Resource, check, check_immutable, normalize_value, parse, render};
use crate::base::limits::{
    ATTRIBUTES_MAX, KEY_STRING_BYTES_MAX, MEMBERS_PER_REQUEST_MAX, RESOURCE_BYTES_MAX, STRING_BYTES_MAX,
    VALUES_PER_ATTRIBUTE_MAX,
};
use crate::base::time::Timestamp;
use crate::scim::schema::{TypeSchema, extension, standard, urn};
use crate::scim::{Error, ScimType};

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => panic!("not an object: {other}"),
    }
}

fn parsed(schema: &TypeSchema, body: Value) -> Result<super::Parsed, Error> {
    let mut parsed = parse(&object(body), schema)?;
    check(schema, &mut parsed.resource)?;
    Ok(parsed)
}

fn user(body: Value) -> Resource {
    parsed(&standard().user, body).expect("a good user").resource
}

fn refused(body: Value) -> (ScimType, String) {
    let error = parsed(&standard().user, body).expect_err("must be refused");
    (error.scim_type, error.detail)
}

fn rendered(resource: &Resource, schema: &TypeSchema) -> Map<String, Value> {
    let about = About {
        id: "directory_user_1",
        created: Timestamp::from_millis(1_768_478_400_000),
        last_modified: Timestamp::from_millis(1_768_478_400_001),
        version: "W/\"1\"",
        location: "https://sync.example.com/scim/v2/acme/Users/directory_user_1",
        groups: None,
        members: None,
    };
    render(resource, schema, about)
}

#[test]
fn names_come_out_canonical_whatever_their_case() {
    let resource = user(json!({
        "USERNAME": "zoe", "Name": {"FAMILYname": "Li"}, "EMAILS": [{"Value": "z@x.example", "PRIMARY": true}],
        "URN:IETF:params:scim:schemas:extension:enterprise:2.0:user": {"DEPARTMENT": "R&D"},
    }));
    let expected = json!({
        "userName": "zoe", "name": {"familyName": "Li"}, "emails": [{"value": "z@x.example", "primary": true}],
        urn::ENTERPRISE_USER: {"department": "R&D"},
    });
    assert_eq!(Value::Object(resource.attributes), expected);
}

#[test]
fn read_only_attributes_and_the_password_are_left_out() {
    let parsed = parsed(
        &standard().user,
        json!({
            "id": "other", "meta": {"version": "x"}, "groups": [{"value": "g"}], "PassWord": "secret",
            "userName": "zoe",
            urn::ENTERPRISE_USER: {"manager": {"value": "m", "displayName": "Boss"}},
        }),
    )
    .expect("good");
    assert_eq!(parsed.id.as_deref(), Some("other"));
    let expected = json!({"userName": "zoe", urn::ENTERPRISE_USER: {"manager": {"value": "m"}}});
    assert_eq!(Value::Object(parsed.resource.attributes), expected);
    assert!(parsed.resource.extra.is_empty());
}

#[test]
fn unknown_attributes_are_kept_where_they_belong() {
    let resource = user(json!({
        "userName": "zoe", "shoeSize": 42, "nothing": null, "urn:odd": "text",
        urn::ENTERPRISE_USER: {"badge": {"color": ["red"]}},
        "urn:example:Own:1.0": {"Deep": {"er": [1, {"est": true}]}},
        "urn:example:Empty:1.0": {},
    }));
    assert_eq!(Value::Object(resource.extra.clone()), json!({"shoeSize": 42, "urn:odd": "text"}));
    let sent = rendered(&resource, &standard().user);
    assert_eq!(sent["schemas"], json!([urn::USER, urn::ENTERPRISE_USER, "urn:example:Own:1.0"]));
    assert_eq!(sent[urn::ENTERPRISE_USER], json!({"badge": {"color": ["red"]}}));
    assert_eq!(sent["urn:example:Own:1.0"], json!({"Deep": {"er": [1, {"est": true}]}}));
    assert!(!sent.contains_key("shoeSize"));
}

#[test]
fn null_and_empty_mean_unassigned() {
    let resource = user(json!({
        "userName": "zoe", "title": null, "emails": [], "phoneNumbers": [null, {}, {"unknown": 1}], "name": {},
        "roles": [{"value": null}], "externalId": "  ", urn::ENTERPRISE_USER: null,
    }));
    assert_eq!(Value::Object(resource.attributes), json!({"userName": "zoe"}));
}

#[test]
fn a_wrong_type_is_named_with_what_came_and_what_is_wanted() {
    let cases = [
        (json!({"userName": 1}), "userName must be a string, not the number 1"),
        (
            json!({"active": "maybe"}),
            "active must be a boolean (true or false, without quotes), not the text \"maybe\"",
        ),
        (json!({"title": "x", "name": "Zoe"}), "name must be an object, not the text \"Zoe\""),
        (json!({"emails": {"value": "x"}}), "emails must be an array, not an object"),
        (json!({"emails": ["x"]}), "emails[0] must be an object, not the text \"x\""),
        (
            json!({"emails": [{"value": "x"}, {"value": ["y".repeat(100)]}]}),
            "emails[1].value must be a string, not an array",
        ),
        (json!({"title": ["x"]}), "title must be a string, not an array"),
        (
            json!({"emails": [{"primary": "y".repeat(100)}]}),
            "emails[0].primary must be a boolean (true or false, without quotes), not a text of 100 bytes",
        ),
        (
            json!({urn::ENTERPRISE_USER: {"manager": "m"}}),
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager must be an object, not the text \"m\"",
        ),
        (json!({"schemas": "x"}), "schemas must be an array, not the text \"x\""),
        (
            json!({"schemas": [urn::GROUP]}),
            "schemas names urn:ietf:params:scim:schemas:core:2.0:Group, but /Users holds resources of urn:ietf:params:scim:schemas:core:2.0:User",
        ),
    ];
    for (body, detail) in cases {
        assert_eq!(refused(body), (ScimType::InvalidValue, detail.to_owned()));
    }
}

#[test]
fn one_name_in_two_spellings_is_refused() {
    for body in [
        json!({"userName": "a", "active": true, "Active": false}),
        json!({"userName": "a", "name": {"givenName": "a", "givenname": "b"}}),
        json!({"userName": "a", urn::ENTERPRISE_USER: {"department": "a", "Department": "b"}}),
    ] {
        assert_eq!(refused(body).0, ScimType::InvalidSyntax);
    }
}

#[test]
fn what_is_required_must_be_there_and_not_blank() {
    assert_eq!(refused(json!({"title": "x"})).1, "userName is required");
    assert_eq!(refused(json!({"userName": null})).1, "userName is required");
    assert_eq!(refused(json!({"userName": " \u{a0}"})).1, "userName must not be empty");
    let group = parsed(&standard().group, json!({"members": []})).expect_err("no name");
    assert_eq!(group.detail, "displayName is required");
}

#[test]
fn keys_are_short_and_visible() {
    let long = |bytes: usize| "x".repeat(bytes);
    for name in ["userName", "externalId"] {
        let body = |text: String| {
            let mut body = object(json!({"userName": "zoe"}));
            body.insert(name.to_owned(), text.into());
            Value::Object(body)
        };
        user(body(long(KEY_STRING_BYTES_MAX)));
        assert!(refused(body(long(KEY_STRING_BYTES_MAX + 1))).1.contains("at most 1024"));
        assert_eq!(refused(body("a\u{0}b".to_owned())).1, format!("{name} must not hold control characters"));
    }
    user(json!({"userName": "z", "title": long(STRING_BYTES_MAX)}));
    assert!(
        refused(json!({"userName": "z", "title": long(STRING_BYTES_MAX + 1)})).1.contains("at most 65536")
    );
}

#[test]
fn values_and_attributes_are_counted() {
    let roles = |count: usize| {
        let values: Vec<Value> = (0..count).map(|index| json!({"value": index.to_string()})).collect();
        json!({"userName": "z", "roles": values})
    };
    user(roles(VALUES_PER_ATTRIBUTE_MAX));
    assert!(refused(roles(VALUES_PER_ATTRIBUTE_MAX + 1)).1.starts_with("roles has 1001 values"));

    let many = |count: usize| {
        let mut body = object(json!({"userName": "z"}));
        body.extend((1..count).map(|index| (format!("a{index}"), json!(1))));
        Value::Object(body)
    };
    user(many(ATTRIBUTES_MAX));
    assert!(refused(many(ATTRIBUTES_MAX + 1)).1.starts_with("the resource has 501 attributes"));
}

#[test]
fn a_resource_has_a_size_whatever_it_is_made_of() {
    let of_bytes = |count: usize| {
        let long = "x".repeat(STRING_BYTES_MAX);
        let mut attributes = object(json!({"userName": "zoe", "roles": [], "urn:x:y": {}}));
        let roles: Vec<Value> = (0..8).map(|index| json!({"type": index.to_string(), "value": long})).collect();
        attributes["roles"] = roles.into();
        attributes["urn:x:y"] = json!({"nested": {"deep": [long]}});
        let mut resource = Resource { attributes, extra: object(json!({"a": ""})) };
        let used = super::check::bytes_of(&resource.attributes) + 1;
        resource.extra["a"] = "y".repeat(count - used).into();
        resource
    };
    let schema = standard().user;
    assert_eq!(check(&schema, &mut of_bytes(RESOURCE_BYTES_MAX)), Ok(()));
    let error = check(&schema, &mut of_bytes(RESOURCE_BYTES_MAX + 1)).expect_err("one too many");
    assert_eq!(error.detail, "the resource would have 1048577 bytes; at most 1048576 are taken");
}

#[test]
fn dates_numbers_and_kinds_of_extension_values_are_checked() {
    let schema = custom();
    let attribute = |name: &str| schema.attribute(name).expect("defined");
    let cases = [
        ("hired", json!("2024-02-29T00:00:00Z"), true),
        ("hired", json!("2024-02-29T00:00:00.1234567+05:30"), true),
        ("hired", json!("0001-01-01T00:00:00Z"), true),
        ("hired", json!("9999-12-31T23:59:59Z"), true),
        ("hired", json!("2024-02-29T00:00:00"), true),
        ("hired", json!("2023-02-29T00:00:00Z"), false),
        ("hired", json!("2024-02-29"), false),
        ("hired", json!("2024-02-29 00:00:00Z"), false),
        ("hired", json!("yesterday"), false),
        ("hired", json!(1), false),
        ("level", json!(3), true),
        ("level", json!(-3), true),
        ("level", json!(3.0), false),
        ("level", json!("3"), false),
        ("rate", json!(3.5), true),
        ("rate", json!(3), true),
        ("rate", json!(true), false),
        ("tags", json!(["a", "b"]), true),
        ("tags", json!("a"), false),
        ("tags", json!([1]), false),
    ];
    for (name, value, good) in cases {
        let outcome = normalize_value(attribute(name), value.clone());
        match good {
            true => assert_eq!(outcome, Ok(Some(value)), "{name}"),
            false => assert!(outcome.is_err(), "{name} took {value}"),
        }
    }
}

#[test]
fn equal_values_are_made_one_and_the_last_primary_stays() {
    let resource = user(json!({
        "userName": "z",
        "emails": [
            {"value": "A@x.example", "type": "work", "primary": true, "display": "old"},
            {"value": "b@x.example", "primary": true},
            {"value": "a@x.example", "type": "WORK", "display": "new"},
            {"value": "a@x.example", "type": "home"},
        ],
        "x509Certificates": [{"value": "AAAA"}, {"value": "aaaa"}, {"value": "AAAA"}],
        "addresses": [{"locality": "x", "type": "home"}, {"type": "home", "locality": "x"}, {"locality": "X"}],
    }));
    assert_eq!(
        resource.attributes["emails"],
        json!([
            {"value": "a@x.example", "type": "WORK", "primary": false, "display": "new"},
            {"value": "b@x.example", "primary": true},
            {"value": "a@x.example", "type": "home"},
        ])
    );
    assert_eq!(resource.attributes["x509Certificates"], json!([{"value": "AAAA"}, {"value": "aaaa"}]));
    assert_eq!(
        resource.attributes["addresses"],
        json!([{"locality": "x", "type": "home"}, {"locality": "X"}])
    );
}

#[test]
fn members_are_read_once_each() {
    let group = |members: Value| parsed(&standard().group, json!({"displayName": "G", "members": members}));
    let member = |value: &str, kind| MemberRef { value: value.into(), kind };
    let good = group(json!([
        {"value": "u1", "type": "user", "display": "x", "$ref": null},
        {"Value": "g1", "type": "Group"}, {"value": "u1"}, {"value": "u2", "type": "direct"},
    ]));
    assert_eq!(
        good.map(|parsed| parsed.members),
        Ok(Some(vec![
            member("u1", Some(MemberKind::User)),
            member("g1", Some(MemberKind::Group)),
            member("u2", None)
        ]))
    );
    assert_eq!(group(json!([])).map(|parsed| parsed.members), Ok(Some(vec![])));
    assert_eq!(group(Value::Null).map(|parsed| parsed.members), Ok(Some(vec![])));
    let silent = parsed(&standard().group, json!({"displayName": "G"}));
    assert_eq!(silent.map(|parsed| parsed.members), Ok(None));
    for bad in
        [json!("u1"), json!(["u1"]), json!([{}]), json!([{"value": ""}]), json!([{"value": 1}]), json!({})]
    {
        assert_eq!(group(bad).map_err(|error| error.scim_type).map(|_| ()), Err(ScimType::InvalidValue));
    }
    let many = |count: usize| (0..count).map(|index| json!({"value": index.to_string()})).collect::<Value>();
    assert!(group(many(MEMBERS_PER_REQUEST_MAX)).is_ok());
    assert!(group(many(MEMBERS_PER_REQUEST_MAX + 1)).is_err());
}

#[test]
fn a_rendered_resource_has_everything_in_order() {
    let resource = user(json!({
        urn::ENTERPRISE_USER: {"department": "R&D"}, "urn:a:b": {"c": 1}, "emails": [{"value": "e"}],
        "userName": "z", "externalId": "x",
    }));
    let mut about = About {
        id: "directory_user_1",
        created: Timestamp::from_millis(0),
        last_modified: Timestamp::from_millis(1),
        version: "W/\"2\"",
        location: "https://x.example/Users/directory_user_1",
        groups: Some(vec![json!({"value": "g"})]),
        members: None,
    };
    let sent = render(&resource, &standard().user, about.clone());
    let keys: Vec<&str> = sent.keys().map(String::as_str).collect();
    let expected = [
        "schemas",
        "id",
        "externalId",
        "userName",
        "emails",
        "groups",
        urn::ENTERPRISE_USER,
        "urn:a:b",
        "meta",
    ];
    assert_eq!(keys, expected);
    assert_eq!(
        sent["meta"],
        json!({
            "resourceType": "User", "created": "1970-01-01T00:00:00.000Z",
            "lastModified": "1970-01-01T00:00:00.001Z",
            "location": "https://x.example/Users/directory_user_1", "version": "W/\"2\"",
        })
    );
    about.groups = Some(Vec::new());
    assert!(!render(&resource, &standard().user, about).contains_key("groups"));
}

#[test]
fn immutable_values_stay_as_they_were_set() {
    let schema = standard().with_extensions(vec![custom()], Vec::new());
    let with = |badge: Value| {
        let body = json!({"userName": "z", "urn:example:Staff": {"badge": badge, "level": 1}});
        parsed(&schema.user, body).expect("good").resource
    };
    let change = |before: Value, after: Value| {
        check_immutable(&schema.user, &with(before), &with(after)).map_err(|error| error.detail)
    };
    assert_eq!(change(Value::Null, json!("1")), Ok(()));
    assert_eq!(change(json!("1"), json!("1")), Ok(()));
    let detail = "urn:example:Staff:badge can't be changed once it is set".to_owned();
    assert_eq!(change(json!("1"), json!("2")), Err(detail.clone()));
    assert_eq!(change(json!("1"), Value::Null), Err(detail));
}

#[test]
fn what_an_extension_requires_is_required_once_it_is_used() {
    let schema = standard().with_extensions(vec![custom()], Vec::new());
    assert!(parsed(&schema.user, json!({"userName": "z"})).is_ok());
    let error = parsed(&schema.user, json!({"userName": "z", "urn:example:Staff": {"rate": 1.5}}));
    assert_eq!(error.map_err(|error| error.detail), Err("urn:example:Staff:level is required".to_owned()));
}

#[test]
fn stored_text_gives_the_resource_back() {
    let resource = user(json!({"userName": "z", "shoeSize": 42}));
    assert_eq!(Resource::from_stored_text(&resource.to_stored_text()), Some(resource));
    for text in ["", "[]", "{}", "{\"attributes\":1}", "{\"attributes\":{},\"extra\":1}"] {
        assert_eq!(Resource::from_stored_text(text), None);
    }
}

fn custom() -> crate::scim::schema::Schema {
    let json = json!({"id": "urn:example:Staff", "attributes": [
        {"name": "hired", "type": "dateTime"}, {"name": "level", "type": "integer", "required": true},
        {"name": "rate", "type": "decimal"}, {"name": "tags", "multiValued": true},
        {"name": "badge", "mutability": "immutable"},
    ]});
    extension::parse(&json, crate::scim::schema::ResourceType::User).expect("a good schema")
}

fn text() -> impl Strategy<Value = String> {
    "[a-zA-Zß\\u{e9}0-9 .@-]{1,12}"
}

fn emails() -> impl Strategy<Value = Value> {
    let kind = prop_oneof![Just("work"), Just("home"), Just("Work")];
    let email = (text(), option::of(kind), option::of(any::<bool>())).prop_map(|(value, kind, primary)| {
        let mut email = object(json!({"value": value}));
        email.extend(kind.map(|kind| ("type".to_owned(), json!(kind))));
        email.extend(primary.map(|primary| ("primary".to_owned(), json!(primary))));
        Value::Object(email)
    });
    vec(email, 0..5).prop_map(Value::Array)
}

fn users() -> impl Strategy<Value = Map<String, Value>> {
    let extension = btree_map(prop_oneof![Just("department"), Just("costCenter"), Just("own")], text(), 0..3);
    (("[a-z]{1,8}", text(), emails(), any::<bool>()), option::of(text()), extension, option::of(text()))
        .prop_map(|((user_name, title, emails, active), external_id, extension, own)| {
            object(json!({
                "userName": user_name, "title": title, "emails": emails, "active": active,
                "externalId": external_id, "shoeSize": own, "name": {"givenName": own},
                urn::ENTERPRISE_USER: extension, "urn:example:Own": {"note": own, "x": 1},
            }))
        })
}

proptest! {
    // What GET gave may be PUT back and changes nothing but what GET doesn't show.
    #[test]
    fn reading_what_was_written_gives_the_same_resource(body in users()) {
        let schema = standard().user;
        let first = parsed(&schema, Value::Object(body)).expect("generated users are good").resource;
        let sent = rendered(&first, &schema);
        let again = parsed(&schema, Value::Object(sent)).expect("what we send is good").resource;
        prop_assert_eq!(&again.attributes, &first.attributes);
        let primaries = first.attributes.get("emails").and_then(Value::as_array).map_or(0, |emails| {
            emails.iter().filter(|email| email["primary"] == json!(true)).count()
        });
        proptest::prop_assert!(primaries <= 1);
        prop_assert_eq!(Resource::from_stored_text(&first.to_stored_text()), Some(first));
    }
}
