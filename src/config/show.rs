//! The configuration in force as rows, secrets hidden, and what differs between two.

use super::Config;
use super::error::Source;
use super::keys::{KEYS, Nature};
use super::load::Loaded;

/// One key with its value and where that comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub key: &'static str,
    pub value: String,
    pub source: Source,
}

/// Every key in the order of `config.toml`; a secret's value is hidden.
pub fn show(loaded: &Loaded) -> Vec<Row> {
    // Slots are reached by a mutable reference only, so rows are read from a copy.
    let mut config = loaded.config.clone();
    KEYS.iter()
        .map(|key| Row {
            key: key.name,
            value: (key.slot)(&mut config).show(),
            source: loaded.source(key.name),
        })
        .collect()
}

/// Keys whose values differ between the running configuration and one read anew.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangedKeys {
    /// SIGHUP changes them at once.
    pub reloadable: Vec<&'static str>,
    pub need_restart: Vec<&'static str>,
}

/// Compares by what is shown, so that one secret put in another's place is not noticed.
pub fn changed_keys(running: &Config, fresh: &Config) -> ChangedKeys {
    let (mut running, mut fresh) = (running.clone(), fresh.clone());
    let mut changed = ChangedKeys::default();
    for key in KEYS {
        if (key.slot)(&mut running).show() == (key.slot)(&mut fresh).show() {
            continue;
        }
        match key.nature {
            Nature::Reloadable => changed.reloadable.push(key.name),
            Nature::Plain | Nature::Secret => changed.need_restart.push(key.name),
        }
    }
    changed
}
