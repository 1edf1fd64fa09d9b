//! Values that are well formed and yet impossible, alone or together.

use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use crate::base::limits;

use super::Config;
use super::error::{Problem, Source};
use super::load::{Loaded, Overrides};
use super::value::{TlsMode, show_duration};

/// Bytes of a Unix socket's path, the kernel's limit without the final NUL.
const SOCKET_PATH_BYTES_MAX: usize = 107;
const KEY_PREFIX: &str = "sk_";
const KEY_CHARS_MIN: usize = 32;

/// Everything that would stop a start, without starting: all that [`Config::load`] finds, and then
/// the files that the configuration names. Empty: all is well.
pub fn check(
    flags: &Overrides,
    environment: impl Iterator<Item = (String, String)>,
    file: Option<&Path>,
) -> Vec<Problem> {
    match Config::load(flags, environment, file) {
        Ok(loaded) => missing_files(&loaded),
        Err(error) => error.problems,
    }
}

fn missing_files(loaded: &Loaded) -> Vec<Problem> {
    let config = &loaded.config;
    if config.tls.mode != TlsMode::Files {
        return Vec::new();
    }
    [("tls.cert", &config.tls.cert), ("tls.key", &config.tls.key)]
        .into_iter()
        .filter_map(|(key, path)| {
            let path = path.as_ref()?;
            let error = fs::File::open(path).err()?;
            Some(problem(loaded, key, format!("the file \"{}\" can't be read: {error}", path.display())))
        })
        .collect()
}

/// What is impossible in a configuration whose values are each of the right type.
pub(super) fn impossible(loaded: &Loaded) -> Vec<Problem> {
    let mut found = Vec::new();
    found.extend(wrong_numbers(&loaded.config));
    found.extend(wrong_tls(&loaded.config));
    found.extend(wrong_listeners(&loaded.config));
    found.extend(wrong_app(&loaded.config));
    found.into_iter().map(|(key, message)| problem(loaded, key, message)).collect()
}

type Found = Vec<(&'static str, String)>;

fn problem(loaded: &Loaded, key: &'static str, message: String) -> Problem {
    let source = loaded.source(key);
    // For the environment the name of the variable stands for the key.
    Problem {
        key: if matches!(source, Source::Environment { .. }) { String::new() } else { key.to_owned() },
        source,
        message,
    }
}

fn wrong_numbers(config: &Config) -> Found {
    let (server, directories) = (&config.server, &config.directories);
    let window_max = Duration::from_secs(limits::BRAKE_WINDOW_SECS_MAX);
    let silence_max = Duration::from_secs(limits::SILENCE_SECS_MAX);
    let counts: [(&str, usize, RangeInclusive<usize>); 5] = [
        ("store.readers", config.store.readers, 1..=64),
        ("directories.brake_threshold_percent", directories.brake_threshold_percent, 0..=100),
        ("directories.brake_threshold_min", directories.brake_threshold_min, 0..=1_000_000),
        ("server.connections_max", server.connections_max, 1..=1_000_000),
        ("server.connections_per_address_max", server.connections_per_address_max, 1..=1_000_000),
    ];
    let second = Duration::from_secs(1);
    let durations: [(&str, Duration, RangeInclusive<Duration>); 4] = [
        ("directories.brake_window", directories.brake_window, second..=window_max),
        ("directories.silence_after", directories.silence_after, Duration::ZERO..=silence_max),
        ("server.stop_timeout", server.stop_timeout, second..=second * 600),
        ("server.request_timeout", server.request_timeout, second..=second * 600),
    ];
    let counts =
        counts.into_iter().filter(|(_, value, range)| !range.contains(value)).map(|(key, value, range)| {
            (key, format!("{value} is out of range; take {} to {}", range.start(), range.end()))
        });
    let durations = durations.into_iter().filter(|(_, value, range)| !range.contains(value)).map(
        |(key, value, range)| {
            let [value, start, end] = [value, *range.start(), *range.end()].map(show_duration);
            (key, format!("{value} is out of range; take {start} to {end}"))
        },
    );
    counts.chain(durations).collect()
}

fn wrong_tls(config: &Config) -> Found {
    let mut found = Found::new();
    let tls = &config.tls;
    match tls.mode {
        TlsMode::Files => {
            for (key, path) in [("tls.cert", &tls.cert), ("tls.key", &tls.key)] {
                if path.is_none() {
                    found.push((key, "is empty; with tls.mode = \"files\" it names a PEM file".to_owned()));
                }
            }
        }
        TlsMode::Acme => found.extend(wrong_acme(config)),
        TlsMode::Off if !config.scim.listen.ip().is_loopback() && config.scim.behind_proxy.is_empty() => {
            let message = format!(
                "\"off\" would send tokens in the clear, since scim.listen {} is not loopback; use \"files\" or \
                 \"self-signed\", or name the proxies that end TLS in scim.behind_proxy",
                config.scim.listen
            );
            found.push(("tls.mode", message));
        }
        TlsMode::Off | TlsMode::SelfSigned => {}
    }
    if tls.mode != TlsMode::Files {
        for (key, path) in [("tls.cert", &tls.cert), ("tls.key", &tls.key)] {
            if path.is_some() {
                found.push((
                    key,
                    "is set but not used; say tls.mode = \"files\", or leave it empty".to_owned(),
                ));
            }
        }
    }
    found
}

fn wrong_acme(config: &Config) -> Found {
    let mut found = Found::new();
    let domains = config.acme_domains();
    if domains.is_empty() {
        let message = "is empty, and so is public_url; name what the certificate is for, such as \
                       [\"scim.example.com\"]";
        found.push(("tls.acme_domains", message.to_owned()));
    }
    for name in domains {
        let is_public = name.contains('.') && name.parse::<std::net::IpAddr>().is_err() && !name.contains(['*', '/', ':']);
        if !is_public {
            let message = format!("{name:?} is no name that an authority gives a certificate for; write it like scim.example.com");
            found.push(("tls.acme_domains", message));
        }
    }
    if !config.tls.acme_directory.starts_with("https://") {
        let message = format!("{:?} is no https URL", config.tls.acme_directory);
        found.push(("tls.acme_directory", message));
    }
    found
}

fn wrong_listeners(config: &Config) -> Found {
    let mut found = Found::new();
    let scim = config.scim.listen;
    if scim.ip().is_unspecified() && config.public_url.is_none() {
        let message = format!(
            "is empty, and {scim} is no address that a provider can reach; write it like \"https://scim.example.com\""
        );
        found.push(("public_url", message));
    }
    let Some(app) = config.app.listen else { return found };
    if app.port() == scim.port()
        && app.port() != 0
        && (app.ip() == scim.ip() || scim.ip().is_unspecified() || app.ip().is_unspecified())
    {
        found.push(("app.listen", format!("{app} has the port of scim.listen; take another")));
    }
    if !app.ip().is_loopback() && !config.app.allow_non_loopback {
        let message = format!(
            "{app} is not loopback, and the app's API hands out everything; use 127.0.0.1 or the Unix \
             socket, or say app.allow_non_loopback = true"
        );
        found.push(("app.listen", message));
    }
    found
}

fn wrong_app(config: &Config) -> Found {
    let mut found = Found::new();
    for (key, path) in [("app.socket", config.app_socket()), ("data", Some(config.operator_socket()))] {
        let Some(path) = path else { continue };
        let bytes = path.as_os_str().len();
        if bytes > SOCKET_PATH_BYTES_MAX {
            let message = format!(
                "the socket's path \"{}\" has {bytes} bytes, and the system takes {SOCKET_PATH_BYTES_MAX}; take a shorter one",
                path.display()
            );
            found.push((key, message));
        }
    }
    for host in &config.app.hosts {
        if host.contains(['/', ':', '@', ' ']) {
            let message = format!("{host:?} is not a host name; leave out scheme and port");
            found.push(("app.hosts", message));
        }
    }
    if let Some(key) = &config.app.key {
        let rest = key.reveal().strip_prefix(KEY_PREFIX).unwrap_or_default();
        if rest.len() < KEY_CHARS_MIN || !rest.bytes().all(|byte| byte.is_ascii_graphic()) {
            let message = format!(
                "the key must be \"{KEY_PREFIX}\" and at least {KEY_CHARS_MIN} visible ASCII characters; make one with \
                 `echo {KEY_PREFIX}$(openssl rand -hex 32)`"
            );
            found.push(("app.key", message));
        }
    }
    found
}
