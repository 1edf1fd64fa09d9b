//! `rosterd access`: whether somebody may come in, and why.

use clap::Args;
use serde_json::Value;

use crate::base::id::OrganizationId;

use super::client::{ApiPath, Client, DaemonArgs};
use super::console::{Console, Form};
use super::directory_name::resolve_some;
use super::error::CliError;
use super::shown::{joined, text};
use super::table::{Column, Table};
use super::users;

pub const EXAMPLES: &str = "Examples:\n  rosterd access directory_user_01KB0000000000000000000000\n  rosterd access --email \
                            ada@acme.test --directory acme";

#[derive(Debug, Clone, Args)]
pub struct AccessArgs {
    #[command(flatten)]
    daemon: DaemonArgs,
    /// The user's id
    #[arg(required_unless_present_any = ["email", "idp_id"], conflicts_with_all = ["email", "idp_id"])]
    user: Option<String>,
    /// The user's address; wants --directory or --organization, since it proves nothing elsewhere
    #[arg(long, requires = "scope", conflicts_with = "idp_id")]
    email: Option<String>,
    /// The provider's id of the user; wants --directory or --organization
    #[arg(long, value_name = "ID", requires = "scope")]
    idp_id: Option<String>,
    /// The directory to look in, by id or external key
    #[arg(long, short, value_name = "DIRECTORY", group = "scope")]
    directory: Option<String>,
    /// The organization to look in
    #[arg(long, value_name = "ID", group = "scope")]
    organization: Option<OrganizationId>,
}

const COLUMNS: &[Column] = &[
    Column { title: "NAME", cell: users::name },
    Column { title: "EMAIL", cell: |user| text(user, "/email") },
    Column { title: "STATE", cell: |user| text(user, "/state") },
    Column { title: "DIRECTORY STATE", cell: |user| text(user, "/directory_state") },
    Column { title: "ROLES", cell: |user| joined(user, "/roles", "/slug") },
    Column { title: "GROUPS", cell: |user| joined(user, "/groups", "/name") },
    Column { title: "ID", cell: |user| text(user, "/id") },
];

pub fn run(args: &AccessArgs, console: &mut Console) -> Result<(), CliError> {
    console.form = Form::json_if(args.daemon.json);
    let client = Client::find(&args.daemon)?;
    let path = ApiPath::new("/access")
        .with_some("user", args.user.as_ref())
        .with_some("email", args.email.as_ref())
        .with_some("idp_id", args.idp_id.as_ref())
        .with_some("directory", resolve_some(&client, args.directory.as_ref())?)
        .with_some("organization_id", args.organization);
    let answer = client.get(&path)?;
    match console.form {
        Form::Json => console.json(&answer)?,
        Form::Text => print(console, &answer)?,
    }
    Ok(())
}

fn print(console: &mut Console, answer: &Value) -> Result<(), CliError> {
    let allowed = answer.get("allowed").and_then(Value::as_bool) == Some(true);
    console.table(&Table::pairs(vec![
        ("access", if allowed { "allowed" } else { "denied" }.to_owned()),
        ("reason", text(answer, "/reason")),
        ("as of", text(answer, "/as_of_event")),
    ]))?;
    let users = answer.get("users").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if !users.is_empty() {
        console.line("")?;
        console.table(&Table::of(COLUMNS, users))?;
    }
    let attributes = users::attributes(answer, "/attributes");
    if !attributes.is_empty() {
        console.line("\nattributes")?;
        console.table(&attributes)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::cli::console::testing::piped;

    use super::*;

    #[test]
    fn an_answer_says_first_whether_somebody_may_come_in() {
        let answer = json!({"allowed": false, "reason": "unknown_user", "users": [], "as_of_event": null});
        let (mut console, out, _) = piped(Form::Text);
        assert!(print(&mut console, &answer).is_ok());
        assert_eq!(out.text(), "access  denied\nreason  unknown_user\nas of   -\n");
    }
}
