//! `rosterd requests`: what providers sent, and what they were answered.

mod report;

use clap::{Args, Subcommand};
use serde_json::Value;

use crate::base::time::{Clock, Timestamp};

use super::client::{ApiPath, Client, DaemonArgs};
use super::console::{Console, Form};
use super::directory_name::resolve_some;
use super::error::CliError;
use super::events::caused_by;
use super::lists::{self, DIRECTORY_NAME, DirectoryNames, ListArgs};
use super::moment::{Moment, moment};
use super::shown::{ABSENT, count, shortened, text, time};
use super::table::Column;
use super::users::field;

const LIST_EXAMPLES: &str = "Examples:\n  rosterd requests list --directory acme --status 4xx\n  rosterd requests list --since 1h --all";
const SHOW_EXAMPLES: &str = "Example:\n  rosterd requests show request_01KB0000000000000000000000";

/// Characters of a path in a table.
const PATH_CHARS_MAX: usize = 60;

#[derive(Debug, Clone, Args)]
pub struct RequestsArgs {
    #[command(flatten)]
    daemon: DaemonArgs,
    #[command(subcommand)]
    command: RequestsCommand,
}

#[derive(Debug, Clone, Subcommand)]
enum RequestsCommand {
    /// List them, newest first
    #[command(after_help = LIST_EXAMPLES)]
    List(RequestListArgs),
    /// Show one: what was sent, how it was understood, what was answered, what it caused
    #[command(after_help = SHOW_EXAMPLES)]
    Show {
        /// The request's id
        id: String,
    },
}

#[derive(Debug, Clone, Args)]
struct RequestListArgs {
    /// Only those of this directory, by id or external key
    #[arg(long, short, value_name = "DIRECTORY")]
    directory: Option<String>,
    /// Only those answered so: 409, or 4xx
    #[arg(long, value_parser = status)]
    status: Option<String>,
    /// Only those with this method
    #[arg(long)]
    method: Option<String>,
    /// Only those about this user or group
    #[arg(long, value_name = "ID")]
    resource: Option<String>,
    /// Only those in which this rule applied, such as patch.op_case
    #[arg(long, value_name = "NAME")]
    rule: Option<String>,
    /// Not before this: a date, or a duration like 1h
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    since: Option<Moment>,
    #[command(flatten)]
    list: ListArgs,
}

fn status(text: &str) -> Result<String, String> {
    let is_class = matches!(text.as_bytes(), [b'1'..=b'5', b'x', b'x']);
    let is_code = matches!(text.as_bytes(), [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9']);
    if is_class || is_code { Ok(text.to_owned()) } else { Err("write it like 409 or 4xx".to_owned()) }
}

const COLUMNS: &[Column] = &[
    Column { title: "TIME", cell: |record| time(record, "/received_at") },
    Column { title: "STATUS", cell: |record| text(record, "/status") },
    Column { title: "REQUEST", cell: |record| shortened(&asked(record), PATH_CHARS_MAX) },
    Column { title: "DIRECTORY", cell: |record| field(record, DIRECTORY_NAME) },
    Column { title: "MS", cell: millis },
    Column { title: "RULES", cell: |record| some_count(record, "/rules") },
    Column { title: "EVENTS", cell: |record| some_count(record, "/events") },
    Column { title: "ID", cell: |record| text(record, "/id") },
];

/// Method, path and query.
fn asked(record: &Value) -> String {
    let query = match text(record, "/query") {
        query if query == ABSENT => String::new(),
        query => format!("?{query}"),
    };
    format!("{} {}{query}", text(record, "/method"), text(record, "/path"))
}

fn millis(record: &Value) -> String {
    match record.get("duration_micros").and_then(Value::as_u64) {
        Some(micros) => format!("{}.{}", micros / 1_000, micros % 1_000 / 100),
        None => ABSENT.to_owned(),
    }
}

fn some_count(record: &Value, pointer: &str) -> String {
    match count(record, pointer) {
        0 => ABSENT.to_owned(),
        count => count.to_string(),
    }
}

pub fn run(args: RequestsArgs, console: &mut Console) -> Result<(), CliError> {
    console.form = Form::json_if(args.daemon.json);
    let client = Client::find(&args.daemon)?;
    match args.command {
        RequestsCommand::List(args) => list(&client, &args, Clock::System.now(), console),
        RequestsCommand::Show { id } => show(&client, &id, console),
    }
}

fn list(
    client: &Client,
    args: &RequestListArgs,
    now: Timestamp,
    console: &mut Console,
) -> Result<(), CliError> {
    let path = ApiPath::new("/requests")
        .with_some("directory", resolve_some(client, args.directory.as_ref())?)
        .with_some("status", args.status.as_ref())
        .with_some("method", args.method.as_ref().map(|method| method.to_ascii_uppercase()))
        .with_some("resource_id", args.resource.as_ref())
        .with_some("rule", args.rule.as_ref())
        .with_some("range_start", args.since.map(|since| since.before(now)));
    let listing = lists::read_with_directories(client, console, &path, args.list.wanted())?;
    lists::print(console, &listing, COLUMNS, "There is no such request.")
}

fn show(client: &Client, id: &str, console: &mut Console) -> Result<(), CliError> {
    let record = client.get(&ApiPath::new("/requests").then(id))?;
    if console.form == Form::Json {
        return Ok(console.json(&record)?);
    }
    let ids: Vec<&str> = record
        .get("events")
        .and_then(Value::as_array)
        .map(|ids| ids.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let events = caused_by(client, id, &ids)?;
    let names = DirectoryNames::read(client)?;
    report::print(console, &record, &events, &names)
}
