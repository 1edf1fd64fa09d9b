//! Tables of what operations do, strict and lenient.

mod deactivation;
mod members;

use serde_json::{Map, Value, json};

use super::{Applied, apply, parse};
use crate::base::limits::PATCH_OPERATIONS_MAX;
use crate::scim::dialect::{Rule, rewrite_patch};
use crate::scim::resource::{self, Resource};
use crate::scim::schema::{Mutability, Registry, TypeSchema, standard, urn};
use crate::scim::{Error, ScimType, Strictness};

use ScimType::{InvalidPath, InvalidSyntax, InvalidValue, NoTarget};
use Strictness::{Lenient, Strict};

const ENTERPRISE: &str = urn::ENTERPRISE_USER;

fn body(operations: &Value) -> Map<String, Value> {
    let body = json!({"schemas": [urn::PATCH_OP], "Operations": operations});
    body.as_object().cloned().expect("object")
}

fn pat() -> Value {
    json!({
        "userName": "pat", "externalId": "X-1", "active": true, "title": "Engineer",
        "name": {"familyName": "Doe", "givenName": "Pat"},
        "emails": [{"value": "pat@work.example", "type": "work", "primary": true}, {"value": "pat@home.example", "type": "home"}],
        ENTERPRISE: {"department": "R&D", "manager": {"value": "boss"}},
    })
}

fn resource(value: &Value, schema: &TypeSchema) -> Resource {
    resource::parse(value.as_object().expect("object"), schema).expect("a resource").resource
}

/// Applies operations to the user; lenient ones go through the dialect first.
fn patched(operations: &Value, strictness: Strictness) -> Result<(Applied, Vec<Rule>), Error> {
    let schema = standard().user;
    let mut body = body(operations);
    let mut rules = match strictness {
        Strict => Vec::new(),
        Lenient => rewrite_patch(&mut body, &schema),
    };
    let patch = parse(&body, &schema, strictness)?;
    let applied = apply(&schema, "me", &resource(&pat(), &schema), &patch, strictness)?;
    rules.extend(&applied.rules);
    Ok((applied, rules))
}

/// What the operations change, by attribute; gone ones are null.
fn changes(operations: &Value, strictness: Strictness) -> Result<(Value, Vec<Rule>), ScimType> {
    let (applied, rules) = patched(operations, strictness).map_err(|error| error.scim_type)?;
    let before = resource(&pat(), &standard().user);
    let after = applied.resource.attributes;
    let mut changed = Map::new();
    for key in before.attributes.keys().chain(after.keys()) {
        if before.attributes.get(key) != after.get(key) {
            changed.insert(key.clone(), after.get(key).cloned().unwrap_or(Value::Null));
        }
    }
    if !applied.resource.extra.is_empty() {
        changed.insert("extra".to_owned(), Value::Object(applied.resource.extra));
    }
    Ok((Value::Object(changed), rules))
}

/// Standard operations do the same for strict directories and, after the dialect, for others.
fn in_both_modes(cases: Vec<(Value, Value)>) {
    for (operation, expected) in cases {
        for strictness in [Strict, Lenient] {
            let changed = changes(&json!([operation]), strictness).map(|(changed, _)| changed);
            assert_eq!(changed, Ok(expected.clone()), "{strictness:?} {operation}");
        }
    }
}

#[test]
fn whole_attributes_with_many_values_are_added_to_and_replaced() {
    let work = json!({"value": "pat@work.example", "type": "work", "primary": true});
    let home = json!({"value": "pat@home.example", "type": "home"});
    let demoted = json!({"value": "pat@work.example", "type": "work", "primary": false});
    in_both_modes(vec![
        (json!({"op": "add", "path": "emails", "value": [work]}), json!({})),
        (
            json!({"op": "add", "path": "emails", "value": {"value": "PAT@work.example", "type": "WORK"}}),
            json!({"emails": [{"value": "PAT@work.example", "type": "WORK", "primary": true}, home]}),
        ),
        (
            json!({"op": "add", "path": "emails", "value": [{"value": "n", "primary": true}]}),
            json!({"emails": [demoted, home, {"value": "n", "primary": true}]}),
        ),
        (
            json!({"op": "add", "path": "emails", "value": [{"value": "m", "primary": true}, {"value": "n", "primary": true}]}),
            json!({"emails": [demoted, home, {"value": "m", "primary": false}, {"value": "n", "primary": true}]}),
        ),
        (json!({"op": "add", "path": "emails", "value": []}), json!({})),
        (json!({"op": "replace", "path": "emails", "value": []}), json!({"emails": null})),
        (json!({"op": "replace", "path": "emails", "value": null}), json!({"emails": null})),
    ]);
}

#[test]
fn selected_values_are_written_and_removed() {
    let home = json!({"value": "pat@home.example", "type": "home"});
    let demoted = json!({"value": "pat@work.example", "type": "work", "primary": false});
    in_both_modes(vec![
        (
            json!({"op": "add", "path": "emails[type eq \"work\"].display", "value": "W"}),
            json!({"emails": [{"value": "pat@work.example", "type": "work", "primary": true, "display": "W"}, home]}),
        ),
        (
            json!({"op": "add", "path": "emails[type eq \"home\"]", "value": {"primary": true}}),
            json!({"emails": [demoted, {"value": "pat@home.example", "type": "home", "primary": true}]}),
        ),
        (
            json!({"op": "replace", "path": "emails[value pr].type", "value": "other"}),
            json!({"emails": [{"value": "pat@work.example", "type": "other", "primary": true},
                {"value": "pat@home.example", "type": "other"}]}),
        ),
        (
            json!({"op": "replace", "path": "emails[type pr].primary", "value": true}),
            json!({"emails": [demoted, {"value": "pat@home.example", "type": "home", "primary": true}]}),
        ),
        (
            json!({"op": "replace", "path": "emails[type pr]", "value": {"value": "x"}}),
            json!({"emails": [{"value": "x"}]}),
        ),
        (
            json!({"op": "replace", "path": "emails.type", "value": "other"}),
            json!({"emails": [{"value": "pat@work.example", "type": "other", "primary": true},
                {"value": "pat@home.example", "type": "other"}]}),
        ),
        (
            json!({"op": "remove", "path": "emails.type"}),
            json!({"emails": [{"value": "pat@work.example", "primary": true}, {"value": "pat@home.example"}]}),
        ),
        (json!({"op": "remove", "path": "emails[type eq \"fax\"]"}), json!({})),
        (json!({"op": "remove", "path": "emails[value pr]"}), json!({"emails": null})),
        (json!({"op": "remove", "path": "phoneNumbers"}), json!({})),
        (
            json!({"op": "add", "path": "phoneNumbers.value", "value": "1"}),
            json!({"phoneNumbers": [{"value": "1"}]}),
        ),
        (
            json!({"op": "add", "path": "phoneNumbers[type eq \"fax\" and primary eq true]", "value": {"value": "1"}}),
            json!({"phoneNumbers": [{"type": "fax", "primary": true, "value": "1"}]}),
        ),
    ]);
}

#[test]
fn complex_attributes_are_merged() {
    in_both_modes(vec![
        (
            json!({"op": "replace", "path": "name", "value": {"givenName": null, "middleName": "Q"}}),
            json!({"name": {"familyName": "Doe", "middleName": "Q"}}),
        ),
        (json!({"op": "replace", "path": "name", "value": {}}), json!({})),
        (json!({"op": "replace", "path": "name", "value": null}), json!({"name": null})),
        (
            json!({"op": "replace", "path": "name[givenName eq \"pat\"].givenName", "value": "P"}),
            json!({"name": {"familyName": "Doe", "givenName": "P"}}),
        ),
        (json!({"op": "remove", "path": "name[givenName eq \"other\"].givenName"}), json!({})),
    ]);
}

#[test]
fn extensions_are_written_whole_and_in_part() {
    in_both_modes(vec![
        (json!({"op": "remove", "path": ENTERPRISE}), json!({ENTERPRISE: null})),
        (
            json!({"op": "replace", "path": ENTERPRISE, "value": {"Division": "D"}}),
            json!({ENTERPRISE: {"department": "R&D", "manager": {"value": "boss"}, "division": "D"}}),
        ),
        (
            json!({"op": "remove", "path": format!("{ENTERPRISE}:manager.value")}),
            json!({ENTERPRISE: {"department": "R&D"}}),
        ),
        (
            json!({"op": "add", "path": format!("{ENTERPRISE}:badge"), "value": {"colour": "blue"}}),
            json!({ENTERPRISE: {"department": "R&D", "manager": {"value": "boss"}, "badge": {"colour": "blue"}}}),
        ),
        (
            json!({"op": "add", "path": "urn:x:2.0:Desk", "value": {"floor": 3}}),
            json!({"urn:x:2.0:Desk": {"floor": 3}}),
        ),
        (
            json!({"op": "add", "value": {"urn:x:2.0:Desk": {"floor": 3}}}),
            json!({"urn:x:2.0:Desk": {"floor": 3}}),
        ),
        (
            json!({"op": "add", "path": "urn:x:2.0:Desk:floor", "value": 3}),
            json!({"urn:x:2.0:Desk": {"floor": 3}}),
        ),
        (
            json!({"op": "add", "path": "urn:x:2.0:Desk:rooms[type eq \"a\"].value", "value": 3}),
            json!({"urn:x:2.0:Desk": {"rooms": [{"type": "a", "value": 3}]}}),
        ),
        (json!({"op": "remove", "path": "urn:x:2.0:Desk:rooms[type eq \"a\"].value"}), json!({})),
        (json!({"op": "remove", "path": "urn:x:2.0:Desk:floor"}), json!({})),
    ]);
}

#[test]
fn what_is_read_only_secret_or_never_unassigned_stays() {
    in_both_modes(vec![
        (
            json!({"op": "replace", "value": {"id": "me", "schemas": [], "meta": {"version": "x"}, "groups": [{"value": "g"}], "title": "T"}}),
            json!({"title": "T"}),
        ),
        (json!({"op": "add", "path": "schemas", "value": ["urn:x"]}), json!({})),
        (json!({"op": "replace", "path": "active", "value": null}), json!({})),
        (json!({"op": "replace", "path": "active", "value": []}), json!({})),
        (json!({"op": "remove", "path": "active"}), json!({})),
        (json!({"op": "replace", "value": {"active": null}}), json!({})),
        (json!({"op": "replace", "path": "password", "value": "secret"}), json!({})),
        (json!({"op": "remove", "path": "password"}), json!({})),
        (json!({"op": "replace", "value": {"password": "secret"}}), json!({})),
        (json!({"op": "remove", "path": "externalId"}), json!({"externalId": null})),
        (json!({"op": "remove", "path": "title", "value": null}), json!({"title": null})),
        (json!({"op": "add", "path": "title", "value": "Engineer"}), json!({})),
        (json!({"OP": "add", "Path": null, "VALUE": {"Title": "T"}}), json!({"title": "T"})),
    ]);
}

#[test]
fn wrong_operations_are_refused_in_both_modes() {
    use ScimType::Mutability;
    for (operation, expected) in [
        (json!({"op": "replace", "path": "userName", "value": null}), Mutability),
        (json!({"op": "replace", "path": "userName", "value": ""}), InvalidValue),
        (json!({"op": "replace", "path": "userName", "value": 5}), InvalidValue),
        (json!({"op": "replace", "path": "active", "value": "maybe"}), InvalidValue),
        (json!({"op": "replace", "path": "active", "value": 0}), InvalidValue),
        (json!({"op": "replace", "value": {"id": "other"}}), Mutability),
        (json!({"op": "replace", "path": "meta.version", "value": "x"}), Mutability),
        (json!({"op": "add", "path": "groups", "value": [{"value": "g"}]}), Mutability),
        (json!({"op": "remove", "path": "groups[value eq \"g\"]"}), Mutability),
        (json!({"op": "remove", "path": "schemas"}), Mutability),
        (json!({"op": "add", "path": format!("{ENTERPRISE}:manager.displayName"), "value": "B"}), Mutability),
        (json!({"op": "replace", "path": "name", "value": "Pat"}), InvalidValue),
        (json!({"op": "replace", "path": ENTERPRISE, "value": "x"}), InvalidValue),
        (json!({"op": "add", "path": "emails[value sw \"x\"].type", "value": "a"}), NoTarget),
        (
            json!({"op": "add", "path": "emails[type eq \"x\" or type eq \"y\"].value", "value": "a"}),
            NoTarget,
        ),
        (
            json!({"op": "add", "path": "emails[type eq \"x\" and type eq \"y\"].value", "value": "a"}),
            NoTarget,
        ),
        (json!({"op": "add", "path": "emails[type eq \"work\"]", "value": 5}), InvalidValue),
        (json!({"op": "remove", "path": "emails", "value": null}), InvalidValue),
        (json!({"op": "remove", "path": "emails", "value": [{}]}), InvalidValue),
        (json!({"op": "remove", "path": "emails", "value": [{"primary": true}]}), InvalidValue),
        (json!({"op": "remove", "value": {"title": "x"}}), NoTarget),
        (json!({"op": "remove", "path": ""}), InvalidPath),
        (json!({"op": "add", "path": "emails.value", "value": "x"}), InvalidPath),
        (json!({"op": "add", "path": 5, "value": 1}), InvalidPath),
        (json!({"op": 5, "value": {}}), InvalidSyntax),
        (json!("remove"), InvalidSyntax),
        (json!({"op": "add", "Op": "remove", "path": "title", "value": "x"}), InvalidSyntax),
        (json!({"op": "add", "value": {"title": "a", "TITLE": "b"}}), InvalidSyntax),
        (json!({"op": "add", "value": [1]}), InvalidValue),
    ] {
        for strictness in [Strict, Lenient] {
            let result = changes(&json!([operation]), strictness);
            assert_eq!(result, Err(expected), "{strictness:?} {operation}");
        }
    }
}

type Deviation = (Value, Value, Vec<Rule>, Result<Value, ScimType>);

/// Operations, what they change when lenient and under which names, and the outcome when strict.
fn deviations(cases: Vec<Deviation>) {
    for (operation, expected, rules, strict) in cases {
        let operations = json!([operation]);
        assert_eq!(changes(&operations, Lenient), Ok((expected, rules)), "{operation}");
        assert_eq!(changes(&operations, Strict).map(|(changed, _)| changed), strict, "{operation}");
    }
}

#[test]
fn what_a_filter_lacks_and_how_a_manager_is_worded_is_understood_when_lenient() {
    let manager = |value: Value| json!({ENTERPRISE: {"department": "R&D", "manager": {"value": value}}});
    let no_manager = json!({ENTERPRISE: {"department": "R&D"}});
    let fax = json!({"emails": [{"value": "pat@work.example", "type": "work", "primary": true},
        {"value": "pat@home.example", "type": "home"}, {"type": "fax", "value": "x"}]});
    deviations(vec![
        (
            json!({"op": "replace", "path": "emails[type eq \"fax\"].value", "value": "x"}),
            fax.clone(),
            vec![Rule::PatchCreateOnAbsent],
            Err(NoTarget),
        ),
        (
            json!({"op": "replace", "path": "emails[type eq \"fax\"]", "value": {"value": "x"}}),
            fax,
            vec![Rule::PatchCreateOnAbsent],
            Err(NoTarget),
        ),
        (
            json!({"op": "replace", "path": "emails[type eq \"fax\"].value", "value": ""}),
            json!({}),
            vec![Rule::PatchEmptyStringClears],
            Err(NoTarget),
        ),
        (
            json!({"op": "replace", "path": "roles[primary eq \"True\"].value", "value": "x"}),
            json!({"roles": [{"primary": true, "value": "x"}]}),
            vec![Rule::FilterBooleanString, Rule::PatchCreateOnAbsent],
            Err(InvalidPath),
        ),
        (
            json!({"op": "replace", "path": "manager", "value": [{"$ref": "u", "value": "b"}]}),
            json!({ENTERPRISE: {"department": "R&D", "manager": {"value": "b", "$ref": "u"}}}),
            vec![Rule::PatchValueAsArray, Rule::AttributeUrnMissing],
            Err(InvalidPath),
        ),
        (
            json!({"op": "replace", "path": format!("{ENTERPRISE}:manager"), "value": "b"}),
            manager(json!("b")),
            vec![Rule::PatchManagerString],
            Err(InvalidValue),
        ),
        (
            json!({"op": "replace", "path": format!("{ENTERPRISE}:manager"), "value": ""}),
            no_manager.clone(),
            vec![Rule::PatchEmptyStringClears],
            Err(InvalidValue),
        ),
        (
            json!({"op": "replace", "path": format!("{ENTERPRISE}:manager"), "value": {"value": ""}}),
            no_manager,
            vec![Rule::PatchEmptyStringClears],
            Ok(manager(json!(""))),
        ),
    ]);
}

#[test]
fn odd_values_and_names_are_understood_when_lenient() {
    deviations(vec![
        (
            json!({"op": "replace", "path": "favouriteColour", "value": "red"}),
            json!({"extra": {"favouriteColour": "red"}}),
            vec![Rule::PatchUnknownAttributeKept],
            Err(InvalidPath),
        ),
        (
            json!({"op": "replace", "value": {"favouriteColour": "red"}}),
            json!({"extra": {"favouriteColour": "red"}}),
            vec![Rule::PatchUnknownAttributeKept],
            Err(InvalidPath),
        ),
        (
            json!({"op": "replace", "value": {"name.givenName": "P"}}),
            json!({"name": {"familyName": "Doe", "givenName": "P"}}),
            vec![Rule::PatchDottedKey],
            Err(InvalidPath),
        ),
        (
            json!({"op": "replace", "path": "active", "value": ["False"]}),
            json!({"active": false}),
            vec![Rule::PatchValueAsArray, Rule::PatchBooleanString],
            Err(InvalidValue),
        ),
        (
            json!({"op": "replace", "path": "active", "value": ""}),
            json!({}),
            vec![Rule::PatchEmptyStringClears],
            Err(InvalidValue),
        ),
        (
            json!({"op": "replace", "path": "title", "value": ""}),
            json!({"title": null}),
            vec![Rule::PatchEmptyStringClears],
            Ok(json!({"title": ""})),
        ),
        (
            json!({"op": "add", "path": "roles", "value": "{\"value\":\"admin\",\"primary\":\"True\"}"}),
            json!({"roles": [{"value": "admin", "primary": true}]}),
            vec![Rule::PatchJsonStringValue, Rule::PatchBooleanString],
            Err(InvalidValue),
        ),
    ]);
    assert_eq!(changes(&json!([]), Lenient), Ok((json!({}), vec![Rule::PatchEmptyOperations])));
    assert_eq!(changes(&json!([]), Strict), Err(InvalidSyntax));
}

#[test]
fn a_remove_with_a_value_takes_what_it_lists() {
    let home = json!({"value": "pat@home.example", "type": "home"});
    for (value, expected) in [
        (json!([{"value": "PAT@work.example"}]), json!({"emails": [home]})),
        (json!([{"value": "pat@work.example", "type": "home"}]), json!({})),
        (json!({"type": "work"}), json!({"emails": [home]})),
        (json!("pat@work.example"), json!({"emails": [home]})),
        (json!([{"value": "pat@work.example"}, {"value": "pat@home.example"}]), json!({"emails": null})),
        (json!([{"value": "nobody"}]), json!({})),
        (json!([]), json!({})),
    ] {
        for strictness in [Strict, Lenient] {
            let (changed, rules) =
                changes(&json!([{"op": "remove", "path": "emails", "value": value}]), strictness)
                    .expect("applied");
            assert_eq!(changed, expected, "{value}");
            assert!(rules.contains(&Rule::PatchRemoveValuesByValue));
        }
    }
}

#[test]
fn operations_are_counted() {
    let operations =
        |count: usize| json!(vec![json!({"op": "replace", "path": "title", "value": "x"}); count]);
    assert!(changes(&operations(PATCH_OPERATIONS_MAX), Strict).is_ok());
    assert_eq!(changes(&operations(PATCH_OPERATIONS_MAX + 1), Strict), Err(InvalidValue));
}

#[test]
fn immutable_attributes_take_one_value_and_keep_it() {
    let Registry { user, .. } = standard();
    let mut schema = (*user).clone();
    let nick_name = schema.core.attributes.iter_mut().find(|attribute| attribute.name == "nickName");
    nick_name.expect("nickName").mutability = Mutability::Immutable;
    let run = |operations: Value| {
        let patch = parse(&body(&operations), &schema, Strict).expect("parsed");
        let applied = apply(&schema, "me", &resource(&pat(), &schema), &patch, Strict);
        applied
            .map(|applied| applied.resource.text("nickName").map(str::to_owned))
            .map_err(|error| error.scim_type)
    };
    let set = json!({"op": "add", "path": "nickName", "value": "P"});
    assert_eq!(run(json!([set])), Ok(Some("P".to_owned())));
    assert_eq!(run(json!([set, set])), Ok(Some("P".to_owned())));
    let other = json!({"op": "replace", "path": "nickName", "value": "Q"});
    assert_eq!(run(json!([set, other])), Err(ScimType::Mutability));
    assert_eq!(run(json!([set, {"op": "remove", "path": "nickName"}])), Err(ScimType::Mutability));
}

#[test]
fn errors_say_which_operation_is_at_fault() {
    let error = patched(
        &json!([{"op": "add", "path": "title", "value": "x"}, {"op": "remove", "path": "id"}]),
        Strict,
    );
    assert_eq!(error.expect_err("refused").detail, "Operation 2: id is read-only; leave it out");
    let error = patched(&json!([{"op": "move", "path": "title"}]), Strict).expect_err("refused");
    assert_eq!(error.detail, "op must be add, remove or replace, not \"move\"");
}
