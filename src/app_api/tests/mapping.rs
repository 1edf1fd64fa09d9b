//! Mappings: put in force, previewed, followed by roles; and what has been seen.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;

use super::scene::{Customer, Scene, text};

/// Saves a mapping and waits until all users are mapped again.
pub async fn put(scene: &Scene, customer: &Customer, document: Value) -> Value {
    let path = format!("/directories/{}/mapping", customer.id);
    let answer = scene.ask("PUT", &path, Some(document)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    settled(scene, customer).await
}

async fn settled(scene: &Scene, customer: &Customer) -> Value {
    let path = format!("/directories/{}/mapping", customer.id);
    let mut committed = scene.context.store.committed();
    let wait = async {
        loop {
            committed.borrow_and_update();
            let seen = scene.get(&path).await;
            if seen["remap"]["state"] != "running" {
                return seen;
            }
            // A step that writes no event wakes nobody.
            let _ = timeout(Duration::from_millis(20), committed.changed()).await;
        }
    };
    timeout(Duration::from_secs(20), wait).await.expect("all users are mapped again in time")
}

/// The directory's events since `from`: name, cause, the user's role.
async fn told(scene: &Scene, customer: &Customer, from: usize) -> Vec<(String, String, Value)> {
    let events = scene.get(&format!("/events?directory={}&limit=1000", customer.id)).await;
    let events = events["data"].as_array().expect("a list").clone();
    let row = |event: &Value| {
        let user = event["data"].get("user").unwrap_or(&event["data"]);
        (text(&event["event"]), text(&event["context"]["cause"]), user["role"]["slug"].clone())
    };
    events.iter().skip(from).map(row).collect()
}

async fn count(scene: &Scene, customer: &Customer) -> usize {
    told(scene, customer, 0).await.len()
}

fn named(name: &str, cause: &str, role: Value) -> (String, String, Value) {
    (name.to_owned(), cause.to_owned(), role)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mapping_is_put_in_force_for_all_and_told_of_those_who_change() {
    let scene = Scene::new();
    let customer = scene.directory(json!({"name": "x"})).await;
    let path = format!("/directories/{}/mapping", customer.id);
    let seen = scene.get(&path).await;
    assert_eq!(
        (&seen["is_default"], &seen["version"], &seen["remap"]["state"]),
        (&json!(true), &json!(0), &json!("none"))
    );
    assert_eq!(seen["document"], seen["in_force"]);
    let with =
        scene.user(&customer, json!({"userName": "a@x", "title": "CTO", "name": {"formatted": "Ada"}})).await;
    let without = scene.user(&customer, json!({"userName": "b@x"})).await;
    let before = count(&scene, &customer).await;
    let document = json!({
        "attributes": {"full_title": {"template": "{title}, {name.formatted}"}},
        "roles": {"rules": [{"when": "title eq \"cto\"", "role": "chief"}]},
    });
    let preview = scene.ask("POST", &format!("{path}/preview"), Some(document.clone())).await.body;
    assert_eq!((&preview["users_total"], &preview["users_changed"]), (&json!(2), &json!(1)), "{preview}");
    let user = &preview["data"][0];
    assert_eq!(user["id"], json!(with));
    assert_eq!(user["changes"]["custom_attributes.full_title"], json!({"from": null, "to": "CTO, Ada"}));
    assert_eq!(user["changes"]["role"], json!({"from": null, "to": {"slug": "chief"}}));
    assert_eq!(user["role_decided_by"], json!({"rule": 0, "when": "title eq \"cto\""}));
    assert_eq!(count(&scene, &customer).await, before, "a preview saves nothing");
    let seen = put(&scene, &customer, document.clone()).await;
    assert_eq!(
        (&seen["is_default"], &seen["version"], &seen["document"]),
        (&json!(false), &json!(1), &document)
    );
    assert_eq!(seen["remap"]["changed"], json!(1));
    assert_eq!(
        told(&scene, &customer, before).await,
        [named("dsync.user.updated", "remapped", json!("chief"))]
    );
    let user = scene.get(&format!("/directory_users/{with}")).await;
    assert_eq!(
        (&user["custom_attributes"]["full_title"], &user["roles"]),
        (&json!("CTO, Ada"), &json!([{"slug": "chief"}]))
    );
    assert_eq!(scene.get(&format!("/directory_users/{without}")).await["roles"], json!([]));
    assert_eq!(scene.get(&format!("/access?user={with}")).await["roles"], json!([{"slug": "chief"}]));
    put(&scene, &customer, document).await;
    let answer = scene.ask("DELETE", &path, None).await;
    assert_eq!(
        (answer.status, &answer.body["is_default"], &answer.body["version"]),
        (200, &json!(true), &json!(2))
    );
    settled(&scene, &customer).await;
    assert_eq!(count(&scene, &customer).await, before + 2);
    scene.assert_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_follow_memberships_names_and_the_end_of_groups() {
    let scene = Scene::new();
    let customer = scene.directory(json!({"name": "x"})).await;
    let user = scene.user(&customer, json!({"userName": "a@x"})).await;
    let rules = json!({"roles": {"default": "member", "rules": [
        {"group": "administrators", "role": "admin"}, {"group": "Staff", "role": "staff"},
    ]}});
    put(&scene, &customer, rules).await;
    let mut from = count(&scene, &customer).await;
    let group = scene.group(&customer, "Administrators", &[&user]).await;
    let added = [
        named("dsync.group.created", "created", Value::Null),
        named("dsync.group.user_added", "member_added", json!("member")),
        named("dsync.user.updated", "member_added", json!("admin")),
    ];
    assert_eq!(told(&scene, &customer, from).await, added);
    from += 3;
    scene.rename_group(&customer, &group, "Staff").await;
    let renamed = [
        named("dsync.group.updated", "updated", Value::Null),
        named("dsync.user.updated", "updated", json!("staff")),
    ];
    assert_eq!(told(&scene, &customer, from).await, renamed);
    from += 2;
    scene.delete_group(&customer, &group).await;
    let ended = [
        named("dsync.group.deleted", "deleted", Value::Null),
        named("dsync.user.updated", "member_removed", json!("member")),
    ];
    assert_eq!(told(&scene, &customer, from).await, ended);
    scene.group(&customer, "Staff", &[&user]).await;
    scene.delete(&customer, &user).await;
    scene.assert_sound();
    let answer = scene.get(&format!("/access?user={user}")).await;
    assert_eq!(answer["allowed"], json!(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_mapping_is_refused_with_every_place() {
    let scene = Scene::new();
    let customer = scene.directory(json!({"name": "x"})).await;
    let path = format!("/directories/{}/mapping", customer.id);
    let wrong = json!({"attributes": {"a": {"template": "{b c}"}}, "roles": {"rules": [{"when": "title zz 1", "role": "r"}]}});
    for (method, path) in [("PUT", path.clone()), ("POST", format!("{path}/preview"))] {
        let answer = scene.ask(method, &path, Some(wrong.clone())).await;
        let fields: Vec<String> = answer.body["errors"]
            .as_array()
            .expect("errors")
            .iter()
            .map(|fault| text(&fault["field"]))
            .collect();
        assert_eq!(
            (answer.status, fields),
            (422, vec!["attributes.a.template".into(), "roles.rules[0].when".into()])
        );
    }
    assert_eq!(scene.get(&path).await["version"], json!(0));
    let nowhere = "/directories/directory_01HQ0000000000000000000000/mapping";
    assert_eq!(scene.ask("PUT", nowhere, Some(json!({}))).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_provider_has_other_defaults_for_all() {
    let scene = Scene::new();
    let customer = scene.directory(json!({"name": "x", "provider": "generic"})).await;
    let user = scene
        .user(&customer, json!({"userName": "a@x", "managerId": "b@x"}))
        .await;
    let path = format!("/directories/{}", customer.id);
    assert_eq!(scene.ask("PATCH", &path, Some(json!({"provider": "okta"}))).await.status, 200);
    let seen = settled(&scene, &customer).await;
    assert_eq!((&seen["is_default"], &seen["remap"]["done"]), (&json!(true), &json!(1)));
    let user = scene.get(&format!("/directory_users/{user}")).await;
    assert_eq!(user["custom_attributes"]["manager_email"], json!("b@x"));
    scene.assert_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_is_mapped_again_in_silence() {
    let scene = Scene::new();
    let customer = scene.directory(json!({"name": "x", "state": "validating"})).await;
    let user = scene.user(&customer, json!({"userName": "a@x", "title": "T"})).await;
    let document = json!({"attributes": {"t": "title"}, "roles": {"default": "member"}});
    put(&scene, &customer, document).await;
    assert_eq!(count(&scene, &customer).await, 0);
    let path = format!("/directories/{}", customer.id);
    assert_eq!(scene.ask("PATCH", &path, Some(json!({"state": "linked"}))).await.status, 200);
    let told = told(&scene, &customer, 0).await;
    assert!(told.contains(&named("dsync.user.created", "directory_activated", json!("member"))), "{told:?}");
    assert_eq!(scene.get(&format!("/directory_users/{user}")).await["custom_attributes"]["t"], json!("T"));
    scene.assert_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn large_groups_follow_their_new_name_in_the_background() {
    use crate::base::limits::ROLE_MEMBERS_PER_WRITE_MAX as MAX;
    let scene = Scene::new();
    let customer = scene.directory(json!({"name": "x"})).await;
    let mut users = Vec::with_capacity(MAX + 1);
    for number in 0..=MAX {
        users.push(scene.user(&customer, json!({"userName": format!("u{number}@x")})).await);
    }
    put(&scene, &customer, json!({"roles": {"rules": [{"group": "All", "role": "all"}]}})).await;
    let members: Vec<&str> = users.iter().map(String::as_str).collect();
    for (size, state) in [(MAX, "done"), (MAX + 1, "running")] {
        let group = scene.group(&customer, "Nobody", &members[..size]).await;
        scene.rename_group(&customer, &group, "All").await;
        let remap = scene.get(&format!("/directories/{}/mapping", customer.id)).await["remap"].clone();
        // The run may be over by the time it is looked at: a second one was begun all the same.
        let is_expected = remap["state"] == state || remap["changed"] == json!(size);
        assert!(is_expected, "{size}: {remap}");
        settled(&scene, &customer).await;
        let user = scene.get(&format!("/directory_users/{}", users[size - 1])).await;
        assert_eq!(user["roles"], json!([{"slug": "all"}]), "{size}");
        scene.delete_group(&customer, &group).await;
        settled(&scene, &customer).await;
        let user = scene.get(&format!("/directory_users/{}", users[size - 1])).await;
        assert_eq!(user["roles"], json!([]), "{size}");
    }
    scene.assert_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_seen_can_be_registered() {
    const URN: &str = "urn:acme:scim:2.0:User";
    let scene = Scene::new();
    let customer = scene.directory(json!({"name": "x"})).await;
    scene.user(&customer, json!({"userName": "a@x", "title": "T", URN: {"badge": "A-1"}})).await;
    scene.user(&customer, json!({"userName": "b@x"})).await;
    let path = format!("/directories/{}/attributes", customer.id);
    let seen = scene.get(&path).await;
    let one = |path: &str| {
        let found = seen["data"].as_array().expect("a list").iter().find(|item| item["path"] == path);
        found.unwrap_or_else(|| panic!("{path}: {seen}")).clone()
    };
    let badge = one(&format!("{URN}:badge"));
    assert_eq!(
        (&badge["schema"], &badge["count"], &badge["share"], &badge["is_mapped"]),
        (&json!("unregistered"), &json!(1), &json!(0.5), &json!(false))
    );
    assert_eq!(one("title")["is_mapped"], json!(true));
    assert_eq!(one("userName")["samples"], json!(["b@x", "a@x"]), "newest first");
    let register = format!("{path}/register");
    let made = scene.ask("POST", &register, Some(json!({"urn": URN}))).await;
    assert_eq!(
        (made.status, &made.body["schema"]["attributes"][0]["name"]),
        (201, &json!("badge")),
        "{}",
        made.body
    );
    assert_eq!(scene.ask("POST", &register, Some(json!({"urn": URN}))).await.status, 409);
    assert_eq!(scene.ask("POST", &register, Some(json!({"urn": "urn:acme:other:1.0"}))).await.status, 422);
    assert_eq!(scene.ask("POST", &register, Some(json!({}))).await.status, 422);
}
