//! What a reader knows after some events, and which events can't follow.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::json;

use super::*;

/// Numbers events of one directory as the writer would.
#[derive(Default)]
struct Log {
    state: State,
    sequence: u64,
}

impl Log {
    fn apply(&mut self, name: &str, data: Value) -> Result<(), Reason> {
        self.sequence += 1;
        let event = json!({
            "object": "event", "id": format!("event_{:04}", self.sequence), "event": name, "data": data,
            "directory_id": "d", "directory_sequence": self.sequence, "epoch": 1,
        });
        self.state.apply(&event).map_err(|error| error.reason)
    }

    fn with_member() -> Self {
        let mut log = Self::default();
        log.apply("dsync.activated", json!({"id": "d"})).expect("applies");
        log.apply("dsync.user.created", user("Zoe")).expect("applies");
        log.apply("dsync.group.created", group()).expect("applies");
        log.apply("dsync.group.user_added", member("Zoe")).expect("applies");
        log
    }
}

fn user(name: &str) -> Value {
    json!({"id": "u", "directory_id": "d", "name": name})
}

fn group() -> Value {
    json!({"id": "g", "directory_id": "d", "name": "Staff"})
}

fn member(name: &str) -> Value {
    json!({"directory_id": "d", "user": user(name), "group": group()})
}

#[test]
fn a_membership_event_carries_the_newest_user() {
    let mut log = Log::with_member();
    log.apply("dsync.group.user_removed", member("Zoë")).expect("applies");
    assert_eq!(log.state.users["u"]["name"], "Zoë");
    assert!(log.state.memberships.is_empty());
}

#[test]
fn an_update_replaces_the_user_without_keeping_what_was_before() {
    let mut log = Log::with_member();
    let data = json!({"id": "u", "directory_id": "d", "name": "Zoë", "previous_attributes": {"name": "Zoe"}});
    log.apply("dsync.user.updated", data).expect("applies");
    assert_eq!(Value::Object(log.state.users["u"].clone()), user("Zoë"));
}

#[test]
fn a_deleted_user_or_group_takes_its_memberships_along() {
    for (name, data) in [("dsync.user.deleted", user("Zoe")), ("dsync.group.deleted", group())] {
        let mut log = Log::with_member();
        log.apply(name, data).expect("applies");
        assert!(log.state.memberships.is_empty(), "{name}");
        assert_eq!(log.state.users.len() + log.state.groups.len(), 1);
    }
}

#[test]
fn a_deleted_directory_takes_everything_of_it_along_and_nothing_else() {
    let mut log = Log::with_member();
    log.state.users.insert("other".into(), Map::from_iter([("directory_id".into(), json!("e"))]));
    log.apply("dsync.deleted", json!({"id": "d"})).expect("applies");
    assert!(log.state.directories.is_empty() && log.state.groups.is_empty());
    assert!(log.state.memberships.is_empty());
    assert_eq!(log.state.users.keys().collect::<Vec<_>>(), ["other"]);
}

#[test]
fn somebody_who_comes_back_is_announced_again_with_the_memberships() {
    let mut log = Log::with_member();
    let before = (log.state.users.clone(), log.state.memberships.clone());
    log.apply("dsync.user.deleted", user("Zoe")).expect("applies");
    log.apply("dsync.user.created", user("Zoe")).expect("applies");
    log.apply("dsync.group.user_added", member("Zoe")).expect("applies");
    assert_eq!((log.state.users, log.state.memberships), before);
}

#[test]
fn what_cannot_follow_is_an_error() {
    let there = |id: &str| Reason::AlreadyThere { id: id.to_owned() };
    let absent = |id: &str| Reason::NotThere { id: id.to_owned() };
    let table = [
        ("dsync.activated", json!({"id": "d"}), there("d")),
        ("dsync.user.created", user("Zoe"), there("u")),
        ("dsync.user.updated", json!({"id": "x"}), absent("x")),
        ("dsync.user.deleted", json!({"id": "x"}), absent("x")),
        ("dsync.group.user_added", member("Zoe"), there("u")),
        ("dsync.token.revoked", json!({"id": "t"}), absent("t")),
        ("dsync.user.deleted", json!({}), Reason::Malformed { field: "data.id" }),
        ("dsync.other", json!({}), Reason::UnknownName { name: "dsync.other".to_owned() }),
    ];
    for (name, data, expected) in table {
        assert_eq!(Log::with_member().apply(name, data), Err(expected), "{name}");
    }
}

#[test]
fn a_gap_and_a_step_back_are_errors() {
    let mut log = Log::with_member();
    log.sequence += 1;
    assert_eq!(log.apply("dsync.user.deleted", user("Zoe")), Err(Reason::Gap { expected: 5, found: 6 }));
    let mut log = Log::with_member();
    log.sequence -= 1;
    let before = "event_0004".to_owned();
    assert_eq!(log.apply("dsync.user.deleted", user("Zoe")), Err(Reason::OutOfOrder { before }));
}
