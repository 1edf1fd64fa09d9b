//! `rosterd token`: bearer tokens of a directory.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::base::time::Clock;

use super::client::{ApiPath, Client, DaemonArgs, Wanted};
use super::console::{Console, Form};
use super::directory_name::resolve;
use super::error::CliError;
use super::lists;
use super::moment::{Moment, moment};
use super::shown::{text, time};
use super::table::{Column, Table};

const CREATE_EXAMPLES: &str =
    "Examples:\n  rosterd token create acme\n  rosterd token create acme --expires 90d";
const LIST_EXAMPLES: &str = "Example:\n  rosterd token list acme";
const REVOKE_EXAMPLES: &str =
    "Example:\n  rosterd token revoke acme directory_token_01KB0000000000000000000000";

#[derive(Debug, Clone, Args)]
pub struct TokenArgs {
    #[command(flatten)]
    daemon: DaemonArgs,
    #[command(subcommand)]
    command: TokenCommand,
}

#[derive(Debug, Clone, Subcommand)]
enum TokenCommand {
    /// Make one more; prints it, this once
    #[command(after_help = CREATE_EXAMPLES)]
    Create {
        /// The directory's id or external key
        directory: String,
        /// When it ends: a date, or a duration like 90d; never when left out
        #[arg(long, value_name = "WHEN", value_parser = moment)]
        expires: Option<Moment>,
    },
    /// List them, with their end and last use
    #[command(after_help = LIST_EXAMPLES)]
    List {
        /// The directory's id or external key
        directory: String,
    },
    /// End one; it is refused from the next request on
    #[command(after_help = REVOKE_EXAMPLES)]
    Revoke {
        /// The directory's id or external key
        directory: String,
        /// The token's id, not the token
        token: String,
    },
}

const COLUMNS: &[Column] = &[
    Column { title: "ID", cell: |token| text(token, "/id") },
    Column { title: "ENDS WITH", cell: |token| text(token, "/token_suffix") },
    Column { title: "CREATED", cell: |token| time(token, "/created_at") },
    Column { title: "EXPIRES", cell: |token| never_or(token, "/expires_at") },
    Column { title: "LAST USED", cell: |token| never_or(token, "/last_used_at") },
];

/// A moment that may not come, or have come.
pub fn never_or(object: &Value, pointer: &str) -> String {
    match object.pointer(pointer) {
        Some(Value::String(_)) => time(object, pointer),
        _ => "never".to_owned(),
    }
}

pub fn run(args: TokenArgs, console: &mut Console) -> Result<(), CliError> {
    console.form = Form::json_if(args.daemon.json);
    let client = Client::find(&args.daemon)?;
    let tokens_of = |directory: &str| -> Result<(String, ApiPath), CliError> {
        let id = resolve(&client, directory)?;
        let path = ApiPath::new("/directories").then(&id).then("tokens");
        Ok((id, path))
    };
    match args.command {
        TokenCommand::Create { directory, expires } => {
            let (_, path) = tokens_of(&directory)?;
            let expires_at = expires.map(|expires| expires.after(Clock::System.now()).to_string());
            let body = expires_at.map_or_else(|| json!({}), |moment| json!({ "expires_at": moment }));
            created(console, &client.post(&path, &body)?)
        }
        TokenCommand::List { directory } => {
            let (_, path) = tokens_of(&directory)?;
            let listing = client.list(&path, Wanted::All)?;
            lists::print(console, &listing, COLUMNS, "There is no token; `rosterd token create` makes one.")
        }
        TokenCommand::Revoke { directory, token } => {
            let (id, path) = tokens_of(&directory)?;
            client.delete(&path.then(&token))?;
            match console.form {
                Form::Json => console.json(&json!({ "id": token, "directory_id": id, "revoked": true }))?,
                Form::Text => console.say(&format!("Revoked {token}.")),
            }
            Ok(())
        }
    }
}

fn created(console: &mut Console, token: &Value) -> Result<(), CliError> {
    match console.form {
        Form::Json => console.json(token)?,
        Form::Text => {
            console.table(&Table::pairs(vec![
                ("id", text(token, "/id")),
                ("expires", never_or(token, "/expires_at")),
                ("token", text(token, "/bearer_token")),
            ]))?;
            console.say("The token is shown this once. Older ones stay good until `rosterd token revoke`.");
        }
    }
    Ok(())
}
