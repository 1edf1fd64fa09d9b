//! Tests of the schemas as data.

use serde_json::{Map, Value, json};

use super::{Attribute, Mutability, Returned, Schema, Type, Uniqueness, extension, service, standard, urn};
use crate::scim::resource::{check, parse};

fn each_attribute(schema: &Schema) -> Vec<&Attribute> {
    schema
        .attributes
        .iter()
        .flat_map(|attribute| std::iter::once(attribute).chain(&attribute.sub_attributes))
        .collect()
}

#[test]
fn the_attributes_of_user_are_those_of_the_rfc() {
    let standard = standard();
    let names = |schema: &Schema| -> Vec<String> {
        schema.attributes.iter().map(|attribute| attribute.name.clone()).collect()
    };
    let user = [
        "userName",
        "name",
        "displayName",
        "nickName",
        "profileUrl",
        "title",
        "userType",
        "preferredLanguage",
        "locale",
        "timezone",
        "active",
        "password",
        "emails",
        "phoneNumbers",
        "ims",
        "photos",
        "addresses",
        "groups",
        "entitlements",
        "roles",
        "x509Certificates",
    ];
    assert_eq!(names(&standard.user.core), user);
    assert_eq!(names(&standard.group.core), ["displayName", "members"]);
    let enterprise = ["employeeNumber", "costCenter", "organization", "division", "department", "manager"];
    assert_eq!(names(&standard.user.extensions[0]), enterprise);
}

#[test]
fn characteristics_are_those_of_the_rfc() {
    let standard = standard();
    let user = |name: &str| standard.user.core_attribute(name).cloned().expect(name);
    assert!(user("USERNAME").required && !user("userName").case_exact);
    assert_eq!(user("userName").uniqueness, Uniqueness::Server);
    assert!(user("externalId").case_exact && user("id").case_exact);
    assert_eq!((user("id").mutability, user("id").returned), (Mutability::ReadOnly, Returned::Always));
    let password = user("password");
    assert_eq!((password.mutability, password.returned), (Mutability::WriteOnly, Returned::Never));
    for attribute in user("groups").sub_attributes.iter().chain(&user("meta").sub_attributes) {
        assert_eq!(attribute.mutability, Mutability::ReadOnly);
    }
    for name in
        ["emails", "phoneNumbers", "ims", "photos", "addresses", "roles", "entitlements", "x509Certificates"]
    {
        let attribute = user(name);
        assert!(attribute.multi_valued && attribute.sub_attribute("PRIMARY").is_some(), "{name}");
    }
    let members = standard.group.core_attribute("members").cloned().expect("members");
    assert_eq!(members.mutability, Mutability::ReadWrite);
    for name in ["value", "$ref", "type"] {
        assert_eq!(members.sub_attribute(name).map(|sub| sub.mutability), Some(Mutability::Immutable));
    }
}

#[test]
fn every_attribute_is_described_and_consistent() {
    let standard = standard();
    let service = service::schemas();
    let all = [&standard.user.core, &standard.group.core, &standard.user.extensions[0]];
    for schema in all.into_iter().chain(&service) {
        for attribute in each_attribute(schema) {
            let name = format!("{}:{}", schema.id, attribute.name);
            assert!(attribute.description.ends_with('.'), "{name}");
            assert_eq!(attribute.is_complex(), !attribute.sub_attributes.is_empty(), "{name}");
            assert_eq!(attribute.kind == Type::Reference, !attribute.reference_types.is_empty(), "{name}");
        }
    }
}

#[test]
fn extensions_of_a_directory_are_added_once() {
    let own = |id: &str| {
        extension::parse(&json!({"id": id, "attributes": [{"name": "a"}]}), super::ResourceType::User)
            .expect("good")
    };
    let registry = standard()
        .with_extensions(vec![own("urn:example:A"), own("URN:EXAMPLE:a")], vec![own("urn:example:B")]);
    assert_eq!(registry.user.extensions.len(), 2);
    assert!(registry.user.extension("urn:Example:A").is_some());
    assert!(registry.group.extension("urn:example:B").is_some());
    assert!(standard().group.extensions.is_empty());
}

#[test]
fn resources_with_everything_in_them_are_taken() {
    let full = json!({
        "schemas": [urn::USER, urn::ENTERPRISE_USER],
        "id": "directory_user_1", "externalId": "ext-1",
        "meta": {"resourceType": "User", "created": "2024-01-23T04:56:22Z", "version": "W/\"1\""},
        "userName": "ada@example.com",
        "name": {"formatted": "Dr. Ada M. Lovelace, Jr.", "familyName": "Lovelace", "givenName": "Ada",
            "middleName": "M.", "honorificPrefix": "Dr.", "honorificSuffix": "Jr."},
        "displayName": "Ada", "nickName": "Countess", "profileUrl": "https://people.example.com/ada",
        "emails": [{"value": "ada@example.com", "type": "work", "primary": true},
            {"value": "ada@home.example", "type": "home", "display": "at home"}],
        "addresses": [{"type": "work", "streetAddress": "1 Engine Road", "locality": "London", "region": "LDN",
            "postalCode": "N1", "country": "GB", "formatted": "1 Engine Road\nLondon", "primary": true}],
        "phoneNumbers": [{"value": "tel:+44-20-7946-0000", "type": "fax"}],
        "ims": [{"value": "ada", "type": "xmpp"}],
        "photos": [{"value": "https://people.example.com/ada.png", "type": "thumbnail"}],
        "userType": "Employee", "title": "Analyst", "preferredLanguage": "en-GB, fr;q=0.5", "locale": "en-GB",
        "timezone": "Europe/London", "active": true, "password": "thrown away",
        "groups": [{"value": "g", "$ref": "../Groups/g", "display": "Engines", "type": "direct"}],
        "entitlements": [{"value": "seat"}], "roles": [{"value": "admin", "primary": true}],
        "x509Certificates": [{"value": "MIIB"}],
        urn::ENTERPRISE_USER: {"employeeNumber": "1815", "costCenter": "4130", "organization": "Engines",
            "division": "Analytical", "department": "Programs",
            "manager": {"value": "m", "$ref": "../Users/m", "displayName": "Charles"}},
    });
    let minimal = json!({"schemas": [urn::USER], "id": "1", "userName": "ada", "meta": {"location": "x"}});
    let group = json!({"schemas": [urn::GROUP], "id": "1", "displayName": "Engines", "members": [
        {"value": "u", "$ref": "../Users/u", "display": "Ada", "type": "User"}, {"value": "g", "type": "Group"}]});
    let standard = standard();
    let kept = |body: &Value, schema: &super::TypeSchema| -> Map<String, Value> {
        let body = body.as_object().expect("an object");
        let mut parsed = parse(body, schema).expect("good");
        check(schema, &mut parsed.resource).expect("good");
        assert!(parsed.resource.extra.is_empty());
        parsed.resource.attributes
    };
    let mut expected = full.as_object().cloned().expect("an object");
    for name in ["schemas", "id", "meta", "password", "groups"] {
        expected.remove(name);
    }
    expected[urn::ENTERPRISE_USER]["manager"] = json!({"value": "m", "$ref": "../Users/m"});
    assert_eq!(kept(&full, &standard.user), expected);
    assert_eq!(Value::Object(kept(&minimal, &standard.user)), json!({"userName": "ada"}));
    assert_eq!(Value::Object(kept(&group, &standard.group)), json!({"displayName": "Engines"}));
}
