//! `rosterd alarms`: what somebody should look at.

use clap::{Args, Subcommand};
use serde_json::Value;

use crate::base::id::AlarmId;

use super::client::{ApiPath, Client, DaemonArgs};
use super::console::{Console, Form};
use super::directory_name::resolve_some;
use super::error::CliError;
use super::lists::{self, DIRECTORY_NAME, ListArgs};
use super::shown::{text, time};
use super::table::{Column, Table};

const LIST_EXAMPLES: &str =
    "Examples:\n  rosterd alarms list\n  rosterd alarms list --directory acme --cleared";
const ACK_EXAMPLES: &str = "Example:\n  rosterd alarms ack alarm_01KB0000000000000000000000";

#[derive(Debug, Clone, Args)]
pub struct AlarmsArgs {
    #[command(flatten)]
    daemon: DaemonArgs,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(subcommand)]
    command: Option<AlarmsCommand>,
}

#[derive(Debug, Clone, Subcommand)]
enum AlarmsCommand {
    /// List those that are open, newest first; the same as without a word
    #[command(after_help = LIST_EXAMPLES)]
    List(FilterArgs),
    /// Note that somebody has seen one; it stays open until its cause is gone
    #[command(after_help = ACK_EXAMPLES)]
    Ack {
        /// The alarm's id
        alarm: AlarmId,
    },
}

#[derive(Debug, Clone, Args)]
struct FilterArgs {
    /// Only those of this directory, by its id or external key
    #[arg(long, value_name = "NAME")]
    directory: Option<String>,
    /// Those that are over, too
    #[arg(long)]
    cleared: bool,
    #[command(flatten)]
    list: ListArgs,
}

const COLUMNS: &[Column] = &[
    Column { title: "RAISED", cell: |alarm| time(alarm, "/raised_at") },
    Column { title: "DIRECTORY", cell: |alarm| text(alarm, &format!("/{DIRECTORY_NAME}")) },
    Column { title: "KIND", cell: |alarm| text(alarm, "/kind") },
    Column { title: "OPEN", cell: |alarm| text(alarm, "/open") },
    Column { title: "SEEN BY", cell: |alarm| text(alarm, "/acknowledged_by") },
    Column { title: "DETAIL", cell: |alarm| text(alarm, "/detail") },
    Column { title: "ID", cell: |alarm| text(alarm, "/id") },
];

pub fn run(args: AlarmsArgs, console: &mut Console) -> Result<(), CliError> {
    console.form = Form::json_if(args.daemon.json);
    let client = Client::find(&args.daemon)?;
    match args.command {
        None => list(&client, &args.filter, console),
        Some(AlarmsCommand::List(filter)) => list(&client, &filter, console),
        Some(AlarmsCommand::Ack { alarm }) => {
            let path = ApiPath::new("/alarms").then(&alarm.to_string()).then("acknowledge");
            let alarm = client.post(&path, &Value::Object(serde_json::Map::new()))?;
            match console.form {
                Form::Json => console.json(&alarm)?,
                Form::Text => console.table(&Table::pairs(vec![
                    ("kind", text(&alarm, "/kind")),
                    ("meaning", text(&alarm, "/message")),
                    ("what to do", text(&alarm, "/next_step")),
                    ("seen by", text(&alarm, "/acknowledged_by")),
                ]))?,
            }
            Ok(())
        }
    }
}

fn list(client: &Client, filter: &FilterArgs, console: &mut Console) -> Result<(), CliError> {
    let directory = resolve_some(client, filter.directory.as_ref())?;
    let path = ApiPath::new("/alarms")
        .with_some("directory", directory)
        .with_some("open", (!filter.cleared).then_some(true));
    let listing = lists::read_with_directories(client, console, &path, filter.list.wanted())?;
    lists::print(console, &listing, COLUMNS, "There is no open alarm.")?;
    if console.form == Form::Text {
        explain(&listing.objects, console);
    }
    Ok(())
}

/// Says once for each kind that is open what it means and what to do.
fn explain(alarms: &[Value], console: &mut Console) {
    let mut told: Vec<String> = Vec::new();
    for alarm in alarms.iter().filter(|alarm| alarm.get("open") == Some(&Value::Bool(true))) {
        let kind = text(alarm, "/kind");
        if !told.contains(&kind) {
            console.say(&format!("\n{kind}: {}\n  {}", text(alarm, "/message"), text(alarm, "/next_step")));
            told.push(kind);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cli::console::testing::piped;

    #[test]
    fn each_kind_that_is_open_is_explained_once() {
        let alarm = |kind: &str, open: bool| json!({"kind": kind, "open": open, "message": "Bad.", "next_step": "Do."});
        let (mut console, _, err) = piped(Form::Text);
        explain(&[alarm("a", true), alarm("a", true), alarm("b", false)], &mut console);
        assert_eq!(err.text(), "\na: Bad.\n  Do.\n");
    }
}
