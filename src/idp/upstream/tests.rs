//! An upstream as its clients see it, through the function that answers, without sockets.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::base::limits::{IDP_UPSTREAM_GROUPS_MAX, IDP_UPSTREAM_PEOPLE_MAX, IDP_UPSTREAM_REQUESTS_KEPT_MAX};
use crate::base::time::{Clock, Timestamp};

use super::answer::Answer;
use super::customer::{Customer, Start};
use super::google::SCOPES;
use super::people::People;
use super::request::Request;
use super::{Ends, Kind, Options, UpstreamError, control, workday};

fn customer(kind: Kind, people: usize) -> Customer {
    Customer::new(Start {
        kind,
        url: "http://127.0.0.1:1".into(),
        people: People::generate(1, people, 4),
        account: None,
        page_rows_max: 5,
        token_secs: 60,
        steps: Vec::new(),
        clock: Clock::manual(Timestamp::from_millis(0)),
    })
}

fn get(path: &str, query: &[(&str, &str)], authorization: &str) -> Request {
    let mut headers = http::HeaderMap::new();
    headers.insert("authorization", authorization.parse().unwrap());
    let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Request { method: "GET".into(), path: path.into(), query, headers, ..Request::default() }
}

fn bearer(customer: &mut Customer) -> String {
    let scopes = SCOPES.iter().map(|scope| (*scope).to_owned()).collect();
    format!("Bearer {}", customer.tokens.give("t", scopes, customer.clock.now()).0)
}

fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
}

fn body(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

fn control(customer: &mut Customer, method: &str, path: &str, sent: &Value) -> u16 {
    let request = Request {
        method: method.into(),
        path: format!("{}{path}", control::PATH),
        body: sent.to_string().into(),
        ..Request::default()
    };
    control::answer(customer, &request).status
}

/// All rows of a listing, page by page.
fn rows(customer: &mut Customer, path: &str, key: &str, authorization: &str) -> Vec<Value> {
    let (mut found, mut token) = (Vec::new(), String::new());
    loop {
        let mut query = vec![("customer", "my_customer"), ("projection", "full")];
        if !token.is_empty() {
            query.push(("pageToken", token.as_str()));
        }
        let answer = customer.answer(&get(path, &query, authorization));
        assert_eq!(answer.status, 200, "{answer:?}");
        let page = body(&answer);
        found.extend(page[key].as_array().cloned().unwrap_or_default());
        match page["nextPageToken"].as_str() {
            Some(next) => token = next.to_owned(),
            None => return found,
        }
    }
}

const USERS: &str = "/admin/directory/v1/users";
const GROUPS: &str = "/admin/directory/v1/groups";

#[test]
fn google_lists_everyone_once_and_says_who_is_suspended() {
    let mut customer = customer(Kind::Google, 12);
    let token = bearer(&mut customer);
    let change = json!({"changes": [{"do": "suspend", "person": 3}, {"do": "delete", "person": 4}]});
    assert_eq!(control(&mut customer, "POST", "/changes", &change), 200);
    let users = rows(&mut customer, USERS, "users", &token);
    assert_eq!(users.len(), 11);
    assert_eq!(users.iter().filter(|user| user["suspended"] == true).count(), 1);
    assert!(users.iter().all(|user| user["customSchemas"]["Work"]["badge"].is_string()));
}

#[test]
fn a_group_tells_how_many_direct_members_it_lists() {
    let mut customer = customer(Kind::Google, 30);
    let token = bearer(&mut customer);
    for group in rows(&mut customer, GROUPS, "groups", &token) {
        let path = format!("{GROUPS}/{}/members", group["id"].as_str().unwrap());
        let members = rows(&mut customer, &path, "members", &token);
        assert_eq!(members.len().to_string(), group["directMembersCount"].as_str().unwrap());
    }
}

#[test]
fn a_whole_pull_is_counted_once_all_has_been_read() {
    let mut customer = customer(Kind::Google, 12);
    let token = bearer(&mut customer);
    rows(&mut customer, USERS, "users", &token);
    let groups = rows(&mut customer, GROUPS, "groups", &token);
    assert_eq!(customer.pulls, 0);
    for group in groups {
        rows(
            &mut customer,
            &format!("{GROUPS}/{}/members", group["id"].as_str().unwrap()),
            "members",
            &token,
        );
    }
    assert_eq!(customer.pulls, 1);
}

#[test]
fn what_google_would_refuse_is_refused_in_its_words() {
    let mut customer = customer(Kind::Google, 3);
    let token = bearer(&mut customer);
    let ours = ("customer", "my_customer");
    let rows: [(&str, &[(&str, &str)], u16, &str); 9] = [
        (USERS, &[], 400, "badRequest"),
        (USERS, &[("customer", "C999")], 400, "badRequest"),
        (USERS, &[("domain", "other.example")], 404, "notFound"),
        (USERS, &[ours, ("maxResults", "501")], 400, "invalid"),
        (USERS, &[ours, ("pageToken", "abc")], 400, "invalid"),
        (USERS, &[ours, ("query", "shoeSize=1")], 400, "invalid"),
        (GROUPS, &[ours, ("maxResults", "201")], 400, "invalid"),
        ("/admin/directory/v1/groups/none/members", &[], 404, "notFound"),
        ("/admin/directory/v1/users/none", &[], 404, "notFound"),
    ];
    for (path, query, status, reason) in rows {
        let answer = customer.answer(&get(path, query, &token));
        assert_eq!(
            (answer.status, &body(&answer)["error"]["errors"][0]["reason"]),
            (status, &json!(reason)),
            "{path}"
        );
    }
    assert_eq!(customer.answer(&get(USERS, &[ours], "Bearer wrong")).status, 401);
    assert_eq!(customer.answer(&get(USERS, &[ours, ("maxResults", "500")], &token)).status, 200);
    let few = customer.tokens.give("t", vec![SCOPES[1].to_owned()], customer.clock.now()).0;
    assert_eq!(customer.answer(&get(USERS, &[ours], &format!("Bearer {few}"))).status, 403);
}

#[test]
fn a_unit_is_found_by_its_whole_path() {
    let mut customer = customer(Kind::Google, 1);
    let token = bearer(&mut customer);
    let units = "/admin/directory/v1/customer/my_customer/orgunits";
    let all = body(&customer.answer(&get(units, &[("type", "all")], &token)));
    assert_eq!(all["organizationUnits"].as_array().map(Vec::len), Some(super::people::ORG_UNITS.len()));
    for (path, status) in [("Engineering/Platform", 200), ("Platform", 404), ("Sales", 200)] {
        assert_eq!(customer.answer(&get(&format!("{units}/{path}"), &[], &token)).status, status, "{path}");
    }
}

#[test]
fn a_version_that_the_client_has_is_not_sent_again() {
    let mut customer = customer(Kind::Google, 3);
    let token = bearer(&mut customer);
    let mut request = get(USERS, &[("customer", "my_customer")], &token);
    let first = customer.answer(&request);
    let etag = &first.headers.iter().find(|(name, _)| *name == "etag").unwrap().1;
    request.headers.insert("if-none-match", etag.parse().unwrap());
    assert_eq!(customer.answer(&request).status, 304);
    control(&mut customer, "POST", "/changes", &json!({"changes": [{"do": "archive", "person": 1}]}));
    assert_eq!(customer.answer(&request).status, 200);
}

#[test]
fn an_expired_token_is_refused_until_another_is_given() {
    let mut customer = customer(Kind::Google, 3);
    let token = bearer(&mut customer);
    let fault = json!({"faults": [{"kind": "token_expired", "on": "users", "times": 1}]});
    assert_eq!(control(&mut customer, "PUT", "/faults", &fault), 200);
    assert_eq!(customer.answer(&get(USERS, &[("customer", "my_customer")], &token)).status, 401);
    let token = bearer(&mut customer);
    assert_eq!(customer.answer(&get(USERS, &[("customer", "my_customer")], &token)).status, 200);
}

#[test]
fn absent_people_are_missing_from_every_total() {
    let mut customer = customer(Kind::Google, 12);
    let token = bearer(&mut customer);
    control(&mut customer, "PUT", "/faults", &json!({"faults": [{"kind": "absent", "count": 4}]}));
    assert_eq!(rows(&mut customer, USERS, "users", &token).len(), 8);
    for group in rows(&mut customer, GROUPS, "groups", &token) {
        let path = format!("{GROUPS}/{}/members", group["id"].as_str().unwrap());
        let members = rows(&mut customer, &path, "members", &token).len();
        assert_eq!(members.to_string(), group["directMembersCount"].as_str().unwrap());
    }
    assert_eq!(customer.pulls, 0, "a pull with a fault in it is no pull");
}

#[test]
fn workday_reports_those_who_left_and_those_to_come() {
    let mut customer = customer(Kind::Workday, 5);
    let change = json!({"changes": [{"do": "terminate", "person": 1}, {"do": "expect", "person": 9}]});
    control(&mut customer, "POST", "/changes", &change);
    let by_password = basic(workday::ISU, &customer.isu.password);
    let path = workday::report_path();
    let report = body(&customer.answer(&get(&path, &[("format", "json")], &by_password)));
    let entries = report["Report_Entry"].as_array().unwrap();
    assert_eq!(entries.len(), 6);
    assert_eq!(entries[1]["Worker_Status"], "Terminated");
    assert_eq!(entries[5]["Worker_Status"], "Future Hire");
    assert!(entries[0].get("Termination_Date").is_none(), "an empty column is left out");
    let csv = customer.answer(&get(&path, &[("format", "csv")], &by_password));
    assert_eq!(String::from_utf8_lossy(&csv.body).lines().count(), 7);
    assert_eq!(customer.answer(&get(&path, &[("format", "json")], &basic(workday::ISU, "no"))).status, 401);
    assert_eq!(customer.answer(&get(&path, &[], &by_password)).status, 400);
}

#[test]
fn workday_gives_a_token_for_the_refresh_token_of_its_client() {
    let mut customer = customer(Kind::Workday, 2);
    let ask = |customer: &mut Customer, refresh: &str, secret: &str| {
        let mut request = get(&workday::token_path(), &[], &basic(&customer.isu.client_id.clone(), secret));
        request.method = "POST".into();
        request.body = format!("grant_type=refresh_token&refresh_token={refresh}").into();
        customer.answer(&request)
    };
    let (refresh, secret) = (customer.isu.refresh_token.clone(), customer.isu.client_secret.clone());
    assert_eq!(ask(&mut customer, &refresh, "wrong").status, 401);
    assert_eq!(ask(&mut customer, "wrong", &secret).status, 400);
    let given = body(&ask(&mut customer, &refresh, &secret));
    let token = format!("Bearer {}", given["access_token"].as_str().unwrap());
    assert_eq!(customer.answer(&get(&workday::report_path(), &[("format", "json")], &token)).status, 200);
}

#[test]
fn files_come_in_every_form_and_not_twice() {
    let mut customer = customer(Kind::File, 5);
    let token = format!("Bearer {}", customer.files.bearer);
    for (path, lines) in [("/people.csv", 6), ("/people.ndjson", 5), ("/people.json", 1)] {
        let answer = customer.answer(&get(path, &[], &token));
        assert_eq!(
            (answer.status, String::from_utf8_lossy(&answer.body).lines().count()),
            (200, lines),
            "{path}"
        );
    }
    let first = customer.answer(&get("/people.csv", &[], &token));
    for (sent, held) in [("if-none-match", "etag"), ("if-modified-since", "last-modified")] {
        let value = &first.headers.iter().find(|(name, _)| *name == held).unwrap().1;
        let mut request = get("/people.csv", &[], &token);
        request.headers.insert(sent, value.parse().unwrap());
        assert_eq!(customer.answer(&request).status, 304, "{sent}");
    }
    assert_eq!(customer.answer(&get("/people.csv", &[], "Bearer no")).status, 401);
    assert_eq!(customer.answer(&get("/other.csv", &[], &token)).status, 404);
}

#[test]
fn a_control_that_is_wrong_changes_nothing_and_a_browser_has_none() {
    let mut customer = customer(Kind::File, 5);
    let wrong = [
        ("PUT", "/faults", json!({"faults": [{"kind": "nonsense"}]})),
        ("PUT", "/faults", json!({"faults": [{"kind": "status"}]})),
        ("PUT", "/faults", json!({"faults": [{"kind": "stall", "on": "nonsense"}]})),
        ("POST", "/changes", json!({"changes": [{"do": "suspend", "person": 99}]})),
        ("POST", "/changes", json!({"changes": [{"do": "nonsense"}]})),
        ("PUT", "/layout", json!({"encoding": "ebcdic"})),
    ];
    let before = customer.people.clone();
    for (method, path, sent) in wrong {
        assert_eq!(control(&mut customer, method, path, &sent), 400, "{sent}");
    }
    assert_eq!(customer.people, before);
    let mut request = get(control::PATH, &[], "x");
    assert_eq!(control::answer(&mut customer, &request).status, 200);
    request.headers.insert("origin", "https://example.com".parse().unwrap());
    assert_eq!(control::answer(&mut customer, &request).status, 403);
}

#[test]
fn so_many_requests_are_kept_and_no_more() {
    let mut customer = customer(Kind::File, 1);
    for _ in 0..=IDP_UPSTREAM_REQUESTS_KEPT_MAX {
        customer.answer(&get("/people.csv", &[], "Bearer no"));
        assert!(customer.answered.len() <= IDP_UPSTREAM_REQUESTS_KEPT_MAX);
    }
    assert_eq!(customer.answered.len(), IDP_UPSTREAM_REQUESTS_KEPT_MAX);
}

fn options(listen: &str, people: usize, groups: usize) -> Options {
    Options {
        kind: Kind::File,
        listen: listen.parse().unwrap(),
        scenario: "first-sync".into(),
        people,
        groups,
        seed: 1,
        page_rows_max: 100,
        token_secs: 60,
        folder: ".".into(),
        ends: Ends::WhenStopped,
    }
}

#[test]
fn a_customer_of_any_size_up_to_the_limit_is_made_on_loopback_alone() {
    let local = "127.0.0.1:0";
    assert!(super::people(&options(local, 1, IDP_UPSTREAM_GROUPS_MAX)).is_ok());
    assert!(super::people(&options(local, IDP_UPSTREAM_PEOPLE_MAX, 0)).is_ok());
    let too_many = super::people(&options(local, IDP_UPSTREAM_PEOPLE_MAX + 1, 0));
    assert!(matches!(too_many, Err(UpstreamError::TooMany { what: "people", .. })));
    let too_many = super::people(&options(local, 1, IDP_UPSTREAM_GROUPS_MAX + 1));
    assert!(matches!(too_many, Err(UpstreamError::TooMany { what: "groups", .. })));
    assert!(matches!(super::people(&options("0.0.0.0:0", 1, 1)), Err(UpstreamError::NotLoopback { .. })));
}
