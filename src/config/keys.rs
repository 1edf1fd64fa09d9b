//! The table of all keys: name, place in the configuration, and what is special about each.

use super::Config;
use super::edit_distance::edit_distance;
use super::setting::Setting;

/// One key.
pub struct Key {
    /// `section.key`, or the key alone at the top level.
    pub name: &'static str,
    pub slot: fn(&mut Config) -> &mut dyn Setting,
    pub nature: Nature,
}

/// What is special about a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// Read once, at the start.
    Plain,
    /// SIGHUP changes it in the running daemon.
    Reloadable,
    /// Never shown; has a twin `…_file` that names a file with the value.
    Secret,
}

const fn plain(name: &'static str, slot: fn(&mut Config) -> &mut dyn Setting) -> Key {
    Key { name, slot, nature: Nature::Plain }
}

/// Every key, in the order of `config.toml`.
pub const KEYS: &[Key] = &[
    plain("public_url", |config| &mut config.public_url),
    plain("data", |config| &mut config.data),
    plain("scim.listen", |config| &mut config.scim.listen),
    plain("scim.behind_proxy", |config| &mut config.scim.behind_proxy),
    plain("tls.mode", |config| &mut config.tls.mode),
    plain("tls.cert", |config| &mut config.tls.cert),
    plain("tls.key", |config| &mut config.tls.key),
    plain("tls.acme_domains", |config| &mut config.tls.acme_domains),
    plain("tls.acme_email", |config| &mut config.tls.acme_email),
    plain("tls.acme_directory", |config| &mut config.tls.acme_directory),
    plain("tls.acme_ca_file", |config| &mut config.tls.acme_ca_file),
    plain("app.listen", |config| &mut config.app.listen),
    plain("app.socket", |config| &mut config.app.socket),
    plain("app.socket_group", |config| &mut config.app.socket_group),
    plain("app.allow_non_loopback", |config| &mut config.app.allow_non_loopback),
    plain("app.hosts", |config| &mut config.app.hosts),
    Key { name: "app.key", slot: |config| &mut config.app.key, nature: Nature::Secret },
    plain("store.readers", |config| &mut config.store.readers),
    plain("store.free_space_min", |config| &mut config.store.free_space_min),
    plain("requests.keep", |config| &mut config.requests.keep),
    plain("requests.bodies", |config| &mut config.requests.bodies),
    plain("events.keep", |config| &mut config.events.keep),
    plain("directories.on_deactivate", |config| &mut config.directories.on_deactivate),
    plain("directories.brake", |config| &mut config.directories.brake),
    plain("directories.brake_threshold_percent", |config| &mut config.directories.brake_threshold_percent),
    plain("directories.brake_threshold_min", |config| &mut config.directories.brake_threshold_min),
    plain("directories.brake_window", |config| &mut config.directories.brake_window),
    plain("directories.silence_after", |config| &mut config.directories.silence_after),
    plain("connect.allow_networks", |config| &mut config.connect.allow_networks),
    plain("connect.ca_file", |config| &mut config.connect.ca_file),
    plain("connect.folder", |config| &mut config.connect.folder),
    plain("secrets.key_file", |config| &mut config.secrets.key_file),
    Key { name: "log.level", slot: |config| &mut config.log.level, nature: Nature::Reloadable },
    plain("log.format", |config| &mut config.log.format),
    plain("server.stop_timeout", |config| &mut config.server.stop_timeout),
    plain("server.request_timeout", |config| &mut config.server.request_timeout),
    plain("server.connections_max", |config| &mut config.server.connections_max),
    plain("server.connections_per_address_max", |config| &mut config.server.connections_per_address_max),
];

/// What a name means.
#[derive(Clone, Copy)]
pub enum Named {
    Value(&'static Key),
    /// The twin of a secret: the value is in the file that is named.
    FileOf(&'static Key),
}

/// Finds a key, or the secret that a name ending in `_file` stands for.
pub fn find(name: &str) -> Option<Named> {
    if let Some(key) = KEYS.iter().find(|key| key.name == name) {
        return Some(Named::Value(key));
    }
    let secret_name = name.strip_suffix("_file")?;
    KEYS.iter().find(|key| key.name == secret_name && key.nature == Nature::Secret).map(Named::FileOf)
}

/// The names of the sections.
pub fn sections() -> Vec<&'static str> {
    let mut sections: Vec<&str> =
        KEYS.iter().filter_map(|key| key.name.split_once('.').map(|(section, _)| section)).collect();
    sections.dedup();
    sections
}

/// The known key that someone most likely meant: the same word in another section, or a few
/// letters off.
pub fn nearest(name: &str) -> Option<&'static str> {
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let (distance, key) = KEYS
        .iter()
        .map(|key| {
            let in_other_section = if last(key.name) == last(name) { 2 } else { usize::MAX };
            (edit_distance(key.name, name).min(in_other_section), key.name)
        })
        .min()?;
    (distance <= 3).then_some(key)
}
