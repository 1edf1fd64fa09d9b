//! One request record for a person to read: request, answer, rules, and the events with their causes.

use serde_json::Value;

use crate::cli::console::Console;
use crate::cli::error::CliError;
use crate::cli::events::event_line;
use crate::cli::lists::DirectoryNames;
use crate::cli::shown::{ABSENT, count, safe_lines, text, time};
use crate::cli::table::Table;
use crate::scim::dialect::Rule;

use super::{asked, millis};

pub fn print(
    console: &mut Console,
    record: &Value,
    events: &[Value],
    names: &DirectoryNames,
) -> Result<(), CliError> {
    console.table(&head(record, names))?;
    if 0 < count(record, "/rules") {
        console.line("\nrules")?;
        console.table(&rules(record))?;
    }
    for (title, pointer) in [("sent", "/request_body"), ("answered", "/response_body")] {
        if let Some(body) = record.pointer(pointer).filter(|body| !body.is_null()) {
            console.line(&format!("\n{title}{}", how_much(body)))?;
            console.line(&readable(body))?;
        }
    }
    if 0 < count(record, "/events") {
        console.line("\nevents")?;
    }
    for event in events {
        let directory = names.name(event.get("directory_id").and_then(Value::as_str).unwrap_or_default());
        console.line(&format!("  {}", event_line(event, &directory)))?;
    }
    let told = |id: &Value| events.iter().any(|event| event.get("id") == Some(id));
    for id in record.get("events").and_then(Value::as_array).into_iter().flatten().filter(|id| !told(id)) {
        console.line(&format!("  {}", text(id, "")))?;
    }
    Ok(())
}

fn head(record: &Value, names: &DirectoryNames) -> Table {
    let directory = match record.get("directory_id").and_then(Value::as_str) {
        Some(id) => names.name(id),
        None => ABSENT.to_owned(),
    };
    let mut pairs = vec![
        ("id", text(record, "/id")),
        ("time", time(record, "/received_at")),
        ("directory", directory),
        ("request", asked(record)),
        ("answer", format!("{} in {} ms", text(record, "/status"), millis(record))),
    ];
    for (name, pointer) in [
        ("scimType", "/scim_type"),
        ("detail", "/detail"),
        ("hint", "/hint"),
        ("resource", "/resource_id"),
        ("token", "/token_id"),
        ("from", "/client_address"),
        ("user agent", "/user_agent"),
    ] {
        let value = text(record, pointer);
        if value != ABSENT {
            pairs.push((name, value));
        }
    }
    Table::pairs(pairs)
}

fn rules(record: &Value) -> Table {
    let mut table = Table::default();
    for rule in record.get("rules").and_then(Value::as_array).into_iter().flatten() {
        let name = rule.as_str().unwrap_or_default();
        // A record can be older or younger than this program.
        let explanation = Rule::from_name(name).map_or(ABSENT, Rule::explain);
        table.add_row(vec![format!("  {}", text(rule, "")), explanation.to_owned()]);
    }
    table
}

fn how_much(body: &Value) -> String {
    if body.get("truncated").and_then(Value::as_bool) == Some(true) {
        format!(" (the beginning of {} bytes)", text(body, "/bytes"))
    } else {
        String::new()
    }
}

/// The body, indented; JSON over several lines.
fn readable(body: &Value) -> String {
    let kept = body.get("text").and_then(Value::as_str).unwrap_or_default();
    let pretty = match serde_json::from_str::<Value>(kept) {
        Ok(value) => format!("{value:#}"),
        Err(_) => kept.to_owned(),
    };
    let lines: Vec<String> = safe_lines(&pretty).lines().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::cli::console::Form;
    use crate::cli::console::testing::piped;

    use super::*;

    #[test]
    fn a_record_is_told_whole() {
        let record = json!({
            "id": "request_1", "directory_id": "directory_1", "token_id": "directory_token_1",
            "received_at": "2026-01-15T12:00:00.123Z", "duration_micros": 3_250, "method": "PATCH",
            "path": "/scim/v2/acme/Users/1", "query": "attributes=userName", "status": 200, "scim_type": null,
            "detail": null, "rules": ["patch.op_case", "new.rule"], "resource_id": "directory_user_1",
            "client_address": "192.0.2.7", "user_agent": null,
            "request_body": {"text": "{\"Operations\":[]}", "bytes": 17, "truncated": false},
            "response_body": {"text": "{\"id\":", "bytes": 900, "truncated": true},
            "events": ["event_1", "event_2"],
        });
        let event = json!({
            "id": "event_1", "event": "dsync.user.updated", "created_at": "2026-01-15T12:00:00.120Z",
            "directory_id": "directory_1", "data": {"name": "Ada"}, "context": {"cause": "deactivated"},
        });
        let mut names = DirectoryNames::default();
        names.accept("directory_1");
        let (mut console, out, _) = piped(Form::Text);
        assert!(print(&mut console, &record, &[event], &names).is_ok());
        let expected = "\
id         request_1
time       2026-01-15 12:00:00Z
directory  directory_1
request    PATCH /scim/v2/acme/Users/1?attributes=userName
answer     200 in 3.2 ms
resource   directory_user_1
token      directory_token_1
from       192.0.2.7

rules
  patch.op_case  The op of a PATCH is capitalised
  new.rule       -

sent
  {
    \"Operations\": []
  }

answered (the beginning of 900 bytes)
  {\"id\":

events
  2026-01-15 12:00:00Z  dsync.user.updated        directory_1  Ada  deactivated
  event_2
";
        assert_eq!(out.text(), expected);
    }
}
