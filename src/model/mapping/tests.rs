//! What the default mapping makes of users as providers send them.

use serde_json::json;

use super::*;

fn view(provider: Provider, resource: Value, extra: Value) -> DirectoryUserView {
    let (Value::Object(resource), Value::Object(extra)) = (resource, extra) else {
        panic!("a user is an object")
    };
    Mapping::default_of(provider).view(&resource, &extra)
}

#[test]
fn the_primary_address_comes_before_work_before_the_first_before_the_user_name() {
    let cases = [
        (
            json!([{"value": "a@x"}, {"value": "b@x", "type": "work"}, {"value": "c@x", "primary": true}]),
            "c@x",
        ),
        (json!([{"value": "a@x", "type": "home"}, {"value": "b@x", "type": "Work"}]), "b@x"),
        (json!([{"value": ""}, {"value": "a@x", "type": "home"}]), "a@x"),
        (json!({"value": "one@x"}), "one@x"),
        (json!([]), "zoe@x"),
    ];
    for (emails, expected) in cases {
        let view = view(Provider::Generic, json!({"userName": "zoe@x", "emails": emails}), json!({}));
        assert_eq!(view.email.as_deref(), Some(expected), "{emails}");
    }
    assert_eq!(view(Provider::Generic, json!({"userName": "zoe"}), json!({})).email, None);
}

#[test]
fn an_enterprise_user_has_the_attributes_under_the_apps_names() {
    let view = view(
        Provider::Okta,
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": "jane@example.com",
            "name": {"givenName": "Jane", "familyName": "Doe"},
            "displayName": "Jane D.",
            "title": "Engineer",
            "userType": "Full Time",
            "emails": [{"value": "jane@example.com", "type": "work", "primary": true, "display": "J"}],
            "addresses": [
                {"type": "work", "streetAddress": "1 Ave", "locality": "Brooklyn", "postalCode": "1", "primary": true},
                {"type": "home"},
            ],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
                "employeeNumber": "7", "department": "R&D", "division": "A", "costCenter": "IT",
                "organization": "Acme", "manager": {"value": "26118915", "displayName": "John"},
            },
        }),
        json!({"hireDate": "2021-06-27"}),
    );
    assert_eq!(view.name.as_deref(), Some("Jane Doe"));
    assert_eq!((view.first_name.as_deref(), view.last_name.as_deref()), (Some("Jane"), Some("Doe")));
    assert_eq!(view.job_title.as_deref(), Some("Engineer"));
    assert_eq!(
        Value::Object(view.custom_attributes),
        json!({
            "username": "jane@example.com",
            "job_title": "Engineer",
            "display_name": "Jane D.",
            "employee_number": "7",
            "employee_type": "Full Time",
            "employment_start_date": "2021-06-27",
            "department_name": "R&D",
            "division_name": "A",
            "cost_center_name": "IT",
            "organization": "Acme",
            "manager_id": "26118915",
            "manager_name": "John",
            "addresses": [{
                "type": "work", "street_address": "1 Ave", "locality": "Brooklyn", "postal_code": "1",
                "raw_address": "1 Ave, Brooklyn, 1", "primary": true,
            }],
            "emails": [{"primary": true, "type": "work", "value": "jane@example.com"}],
        })
    );
    assert_eq!(view.raw_attributes.get("hireDate"), Some(&json!("2021-06-27")));
}

#[test]
fn attributes_without_a_value_are_absent() {
    let view = view(Provider::Generic, json!({"userName": "z", "title": "", "displayName": null}), json!({}));
    assert_eq!(Value::Object(view.custom_attributes), json!({"username": "z"}));
    assert_eq!((view.name, view.job_title), (None, None));
}

#[test]
fn a_manager_known_by_address_gives_the_managers_email() {
    let view = view(
        Provider::Generic,
        json!({"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": {"value": "boss@x"}}}),
        json!({}),
    );
    assert_eq!(view.custom_attributes.get("manager_email"), Some(&json!("boss@x")));
}

#[test]
fn raw_attributes_leave_out_what_the_server_derives_and_passwords() {
    let view = view(
        Provider::Generic,
        json!({"userName": "z", "meta": {"version": "1"}, "groups": [], "password": "hush"}),
        json!({"userName": "other", "shoeSize": 44}),
    );
    assert_eq!(Value::Object(view.raw_attributes), json!({"userName": "z", "shoeSize": 44}));
}

fn own(document: Value) -> Mapping {
    Mapping::compile(Provider::Generic, &Document::parse(&document).expect("a document"))
}

fn custom(mapping: &Mapping, user: Value) -> Value {
    let Value::Object(user) = user else { panic!("a user is an object") };
    Value::Object(mapping.view(&user, &Map::new()).custom_attributes)
}

#[test]
fn a_target_of_ones_own_replaces_the_default_and_an_empty_list_removes_it() {
    let mapping = own(json!({"attributes": {
        "username": [], "job_title": "nickName", "emails": [], "shoe_size": "shoe", "cars": {"from": "cars", "transform": "list"},
        "first_car": "cars", "level": {"from": "level", "transform": ["digits", "number"], "default": 1},
    }}));
    let user = json!({"userName": "z@x", "title": "T", "nickName": "N", "shoe": 44, "cars": [{"a": 1}, {"b": true}],
                      "emails": [{"value": "z@x"}], "level": "L7"});
    assert_eq!(
        custom(&mapping, user),
        json!({"job_title": "N", "shoe_size": 44, "cars": [{"a": 1}, {"b": true}], "first_car": {"a": 1}, "level": 7})
    );
    assert_eq!(custom(&mapping, json!({"userName": "z", "level": "none"})), json!({"level": 1}));
}

#[test]
fn a_source_whose_transform_leaves_nothing_makes_way_for_the_next() {
    let mapping = own(
        json!({"attributes": {"mail_domain": {"from": ["nickName", "userName"], "transform": "domain"}}}),
    );
    let user = json!({"nickName": "zoe", "userName": "zoe@x.example"});
    assert_eq!(custom(&mapping, user)["mail_domain"], json!("x.example"));
}

#[test]
fn an_attribute_of_an_extension_is_found_at_the_top_too() {
    let mapping = own(json!({"attributes": {"d": "department", "m": "manager.value"}}));
    let user = json!({"userName": "z", "department": "R&D", "manager": {"value": "7"}});
    let found = custom(&mapping, user);
    assert_eq!((&found["d"], &found["m"]), (&json!("R&D"), &json!("7")));
}

#[test]
fn roles_follow_rank_groups_and_conditions() {
    let rules = json!([
        {"group": "administrators", "role": "admin"},
        {"when": "title co \"Manager\" and userType ne \"Contractor\"", "role": "manager"},
        {"group": "g-7", "when": "active eq true", "role": "seven"},
        {"group": "ADMINISTRATORS", "role": "admin"},
    ]);
    let group = |id: &str, idp_id: &str, name: &str| RoleGroup {
        id: id.to_owned(),
        idp_id: idp_id.to_owned(),
        name: name.to_owned(),
    };
    let user = json!({"title": "Sales manager", "active": true});
    let Value::Object(user) = user else { panic!("an object") };
    for (mode, groups, roles, by) in [
        ("single", vec![], vec!["manager"], vec![1]),
        ("single", vec![group("1", "g-7", "X"), group("2", "2", "Administrators")], vec!["admin"], vec![0]),
        (
            "multiple",
            vec![group("1", "g-7", "X"), group("2", "2", "Administrators")],
            vec!["admin", "manager", "seven"],
            vec![0, 1, 2],
        ),
        ("multiple", vec![group("g-7", "i", "X")], vec!["manager", "seven"], vec![1, 2]),
    ] {
        let mapping = own(json!({"roles": {"mode": mode, "default": "member", "rules": rules}}));
        let decided = mapping.decide_roles(&user, &groups);
        assert_eq!(decided.roles, roles, "{mode} {groups:?}");
        assert_eq!(decided.rules, by, "{mode} {groups:?}");
    }
    let mapping = own(json!({"roles": {"default": "member", "rules": rules}}));
    let decided = mapping.decide_roles(&Map::new(), &[]);
    assert_eq!((decided.roles, decided.rules), (vec!["member".to_owned()], vec![]));
    assert_eq!(mapping.roles().naming(&group("1", "1", "Administrators")), [0, 3]);
}

#[test]
fn a_required_target_without_a_value_names_what_to_send() {
    let mapping =
        own(json!({"attributes": {"cost_center": {"from": ["costCenter", "cc"], "required": true}}}));
    let view = mapping.view(&Map::new(), &Map::new());
    let missing = mapping.missing(&view);
    assert_eq!(missing.len(), 1);
    assert_eq!(missing[0].target, "cost_center");
    assert_eq!(missing[0].attributes.last().map(String::as_str), Some("cc"));
}

#[test]
fn what_a_mapping_reads_is_known() {
    let mapping = own(
        json!({"attributes": {"a": "urn:x:y:Z:thing.part"}, "roles": {"rules": [{"when": "shoe pr", "role": "r"}]}}),
    );
    let reads = mapping.reads();
    let covers = |urn, name, sub| reads.iter().any(|read| read.covers(urn, name, sub));
    assert!(covers(Some("urn:X:y:z"), "Thing", Some("part")));
    assert!(!covers(Some("urn:x:y:z"), "thing", Some("other")));
    assert!(covers(None, "shoe", None) && covers(None, "emails", Some("value")));
    assert!(!covers(None, "nickName", None));
}
