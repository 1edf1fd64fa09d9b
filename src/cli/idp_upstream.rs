//! `rosterd idp run google|workday|file`: an upstream to pull from, with a fake customer.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::idp::upstream::{self, Ends, Kind, Options, Ready, Report, scenario};

use super::console::{Console, Form};
use super::error::CliError;

/// What is pulled from, by the name that `idp run` knows it by.
pub const PULLED: [(&str, Kind, &str); 3] = [
    ("google", Kind::Google, "serves the Directory API of Google Workspace, to be pulled from"),
    ("workday", Kind::Workday, "serves a Workday report as JSON and CSV, to be pulled from"),
    ("file", Kind::File, "serves CSV and JSON files, to be pulled from"),
];

const PEOPLE: usize = 20;
const GROUPS: usize = 4;

/// Options of those that are pulled from.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "For google, workday and file, which a connector pulls from")]
pub struct PulledArgs {
    /// Where it listens, on loopback; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))]
    listen: SocketAddr,
    /// Rows on a page at most, however many are asked for
    #[arg(long, value_name = "ROWS", default_value_t = 500)]
    page_size: usize,
    /// Seconds for which an access token is good
    #[arg(long, value_name = "SECONDS", default_value_t = 3_599)]
    token_seconds: u32,
    /// Where connector.toml and the service account's key are written
    #[arg(long, value_name = "DIR", default_value = ".rosterd/upstream")]
    folder: PathBuf,
    /// End once the last state has been pulled
    #[arg(long)]
    once: bool,
}

/// The fake customer.
pub struct Customer {
    pub kind: Kind,
    pub scenario: &'static str,
    pub people: Option<usize>,
    pub groups: Option<usize>,
    pub seed: u64,
}

/// Serves until it is stopped, or, with `--once`, until the last state has been pulled.
pub fn run(customer: &Customer, args: &PulledArgs, console: &mut Console) -> Result<(), CliError> {
    if !scenario::NAMES.contains(&customer.scenario) {
        let message =
            format!("{} is none of the scenarios to pull from: {}", customer.scenario, scenario::NAMES.join(", "));
        return Err(CliError::WrongUse(message));
    }
    let options = options(customer, args);
    let system = |error: io::Error| CliError::System { doing: "starting the upstream".to_owned(), error };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(system)?;
    let mut written = Ok(());
    let ended = runtime.block_on(async {
        let stop = CancellationToken::new();
        let (mut interrupt, mut terminate) = (
            signal(SignalKind::interrupt()).map_err(system)?,
            signal(SignalKind::terminate()).map_err(system)?,
        );
        let on_signal = stop.clone();
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            on_signal.cancel();
        });
        let run = upstream::run(&options, stop.clone(), |report| {
            let told = tell(report, options.kind, console);
            if told.is_err() {
                stop.cancel();
                written = told;
            }
        });
        run.await.map_err(|error| CliError::WrongUse(error.to_string()))
    });
    // Connections that a fault keeps open must not keep us.
    runtime.shutdown_background();
    ended?;
    Ok(written?)
}

fn options(customer: &Customer, args: &PulledArgs) -> Options {
    Options {
        kind: customer.kind,
        listen: args.listen,
        scenario: customer.scenario.to_owned(),
        people: customer.people.unwrap_or(PEOPLE),
        groups: customer.groups.unwrap_or(GROUPS),
        seed: customer.seed,
        page_rows_max: args.page_size,
        token_secs: args.token_seconds,
        folder: args.folder.clone(),
        ends: if args.once { Ends::WhenPulled } else { Ends::WhenStopped },
    }
}

fn tell(report: &Report, kind: Kind, console: &mut Console) -> io::Result<()> {
    match (console.form, report) {
        (Form::Json, Report::Ready(ready)) => console.json_line(&ready_json(ready)),
        (Form::Json, Report::Step(name)) => console.json_line(&json!({"object": "step", "name": name})),
        (Form::Json, Report::Pulled(pulls)) => {
            console.json_line(&json!({"object": "pulled", "pulls": pulls}))
        }
        (Form::Text, Report::Ready(ready)) => console.line(&ready_text(ready, kind)),
        (Form::Text, Report::Step(name)) => console.line(&format!("step: {name}")),
        (Form::Text, Report::Pulled(pulls)) => {
            console.line(&format!("all of it has been pulled, in {pulls} pulls"))
        }
    }
}

fn ready_json(ready: &Ready) -> Value {
    json!({
        "object": "upstream",
        "url": ready.url,
        "control_url": ready.control_url,
        "connector": ready.settings,
        "oauth": ready.oauth,
        "connector_file": ready.files.connector,
        "service_account_file": ready.files.service_account,
    })
}

fn ready_text(ready: &Ready, kind: Kind) -> String {
    let provider = match kind {
        Kind::Google => "google",
        Kind::Workday => "workday",
        Kind::File => "generic",
    };
    format!(
        "A fake customer listens on {}\nConnect it:\n  rosterd directory create Fake --provider {provider} --connector \
         {}\nFaults and changes on command: {}",
        ready.url,
        ready.files.connector.display(),
        ready.control_url
    )
}
