//! `rosterd users`: directory users, as the app sees them.

use clap::{Args, Subcommand};
use serde_json::Value;

use super::client::{ApiPath, Client, DaemonArgs};
use super::console::{Console, Form};
use super::directory_name::resolve_some;
use super::error::CliError;
use super::lists::{self, DIRECTORY_NAME, ListArgs};
use super::shown::{ABSENT, joined, scalar, text, time};
use super::table::{Column, Table};

const LIST_EXAMPLES: &str =
    "Examples:\n  rosterd users list --directory acme --state inactive\n  rosterd users list --search ada";
const SHOW_EXAMPLES: &str = "Example:\n  rosterd users show directory_user_01KB0000000000000000000000";

#[derive(Debug, Clone, Args)]
pub struct UsersArgs {
    #[command(flatten)]
    daemon: DaemonArgs,
    #[command(subcommand)]
    command: UsersCommand,
}

#[derive(Debug, Clone, Subcommand)]
enum UsersCommand {
    /// List them, newest first
    #[command(after_help = LIST_EXAMPLES)]
    List(UserListArgs),
    /// Show one with its roles, groups and attributes
    #[command(after_help = SHOW_EXAMPLES)]
    Show {
        /// The user's id
        id: String,
    },
}

#[derive(Debug, Clone, Args)]
struct UserListArgs {
    /// Only those of this directory, by id or external key
    #[arg(long, short, value_name = "DIRECTORY")]
    directory: Option<String>,
    /// Only direct members of this group
    #[arg(long, value_name = "ID")]
    group: Option<String>,
    /// Only those who are active, or inactive
    #[arg(long, value_name = "STATE", value_parser = ["active", "inactive"])]
    state: Option<String>,
    /// Only those with this address; wants --directory
    #[arg(long, requires = "directory")]
    email: Option<String>,
    /// Only the one with this id of the provider; wants --directory
    #[arg(long, value_name = "ID", requires = "directory")]
    idp_id: Option<String>,
    /// Only those whose name, address or user name contains this
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    #[command(flatten)]
    list: ListArgs,
}

/// Also what the members of a group are listed with.
pub const COLUMNS: &[Column] = &[
    Column { title: "NAME", cell: name },
    Column { title: "EMAIL", cell: |user| text(user, "/email") },
    Column { title: "STATE", cell: |user| text(user, "/state") },
    Column { title: "DIRECTORY", cell: |user| field(user, DIRECTORY_NAME) },
    Column { title: "UPDATED", cell: |user| time(user, "/updated_at") },
    Column { title: "ID", cell: |user| text(user, "/id") },
];

pub fn field(object: &Value, key: &str) -> String {
    object.get(key).map_or_else(|| ABSENT.to_owned(), scalar)
}

/// What a person is called: by name, else by user name.
pub fn name(user: &Value) -> String {
    ["/name", "/username", "/email", "/idp_id"]
        .iter()
        .map(|pointer| text(user, pointer))
        .find(|text| text != ABSENT)
        .unwrap_or_else(|| ABSENT.to_owned())
}

pub fn run(args: UsersArgs, console: &mut Console) -> Result<(), CliError> {
    console.form = Form::json_if(args.daemon.json);
    let client = Client::find(&args.daemon)?;
    match args.command {
        UsersCommand::List(args) => {
            let path = ApiPath::new("/directory_users")
                .with_some("directory", resolve_some(&client, args.directory.as_ref())?)
                .with_some("group", args.group.as_ref())
                .with_some("state", args.state.as_ref())
                .with_some("email", args.email.as_ref())
                .with_some("idp_id", args.idp_id.as_ref())
                .with_some("search", args.search.as_ref());
            let listing = lists::read_with_directories(&client, console, &path, args.list.wanted())?;
            lists::print(console, &listing, COLUMNS, "There is no such user.")
        }
        UsersCommand::Show { id } => {
            let user = client.get(&ApiPath::new("/directory_users").then(&id))?;
            match console.form {
                Form::Json => console.json(&user)?,
                Form::Text => show(console, &user)?,
            }
            Ok(())
        }
    }
}

fn show(console: &mut Console, user: &Value) -> Result<(), CliError> {
    let mut pairs: Vec<(&str, String)> = [
        ("name", "/name"),
        ("email", "/email"),
        ("user name", "/username"),
        ("job title", "/job_title"),
        ("state", "/state"),
        ("id", "/id"),
        ("idp id", "/idp_id"),
        ("directory", "/directory_id"),
        ("organization", "/organization_id"),
    ]
    .map(|(name, pointer)| (name, text(user, pointer)))
    .to_vec();
    pairs.push(("roles", joined(user, "/roles", "/slug")));
    pairs.push(("groups", joined(user, "/groups", "/name")));
    pairs.push(("created", time(user, "/created_at")));
    pairs.push(("updated", time(user, "/updated_at")));
    console.table(&Table::pairs(pairs))?;
    let attributes = attributes(user, "/custom_attributes");
    if !attributes.is_empty() {
        console.line("\nattributes")?;
        console.table(&attributes)?;
    }
    Ok(())
}

/// The members of an object at a JSON pointer, one a row, a little to the right.
pub fn attributes(object: &Value, pointer: &str) -> Table {
    let members = object.pointer(pointer).and_then(Value::as_object);
    let mut table = Table::default();
    for (name, value) in members.into_iter().flatten() {
        table.add_row(vec![format!("  {}", super::shown::safe(name)), scalar(value)]);
    }
    table
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::cli::console::testing::piped;

    use super::*;

    #[test]
    fn a_user_is_shown_with_roles_groups_and_attributes() {
        let user = json!({
            "id": "directory_user_1", "name": "Ada Lovelace", "email": "ada@acme.test", "username": "ada",
            "job_title": null, "state": "active", "idp_id": "00u1", "directory_id": "directory_1",
            "organization_id": "org_1", "roles": [{"slug": "admin"}], "groups": [{"name": "Engineering"}],
            "custom_attributes": {"department_name": "R&D"}, "created_at": "2026-01-15T12:00:00.000Z",
            "updated_at": "2026-01-15T12:00:00.000Z",
        });
        let (mut console, out, _) = piped(Form::Text);
        assert!(show(&mut console, &user).is_ok());
        let expected = "\
name          Ada Lovelace
email         ada@acme.test
user name     ada
job title     -
state         active
id            directory_user_1
idp id        00u1
directory     directory_1
organization  org_1
roles         admin
groups        Engineering
created       2026-01-15 12:00:00Z
updated       2026-01-15 12:00:00Z

attributes
  department_name  R&D
";
        assert_eq!(out.text(), expected);
    }

    #[test]
    fn somebody_without_a_name_is_called_by_user_name() {
        assert_eq!(name(&json!({"name": null, "username": "ada"})), "ada");
        assert_eq!(name(&json!({})), "-");
    }
}
