//! Lists of users, groups and request records.

use serde_json::json;

use super::scene::{Customer, Scene, ids, text};

async fn people(scene: &Scene) -> (Customer, Vec<String>) {
    let customer = scene.directory(json!({"name": "x"})).await;
    let mut made = Vec::new();
    for (name, more) in [
        ("ada", json!({"externalId": "x1", "name": {"givenName": "Ada", "familyName": "L"}})),
        ("bob", json!({"active": false, "title": "Chief"})),
        ("cy", json!({"emails": [{"value": "C@x.example", "primary": true}]})),
    ] {
        let mut attributes = more;
        attributes["userName"] = json!(format!("{name}@x.example"));
        made.push(scene.user(&customer, attributes).await);
    }
    (customer, made)
}

/// Ids made within one millisecond have no order but their own.
fn in_order(ids: &mut [String], query: &str) {
    ids.sort();
    if query != "order=asc" {
        ids.reverse();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_found_by_what_is_asked() {
    let scene = Scene::new();
    let (customer, made) = people(&scene).await;
    let group = scene.group(&customer, "G", &[&made[1], &made[2]]).await;
    let own_id = format!("idp_id={}", made[1]);
    let by_group = format!("group={group}");
    let table: [(&str, &[usize]); 11] = [
        ("", &[2, 1, 0]),
        ("order=asc", &[0, 1, 2]),
        (&by_group, &[2, 1]),
        ("idp_id=x1", &[0]),
        (&own_id, &[1]),
        ("email=c@X.example", &[2]),
        ("state=inactive", &[1]),
        ("search=ADA", &[0]),
        ("custom_attributes[job_title]=Chief", &[1]),
        ("updated_after=2001-01-01T00:00:00Z", &[2, 1, 0]),
        ("updated_after=2099-01-01T00:00:00Z", &[]),
    ];
    for (query, expected) in table {
        let found = scene.get(&format!("/directory_users?directory={}&{query}", customer.id)).await;
        let mut expected: Vec<String> = expected.iter().map(|index| made[*index].clone()).collect();
        in_order(&mut expected, query);
        assert_eq!(ids(&found), expected, "{query}");
    }
    let members = scene.get(&format!("/directory_groups/{group}/members")).await;
    let mut expected = vec![made[2].clone(), made[1].clone()];
    in_order(&mut expected, "");
    assert_eq!(ids(&members), expected);
    let one = scene.get(&format!("/directory_users/{}", made[2])).await;
    assert_eq!(ids(&json!({"data": one["groups"]})), std::slice::from_ref(&group));
    let group = scene.get(&format!("/directory_groups/{group}")).await;
    assert_eq!((&group["members_count"], &group["name"]), (&json!(2), &json!("G")));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_lead_through_a_list_both_ways() {
    let scene = Scene::new();
    let (customer, mut made) = people(&scene).await;
    made.sort();
    let base = format!("/directory_users?directory={}&limit=2", customer.id);
    let first = scene.get(&base).await;
    assert_eq!(ids(&first), [made[2].clone(), made[1].clone()]);
    assert_eq!(first["list_metadata"], json!({"before": null, "after": made[1]}));
    let second = scene.get(&format!("{base}&after={}", made[1])).await;
    assert_eq!(ids(&second), [made[0].clone()]);
    assert_eq!(second["list_metadata"], json!({"before": made[0], "after": null}));
    let back = scene.get(&format!("{base}&before={}", made[0])).await;
    assert_eq!(ids(&back), [made[2].clone(), made[1].clone()]);
    assert_eq!(back["list_metadata"], json!({"before": null, "after": made[1]}));
    let reversed = scene.get(&format!("{base}&order=normal")).await;
    assert_eq!(reversed["list_metadata"], json!({"before": made[1], "after": null}));
    let older = scene.get(&format!("{base}&order=normal&before={}", made[1])).await;
    assert_eq!(ids(&older), [made[0].clone()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_that_mean_nothing_are_refused() {
    let scene = Scene::new();
    for (path, status) in [
        ("/directory_users?email=a@b", 422),
        ("/directory_users?idp_id=x", 422),
        ("/directory_users?directory=x", 422),
        ("/directory_users?directory=directory_01HQ0000000000000000000000", 404),
        ("/directory_users?group=directory_group_01HQ0000000000000000000000", 404),
        ("/directory_groups?user=directory_user_01HQ0000000000000000000000", 404),
        ("/directory_users?limit=1001", 422),
        ("/directory_users?state=sleepy", 422),
        ("/directory_users/x", 404),
        ("/directory_groups/x", 404),
        ("/directory_groups/x/members", 404),
        ("/requests/x", 404),
        ("/requests?status=abc", 422),
        ("/directory_users?search=%ff", 400),
    ] {
        let answer = scene.ask("GET", path, None).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        assert!(answer.body.get("message").is_some() && answer.body.get("code").is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_found_by_directory_user_and_name() {
    let scene = Scene::new();
    let (customer, made) = people(&scene).await;
    let staff = scene.group(&customer, "Staff", &[&made[0]]).await;
    let board = scene.group(&customer, "Board", &[]).await;
    let mut both = vec![board.clone(), staff.clone()];
    in_order(&mut both, "");
    for (query, expected) in [
        (format!("directory={}", customer.id), both),
        (format!("user={}", made[0]), vec![staff.clone()]),
        (format!("user={}", made[1]), vec![]),
        ("search=BOA".to_owned(), vec![board.clone()]),
    ] {
        assert_eq!(ids(&scene.get(&format!("/directory_groups?{query}")).await), expected, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_listed_with_the_events_they_caused() {
    let scene = Scene::new();
    let (customer, made) = people(&scene).await;
    let list = scene.get(&format!("/requests?directory={}&status=2xx&method=post", customer.id)).await;
    assert_eq!(ids(&list).len(), 3);
    let list = scene.get(&format!("/requests?directory={}&resource_id={}", customer.id, made[2])).await;
    let last = &list["data"][0];
    assert_eq!(last["resource_id"], json!(made[2]));
    let events = scene.get(&format!("/events?directory={}&order=desc&limit=1", customer.id)).await;
    assert_eq!(last["events"], json!([events["data"][0]["id"]]));
    assert_eq!(events["data"][0]["context"]["request_id"], last["id"]);
    let one = scene.get(&format!("/requests/{}", text(&last["id"]))).await;
    assert_eq!(one["id"], last["id"]);
    assert!(ids(&scene.get("/requests?status=500").await).is_empty());
}
