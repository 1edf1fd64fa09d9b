//! That what is sent has every key that the description requires, and that events and answers agree.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::{Value, json};

use super::*;
use crate::model::directory::DirectoryCounts;
use crate::model::event::NewEvent;
use crate::model::testing;

fn sent<T: Serialize>(value: T) -> Value {
    serde_json::to_value(value).expect("serializes")
}

fn require(object: &Value, keys: &[&str]) {
    for key in keys {
        assert!(object.get(key).is_some(), "{key} is missing in {object}");
    }
}

#[test]
fn a_user_in_an_answer_is_the_user_in_an_event_and_its_groups() {
    let (user, group) = (testing::user(), testing::group());
    let groups = [group.clone()];
    let mut answer = sent(directory_user::DirectoryUserWithGroups::new(&user, &groups));
    let groups = answer.as_object_mut().and_then(|user| user.shift_remove("groups"));
    assert_eq!(answer, Value::Object(NewEvent::user_created(&user).data));
    assert_eq!(groups, Some(json!([NewEvent::group_created(&group).data])));
}

#[test]
fn a_group_counts_its_members_when_asked() {
    let group = testing::group();
    let answer = sent(directory_group::DirectoryGroup::from(&group).with_members_count(3));
    assert_eq!(answer["members_count"], 3);
    assert!(sent(directory_group::DirectoryGroup::from(&group)).get("members_count").is_none());
}

#[test]
fn a_directory_is_linked_and_counts_what_is_in_it() {
    let directory = testing::directory();
    let counts =
        DirectoryCounts { users_active: 2, users_inactive: 1, groups: 4, ..DirectoryCounts::default() };
    let answer = sent(directory::Directory::new(&directory, counts, "https://x/scim/v2/acme"));
    require(
        &answer,
        &[
            "object",
            "id",
            "organization_id",
            "external_key",
            "type",
            "state",
            "name",
            "created_at",
            "updated_at",
        ],
    );
    assert_eq!(answer["state"], "linked");
    assert_eq!(answer["metadata"], json!({"users": {"active": 2, "inactive": 1}, "groups": 4}));
}

#[test]
fn an_organization_has_every_required_key() {
    let organization = testing::organization();
    let answer = sent(organization::Organization::from(&organization));
    require(
        &answer,
        &["object", "id", "name", "domains", "metadata", "external_id", "created_at", "updated_at"],
    );
    assert_eq!(answer["metadata"], json!({"tier": "gold"}));
    require(
        &answer["domains"][0],
        &["object", "id", "organization_id", "domain", "created_at", "updated_at"],
    );
}

#[test]
fn a_page_always_has_both_cursors() {
    let page = list::List::<u8>::new(Vec::new(), list::Cursors::default());
    assert_eq!(
        sent(page),
        json!({"object": "list", "data": [], "list_metadata": {"before": null, "after": null}})
    );
}
