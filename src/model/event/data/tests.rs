//! The shape of each kind of event's data.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::base::id::EventId;
use crate::base::time::Timestamp;
use crate::model::event::{Cause, Event, EventContext};
use crate::model::testing::{directory, domain, group, token, user};

use super::*;

fn keys(data: &Map<String, Value>) -> Vec<&str> {
    data.keys().map(String::as_str).collect()
}

#[test]
fn activated_has_the_domains_and_the_state_as_events_say_it() {
    let event = NewEvent::activated(&directory(), &[domain()]);
    assert_eq!(event.data["state"], "active");
    assert_eq!(event.data["domains"][0]["object"], "organization_domain");
    assert_eq!(event.data["domains"][0]["domain"], "example.com");
    assert_eq!(event.data["type"], "okta scim v2.0");
}

#[test]
fn deleted_says_that_the_directory_is_deleting_and_has_no_domains() {
    let event = NewEvent::deleted(&directory());
    assert_eq!(event.data["state"], "deleting");
    assert!(!event.data.contains_key("domains"));
}

#[test]
fn a_user_without_roles_has_no_role_and_an_empty_list_of_roles() {
    let mut user = user();
    user.roles.clear();
    let event = NewEvent::user_created(&user);
    assert_eq!(
        keys(&event.data),
        [
            "object",
            "id",
            "directory_id",
            "organization_id",
            "idp_id",
            "email",
            "first_name",
            "last_name",
            "name",
            "emails",
            "job_title",
            "username",
            "state",
            "raw_attributes",
            "custom_attributes",
            "roles",
            "created_at",
            "updated_at",
        ]
    );
    assert_eq!(event.data["roles"], json!([]));
}

#[test]
fn an_update_tells_what_was_before() {
    let before = user();
    let mut after = user();
    after.view.job_title = None;
    after.updated_at = Timestamp::from_millis(9);
    let event = NewEvent::user_updated(&before, &after).expect("a difference");
    assert_eq!(event.data["previous_attributes"], json!({"job_title": "Engineer"}));
}

#[test]
fn an_update_that_the_app_does_not_see_is_none() {
    let mut after = user();
    after.updated_at = Timestamp::from_millis(9);
    assert_eq!(NewEvent::user_updated(&user(), &after), None);
    assert_eq!(NewEvent::group_updated(&group(), &group()), None);
}

#[test]
fn a_membership_holds_both_whole() {
    for event in
        [NewEvent::group_user_added(&group(), &user()), NewEvent::group_user_removed(&group(), &user())]
    {
        assert_eq!(keys(&event.data), ["directory_id", "user", "group"]);
        assert_eq!(event.data["group"]["name"], "Developers");
        assert_eq!(event.data["user"]["email"], "jane@example.com");
    }
}

#[test]
fn a_token_event_never_holds_more_than_the_suffix() {
    for event in [NewEvent::token_created(&token()), NewEvent::token_revoked(&token())] {
        assert_eq!(
            keys(&event.data),
            ["object", "id", "directory_id", "organization_id", "token_suffix", "created_at"]
        );
    }
}

#[test]
fn an_update_has_the_previous_attributes_in_its_data_and_its_context() {
    let before = user();
    let mut after = user();
    after.view.job_title = None;
    let new = NewEvent::user_updated(&before, &after).expect("a difference");
    let event = Event {
        id: EventId::new(Timestamp::from_millis(1)),
        name: new.name,
        directory_id: before.directory_id,
        organization_id: before.organization_id,
        directory_sequence: 7,
        epoch: 1,
        data: new.data,
        context: EventContext { cause: Cause::Updated, request_id: None, actor: None },
        created_at: Timestamp::from_millis(1),
    };
    let answer: Value = serde_json::from_str(&event.body()).expect("is JSON");
    assert_eq!(answer["data"]["previous_attributes"], json!({"job_title": "Engineer"}));
    assert_eq!(
        answer["context"],
        json!({"cause": "updated", "previous_attributes": {"job_title": "Engineer"}})
    );
    assert_eq!((&answer["directory_sequence"], &answer["epoch"]), (&json!(7), &json!(1)));
}
