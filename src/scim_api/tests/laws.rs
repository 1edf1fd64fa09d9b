//! Laws that hold for any input: an index finds what looking at everything finds; pages by index
//! and by cursor are the whole; a PATCH leaves what a PUT of its result leaves.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Harness, harness};
use crate::scim::filter;
use crate::scim::schema;

fn comparison() -> impl Strategy<Value = String> {
    let operator = prop_oneof![3 => Just("eq"), 1 => Just("ne"), 1 => Just("co"), 1 => Just("sw"), 1 => Just("gt")];
    let attribute = prop_oneof![
        Just("userName"),
        Just("USERNAME"),
        Just("externalId"),
        Just("emails.value"),
        Just("emails"),
        Just("displayName"),
        Just("title"),
        Just("name.familyName"),
        Just("urn:ietf:params:scim:schemas:core:2.0:User:userName"),
        Just("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"),
        Just("groups.value"),
        Just("id"),
    ];
    let operand = prop_oneof![Just("u1"), Just("U1"), Just("u"), Just("X1"), Just("x1"), Just("A@Example.com"), Just("ß%_*"), Just("$id"), Just("$group")];
    (attribute, operator, operand).prop_map(|(attribute, operator, operand)| format!("{attribute} {operator} \"{operand}\""))
}

fn filter_text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        8 => comparison(),
        1 => Just("active eq true".to_owned()),
        1 => Just("title pr".to_owned()),
        1 => Just("emails[type eq \"work\" and value sw \"a\"]".to_owned()),
        1 => Just("emails[value eq \"a@example.com\" or type eq \"home\"]".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(left, right)| format!("({left}) and ({right})")),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| format!("({left}) or ({right})")),
            inner.prop_map(|inner| format!("not ({inner})")),
        ]
    })
}

async fn populate(harness: &Harness) -> (String, String) {
    let mut ids = Vec::new();
    for number in 0..8_u32 {
        let mut user = json!({"userName": format!("u{number}"), "active": number % 3 != 0});
        if number % 2 == 0 {
            user["externalId"] = json!(format!("x{number}"));
            user["emails"] = json!([{"value": "a@example.com", "type": "work"}, {"value": format!("h{number}@example.com"), "type": "home"}]);
        }
        if number % 3 == 0 {
            user["displayName"] = json!("U1");
            user["title"] = json!("ß%_*");
            user["name"] = json!({"familyName": format!("U{number}")});
        }
        if number % 4 == 1 {
            user["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"] = json!({"department": "u"});
        }
        let (status, created) = harness.send("POST", "/Users", Some(user)).await;
        assert_eq!(status, 201, "{created}");
        ids.push(created["id"].as_str().unwrap_or_default().to_owned());
    }
    let inner = json!({"displayName": "Inner", "members": [{"value": ids[1]}, {"value": ids[2]}]});
    let (_, inner) = harness.send("POST", "/Groups", Some(inner)).await;
    let outer = json!({"displayName": "Outer", "members": [{"value": inner["id"]}, {"value": ids[5]}]});
    let (_, outer) = harness.send("POST", "/Groups", Some(outer)).await;
    (ids[3].clone(), outer["id"].as_str().unwrap_or_default().to_owned())
}

fn ids_of(list: &Value) -> Vec<String> {
    let resources = list["Resources"].as_array().cloned().unwrap_or_default();
    resources.iter().filter_map(|resource| resource["id"].as_str().map(str::to_owned)).collect()
}

async fn search(harness: &Harness, extra: Value) -> Value {
    let mut body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "count": 1000});
    for (name, value) in extra.as_object().cloned().unwrap_or_default() {
        body[name] = value;
    }
    let (status, list) = harness.send("POST", "/Users/.search", Some(body)).await;
    assert_eq!(status, 200, "{extra}: {list}");
    list
}

async fn walk(harness: &Harness, query: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let mut query = query.clone();
        query["cursor"] = json!(cursor);
        query["count"] = json!(3);
        let list = search(harness, query).await;
        found.extend(ids_of(&list));
        match list["nextCursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => return found,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_filter_finds_by_index_what_it_finds_by_looking_at_everything(
        filters in proptest::collection::vec(filter_text(), 20),
        sort_by in prop_oneof![Just("userName"), Just("title"), Just("meta.created"), Just("emails")],
        descending in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        runtime.block_on(async {
            let harness = harness().await;
            let (id, group) = populate(&harness).await;
            let all = search(&harness, json!({})).await;
            let everyone: Vec<Map<String, Value>> =
                all["Resources"].as_array().into_iter().flatten().filter_map(|user| user.as_object().cloned()).collect();
            let registry = schema::standard();
            for text in filters {
                let text = text.replace("$id", &id).replace("$group", &group);
                let parsed = filter::parse_noting(&text, &registry.user, crate::scim::Strictness::Lenient, &mut Vec::new());
                let parsed = parsed.expect("made to be valid");
                let matching = everyone.iter().filter(|user| filter::matches(&parsed, user));
                let expected: Vec<String> =
                    matching.filter_map(|user| user["id"].as_str().map(str::to_owned)).collect();
                assert_eq!(ids_of(&search(&harness, json!({"filter": text})).await), expected, "{text}");
                assert_eq!(walk(&harness, &json!({"filter": text})).await, expected, "{text} by cursor");
                let order = if descending { "descending" } else { "ascending" };
                let sorted = json!({"filter": text, "sortBy": sort_by, "sortOrder": order});
                let whole = ids_of(&search(&harness, sorted.clone()).await);
                assert_eq!(walk(&harness, &sorted).await, whole, "{text} sorted by {sort_by} by cursor");
            }
        });
    }
}

fn operation() -> impl Strategy<Value = Value> {
    let op = prop_oneof![Just("add"), Just("replace"), Just("remove")];
    let target = prop_oneof![
        Just(("title", json!("T"))),
        Just(("name", json!({"givenName": "G"}))),
        Just(("name.familyName", json!("F"))),
        Just(("emails", json!([{"value": "n@example.com", "type": "other", "primary": true}]))),
        Just(("emails[type eq \"work\"]", json!({"value": "w@example.com", "type": "work"}))),
        Just(("emails[type eq \"work\"].value", json!("w2@example.com"))),
        Just(("emails[type eq \"home\"].primary", json!(true))),
        Just(("active", json!(false))),
        Just(("addresses[type eq \"work\"].country", json!("DE"))),
        Just(("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", json!("D"))),
        Just(("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", json!({"value": "boss"}))),
        Just(("urn:example:own:1.0:User:shoe", json!("44"))),
        Just(("nickName", Value::Null)),
    ];
    (op, target).prop_map(|(op, (path, value))| match op {
        "remove" => json!({"op": op, "path": path}),
        _ => json!({"op": op, "path": path, "value": value}),
    })
}

fn without_times(mut user: Value) -> Value {
    if let Some(user) = user.as_object_mut() {
        user.shift_remove("meta");
        user.shift_remove("schemas");
    }
    user
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_patch_leaves_what_a_put_of_its_result_leaves(operations in proptest::collection::vec(operation(), 1..5)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        runtime.block_on(async {
            let harness = harness().await;
            let user = json!({
                "userName": "u", "title": "Old", "active": true,
                "emails": [{"value": "a@example.com", "type": "work", "primary": true}, {"value": "b@example.com", "type": "home"}],
            });
            let (_, before) = harness.send("POST", "/Users", Some(user.clone())).await;
            let path = format!("/Users/{}", before["id"].as_str().unwrap_or_default());
            let (status, patched) = harness.send("PATCH", &path, Some(json!({"Operations": operations}))).await;
            if status == 200 {
                let (_, again) = harness.send("PUT", &path, Some(patched.clone())).await;
                assert_eq!(again, patched, "PUT of what was read changes nothing, version included");
                let (_, _) = harness.send("PUT", &path, Some(user)).await;
                let (_, put) = harness.send("PUT", &path, Some(patched.clone())).await;
                assert_eq!(without_times(put), without_times(patched), "{operations:?}");
            } else {
                let (_, read) = harness.send("GET", &path, None).await;
                assert_eq!(read, before, "{operations:?} failed and left something");
            }
            harness.assert_sound();
        });
    }
}
