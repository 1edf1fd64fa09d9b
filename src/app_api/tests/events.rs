//! Events: filters, cursors, the long poll and the stream.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use serde_json::json;

use super::scene::{Scene, ids, read, text};
use crate::web::Peer;

#[tokio::test(flavor = "multi_thread")]
async fn events_are_oldest_first_and_chosen_by_name_time_directory_and_organization() {
    let scene = Scene::new();
    let customer = scene.directory(json!({"name": "x"})).await;
    let other = scene.directory(json!({"name": "y"})).await;
    scene.user(&customer, json!({"userName": "a"})).await;
    let whole = ids(&scene.get(&format!("/events?directory={}", customer.id)).await);
    assert_eq!(whole.len(), 3);
    let organization = scene.get(&format!("/events?organization_id={}", customer.organization_id)).await;
    assert_eq!(ids(&organization), whole);
    assert_eq!(ids(&scene.get("/events?limit=100").await).len(), 5);
    for (query, expected) in [
        ("events=dsync.activated,dsync.user.created", vec![0, 2]),
        ("events[]=dsync.token.created", vec![1]),
        ("order=desc", vec![2, 1, 0]),
        ("range_start=2099-01-01T00:00:00Z", vec![]),
        ("range_end=2099-01-01T00:00:00Z", vec![0, 1, 2]),
    ] {
        let found = scene.get(&format!("/events?directory={}&{query}", customer.id)).await;
        let expected: Vec<String> = expected.iter().map(|index: &usize| whole[*index].clone()).collect();
        assert_eq!(ids(&found), expected, "{query}");
    }
    for query in ["events=nosuch", "after=nosuch", "range_start=soon", "wait=61", "wait=5&order=desc"] {
        assert_eq!(scene.ask("GET", &format!("/events?{query}"), None).await.status, 422, "{query}");
    }
    assert!(scene.told(&other).await.starts_with(&["dsync.activated".to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_poll_answers_when_its_event_comes_and_when_the_daemon_stops() {
    let scene = Scene::new();
    let customer = scene.directory(json!({"name": "x"})).await;
    let last = ids(&scene.get(&format!("/events?directory={}", customer.id)).await).pop().expect("an event");
    let path = format!("/events?directory={}&after={last}&wait=60", customer.id);
    let other = scene.directory(json!({"name": "other"})).await;
    let (polled, user) = tokio::join!(scene.get(&path), async {
        scene.user(&other, json!({"userName": "not this one"})).await;
        scene.user(&customer, json!({"userName": "a"})).await
    });
    assert_eq!(polled["data"][0]["data"]["id"], json!(user));
    let path = path.replace(&last, &text(&polled["data"][0]["id"]));
    let (polled, ()) = tokio::join!(scene.get(&path), async { scene.shutdown.cancel() });
    assert!(ids(&polled).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_sends_what_was_missed_and_what_comes_each_once() {
    let scene = Scene::new();
    let customer = scene.directory(json!({"name": "x"})).await;
    let events = ids(&scene.get(&format!("/events?directory={}", customer.id)).await);
    let first = scene.user(&customer, json!({"userName": "a"})).await;
    let request = http::Request::builder()
        .uri(format!("/events/stream?directory={}", customer.id))
        .header("last-event-id", &events[1])
        .body(Bytes::new())
        .expect("a request");
    let response = scene.send(Peer::Operator, request).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut body = response.into_body();
    let mut seen = String::new();
    let mut second = None;
    while second.as_ref().is_none_or(|id: &String| !seen.contains(id.as_str())) {
        let piece = tokio::time::timeout(Duration::from_secs(20), body.frame()).await.expect("in time");
        let piece = piece.expect("goes on").expect("a frame").into_data().expect("data");
        seen.push_str(std::str::from_utf8(&piece).expect("text"));
        if second.is_none() && seen.contains(&first) {
            second = Some(scene.user(&customer, json!({"userName": "b"})).await);
        }
    }
    assert_eq!(seen.matches("event: dsync.user.created\n").count(), 2, "{seen}");
    assert_eq!(seen.matches("id: event_").count(), 2);
    scene.shutdown.cancel();
    while body.frame().await.is_some() {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_from_nonsense_is_refused() {
    let scene = Scene::new();
    let request = http::Request::builder()
        .uri("/events/stream")
        .header("last-event-id", "nonsense")
        .body(Bytes::new())
        .expect("a request");
    assert_eq!(read(&scene.send(Peer::Operator, request).await).status, 422);
}
