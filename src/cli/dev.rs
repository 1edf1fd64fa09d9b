//! `rosterd dev`.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use clap::Args;

use crate::app::{self, DevIdp, DevOptions};
use crate::config::{LogFormat, LogLevel};
use crate::idp::scenario::Scenario;

use super::banner::{ReadyLine, Secrets, banner};
use super::client::DEV_DATA;
use super::console::{Console, Form};
use super::error::CliError;
use super::idp::{Chosen, SPEED, provider_of, scenario_of};
use super::idp_steps;
use super::logging;

pub const EXAMPLES: &str = "Examples:\n  rosterd dev\n  rosterd dev --plain-http --scim-listen 127.0.0.1:0 --app-listen \
                            127.0.0.1:0 --json\n  rosterd dev --idp entra:lifecycle\n  rosterd dev -- npm start";

const SCIM_PORT: u16 = 7644;
const APP_PORT: u16 = 7643;

#[derive(Debug, Clone, Args)]
pub struct DevArgs {
    /// The folder that keeps everything
    #[arg(long, value_name = "DIR", default_value = DEV_DATA)]
    data: PathBuf,
    /// Where providers reach SCIM; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT", default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, SCIM_PORT)))]
    scim_listen: SocketAddr,
    /// Where the app reaches its API, on loopback; port 0 takes a free one
    #[arg(
        long,
        value_name = "ADDR:PORT",
        default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, APP_PORT)),
        value_parser = loopback
    )]
    app_listen: SocketAddr,
    /// Serve SCIM without TLS, on loopback only
    #[arg(long)]
    plain_http: bool,
    /// Print one line of JSON on stdout once the listeners accept, instead of the banner
    #[arg(long)]
    json: bool,
    /// Play a fake provider beside, as `rosterd idp run` does; a working day unless a scenario is named
    #[arg(long, value_name = "PROVIDER[:SCENARIO]", value_parser = fake)]
    idp: Option<(Chosen, Scenario)>,
    /// The app to start beside, with ROSTERD_URL and ROSTERD_API_KEY set; when one of both ends, so does the other
    #[arg(last = true, value_name = "CMD")]
    command: Vec<String>,
}

fn fake(text: &str) -> Result<(Chosen, Scenario), String> {
    let (provider, scenario) = text.split_once(':').unwrap_or((text, Scenario::Day.name()));
    Ok((provider_of(provider)?, scenario_of(scenario)?))
}

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text.parse().map_err(|_| "write it like 127.0.0.1:7643".to_owned())?;
    match address.ip().is_loopback() {
        true => Ok(address),
        false => {
            Err("the app's API hands out everything: keep it on loopback, such as 127.0.0.1:7643".to_owned())
        }
    }
}

pub fn run(args: DevArgs, console: &mut Console) -> Result<(), CliError> {
    if args.plain_http && !args.scim_listen.ip().is_loopback() {
        let message = "--plain-http would send tokens in the clear: keep --scim-listen on loopback, such as \
                       127.0.0.1:7644";
        return Err(CliError::WrongUse(message.to_owned()));
    }
    console.form = Form::json_if(args.json);
    // Not a line for each request: the banner must stay in sight, and a program that started us may
    // never read our stderr, whose pipe would fill. `rosterd requests` shows them.
    logging::start(LogLevel::Warn, LogFormat::Text);
    let options = DevOptions {
        data: args.data,
        scim_listen: args.scim_listen,
        app_listen: args.app_listen,
        plain_http: args.plain_http,
        command: args.command,
        idp: args.idp.map(|(Chosen(provider), scenario)| DevIdp {
            provider,
            scenario,
            speed: SPEED,
            on_note: idp_steps::on_stderr,
            on_end: idp_steps::end_on_stderr,
        }),
    };
    let mut written = Ok(());
    app::dev(&options, |ready| {
        let text = match console.form {
            Form::Json => ReadyLine::new(ready, Secrets::Shown).text(),
            Form::Text => banner(ready),
        };
        written = console.line(&text);
    })?;
    Ok(written?)
}
