//! `rosterd directory held`: users whose deprovisioning is held back; approve or deny.

use std::io::{self, IsTerminal};

use clap::Args;
use serde_json::{Value, json};

use crate::base::id::UserId;
use crate::cli::client::{ApiPath, Client};
use crate::cli::console::{Console, Form};
use crate::cli::directory_name::resolve;
use crate::cli::error::CliError;
use crate::cli::lists::{self, ListArgs};
use crate::cli::shown::{text, time};
use crate::cli::table::Column;

pub const EXAMPLES: &str = "Examples:\n  rosterd directory held acme\n  rosterd directory held acme --approve --yes\n  \
                            rosterd directory held acme --deny --user directory_user_01KB0000000000000000000000";

#[derive(Debug, Clone, Args)]
pub struct HeldArgs {
    /// Its id or external key
    directory: String,
    /// Tell the app: they are gone or inactive for it too
    #[arg(long, conflicts_with = "deny")]
    approve: bool,
    /// Leave the app's view as it is: they have access again
    #[arg(long)]
    deny: bool,
    /// Only this user; may be repeated
    #[arg(long, value_name = "ID")]
    user: Vec<UserId>,
    /// Don't ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    list: ListArgs,
}

const COLUMNS: &[Column] = &[
    Column { title: "ID", cell: |held| text(held, "/id") },
    Column { title: "NAME", cell: |held| text(held, "/user/name") },
    Column { title: "EMAIL", cell: |held| text(held, "/user/email") },
    Column { title: "CAUSE", cell: |held| text(held, "/cause") },
    Column { title: "HELD SINCE", cell: |held| time(held, "/held_at") },
    Column { title: "DECISION", cell: |held| text(held, "/decision") },
    Column { title: "REQUEST", cell: |held| text(held, "/request_id") },
];

pub fn run(client: &Client, args: &HeldArgs, console: &mut Console) -> Result<(), CliError> {
    let verb = match (args.approve, args.deny) {
        (true, _) => "approve",
        (_, true) => "deny",
        (false, false) => return list(client, args, console),
    };
    let id = resolve(client, &args.directory)?;
    if !args.yes && !is_confirmed(client, &id, args, verb, console)? {
        return Err(CliError::WrongUse("nothing was decided".to_owned()));
    }
    let path = ApiPath::new("/directories").then(&id).then("held").then(verb);
    let body = match args.user.as_slice() {
        [] => json!({}),
        users => json!({"users": users.iter().map(UserId::to_string).collect::<Vec<_>>()}),
    };
    let mut users = 0;
    let remaining = loop {
        let done = client.post(&path, &body)?;
        let number = |name: &str| done.get(name).and_then(Value::as_u64).unwrap_or(0);
        users += number("users");
        // The daemon decides about so many at a time; those named fit into one request.
        if number("remaining") == 0 || number("users") == 0 || !args.user.is_empty() {
            break number("remaining");
        }
    };
    match console.form {
        Form::Json => console.json(&json!({"decision": verb, "users": users, "remaining": remaining}))?,
        Form::Text => {
            let done = if args.approve { "Approved" } else { "Denied" };
            console.say(&format!("{done} {users} users; {remaining} still wait."));
        }
    }
    Ok(())
}

fn list(client: &Client, args: &HeldArgs, console: &mut Console) -> Result<(), CliError> {
    let path = ApiPath::new("/directories").then(&resolve(client, &args.directory)?).then("held");
    let listing = client.list(&path, args.list.wanted())?;
    lists::print(console, &listing, COLUMNS, "Nobody is held.")
}

fn is_confirmed(
    client: &Client,
    id: &str,
    args: &HeldArgs,
    verb: &str,
    console: &mut Console,
) -> Result<bool, CliError> {
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Err(CliError::WrongUse(format!("nobody is there to be asked: say --yes to {verb}")));
    }
    let directory = client.get(&ApiPath::new("/directories").then(id))?;
    let count = match args.user.len() {
        0 => text(&directory, "/held_users"),
        named => named.to_string(),
    };
    let name = text(&directory, "/name");
    let effect = match args.approve {
        true => "The app is told that they have lost access.",
        false => "They have access again, and the app is told nothing.",
    };
    console.ask(&format!("{verb} {count} held users of {name}?\n{effect} Type yes to go on: "));
    Ok(super::typed()?.trim() == "yes")
}
