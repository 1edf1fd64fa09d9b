//! Sockets, TLS, certificates, connection limits, graceful stop.
//!
//! Four listeners: the public one (TLS or plain) for identity providers; for the app a TCP one on
//! loopback and `app.sock`; and `operator.sock` for the daemon's own user. The accept loops are ours
//! and each connection has a watchdog, since neither hyper's builders nor its protocol detection
//! ever end a connection that stays silent.

mod accept;
mod acme;
mod activity;
pub mod app_guard;
mod catch_panic;
mod connection;
pub mod deadlines;
mod listen;
mod permits;
mod request;
pub mod systemd;
#[cfg(test)]
mod tests;
pub mod tls;
mod watched;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use crate::base::limits;
use crate::base::time::Clock;
use crate::config::{Config, Network, TlsMode};
use crate::web::Handler;
use crate::web::metrics::{Listener, Metrics};

use accept::{Accepting, Operators};
use acme::Acme;
use app_guard::AppGuard;
use connection::Serving;
pub use deadlines::Deadlines;
use listen::SocketFile;
use permits::Permits;
use systemd::Inherited;
use tls::{Certificates, TlsError};

/// What a server needs besides the configuration.
#[derive(Debug)]
pub struct Options {
    pub clock: Clock,
    pub metrics: Arc<Metrics>,
    pub deadlines: Deadlines,
    /// Sockets that systemd opened for us; they take the place of our own.
    pub inherited: Inherited,
}

/// The addresses that were bound, with the true ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    pub scim: SocketAddr,
    pub app: Option<SocketAddr>,
    pub app_socket: Option<PathBuf>,
    pub operator_socket: PathBuf,
    /// The CA to trust, with self-signed certificates.
    pub ca_cert: Option<PathBuf>,
}

/// Bound listeners that don't accept yet.
#[derive(Debug)]
pub struct Server {
    bound: Bound,
    scim: tokio::net::TcpListener,
    app: Option<tokio::net::TcpListener>,
    app_socket: Option<tokio::net::UnixListener>,
    operator_socket: tokio::net::UnixListener,
    socket_files: Vec<SocketFile>,
    certificates: Option<Arc<Certificates>>,
    /// With automatic certificates.
    acme: Option<Acme>,
    app_guard: AppGuard,
    trusted_proxies: Arc<[Network]>,
    connections_max: usize,
    connections_per_address_max: usize,
    options: Options,
}

/// Why the server can't start.
#[derive(Debug)]
pub enum BindError {
    Address {
        key: &'static str,
        address: SocketAddr,
        error: io::Error,
    },
    Socket {
        path: PathBuf,
        error: io::Error,
    },
    /// Another daemon answers on the socket.
    InUse {
        path: PathBuf,
    },
    UnknownGroup {
        name: String,
    },
    Folder {
        path: PathBuf,
        error: io::Error,
    },
    Tls(TlsError),
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address { key, address, error } => {
                write!(f, "{address} ({key}) can't be bound: {error}; is another program listening there?")
            }
            Self::Socket { path, error } => {
                write!(f, "the socket {} can't be made: {error}", path.display())
            }
            Self::InUse { path } => {
                write!(f, "another rosterd is running: it answers on {}", path.display())
            }
            Self::UnknownGroup { name } => {
                write!(f, "app.socket_group: there is no group {name:?} in /etc/group; its number works too")
            }
            Self::Folder { path, error } => {
                write!(f, "the data folder {} can't be made: {error}", path.display())
            }
            Self::Tls(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for BindError {}

impl Server {
    /// Binds everything the configuration names. Call it inside a Tokio runtime.
    ///
    /// # Errors
    ///
    /// [`BindError`], with what can't be bound or read.
    pub fn bind(config: &Config, options: Options) -> Result<Self, BindError> {
        listen::make_data_folder(&config.data)?;
        let mut inherited = options.inherited.take();
        let scim = listen::tcp("scim.listen", config.scim.listen, inherited.scim.take())?;
        let app = match (config.app.listen, inherited.app.take()) {
            (None, None) => None,
            (address, taken) => {
                Some(listen::tcp("app.listen", address.unwrap_or(config.scim.listen), taken)?)
            }
        };
        let certificates = match config.tls.mode {
            TlsMode::Off => None,
            _ => Some(Arc::new(Certificates::load(config, &options.clock).map_err(BindError::Tls)?)),
        };
        let mut socket_files = Vec::new();
        let app_socket = match (config.app_socket(), inherited.app_socket.take()) {
            (_, Some(taken)) => Some(listen::adopt_unix(taken)?),
            (Some(path), None) => {
                let (listener, file) = listen::unix(&path, 0o660, &config.app.socket_group)?;
                socket_files.push(file);
                Some(listener)
            }
            (None, None) => None,
        };
        let (operator_socket, file) = listen::unix(&config.operator_socket(), 0o600, "")?;
        socket_files.push(file);
        let app_address = app.as_ref().map(|(_, address)| *address);
        let bound = Bound {
            scim: scim.1,
            app: app_address,
            app_socket: app_socket.as_ref().and(config.app_socket()),
            operator_socket: config.operator_socket(),
            ca_cert: certificates.as_ref().and_then(|certificates| certificates.ca_path()),
        };
        Ok(Self {
            bound,
            scim: scim.0,
            app: app.map(|(listener, _)| listener),
            app_socket,
            operator_socket,
            socket_files,
            certificates,
            acme: (config.tls.mode == TlsMode::Acme).then(|| Acme::new(config, &options.clock)),
            app_guard: AppGuard::new(&config.app.hosts, app_address),
            trusted_proxies: config.scim.behind_proxy.clone().into(),
            connections_max: config.server.connections_max,
            connections_per_address_max: config.server.connections_per_address_max,
            options,
        })
    }

    /// What was bound.
    pub fn bound(&self) -> &Bound {
        &self.bound
    }

    /// The certificates, so that SIGHUP can have them read again; None without TLS.
    pub fn certificates(&self) -> Option<Arc<Certificates>> {
        self.certificates.clone()
    }

    /// Serves until `shutdown`, then stops: listeners close first, requests under way get
    /// [`Deadlines::stop`] to finish, and what is left is cut off.
    ///
    /// # Errors
    ///
    /// [`TlsError`] when the TLS library refuses its own settings; nothing was served then.
    pub async fn run<S: Handler, A: Handler>(
        self,
        scim_handler: Arc<S>,
        app_handler: Arc<A>,
        shutdown: CancellationToken,
    ) -> Result<(), TlsError> {
        let acceptor = self.certificates.as_ref().map(tls::acceptor).transpose()?;
        let tracker = TaskTracker::new();
        let kill = CancellationToken::new();
        let deadlines = self.options.deadlines;
        let serving = |listener: Listener, app_guard: Option<AppGuard>| Serving {
            listener,
            app_guard,
            deadlines: if listener == Listener::Scim { deadlines } else { deadlines.for_app() },
            clock: self.options.clock.clone(),
            metrics: Arc::clone(&self.options.metrics),
            trusted_proxies: Arc::clone(&self.trusted_proxies),
            stop: shutdown.clone(),
            kill: kill.clone(),
            tracker: tracker.clone(),
        };
        let app_permits = || Permits::new(limits::APP_CONNECTIONS_MAX, limits::APP_CONNECTIONS_MAX);
        let scim_permits = Permits::new(self.connections_max, self.connections_per_address_max);

        let scim = Accepting::new(serving(Listener::Scim, None), scim_handler, scim_permits);
        tracker.spawn(scim.tcp(self.scim, acceptor));
        if let Some(listener) = self.app {
            let guarded = serving(Listener::App, Some(self.app_guard.clone()));
            tracker
                .spawn(Accepting::new(guarded, Arc::clone(&app_handler), app_permits()).tcp(listener, None));
        }
        if let Some(listener) = self.app_socket {
            let serving = serving(Listener::AppSocket, None);
            let accepting = Accepting::new(serving, Arc::clone(&app_handler), app_permits());
            tracker.spawn(accepting.unix(listener, None));
        }
        let operators = Operators::own_user(self.socket_files.last());
        let accepting = Accepting::new(serving(Listener::OperatorSocket, None), app_handler, app_permits());
        tracker.spawn(accepting.unix(self.operator_socket, Some(operators)));
        if let Some(certificates) = &self.certificates {
            let watching = Arc::clone(certificates).watch(deadlines.certificate_check, shutdown.clone());
            tracker.spawn(watching);
            if let Some(acme) = self.acme {
                tracker.spawn(acme.keep(Arc::clone(certificates), shutdown.clone()));
            }
        }

        shutdown.cancelled().await;
        for file in &self.socket_files {
            file.remove();
        }
        tracker.close();
        info!("stopping: waiting for the requests under way");
        if timeout(deadlines.stop, tracker.wait()).await.is_err() {
            warn!("{} connections and requests did not end in time and are cut off", tracker.len());
            kill.cancel();
            tracker.wait().await;
        }
        Ok(())
    }
}
