//! A fixture for each rule: what is sent, what it becomes, what it is called.

use serde_json::{Value, json};

use super::{Rule, rewrite_patch, rewrite_resource};
use crate::scim::schema::{ResourceType, standard, urn};

use ResourceType::{Group, User};

const ENTERPRISE: &str = urn::ENTERPRISE_USER;

fn object(value: Value) -> serde_json::Map<String, Value> {
    value.as_object().cloned().expect("object")
}

/// One operation, rewritten.
fn operation(resource_type: ResourceType, operation: Value) -> (Value, Vec<Rule>) {
    let mut body = object(json!({"schemas": [urn::PATCH_OP], "Operations": [operation]}));
    let rules = rewrite_patch(&mut body, standard().of(resource_type));
    (body["Operations"][0].clone(), rules)
}

/// Operations, what each becomes, and the one rule that does it.
fn rewritten(cases: Vec<(Value, Value, Rule)>) {
    for (sent, expected, rule) in cases {
        assert_eq!(operation(User, sent.clone()), (expected, vec![rule]), "{sent}");
    }
}

#[test]
fn words_and_booleans_become_standard() {
    rewritten(vec![
        (
            json!({"op": "Replace", "path": "title", "value": "x"}),
            json!({"op": "replace", "path": "title", "value": "x"}),
            Rule::PatchOpCase,
        ),
        (
            json!({"op": "add", "path": null, "value": {"title": "x"}}),
            json!({"op": "add", "value": {"title": "x"}}),
            Rule::PatchPathNull,
        ),
        (
            json!({"Op": "add", "Value": {"title": "x"}}),
            json!({"op": "add", "value": {"title": "x"}}),
            Rule::PatchOperationsKeyCase,
        ),
        (
            json!({"op": "replace", "path": "active", "value": "False"}),
            json!({"op": "replace", "path": "active", "value": false}),
            Rule::PatchBooleanString,
        ),
        (
            json!({"op": "replace", "path": "emails[type eq \"work\"].primary", "value": "TRUE"}),
            json!({"op": "replace", "path": "emails[type eq \"work\"].primary", "value": true}),
            Rule::PatchBooleanString,
        ),
        (
            json!({"op": "replace", "path": "emails[type eq \"work\"]", "value": {"value": "a", "primary": "true"}}),
            json!({"op": "replace", "path": "emails[type eq \"work\"]", "value": {"value": "a", "primary": true}}),
            Rule::PatchBooleanString,
        ),
        (
            json!({"op": "replace", "value": {"ACTIVE": "true"}}),
            json!({"op": "replace", "value": {"ACTIVE": true}}),
            Rule::PatchBooleanString,
        ),
        (
            json!({"op": "add", "path": "emails", "value": [{"value": "a", "primary": "True"}]}),
            json!({"op": "add", "path": "emails", "value": [{"value": "a", "primary": true}]}),
            Rule::PatchBooleanString,
        ),
    ]);
}

#[test]
fn values_of_the_wrong_shape_become_standard() {
    rewritten(vec![
        (
            json!({"op": "replace", "path": "title", "value": ["x"]}),
            json!({"op": "replace", "path": "title", "value": "x"}),
            Rule::PatchValueAsArray,
        ),
        (
            json!({"op": "replace", "path": "emails[type eq \"work\"].value", "value": ["x"]}),
            json!({"op": "replace", "path": "emails[type eq \"work\"].value", "value": "x"}),
            Rule::PatchValueAsArray,
        ),
        (
            json!({"op": "replace", "value": [{"title": "x"}]}),
            json!({"op": "replace", "value": {"title": "x"}}),
            Rule::PatchValueAsArray,
        ),
        (
            json!({"op": "replace", "path": "title", "value": ""}),
            json!({"op": "replace", "path": "title", "value": null}),
            Rule::PatchEmptyStringClears,
        ),
        (
            json!({"op": "replace", "path": ENTERPRISE, "value": {"manager": ""}}),
            json!({"op": "replace", "path": ENTERPRISE, "value": {"manager": null}}),
            Rule::PatchEmptyStringClears,
        ),
        (
            json!({"op": "add", "value": {ENTERPRISE: {"manager": "m"}}}),
            json!({"op": "add", "value": {ENTERPRISE: {"manager": {"value": "m"}}}}),
            Rule::PatchManagerString,
        ),
        (
            json!({"op": "replace", "value": "{\"title\":\"x\"}"}),
            json!({"op": "replace", "value": {"title": "x"}}),
            Rule::PatchJsonStringValue,
        ),
        (
            json!({"op": "add", "path": "roles", "value": ["{\"value\":\"x\"}"]}),
            json!({"op": "add", "path": "roles", "value": [{"value": "x"}]}),
            Rule::PatchJsonStringValue,
        ),
        (
            json!({"op": "add", "path": "roles", "value": ["x"]}),
            json!({"op": "add", "path": "roles", "value": [{"value": "x"}]}),
            Rule::PatchStringValue,
        ),
        (
            json!({"op": "add", "path": "roles", "value": "{not json"}),
            json!({"op": "add", "path": "roles", "value": {"value": "{not json"}}),
            Rule::PatchStringValue,
        ),
    ]);
    let sent = json!({"op": "remove", "path": "members", "value": ["a", {"$ref": null, "value": "b"}]});
    let expected =
        json!({"op": "remove", "path": "members", "value": [{"value": "a"}, {"$ref": null, "value": "b"}]});
    assert_eq!(operation(Group, sent), (expected, vec![Rule::PatchStringValue]));
}

#[test]
fn keys_are_put_where_they_belong() {
    rewritten(vec![
        (
            json!({"op": "add", "value": {"name.givenName": "A", "name": {"familyName": "B"}}}),
            json!({"op": "add", "value": {"name": {"familyName": "B", "givenName": "A"}}}),
            Rule::PatchDottedKey,
        ),
        (
            json!({"op": "add", "value": {format!("{ENTERPRISE}:manager.value"): "m"}}),
            json!({"op": "add", "value": {ENTERPRISE: {"manager": {"value": "m"}}}}),
            Rule::PatchDottedKey,
        ),
        (
            json!({"op": "add", "value": {format!("{ENTERPRISE}:department"): "D"}}),
            json!({"op": "add", "value": {ENTERPRISE: {"department": "D"}}}),
            Rule::PatchDottedKey,
        ),
        (
            json!({"op": "add", "value": {urn::USER: {"title": "x"}}}),
            json!({"op": "add", "value": {"title": "x"}}),
            Rule::PatchDottedKey,
        ),
        (
            json!({"op": "add", "value": {"urn:x:2.0:Desk:floor": 3}}),
            json!({"op": "add", "value": {"urn:x:2.0:Desk": {"floor": 3}}}),
            Rule::PatchDottedKey,
        ),
        (
            json!({"op": "add", "value": {"department": "D"}}),
            json!({"op": "add", "value": {ENTERPRISE: {"department": "D"}}}),
            Rule::AttributeUrnMissing,
        ),
    ]);
}

#[test]
fn standard_and_unknown_operations_stay_as_they_are() {
    for sent in [
        json!({"op": "replace", "path": "title", "value": "x"}),
        json!({"op": "replace", "path": "userName", "value": ""}),
        json!({"op": "replace", "path": "active", "value": "maybe"}),
        json!({"op": "replace", "path": "active", "value": 0}),
        json!({"op": "replace", "path": "name", "value": "Pat"}),
        json!({"op": "replace", "path": "nosuch[", "value": ["x"]}),
        json!({"op": "move", "path": "title", "value": "x"}),
        json!({"op": "remove", "path": "title", "value": ""}),
        json!({"op": "remove", "path": "members", "value": []}),
        json!({"op": "add", "value": {"urn:x:2.0:Desk": {"floor": "3"}, "colour": "red"}}),
        json!({"op": "add", "path": "emails", "value": {"value": "x"}}),
        json!({"op": "add", "value": 5}),
        json!({"op": 5}),
        json!("remove"),
    ] {
        for resource_type in [User, Group] {
            assert_eq!(operation(resource_type, sent.clone()), (sent.clone(), vec![]), "{sent}");
        }
    }
}

#[test]
fn the_message_itself_is_mended() {
    for (sent, rules) in [
        (json!({"Operations": [{"op": "remove", "path": "title"}]}), vec![Rule::PatchSchemasMissing]),
        (
            json!({"schemas": [], "Operations": [{"op": "remove", "path": "title"}]}),
            vec![Rule::PatchSchemasMissing],
        ),
        (
            json!({"schemas": [urn::PATCH_OP], "operations": [{"op": "remove", "path": "title"}]}),
            vec![Rule::PatchOperationsKeyCase],
        ),
        (
            json!({"Schemas": [urn::PATCH_OP], "OPERATIONS": [{"op": "remove", "path": "title"}]}),
            vec![Rule::PatchOperationsKeyCase],
        ),
    ] {
        let mut body = object(sent);
        assert_eq!(rewrite_patch(&mut body, &standard().user), rules);
        let expected = json!({"schemas": [urn::PATCH_OP], "Operations": [{"op": "remove", "path": "title"}]});
        assert_eq!(Value::Object(body), expected);
    }
    let mut empty = object(json!({"schemas": [urn::PATCH_OP], "Operations": []}));
    assert_eq!(rewrite_patch(&mut empty, &standard().user), [Rule::PatchEmptyOperations]);
}

fn resource(resource_type: ResourceType, mut sent: Value) -> (Value, Vec<Rule>) {
    if sent.get("schemas").is_none() {
        sent["schemas"] = json!([standard().of(resource_type).core.id]);
    }
    let mut body = object(sent);
    let rules = rewrite_resource(&mut body, standard().of(resource_type));
    body.shift_remove("schemas");
    (Value::Object(body), rules)
}

#[test]
fn resources_become_standard() {
    let typo = "urn:ietf:params:scim:schemas:extension:enterprise:2.0User";
    for (sent, expected, rule) in [
        (json!({"active": "True"}), json!({"active": true}), Rule::ResourceBooleanString),
        (
            json!({"roles": [{"value": "a", "primary": "True"}]}),
            json!({"roles": [{"value": "a", "primary": true}]}),
            Rule::ResourceBooleanString,
        ),
        (json!({"emails": {"value": "a"}}), json!({"emails": [{"value": "a"}]}), Rule::ResourceEmailsObject),
        (
            json!({"department": "D", "title": "T"}),
            json!({"title": "T", ENTERPRISE: {"department": "D"}}),
            Rule::ResourceCoreEnterpriseAttribute,
        ),
        (
            json!({typo: {"department": "D"}}),
            json!({ENTERPRISE: {"department": "D"}}),
            Rule::ResourceExtensionTypo,
        ),
        (
            json!({"urn:scim:schemas:extension:enterprise:1.0": {"department": "D"}}),
            json!({ENTERPRISE: {"department": "D"}}),
            Rule::ResourceExtensionTypo,
        ),
        (
            json!({ENTERPRISE: {"manager": "m"}}),
            json!({ENTERPRISE: {"manager": {"value": "m"}}}),
            Rule::ResourceManagerString,
        ),
        (
            json!({ENTERPRISE: {"manager": ""}}),
            json!({ENTERPRISE: {"manager": null}}),
            Rule::ResourceEmptyStringClears,
        ),
        (
            json!({ENTERPRISE: {"manager": {"value": ""}}}),
            json!({ENTERPRISE: {"manager": null}}),
            Rule::ResourceEmptyStringClears,
        ),
        (json!({"active": ""}), json!({"active": null}), Rule::ResourceEmptyStringClears),
        (
            json!({ENTERPRISE: {"manager": {"managerId": "m", "displayName": "M"}}}),
            json!({ENTERPRISE: {"manager": {"displayName": "M", "value": "m"}}}),
            Rule::ResourceManagerId,
        ),
        (
            json!({ENTERPRISE: {"manager": [{"value": "m"}]}}),
            json!({ENTERPRISE: {"manager": {"value": "m"}}}),
            Rule::ResourceValueAsArray,
        ),
        (json!({"title": ["T"]}), json!({"title": "T"}), Rule::ResourceValueAsArray),
        (json!({"active": []}), json!({"active": null}), Rule::ResourceValueAsArray),
        (json!({"roles": ["a"]}), json!({"roles": [{"value": "a"}]}), Rule::ResourceStringValue),
        (
            json!({"roles": ["{\"value\":\"a\"}"]}),
            json!({"roles": [{"value": "a"}]}),
            Rule::ResourceJsonStringValue,
        ),
        (json!({"name.givenName": "A"}), json!({"name": {"givenName": "A"}}), Rule::ResourceDottedKey),
        (
            json!({format!("{ENTERPRISE}:department"): "D"}),
            json!({ENTERPRISE: {"department": "D"}}),
            Rule::ResourceDottedKey,
        ),
        (json!({"custom": {"a": 1}}), json!({"custom": {"a": 1}}), Rule::ResourceUnknownAttributeKept),
    ] {
        assert_eq!(resource(User, sent.clone()), (expected, vec![rule]), "{sent}");
    }
}

#[test]
fn standard_resources_stay_as_they_are() {
    let sent = json!({
        "externalId": null, "userName": "a", "title": "", "name": {"familyName": ""}, "emails": null, "roles": [], "password": "x",
        "addresses": [{"type": "work"}], "active": false, ENTERPRISE: {"manager": {"$ref": null, "value": "m"}},
        "urn:x:2.0:Desk": {"floor": "True"},
    });
    assert_eq!(resource(User, sent.clone()), (sent, vec![]));
    let group = json!({"displayName": "G", "members": [{"$ref": null, "value": "a"}]});
    assert_eq!(resource(Group, group.clone()), (group, vec![]));
}

#[test]
fn schemas_are_completed_and_cleared_of_the_unknown() {
    for (schemas, expected, rules) in [
        (json!([urn::USER, ENTERPRISE]), json!([urn::USER, ENTERPRISE]), vec![]),
        (json!(null), json!([urn::USER]), vec![Rule::ResourceSchemasMissing]),
        (json!([]), json!([urn::USER]), vec![Rule::ResourceSchemasMissing]),
        (
            json!(["urn:scim:schemas:core:2.0", "urn:scim:schemas:extension:enterprise:2.0"]),
            json!([urn::USER, ENTERPRISE]),
            vec![Rule::ResourceExtensionTypo, Rule::ResourceSchemaUriUnknown],
        ),
        (
            json!([urn::USER, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"]),
            json!([urn::USER]),
            vec![Rule::ResourceSchemaUriUnknown],
        ),
        (json!([urn::GROUP]), json!([urn::GROUP]), vec![]),
        (json!([urn::USER, "urn:x:2.0:Desk"]), json!([urn::USER, "urn:x:2.0:Desk"]), vec![]),
        (json!(5), json!(5), vec![]),
    ] {
        let mut body = object(json!({"schemas": schemas, "urn:x:2.0:Desk": {"floor": 3}}));
        assert_eq!(rewrite_resource(&mut body, &standard().user), rules, "{schemas}");
        assert_eq!(body["schemas"], expected);
    }
}
