//! The requests of the providers that search or create in their own ways, against what was recorded or documented.

use serde_json::{Value, json};

use crate::idp::link::Ask;

use super::super::plain::{add, remove_list, remove_one};
use super::super::{
    Expect, Member, Method, Paging, Provider, Random, Team, authentik, body, cyberark, flow, jumpcloud,
    keycloak, onelogin, ping, plain, rauthy, rippling, sailpoint,
};
use super::{account, bodies, steps};

fn member(id: &str) -> Member {
    Member { id: id.to_owned(), display: String::new() }
}

fn team(name: &str, external_id: &str, members: &[&str]) -> Team {
    let members = members.iter().map(|id| member(id)).collect();
    Team { name: name.to_owned(), external_id: external_id.to_owned(), members }
}

/// The keys that a provider's body has besides those of a transcript whose body is not its own.
fn without(mut body: Value, names: &[&str]) -> Value {
    for name in names {
        body.as_object_mut().unwrap().shift_remove(*name);
    }
    body
}

fn ordered(body: &Value) -> String {
    body.to_string()
}

/// Headers besides Authorization, as the provider sends them with that step's request.
fn sent(provider: &dyn Provider, step: &Value) -> Value {
    let method: Method = step["method"].as_str().unwrap().parse().unwrap();
    let ask = Ask { method, ..Ask::get(step["path"].as_str().unwrap(), Expect::List) };
    let headers =
        provider.headers_of(&ask).into_iter().map(|(name, value)| (name.to_owned(), Value::from(value)));
    headers.collect::<serde_json::Map<_, _>>().into()
}

#[test]
fn headers_are_those_of_the_transcripts() {
    let cases: &[(&dyn Provider, &[&str])] = &[
        (
            &onelogin::OneLogin,
            &["onelogin-01-connect-and-match", "onelogin-02-user-update-put", "onelogin-05-groups"],
        ),
        (
            &jumpcloud::JumpCloud,
            &[
                "jumpcloud-01-create-user",
                "jumpcloud-02-put-user-full",
                "jumpcloud-04-test-connection-lifecycle",
            ],
        ),
        (&ping::Ping, &["ping-01-user-lifecycle-put", "ping-02-groups-list-all-and-match"]),
        (&cyberark::CyberArk, &["cyberark-01-discovery-and-lifecycle"]),
        (
            &sailpoint::SailPoint,
            &["sailpoint-01-discovery-and-aggregation", "sailpoint-02-split-complex-replace"],
        ),
        (&rippling::Rippling, &["rippling-01-probe-create-retry"]),
        (
            &authentik::Authentik,
            &[
                "authentik-01-user-lifecycle",
                "authentik-03-group-create-add-members",
                "authentik-05-group-remove-members",
            ],
        ),
        (&keycloak::Keycloak, &["keycloak-mitodl-01-users"]),
        (&rauthy::Rauthy, &["rauthy-01-users"]),
    ];
    for (provider, transcripts) in cases {
        for step in transcripts.iter().flat_map(|name| steps(&format!("{name}.json"))) {
            let wanted = without(step["headers"].clone(), &["Authorization"]);
            let mut sent = sent(*provider, &step);
            // Known from their sources, not from the transcripts.
            if matches!(provider.name(), "authentik" | "rauthy") {
                sent = without(sent, &["User-Agent"]);
            }
            assert_eq!(sent, wanted, "{} {} {}", provider.name(), step["method"], step["path"]);
        }
    }
}

#[test]
fn searches_are_written_as_in_the_transcripts() {
    let path =
        |transcript: &str, number: usize| steps(transcript)[number]["path"].as_str().unwrap().to_owned();
    assert_eq!(ping::users_named("pat@example.com"), path("ping-01-user-lifecycle-put.json", 0));
    let by_name = plain::users_by("userName", "cyb@example.com");
    assert_eq!(by_name, path("cyberark-01-discovery-and-lifecycle.json", 5));
    assert_eq!(plain::users_by("externalId", "rauthyUser01"), path("rauthy-01-users.json", 0));
    assert_eq!(plain::users_by("userName", "rau@example.com"), path("rauthy-01-users.json", 1));
    assert_eq!(onelogin::search_path("onelogin-no-such-user"), path("onelogin-01-connect-and-match.json", 0));
    let first = |provider: &dyn Provider| flow::page_path("/Groups", provider.paging(), 1);
    assert_eq!(first(&onelogin::OneLogin), path("onelogin-05-groups.json", 0));
    assert_eq!(first(&cyberark::CyberArk), path("cyberark-01-discovery-and-lifecycle.json", 8));
    assert_eq!(flow::page_path("/Groups", Paging::ByServer, 101), "/Groups?startIndex=101");
    let by_name = plain::groups_by("displayName", "authentik Admins");
    assert_eq!(by_name, path("authentik-03-group-create-add-members.json", 3));
}

#[test]
fn onelogin_writes_users_as_recorded() {
    let account = account("onelogin-test-user01", "olt01@example.com", ["AAA Test", " User 01"], "1");
    let body = without(onelogin::OneLogin.user(&account), &["externalId"]);
    assert_eq!(ordered(&body), ordered(&bodies("onelogin-02-user-update-put.json")[0]));
    let groups = bodies("onelogin-05-groups.json");
    assert_eq!(onelogin::OneLogin.group(&team("Admin Role", "", &[])), groups[0]);
    assert_eq!(body::patch(vec![add(&[member("{user1}")])]), groups[1]);
    // The length that was recorded, with an id of 36 letters.
    let added = body::patch(vec![add(&[member("00000000-0000-0000-0000-000000000000")])]);
    assert_eq!(ordered(&added).len(), 165);
}

#[test]
fn jumpcloud_writes_users_as_recorded() {
    let created = &bodies("jumpcloud-01-create-user.json")[0];
    assert_eq!(ordered(&jumpcloud::test_user(None)), ordered(created));
    let mut account =
        account("john.doe@example.com", "john.doe@example.com", ["John", "Doe"], "664447f5c0c418f2d05e5318");
    account.person.display_name = "John Doe".to_owned();
    account.person.locale = Some("en-US".to_owned());
    account.person.title = Some("Captain".to_owned());
    account.person.department = Some("C-Suite".to_owned());
    let put = &bodies("jumpcloud-02-put-user-full.json")[0];
    assert_eq!(
        ordered(&jumpcloud::user(&account, Some("{user1}"))),
        ordered(&without(put.clone(), &["photos"]))
    );
    let test = bodies("jumpcloud-04-test-connection-lifecycle.json");
    assert_eq!(jumpcloud::JumpCloud.group(&team("jumpcloud-test-group", "", &[])), test[1]);
    assert_eq!(body::patch(vec![add(&[member("{user1}")])]), test[2]);
    assert_eq!(body::patch(vec![remove_list(&[member("{user1}")])]), test[3]);
}

#[test]
fn ping_writes_users_and_groups_as_documented() {
    let documented = bodies("ping-01-user-lifecycle-put.json");
    let mut account = account("pat@example.com", "pat@example.com", ["Pat", "Ping"], "1");
    assert_eq!(ordered(&without(ping::Ping.user(&account), &["externalId"])), ordered(&documented[0]));
    account.person.title = Some("Engineer".to_owned());
    let put = without(ping::user(&account, Some("{user1}")), &["externalId"]);
    assert_eq!(ordered(&put), ordered(&documented[1]));
    account.person.title = None;
    account.is_active = false;
    let disabled = without(ping::user(&account, Some("{user1}")), &["externalId"]);
    assert_eq!(ordered(&disabled), ordered(&documented[2]));
    let groups = bodies("ping-02-groups-list-all-and-match.json");
    assert_eq!(ping::Ping.group(&team("Ping Group", "", &["{user1}"])), groups[0]);
    assert_eq!(body::patch(vec![remove_one(&member("{user1}"))]), groups[1]);
}

#[test]
fn cyberark_writes_users_and_groups_as_documented() {
    let documented = bodies("cyberark-01-discovery-and-lifecycle.json");
    let mut account = account("cyb@example.com", "cyb@example.com", ["Cy", "Ber"], "1");
    assert_eq!(
        ordered(&without(cyberark::CyberArk.user(&account), &["externalId"])),
        ordered(&documented[0])
    );
    account.is_active = false;
    // The documented body leaves the addresses out, which a server would have to take for their removal.
    let put = without(cyberark::user(&account, Some("{user1}")), &["externalId", "emails"]);
    assert_eq!(ordered(&put), ordered(&documented[1]));
    assert_eq!(cyberark::CyberArk.group(&team("CyberArk Role", "", &[])), documented[2]);
    assert_eq!(body::patch(vec![add(&[member("{user1}")])]), documented[3]);
}

#[test]
fn sailpoint_writes_each_part_of_a_name_in_an_operation_of_its_own() {
    let mut account = account("sail@example.com", "sail@example.com", ["testGivenName", "testFamily"], "1");
    let wanted = sailpoint::SailPoint.user(&account);
    let mut shown = wanted.clone();
    shown["name"] = json!({ "familyName": "Old", "givenName": "Old", "middleName": "Keep" });
    let recorded = &bodies("sailpoint-02-split-complex-replace.json")[0];
    assert_eq!(body::patch(sailpoint::operations(&wanted, &shown)), *recorded);
    assert_eq!(sailpoint::operations(&wanted, &wanted), Vec::<Value>::new());
    account.person.title = Some("Lead".to_owned());
    let promoted = sailpoint::operations(&sailpoint::SailPoint.user(&account), &wanted);
    assert_eq!(promoted, [json!({ "op": "replace", "value": { "title": "Lead" } })]);
}

#[test]
fn rippling_writes_users_as_documented() {
    let account = account("rip@example.com", "rip@example.com", ["Rip", "Ling"], "rip-1");
    let documented = bodies("rippling-01-probe-create-retry.json");
    assert_eq!(ordered(&rippling::Rippling.user(&account)), ordered(&documented[0]));
    assert_eq!(documented[0], documented[1], "the repeated creation is the same");
}

#[test]
fn authentik_writes_users_and_groups_as_documented() {
    let external_id = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let mut account = account("ckent", "a@example.com", ["Clark", "Kent"], external_id);
    account.person.display_name = "Clark Kent".to_owned();
    let documented = bodies("authentik-01-user-lifecycle.json");
    assert_eq!(ordered(&authentik::Authentik.user(&account)), ordered(&documented[0]));
    account.person.display_name = "Superman".to_owned();
    let put = authentik::user(&account).with("id", "{user1}").value();
    assert_eq!(ordered(&put), ordered(&documented[1]));
    let groups = bodies("authentik-03-group-create-add-members.json");
    let created = authentik::Authentik.group(&team("authentik Admins", "0f2a7d1c-group", &[]));
    assert_eq!(ordered(&created), ordered(&groups[0]));
    let each = [member("{user1}"), member("{user2}")];
    assert_eq!(body::patch(each.chunks(1).map(add).collect()), groups[1]);
    let removals = bodies("authentik-05-group-remove-members.json");
    assert_eq!(body::patch(vec![remove_list(&each[..1])]), removals[0], "releases before July 2026");
    assert_eq!(external_id.len(), authentik::Authentik.external_id(Random::new(1)).len());
}

#[test]
fn keycloak_writes_users_and_groups_as_in_its_source() {
    let mut account = account("kc", "kc@example.com", ["Key", "Cloak"], "kc-7d1c");
    account.person.display_name = "Key Cloak".to_owned();
    let documented = bodies("keycloak-mitodl-01-users.json");
    assert_eq!(ordered(&keycloak::Keycloak.user(&account)), ordered(&documented[0]));
    assert_eq!(ordered(&keycloak::user(&account, Some("{user1}"))), ordered(&documented[2]));
    account.is_active = false;
    assert_eq!(ordered(&body::patch(keycloak::user_operations(&account))), ordered(&documented[1]));
    let created = keycloak::Keycloak.group(&team("G", "g-1", &["7"]));
    assert_eq!(created["members"], json!([{ "value": "7", "$ref": "Users/7" }]));
    let empty = keycloak::group_operations(&team("G", "g-1", &[]));
    assert_eq!(empty[0], json!({ "path": "members", "op": "remove" }), "the last member has left");
    let rest = keycloak::group_operations(&team("G", "g-1", &["7"]));
    assert_eq!(rest[0], json!({ "path": "members", "op": "replace", "value": [{ "value": "7" }] }));
}

#[test]
fn rauthy_writes_users_and_groups_as_in_its_source() {
    let mut account = account("rau@example.com", "rau@example.com", ["Rau", ""], "rauthyUser01");
    account.person.locale = Some("en-US".to_owned());
    account.person.department = Some("R&D".to_owned());
    let mut documented = bodies("rauthy-01-users.json");
    // The customer has no roles.
    documented[0]["roles"] = json!([]);
    assert_eq!(ordered(&rauthy::Rauthy.user(&account)), ordered(&documented[0]));
    assert_eq!(rauthy::Rauthy.expected_user(&account).get("custom"), None);
    let put = rauthy::user(&account, Some("{user1}")).value();
    let keys = |body: &Value| body.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let mut documented = keys(&documented[1]);
    // What the profile scope adds.
    documented.splice(6..6, ["preferredLanguage".to_owned(), "locale".to_owned()]);
    assert_eq!(keys(&put), documented);
}
