//! What is asked: creates, reads, filters, memberships, and filling a directory beforehand.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

use crate::connection::Connection;
use crate::measure::{Ask, measure};
use crate::options::Options;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const IDS_MAX: usize = 1_000;
const SEED_AT_ONCE: usize = 200;
const MEMBERS_AT_ONCE: usize = 5_000;

/// Runs the scenario that the options name; gives its line.
pub async fn run(options: Options) -> io::Result<String> {
    match options.scenario.as_str() {
        "create" => create(&options).await,
        "read" => read(&options).await,
        "path" => {
            let path = options.argument.clone();
            measure(&options, move |_, _| get(path.clone())).await
        }
        "filter" => filter(&options).await,
        "patch" => patch(&options).await,
        "seed" => seed(&options).await,
        "member" => member(&options).await,
        other => Err(io::Error::other(format!("unknown scenario {other}"))),
    }
}

fn get(path: String) -> Ask {
    Ask { method: Method::GET, path, body: String::new() }
}

/// A user of about a kilobyte and a half.
fn user(name: &str) -> Value {
    json!({
        "schemas": [USER, ENTERPRISE],
        "userName": format!("{name}@example.com"),
        "externalId": name,
        "name": {"givenName": "Given", "familyName": "Family", "formatted": "Given Family"},
        "displayName": "Given Family",
        "nickName": "G",
        "title": "Engineer, Platform and Reliability",
        "preferredLanguage": "en-US",
        "locale": "en-US",
        "timezone": "Europe/Berlin",
        "active": true,
        "emails": [
            {"value": format!("{name}@example.com"), "type": "work", "primary": true},
            {"value": format!("{name}@home.example"), "type": "home"},
        ],
        "phoneNumbers": [{"value": "+49 30 000000", "type": "work"}, {"value": "+49 170 00000", "type": "mobile"}],
        "addresses": [{
            "type": "work", "streetAddress": "1 Long Street Name, Building C, Floor 4", "locality": "Berlin",
            "region": "BE", "postalCode": "10115", "country": "DE", "formatted": "1 Long Street Name\nBerlin",
        }],
        ENTERPRISE: {"employeeNumber": name, "department": "Platform", "costCenter": "4130", "division": "Tech",
            "organization": "Acme", "manager": {"value": "directory_user_01HQ0000000000000000000000"}},
    })
}

async fn create(options: &Options) -> io::Result<String> {
    let run = std::process::id();
    measure(options, move |caller, turn| Ask {
        method: Method::POST,
        path: "/Users".to_owned(),
        body: user(&format!("c{run}-{caller}-{turn}")).to_string(),
    })
    .await
}

/// Ids of users of the directory.
async fn ids(options: &Options, count: usize) -> io::Result<Vec<String>> {
    let mut connection = Connection::open(options).await?;
    let mut found = Vec::new();
    let mut cursor = String::new();
    while found.len() < count {
        let path = format!("/Users?attributes=id&count=1000&cursor={cursor}");
        let (status, body) = connection.ask(Method::GET, &path, Bytes::new()).await?;
        let page: Value = serde_json::from_slice(&body).map_err(io::Error::other)?;
        let items =
            page["Resources"].as_array().ok_or_else(|| io::Error::other(format!("{status}: {page}")))?;
        found.extend(items.iter().filter_map(|item| item["id"].as_str().map(str::to_owned)));
        match page["nextCursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    found.truncate(count);
    match found.is_empty() {
        true => Err(io::Error::other("the directory has no users")),
        false => Ok(found),
    }
}

async fn read(options: &Options) -> io::Result<String> {
    let ids = Arc::new(ids(options, IDS_MAX).await?);
    measure(options, move |caller, turn| get(format!("/Users/{}", ids[(caller * 37 + turn) % ids.len()])))
        .await
}

async fn filter(options: &Options) -> io::Result<String> {
    let count: usize = options.argument.parse().map_err(io::Error::other)?;
    measure(options, move |caller, turn| {
        let number = (caller * 7_919 + turn * 104_729) % count;
        get(format!("/Users?filter=userName%20eq%20%22S{number}@EXAMPLE.com%22"))
    })
    .await
}

/// `active` off and on again, each caller its own user.
async fn patch(options: &Options) -> io::Result<String> {
    let ids = Arc::new(ids(options, IDS_MAX).await?);
    measure(options, move |caller, turn| Ask {
        method: Method::PATCH,
        path: format!("/Users/{}", ids[caller % ids.len()]),
        body: json!({"schemas": [PATCH_OP], "Operations": [
            {"op": "replace", "path": "active", "value": turn % 2 == 1}]})
        .to_string(),
    })
    .await
}

/// Fills the directory with `s0` to `sN-1`.
async fn seed(options: &Options) -> io::Result<String> {
    let count: usize = options.argument.parse().map_err(io::Error::other)?;
    let mut connection = Connection::open(options).await?;
    for start in (0..count).step_by(SEED_AT_ONCE) {
        let operations: Vec<Value> = (start..(start + SEED_AT_ONCE).min(count))
            .map(|n| json!({"method": "POST", "path": "/Users", "bulkId": n.to_string(), "data": user(&format!("s{n}"))}))
            .collect();
        let body = json!({"schemas": [BULK], "Operations": operations}).to_string();
        let (status, answer) = connection.ask(Method::POST, "/Bulk", Bytes::from(body)).await?;
        if status != 200 {
            return Err(io::Error::other(format!("{status}: {}", String::from_utf8_lossy(&answer))));
        }
    }
    Ok(json!({"made": count}).to_string())
}

/// One member more and one less, in a group of so many.
async fn member(options: &Options) -> io::Result<String> {
    let size: usize = options.argument.parse().map_err(io::Error::other)?;
    let people = ids(options, size + 1).await?;
    let Some((extra, members)) = people.split_last() else { return Err(io::Error::other("no users")) };
    let mut connection = Connection::open(options).await?;
    let body = json!({"schemas": [GROUP], "displayName": format!("Group of {size}")}).to_string();
    let (_, answer) = connection.ask(Method::POST, "/Groups", Bytes::from(body)).await?;
    let group: Value = serde_json::from_slice(&answer).map_err(io::Error::other)?;
    let path = format!("/Groups/{}?attributes=id", group["id"].as_str().unwrap_or_default());
    for chunk in members.chunks(MEMBERS_AT_ONCE) {
        let values: Vec<Value> = chunk.iter().map(|id| json!({"value": id})).collect();
        let (status, answer) =
            connection.ask(Method::PATCH, &path, Bytes::from(operation("add", &values))).await?;
        if 300 <= status {
            return Err(io::Error::other(format!("{status}: {}", String::from_utf8_lossy(&answer))));
        }
    }
    let value = [json!({"value": extra})];
    measure(options, move |_, turn| Ask {
        method: Method::PATCH,
        path: path.clone(),
        body: operation(if turn % 2 == 0 { "add" } else { "remove" }, &value),
    })
    .await
}

fn operation(op: &str, members: &[Value]) -> String {
    json!({"schemas": [PATCH_OP], "Operations": [{"op": op, "path": "members", "value": members}]})
        .to_string()
}
