//! What is a change of a resource, and what is none.

use serde_json::{Value, json};

use super::harness;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

#[tokio::test(flavor = "multi_thread")]
async fn the_order_of_keys_is_no_change() {
    let harness = harness().await;
    let user = json!({
        "userName": "pat", "name": {"givenName": "P", "familyName": "T"}, "a": {"x": 1, "y": 2}, "b": 1,
        "emails": [{"value": "p@x.example", "type": "work", "primary": true}],
        ENTERPRISE: {"department": "D", "division": "V"},
    });
    let (_, before) = harness.send("POST", "/Users", Some(user)).await;
    let turned = json!({
        ENTERPRISE: {"division": "V", "department": "D"}, "b": 1, "a": {"y": 2, "x": 1}, "active": true,
        "emails": [{"primary": true, "type": "work", "value": "p@x.example"}],
        "name": {"familyName": "T", "givenName": "P"}, "userName": "pat",
    });
    let path = format!("/Users/{}", before["id"].as_str().unwrap_or_default());
    let (status, after) = harness.send("PUT", &path, Some(turned)).await;
    assert_eq!((status.as_u16(), after), (200, before.clone()));
    let emails = json!([{"type": "work", "primary": true, "value": "p@x.example"}]);
    let patch = json!({"Operations": [{"op": "replace", "path": "emails", "value": emails}]});
    let (status, after) = harness.send("PATCH", &path, Some(patch)).await;
    assert_eq!((status.as_u16(), after), (200, before));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_order_of_keys_is_no_change_of_a_group() {
    let harness = harness().await;
    let group = |extra: Value| json!({"displayName": "Team", "externalId": "1", "urn:x:own": extra});
    let (_, before) = harness.send("POST", "/Groups", Some(group(json!({"a": 1, "b": 2})))).await;
    let path = format!("/Groups/{}", before["id"].as_str().unwrap_or_default());
    let (status, after) = harness.send("PUT", &path, Some(group(json!({"b": 2, "a": 1})))).await;
    assert_eq!((status.as_u16(), after), (200, before));
}
