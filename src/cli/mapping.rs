//! `rosterd mapping`: how a directory's attributes and roles are made from what the provider sends.

use std::fs;
use std::io::{self, IsTerminal, Read};
use std::thread;
use std::time::Duration;

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::base::limits;
use crate::config::DocumentFile;
use crate::model::mapping::Document;

use super::client::{ApiPath, Client, DaemonArgs};
use super::console::{Console, Form};
use super::directory_name::resolve;
use super::error::CliError;
use super::shown::{count, joined, safe, scalar, text};
use super::table::{Column, Table};

const SHOW_EXAMPLES: &str =
    "Examples:\n  rosterd mapping show acme\n  rosterd mapping show acme --json > acme.json";
const SET_EXAMPLES: &str =
    "Examples:\n  rosterd mapping set acme acme.toml\n  rosterd mapping set acme --defaults";
const PREVIEW_EXAMPLES: &str = "Example:\n  rosterd mapping preview acme acme.toml";
const ATTRIBUTES_EXAMPLES: &str = "Examples:\n  rosterd mapping attributes acme\n  rosterd mapping attributes acme --register urn:acme:scim:2.0:User";

/// How often a run over all users is asked about.
const ASK_EVERY: Duration = Duration::from_millis(250);

#[derive(Debug, Clone, Args)]
pub struct MappingArgs {
    #[command(flatten)]
    daemon: DaemonArgs,
    #[command(subcommand)]
    command: MappingCommand,
}

#[derive(Debug, Clone, Subcommand)]
enum MappingCommand {
    /// Show the mapping in force
    #[command(after_help = SHOW_EXAMPLES)]
    Show {
        /// The directory, by id or external key
        directory: String,
    },
    /// Say who would change, and save nothing
    #[command(after_help = PREVIEW_EXAMPLES)]
    Preview {
        /// The directory, by id or external key
        directory: String,
        /// TOML or JSON; - reads stdin
        file: String,
        /// Users to list; all are counted
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
        limit: u16,
    },
    /// Put a mapping in force, for everyone at once
    #[command(after_help = SET_EXAMPLES)]
    Set {
        /// The directory, by id or external key
        directory: String,
        /// TOML or JSON; - reads stdin
        #[arg(required_unless_present = "defaults", conflicts_with = "defaults")]
        file: Option<String>,
        /// Return to the provider's defaults
        #[arg(long)]
        defaults: bool,
        /// Don't wait until all users are mapped again
        #[arg(long)]
        no_wait: bool,
    },
    /// List the attributes that the provider really sends
    #[command(after_help = ATTRIBUTES_EXAMPLES)]
    Attributes {
        /// The directory, by id or external key
        directory: String,
        /// Make a schema of what was seen under this URN, and register it
        #[arg(long, value_name = "URN")]
        register: Option<String>,
    },
}

pub fn run(args: MappingArgs, console: &mut Console) -> Result<(), CliError> {
    console.form = Form::json_if(args.daemon.json);
    match args.command {
        MappingCommand::Show { directory } => {
            let client = Client::find(&args.daemon)?;
            let mapping = client.get(&path(&client, &directory)?.then("mapping"))?;
            show(console, &mapping)
        }
        MappingCommand::Preview { directory, file, limit } => {
            let document = read(&file)?;
            let client = Client::find(&args.daemon)?;
            let preview = path(&client, &directory)?.then("mapping").then("preview").with("limit", limit);
            let preview = client.post(&preview, &document)?;
            show_preview(console, &preview)
        }
        MappingCommand::Set { directory, file, defaults: _, no_wait } => {
            let document = file.map_or_else(|| Ok(json!({})), |file| read(&file))?;
            let client = Client::find(&args.daemon)?;
            let directory = path(&client, &directory)?;
            set(console, &client, &directory.then("mapping"), &document, no_wait)
        }
        MappingCommand::Attributes { directory, register } => {
            let client = Client::find(&args.daemon)?;
            let attributes = path(&client, &directory)?.then("attributes");
            match register {
                Some(urn) => {
                    let schema = client.post(&attributes.then("register"), &json!({"urn": urn}))?;
                    show_schema(console, &schema)
                }
                None => show_attributes(console, &client.get(&attributes)?),
            }
        }
    }
}

fn path(client: &Client, directory: &str) -> Result<ApiPath, CliError> {
    Ok(ApiPath::new("/directories").then(&resolve(client, directory)?))
}

/// Reads a document and says everything that is wrong with it, with the lines.
fn read(file: &str) -> Result<Value, CliError> {
    let doing = || format!("{file} can't be read");
    let text = match file {
        "-" => {
            let mut text = String::new();
            let limit = u64::try_from(limits::APP_BODY_BYTES_MAX).unwrap_or(u64::MAX);
            io::stdin().take(limit).read_to_string(&mut text).map(|_| text)
        }
        file => fs::read_to_string(file),
    };
    let text = text.map_err(|error| CliError::System { doing: doing(), error })?;
    let name = if file == "-" { "stdin" } else { file };
    let document =
        DocumentFile::parse(&text).map_err(|error| CliError::WrongUse(format!("{name}: {error}")))?;
    // What `mapping show --json` printed can be edited and set as it is.
    if document.value.get("object") == Some(&json!("mapping"))
        && let Some(own) = document.value.get("document")
    {
        return Ok(own.clone());
    }
    match Document::parse(&document.value) {
        Ok(_) => Ok(document.value),
        Err(faults) => {
            let line =
                |place: &str| document.line(place).map(|line| format!("line {line}: ")).unwrap_or_default();
            let faults: Vec<String> =
                faults.iter().map(|fault| format!("  {}{fault}", line(&fault.place))).collect();
            Err(CliError::WrongUse(format!("{name} is no mapping\n{}", faults.join("\n"))))
        }
    }
}

fn set(
    console: &mut Console,
    client: &Client,
    path: &ApiPath,
    document: &Value,
    no_wait: bool,
) -> Result<(), CliError> {
    if console.form == Form::Text {
        let preview = client.post(&path.clone().then("preview").with("limit", 1), document)?;
        console.say(&counts(&preview));
    }
    let mut mapping = client.put(path, document)?;
    if !no_wait {
        mapping = wait(client, path, mapping)?;
    }
    match console.form {
        Form::Json => console.json(&mapping)?,
        Form::Text => {
            let remap = &mapping["remap"];
            let done = match remap["state"].as_str() {
                Some("running") => format!("{} of {} users are mapped so far", remap["done"], remap["total"]),
                _ => format!("{} users changed", remap["changed"]),
            };
            console.say(&format!("Version {} is in force; {done}.", mapping["version"]));
        }
    }
    Ok(())
}

/// Waits until all users are mapped again; a terminal sees how far it is.
fn wait(client: &Client, path: &ApiPath, mut mapping: Value) -> Result<Value, CliError> {
    let bar = match io::stderr().is_terminal() {
        true => ProgressBar::new(0),
        false => ProgressBar::hidden(),
    };
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos} of {len} users") {
        bar.set_style(style);
    }
    while mapping.pointer("/remap/state").and_then(Value::as_str) == Some("running") {
        bar.set_length(mapping["remap"]["total"].as_u64().unwrap_or(0));
        bar.set_position(mapping["remap"]["done"].as_u64().unwrap_or(0));
        thread::sleep(ASK_EVERY);
        mapping = client.get(path)?;
    }
    bar.finish_and_clear();
    Ok(mapping)
}

fn counts(preview: &Value) -> String {
    let number = |name: &str| preview.get(name).and_then(Value::as_u64).unwrap_or(0);
    let mut counts = format!("{} of {} users change", number("users_changed"), number("users_total"));
    if 0 < number("users_missing_required") {
        counts.push_str(&format!("; {} lack something that is required", number("users_missing_required")));
    }
    counts.push('.');
    counts
}

fn show(console: &mut Console, mapping: &Value) -> Result<(), CliError> {
    if console.form == Form::Json {
        return Ok(console.json(mapping)?);
    }
    let mut table = Table::new(vec!["TARGET", "FROM"]);
    for (target, rule) in mapping["in_force"]["attributes"].as_object().into_iter().flatten() {
        table.add_row(vec![safe(target), scalar(rule)]);
    }
    console.table(&table)?;
    let mut roles = Table::new(vec!["RULE", "GROUP", "WHEN", "ROLE"]);
    for (index, rule) in mapping["in_force"]["roles"]["rules"].as_array().into_iter().flatten().enumerate() {
        roles.add_row(vec![
            index.to_string(),
            text(rule, "/group"),
            text(rule, "/when"),
            text(rule, "/role"),
        ]);
    }
    if let Some(role) = mapping.pointer("/in_force/roles/default").and_then(Value::as_str) {
        roles.add_row(vec!["default".to_owned(), "-".to_owned(), "-".to_owned(), safe(role)]);
    }
    console.table(&roles)?;
    let origin =
        if mapping["is_default"] == json!(true) { "the provider's defaults" } else { "its own mapping" };
    console.say(&format!("Version {}: {origin}.", mapping["version"]));
    Ok(())
}

fn show_preview(console: &mut Console, preview: &Value) -> Result<(), CliError> {
    if console.form == Form::Json {
        return Ok(console.json(preview)?);
    }
    let mut table = Table::new(vec!["USER", "ATTRIBUTE", "FROM", "TO", "DECIDED BY"]);
    for user in preview["data"].as_array().into_iter().flatten() {
        let name = match user["email"].is_string() {
            true => text(user, "/email"),
            false => text(user, "/id"),
        };
        for (attribute, change) in user["changes"].as_object().into_iter().flatten() {
            let by =
                if attribute.starts_with("role") { scalar(&user["role_decided_by"]) } else { "-".to_owned() };
            table.add_row(vec![
                name.clone(),
                safe(attribute),
                scalar(&change["from"]),
                scalar(&change["to"]),
                by,
            ]);
        }
        if 0 < count(user, "/missing_required") {
            let missing = joined(user, "/missing_required", "");
            table.add_row(vec![
                name,
                missing,
                "-".to_owned(),
                "required, and missing".to_owned(),
                "-".to_owned(),
            ]);
        }
    }
    console.table(&table)?;
    console.say(&counts(preview));
    if preview.pointer("/list_metadata/after").is_some_and(Value::is_string) {
        console.say("There are more: see them with --limit N.");
    }
    Ok(())
}

const ATTRIBUTE_COLUMNS: &[Column] = &[
    Column { title: "ATTRIBUTE", cell: |seen| text(seen, "/path") },
    Column { title: "OF", cell: |seen| text(seen, "/resource_type") },
    Column { title: "SCHEMA", cell: |seen| text(seen, "/schema") },
    Column {
        title: "FILLED",
        cell: |seen| format!("{:.0} %", seen["share"].as_f64().unwrap_or(0.0) * 100.0),
    },
    Column { title: "TYPES", cell: |seen| joined(seen, "/types", "") },
    Column { title: "DIFFERENT", cell: |seen| text(seen, "/distinct") },
    Column { title: "MAPPED", cell: |seen| text(seen, "/is_mapped") },
    Column { title: "LOOKS LIKE", cell: |seen| joined(seen, "/samples", "") },
];

fn show_attributes(console: &mut Console, seen: &Value) -> Result<(), CliError> {
    if console.form == Form::Json {
        return Ok(console.json(seen)?);
    }
    let attributes = seen["data"].as_array().cloned().unwrap_or_default();
    console.table(&Table::of(ATTRIBUTE_COLUMNS, &attributes))?;
    for part in seen["examined"].as_array().into_iter().flatten() {
        let (examined, total) = (&part["examined"], &part["total"]);
        console.say(&format!("{}: {examined} of {total} looked at.", text(part, "/resource_type")));
    }
    Ok(())
}

fn show_schema(console: &mut Console, schema: &Value) -> Result<(), CliError> {
    if console.form == Form::Json {
        return Ok(console.json(schema)?);
    }
    let attributes =
        schema.pointer("/schema/attributes").and_then(Value::as_array).cloned().unwrap_or_default();
    let columns: &[Column] = &[
        Column { title: "ATTRIBUTE", cell: |attribute| text(attribute, "/name") },
        Column { title: "TYPE", cell: |attribute| text(attribute, "/type") },
        Column { title: "SEVERAL", cell: |attribute| text(attribute, "/multiValued") },
    ];
    console.table(&Table::of(columns, &attributes))?;
    console.say(&format!("Registered {}.", text(schema, "/urn")));
    Ok(())
}
