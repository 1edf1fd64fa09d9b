//! Organizations, directories, their tokens, keys and schemas.

use bytes::Bytes;
use serde_json::json;

use super::scene::{Scene, ids, read, text};
use crate::base::time::Timestamp;
use crate::store::WriteError;
use crate::web::{Handler, Peer};

#[tokio::test(flavor = "multi_thread")]
async fn only_a_name_makes_a_directory_an_organization_and_a_token() {
    let scene = Scene::new();
    let made = scene.post("/directories", json!({"name": "Solo Ltd"})).await;
    assert_eq!(made["state"], "linked");
    assert_eq!(made["type"], "generic scim v2.0");
    assert!(text(&made["bearer_token"]).starts_with("rosterd_scim_"));
    let key = text(&made["external_key"]);
    assert_eq!(key.len(), 12);
    assert_eq!(made["scim_url"], format!("https://scim.example.com/scim/v2/{key}"));
    let organization = scene.get(&format!("/organizations/{}", text(&made["organization_id"]))).await;
    assert_eq!(organization["name"], "Solo Ltd");
    let seen = scene.get(&format!("/directories/{}", text(&made["id"]))).await;
    assert!(seen.get("bearer_token").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_directory_is_said_all_at_once() {
    let scene = Scene::new();
    let body = json!({"provider": "none", "external_key": "a_b", "strict": 1, "nme": "x", "group_patch_status": 201});
    let answer = scene.ask("POST", "/directories", Some(body)).await;
    assert_eq!(answer.status, 422);
    let mut fields: Vec<String> =
        answer.body["errors"].as_array().expect("errors").iter().map(|fault| text(&fault["field"])).collect();
    fields.sort();
    assert_eq!(fields, ["external_key", "group_patch_status", "name", "nme", "provider", "strict"]);
    let taken = json!({"name": "x", "external_key": "acme"});
    scene.post("/directories", taken.clone()).await;
    let answer = scene.ask("POST", "/directories", Some(taken)).await;
    assert_eq!((answer.status, text(&answer.body["code"])), (409, "external_key_already_used".to_owned()));
    let body = json!({"name": "x", "organization_id": "org_01HQ0000000000000000000000"});
    assert_eq!(scene.ask("POST", "/directories", Some(body)).await.status, 404);
    let organizations = ids(&scene.get("/organizations").await);
    assert_eq!(organizations.len(), 1, "a refused directory leaves no organization behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn hiding_and_showing_the_inactive_is_told() {
    let scene = Scene::new();
    let customer = scene.directory(json!({"name": "x"})).await;
    let user = scene.user(&customer, json!({"userName": "a", "active": false})).await;
    scene.group(&customer, "G", &[&user]).await;
    let path = format!("/directories/{}", customer.id);
    let list = format!("/directory_users?directory={}", customer.id);
    let answer = scene.ask("PATCH", &path, Some(json!({"on_deactivate": "delete"}))).await;
    assert_eq!((answer.status, text(&answer.body["on_deactivate"])), (200, "delete".to_owned()));
    assert!(ids(&scene.get(&list).await).is_empty());
    scene.ask("PATCH", &path, Some(json!({"on_deactivate": "keep"}))).await;
    assert_eq!(ids(&scene.get(&list).await), [user]);
    let told = scene.told(&customer).await;
    assert_eq!(told[4..], ["dsync.user.deleted", "dsync.user.created", "dsync.group.user_added"], "{told:?}");
    scene.assert_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_nothing_until_it_is_activated_and_then_everything() {
    let scene = Scene::new();
    let customer = scene.directory(json!({"name": "x", "state": "validating"})).await;
    let user = scene.user(&customer, json!({"userName": "a"})).await;
    scene.group(&customer, "G", &[&user]).await;
    assert!(scene.told(&customer).await.is_empty());
    assert!(ids(&scene.get("/directory_users").await).is_empty());
    let named = scene.get(&format!("/directory_users?directory={}", customer.id)).await;
    assert_eq!(ids(&named), std::slice::from_ref(&user));
    assert_eq!(scene.get(&format!("/access?user={user}")).await["reason"], "directory_validating");
    let path = format!("/directories/{}", customer.id);
    for state in ["unlinked", "linked"] {
        assert_eq!(scene.ask("PATCH", &path, Some(json!({"state": state}))).await.status, 200);
    }
    assert_eq!(
        scene.told(&customer).await,
        ["dsync.activated", "dsync.group.created", "dsync.user.created", "dsync.group.user_added"]
    );
    assert_eq!(scene.get(&format!("/access?user={user}")).await["allowed"], true);
    scene.assert_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_that_is_paused_stays_silent() {
    let scene = Scene::new();
    let customer = scene.directory(json!({"name": "x", "state": "validating"})).await;
    let user = scene.user(&customer, json!({"userName": "a"})).await;
    scene.user(&customer, json!({"userName": "b", "active": false})).await;
    let group = scene.group(&customer, "G", &[&user]).await;
    let path = format!("/directories/{}", customer.id);
    scene.ask("PATCH", &path, Some(json!({"state": "unlinked"}))).await;
    let token = scene.post(&format!("{path}/tokens"), json!({})).await;
    scene.ask("DELETE", &format!("{path}/tokens/{}", text(&token["id"])), None).await;
    scene.ask("PATCH", &path, Some(json!({"on_deactivate": "delete"}))).await;
    let events = format!("/events?directory={}", customer.id);
    assert!(ids(&scene.get(&events).await).is_empty());
    assert!(ids(&scene.get("/directory_users").await).is_empty());
    assert!(ids(&scene.get("/directory_groups").await).is_empty(), "{group}");
    scene.assert_sound();
    scene.ask("PATCH", &path, Some(json!({"state": "linked"}))).await;
    assert_eq!(
        scene.told(&customer).await,
        ["dsync.activated", "dsync.group.created", "dsync.user.created", "dsync.group.user_added"]
    );
    assert_eq!(ids(&scene.get("/directory_users").await), [user]);
    scene.assert_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_whose_events_were_removed_is_not_announced_again() {
    let scene = Scene::new();
    let customer = scene.directory(json!({"name": "x"})).await;
    let user = scene.user(&customer, json!({"userName": "a"})).await;
    scene.directory(json!({"name": "has the newest event"})).await;
    let far = Timestamp::from_millis(4_000_000_000_000);
    let removed: Result<usize, WriteError<crate::store::Error>> =
        scene.context.store.write_housekeeping(move |tx| tx.prune_events(far, 1_000)).await;
    assert_eq!(removed.expect("removed"), 4);
    let path = format!("/directories/{}", customer.id);
    assert_eq!(scene.ask("PATCH", &path, Some(json!({"name": "y"}))).await.status, 200);
    assert!(scene.told(&customer).await.is_empty());
    assert_eq!(ids(&scene.get(&format!("/directory_users?directory={}", customer.id)).await), [user]);
    scene.ask("DELETE", &path, None).await;
    assert_eq!(scene.told(&customer).await, ["dsync.deleted"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_directory_is_gone_and_its_events_stay() {
    let scene = Scene::new();
    let customer = scene.directory(json!({"name": "x"})).await;
    let user = scene.user(&customer, json!({"userName": "a"})).await;
    let path = format!("/directories/{}", customer.id);
    assert_eq!(scene.ask("DELETE", &path, None).await.status, 202);
    assert_eq!(scene.ask("DELETE", &path, None).await.status, 404);
    assert_eq!(scene.ask("GET", &format!("/directory_users/{user}"), None).await.status, 404);
    assert_eq!(scene.told(&customer).await, ["dsync.activated", "dsync.user.created", "dsync.deleted"]);
    scene.assert_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_shown_once_counted_and_revoked() {
    let scene = Scene::new();
    let customer = scene.directory(json!({"name": "x"})).await;
    let path = format!("/directories/{}/tokens", customer.id);
    let made = scene.post(&path, json!({"expires_at": "2099-01-01T00:00:00Z"})).await;
    let secret = text(&made["bearer_token"]);
    assert!(secret.ends_with(&text(&made["token_suffix"])));
    assert_eq!(made["expires_at"], "2099-01-01T00:00:00.000Z");
    let listed = scene.get(&path).await;
    assert_eq!(ids(&listed).len(), 2);
    assert!(!listed.to_string().contains(&secret));
    for body in [json!({"expires_at": "2001-01-01T00:00:00Z"}), json!({"expires_at": "soon"})] {
        assert_eq!(scene.ask("POST", &path, Some(body)).await.status, 422);
    }
    for _ in 2..20 {
        scene.post(&path, json!({})).await;
    }
    assert_eq!(scene.ask("POST", &path, Some(json!({}))).await.status, 409, "the twenty-first");
    let one = format!("{path}/{}", text(&made["id"]));
    assert_eq!(scene.ask("DELETE", &one, None).await.status, 204);
    assert_eq!(scene.ask("DELETE", &one, None).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_opens_the_door_until_it_is_revoked() {
    let scene = Scene::new();
    let made = scene.post("/keys", json!({"name": "app"})).await;
    let ask = async |header: Option<String>| {
        let mut request = http::Request::builder().uri("/directories");
        if let Some(header) = header {
            request = request.header("authorization", header);
        }
        let request = request.body(Bytes::new()).expect("a request");
        read(&scene.send(Peer::App, request).await).status
    };
    let key = text(&made["key"]);
    assert_eq!(ask(Some(format!("Bearer {key}"))).await, 200);
    assert_eq!(ask(Some(format!("bearer {key}"))).await, 200);
    for wrong in ["Bearer sk_wrong".to_owned(), format!("Basic {key}"), key.clone(), format!("Bearer {key}x")]
    {
        assert_eq!(ask(Some(wrong)).await, 401);
    }
    assert_eq!(ask(None).await, 401);
    let path = format!("/keys/{}", text(&made["id"]));
    assert_eq!(scene.ask("DELETE", &path, None).await.status, 204);
    assert_eq!(ask(Some(format!("Bearer {key}"))).await, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_nothing_is_told_but_the_probes() {
    let scene = Scene::new();
    for (method, path, status) in [
        ("GET", "/nothing", 401),
        ("DELETE", "/events", 401),
        ("GET", "/directories", 401),
        ("GET", "/livez", 200),
        ("GET", "/readyz", 200),
        ("GET", "/healthz", 200),
        ("GET", "/metrics", 200),
        ("GET", "/openapi.json", 200),
    ] {
        let request =
            http::Request::builder().method(method).uri(path).body(Bytes::new()).expect("a request");
        assert_eq!(read(&scene.send(Peer::App, request).await).status, status, "{path}");
    }
    scene.shutdown.cancel();
    assert_eq!(scene.ask("GET", "/readyz", None).await.status, 503);
    let refusal = scene.api.refuse(http::StatusCode::FORBIDDEN, "no");
    assert_eq!(read(&refusal).body, json!({"message": "no", "code": "forbidden"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn organizations_are_made_changed_found_and_deleted_with_their_directories() {
    let scene = Scene::new();
    let body = json!({"name": "Foo", "external_id": "x-1", "metadata": {"tier": "gold", "b": "1"},
                      "domain_data": [{"domain": "Foo.example", "state": "pending"}]});
    let made = scene.post("/organizations", body.clone()).await;
    let path = format!("/organizations/{}", text(&made["id"]));
    assert_eq!(made["domains"][0]["domain"], "foo.example");
    let answer = scene.ask("POST", "/organizations", Some(body)).await;
    assert_eq!((answer.status, text(&answer.body["code"])), (400, "external_id_already_used".to_owned()));
    let change = json!({"name": "Bar", "metadata": {"tier": null, "c": "2"}, "domains": ["foo.example", "bar.example"]});
    let changed = scene.ask("PUT", &path, Some(change)).await.body;
    assert_eq!(changed["metadata"], json!({"b": "1", "c": "2"}));
    assert_eq!(changed["domains"][0]["id"], made["domains"][0]["id"]);
    assert_eq!(changed["external_id"], "x-1");
    assert_eq!(scene.get("/organizations/external_id/x-1").await["id"], made["id"]);
    for query in ["search=BAR", "domains=bar.example", "domains[]=foo.example"] {
        assert_eq!(ids(&scene.get(&format!("/organizations?{query}")).await), [text(&made["id"])], "{query}");
    }
    let customer = scene.directory(json!({"name": "Bar", "organization_id": text(&made["id"])})).await;
    assert_eq!(scene.ask("DELETE", &path, None).await.status, 202);
    assert_eq!(scene.ask("GET", &path, None).await.status, 404);
    assert_eq!(scene.told(&customer).await.last().map(String::as_str), Some("dsync.deleted"));
}

#[tokio::test(flavor = "multi_thread")]
async fn extension_schemas_are_registered_checked_and_removed() {
    let scene = Scene::new();
    let customer = scene.directory(json!({"name": "x"})).await;
    let list = format!("/directories/{}/schemas", customer.id);
    let path = format!("{list}/urn:example:scim:2.0:User");
    let schema = json!({"name": "Ours", "attributes": [{"name": "badge", "type": "string"}]});
    let put = scene.ask("PUT", &path, Some(schema.clone())).await;
    assert_eq!((put.status, text(&put.body["resource_type"])), (200, "User".to_owned()), "{}", put.body);
    assert_eq!(scene.get(&path).await["urn"], "urn:example:scim:2.0:User");
    assert_eq!(scene.get(&list).await["data"].as_array().map(Vec::len), Some(1));
    let other = json!({"id": "urn:example:other", "attributes": []});
    assert_eq!(scene.ask("PUT", &path, Some(other)).await.status, 422);
    assert_eq!(scene.ask("PUT", &path, Some(json!({"attributes": 5}))).await.status, 422);
    assert_eq!(scene.ask("DELETE", &path, None).await.status, 204);
    assert_eq!(scene.ask("DELETE", &path, None).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_no_object_of_json_are_refused() {
    let scene = Scene::new();
    for (body, media_type, status) in [
        ("{", "application/json", 400),
        ("[]", "application/json", 400),
        ("{\"name\":\"a\",\"name\":\"b\"}", "application/json", 400),
        ("name=a", "application/x-www-form-urlencoded", 415),
        ("{\"name\":\"a\"}", "application/json; charset=utf-8", 201),
    ] {
        let request = http::Request::builder()
            .method("POST")
            .uri("/organizations")
            .header("content-type", media_type)
            .body(Bytes::from_static(body.as_bytes()))
            .expect("a request");
        assert_eq!(read(&scene.send(Peer::Operator, request).await).status, status, "{body}");
    }
    assert_eq!(scene.ask("DELETE", "/events", None).await.status, 405);
    assert_eq!(scene.ask("GET", "/nothing", None).await.status, 404);
}
