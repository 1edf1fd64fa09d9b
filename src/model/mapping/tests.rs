//! What the default mapping makes of users as providers send them.

use serde_json::json;

use super::*;

fn view(provider: Provider, resource: Value, extra: Value) -> DirectoryUserView {
    let (Value::Object(resource), Value::Object(extra)) = (resource, extra) else {
        panic!("a user is an object")
    };
    user_view(provider, &resource, &extra)
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
