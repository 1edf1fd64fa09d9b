//! A deactivation is found in any wording.

use serde_json::json;

use super::body;
use crate::scim::Strictness;
use crate::scim::patch::{deactivates_by_patch, deactivates_by_put, parse};
use crate::scim::schema::{standard, urn};

#[test]
fn deactivation_is_found_however_it_is_worded() {
    let core = urn::USER;
    for operation in [
        json!({"op": "replace", "path": "active", "value": false}),
        json!({"op": "Replace", "path": "active", "value": "False"}),
        json!({"OP": " ADD ", "PATH": " Active ", "VALUE": ["false"]}),
        json!({"op": "replace", "path": format!("{core}:active"), "value": 0}),
        json!({"op": "replace", "path": null, "value": {"active": false, "emails": "nonsense"}}),
        json!({"op": "replace", "value": {"ACTIVE": "FALSE"}}),
        json!({"op": "replace", "value": {format!("{core}:active"): false}}),
        json!({"op": "replace", "value": {core: {"active": false}}}),
        json!({"op": "replace", "path": core, "value": {"active": false}}),
        json!({"op": "replace", "value": [{"active": false}]}),
        json!({"op": "replace", "value": "{\"active\":false}"}),
        json!({"op": "replace", "path": "active", "value": {"value": false}}),
        json!({"op": "Replace", "path": "active", "value": [{"$ref": null, "value": "False"}]}),
        json!({"op": "Replace", "path": "active", "value": {"value": false, "primary": true}}),
    ] {
        let noise = json!({"op": "replace", "path": "emails[", "value": 5});
        for operations in [json!([operation]), json!([noise, operation, noise]), operation.clone()] {
            let body = json!({"operations": operations});
            assert!(deactivates_by_patch(body.as_object().expect("object")), "{body}");
        }
        let back = json!([operation, {"op": "replace", "path": "active", "value": "true"}]);
        assert!(!deactivates_by_patch(&body(&back)), "{back}");
    }
    for operation in [
        json!({"op": "remove", "path": "active"}),
        json!({"op": "remove", "path": "active", "value": false}),
        json!({"op": "replace", "path": "active", "value": null}),
        json!({"op": "replace", "path": "active", "value": ""}),
        json!({"op": "replace", "path": "active", "value": []}),
        json!({"op": "replace", "path": "active", "value": [false, true]}),
        json!({"op": "replace", "path": "active.value", "value": false}),
        json!({"op": "replace", "path": "urn:x:2.0:User:active", "value": false}),
        json!({"op": "replace", "value": {"urn:x:2.0:User": {"active": false}}}),
        json!({"op": "replace", "value": {"active": "maybe"}}),
        json!({"op": "move", "path": "active", "value": false}),
        json!({"op": "replace", "path": 5, "value": false}),
        json!({"path": "active", "value": false}),
    ] {
        assert!(!deactivates_by_patch(&body(&json!([operation]))), "{operation}");
    }
    for (body, expected) in [
        (json!({"active": false}), true),
        (json!({"Active": "False", "userName": 5}), true),
        (json!({core: {"active": [false]}}), true),
        (json!({"active": true}), false),
        (json!({"active": null}), false),
        (json!({}), false),
    ] {
        assert_eq!(deactivates_by_put(body.as_object().expect("object")), expected, "{body}");
    }
}

#[test]
fn active_beside_the_operations_is_seen_and_never_passed_over() {
    let check = |body: serde_json::Value, deactivates: bool| {
        let body = body.as_object().expect("object");
        assert_eq!(deactivates_by_patch(body), deactivates, "{body:?}");
        assert!(parse(body, &standard().user, Strictness::Lenient).is_err(), "{body:?}");
        assert!(parse(body, &standard().user, Strictness::Strict).is_err(), "{body:?}");
    };
    let schemas = json!([urn::PATCH_OP]);
    let title = json!({"op": "replace", "path": "title", "value": "x"});
    let on = json!({"op": "replace", "path": "active", "value": true});
    check(json!({"active": false}), true);
    check(json!({"schemas": schemas, "Active": "False", "Operations": []}), true);
    check(json!({"schemas": schemas, "active": false, "Operations": [title]}), true);
    check(json!({"schemas": schemas, urn::USER: {"active": false}, "Operations": [title]}), true);
    check(json!({"schemas": schemas, "active": true, "Operations": []}), false);
    check(json!({"schemas": schemas, "active": false, "Operations": [on]}), false);
}
