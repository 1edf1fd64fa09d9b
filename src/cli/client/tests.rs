//! The client against a scripted daemon.

#![allow(clippy::unwrap_used)]

use serde_json::json;

use crate::base::secret::Secret;
use crate::cli::exit::Exit;

use super::testing::{Daemon, answer, request_lines};
use super::*;

fn page(ids: &[&str], after: Option<&str>) -> String {
    let data: Vec<Value> = ids.iter().map(|id| json!({ "id": id })).collect();
    answer(
        "200 OK",
        &json!({"object": "list", "data": data, "list_metadata": {"before": null, "after": after}}),
    )
}

#[test]
fn a_list_follows_its_cursors_until_it_has_enough() {
    let daemon = Daemon::scripted(vec![page(&["a", "b"], Some("b")), page(&["c"], Some("c"))]);
    let listing = daemon.client().list(&ApiPath::new("/keys"), Wanted::AtMost(3)).unwrap();
    assert_eq!(listing.objects, [json!({"id": "a"}), json!({"id": "b"}), json!({"id": "c"})]);
    assert!(listing.has_more);
    let asked = daemon.asked();
    assert_eq!(
        request_lines(&asked),
        ["GET /keys?limit=3 HTTP/1.1", "GET /keys?limit=1&after=b HTTP/1.1"],
        "{asked:?}"
    );
}

#[test]
fn all_of_a_list_ends_with_its_last_page() {
    let daemon = Daemon::scripted(vec![page(&["a"], Some("a")), page(&["b"], None)]);
    let listing = daemon.client().list(&ApiPath::new("/keys"), Wanted::All).unwrap();
    assert_eq!(listing, Listing { objects: vec![json!({"id": "a"}), json!({"id": "b"})], has_more: false });
}

#[test]
fn a_cursor_that_stands_still_ends_the_list() {
    let daemon = Daemon::scripted(vec![page(&["a"], Some("a")), page(&["a"], Some("a"))]);
    let listing = daemon.client().list(&ApiPath::new("/keys"), Wanted::All).unwrap();
    assert_eq!(listing.objects.len(), 2);
}

#[test]
fn a_body_is_sent_as_json_and_a_key_as_bearer() {
    let daemon = Daemon::scripted(vec![answer("201 Created", &json!({"id": "key_1"}))]);
    let key = Some(Secret::new("sk_secret"));
    let client = Client::new(Target::Socket { path: daemon.socket(), key }).unwrap();
    let made = client.post(&ApiPath::new("/keys"), &json!({"name": "app"})).unwrap();
    assert_eq!(made, json!({"id": "key_1"}));
    let asked = daemon.asked().remove(0);
    for expected in
        ["POST /keys HTTP/1.1", "authorization: Bearer sk_secret", "application/json", r#"{"name":"app"}"#]
    {
        assert!(asked.contains(expected), "{expected} in {asked}");
    }
}

#[test]
fn an_answer_without_a_body_is_null() {
    let daemon = Daemon::scripted(vec!["HTTP/1.1 204 No Content\r\n\r\n".to_owned()]);
    assert_eq!(daemon.client().delete(&ApiPath::new("/keys").then("key_1")).unwrap(), Value::Null);
}

#[test]
fn what_is_not_the_api_is_said() {
    let daemon = Daemon::scripted(vec!["HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>".to_owned()]);
    let error = daemon.client().get(&ApiPath::new("/keys")).unwrap_err();
    assert!(matches!(error, ClientError::NotJson { .. }), "{error}");
}

#[test]
fn an_answer_beyond_the_bound_is_not_read() {
    let length = limits::CLI_ANSWER_BYTES_MAX + 1;
    let daemon = Daemon::scripted(vec![format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n[")]);
    let error = daemon.client().get(&ApiPath::new("/keys")).unwrap_err();
    assert!(matches!(error, ClientError::TooLarge | ClientError::Broken { .. }), "{error}");
}

#[test]
fn a_connection_that_ends_early_is_broken() {
    let daemon = Daemon::scripted(vec![String::new()]);
    let error = daemon.client().get(&ApiPath::new("/keys")).unwrap_err();
    assert!(matches!(error, ClientError::Broken { .. }), "{error}");
}

#[test]
fn no_socket_is_no_daemon() {
    let client = Client::new(Target::Operator { path: "/nonexistent/operator.sock".into() }).unwrap();
    assert_eq!(client.get(&ApiPath::new("/keys")).unwrap_err().exit(), Exit::NoDaemon);
}
