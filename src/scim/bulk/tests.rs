//! Tests of the Bulk plan and its answer.

use std::collections::{BTreeMap, HashMap};

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, prop_assert_eq, proptest};
use serde_json::{Value, json};

use super::{
    Completion, Method, Operation, Outcome, Plan, PlanError, Refusal, Step, Target, Unresolved, plan,
    response, substitute,
};
use crate::base::limits::BULK_OPERATIONS_MAX;
use crate::scim::ScimType;
use crate::scim::schema::{ResourceType, urn};

fn planned(operations: Value) -> Plan {
    let body = json!({"schemas": [urn::BULK_REQUEST], "Operations": operations});
    plan(body.as_object().expect("an object")).expect("a good request")
}

fn refused(body: Value) -> PlanError {
    plan(body.as_object().expect("an object")).expect_err("must be refused")
}

fn user(bulk_id: &str) -> Value {
    json!({"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": {"userName": bulk_id}})
}

fn group(bulk_id: &str, members: &[&str]) -> Value {
    let members: Vec<Value> =
        members.iter().map(|member| json!({"value": format!("bulkId:{member}")})).collect();
    let data = json!({"displayName": bulk_id, "members": members});
    json!({"method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": data})
}

/// The steps in short: `2` for running the third operation, `+2` for completing it.
fn steps(plan: &Plan) -> String {
    let names: Vec<String> = plan
        .steps
        .iter()
        .map(|step| match step {
            Step::Run { operation } => operation.to_string(),
            Step::Complete(completion) => format!("+{}", completion.operation),
        })
        .collect();
    names.join(" ")
}

#[test]
fn operations_run_in_their_order_but_after_what_they_need() {
    let cases = [
        (json!([user("a"), user("b"), group("g", &["a", "b"])]), "0 1 2"),
        (json!([group("g", &["a", "b"]), user("a"), user("b")]), "1 2 0"),
        (json!([group("g", &["b"]), user("a"), user("b"), user("c")]), "1 2 0 3"),
        (json!([group("g", &["h"]), group("h", &["i"]), group("i", &[])]), "2 1 0"),
        (
            json!([
                {"method": "PATCH", "path": "/Groups/bulkId:g", "data": {"Operations": [
                    {"op": "remove", "path": "members[value eq \"bulkId:a\"]"}]}},
                group("g", &["a"]), user("a"),
            ]),
            "2 1 0",
        ),
        (json!([]), ""),
    ];
    for (operations, expected) in cases {
        assert_eq!(steps(&planned(operations.clone())), expected, "{operations}");
    }
}

#[test]
fn a_circle_is_cut_and_completed() {
    let mut first = group("g", &["a", "h", "g"]);
    first["data"]["members"][0]["type"] = json!("User");
    let plan = planned(json!([first, group("h", &["g"]), user("a")]));
    assert_eq!(steps(&plan), "2 0 1 +0");
    let body = |index: usize| {
        plan.operations[index]
            .request
            .as_ref()
            .ok()
            .and_then(|request| request.body.clone())
            .map(Value::Object)
    };
    let kept = json!({"displayName": "g", "members": [{"value": "bulkId:a", "type": "User"}]});
    assert_eq!(body(0), Some(kept));
    assert_eq!(plan.operations[0].depends_on, [2]);
    assert_eq!(body(1), Some(json!({"displayName": "h", "members": [{"value": "bulkId:g"}]})));
    let patch = json!({"schemas": [urn::PATCH_OP], "Operations": [
        {"op": "add", "path": "members", "value": [{"value": "bulkId:h"}, {"value": "bulkId:g"}]},
    ]});
    let expected = Completion {
        operation: 0,
        depends_on: vec![0, 1],
        patch: patch.as_object().cloned().expect("an object"),
    };
    assert_eq!(plan.steps.last(), Some(&Step::Complete(expected)));
}

#[test]
fn managers_in_a_circle_are_cut_out_of_the_extension() {
    let user = |bulk_id: &str, manager: &str| {
        let mut user = user(bulk_id);
        user["data"][urn::ENTERPRISE_USER] =
            json!({"department": "R&D", "manager": {"value": format!("bulkId:{manager}")}});
        user
    };
    let plan = planned(json!([user("a", "b"), user("b", "a"), user("c", "c")]));
    assert_eq!(steps(&plan), "0 1 +0 2 +2");
    let Some(Step::Complete(completion)) = plan.steps.get(2) else { panic!("no completion") };
    let expected = json!([{
        "op": "add",
        "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
        "value": {"value": "bulkId:b"},
    }]);
    assert_eq!(completion.patch["Operations"], expected);
}

#[test]
fn what_is_wrong_with_one_operation_stays_with_it() {
    let invalid = |scim_type: ScimType| Some(scim_type);
    let cases = [
        (json!("x"), invalid(ScimType::InvalidSyntax)),
        (json!({"path": "/Users", "bulkId": "x", "data": {}}), invalid(ScimType::InvalidSyntax)),
        (json!({"method": "GET", "path": "/Users/1"}), invalid(ScimType::InvalidValue)),
        (json!({"method": "POST", "bulkId": "x", "data": {}}), invalid(ScimType::InvalidSyntax)),
        (json!({"method": "POST", "path": "/Users", "data": {}}), invalid(ScimType::InvalidSyntax)),
        (
            json!({"method": "POST", "path": "/Users", "bulkId": "", "data": {}}),
            invalid(ScimType::InvalidValue),
        ),
        (
            json!({"method": "POST", "path": "/Users", "bulkId": 1, "data": {}}),
            invalid(ScimType::InvalidSyntax),
        ),
        (
            json!({"method": "POST", "path": "/Users/1", "bulkId": "x", "data": {}}),
            invalid(ScimType::InvalidValue),
        ),
        (json!({"method": "DELETE", "path": "/Users"}), invalid(ScimType::InvalidValue)),
        (json!({"method": "PUT", "path": "/Users/1"}), invalid(ScimType::InvalidSyntax)),
        (json!({"method": "PATCH", "path": "/Users/1", "data": []}), invalid(ScimType::InvalidSyntax)),
        (json!({"method": "DELETE", "path": "/Users/bulkId:none"}), invalid(ScimType::InvalidValue)),
        (group("g", &["none"]), invalid(ScimType::InvalidValue)),
        (user("ok"), invalid(ScimType::InvalidValue)),
        (json!({"method": "DELETE", "Method": "PUT", "path": "/Users/1"}), invalid(ScimType::InvalidSyntax)),
        (json!({"method": "DELETE", "path": "/Devices/1"}), None),
        (json!({"method": "DELETE", "path": "/Users/1/x"}), None),
        (json!({"method": "POST", "path": "/Me", "bulkId": "x", "data": {}}), None),
    ];
    for (operation, expected) in cases {
        let plan = planned(json!([user("ok"), operation]));
        assert!(plan.operations[0].request.is_ok());
        let refusal = plan.operations[1].request.clone().expect_err(&operation.to_string());
        match (refusal, expected) {
            (Refusal::Invalid(error), Some(scim_type)) => {
                assert_eq!(error.scim_type, scim_type, "{operation}")
            }
            (Refusal::NotFound { .. }, None) => {}
            (refusal, _) => panic!("{operation}: {refusal:?}"),
        }
        assert_eq!(plan.steps.len(), 2);
    }
}

#[test]
fn what_needs_a_refused_operation_depends_on_it() {
    let bad = json!({"method": "post", "path": "/Users", "bulkId": "a"});
    let plan = planned(json!([group("g", &["a"]), bad]));
    assert_eq!(steps(&plan), "1 0");
    assert!(plan.operations[1].request.is_err());
    assert_eq!(plan.operations[0].depends_on, [1]);
}

#[test]
fn methods_and_paths_are_read_in_any_case() {
    let cases = [
        ("delete", "/Users/1", Method::Delete, ResourceType::User, Target::Id("1".into())),
        ("Delete", "groups/a%20b/?x=y", Method::Delete, ResourceType::Group, Target::Id("a b".into())),
        ("DELETE", "/users/bulkId:ok", Method::Delete, ResourceType::User, Target::BulkId("ok".into())),
    ];
    for (method, path, expected, resource_type, target) in cases {
        let operation = json!({"Method": method, "PATH": path, "version": "W/\"1\"", "bulkId": "echo"});
        let plan = planned(json!([user("ok"), operation]));
        let Operation { method, bulk_id, request, .. } = plan.operations[1].clone();
        let request = request.expect("good");
        assert_eq!((request.method, request.resource_type), (expected, resource_type));
        assert_eq!((request.target, request.version.as_deref()), (Some(target), Some("W/\"1\"")));
        assert_eq!((method.as_str(), bulk_id.as_deref()), ("DELETE", Some("echo")));
    }
}

#[test]
fn a_request_of_another_shape_or_size_has_no_plan() {
    let syntax = |error: PlanError| matches!(error, PlanError::Invalid(error) if error.scim_type == ScimType::InvalidSyntax);
    for body in [
        json!({}),
        json!({"Operations": {}}),
        json!({"Operations": [], "operations": []}),
        json!({"schemas": [urn::PATCH_OP], "Operations": []}),
        json!({"Operations": [], "failOnErrors": -1}),
        json!({"Operations": [], "failOnErrors": "1"}),
    ] {
        assert!(syntax(refused(body.clone())), "{body}");
    }
    let delete = || json!({"method": "DELETE", "path": "/Users/1"});
    let many = |count: usize| (0..count).map(|_| delete()).collect::<Value>();
    assert_eq!(planned(many(BULK_OPERATIONS_MAX)).steps.len(), BULK_OPERATIONS_MAX);
    let count = BULK_OPERATIONS_MAX + 1;
    assert_eq!(refused(json!({"Operations": many(count)})), PlanError::TooManyOperations { count });
}

#[test]
fn errors_are_counted_from_one() {
    let fail_on_errors =
        |body: Value| plan(body.as_object().expect("an object")).map(|plan| plan.fail_on_errors);
    assert_eq!(fail_on_errors(json!({"Operations": []})), Ok(None));
    assert_eq!(fail_on_errors(json!({"Operations": [], "failOnErrors": 0})), Ok(Some(1)));
    assert_eq!(fail_on_errors(json!({"Operations": [], "failonerrors": 3})), Ok(Some(3)));
}

#[test]
fn references_are_replaced_wherever_they_stand() {
    let ids = HashMap::from([("a".to_owned(), "id-1".to_owned()), ("b c".to_owned(), "id-2".to_owned())]);
    let mut body = json!({
        "members": [{"value": "bulkId:a"}, {"value": "bulkId:b c"}, {"value": "plain"}],
        urn::ENTERPRISE_USER: {"manager": "bulkId:a"},
        "Operations": [
            {"path": "members[value eq \"bulkId:a\" or value eq \"x\"]", "value": "say \"bulkId:a\""},
            {"Path": "members[value eq \"bulkId:b c\"]"},
        ],
    });
    let expected = json!({
        "members": [{"value": "id-1"}, {"value": "id-2"}, {"value": "plain"}],
        urn::ENTERPRISE_USER: {"manager": "id-1"},
        "Operations": [
            {"path": "members[value eq \"id-1\" or value eq \"x\"]", "value": "say \"bulkId:a\""},
            {"Path": "members[value eq \"id-2\"]"},
        ],
    });
    assert_eq!(substitute(&mut body, &ids), Ok(()));
    assert_eq!(body, expected);
    for text in ["bulkId:z", "x[y eq \"bulkId:z\"]"] {
        let unresolved = Err(Unresolved { bulk_id: "z".into() });
        assert_eq!(substitute(&mut json!({"path": text}), &ids), unresolved);
    }
}

#[test]
fn an_answer_has_what_each_outcome_has() {
    let good = Outcome {
        method: "POST".into(),
        bulk_id: Some("a".into()),
        version: Some("W/\"1\"".into()),
        location: Some("https://x.example/Users/1".into()),
        status: 201,
        response: None,
    };
    let error = json!({"status": "400"}).as_object().cloned();
    let bad = Outcome {
        bulk_id: None,
        version: None,
        location: None,
        status: 400,
        response: error,
        ..good.clone()
    };
    let expected = json!({"schemas": [urn::BULK_RESPONSE], "Operations": [
        {"method": "POST", "bulkId": "a", "version": "W/\"1\"", "location": "https://x.example/Users/1",
            "status": "201"},
        {"method": "POST", "status": "400", "response": {"status": "400"}},
    ]});
    assert_eq!(Value::Object(response(vec![good, bad])), expected);
}

/// Carries a plan out on nothing but names: the members of each group in the end.
fn carried_out(plan: &Plan) -> BTreeMap<String, Vec<String>> {
    let mut ids = HashMap::new();
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let members = |value: &Value| -> Vec<String> {
        let values = value.as_array().cloned().unwrap_or_default();
        values.iter().filter_map(|member| member["value"].as_str()).map(str::to_owned).collect()
    };
    for step in &plan.steps {
        match step {
            Step::Run { operation } => {
                let operation = &plan.operations[*operation];
                let bulk_id = operation.bulk_id.clone().unwrap_or_default();
                let mut body = json!(operation.request.as_ref().expect("good").body);
                substitute(&mut body, &ids).expect("nothing comes before what it needs");
                groups.insert(format!("id-{bulk_id}"), members(&body["members"]));
                ids.insert(bulk_id.clone(), format!("id-{bulk_id}"));
            }
            Step::Complete(completion) => {
                let mut body = Value::Object(completion.patch.clone());
                substitute(&mut body, &ids).expect("a completion comes after what it needs");
                let bulk_id = plan.operations[completion.operation].bulk_id.clone().unwrap_or_default();
                let added = members(&body["Operations"][0]["value"]);
                groups.entry(format!("id-{bulk_id}")).or_default().extend(added);
            }
        }
    }
    groups.values_mut().for_each(|members| members.sort_unstable());
    groups
}

/// Groups that name one another at will, themselves too, and an order to send them in.
fn graphs() -> impl Strategy<Value = (Vec<Vec<usize>>, Vec<usize>)> {
    let count = 8_usize;
    let members = vec(proptest::sample::subsequence((0..count).collect::<Vec<_>>(), 0..4), count);
    (members, Just((0..count).collect::<Vec<_>>()).prop_shuffle())
}

proptest! {
    #[test]
    fn any_order_of_operations_ends_in_the_same_groups((members, order) in graphs()) {
        let operation = |index: &usize| {
            let named: Vec<String> = members[*index].iter().map(usize::to_string).collect();
            group(&index.to_string(), &named.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let plan = planned(order.iter().map(operation).collect());
        let expected: BTreeMap<String, Vec<String>> = members
            .iter()
            .enumerate()
            .map(|(index, members)| {
                (format!("id-{index}"), members.iter().map(|member| format!("id-{member}")).collect())
            })
            .collect();
        prop_assert_eq!(carried_out(&plan), expected);
        let runs = plan.steps.iter().filter(|step| matches!(step, Step::Run { .. })).count();
        prop_assert_eq!(runs, members.len());
    }
}
