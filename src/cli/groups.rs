//! `rosterd groups`: directory groups, as the app sees them.

use clap::{Args, Subcommand};
use serde_json::Value;

use super::client::{ApiPath, Client, DaemonArgs};
use super::console::{Console, Form};
use super::directory_name::resolve_some;
use super::error::CliError;
use super::lists::{self, DIRECTORY_NAME, ListArgs};
use super::shown::{text, time};
use super::table::{Column, Table};
use super::users::{self, field};

const LIST_EXAMPLES: &str = "Example:\n  rosterd groups list --directory acme";
const SHOW_EXAMPLES: &str = "Example:\n  rosterd groups show directory_group_01KB0000000000000000000000";
const MEMBERS_EXAMPLES: &str =
    "Example:\n  rosterd groups members directory_group_01KB0000000000000000000000 --all --json";

#[derive(Debug, Clone, Args)]
pub struct GroupsArgs {
    #[command(flatten)]
    daemon: DaemonArgs,
    #[command(subcommand)]
    command: GroupsCommand,
}

#[derive(Debug, Clone, Subcommand)]
enum GroupsCommand {
    /// List them, newest first
    #[command(after_help = LIST_EXAMPLES)]
    List {
        /// Only those of this directory, by id or external key
        #[arg(long, short, value_name = "DIRECTORY")]
        directory: Option<String>,
        /// Only those of which this user is a direct member
        #[arg(long, value_name = "ID")]
        user: Option<String>,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one
    #[command(after_help = SHOW_EXAMPLES)]
    Show {
        /// The group's id
        id: String,
    },
    /// List the direct members of one
    #[command(after_help = MEMBERS_EXAMPLES)]
    Members {
        /// The group's id
        id: String,
        #[command(flatten)]
        list: ListArgs,
    },
}

const COLUMNS: &[Column] = &[
    Column { title: "NAME", cell: |group| text(group, "/name") },
    Column { title: "MEMBERS", cell: |group| text(group, "/members_count") },
    Column { title: "DIRECTORY", cell: |group| field(group, DIRECTORY_NAME) },
    Column { title: "UPDATED", cell: |group| time(group, "/updated_at") },
    Column { title: "ID", cell: |group| text(group, "/id") },
];

pub fn run(args: GroupsArgs, console: &mut Console) -> Result<(), CliError> {
    console.form = Form::json_if(args.daemon.json);
    let client = Client::find(&args.daemon)?;
    let groups = ApiPath::new("/directory_groups");
    match args.command {
        GroupsCommand::List { directory, user, list } => {
            let path = groups
                .with_some("directory", resolve_some(&client, directory.as_ref())?)
                .with_some("user", user.as_ref());
            let listing = lists::read_with_directories(&client, console, &path, list.wanted())?;
            lists::print(console, &listing, COLUMNS, "There is no such group.")
        }
        GroupsCommand::Show { id } => {
            let group = client.get(&groups.then(&id))?;
            match console.form {
                Form::Json => console.json(&group)?,
                Form::Text => console.table(&details(&group))?,
            }
            Ok(())
        }
        GroupsCommand::Members { id, list } => {
            let path = groups.then(&id).then("members");
            let listing = lists::read_with_directories(&client, console, &path, list.wanted())?;
            lists::print(console, &listing, users::COLUMNS, "The group has no members.")
        }
    }
}

fn details(group: &Value) -> Table {
    let mut pairs: Vec<(&str, String)> = [
        ("name", "/name"),
        ("members", "/members_count"),
        ("id", "/id"),
        ("idp id", "/idp_id"),
        ("directory", "/directory_id"),
        ("organization", "/organization_id"),
    ]
    .map(|(name, pointer)| (name, text(group, pointer)))
    .to_vec();
    pairs.push(("created", time(group, "/created_at")));
    pairs.push(("updated", time(group, "/updated_at")));
    Table::pairs(pairs)
}
