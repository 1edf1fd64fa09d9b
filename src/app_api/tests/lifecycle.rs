//! The brake, alarms, health and dry runs, as the app and the operator meet them.

use serde_json::{Value, json};

use super::scene::{Customer, Scene, ids, text};
use crate::base::id::{DirectoryId, UserId};
use crate::base::limits;
use crate::model::alarm::AlarmKind;
use crate::model::event::Cause;
use crate::service::app::AppFailure;
use crate::service::{AppCaller, alarms};
use crate::store::directory::{UserRow, UserStatus, UserWrite};

/// A directory that holds from the second user on, and four users of it.
async fn braked(scene: &Scene) -> (Customer, Vec<String>) {
    let brake = json!({"mode": "hold", "threshold_percent": 0, "threshold_min": 1, "window": "1h"});
    let customer = scene.directory(json!({"name": "Acme", "brake": brake})).await;
    let mut users = Vec::new();
    for name in ["a", "b", "c", "d"] {
        users.push(scene.user(&customer, person(name, true)).await);
    }
    (customer, users)
}

fn person(name: &str, active: bool) -> Value {
    let email = format!("{name}@x.example");
    json!({"userName": name, "externalId": format!("ext-{name}"), "active": active,
           "emails": [{"value": email, "primary": true}]})
}

impl Scene {
    async fn leave(&self, customer: &Customer, users: &[String], names: &[&str]) {
        for (user, name) in users.iter().zip(names) {
            self.replace(customer, user, person(name, false)).await;
        }
    }

    async fn held(&self, customer: &Customer) -> Vec<String> {
        ids(&self.get(&format!("/directories/{}/held?limit=1000", customer.id)).await)
    }

    async fn decide(&self, customer: &Customer, verb: &str, body: Value) -> Value {
        let answer = self.ask("POST", &format!("/directories/{}/held/{verb}", customer.id), Some(body)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    async fn reason(&self, query: &str) -> String {
        text(&self.get(&format!("/access?{query}")).await["reason"])
    }

    /// Kinds of a directory's open alarms.
    async fn open(&self, customer: &Customer) -> Vec<String> {
        let list = self.get(&format!("/alarms?directory={}&open=true&order=asc", customer.id)).await;
        list["data"].as_array().expect("a list").iter().map(|alarm| text(&alarm["kind"])).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_held_has_no_access_by_any_name_and_the_app_sees_no_change() {
    let scene = Scene::new();
    let (customer, users) = braked(&scene).await;
    let group = scene.group(&customer, "Team", &[&users[0], &users[1]]).await;
    let before = scene.told(&customer).await.len();
    scene.leave(&customer, &users, &["a", "b"]).await;
    scene.delete(&customer, &users[2]).await;
    assert_eq!(
        scene.told(&customer).await[before..],
        ["dsync.user.updated"],
        "the first one alone is told of"
    );
    assert_eq!(scene.held(&customer).await, users[1..3]);
    for (user, name) in [(&users[1], "b"), (&users[2], "c")] {
        for query in [format!("user={user}"), format!("email={name}@x.example"), format!("idp_id=ext-{name}")]
        {
            assert_eq!(scene.reason(&format!("{query}&directory={}", customer.id)).await, "held", "{query}");
        }
        assert_eq!(scene.get(&format!("/directory_users/{user}")).await["state"], "active");
    }
    let seen = scene.get(&format!("/directories/{}", customer.id)).await;
    assert_eq!((&seen["held_users"], &seen["metadata"]["users"]["active"]), (&json!(2), &json!(3)), "{seen}");
    assert_eq!(scene.get(&format!("/directory_groups/{group}")).await["members_count"], 2);
    for (query, expected) in
        [("email=b@x.example", 1), ("idp_id=ext-c", 1), ("state=active", 3), ("state=inactive", 1)]
    {
        let list = scene.get(&format!("/directory_users?directory={}&{query}", customer.id)).await;
        assert_eq!(ids(&list).len(), expected, "{query}");
    }
    assert_eq!(scene.open(&customer).await, ["deprovisioning_wave", "users_held"]);
    scene.assert_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn approval_tells_in_order_with_the_requests_that_did_it() {
    let scene = Scene::new();
    let (customer, users) = braked(&scene).await;
    scene.leave(&customer, &users, &["a", "b"]).await;
    scene.delete(&customer, &users[2]).await;
    let held = scene.get(&format!("/directories/{}/held", customer.id)).await;
    let before = scene.told(&customer).await.len();
    let done = scene.decide(&customer, "approve", json!({})).await;
    assert_eq!(done, json!({"object": "held_decision", "decision": "approved", "users": 2, "remaining": 0}));
    let events = scene.get(&format!("/events?directory={}&limit=1000", customer.id)).await;
    let told: Vec<&Value> = events["data"].as_array().expect("a list").iter().rev().take(2).collect();
    let seen =
        |event: &Value| (text(&event["event"]), text(&event["context"]["cause"]), text(&event["data"]["id"]));
    assert_eq!(seen(told[1]), ("dsync.user.updated".into(), "deactivated".into(), users[1].clone()));
    assert_eq!(seen(told[0]), ("dsync.user.deleted".into(), "deleted".into(), users[2].clone()));
    for (event, row) in [(told[1], 0), (told[0], 1)] {
        assert_eq!(event["context"]["request_id"], held["data"][row]["request_id"]);
        assert_eq!(event["context"]["actor"]["id"], "operator");
    }
    assert_eq!(scene.told(&customer).await.len(), before + 2);
    assert_eq!(scene.reason(&format!("user={}", users[1])).await, "inactive");
    assert_eq!(scene.open(&customer).await, ["deprovisioning_wave"], "it is over when its window is");
    // The wave was decided: the next one is counted anew.
    scene.leave(&customer, &users[3..], &["d"]).await;
    assert_eq!(scene.held(&customer).await, Vec::<String>::new());
    scene.assert_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_denied_has_access_as_the_app_sees_it_and_can_be_approved_later() {
    let scene = Scene::new();
    let (customer, users) = braked(&scene).await;
    scene.leave(&customer, &users, &["a", "b", "c"]).await;
    let before = scene.told(&customer).await.len();
    let done = scene.decide(&customer, "deny", json!({"users": [users[1]]})).await;
    assert_eq!((&done["users"], &done["remaining"]), (&json!(1), &json!(1)));
    assert_eq!(scene.reason(&format!("user={}", users[1])).await, "active");
    assert_eq!(scene.reason(&format!("user={}", users[2])).await, "held");
    let seen = scene.get(&format!("/directories/{}", customer.id)).await;
    assert_eq!((&seen["held_users"], &seen["denied_users"]), (&json!(1), &json!(1)));
    // The provider says nothing new by deleting: it stays denied.
    scene.delete(&customer, &users[1]).await;
    assert_eq!(scene.reason(&format!("user={}", users[1])).await, "active");
    assert_eq!(scene.told(&customer).await.len(), before);
    scene.assert_sound();
    scene.decide(&customer, "approve", json!({"users": [users[1]]})).await;
    assert_eq!(scene.told(&customer).await[before..], ["dsync.user.deleted"]);
    assert_eq!(scene.reason(&format!("user={}", users[1])).await, "unknown_user");
    scene.assert_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_is_no_longer_held_and_nothing_is_told() {
    let scene = Scene::new();
    let (customer, users) = braked(&scene).await;
    scene.leave(&customer, &users, &["a", "b", "c"]).await;
    scene.delete(&customer, &users[2]).await;
    let before = scene.told(&customer).await.len();
    scene.replace(&customer, &users[1], person("b", true)).await;
    assert_eq!(scene.user(&customer, person("c", true)).await, users[2], "the same person");
    assert_eq!(scene.told(&customer).await.len(), before, "nothing differs from what the app saw");
    assert_eq!(scene.held(&customer).await, Vec::<String>::new());
    assert_eq!(scene.reason(&format!("user={}", users[2])).await, "active");
    assert_eq!(scene.open(&customer).await, ["deprovisioning_wave"]);
    scene.assert_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_person_of_the_same_name_comes_and_the_old_one_stays_held() {
    let scene = Scene::new();
    let (customer, users) = braked(&scene).await;
    scene.leave(&customer, &users, &["a", "b"]).await;
    let mut other = person("b", true);
    other["externalId"] = json!("ext-other");
    let new = scene.user(&customer, other).await;
    assert_ne!(new, users[1]);
    assert_eq!(scene.held(&customer).await, users[1..2]);
    assert_eq!(scene.reason(&format!("user={new}")).await, "active");
    let by_email = format!("email=b@x.example&directory={}", customer.id);
    assert_eq!(scene.reason(&by_email).await, "some_inactive", "the address is still that of somebody held");
    scene.assert_sound();
    scene.decide(&customer, "approve", json!({})).await;
    assert_eq!(scene.reason(&by_email).await, "active");
    scene.assert_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_is_deleted_is_left_by_those_who_are_held() {
    let scene = Scene::new();
    let (customer, users) = braked(&scene).await;
    let group = scene.group(&customer, "Team", &[&users[1]]).await;
    scene.leave(&customer, &users, &["a", "b"]).await;
    scene.delete_group(&customer, &group).await;
    assert_eq!(scene.get(&format!("/directory_users/{}", users[1])).await["groups"], json!([]));
    scene.assert_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_holds_nobody_and_a_deleted_directory_holds_nobody_any_more() {
    let scene = Scene::new();
    let (customer, users) = braked(&scene).await;
    scene.leave(&customer, &users, &["a", "b"]).await;
    assert_eq!(scene.ask("DELETE", &format!("/directories/{}", customer.id), None).await.status, 202);
    assert_eq!(scene.reason(&format!("user={}", users[1])).await, "unknown_user");
    scene.assert_sound();
    let brake = json!({"mode": "hold", "threshold_percent": 0, "threshold_min": 0});
    let dry = scene.directory(json!({"name": "Dry", "state": "validating", "brake": brake})).await;
    let user = scene.user(&dry, person("a", true)).await;
    scene.leave(&dry, &[user], &["a"]).await;
    assert_eq!(scene.held(&dry).await, Vec::<String>::new());
    assert_eq!(scene.open(&dry).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_is_raised_once_grows_and_is_acknowledged() {
    let scene = Scene::new();
    let customer =
        scene.directory(json!({"name": "x", "brake": {"threshold_percent": 0, "threshold_min": 1}})).await;
    for name in ["a", "b", "c"] {
        let user = scene.user(&customer, person(name, true)).await;
        scene.leave(&customer, &[user], &[name]).await;
    }
    let list = scene.get(&format!("/alarms?directory={}", customer.id)).await;
    assert_eq!(ids(&list).len(), 1, "{list}");
    let alarm = &list["data"][0];
    assert_eq!(
        (&alarm["detail"]["users"], &alarm["detail"]["mode"]),
        (&json!(3), &json!("alarm")),
        "{alarm}"
    );
    assert_eq!(
        scene.get(&format!("/directories/{}", customer.id)).await["alarms"],
        json!(["deprovisioning_wave"])
    );
    let path = format!("/alarms/{}/acknowledge", text(&alarm["id"]));
    let seen = scene.ask("POST", &path, None).await;
    assert_eq!(
        (seen.status, &seen.body["acknowledged_by"], &seen.body["open"]),
        (200, &json!("operator"), &json!(true))
    );
    let none = "/alarms/alarm_01HQ0000000000000000000000/acknowledge";
    assert_eq!(scene.ask("POST", none, None).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_watch_brings_alarms_up_to_date_and_clears_them() {
    let scene = Scene::new();
    let (customer, users) = braked(&scene).await;
    scene.leave(&customer, &users, &["a", "b", "c"]).await;
    let caller = AppCaller::operator();
    alarms::look(&scene.context, &caller).await;
    let list = scene.get(&format!("/alarms?directory={}&open=true", customer.id)).await;
    let held = list["data"].as_array().expect("a list").iter().find(|alarm| alarm["kind"] == "users_held");
    assert_eq!(held.expect("an alarm")["detail"], json!({"users": 2}));
    scene.decide(&customer, "deny", json!({})).await;
    alarms::look(&scene.context, &caller).await;
    assert_eq!(scene.open(&customer).await, Vec::<String>::new(), "decided, and nobody waits");
    let all = scene.get(&format!("/alarms?directory={}&open=false", customer.id)).await;
    assert_eq!(ids(&all).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_taken_up_to_their_bounds() {
    let scene = Scene::new();
    let customer = scene.directory(json!({"name": "x"})).await;
    let path = format!("/directories/{}", customer.id);
    let seen = scene.get(&path).await;
    assert_eq!(
        seen["brake"],
        json!({"mode": "alarm", "threshold_percent": 10, "threshold_min": 5, "window": "1h"})
    );
    assert_eq!(seen["silence_after"], "1d2h");
    for (body, field) in [
        (json!({"brake": {"threshold_percent": 101}}), "brake.threshold_percent"),
        (json!({"brake": {"mode": "stop"}}), "brake.mode"),
        (json!({"brake": {"window": "7d1s"}}), "brake.window"),
        (json!({"brake": {"windw": "1h"}}), "brake.windw"),
        (json!({"brake": "hold"}), "brake"),
        (json!({"silence_after": "365d1s"}), "silence_after"),
        (json!({"silence_after": "0s"}), "silence_after"),
    ] {
        let answer = scene.ask("PATCH", &path, Some(body.clone())).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (422, &json!(field)), "{body}");
    }
    let most = json!({"brake": {"mode": "hold", "threshold_percent": 100, "window": "7d"}, "silence_after": "never"});
    let answer = scene.ask("PATCH", &path, Some(most)).await;
    assert_eq!((answer.status, &answer.body["silence_after"]), (200, &json!("never")), "{}", answer.body);
    let kept = json!({"mode": "hold", "threshold_percent": 100, "threshold_min": 5, "window": "7d"});
    assert_eq!(answer.body["brake"], kept);
}

#[tokio::test(flavor = "multi_thread")]
async fn as_many_users_as_may_be_are_named_and_one_more_is_refused() {
    let scene = Scene::new();
    let (customer, _) = braked(&scene).await;
    let named = |count: usize| {
        let ids = (0..count).map(|_| UserId::new(scene.context.clock.now()).to_string());
        json!({"users": ids.collect::<Vec<_>>()})
    };
    let path = format!("/directories/{}/held/approve", customer.id);
    for (body, status) in [
        (named(limits::HELD_NAMED_MAX), 200),
        (named(limits::HELD_NAMED_MAX + 1), 422),
        (named(0), 422),
        (json!({"users": "all"}), 422),
        (json!({"user": []}), 422),
        (json!({"users": ["directory_user_1"]}), 422),
    ] {
        let answer = scene.ask("POST", &path, Some(body)).await;
        assert_eq!(answer.status, status, "{}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_named_twice_is_decided_about_once() {
    let scene = Scene::new();
    let (customer, users) = braked(&scene).await;
    scene.leave(&customer, &users, &["a", "b"]).await;
    let before = scene.get("/events?limit=1000").await["data"].as_array().map_or(0, Vec::len);
    let done = scene.decide(&customer, "approve", json!({"users": [users[1], users[1]]})).await;
    assert_eq!(done["users"], json!(1));
    let after = scene.get("/events?limit=1000").await["data"].as_array().map_or(0, Vec::len);
    assert_eq!(after, before + 1, "one event");
}

/// Holds so many users without asking for each, as a wave would.
async fn wave(scene: &Scene, customer: &Customer, count: usize) {
    let directory: DirectoryId = customer.id.parse().expect("an id");
    let work = move |tx: &mut crate::store::app::AppTransaction<'_, '_>| -> Result<(), AppFailure> {
        for _ in 0..count {
            let now = tx.now();
            let id: UserId = tx.new_id();
            let mut row = UserRow {
                id,
                status: UserStatus::Active,
                visible: true,
                user_name: id.to_string(),
                external_id: None,
                version: 1,
                created_at: now,
                last_modified: now,
                updated_at: now,
                view: "{}".to_owned(),
                roles: Vec::new(),
                extra: None,
                document: "{}".to_owned(),
            };
            let tx = &mut tx.directory(directory);
            tx.insert_user(&row, &UserWrite::default())?;
            tx.freeze_user(row.id, None, Cause::Deactivated, None)?;
            (row.status, row.visible) = (UserStatus::Inactive, false);
            tx.update_user(&row, &UserWrite::default())?;
        }
        Ok(())
    };
    scene.context.store.write_app(AppCaller::operator().scope(), work).await.expect("written");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_decides_about_so_many_and_says_how_many_remain() {
    let scene = Scene::new();
    let (customer, _) = braked(&scene).await;
    wave(&scene, &customer, limits::HELD_PER_REQUEST_MAX).await;
    let done = scene.decide(&customer, "deny", json!({})).await;
    assert_eq!((&done["users"], &done["remaining"]), (&json!(limits::HELD_PER_REQUEST_MAX), &json!(0)));
    wave(&scene, &customer, limits::HELD_PER_REQUEST_MAX + 1).await;
    let done = scene.decide(&customer, "deny", json!({})).await;
    assert_eq!((&done["users"], &done["remaining"]), (&json!(limits::HELD_PER_REQUEST_MAX), &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn those_named_are_all_decided_about_however_many_commits_it_takes() {
    let scene = Scene::new();
    let (customer, _) = braked(&scene).await;
    for count in [limits::HELD_PER_COMMIT_MAX, limits::HELD_PER_COMMIT_MAX + 1] {
        wave(&scene, &customer, count).await;
        let users = scene.held(&customer).await;
        let done = scene.decide(&customer, "approve", json!({"users": users})).await;
        assert_eq!((&done["users"], &done["remaining"]), (&json!(count), &json!(0)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_says_what_activation_then_writes() {
    let scene = Scene::new();
    let dry = scene.directory(json!({"name": "Dry", "state": "validating"})).await;
    let path = format!("/directories/{}/preview", dry.id);
    assert_eq!(scene.get(&path).await["problems"][0]["kind"], "no_users");
    let one = scene.user(&dry, person("a", true)).await;
    let two = scene.user(&dry, json!({"userName": "b", "externalId": "2", "active": false})).await;
    scene.group(&dry, "Team", &[&one, &two, "directory_user_01HQ0000000000000000000000"]).await;
    let preview = scene.get(&path).await;
    assert_eq!(
        (&preview["users"], &preview["groups"]),
        (&json!({"active": 1, "inactive": 1}), &json!(1)),
        "{preview}"
    );
    let kinds: Vec<String> = preview["problems"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|problem| text(&problem["kind"]))
        .collect();
    assert_eq!(kinds, ["users_without_email", "pending_members"]);
    assert_eq!(preview["problems"][0]["examples"], json!([two]));
    assert_eq!(scene.told(&dry).await, Vec::<String>::new());
    let answer =
        scene.ask("PATCH", &format!("/directories/{}", dry.id), Some(json!({"state": "linked"}))).await;
    assert_eq!(answer.status, 200);
    let events = scene.get(&format!("/events?directory={}&limit=1000", dry.id)).await;
    assert_eq!(json!(events["data"].as_array().expect("a list").len()), preview["events"]);
    assert_eq!(scene.ask("GET", &path, None).await.status, 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn health_counts_what_waits_and_names_what_is_open() {
    let scene = Scene::new();
    let (customer, users) = braked(&scene).await;
    scene.group(&customer, "Team", &["directory_user_01HQ0000000000000000000000"]).await;
    scene.leave(&customer, &users, &["a", "b"]).await;
    let health = scene.get(&format!("/directories/{}/health", customer.id)).await;
    assert_eq!(health["users"], json!({"active": 3, "inactive": 1, "held": 1, "denied": 0}));
    assert_eq!((&health["pending_members"], &health["status"]), (&json!(1), &json!("attention")));
    assert_eq!(health["alarms"], json!(["deprovisioning_wave", "users_held"]));
    assert_eq!((&health["errors_24h"], &health["tokens_end_at"]), (&json!({}), &Value::Null));
    assert!(health["last_success_at"].is_string(), "{health}");
    let none = scene.ask("GET", "/directories/directory_01HQ0000000000000000000000/health", None).await;
    assert_eq!(none.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn as_many_cleared_alarms_are_kept_as_may_be() {
    let scene = Scene::new();
    let customer = scene.directory(json!({"name": "x"})).await;
    let directory: DirectoryId = customer.id.parse().expect("an id");
    let caller = AppCaller::operator();
    let raise_and_clear = |times: usize| {
        let work = move |tx: &mut crate::store::app::AppTransaction<'_, '_>| -> Result<(), AppFailure> {
            for _ in 0..times {
                let tx = &mut tx.directory(directory);
                alarms::raise(tx, AlarmKind::ConnectorFailed, &alarms::counts([("runs", 1)]))?;
                alarms::clear(tx, AlarmKind::ConnectorFailed)?;
            }
            Ok(())
        };
        scene.context.store.write_app(caller.scope(), work)
    };
    let path = format!("/alarms?directory={}&limit=1000", customer.id);
    raise_and_clear(limits::ALARMS_KEPT_MAX).await.expect("written");
    let kept = ids(&scene.get(&path).await);
    assert_eq!(kept.len(), limits::ALARMS_KEPT_MAX);
    raise_and_clear(1).await.expect("written");
    let now = ids(&scene.get(&path).await);
    assert_eq!(
        (now.len(), &now[1..]),
        (limits::ALARMS_KEPT_MAX, &kept[..kept.len() - 1]),
        "the oldest is gone"
    );
}
