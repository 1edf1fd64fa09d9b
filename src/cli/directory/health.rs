//! `rosterd directory health`, `preview` and `activate`: how directories are doing, and dry runs.

use serde_json::{Value, json};

use crate::cli::client::{ApiPath, Client, Wanted};
use crate::cli::console::{Console, Form};
use crate::cli::directory_name::resolve;
use crate::cli::error::CliError;
use crate::cli::shown::{ABSENT, text, time};
use crate::cli::table::{Column, Table};

pub const HEALTH_EXAMPLES: &str = "Examples:\n  rosterd directory health\n  rosterd directory health acme";
pub const PREVIEW_EXAMPLES: &str = "Example:\n  rosterd directory preview acme";
pub const ACTIVATE_EXAMPLES: &str = "Example:\n  rosterd directory activate acme";

const COLUMNS: &[Column] = &[
    Column { title: "KEY", cell: |health| text(health, "/external_key") },
    Column { title: "STATE", cell: |health| text(health, "/state") },
    Column { title: "HEALTH", cell: words },
    Column { title: "LAST REQUEST", cell: |health| time(health, "/last_request_at") },
    Column { title: "LAST SUCCESS", cell: |health| time(health, "/last_success_at") },
    Column { title: "ERRORS 24H", cell: errors },
    Column { title: "USERS", cell: |health| text(health, "/users/active") },
    Column { title: "INACTIVE", cell: |health| text(health, "/users/inactive") },
    Column { title: "HELD", cell: |health| text(health, "/users/held") },
    Column { title: "PENDING", cell: |health| text(health, "/pending_members") },
    Column { title: "TOKENS END", cell: |health| time(health, "/tokens_end_at") },
];

/// `ok`, or the kinds of the alarms that are open.
pub fn words(object: &Value) -> String {
    let alarms = object.get("alarms").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    match alarms {
        [] => "ok".to_owned(),
        alarms => alarms.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
    }
}

/// How many errors of each cause.
fn errors(health: &Value) -> String {
    let errors = health.get("errors_24h").and_then(Value::as_object);
    let shown: Vec<String> =
        errors.into_iter().flatten().map(|(cause, count)| format!("{cause}: {count}")).collect();
    if shown.is_empty() { ABSENT.to_owned() } else { shown.join(", ") }
}

pub fn health(client: &Client, name: Option<&String>, console: &mut Console) -> Result<(), CliError> {
    let ids = match name {
        Some(name) => vec![resolve(client, name)?],
        None => {
            let directories = client.list(&ApiPath::new("/directories"), Wanted::All)?.objects;
            let ids = directories.iter().filter_map(|directory| directory.get("id").and_then(Value::as_str));
            ids.map(str::to_owned).collect()
        }
    };
    let path = |id: &String| ApiPath::new("/directories").then(id).then("health");
    let found = ids.iter().map(|id| client.get(&path(id))).collect::<Result<Vec<_>, _>>()?;
    match console.form {
        Form::Json => console.json(&Value::Array(found))?,
        Form::Text => console.table(&Table::of(COLUMNS, &found))?,
    }
    Ok(())
}

pub fn preview(client: &Client, name: &str, console: &mut Console) -> Result<(), CliError> {
    let preview = client.get(&ApiPath::new("/directories").then(&resolve(client, name)?).then("preview"))?;
    if console.form == Form::Json {
        return Ok(console.json(&preview)?);
    }
    let pairs = [
        ("active users", "/users/active"),
        ("inactive users", "/users/inactive"),
        ("groups", "/groups"),
        ("memberships", "/memberships"),
        ("events to be written", "/events"),
    ];
    console.table(&Table::pairs(pairs.map(|(name, pointer)| (name, text(&preview, pointer))).to_vec()))?;
    let mut problems = Table::new(vec!["PROBLEM", "COUNT", "WHAT TO DO"]);
    let list = |name: &str| preview.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    for problem in list("problems") {
        problems.add_row(vec![text(&problem, "/kind"), text(&problem, "/count"), text(&problem, "/message")]);
    }
    for (name, what) in [("errors", "error"), ("deviations", "deviation, understood")] {
        for one in list(name) {
            problems.add_row(vec![text(&one, "/name"), text(&one, "/count"), what.to_owned()]);
        }
    }
    console.table(&problems)?;
    if list("problems").is_empty() {
        console.say(&format!("Nothing is wrong; `rosterd directory activate {name}` tells the app."));
    }
    Ok(())
}

pub fn activate(client: &Client, name: &str, console: &mut Console) -> Result<(), CliError> {
    let path = ApiPath::new("/directories").then(&resolve(client, name)?);
    let directory = client.patch(&path, &json!({"state": "linked"}))?;
    match console.form {
        Form::Json => console.json(&directory)?,
        Form::Text => {
            console.say(&format!("{} is active: the app is told of it.", text(&directory, "/name")))
        }
    }
    Ok(())
}
