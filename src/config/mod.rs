//! Reads and checks the configuration and explains what is wrong.
//!
//! Four layers, each over the one before: `config.toml` at the top level of the project, compiled
//! in; the file that the user names; the environment; the command line. One table ([`keys`]) names
//! every key, so that reading, showing, and the suggestions in errors can't differ.
//!
//! 2026-11: the layering is ours rather than figment's. Errors must name file and line and be
//! reported all at once, which needs the places that `toml` keeps; what remained for figment was
//! replacing one value by another. We would change our mind for layers deeper than section and key.

mod check;
mod document;
mod edit_distance;
mod environment;
mod error;
mod file;
mod keys;
mod load;
mod network;
mod setting;
mod show;
#[cfg(test)]
mod tests;
mod value;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::base::secret::Secret;

pub use check::check;
pub use document::{DocumentError, DocumentFile};
pub use error::{ConfigError, Problem, Source};
pub use load::{Loaded, Overrides};
pub use network::Network;
pub use show::{ChangedKeys, Row, changed_keys, show};
pub use value::{
    BrakeMode, ByteSize, Keep, LogFormat, LogLevel, OnDeactivate, PublicUrl, TlsMode, parse_duration,
    show_duration,
};

/// The configuration in force. Its fields are the keys of `config.toml`, which explains them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    pub public_url: Option<PublicUrl>,
    pub data: PathBuf,
    pub scim: Scim,
    pub tls: Tls,
    pub app: App,
    pub store: Store,
    pub requests: Requests,
    pub events: Events,
    pub directories: Directories,
    pub connect: Connect,
    pub secrets: Secrets,
    pub log: Log,
    pub server: Server,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scim {
    pub listen: SocketAddr,
    pub behind_proxy: Vec<Network>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    pub mode: TlsMode,
    pub cert: Option<PathBuf>,
    pub key: Option<PathBuf>,
    /// [`Config::acme_domains`] says what an empty list means.
    pub acme_domains: Vec<String>,
    pub acme_email: String,
    pub acme_directory: String,
    pub acme_ca_file: Option<PathBuf>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    pub listen: Option<SocketAddr>,
    /// Relative to the data folder; [`Config::app_socket`] resolves it.
    pub socket: Option<PathBuf>,
    pub socket_group: String,
    pub allow_non_loopback: bool,
    pub hosts: Vec<String>,
    pub key: Option<Secret>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    pub readers: usize,
    pub free_space_min: ByteSize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requests {
    pub keep: Keep,
    pub bodies: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Events {
    pub keep: Keep,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directories {
    pub on_deactivate: OnDeactivate,
    pub brake: BrakeMode,
    pub brake_threshold_percent: usize,
    pub brake_threshold_min: usize,
    pub brake_window: Duration,
    /// Zero for never.
    pub silence_after: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connect {
    pub allow_networks: Vec<Network>,
    pub ca_file: Option<PathBuf>,
    pub folder: Option<PathBuf>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secrets {
    /// Relative to the data folder; [`Config::secret_key_file`] resolves it.
    pub key_file: PathBuf,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    pub level: LogLevel,
    pub format: LogFormat,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    pub stop_timeout: Duration,
    pub request_timeout: Duration,
    pub connections_max: usize,
    pub connections_per_address_max: usize,
}

impl Config {
    /// The base of every location and link that is sent out, without a slash at its end. `bound` is
    /// the public listener's true address, which stands in when `public_url` is empty.
    pub fn public_url(&self, bound: SocketAddr) -> String {
        match &self.public_url {
            Some(url) => url.as_str().to_owned(),
            None if self.tls.mode == TlsMode::Off => format!("http://{bound}"),
            None => format!("https://{bound}"),
        }
    }

    /// The names for which certificates are obtained: those configured, else the host of `public_url`.
    pub fn acme_domains(&self) -> Vec<String> {
        match (&self.public_url, self.tls.acme_domains.as_slice()) {
            (Some(url), []) => vec![url.host()],
            (None, []) => Vec::new(),
            (_, names) => names.to_vec(),
        }
    }

    /// The path of the app's socket.
    pub fn app_socket(&self) -> Option<PathBuf> {
        self.app.socket.as_ref().map(|socket| self.data.join(socket))
    }

    /// The file of the key that seals credentials.
    pub fn secret_key_file(&self) -> PathBuf {
        self.data.join(&self.secrets.key_file)
    }

    /// The path of the operator's socket, always in the data folder.
    pub fn operator_socket(&self) -> PathBuf {
        self.data.join("operator.sock")
    }
}
