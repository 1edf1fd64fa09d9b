//! That `openapi.json` describes exactly the routes that there are.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::app_api::OPENAPI;
use crate::app_api::routes::TABLE;

fn description() -> Value {
    serde_json::from_str(OPENAPI).expect("is JSON")
}

#[test]
fn every_route_is_described_and_nothing_else() {
    let description = description();
    let mut described = BTreeSet::new();
    for (path, methods) in description["paths"].as_object().expect("paths") {
        for method in methods.as_object().expect("methods").keys().filter(|key| *key != "parameters") {
            described.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    let routes: BTreeSet<String> =
        TABLE.iter().map(|(method, pattern, _)| format!("{method} {pattern}")).collect();
    assert_eq!(described, routes);
}

#[test]
fn every_reference_leads_somewhere() {
    let description = description();
    let text = description.to_string();
    for piece in text.split("\"$ref\":\"#").skip(1) {
        let pointer = piece.split('"').next().unwrap_or_default();
        assert!(description.pointer(pointer).is_some(), "{pointer}");
    }
}
