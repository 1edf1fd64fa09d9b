//! The access check.

use serde_json::json;

use super::scene::{Scene, ids};

#[tokio::test(flavor = "multi_thread")]
async fn the_active_come_in_by_id_address_and_idp_id() {
    let scene = Scene::new();
    let customer = scene.directory(json!({"name": "x"})).await;
    let pat = json!({"userName": "pat@x.example", "externalId": "e1", "title": "Chief"});
    let user = scene.user(&customer, pat).await;
    let group = scene.group(&customer, "G", &[&user]).await;
    let (directory, organization) = (&customer.id, &customer.organization_id);
    for query in [
        format!("user={user}"),
        format!("user={user}&directory={directory}"),
        format!("email=PAT@x.example&directory={directory}"),
        format!("email=pat@x.example&organization_id={organization}"),
        format!("idp_id=e1&directory={directory}"),
    ] {
        let answer = scene.get(&format!("/access?{query}")).await;
        assert_eq!((&answer["allowed"], &answer["reason"]), (&json!(true), &json!("active")), "{query}");
        assert_eq!(ids(&json!({"data": answer["groups"]})), std::slice::from_ref(&group));
        assert_eq!(answer["attributes"]["job_title"], "Chief");
    }
    let events = scene.get(&format!("/events?directory={directory}&order=desc&limit=1")).await;
    let answer = scene.get(&format!("/access?user={user}")).await;
    assert_eq!(answer["as_of_event"], events["data"][0]["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_others_are_refused_with_a_reason() {
    let scene = Scene::new();
    let customer = scene.directory(json!({"name": "x", "on_deactivate": "delete"})).await;
    let (gone, off) = (
        scene.user(&customer, json!({"userName": "gone@x"})).await,
        scene.user(&customer, json!({"userName": "off@x", "active": false})).await,
    );
    scene.delete(&customer, &gone).await;
    let directory = &customer.id;
    for (query, reason) in [
        ("user=x".to_owned(), "unknown_user"),
        (format!("user={gone}"), "unknown_user"),
        (format!("user={off}"), "inactive"),
        (format!("email=off@x&directory={directory}"), "inactive"),
        (format!("user={off}&directory=directory_01HQ0000000000000000000000"), "unknown_user"),
        (format!("email=nobody@x&directory={directory}"), "unknown_user"),
        ("idp_id=x&directory=directory_01HQ0000000000000000000000".to_owned(), "unknown_directory"),
        ("idp_id=x&organization_id=nonsense".to_owned(), "unknown_organization"),
    ] {
        let answer = scene.get(&format!("/access?{query}")).await;
        assert_eq!((&answer["allowed"], &answer["reason"]), (&json!(false), &json!(reason)), "{query}");
    }
    for query in ["", "email=a@b", "idp_id=x", "directory=x", "email=a@b&idp_id=x&directory=x"] {
        assert_eq!(scene.ask("GET", &format!("/access?{query}"), None).await.status, 422, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_inactive_match_or_a_paused_directory_is_enough_to_refuse() {
    let scene = Scene::new();
    let customer = scene.directory(json!({"name": "x"})).await;
    let email = json!([{"value": "pat@x.example", "primary": true}]);
    let one = scene.user(&customer, json!({"userName": "a", "emails": email})).await;
    let two = scene.user(&customer, json!({"userName": "b", "emails": email})).await;
    let query = format!("/access?email=pat@x.example&directory={}", customer.id);
    let answer = scene.get(&query).await;
    assert_eq!(answer["allowed"], true);
    let mut listed = ids(&json!({"data": answer["users"]}));
    let mut both = vec![one.clone(), two.clone()];
    listed.sort();
    both.sort();
    assert_eq!(listed, both);
    scene.replace(&customer, &two, json!({"userName": "b", "emails": email, "active": false})).await;
    assert_eq!(scene.get(&query).await["reason"], "some_inactive");
    let path = format!("/directories/{}", customer.id);
    scene.ask("PATCH", &path, Some(json!({"state": "unlinked"}))).await;
    assert_eq!(scene.get(&format!("/access?user={one}")).await["reason"], "directory_paused");
}
