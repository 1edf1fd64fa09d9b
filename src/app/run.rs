//! Runs a daemon: store, recorder, surfaces, listeners; and stops them in the opposite order.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::app_api::AppApi;
use crate::base::seal::SealingKey;
use crate::base::time::Clock;
use crate::config::{self, Config, Keep};
use crate::connect::{self, ConnectorOptions, Connectors, RunPatience};
use crate::model::brake::{Brake, BrakeMode, Watch};
use crate::model::directory::OnDeactivate;
use crate::scim_api::ScimApi;
use crate::server::tls::Certificates;
use crate::server::{Bound, Deadlines, Options, Server, systemd};
use crate::service::remap;
use crate::service::record::{RecorderTask, Retention};
use crate::service::{AppCaller, Context, Recorder, Settings, alarms};
use crate::store::{OpenOptions, Store, StoreThread};
use crate::web::client::{Allowed, Client, ClientOptions};
use crate::web::metrics::Metrics;

use super::{AppError, STORE_FILE, gauges, panics};

/// A daemon whose listeners accept, though nothing answers yet.
pub struct Daemon {
    pub context: Context,
    pub bound: Bound,
    pub shutdown: CancellationToken,
    server: Server,
    store_thread: StoreThread,
    recorder_task: RecorderTask,
    metrics: Arc<Metrics>,
    config: Config,
    connectors: Arc<Connectors>,
}

/// The runtime that everything asynchronous runs on.
pub fn runtime() -> Result<Runtime, AppError> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|source| AppError::System { doing: "starting the runtime", source })
}

impl Daemon {
    /// Binds the listeners, then opens the store: a second daemon fails before it touches the file.
    pub fn start(config: &Config) -> Result<Self, AppError> {
        panics::log_place_alone();
        let metrics = Arc::new(Metrics::new());
        let options = Options {
            clock: Clock::System,
            metrics: Arc::clone(&metrics),
            deadlines: Deadlines::from_config(config),
            inherited: systemd::Inherited::from_environment(),
        };
        let server = Server::bind(config, options)?;
        let bound = server.bound().clone();
        let mut open = OpenOptions::new(config.data.join(STORE_FILE), Clock::System);
        open.readers = config.store.readers;
        open.free_space_min = config.store.free_space_min.0;
        let (store, store_thread) = Store::open(&open)?;
        let (recorder, recorder_task) = Recorder::new();
        let public_url = config.public_url(bound.scim);
        let settings = Settings {
            keeps_bodies: config.requests.bodies,
            on_deactivate: match config.directories.on_deactivate {
                config::OnDeactivate::Keep => OnDeactivate::Keep,
                config::OnDeactivate::Delete => OnDeactivate::Delete,
            },
            watch: watch(&config.directories),
        };
        let context = Context::new(store, Clock::System, &public_url, recorder).with(settings);
        let connectors = connectors(config, context.clone())?;
        Ok(Self {
            context,
            bound,
            shutdown: CancellationToken::new(),
            server,
            store_thread,
            recorder_task,
            metrics,
            config: config.clone(),
            connectors,
        })
    }

    /// Serves until a signal, the shutdown token, or a store in doubt.
    pub async fn serve(self) -> Result<(), AppError> {
        let store = self.context.store.clone();
        let keep =
            Retention { requests: kept(self.config.requests.keep), events: kept(self.config.events.keep) };
        let recorder = tokio::spawn(self.recorder_task.run(store.clone(), Clock::System, keep));
        let remapping = tokio::spawn(remap::run(self.context.clone(), self.shutdown.clone()));
        gauges::register(&self.metrics, &self.context);
        let watching = alarms::run(self.context.clone(), AppCaller::operator(), self.shutdown.clone());
        let watching = tokio::spawn(watching);
        let scim_api = Arc::new(ScimApi::new(self.context.clone(), &self.metrics));
        let app_api = Arc::new(AppApi::new(self.context, self.metrics, self.shutdown.clone()).with_connectors(Arc::clone(&self.connectors)));
        let pulling = tokio::spawn(connect::run(self.connectors, self.shutdown.clone()));
        let signals = Signals::listen()?;
        tokio::spawn(signals.watch(self.shutdown.clone(), self.server.certificates()));
        let failed = store.failed();
        tokio::spawn(stop_when_failed(failed.clone(), self.shutdown.clone()));
        let healthy = failed.clone();
        tokio::spawn(systemd::feed_watchdog(move || !healthy.is_cancelled(), self.shutdown.clone()));
        systemd::notify_ready();
        let shutdown = self.shutdown.clone();
        let served = self.server.run(scim_api, app_api, shutdown).await;
        systemd::notify_stopping();
        if timeout(LAST_RECORDS, pulling).await.is_err() {
            warn!("a connector's run did not end in time");
        }
        // It may hold a recorder, which the recorder's task waits for.
        if !matches!(timeout(LAST_RECORDS, watching).await, Ok(Ok(()))) {
            warn!("the watch over the directories did not end in order");
        }
        if !matches!(timeout(LAST_RECORDS, recorder).await, Ok(Ok(()))) {
            warn!("the last request records were not written");
        }
        if remapping.await.is_err() {
            warn!("the mapping of users did not stop in order; the next start goes on with it");
        }
        let stopping = tokio::task::spawn_blocking({
            let store = store.clone();
            move || self.store_thread.stop(&store)
        });
        if stopping.await.is_err() {
            warn!("the store did not stop in order");
        }
        info!("stopped");
        served.map_err(|error| AppError::Bind(crate::server::BindError::Tls(error)))?;
        match failed.is_cancelled() {
            true => Err(AppError::StoreInDoubt),
            false => Ok(()),
        }
    }
}

/// What connectors need. Without a key that can be used they say so, and nothing else stops.
fn connectors(config: &Config, context: Context) -> Result<Arc<Connectors>, AppError> {
    let allowed = Allowed { networks: config.connect.allow_networks.clone(), loopback: false };
    let client = Client::new(&ClientOptions { allowed, ca_file: config.connect.ca_file.clone() })
        .map_err(AppError::Authorities)?;
    let key = SealingKey::load_or_make(&config.secret_key_file()).map_err(|error| {
        warn!(%error, "connectors can't run until this is mended");
        error.to_string()
    });
    let folder = config.connect.folder.clone();
    let options = ConnectorOptions { client, key, folder, patience: RunPatience::Minutes };
    Ok(Connectors::new(context, options))
}

/// What new directories are watched for. The configuration has checked that the numbers are small.
fn watch(config: &config::Directories) -> Watch {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let secs = |duration: Duration| u32::try_from(duration.as_secs()).unwrap_or(u32::MAX);
    Watch {
        brake: Brake {
            mode: match config.brake {
                config::BrakeMode::Alarm => BrakeMode::Alarm,
                config::BrakeMode::Hold => BrakeMode::Hold,
                config::BrakeMode::Off => BrakeMode::Off,
            },
            threshold_percent: number(config.brake_threshold_percent),
            threshold_min: number(config.brake_threshold_min),
            window_secs: secs(config.brake_window),
        },
        silence_after_secs: secs(config.silence_after),
    }
}

fn kept(keep: Keep) -> Option<Duration> {
    match keep {
        Keep::Forever => None,
        Keep::For(duration) => Some(duration),
    }
}

/// How long the last request records may take to be written.
const LAST_RECORDS: Duration = Duration::from_secs(5);
/// How long answers may still be sent after the store is in doubt: they are all 503.
const LAST_WORDS: Duration = Duration::from_millis(500);

async fn stop_when_failed(failed: CancellationToken, shutdown: CancellationToken) {
    tokio::select! {
        () = failed.cancelled() => {
            tokio::time::sleep(LAST_WORDS).await;
            shutdown.cancel();
        }
        () = shutdown.cancelled() => {}
    }
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    fn listen() -> Result<Self, AppError> {
        let listen =
            |kind| signal(kind).map_err(|source| AppError::System { doing: "listening to signals", source });
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
            hangup: listen(SignalKind::hangup())?,
        })
    }

    async fn watch(mut self, shutdown: CancellationToken, certificates: Option<Arc<Certificates>>) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => break,
                _ = self.interrupt.recv() => break,
                _ = self.hangup.recv() => reload(certificates.clone()).await,
                () = shutdown.cancelled() => return,
            }
        }
        info!("asked to stop");
        shutdown.cancel();
    }
}

async fn reload(certificates: Option<Arc<Certificates>>) {
    let Some(certificates) = certificates else { return };
    info!("reading the certificate again");
    if tokio::task::spawn_blocking(move || certificates.reload()).await.is_err() {
        warn!("the certificate was not read again");
    }
}
