//! `rosterd directory`: customers' connections to their identity providers.

mod connector;
mod health;
mod held;

use std::path::PathBuf;
use std::io::{self, BufRead, IsTerminal, Read};

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use crate::base::id::OrganizationId;
use crate::model::provider::Provider;

use super::client::{ApiPath, Client, DaemonArgs};
use super::console::{Console, Form};
use super::directory_name::resolve;
use super::error::CliError;
use super::lists::{self, ListArgs};
use super::shown::{text, time};
use super::table::{Column, Table};

const CREATE_EXAMPLES: &str = "Examples:\n  rosterd directory create Acme --provider okta\n  rosterd directory create 'Globex Inc' \
                               --provider entra --external-key globex --json";
const LIST_EXAMPLES: &str = "Example:\n  rosterd directory list";
const SHOW_EXAMPLES: &str = "Example:\n  rosterd directory show acme";
const UPDATE_EXAMPLES: &str = "Examples:\n  rosterd directory update acme --name 'Acme Inc'\n  rosterd directory update acme --state unlinked";
const DELETE_EXAMPLES: &str = "Example:\n  rosterd directory delete acme --yes";

/// Characters of a typed confirmation that are read.
const ANSWER_CHARS_MAX: u64 = 256;

#[derive(Debug, Clone, Args)]
pub struct DirectoryArgs {
    #[command(flatten)]
    daemon: DaemonArgs,
    #[command(subcommand)]
    command: DirectoryCommand,
}

#[derive(Debug, Clone, Subcommand)]
enum DirectoryCommand {
    /// Make one; prints its SCIM URL and, this once, its token
    #[command(after_help = CREATE_EXAMPLES)]
    Create(CreateArgs),
    /// List them, newest first
    #[command(after_help = LIST_EXAMPLES)]
    List(ListingArgs),
    /// Show one
    #[command(after_help = SHOW_EXAMPLES)]
    Show {
        /// Its id or external key
        directory: String,
    },
    /// Change one; what is not named stays
    #[command(after_help = UPDATE_EXAMPLES)]
    Update(UpdateArgs),
    /// Delete one with all users and groups in it; its provider is refused from then on
    #[command(after_help = DELETE_EXAMPLES)]
    Delete {
        /// Its id or external key
        directory: String,
        /// Don't ask
        #[arg(long)]
        yes: bool,
    },
    /// Pull from a provider that pushes nothing: Google Workspace, Workday, files
    #[command(after_help = connector::EXAMPLES)]
    Connector(connector::ConnectorArgs),
    /// List users whose deprovisioning is held back from the app; approve or deny
    #[command(after_help = held::EXAMPLES)]
    Held(held::HeldArgs),
    /// How they are doing: last request, errors, open alarms
    #[command(after_help = health::HEALTH_EXAMPLES)]
    Health {
        /// Its id or external key; all when left out
        directory: Option<String>,
    },
    /// What the app would get if a dry run ended now, and what is wrong with it
    #[command(after_help = health::PREVIEW_EXAMPLES)]
    Preview {
        /// Its id or external key
        directory: String,
    },
    /// End a dry run: the app is told of everything that is there
    #[command(after_help = health::ACTIVATE_EXAMPLES)]
    Activate {
        /// Its id or external key
        directory: String,
    },
}

#[derive(Debug, Clone, Args)]
struct ListingArgs {
    /// Only those of this organization
    #[arg(long, value_name = "ID")]
    organization: Option<OrganizationId>,
    /// Only those whose name or domain contains this
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    #[command(flatten)]
    list: ListArgs,
}

#[derive(Debug, Clone, Args)]
struct CreateArgs {
    /// What people call it, such as the customer's name
    name: String,
    /// The organization it belongs to; one of the same name is made when left out
    #[arg(long, value_name = "ID")]
    organization: Option<OrganizationId>,
    /// Pull instead of being pushed to: a file with the connector's settings, TOML or JSON
    #[arg(long, value_name = "FILE")]
    connector: Option<PathBuf>,
    /// Don't try the connector's settings first
    #[arg(long, requires = "connector")]
    no_check: bool,
    /// Begin with a dry run: take everything in, tell the app nothing until it is linked
    #[arg(long)]
    dry_run: bool,
    /// The RFC alone decides: no deviation of the provider is understood
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    settings: SettingArgs,
}

#[derive(Debug, Clone, Args)]
struct UpdateArgs {
    /// Its id or external key
    directory: String,
    /// What people call it
    #[arg(long)]
    name: Option<String>,
    /// linked: goes on, or ends a dry run; unlinked: pauses, the provider is answered 403
    #[arg(long, value_parser = ["linked", "unlinked"])]
    state: Option<String>,
    /// Whether the RFC alone decides
    #[arg(long, value_name = "BOOL")]
    strict: Option<bool>,
    #[command(flatten)]
    settings: SettingArgs,
}

/// What can be said when a directory is made and changed later.
#[derive(Debug, Clone, Args)]
struct SettingArgs {
    /// The kind of identity provider: okta, entra, google, onelogin, jumpcloud, pingone, pingfederate, cyberark,
    /// sailpoint, rippling, workday, generic, …
    #[arg(long, value_parser = provider)]
    provider: Option<Provider>,
    /// The last part of its SCIM URL
    #[arg(long, value_name = "KEY")]
    external_key: Option<String>,
    /// The customer's domain
    #[arg(long)]
    domain: Option<String>,
    /// What the app sees when the provider deactivates a user
    #[arg(long, value_name = "WHAT", value_parser = ["keep", "delete"])]
    on_deactivate: Option<String>,
    /// What a PATCH of a group is answered; the provider's own when left out
    #[arg(long, value_name = "200|204", value_parser = status)]
    group_patch_status: Option<u16>,
    /// Whether two groups may not have one name; the provider's own when left out
    #[arg(long, value_name = "BOOL")]
    unique_group_names: Option<bool>,
    /// When unusually many users lose access at once: raise an alarm, hold it back from the app, or nothing
    #[arg(long, value_name = "MODE", value_parser = ["alarm", "hold", "off"])]
    brake: Option<String>,
    /// So many percent of the active users are no wave yet
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=100))]
    brake_percent: Option<u32>,
    /// So many users are no wave yet, however small the directory
    #[arg(long, value_name = "N")]
    brake_min: Option<u32>,
    /// Within how long, such as 1h
    #[arg(long, value_name = "DURATION")]
    brake_window: Option<String>,
    /// Raise an alarm when the provider sends nothing for so long, such as 26h; or never
    #[arg(long, value_name = "DURATION")]
    silence_after: Option<String>,
}

fn provider(name: &str) -> Result<Provider, String> {
    Provider::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = Provider::ALL.iter().map(|provider| provider.name()).collect();
        format!("it is none of {}; take generic for any other", names.join(", "))
    })
}

fn status(text: &str) -> Result<u16, String> {
    match text {
        "200" => Ok(200),
        "204" => Ok(204),
        _ => Err("take 200 (with the group) or 204 (without)".to_owned()),
    }
}

pub fn run(args: DirectoryArgs, console: &mut Console) -> Result<(), CliError> {
    console.form = Form::json_if(args.daemon.json);
    let client = Client::find(&args.daemon)?;
    match args.command {
        DirectoryCommand::Create(args) => create(&client, &args, console),
        DirectoryCommand::List(args) => list(&client, &args, console),
        DirectoryCommand::Show { directory } => {
            let id = resolve(&client, &directory)?;
            print(console, &client.get(&ApiPath::new("/directories").then(&id))?)
        }
        DirectoryCommand::Update(args) => update(&client, &args, console),
        DirectoryCommand::Connector(args) => connector::run(&client, &args, console),
        DirectoryCommand::Held(args) => held::run(&client, &args, console),
        DirectoryCommand::Health { directory } => health::health(&client, directory.as_ref(), console),
        DirectoryCommand::Preview { directory } => health::preview(&client, &directory, console),
        DirectoryCommand::Activate { directory } => health::activate(&client, &directory, console),
        DirectoryCommand::Delete { directory, yes } => delete(&client, &directory, yes, console),
    }
}

fn create(client: &Client, args: &CreateArgs, console: &mut Console) -> Result<(), CliError> {
    let mut body = settings(&args.settings);
    body.insert("name".to_owned(), args.name.as_str().into());
    if let Some(organization) = args.organization {
        body.insert("organization_id".to_owned(), organization.to_string().into());
    }
    if args.strict {
        body.insert("strict".to_owned(), true.into());
    }
    if args.dry_run {
        body.insert("state".to_owned(), "validating".into());
    }
    if let Some(file) = &args.connector {
        body.insert("connector".to_owned(), Value::Object(connector::read(file)?));
        body.insert("check".to_owned(), (!args.no_check).into());
    }
    let directory = client.post(&ApiPath::new("/directories"), &Value::Object(body))?;
    print(console, &directory)?;
    if console.form == Form::Text {
        console.say("The token is shown this once: give it to the customer's admin with the SCIM URL.");
    }
    Ok(())
}

fn update(client: &Client, args: &UpdateArgs, console: &mut Console) -> Result<(), CliError> {
    let mut body = settings(&args.settings);
    for (key, value) in [("name", &args.name), ("state", &args.state)] {
        if let Some(value) = value {
            body.insert(key.to_owned(), value.as_str().into());
        }
    }
    if let Some(strict) = args.strict {
        body.insert("strict".to_owned(), strict.into());
    }
    if body.is_empty() {
        let message = "say what to change; `rosterd directory update --help` lists what can be";
        return Err(CliError::WrongUse(message.to_owned()));
    }
    let id = resolve(client, &args.directory)?;
    print(console, &client.patch(&ApiPath::new("/directories").then(&id), &Value::Object(body))?)
}

fn settings(args: &SettingArgs) -> Map<String, Value> {
    let named = [
        ("provider", args.provider.map(|provider| json!(provider.name()))),
        ("external_key", args.external_key.as_ref().map(|key| json!(key))),
        ("domain", args.domain.as_ref().map(|domain| json!(domain))),
        ("on_deactivate", args.on_deactivate.as_ref().map(|word| json!(word))),
        ("group_patch_status", args.group_patch_status.map(|status| json!(status))),
        ("unique_group_names", args.unique_group_names.map(|unique| json!(unique))),
        ("brake", brake(args)),
        ("silence_after", args.silence_after.as_ref().map(|duration| json!(duration))),
    ];
    named.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

fn brake(args: &SettingArgs) -> Option<Value> {
    let named = [
        ("mode", args.brake.as_ref().map(|mode| json!(mode))),
        ("threshold_percent", args.brake_percent.map(|percent| json!(percent))),
        ("threshold_min", args.brake_min.map(|least| json!(least))),
        ("window", args.brake_window.as_ref().map(|window| json!(window))),
    ];
    let said: Map<String, Value> =
        named.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect();
    (!said.is_empty()).then_some(Value::Object(said))
}

const COLUMNS: &[Column] = &[
    Column { title: "KEY", cell: |directory| text(directory, "/external_key") },
    Column { title: "NAME", cell: |directory| text(directory, "/name") },
    Column { title: "PROVIDER", cell: |directory| text(directory, "/provider") },
    Column { title: "STATE", cell: |directory| text(directory, "/state") },
    Column { title: "HEALTH", cell: health::words },
    Column { title: "USERS", cell: |directory| text(directory, "/metadata/users/active") },
    Column { title: "INACTIVE", cell: |directory| text(directory, "/metadata/users/inactive") },
    Column { title: "GROUPS", cell: |directory| text(directory, "/metadata/groups") },
    Column { title: "CREATED", cell: |directory| time(directory, "/created_at") },
    Column { title: "ID", cell: |directory| text(directory, "/id") },
];

fn list(client: &Client, args: &ListingArgs, console: &mut Console) -> Result<(), CliError> {
    let path = ApiPath::new("/directories")
        .with_some("organization_id", args.organization)
        .with_some("search", args.search.as_ref());
    let listing = client.list(&path, args.list.wanted())?;
    lists::print(
        console,
        &listing,
        COLUMNS,
        "There is no directory; `rosterd directory create NAME` makes one.",
    )
}

fn print(console: &mut Console, directory: &Value) -> Result<(), CliError> {
    match console.form {
        Form::Json => console.json(directory)?,
        Form::Text => console.table(&details(directory))?,
    }
    Ok(())
}

fn details(directory: &Value) -> Table {
    let mut pairs: Vec<(&str, String)> = [
        ("name", "/name"),
        ("id", "/id"),
        ("external key", "/external_key"),
        ("organization", "/organization_id"),
        ("provider", "/provider"),
        ("state", "/state"),
        ("domain", "/domain"),
        ("strict", "/strict"),
        ("on deactivate", "/on_deactivate"),
        ("group PATCH status", "/group_patch_status"),
        ("unique group names", "/unique_group_names"),
        ("active users", "/metadata/users/active"),
        ("inactive users", "/metadata/users/inactive"),
        ("groups", "/metadata/groups"),
        ("held users", "/held_users"),
        ("denied users", "/denied_users"),
        ("brake", "/brake/mode"),
        ("brake percent", "/brake/threshold_percent"),
        ("brake minimum", "/brake/threshold_min"),
        ("brake window", "/brake/window"),
        ("silence after", "/silence_after"),
    ]
    .map(|(name, pointer)| (name, text(directory, pointer)))
    .to_vec();
    pairs.push(("health", health::words(directory)));
    pairs.push(("created", time(directory, "/created_at")));
    pairs.push(("updated", time(directory, "/updated_at")));
    pairs.push(("SCIM URL", text(directory, "/scim_url")));
    if directory.get("bearer_token").is_some() {
        pairs.push(("token", text(directory, "/bearer_token")));
    }
    Table::pairs(pairs)
}

fn delete(client: &Client, name: &str, yes: bool, console: &mut Console) -> Result<(), CliError> {
    let has_person = io::stdin().is_terminal() && io::stderr().is_terminal();
    if !yes && !has_person {
        let message = format!("nobody is there to be asked: say --yes to delete {name} and all in it");
        return Err(CliError::WrongUse(message));
    }
    let path = ApiPath::new("/directories").then(&resolve(client, name)?);
    let directory = client.get(&path)?;
    let key = text(&directory, "/external_key");
    if !yes && !is_confirmed(console, &directory, &key)? {
        return Err(CliError::WrongUse(format!("{key} was not deleted")));
    }
    client.delete(&path)?;
    match console.form {
        Form::Json => console.json(&json!({ "id": directory.get("id"), "deleted": true }))?,
        Form::Text => console.say(&format!("Deleted {key} ({}).", text(&directory, "/name"))),
    }
    Ok(())
}

fn is_confirmed(console: &mut Console, directory: &Value, key: &str) -> Result<bool, CliError> {
    console.ask(&format!(
        "Delete the directory {} with {} active and {} inactive users and {} groups?\nThe app is told that all of \
         them are gone. Type {key} to go on: ",
        text(directory, "/name"),
        text(directory, "/metadata/users/active"),
        text(directory, "/metadata/users/inactive"),
        text(directory, "/metadata/groups"),
    ));
    Ok(typed()?.trim() == key)
}

/// The line that a person types.
fn typed() -> Result<String, CliError> {
    let mut answer = String::new();
    let mut input = io::BufReader::new(io::stdin().lock().take(ANSWER_CHARS_MAX));
    let reading = input.read_line(&mut answer);
    reading.map_err(|error| CliError::System { doing: "the answer can't be read".to_owned(), error })?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_directory_is_shown_with_its_token_last() {
        let directory = json!({
            "id": "directory_1", "name": "Acme", "external_key": "acme", "state": "linked",
            "scim_url": "https://x/scim/v2/acme", "bearer_token": "rosterd_scim_abc",
        });
        let text = details(&directory).render(false);
        assert!(
            text.ends_with(
                "SCIM URL            https://x/scim/v2/acme\ntoken               rosterd_scim_abc"
            ),
            "{text}"
        );
    }

    #[test]
    fn what_is_not_named_is_not_sent() {
        let args = SettingArgs {
            provider: Some(Provider::Entra),
            external_key: None,
            domain: None,
            on_deactivate: None,
            group_patch_status: Some(204),
            unique_group_names: None,
            brake: Some("hold".to_owned()),
            brake_percent: None,
            brake_min: Some(3),
            brake_window: None,
            silence_after: None,
        };
        assert_eq!(
            Value::Object(settings(&args)),
            json!({
                "provider": "entra", "group_patch_status": 204, "brake": {"mode": "hold", "threshold_min": 3},
            })
        );
    }
}
