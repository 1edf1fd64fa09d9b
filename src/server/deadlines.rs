//! How long each part of a connection's life may take.

use std::time::Duration;

use crate::base::limits;
use crate::config::Config;

/// All deadlines; a test makes them short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// From accept to the end of the TLS handshake.
    pub handshake: Duration,
    /// From there, or from the first byte of a later request, to the end of its head.
    pub headers: Duration,
    /// Between two requests.
    pub idle: Duration,
    /// A pause inside a request's body.
    pub body_idle: Duration,
    /// A whole request body.
    pub body_total: Duration,
    /// From a request's head to its response's head.
    pub handler: Duration,
    /// A client that doesn't read what we write.
    pub write_stall: Duration,
    /// After this a connection takes no more requests. It also ends HTTP/2 clients that keep a
    /// connection alive with PING and never finish a request.
    pub age: Duration,
    /// What requests under way get after `age`; None for as long as they need.
    pub age_grace: Option<Duration>,
    /// From a closing connection's last request to its being cut off.
    pub closing: Duration,
    /// What requests under way get when the server stops.
    pub stop: Duration,
    /// Between two looks at the certificate's files and expiry.
    pub certificate_check: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        let secs = Duration::from_secs;
        Self {
            handshake: secs(10),
            headers: secs(10),
            idle: secs(75),
            body_idle: secs(limits::BODY_IDLE_SECS_MAX),
            body_total: secs(limits::BODY_SECS_MAX),
            handler: secs(30),
            write_stall: secs(20),
            age: secs(600),
            age_grace: Some(secs(60)),
            closing: secs(1),
            stop: secs(10),
            certificate_check: secs(10),
        }
    }
}

impl Deadlines {
    /// The defaults with what the configuration says.
    pub fn from_config(config: &Config) -> Self {
        Self { handler: config.server.request_timeout, stop: config.server.stop_timeout, ..Self::default() }
    }

    /// The app's listeners have long polls, and streams that last as long as the app does.
    #[must_use]
    pub fn for_app(self) -> Self {
        let long_poll = Duration::from_secs(limits::LONG_POLL_SECS_MAX);
        Self { handler: self.handler + long_poll, age_grace: None, ..self }
    }
}
