//! Puts the layers over one another.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::check::impossible;
use super::environment::read_environment;
use super::error::{ConfigError, Problem, Source};
use super::file::read_toml;
use super::keys::{self, Key, Named};
use super::setting::Raw;
use super::value::{BrakeMode, ByteSize, Keep, LogFormat, LogLevel, OnDeactivate, TlsMode};
use super::{App, Config, Connect, Directories, Events, Log, Requests, Scim, Secrets, Server, Store, Tls};

/// The commented reference, compiled in as the lowest layer.
pub const DEFAULTS: &str = include_str!("../../config.toml");

/// A configuration, and where each of its values comes from.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub config: Config,
    pub(super) sources: BTreeMap<&'static str, Source>,
}

impl Loaded {
    /// Where a key's value comes from.
    pub fn source(&self, key: &str) -> Source {
        self.sources.get(key).cloned().unwrap_or(Source::Default)
    }
}

/// What the command line says, over everything else.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    values: Vec<Assignment>,
}

impl Overrides {
    /// Sets a key as a flag says: `set("--scim-listen", "scim.listen", "127.0.0.1:0")`.
    pub fn set(&mut self, flag: &'static str, key: &str, value: impl Into<String>) {
        let source = Source::Flag { name: flag };
        self.values.push(Assignment { name: key.to_owned(), raw: Raw::Untyped(value.into()), source });
    }
}

/// One value that a layer sets.
#[derive(Debug, Clone)]
pub(super) struct Assignment {
    pub name: String,
    pub raw: Raw,
    pub source: Source,
}

impl Config {
    /// The defaults alone.
    ///
    /// # Panics
    ///
    /// When the compiled-in `config.toml` is wrong, which a test excludes.
    pub fn defaults() -> Self {
        defaults().config
    }

    /// Reads all layers and checks the result.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, each with its place and what would be right.
    pub fn load(
        flags: &Overrides,
        environment: impl Iterator<Item = (String, String)>,
        file: Option<&Path>,
    ) -> Result<Loaded, ConfigError> {
        let mut loaded = defaults();
        let mut problems = Vec::new();
        if let Some(path) = file {
            let (values, faults) = match fs::read_to_string(path) {
                Ok(text) => read_toml(path, &text),
                Err(error) => (Vec::new(), vec![unreadable(path, &error)]),
            };
            problems.extend(faults);
            problems.extend(apply(&mut loaded, values));
        }
        let (values, faults) = read_environment(environment);
        problems.extend(faults);
        problems.extend(apply(&mut loaded, values));
        problems.extend(apply(&mut loaded, flags.values.clone()));
        // With a value missing, rules between values would report what is not the fault.
        if problems.is_empty() {
            problems = impossible(&loaded);
        }
        if problems.is_empty() { Ok(loaded) } else { Err(ConfigError { problems }) }
    }
}

fn defaults() -> Loaded {
    let mut loaded = Loaded { config: blank(), sources: BTreeMap::new() };
    let (values, mut problems) = read_toml(Path::new("config.toml"), DEFAULTS);
    problems.extend(apply(&mut loaded, values));
    assert!(problems.is_empty(), "the built-in configuration is wrong: {problems:?}");
    loaded.sources.clear();
    loaded
}

/// Takes one layer's values; what is wrong with them is returned, the rest is taken.
fn apply(loaded: &mut Loaded, values: Vec<Assignment>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut set_here = BTreeSet::new();
    for Assignment { name, raw, source } in values {
        let result = match keys::find(&name) {
            None => Err(unknown(&name)),
            Some(Named::Value(key) | Named::FileOf(key)) if !set_here.insert(key.name) => {
                Err(format!("{0} and {0}_file are both set; keep one of them", key.name))
            }
            Some(Named::Value(key)) => set(loaded, key, &raw, &source),
            Some(Named::FileOf(key)) => {
                secret_from_file(&raw).and_then(|secret| set(loaded, key, &secret, &source))
            }
        };
        if let Err(message) = result {
            problems.push(Problem { source, key: name, message });
        }
    }
    problems
}

fn set(loaded: &mut Loaded, key: &'static Key, raw: &Raw, source: &Source) -> Result<(), String> {
    (key.slot)(&mut loaded.config).set(raw)?;
    loaded.sources.insert(key.name, source.clone());
    Ok(())
}

fn secret_from_file(raw: &Raw) -> Result<Raw, String> {
    let (Raw::Text(path) | Raw::Untyped(path)) = raw else {
        return Err(format!("{} is not the path of a file; put it in quotes", raw.quoted()));
    };
    if path.is_empty() {
        return Ok(Raw::Text(String::new()));
    }
    fs::read_to_string(path)
        .map(|text| Raw::Text(text.trim().to_owned()))
        .map_err(|error| format!("the file {path:?} can't be read: {error}"))
}

fn unknown(name: &str) -> String {
    match keys::nearest(name) {
        Some(near) => format!("there is no key of this name; did you mean {near}?"),
        None => "there is no key of this name; `rosterd config show` lists them".to_owned(),
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
    let source = Source::File { path: path.to_owned(), line: 0 };
    Problem { source, key: String::new(), message: format!("the file can't be read: {error}") }
}

/// What the defaults are written into. Every value here is replaced: a test says so.
fn blank() -> Config {
    Config {
        public_url: None,
        data: PathBuf::new(),
        scim: Scim { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), behind_proxy: Vec::new() },
        tls: Tls {
            mode: TlsMode::SelfSigned,
            cert: None,
            key: None,
            acme_domains: Vec::new(),
            acme_email: String::new(),
            acme_directory: String::new(),
            acme_ca_file: None,
        },
        app: App {
            listen: None,
            socket: None,
            socket_group: String::new(),
            allow_non_loopback: false,
            hosts: Vec::new(),
            key: None,
        },
        store: Store { readers: 0, free_space_min: ByteSize(0) },
        requests: Requests { keep: Keep::Forever, bodies: false },
        events: Events { keep: Keep::Forever },
        directories: Directories {
            on_deactivate: OnDeactivate::Keep,
            brake: BrakeMode::Off,
            brake_threshold_percent: 0,
            brake_threshold_min: 0,
            brake_window: Duration::ZERO,
            silence_after: Duration::ZERO,
        },
        connect: Connect { allow_networks: Vec::new(), ca_file: None, folder: None },
        secrets: Secrets { key_file: PathBuf::new() },
        log: Log { level: LogLevel::Info, format: LogFormat::Text },
        server: Server {
            stop_timeout: Duration::ZERO,
            request_timeout: Duration::ZERO,
            connections_max: 0,
            connections_per_address_max: 0,
        },
    }
}
