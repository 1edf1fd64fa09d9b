//! `rosterd idp`: fake providers that drive a SCIM server.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use tokio::runtime::Builder;

use crate::base::limits;
use crate::base::secret::Secret;
use crate::idp::client::{BaseUrl, Client as ScimClient};
use crate::idp::provider::{self, PROVIDERS, Provider};
use crate::idp::run::{self, Options};
use crate::idp::scenario::{Scenario, Size};
use crate::idp::upstream::Kind;

use super::client::{ApiPath, Client, DEV_DATA, DaemonArgs, data_folder, environment};
use super::console::{Console, Form};
use super::error::CliError;
use super::idp_steps::{Steps, report};
use super::idp_upstream::{self, Customer, PULLED, PulledArgs};
use super::table::Table;

const RUN_EXAMPLES: &str = "Examples:\n  rosterd idp run okta\n  rosterd idp run entra --scenario first-sync \
                            --users 2000 --groups 50\n  rosterd idp run okta-aiw --url https://scim.example.com/scim/v2 \
                            --token-file token.txt --json\n  rosterd idp run google --users 50 --groups 6 --once";
const LIST_EXAMPLES: &str = "Example:\n  rosterd idp list";

/// The daemon's tokens are in the file that `rosterd dev` keeps.
const DEV_FILE: &str = "dev.json";

#[derive(Debug, Clone, Args)]
pub struct IdpArgs {
    #[command(subcommand)]
    command: IdpCommand,
}

#[derive(Debug, Clone, Subcommand)]
enum IdpCommand {
    /// Behave as that provider does towards a SCIM server; exit code 7 when the server got something wrong
    #[command(after_help = RUN_EXAMPLES)]
    Run(Box<RunArgs>),
    /// The providers and the scenarios
    #[command(after_help = LIST_EXAMPLES)]
    List {
        /// Print JSON instead of tables
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Clone, Args)]
struct RunArgs {
    /// The provider: `rosterd idp list` shows them
    #[arg(value_parser = played)]
    provider: Played,
    /// What happens at the customer
    #[arg(long, value_name = "NAME", default_value = "lifecycle", value_parser = scenario_of)]
    scenario: Scenario,
    /// People at the customer to begin with [default: as the scenario needs]
    #[arg(long, value_name = "N", value_parser = up_to(limits::IDP_PEOPLE_MAX))]
    users: Option<u64>,
    /// Groups to begin with [default: as the scenario needs]
    #[arg(long, value_name = "N", value_parser = up_to(limits::IDP_GROUPS_MAX))]
    groups: Option<u64>,
    /// The same seed gives the same customer and the same changes
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// By how much waiting is shortened: the pauses of a working day, and those before a repeated request
    #[arg(long, value_name = "FACTOR", default_value_t = SPEED, value_parser = speed_of)]
    speed: f64,
    /// The SCIM server's base URL [default: the directory acme of `rosterd dev`]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The bearer token for --url; other users of this host can see it there, so better use --token-file
    #[arg(long, value_name = "TOKEN", conflicts_with = "token_file")]
    token: Option<String>,
    /// A file with the bearer token for --url
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// The authority to trust, as PEM [default: that of `rosterd dev`; for --url those that the system trusts]
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// The data folder of `rosterd dev`
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Print an object per step as it goes, and the report as the last one
    #[arg(long)]
    json: bool,
    /// Write the customer's own directory at the end to this file, as JSON
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    #[command(flatten)]
    pulled: PulledArgs,
}

/// Who is played.
#[derive(Debug, Clone, Copy)]
enum Played {
    /// One that pushes.
    Pushes(Chosen),
    /// One that is pulled from.
    Pulled(Kind),
}

/// # Errors
///
/// Words with every name.
fn played(name: &str) -> Result<Played, String> {
    match PULLED.iter().find(|(known, ..)| *known == name) {
        Some((_, kind, _)) => Ok(Played::Pulled(*kind)),
        None => provider_of(name)
            .map(Played::Pushes)
            .map_err(|known| format!("{known}, {}", PULLED.map(|(name, ..)| name).join(", "))),
    }
}

/// An eight-hour day takes a minute.
pub const SPEED: f64 = 480.0;

/// A provider that clap can clone.
#[derive(Clone, Copy)]
pub struct Chosen(pub &'static dyn Provider);

impl std::fmt::Debug for Chosen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name())
    }
}

/// # Errors
///
/// Words with every name.
pub fn provider_of(name: &str) -> Result<Chosen, String> {
    let names = || PROVIDERS.iter().map(|provider| provider.name()).collect::<Vec<_>>().join(", ");
    provider::by_name(name).map(Chosen).ok_or_else(|| format!("the providers are {}", names()))
}

/// # Errors
///
/// Words with every name.
pub fn scenario_of(name: &str) -> Result<Scenario, String> {
    let names = || Scenario::ALL.map(Scenario::name).join(", ");
    Scenario::by_name(name).ok_or_else(|| format!("the scenarios are {}", names()))
}

fn up_to(most: usize) -> clap::builder::RangedU64ValueParser<u64> {
    clap::value_parser!(u64).range(0..=most as u64)
}

fn speed_of(text: &str) -> Result<f64, String> {
    let speed: f64 = text.parse().map_err(|_| "write a number such as 60".to_owned())?;
    match speed.is_finite() && speed > 0.0 {
        true => Ok(speed),
        false => Err("it must be a number above 0".to_owned()),
    }
}

/// Where to, with what.
struct Reached {
    url: String,
    token: Secret,
    ca: Option<PathBuf>,
}

pub fn run(args: IdpArgs, console: &mut Console) -> Result<(), CliError> {
    match args.command {
        IdpCommand::Run(args) => play(&args, console),
        IdpCommand::List { json } => {
            console.form = Form::json_if(json);
            list(console)
        }
    }
}

fn play(args: &RunArgs, console: &mut Console) -> Result<(), CliError> {
    console.form = Form::json_if(args.json);
    let provider = match args.provider {
        Played::Pushes(chosen) => chosen.0,
        Played::Pulled(kind) => return serve(kind, args, console),
    };
    let reached = reached(args)?;
    let base = BaseUrl::parse(&reached.url).map_err(CliError::WrongUse)?;
    let client = ScimClient::new(base, reached.ca).map_err(CliError::WrongUse)?;
    let usual = args.scenario.usual_size();
    let count =
        |asked: Option<u64>, usual| asked.and_then(|asked| usize::try_from(asked).ok()).unwrap_or(usual);
    let size = Size { people: count(args.users, usual.people), groups: count(args.groups, usual.groups) };
    console.say(&format!("{} towards {}", provider.about(), reached.url));
    let options = Options {
        provider,
        scenario: args.scenario,
        size,
        seed: args.seed,
        speed: args.speed,
        client,
        token: reached.token,
    };
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::System { doing: "starting".to_owned(), error })?;
    let mut steps = Steps::new(console);
    let outcome = runtime.block_on(run::run(options, |note| steps.note(&note)));
    let written = steps.finish();
    let ended = outcome.map_err(|stop| CliError::Idp { stop, url: reached.url })?;
    written?;
    if let Some(path) = &args.export {
        fs::write(path, format!("{:#}\n", ended.directory))
            .map_err(|error| CliError::System { doing: format!("writing {}", path.display()), error })?;
    }
    report(console, &ended)?;
    if ended.is_clean() { Ok(()) } else { Err(CliError::Found) }
}

/// The server that is named, or the directory that `rosterd dev` made.
fn reached(args: &RunArgs) -> Result<Reached, CliError> {
    let read = |path: &Path| {
        let reading = |error| CliError::System { doing: format!("reading {}", path.display()), error };
        fs::read_to_string(path).map_err(reading)
    };
    let token = match (&args.token, &args.token_file) {
        (Some(token), _) => Some(Secret::new(token.trim())),
        (None, Some(path)) => Some(Secret::new(read(path)?.trim())),
        (None, None) => None,
    };
    let folder = std::env::current_dir().unwrap_or_default();
    let data = match &args.data {
        Some(data) => data.clone(),
        None => data_folder(None, None, &environment(), &folder).unwrap_or_else(|_| DEV_DATA.into()),
    };
    let own_ca = Some(data.join("ca.pem")).filter(|path| path.exists());
    if let Some(url) = &args.url {
        let token =
            token.ok_or_else(|| CliError::WrongUse("--url needs --token or --token-file".to_owned()))?;
        // On this machine it is most likely the daemon whose data folder is here.
        let own_ca = own_ca.filter(|_| BaseUrl::parse(url).is_ok_and(|base| base.is_loopback()));
        return Ok(Reached { url: url.clone(), token, ca: args.ca.clone().or(own_ca) });
    }
    let path = data.join(DEV_FILE);
    let missing = || {
        let path = path.display();
        CliError::WrongUse(format!(
            "there is no {path}: start `rosterd dev` first, or name a SCIM server with --url and --token-file"
        ))
    };
    let kept: Value =
        fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or_else(missing)?;
    let text = |name: &str| kept.get(name).and_then(Value::as_str).map(str::to_owned).ok_or_else(missing);
    let daemon = Client::find(&DaemonArgs { data: Some(data.clone()), ..DaemonArgs::default() })?;
    let directory = daemon.get(&ApiPath::new("/directories").then(&text("directory_id")?))?;
    let url = directory.get("scim_url").and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(Reached {
        url,
        token: token.unwrap_or(Secret::new(text("scim_token")?)),
        ca: args.ca.clone().or(own_ca),
    })
}

fn serve(kind: Kind, args: &RunArgs, console: &mut Console) -> Result<(), CliError> {
    let pushing = [args.url.is_some(), args.token.is_some(), args.token_file.is_some(), args.export.is_some()];
    if pushing.contains(&true) {
        let message = "a connector pulls from this one: --url, --token, --token-file and --export are for those that push";
        return Err(CliError::WrongUse(message.to_owned()));
    }
    let count = |asked: Option<u64>| asked.and_then(|asked| usize::try_from(asked).ok());
    let customer = Customer {
        kind,
        scenario: args.scenario.name(),
        people: count(args.users),
        groups: count(args.groups),
        seed: args.seed,
    };
    idp_upstream::run(&customer, &args.pulled, console)
}

fn list(console: &mut Console) -> Result<(), CliError> {
    if console.form == Form::Json {
        let named = |name: &str, about: &str| json!({ "name": name, "about": about });
        let pulled = PULLED.map(|(name, _, about)| named(name, about));
        let providers: Vec<Value> =
            PROVIDERS.iter().map(|provider| named(provider.name(), provider.about())).collect();
        let scenarios = Scenario::ALL.map(|scenario| named(scenario.name(), scenario.about()));
        return Ok(console.json(&json!({ "providers": providers, "pulled": pulled, "scenarios": scenarios }))?);
    }
    let mut providers = Table::new(vec!["PROVIDER", "WHAT IT DOES"]);
    for provider in PROVIDERS {
        providers.add_row(vec![provider.name().to_owned(), provider.about().to_owned()]);
    }
    for (name, _, about) in PULLED {
        providers.add_row(vec![name.to_owned(), about.to_owned()]);
    }
    let mut scenarios = Table::new(vec!["SCENARIO", "WHAT HAPPENS"]);
    for scenario in Scenario::ALL {
        scenarios.add_row(vec![scenario.name().to_owned(), scenario.about().to_owned()]);
    }
    console.table(&providers)?;
    console.line("")?;
    Ok(console.table(&scenarios)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        args: IdpArgs,
    }

    fn parse(words: &str) -> Result<Line, clap::Error> {
        Line::try_parse_from(words.split(' '))
    }

    #[test]
    fn a_customer_has_people_and_groups_up_to_the_limit() {
        let (people, groups) = (limits::IDP_PEOPLE_MAX, limits::IDP_GROUPS_MAX);
        assert!(parse(&format!("rosterd run okta --users {people} --groups {groups}")).is_ok());
        assert!(parse(&format!("rosterd run okta --users {}", people + 1)).is_err());
        assert!(parse(&format!("rosterd run okta --groups {}", groups + 1)).is_err());
    }

    #[test]
    fn unknown_names_are_answered_with_those_that_there_are() {
        let provider = parse("rosterd run oktaa").unwrap_err().to_string();
        assert!(provider.contains("okta-aiw"), "{provider}");
        let scenario = parse("rosterd run okta --scenario fire").unwrap_err().to_string();
        assert!(scenario.contains("mass-offboard"), "{scenario}");
        for speed in ["0", "-1", "inf", "NaN", "fast"] {
            assert!(speed_of(speed).is_err(), "{speed}");
        }
    }

    #[test]
    fn a_url_needs_a_token() {
        let line = parse("rosterd run okta --url https://scim.example.com").unwrap();
        let IdpCommand::Run(args) = line.args.command else { panic!("it is a run") };
        assert!(matches!(reached(&args), Err(CliError::WrongUse(words)) if words.contains("--token-file")));
    }
}
