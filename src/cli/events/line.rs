//! One event in one line: when, what kind, which directory, who or what, and why.

use serde_json::Value;

use crate::base::id::EventId;
use crate::cli::shown::{ABSENT, text, time};

/// As wide as the longest name of an event.
const EVENT_CHARS: usize = 24;

/// The line, without its end.
pub fn event_line(event: &Value, directory: &str) -> String {
    format!(
        "{}  {:<EVENT_CHARS$}  {directory}  {}  {}",
        time(event, "/created_at"),
        text(event, "/event"),
        what(event),
        why(event)
    )
}

/// Who or what an event is about.
pub fn what(event: &Value) -> String {
    let name = event.get("event").and_then(Value::as_str).unwrap_or_default();
    let part = |pointer: &str| event.pointer(pointer).unwrap_or(&Value::Null);
    match name {
        "dsync.group.user_added" => {
            format!("{} to {}", person(part("/data/user")), text(event, "/data/group/name"))
        }
        "dsync.group.user_removed" => {
            format!("{} from {}", person(part("/data/user")), text(event, "/data/group/name"))
        }
        _ if name.starts_with("dsync.user.") => person(part("/data")),
        _ if name.starts_with("dsync.token.") => format!("token …{}", text(event, "/data/token_suffix")),
        _ => text(event, "/data/name"),
    }
}

/// `Ada Lovelace <ada@acme.test>`, or what of it is known.
fn person(user: &Value) -> String {
    let known = |pointer: &str| Some(text(user, pointer)).filter(|text| text != ABSENT);
    match (known("/name"), known("/email")) {
        (Some(name), Some(email)) => format!("{name} <{email}>"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => known("/username").unwrap_or_else(|| text(user, "/id")),
    }
}

/// The cause, with what changed.
pub fn why(event: &Value) -> String {
    let cause = text(event, "/context/cause");
    let previous = event.pointer("/data/previous_attributes").and_then(Value::as_object);
    // What moves with every change says nothing about this one.
    let is_telling = |name: &&String| !matches!(name.as_str(), "updated_at" | "raw_attributes");
    let changed: Vec<String> = previous
        .into_iter()
        .flat_map(serde_json::Map::keys)
        .filter(is_telling)
        .map(|name| crate::cli::shown::safe(name))
        .collect();
    if changed.is_empty() { cause } else { format!("{cause}: {}", changed.join(", ")) }
}

/// The greatest id that is less than this one.
pub fn id_before(id: EventId) -> Option<EventId> {
    id.ulid().0.checked_sub(1).map(|before| EventId::from_ulid(ulid::Ulid(before)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(event: Value, expected: &str) {
        assert_eq!(event_line(&event, "acme"), expected);
    }

    #[test]
    fn a_user_event_names_the_person_and_what_changed() {
        let event = json!({
            "event": "dsync.user.updated", "created_at": "2026-01-15T12:00:00.123Z",
            "data": {
                "name": "Ada Lovelace", "email": "ada@acme.test",
                "previous_attributes": {"state": "active", "updated_at": "x", "raw_attributes": {}},
            },
            "context": {"cause": "deactivated"},
        });
        let expected = "2026-01-15 12:00:00Z  dsync.user.updated        acme  Ada Lovelace <ada@acme.test>  \
                        deactivated: state";
        check(event, expected);
    }

    #[test]
    fn a_membership_names_both_sides() {
        let event = json!({
            "event": "dsync.group.user_removed", "created_at": "2026-01-15T12:00:00.123Z",
            "data": {"user": {"name": null, "email": null, "username": "ada"}, "group": {"name": "R&D"}},
            "context": {"cause": "member_removed"},
        });
        check(event, "2026-01-15 12:00:00Z  dsync.group.user_removed  acme  ada from R&D  member_removed");
    }

    #[test]
    fn directories_groups_and_tokens_go_by_what_they_are_called() {
        let event = |name: &str, data: Value| json!({"event": name, "data": data});
        assert_eq!(what(&event("dsync.activated", json!({"name": "Acme"}))), "Acme");
        assert_eq!(what(&event("dsync.group.created", json!({"name": "R&D"}))), "R&D");
        assert_eq!(what(&event("dsync.token.revoked", json!({"token_suffix": "4aZk"}))), "token …4aZk");
        assert_eq!(what(&event("dsync.user.created", json!({"email": "a@b.c"}))), "a@b.c");
    }

    #[test]
    fn a_name_can_not_write_a_second_line() {
        let event = json!({"event": "dsync.user.created", "data": {"name": "x\n2026 \u{1b}[31m"}});
        assert!(event_line(&event, "acme").contains("x\\n2026 \\u{1b}[31m"));
    }
}
