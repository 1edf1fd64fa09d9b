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

fn off_and(more: Value) -> Value {
    json!({"Operations": [{"op": "Replace", "path": "active", "value": "False"}, more]})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deactivation_in_a_bulk_request_is_done_despite_references_to_nothing() {
    let harness = harness().await;
    let mut operations = vec![json!({"method": "POST", "path": "/Users", "bulkId": "bad", "data": {"userName": ""}})];
    let mut paths = Vec::new();
    for (number, reference) in ["bulkId:nope", "bulkId:bad", "bulkId:nope"].into_iter().enumerate() {
        let user = json!({"userName": format!("u{number}")});
        let (_, user) = harness.send("POST", "/Users", Some(user)).await;
        let path = format!("/Users/{}", user["id"].as_str().unwrap_or_default());
        let manager = json!({"value": reference});
        operations.push(match number {
            0 | 1 => json!({"method": "PATCH", "path": path,
                "data": off_and(json!({"op": "add", "path": "manager", "value": manager}))}),
            _ => json!({"method": "PUT", "path": path,
                "data": {"userName": "u2", "active": false, ENTERPRISE: {"manager": manager}}}),
        });
        paths.push(path);
    }
    let group = json!({"displayName": "G", "members": [{"value": "bulkId:nope"}]});
    let (_, kept) = harness.send("POST", "/Groups", Some(json!({"displayName": "G"}))).await;
    let path = format!("/Groups/{}", kept["id"].as_str().unwrap_or_default());
    operations.push(json!({"method": "PUT", "path": path, "data": group}));
    let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations});
    let (status, answer) = harness.send("POST", "/Bulk", Some(body)).await;
    let outcomes: Vec<&str> =
        answer["Operations"].as_array().into_iter().flatten().filter_map(|one| one["status"].as_str()).collect();
    assert_eq!((status.as_u16(), outcomes), (200, vec!["400", "200", "200", "200", "400"]), "{answer}");
    for path in paths {
        let (_, user) = harness.send("GET", &path, None).await;
        assert_eq!((&user["active"], user.get(ENTERPRISE)), (&json!(false), None), "{user}");
    }
    let record = harness.post_to("/scim/v2/acme/Bulk").await;
    assert_eq!(record.status, 200);
    assert!(record.rules.iter().any(|rule| rule == "lifecycle.deactivate_despite_error"), "{:?}", record.rules);
    let detail = record.detail.unwrap_or_default();
    assert!(detail.starts_with("operation 2: bulkId:nope") && detail.contains("operation 4: "), "{detail}");
    harness.assert_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_id_that_a_patch_repeats_names_nothing() {
    let harness = harness().await;
    let (_, other) = harness.send("POST", "/Users", Some(json!({"userName": "other"}))).await;
    let patch = json!({"Operations": [{"op": "add", "path": "title", "value": "x"}]});
    let path = format!("/Users/{}", other["id"].as_str().unwrap_or_default());
    let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [
        {"method": "POST", "path": "/Users", "bulkId": "a", "data": {"userName": "new"}},
        {"method": "PATCH", "path": path, "bulkId": "a", "data": patch},
        {"method": "POST", "path": "/Groups", "bulkId": "g", "data": {"displayName": "G", "members": [{"value": "bulkId:a"}]}},
    ]});
    let (_, answer) = harness.send("POST", "/Bulk", Some(body)).await;
    let made = answer["Operations"][0]["location"].as_str().unwrap_or_default();
    let (_, groups) = harness.send("GET", "/Groups", None).await;
    let member = groups["Resources"][0]["members"][0]["$ref"].as_str();
    assert_eq!(member, Some(made), "{answer} {groups}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deactivation_is_done_despite_the_query() {
    let harness = harness().await;
    let (_, user) = harness.send("POST", "/Users", Some(json!({"userName": "pat"}))).await;
    let path = format!("/Users/{}", user["id"].as_str().unwrap_or_default());
    let query = "?attributes=userName&excludedAttributes=name";
    let title = json!({"op": "add", "path": "title", "value": "x"});
    let (status, _) = harness.send("PATCH", &format!("{path}{query}"), Some(json!({"Operations": [title]}))).await;
    assert_eq!(status, 400);
    let (status, after) = harness.send("PATCH", &format!("{path}{query}"), Some(off_and(title))).await;
    assert_eq!((status.as_u16(), &after["active"], after.get("title")), (200, &json!(false), None), "{after}");
    let (status, _) = harness.send("PATCH", &format!("/Users/none{query}"), Some(json!({}))).await;
    assert_eq!(status, 404, "an unknown id comes first");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_keeps_its_name_is_not_refused_for_it() {
    let harness = harness().await;
    let (_, _) = harness.send("POST", "/Groups", Some(json!({"displayName": "Team"}))).await;
    let (_, twin) = harness.send("POST", "/Groups", Some(json!({"displayName": "TEAM"}))).await;
    harness.change_directory(|directory| directory.unique_group_names = Some(true)).await;
    let path = format!("/Groups/{}", twin["id"].as_str().unwrap_or_default());
    let put = |name: &str| json!({"displayName": name, "externalId": "1"});
    assert_eq!(harness.send("PUT", &path, Some(put("TEAM"))).await.0, 200);
    assert_eq!(harness.send("PUT", &path, Some(put("team"))).await.0, 409);
}
