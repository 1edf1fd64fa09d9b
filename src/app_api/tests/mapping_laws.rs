//! Laws of mappings: a preview says exactly what saving then does, user by user and event by event.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::mapping::put;
use super::scene::{Scene, text};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn path() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just("userName"),
        Just("title"),
        Just("name.givenName"),
        Just("emails[type eq \"work\"].value"),
        Just("emails.value"),
        Just("department"),
        Just("shoe"),
        Just("active"),
        Just("urn:x:y:User:badge"),
    ]
    .prop_map(Value::from)
}

fn source() -> impl Strategy<Value = Value> {
    let transform = prop_oneof![
        Just("uppercase"),
        Just("local_part"),
        Just("digits"),
        Just("number"),
        Just("list"),
        Just("domain")
    ];
    prop_oneof![
        4 => path(),
        1 => Just(json!({"template": "{title} at {department}"})),
        1 => (path(), transform).prop_map(|(from, transform)| json!({"from": from, "transform": [transform]})),
    ]
}

fn rule() -> impl Strategy<Value = Value> {
    let list = || proptest::collection::vec(source(), 0..3).prop_map(Value::from);
    prop_oneof![
        2 => path(),
        3 => list(),
        1 => (list(), prop_oneof![Just(json!("none")), Just(json!(7)), Just(Value::Null)], any::<bool>())
            .prop_map(|(from, default, required)| json!({"from": from, "default": default, "required": required})),
    ]
}

fn roles() -> impl Strategy<Value = Value> {
    let rule = prop_oneof![
        Just(json!({"group": "team one", "role": "one"})),
        Just(json!({"group": "Team Two", "role": "two"})),
        Just(json!({"group": "Team Two", "when": "active eq true", "role": "two:active"})),
        Just(json!({"when": "title co \"b\" or shoe gt 1", "role": "b"})),
        Just(json!({"when": "emails[type eq \"work\"]", "role": "worker"})),
    ];
    let mode = prop_oneof![Just("single"), Just("multiple")];
    let default = prop_oneof![Just(json!("member")), Just(Value::Null)];
    (mode, default, proptest::collection::vec(rule, 0..4))
        .prop_map(|(mode, default, rules)| json!({"mode": mode, "default": default, "rules": rules}))
}

/// A document; one that would be refused (what is required has no source) is made one that isn't.
fn document() -> impl Strategy<Value = Value> {
    let target = prop_oneof![
        Just("email"),
        Just("name"),
        Just("job_title"),
        Just("department_name"),
        Just("x"),
        Just("y"),
        Just("emails")
    ];
    let attributes = proptest::collection::btree_map(target, rule(), 0..5);
    (attributes, roles()).prop_map(|(attributes, roles)| {
        let is_text = |name: &str| matches!(name, "email" | "name" | "job_title");
        let attributes: Map<String, Value> = attributes
            .into_iter()
            .filter(|(_, rule)| rule["required"] != json!(true) || rule["from"] != json!([]))
            .filter(|(name, rule)| !is_text(name) || !rule["transform"].is_array())
            .map(|(name, rule)| (name.to_owned(), rule))
            .collect();
        json!({"attributes": attributes, "roles": roles})
    })
}

fn user() -> impl Strategy<Value = Value> {
    let maybe = |values: &'static [&'static str]| proptest::option::of(proptest::sample::select(values));
    (
        maybe(&["boss", "b", " 42 "]),
        maybe(&["R&D"]),
        proptest::option::of(0..3_u8),
        any::<bool>(),
        0..3_usize,
        0..4_u8,
    )
        .prop_map(|(title, department, shoe, active, emails, groups)| {
            let mut user = json!({"active": active, "groups": groups});
            if let Some(title) = title {
                user["title"] = title.into();
            }
            if let Some(department) = department {
                user[ENTERPRISE] = json!({"department": department});
                user["urn:x:y:User"] = json!({"badge": [1, "b"]});
            }
            if let Some(shoe) = shoe {
                user["shoe"] = shoe.into();
            }
            let all = [
                json!({"value": "w@x.example", "type": "work"}),
                json!({"value": "h@x.example", "type": "home"}),
            ];
            if 0 < emails {
                user["emails"] = all[..emails].to_vec().into();
            }
            user
        })
}

/// What changed of each user: by the names that a preview uses, from and to.
type Changes = BTreeMap<String, BTreeMap<String, (Value, Value)>>;

fn previewed(preview: &Value) -> Changes {
    let users = preview["data"].as_array().expect("a list").iter();
    let changes = |user: &Value| {
        let changes = user["changes"].as_object().expect("changes").iter();
        changes.map(|(name, change)| (name.clone(), (change["from"].clone(), change["to"].clone()))).collect()
    };
    users.filter(|user| user["changes"] != json!({})).map(|user| (text(&user["id"]), changes(user))).collect()
}

fn told(events: &[Value]) -> Changes {
    let mut told = Changes::new();
    for event in events {
        assert_eq!(
            (&event["event"], &event["context"]["cause"]),
            (&json!("dsync.user.updated"), &json!("remapped"))
        );
        let data = &event["data"];
        let mut changes = BTreeMap::new();
        for (name, from) in data["previous_attributes"].as_object().expect("changes") {
            if name == "custom_attributes" {
                for (custom, from) in from.as_object().expect("customs") {
                    changes.insert(format!("{name}.{custom}"), (from.clone(), data[name][custom].clone()));
                }
            } else {
                changes.insert(name.clone(), (from.clone(), data[name].clone()));
            }
        }
        assert!(told.insert(text(&data["id"]), changes).is_none(), "a user is told of once");
    }
    told
}

async fn check(first: Value, second: Value, users: Vec<Value>) {
    let scene = Scene::new();
    let customer = scene.directory(json!({"name": "x"})).await;
    let mut teams = [Vec::new(), Vec::new()];
    for (number, mut user) in users.into_iter().enumerate() {
        let groups = user["groups"].take().as_u64().unwrap_or_default();
        user.as_object_mut().expect("a user").shift_remove("groups");
        user["userName"] = format!("u{number}@x.example").into();
        let id = scene.user(&customer, user).await;
        for (bit, team) in teams.iter_mut().enumerate() {
            if groups & (1 << bit) != 0 {
                team.push(id.clone());
            }
        }
    }
    for (name, team) in ["Team One", "Team Two"].iter().zip(&teams) {
        scene.group(&customer, name, &team.iter().map(String::as_str).collect::<Vec<_>>()).await;
    }
    put(&scene, &customer, first).await;
    let list = format!("/events?directory={}&limit=1000", customer.id);
    let before = scene.get(&list).await["data"].as_array().expect("a list").len();
    let path = format!("/directories/{}/mapping/preview?limit=1000", customer.id);
    let preview = scene.ask("POST", &path, Some(second.clone())).await;
    assert_eq!(preview.status, 200, "{}", preview.body);
    put(&scene, &customer, second).await;
    let events = scene.get(&list).await["data"].as_array().expect("a list")[before..].to_vec();
    let (previewed, told) = (previewed(&preview.body), told(&events));
    assert_eq!(preview.body["users_changed"], json!(told.len()));
    assert_eq!(previewed, told);
    scene.assert_sound();
}

#[test]
fn a_preview_says_what_saving_does() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let mut runner =
        proptest::test_runner::TestRunner::new(ProptestConfig { cases: 32, ..ProptestConfig::default() });
    let cases = (document(), document(), proptest::collection::vec(user(), 0..8));
    let outcome = runner.run(&cases, |(first, second, users)| {
        runtime.block_on(check(first, second, users));
        Ok(())
    });
    outcome.expect("the law holds");
}
