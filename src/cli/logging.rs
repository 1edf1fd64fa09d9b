//! The log: lines on stderr, as text or JSON, at the configured level.

use std::env;
use std::io::{self, IsTerminal};

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, fmt, reload};

use crate::config::{LogFormat, LogLevel};

/// Crates that tell more than anyone wants below a warning, and at `trace` the bytes they read.
const NOISY: [&str; 7] = ["hyper", "hyper_util", "h2", "rustls", "tokio_rustls", "mio", "tokio_util"];

/// Changes the level of the running log.
#[derive(Debug, Clone)]
pub struct LevelHandle(reload::Handle<Targets, Registry>);

impl LevelHandle {
    pub fn new(handle: reload::Handle<Targets, Registry>) -> Self {
        Self(handle)
    }

    pub fn set(&self, level: LogLevel) {
        // It fails only when the log is gone, and then there is nobody to tell.
        let _ = self.0.reload(targets(level));
    }
}

/// Starts the log of this process; a second call changes nothing.
pub fn start(level: LogLevel, format: LogFormat) -> LevelHandle {
    let (filter, handle) = reload::Layer::new(targets(level));
    let lines: Box<dyn Layer<_> + Send + Sync> = match format {
        LogFormat::Text => {
            let no_colour = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            let has_colours = io::stderr().is_terminal() && !no_colour;
            Box::new(fmt::layer().with_writer(io::stderr).with_ansi(has_colours).with_target(false))
        }
        LogFormat::Json => Box::new(fmt::layer().json().flatten_event(true).with_writer(io::stderr)),
    };
    let _ = tracing_subscriber::registry().with(filter).with(lines).try_init();
    LevelHandle::new(handle)
}

/// Everything at the level, noisy crates at a warning at most.
pub fn targets(level: LogLevel) -> Targets {
    let level = match level {
        LogLevel::Error => tracing::Level::ERROR,
        LogLevel::Warn => tracing::Level::WARN,
        LogLevel::Info => tracing::Level::INFO,
        LogLevel::Debug => tracing::Level::DEBUG,
        LogLevel::Trace => tracing::Level::TRACE,
    };
    let quiet = level.min(tracing::Level::WARN);
    Targets::new().with_default(level).with_targets(NOISY.map(|name| (name, quiet)))
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn noisy_crates_say_warnings_at_most() {
        for (level, ours, theirs) in [
            (LogLevel::Trace, Level::TRACE, Level::WARN),
            (LogLevel::Info, Level::INFO, Level::WARN),
            (LogLevel::Error, Level::ERROR, Level::ERROR),
        ] {
            let targets = targets(level);
            assert!(targets.would_enable("rosterd::store", &ours), "{level:?}");
            assert!(targets.would_enable("hyper::proto", &theirs), "{level:?}");
            for noisy in NOISY {
                assert!(!targets.would_enable(noisy, &Level::INFO), "{noisy} {level:?}");
            }
        }
    }
}
