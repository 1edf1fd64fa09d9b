//! What operations do to the members of a group.

use serde_json::{Value, json};

use super::{InvalidValue, Lenient, Strict, body, resource};
use crate::base::limits::MEMBERS_PER_REQUEST_MAX;
use crate::scim::dialect::rewrite_patch;
use crate::scim::patch::{Applied, MemberChange, apply, apply_members, parse};
use crate::scim::resource::{MemberKind, MemberRef};
use crate::scim::schema::standard;
use crate::scim::{ScimType, Strictness};

fn members(ids: &[&str]) -> Vec<MemberRef> {
    ids.iter().map(|id| MemberRef { value: (*id).to_owned(), kind: None }).collect()
}

fn group_changes(operations: &Value, strictness: Strictness) -> Result<Applied, ScimType> {
    let schema = standard().group;
    let mut body = body(operations);
    if strictness == Lenient {
        rewrite_patch(&mut body, &schema);
    }
    let group = resource(&json!({"displayName": "Team"}), &schema);
    let patch = parse(&body, &schema, strictness).map_err(|error| error.scim_type)?;
    apply(&schema, "g", &group, &patch, strictness).map_err(|error| error.scim_type)
}

#[test]
fn members_become_changes_in_order() {
    use MemberChange::{Add, Remove, ReplaceAll};
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    for (operation, expected) in [
        (
            json!({"op": "add", "path": "members", "value": [{"value": "a"}, {"$ref": null, "value": "b"}, {"value": "a"}]}),
            vec![Add(members(&["a", "b"]))],
        ),
        (json!({"op": "add", "path": "members", "value": {"value": "a"}}), vec![Add(members(&["a"]))]),
        (json!({"op": "add", "path": "members", "value": []}), vec![]),
        (
            json!({"op": "replace", "path": "members", "value": [{"value": "a"}]}),
            vec![ReplaceAll(members(&["a"]))],
        ),
        (json!({"op": "replace", "path": "members", "value": []}), vec![ReplaceAll(vec![])]),
        (
            json!({"op": "replace", "value": {"members": [{"value": "a"}], "displayName": "Team"}}),
            vec![ReplaceAll(members(&["a"]))],
        ),
        (json!({"op": "remove", "path": "members"}), vec![ReplaceAll(vec![])]),
        (
            json!({"op": "remove", "path": "members", "value": [{"value": "a"}, {"value": "b"}]}),
            vec![Remove(ids(&["a", "b"]))],
        ),
        (json!({"op": "remove", "path": "members", "value": {"value": "a"}}), vec![Remove(ids(&["a"]))]),
        (json!({"op": "remove", "path": "members", "value": []}), vec![]),
        (json!({"op": "remove", "path": "members[value eq \"a\"]"}), vec![Remove(ids(&["a"]))]),
        (
            json!({"op": "remove", "path": "members[value eq \"a\"]", "value": [{"value": "z"}]}),
            vec![Remove(ids(&["a"]))],
        ),
        (
            json!({"op": "remove", "path": "members[value eq \"a\" or value eq \"b\"]"}),
            vec![Remove(ids(&["a", "b"]))],
        ),
    ] {
        for strictness in [Strict, Lenient] {
            let changes =
                group_changes(&json!([operation]), strictness).map(|applied| applied.member_changes);
            assert_eq!(changes, Ok(expected.clone()), "{operation}");
        }
    }
    let typed = group_changes(
        &json!([{"op": "add", "path": "members", "value": [{"value": "a", "type": "group"}]}]),
        Strict,
    );
    let group = MemberRef { value: "a".to_owned(), kind: Some(MemberKind::Group) };
    assert_eq!(typed.map(|applied| applied.member_changes), Ok(vec![Add(vec![group])]));
}

#[test]
fn a_vague_remove_never_takes_members_out() {
    for value in [
        json!(null),
        json!([{}]),
        json!([null]),
        json!([{"display": "a"}]),
        json!([{"value": ""}]),
        json!(""),
        json!(5),
        json!({}),
    ] {
        for strictness in [Strict, Lenient] {
            let result =
                group_changes(&json!([{"op": "remove", "path": "members", "value": value}]), strictness);
            assert_eq!(result, Err(InvalidValue), "{value}");
        }
    }
    let none =
        group_changes(&json!([{"op": "remove", "path": "members[value eq \"\"]"}]), Strict).expect("applied");
    let mut current = members(&["a"]);
    apply_members(&mut current, &none.member_changes);
    assert_eq!(current, members(&["a"]));
}

#[test]
fn members_are_never_changed_in_place() {
    for operation in [
        json!({"op": "replace", "path": "members[value eq \"a\"].display", "value": "x"}),
        json!({"op": "replace", "path": "members[value eq \"a\"]", "value": {"value": "b"}}),
        json!({"op": "add", "path": "members.value", "value": "b"}),
        json!({"op": "remove", "path": "members.value"}),
        json!({"op": "remove", "path": "members[value eq \"a\"].type"}),
        json!({"op": "remove", "path": "displayName"}),
    ] {
        assert_eq!(group_changes(&json!([operation]), Strict), Err(ScimType::Mutability), "{operation}");
    }
}

#[test]
fn members_match_a_filter_and_stay_unique() {
    let changes = group_changes(
        &json!([
            {"op": "add", "path": "members", "value": [{"value": "ab"}, {"value": "c"}]},
            {"op": "remove", "path": "members[value sw \"a\" and not (type eq \"User\")]"},
            {"op": "add", "path": "members", "value": [{"value": "c"}, {"value": "d"}]},
        ]),
        Strict,
    );
    let mut current = members(&["aa", "c"]);
    current.push(MemberRef { value: "au".to_owned(), kind: Some(MemberKind::User) });
    apply_members(&mut current, &changes.expect("applied").member_changes);
    let left: Vec<_> = current.iter().map(|member| member.value.as_str()).collect();
    assert_eq!(left, ["c", "au", "d"]);
}

#[test]
fn members_are_counted_over_all_operations() {
    let named =
        |count: usize| (0..count).map(|index| json!({"value": format!("m{index}")})).collect::<Vec<_>>();
    let split = |more: usize| {
        json!([
            {"op": "add", "path": "members", "value": named(MEMBERS_PER_REQUEST_MAX - 1)},
            {"op": "remove", "path": "members", "value": named(more)},
        ])
    };
    assert!(group_changes(&split(1), Strict).is_ok());
    assert_eq!(group_changes(&split(2), Strict), Err(InvalidValue));
}
