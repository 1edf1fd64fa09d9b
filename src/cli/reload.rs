//! Reads the configuration again on SIGHUP and takes over what can change without a restart.

use tokio::signal::unix::{SignalKind, signal};
use tracing::{error, info, warn};

use crate::config::{ChangedKeys, Config, changed_keys};

use super::error::CliError;
use super::logging::LevelHandle;
use super::serve::LayerArgs;

/// Waits for SIGHUP for as long as the daemon runs. The certificate is read again elsewhere, by the
/// part that holds it.
pub async fn on_hangup(layers: LayerArgs, mut running: Config, level: LevelHandle) {
    let mut hangup = match signal(SignalKind::hangup()) {
        Ok(hangup) => hangup,
        Err(error) => return warn!(%error, "SIGHUP will not change the configuration"),
    };
    while hangup.recv().await.is_some() {
        match layers.load() {
            Ok(fresh) => take_over(&mut running, &fresh.config, &level),
            Err(CliError::Config(problems)) => {
                error!("the configuration is wrong and stays as it was: {problems}");
            }
            Err(other) => error!("the configuration can't be read and stays as it was: {other}"),
        }
    }
}

fn take_over(running: &mut Config, fresh: &Config, level: &LevelHandle) {
    let ChangedKeys { reloadable, need_restart } = changed_keys(running, fresh);
    if !reloadable.is_empty() {
        level.set(fresh.log.level);
        running.log.level = fresh.log.level;
        info!("changed: {}", reloadable.join(", "));
    }
    if !need_restart.is_empty() {
        warn!("changed, and in force after a restart: {}", need_restart.join(", "));
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::reload;

    use crate::config::LogLevel;

    use super::*;

    #[test]
    fn the_level_changes_and_the_rest_waits_for_a_restart() {
        let (mut running, mut fresh) = (Config::defaults(), Config::defaults());
        fresh.log.level = LogLevel::Debug;
        fresh.store.readers = 9;
        let (_layer, level) = reload::Layer::new(crate::cli::logging::targets(LogLevel::Info));
        take_over(&mut running, &fresh, &LevelHandle::new(level));
        assert_eq!(running.log.level, LogLevel::Debug);
        assert_eq!(running.store.readers, Config::defaults().store.readers);
    }
}
