//! `rosterd key`: keys of the app's API.

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use crate::base::time::Clock;

use super::client::{ApiPath, Client, DaemonArgs, Wanted};
use super::console::{Console, Form};
use super::error::CliError;
use super::lists;
use super::moment::{Moment, moment};
use super::shown::{text, time};
use super::table::{Column, Table};
use super::token::never_or;

const CREATE_EXAMPLES: &str =
    "Examples:\n  rosterd key create backend\n  rosterd key create ci --expires 7d --json";
const LIST_EXAMPLES: &str = "Example:\n  rosterd key list";
const REVOKE_EXAMPLES: &str = "Example:\n  rosterd key revoke key_01KB0000000000000000000000";

#[derive(Debug, Clone, Args)]
pub struct KeyArgs {
    #[command(flatten)]
    daemon: DaemonArgs,
    #[command(subcommand)]
    command: KeyCommand,
}

#[derive(Debug, Clone, Subcommand)]
enum KeyCommand {
    /// Make one; prints it, this once
    #[command(after_help = CREATE_EXAMPLES)]
    Create {
        /// Who will use it
        name: String,
        /// When it ends: a date, or a duration like 90d; never when left out
        #[arg(long, value_name = "WHEN", value_parser = moment)]
        expires: Option<Moment>,
    },
    /// List them, with their last use
    #[command(after_help = LIST_EXAMPLES)]
    List,
    /// End one; it is refused from the next request on
    #[command(after_help = REVOKE_EXAMPLES)]
    Revoke {
        /// The key's id, not the key
        id: String,
    },
}

const COLUMNS: &[Column] = &[
    Column { title: "NAME", cell: |key| text(key, "/name") },
    Column { title: "ID", cell: |key| text(key, "/id") },
    Column { title: "ENDS WITH", cell: |key| text(key, "/key_suffix") },
    Column { title: "CREATED", cell: |key| time(key, "/created_at") },
    Column { title: "EXPIRES", cell: |key| never_or(key, "/expires_at") },
    Column { title: "LAST USED", cell: |key| never_or(key, "/last_used_at") },
];

pub fn run(args: KeyArgs, console: &mut Console) -> Result<(), CliError> {
    console.form = Form::json_if(args.daemon.json);
    let client = Client::find(&args.daemon)?;
    let keys = ApiPath::new("/keys");
    match args.command {
        KeyCommand::Create { name, expires } => {
            let mut body = Map::from_iter([("name".to_owned(), Value::from(name))]);
            if let Some(expires) = expires {
                body.insert("expires_at".to_owned(), expires.after(Clock::System.now()).to_string().into());
            }
            created(console, &client.post(&keys, &Value::Object(body))?)
        }
        KeyCommand::List => {
            let listing = client.list(&keys, Wanted::All)?;
            lists::print(console, &listing, COLUMNS, "There is no key; `rosterd key create NAME` makes one.")
        }
        KeyCommand::Revoke { id } => {
            client.delete(&keys.then(&id))?;
            match console.form {
                Form::Json => console.json(&json!({ "id": id, "revoked": true }))?,
                Form::Text => console.say(&format!("Revoked {id}.")),
            }
            Ok(())
        }
    }
}

fn created(console: &mut Console, key: &Value) -> Result<(), CliError> {
    match console.form {
        Form::Json => console.json(key)?,
        Form::Text => {
            console.table(&Table::pairs(vec![
                ("name", text(key, "/name")),
                ("id", text(key, "/id")),
                ("expires", never_or(key, "/expires_at")),
                ("key", text(key, "/key")),
            ]))?;
            console.say("The key is shown this once: give it to the app as ROSTERD_API_KEY.");
        }
    }
    Ok(())
}
