//! `rosterd dev`: runs on a laptop with no configuration at all.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;

use tokio::process::Command;
use tokio_util::sync::CancellationToken;

use crate::base::secret::Secret;
use crate::config::{Config, TlsMode};
use crate::idp;
use crate::idp::client::{BaseUrl, Client};
use crate::idp::link::Stop;
use crate::idp::provider::Provider;
use crate::idp::report::Report;
use crate::idp::run::Note;
use crate::idp::scenario::Scenario;

use super::first_start::{self, First};
use super::run::{Daemon, runtime};
use super::{AppError, Ready};

pub struct DevOptions {
    pub data: PathBuf,
    pub scim_listen: SocketAddr,
    pub app_listen: SocketAddr,
    /// Serve SCIM without TLS; on loopback alone.
    pub plain_http: bool,
    /// The app to be started beside, with its environment set; empty for none.
    pub command: Vec<String>,
    /// A fake provider beside, towards the directory that `dev` makes.
    pub idp: Option<DevIdp>,
}

/// A fake provider that plays its scenario while the daemon runs.
#[derive(Clone, Copy)]
pub struct DevIdp {
    pub provider: &'static dyn Provider,
    pub scenario: Scenario,
    pub speed: f64,
    pub on_note: fn(&Note<'_>),
    pub on_end: fn(&Result<Report, Stop>),
}

/// Serves until told to stop; `on_ready` is called once the listeners accept.
///
/// # Errors
///
/// [`AppError`]; [`AppError::Child`] when the program beside ended with a failure.
pub fn dev(options: &DevOptions, on_ready: impl FnOnce(&Ready)) -> Result<(), AppError> {
    let data = std::path::absolute(&options.data)
        .map_err(|source| AppError::System { doing: "finding the data folder", source })?;
    let config = config(options, data);
    let runtime = runtime()?;
    runtime.block_on(async {
        let daemon = Daemon::start(&config)?;
        let first = first_start::first(&daemon.context, &config.data).await?;
        let ready = ready(&daemon, &config, first);
        on_ready(&ready);
        let shutdown = daemon.shutdown.clone();
        let playing = options.idp.map(|idp| play(idp, &ready)).transpose()?;
        let beside = run_beside(&options.command, &ready, shutdown.clone())?;
        let served = daemon.serve().await;
        if let Some(playing) = playing {
            playing.abort();
        }
        let ended = match beside {
            Some(task) => task.await.unwrap_or(Ok(())),
            None => Ok(()),
        };
        served.and(ended)
    })
}

fn config(options: &DevOptions, data: PathBuf) -> Config {
    let mut config = Config::defaults();
    config.data = data;
    config.scim.listen = options.scim_listen;
    config.app.listen = Some(options.app_listen);
    // A laptop's fake upstreams are on it too.
    config.connect.allow_networks = ["127.0.0.0/8", "::1/128"].iter().filter_map(|text| text.parse().ok()).collect();
    config.tls.mode = if options.plain_http { TlsMode::Off } else { TlsMode::SelfSigned };
    config
}

fn ready(daemon: &Daemon, config: &Config, first: First) -> Ready {
    let app = daemon.bound.app.unwrap_or(daemon.bound.scim);
    let app_url = format!("http://{app}");
    Ready {
        scim_url: daemon.context.scim_url(first_start::EXTERNAL_KEY),
        scim_token: Some(first.scim_token),
        console_url: format!("{app_url}/console"),
        app_url,
        api_key: Some(first.api_key),
        directory_id: Some(first.directory_id),
        organization_id: Some(first.organization_id),
        ca_cert: daemon.bound.ca_cert.clone(),
        data: config.data.clone(),
    }
}

/// Starts the fake provider; the daemon serves on when it has come to its end.
fn play(idp: DevIdp, ready: &Ready) -> Result<tokio::task::JoinHandle<()>, AppError> {
    let failed = |reason| AppError::FirstStart { reason };
    let base = BaseUrl::parse(&ready.scim_url).map_err(failed)?;
    let options = idp::run::Options {
        provider: idp.provider,
        scenario: idp.scenario,
        size: idp.scenario.usual_size(),
        seed: 1,
        speed: idp.speed,
        client: Client::new(base, ready.ca_cert.clone()).map_err(failed)?,
        token: Secret::new(ready.scim_token.as_deref().unwrap_or_default()),
    };
    Ok(tokio::spawn(async move {
        let outcome = idp::run::run(options, |note| (idp.on_note)(&note)).await;
        (idp.on_end)(&outcome);
    }))
}

type Beside = tokio::task::JoinHandle<Result<(), AppError>>;

/// Starts the app; when it ends the daemon stops, when the daemon stops it is asked to end.
fn run_beside(
    command: &[String],
    ready: &Ready,
    shutdown: CancellationToken,
) -> Result<Option<Beside>, AppError> {
    let Some((program, arguments)) = command.split_first() else { return Ok(None) };
    let mut child = Command::new(program)
        .args(arguments)
        .env("ROSTERD_URL", &ready.app_url)
        .env("ROSTERD_API_KEY", ready.api_key.as_deref().unwrap_or_default())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|source| AppError::System { doing: "starting the program after --", source })?;
    Ok(Some(tokio::spawn(async move {
        let status = tokio::select! {
            status = child.wait() => status,
            () = shutdown.cancelled() => {
                // Dropping it ends it.
                return Ok(());
            }
        };
        shutdown.cancel();
        match status.map(|status| status.code().unwrap_or(1)) {
            Ok(0) => Ok(()),
            Ok(code) => Err(AppError::Child { code }),
            Err(source) => Err(AppError::System { doing: "waiting for the program after --", source }),
        }
    })))
}
