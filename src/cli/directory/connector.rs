//! `rosterd directory connector`: what a directory pulls from, its runs, and removals that wait.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use crate::cli::client::{ApiPath, Client};
use crate::cli::console::{Console, Form};
use crate::cli::directory_name::resolve;
use crate::cli::error::CliError;
use crate::cli::lists::{self, ListArgs};
use crate::cli::shown::{text, time};
use crate::cli::table::{Column, Table};
use crate::config::DocumentFile;

pub const EXAMPLES: &str = "Examples:\n  rosterd directory connector set acme google.toml\n  rosterd directory connector runs \
                            acme\n  rosterd directory connector approve acme";

const SHOW_EXAMPLES: &str = "Example:\n  rosterd directory connector show acme";
const SET_EXAMPLES: &str = "Examples:\n  rosterd directory connector set acme connector.toml\n  rosterd directory connector set acme connector.toml --no-check";
const REMOVE_EXAMPLES: &str = "Example:\n  rosterd directory connector remove acme";
const SYNC_EXAMPLES: &str = "Example:\n  rosterd directory connector sync acme";
const RUNS_EXAMPLES: &str = "Examples:\n  rosterd directory connector runs acme\n  rosterd directory connector runs acme --all --json";
const APPROVE_EXAMPLES: &str = "Example:\n  rosterd directory connector approve acme";
const DENY_EXAMPLES: &str = "Example:\n  rosterd directory connector deny acme";

#[derive(Debug, Clone, Args)]
pub struct ConnectorArgs {
    #[command(subcommand)]
    command: ConnectorCommand,
}

#[derive(Debug, Clone, Subcommand)]
enum ConnectorCommand {
    /// Show what it pulls from and how the last run went
    #[command(after_help = SHOW_EXAMPLES)]
    Show {
        /// The directory's id or external key
        directory: String,
    },
    /// Give it a connector, which runs at once; another one is replaced
    #[command(after_help = SET_EXAMPLES)]
    Set {
        /// The directory's id or external key
        directory: String,
        /// Its settings, TOML or JSON
        file: PathBuf,
        /// Don't try the settings first
        #[arg(long)]
        no_check: bool,
    },
    /// Remove it; users and groups stay as they are
    #[command(after_help = REMOVE_EXAMPLES)]
    Remove {
        /// The directory's id or external key
        directory: String,
    },
    /// Let it run now
    #[command(after_help = SYNC_EXAMPLES)]
    Sync {
        /// The directory's id or external key
        directory: String,
    },
    /// List its last runs, newest first
    #[command(after_help = RUNS_EXAMPLES)]
    Runs {
        /// The directory's id or external key
        directory: String,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Let the removals that wait go on
    #[command(after_help = APPROVE_EXAMPLES)]
    Approve {
        /// The directory's id or external key
        directory: String,
    },
    /// Keep those whose removal waits until they are listed again
    #[command(after_help = DENY_EXAMPLES)]
    Deny {
        /// The directory's id or external key
        directory: String,
    },
}

const COLUMNS: &[Column] = &[
    Column { title: "STARTED", cell: |run| time(run, "/started_at") },
    Column { title: "OUTCOME", cell: |run| text(run, "/outcome") },
    Column { title: "USERS", cell: |run| text(run, "/counts/users_listed") },
    Column { title: "NEW", cell: |run| text(run, "/counts/users_created") },
    Column { title: "CHANGED", cell: |run| text(run, "/counts/users_updated") },
    Column { title: "ENDED", cell: |run| text(run, "/counts/users_deactivated") },
    Column { title: "REMOVED", cell: |run| text(run, "/counts/users_removed") },
    Column { title: "WAITING", cell: |run| text(run, "/counts/waiting") },
    Column { title: "REFUSED", cell: |run| text(run, "/counts/refused") },
    Column { title: "PROBLEM", cell: |run| text(run, "/error") },
];

pub fn run(client: &Client, args: &ConnectorArgs, console: &mut Console) -> Result<(), CliError> {
    let path = |directory: &str| -> Result<ApiPath, CliError> {
        Ok(ApiPath::new("/directories").then(&resolve(client, directory)?).then("connector"))
    };
    match &args.command {
        ConnectorCommand::Show { directory } => print(console, &client.get(&path(directory)?)?),
        ConnectorCommand::Set { directory, file, no_check } => {
            let mut settings = read(file)?;
            if *no_check {
                settings.insert("check".to_owned(), false.into());
            }
            print(console, &client.put(&path(directory)?, &Value::Object(settings))?)
        }
        ConnectorCommand::Remove { directory } => {
            client.delete(&path(directory)?)?;
            match console.form {
                Form::Json => console.json(&json!({"removed": true}))?,
                Form::Text => console.say("Removed. Its users and groups stay as they are."),
            }
            Ok(())
        }
        ConnectorCommand::Sync { directory } => {
            let connector = client.post(&path(directory)?.then("sync"), &json!({}))?;
            match console.form {
                Form::Json => console.json(&connector)?,
                Form::Text => {
                    console.say("It runs as soon as there is room; `rosterd directory connector runs` shows how it went.");
                }
            }
            Ok(())
        }
        ConnectorCommand::Runs { directory, list } => {
            let listing = client.list(&path(directory)?.then("runs"), list.wanted())?;
            lists::print(console, &listing, COLUMNS, "It has not run yet.")
        }
        ConnectorCommand::Approve { directory } => {
            print(console, &client.post(&path(directory)?.then("removals").then("approve"), &json!({}))?)
        }
        ConnectorCommand::Deny { directory } => {
            print(console, &client.post(&path(directory)?.then("removals").then("deny"), &json!({}))?)
        }
    }
}

fn print(console: &mut Console, connector: &Value) -> Result<(), CliError> {
    match console.form {
        Form::Json => console.json(connector)?,
        Form::Text => console.table(&details(connector))?,
    }
    Ok(())
}

fn details(connector: &Value) -> Table {
    let mut pairs = vec![("type", text(connector, "/type"))];
    let settings = connector.get("settings").and_then(Value::as_object);
    for (name, value) in settings.into_iter().flatten().filter(|(name, _)| *name != "type") {
        let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        pairs.push((name, crate::cli::shown::safe(&shown)));
    }
    pairs.push(("next run", time(connector, "/next_run_at")));
    pairs.push(("last run", time(connector, "/last_run/started_at")));
    pairs.push(("outcome", text(connector, "/last_run/outcome")));
    pairs.push(("users listed", text(connector, "/last_run/counts/users_listed")));
    pairs.push(("problem", text(connector, "/last_run/error")));
    pairs.push(("what to do", text(connector, "/last_run/hint")));
    pairs.push(("last complete run", time(connector, "/last_complete_at")));
    let waiting = connector.pointer("/removals/waiting").and_then(Value::as_array).map_or(0, Vec::len);
    pairs.push(("removals waiting", waiting.to_string()));
    pairs.push(("removals approved", text(connector, "/removals/approved")));
    pairs.push(("removals denied", text(connector, "/removals/denied")));
    Table::pairs(pairs)
}

/// Reads settings from a file. A setting whose name ends in `_file` stands for what is in that file.
pub fn read(file: &Path) -> Result<Map<String, Value>, CliError> {
    let shown = file.display();
    let text = read_text(file)?;
    let wrong = |message: String| CliError::WrongUse(format!("{shown}: {message}"));
    let Value::Object(mut settings) =
        DocumentFile::parse(&text).map_err(|error| wrong(error.to_string()))?.value
    else {
        return Err(wrong("this is no table of settings".to_owned()));
    };
    let folder = file.parent().unwrap_or(Path::new(""));
    fill_in(&mut settings, folder)?;
    for value in settings.values_mut() {
        if let Value::Object(section) = value {
            fill_in(section, folder)?;
        }
    }
    Ok(settings)
}

/// The settings that may stand in a file of their own.
const IN_FILES: &[&str] = &["service_account", "password", "client_secret", "refresh_token", "bearer"];

fn fill_in(settings: &mut Map<String, Value>, folder: &Path) -> Result<(), CliError> {
    for name in IN_FILES {
        let Some(path) = settings.shift_remove(&format!("{name}_file")) else { continue };
        let Some(path) = path.as_str() else {
            return Err(CliError::WrongUse(format!("{name}_file must be the path of a file, in quotes")));
        };
        if settings.contains_key(*name) {
            return Err(CliError::WrongUse(format!(
                "{name} and {name}_file are both there; keep one of them"
            )));
        }
        let text = read_text(&folder.join(path))?;
        let value = match *name {
            // What is no JSON is told apart by the daemon, which says what is wrong with it.
            "service_account" => serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text.clone())),
            _ => Value::String(text.trim().to_owned()),
        };
        settings.insert((*name).to_owned(), value);
    }
    Ok(())
}

fn read_text(file: &Path) -> Result<String, CliError> {
    fs::read_to_string(file)
        .map_err(|error| CliError::System { doing: format!("{} can't be read", file.display()), error })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_from_toml_and_json_with_secrets_from_their_files() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).expect("written");
            path
        };
        write("key.json", "{\"type\": \"service_account\"}");
        write("password", "hush\n");
        let toml = write(
            "c.toml",
            "type = \"google\"\nservice_account_file = \"key.json\"\n[basic]\npassword_file = \"password\"\n",
        );
        let json = write(
            "c.json",
            "{\"type\": \"google\", \"service_account_file\": \"key.json\", \"basic\": {\"password_file\": \"password\"}}",
        );
        let expected = json!({
            "type": "google", "basic": {"password": "hush"}, "service_account": {"type": "service_account"},
        });
        assert_eq!(Value::Object(read(&toml).expect("read")), expected);
        assert_eq!(Value::Object(read(&json).expect("read")), expected);
        let twice = write("twice.toml", "bearer = \"a\"\nbearer_file = \"password\"\n");
        assert!(matches!(read(&twice), Err(CliError::WrongUse(_))));
    }
}
