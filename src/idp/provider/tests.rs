//! The requests of each provider against what was recorded or documented of it.

mod transcripts;

use std::fs;
use std::path::Path;
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::idp::world::{Person, PersonKey, Presence};

use super::body::patch;
use super::{Account, Manager, Member, MemberChange, Pace, Provider, Team, entra, okta};

/// What the provider itself sent in a transcript, in order.
pub(super) fn steps(transcript: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/providers/transcripts").join(transcript);
    let text = fs::read_to_string(&path).unwrap();
    let transcript: Value = serde_json::from_str(&text).unwrap();
    let steps = transcript["steps"].as_array().unwrap();
    steps.iter().filter(|step| step.get("setup").is_none()).cloned().collect()
}

/// The bodies among it.
pub(super) fn bodies(transcript: &str) -> Vec<Value> {
    steps(transcript).iter().filter_map(|step| step.get("body").cloned()).collect()
}

pub(super) fn account(user_name: &str, email: &str, name: [&str; 2], external_id: &str) -> Account {
    let person = Person {
        key: PersonKey(1),
        presence: Presence::Here,
        user_name: user_name.to_owned(),
        email: email.to_owned(),
        given_name: name[0].to_owned(),
        family_name: name[1].to_owned(),
        display_name: String::new(),
        title: None,
        department: None,
        employee_number: None,
        phone: None,
        city: None,
        country: None,
        locale: None,
        manager: None,
    };
    Account { person, external_id: external_id.to_owned(), is_active: true, manager: None }
}

/// Every request that the provider itself sent in the transcripts: method, path and headers.
fn sent(transcripts: &[&str]) -> Vec<(Method, String, Value)> {
    let steps = transcripts.iter().flat_map(|name| steps(name));
    let read = |step: Value| {
        let mut headers = step["headers"].clone();
        headers.as_object_mut().unwrap().remove("Authorization");
        (
            step["method"].as_str().unwrap().parse().unwrap(),
            step["path"].as_str().unwrap().to_owned(),
            headers,
        )
    };
    steps.map(read).collect()
}

#[test]
fn headers_are_those_of_the_transcripts() {
    let okta = [
        "okta-01-save-provisioning-config.json",
        "okta-02-assign-user-create.json",
        "okta-04-update-user-put.json",
        "okta-05-oin-deactivate-reactivate-patch.json",
        "okta-08-group-create-and-rename.json",
        "okta-09-group-membership-patch.json",
        "okta-16-group-delete.json",
    ];
    let entra = [
        "entra-01-test-connection.json",
        "entra-02-create-user.json",
        "entra-08-disable-string-false.json",
        "entra-15-group-create-legacy-schema.json",
        "entra-17-group-rename-and-members-default.json",
        "entra-21-hard-delete.json",
    ];
    let providers: [(&dyn Provider, &[&str]); 2] = [(&okta::OIN, &okta), (&entra::DEFAULT, &entra)];
    for (provider, transcripts) in providers {
        for (method, path, wanted) in sent(transcripts) {
            let headers = provider.headers(&method).into_iter();
            let headers: Value = headers.map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
            assert_eq!(headers, wanted, "{} {method} {path}", provider.name());
        }
    }
}

#[test]
fn searches_are_encoded_as_in_the_transcripts() {
    let okta = okta::search("/Users", r#"userName eq "test.user@example.com""#);
    assert_eq!(okta, sent(&["okta-02-assign-user-create.json"])[0].1);
    let okta = okta::search("/Groups", r#"displayName eq "Test SCIMv2""#);
    assert_eq!(okta, sent(&["okta-08-group-create-and-rename.json"])[0].1);
    let users = entra::users_by("userName", "Test_User_ab6490ee@example.com");
    assert_eq!(users, sent(&["entra-02-create-user.json"])[0].1);
    let groups = entra::groups_by_name("displayName");
    assert_eq!(groups, sent(&["entra-15-group-create-legacy-schema.json"])[0].1);
}

#[test]
fn okta_changes_groups_as_documented() {
    let member = |id: &str, display: &str| Member { id: id.to_owned(), display: display.to_owned() };
    let team = |name: &str| Team { name: name.to_owned(), external_id: String::new(), members: Vec::new() };
    let renamed = okta::rename("{group1}", &team("Test SCIMv2 renamed"));
    assert_eq!(renamed, bodies("okta-08-group-create-and-rename.json")[1]);
    let (added, removed) =
        ([member("{user1}", "test.user@example.com")], [member("{user2}", "other.user@example.com")]);
    let team = team("Test SCIMv2");
    let change = MemberChange { team: &team, added: &added, removed: &removed };
    let requests: Vec<Value> = okta::membership(change, 100).into_iter().map(patch).collect();
    assert_eq!(requests, bodies("okta-09-group-membership-patch.json"));
}

#[test]
fn okta_puts_what_it_read_with_its_own_written_over_it() {
    let mut account = account(
        "test.user@example.com",
        "test.user@example.com",
        ["Another", "User"],
        "00ujl29u0le5T6Aj10h7",
    );
    account.person.display_name = "Test User".to_owned();
    let shown = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "7", "userName": "old",
        "name": {"givenName": "Test", "middleName": "Excited", "familyName": "User"}, "nickName": "kept",
        "groups": [{"value": "g"}], "meta": {"version": "W/\"1\""}, "active": false,
    });
    let put = okta::merged(&shown, "7", &account);
    let documented = &bodies("okta-04-update-user-put.json")[1];
    for name in ["schemas", "userName", "emails", "active", "groups", "meta"] {
        assert_eq!(put[name], documented[name], "{name}");
    }
    assert_eq!((&put["id"], &put["nickName"]), (&json!("7"), &json!("kept")));
    assert_eq!(put["externalId"], "00ujl29u0le5T6Aj10h7");
}

#[test]
fn entra_changes_members_as_documented() {
    let members = [Member { id: "{user1}".to_owned(), display: String::new() }];
    let documented =
        |name: &str| bodies(name).into_iter().map(|body| body["Operations"].clone()).collect::<Vec<_>>();
    let default = documented("entra-17-group-rename-and-members-default.json");
    assert_eq!(json!(entra::DEFAULT.addition(&members)), default[1]);
    assert_eq!(json!(entra::DEFAULT.removal(&members)), default[3]);
    let compliant = documented("entra-18-flag-remove-member-path.json");
    assert_eq!(json!(entra::COMPLIANT.removal(&members)), compliant[0]);
    let manager = documented("entra-12-manager-forms.json");
    let mut account = account("a", "a", ["A", "A"], "1");
    let boss = Manager {
        id: Some("{boss}".to_owned()),
        external_id: String::new(),
        user_name: String::new(),
        display_name: String::new(),
    };
    account.manager = Some(boss);
    assert_eq!(json!([entra::DEFAULT.manager(&account, &Value::Null)]), manager[0]);
}

#[test]
fn okta_creates_a_user_as_documented() {
    let mut account =
        account("test.user@example.com", "test.user@example.com", ["Test", "User"], "00ujl29u0le5T6Aj10h7");
    account.person.display_name = "Test User".to_owned();
    account.person.locale = Some("en-US".to_owned());
    let mut body = okta::OIN.user(&account);
    body["password"] = json!("1mz050nq");
    assert_eq!(body.to_string(), bodies("okta-02-assign-user-create.json")[0].to_string());
}

#[test]
fn entra_creates_a_user_as_documented() {
    let account = account(
        "Test_User_ab6490ee@example.com",
        "Test_User_fd0ea19b@example.com",
        ["givenName", "familyName"],
        "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
    );
    let body = entra::DEFAULT.user(&account);
    assert_eq!(body.to_string(), bodies("entra-02-create-user.json")[0].to_string());
}

#[test]
fn groups_are_created_as_documented() {
    let team = |name: &str, external_id: &str| Team {
        name: name.to_owned(),
        external_id: external_id.to_owned(),
        members: Vec::new(),
    };
    let okta = okta::OIN.group(&team("Test SCIMv2", ""));
    assert_eq!(okta, bodies("okta-08-group-create-and-rename.json")[0]);
    let entra = entra::DEFAULT.group(&team("displayName", "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159"));
    assert_eq!(entra, bodies("entra-15-group-create-legacy-schema.json")[0]);
}

#[test]
fn entra_patches_with_and_without_the_flag_as_documented() {
    let wanted = json!({
        "displayName": "Pvlo",
        "emails": [{"type": "work", "value": "TestBcwqnm@example.com"}],
        "name": {"givenName": "Gtfd", "familyName": "Pkqf"},
        "externalId": "Eqpj",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": "Eqpj"},
    });
    let operations = entra::DEFAULT.operations(&wanted, &json!({}));
    assert_eq!(json!(operations), bodies("entra-06-default-job-replace-multiple.json")[1]["Operations"]);
    let wanted = json!({
        "emails": [{"type": "work", "value": "TestMhvaes@example.com"}],
        "displayName": "Bjfe",
        "name": {"givenName": "Kkom", "familyName": "Unua"},
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": "Aklq"},
    });
    let operations = entra::COMPLIANT.operations(&wanted, &json!({}));
    let documented = bodies("entra-07-flag-aadOptscim062020-replace-multiple.json");
    assert_eq!(json!(operations), documented[1]["Operations"]);
    let inactive = entra::DEFAULT.operations(&json!({"active": false}), &json!({"active": true}));
    assert_eq!(json!(inactive), bodies("entra-08-disable-string-false.json")[1]["Operations"]);
}

#[test]
fn a_job_is_stopped_by_many_failures_that_are_also_most() {
    let pace = Pace { quarantine_from: Some(100), ..Pace::USUAL };
    assert!(pace.is_too_much(100, 249));
    assert!(!pace.is_too_much(100, 250));
    assert!(!pace.is_too_much(99, 99));
    assert!(!Pace::USUAL.is_too_much(1_000, 1_000));
}

#[test]
fn waits_double_or_stay_and_never_overflow() {
    let pace = Pace { first_wait: Duration::from_secs(60), ..Pace::USUAL };
    assert_eq!([1, 2, 3].map(|attempt| pace.wait(attempt).as_secs()), [60, 120, 240]);
    assert_eq!(Pace { doubles: false, ..pace }.wait(9), pace.wait(1));
    assert_eq!(pace.wait(u32::MAX), pace.wait(17));
}
