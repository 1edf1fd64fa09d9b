//! `rosterd events`: what changed, in the order in which it was committed.

mod line;
mod tail;

use clap::{Args, Subcommand};
use serde_json::Value;

use crate::base::id::{EventId, OrganizationId};
use crate::base::time::{Clock, Timestamp};
use crate::model::event::EventName;

use super::client::{ApiPath, Client, DaemonArgs};
use super::console::{Console, Form};
use super::directory_name::resolve_some;
use super::error::CliError;
use super::lists::{self, DIRECTORY_NAME, DirectoryNames, ListArgs};
use super::moment::{Moment, moment};
use super::shown::{text, time};
use super::table::Column;
use super::users::field;

pub use line::event_line;

const LIST_EXAMPLES: &str = "Examples:\n  rosterd events list --directory acme\n  rosterd events list --event \
                             dsync.user.deleted,dsync.user.updated --since 7d --all";
const TAIL_EXAMPLES: &str =
    "Examples:\n  rosterd events tail\n  rosterd events tail --since 1h --directory acme --json";

#[derive(Debug, Clone, Args)]
pub struct EventsArgs {
    #[command(flatten)]
    daemon: DaemonArgs,
    #[command(subcommand)]
    command: EventsCommand,
}

#[derive(Debug, Clone, Subcommand)]
enum EventsCommand {
    /// List the newest ones, the newest last
    #[command(after_help = LIST_EXAMPLES)]
    List(EventListArgs),
    /// Follow: print each event when it happens, until interrupted
    #[command(after_help = TAIL_EXAMPLES)]
    Tail(TailArgs),
}

#[derive(Debug, Clone, Args)]
struct EventListArgs {
    #[command(flatten)]
    filter: FilterArgs,
    /// Begin after this event and list the oldest ones first
    #[arg(long, value_name = "EVENT")]
    after: Option<EventId>,
    /// Not before this: a date, or a duration like 7d
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    since: Option<Moment>,
    /// Not after this: a date, or a duration like 1h
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    until: Option<Moment>,
    #[command(flatten)]
    list: ListArgs,
}

#[derive(Debug, Clone, Args)]
struct TailArgs {
    #[command(flatten)]
    filter: FilterArgs,
    /// Begin with what happened since then: a date, or a duration like 1h
    #[arg(long, value_name = "WHEN", value_parser = moment, conflicts_with = "after")]
    since: Option<Moment>,
    /// Begin after this event
    #[arg(long, value_name = "EVENT")]
    after: Option<EventId>,
}

#[derive(Debug, Clone, Args)]
struct FilterArgs {
    /// Only these kinds, such as dsync.user.updated; several with commas
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = event_name)]
    event: Vec<EventName>,
    /// Only those of this directory, by id or external key
    #[arg(long, short, value_name = "DIRECTORY")]
    directory: Option<String>,
    /// Only those of this organization
    #[arg(long, value_name = "ID")]
    organization: Option<OrganizationId>,
}

fn event_name(name: &str) -> Result<EventName, String> {
    EventName::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = EventName::ALL.iter().map(|event| event.name()).collect();
        format!("it is none of {}", names.join(", "))
    })
}

impl FilterArgs {
    fn path(&self, client: &Client) -> Result<ApiPath, CliError> {
        let names: Vec<&str> = self.event.iter().map(|event| event.name()).collect();
        Ok(ApiPath::new("/events")
            .with_some("events", (!names.is_empty()).then(|| names.join(",")))
            .with_some("directory", resolve_some(client, self.directory.as_ref())?)
            .with_some("organization_id", self.organization))
    }
}

const COLUMNS: &[Column] = &[
    Column { title: "TIME", cell: |event| time(event, "/created_at") },
    Column { title: "EVENT", cell: |event| text(event, "/event") },
    Column { title: "DIRECTORY", cell: |event| field(event, DIRECTORY_NAME) },
    Column { title: "WHAT", cell: line::what },
    Column { title: "CAUSE", cell: line::why },
    Column { title: "ID", cell: |event| text(event, "/id") },
];

pub fn run(args: EventsArgs, console: &mut Console) -> Result<(), CliError> {
    console.form = Form::json_if(args.daemon.json);
    let client = Client::find(&args.daemon)?;
    let now = Clock::System.now();
    match args.command {
        EventsCommand::List(args) => list(&client, &args, now, console),
        EventsCommand::Tail(args) => {
            let filtered = args.filter.path(&client)?;
            let names = DirectoryNames::read(&client)?;
            let position = match (args.after, args.since) {
                (Some(event), _) => tail::Position::After(event.to_string()),
                (None, Some(since)) => tail::Position::Since(since.before(now)),
                (None, None) => tail::newest(&client, &filtered)?,
            };
            let tail = tail::Tail { client, filtered, position, names, pauses: tail::Pauses::default() };
            Err(tail.follow(console))
        }
    }
}

fn list(
    client: &Client,
    args: &EventListArgs,
    now: Timestamp,
    console: &mut Console,
) -> Result<(), CliError> {
    let order = if args.after.is_some() { "asc" } else { "desc" };
    let path = args
        .filter
        .path(client)?
        .with("order", order)
        .with_some("range_start", args.since.map(|since| since.before(now)))
        .with_some("range_end", args.until.map(|until| until.before(now)));
    let after = args.after.map(|event| event.to_string());
    let mut listing = client.list_after(&path, after, args.list.wanted())?;
    if args.after.is_none() {
        // Read from the newest, told as it happened.
        listing.objects.reverse();
    }
    if console.form == Form::Text && !listing.objects.is_empty() {
        DirectoryNames::read(client)?.add_to(&mut listing);
    }
    lists::print(console, &listing, COLUMNS, "There is no such event.")
}

/// The events that one request caused: they were committed together, so they lie side by side.
///
/// # Errors
///
/// As [`Client::list`].
pub fn caused_by(client: &Client, request_id: &str, event_ids: &[&str]) -> Result<Vec<Value>, CliError> {
    let Some(first) = event_ids.first().and_then(|id| id.parse::<EventId>().ok()) else {
        return Ok(Vec::new());
    };
    let Some(before_first) = line::id_before(first) else { return Ok(Vec::new()) };
    let path = ApiPath::new("/events").with("order", "asc");
    let wanted = super::client::Wanted::AtMost(event_ids.len());
    let mut events = client.list_after(&path, Some(before_first.to_string()), wanted)?.objects;
    events.retain(|event| event.pointer("/context/request_id").and_then(Value::as_str) == Some(request_id));
    Ok(events)
}
