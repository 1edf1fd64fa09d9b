//! Automatic certificates (RFC 8555): obtained, proved on the public listener, renewed.
//!
//! Decided 2026-11: the proof is tls-alpn-01 (RFC 8737) alone. It needs no second port and no DNS
//! credentials, only that port 443 of the name leads to the public listener. Until the first
//! certificate is there, a self-signed one stands in, so that the listener can carry the proof.

mod account;
mod error;
mod http;
mod order;
mod renewal;
mod stored;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::base::time::Clock;
use crate::config::Config;

use super::tls::{Certificates, TlsError};
pub use error::AcmeError;
pub use order::{PROOF_PROTOCOL, is_proof};
use renewal::Due;
pub use stored::Stored;

/// The folder below the data folder with the account, the certificate and its key.
const FOLDER: &str = "acme";
/// How often a certificate that is there is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(3_600);
/// Pauses after failures: authorities count failed attempts by the hour.
const PAUSE_MIN: Duration = Duration::from_secs(60);
const PAUSE_MAX: Duration = Duration::from_secs(6 * 3_600);

/// What is to be obtained, from whom.
#[derive(Debug, Clone)]
pub struct Acme {
    pub domains: Vec<String>,
    email: Option<String>,
    /// The URL of the authority's directory.
    directory: String,
    /// Trusted for the authority's own TLS besides the public roots.
    ca_file: Option<PathBuf>,
    folder: PathBuf,
    clock: Clock,
}

impl Acme {
    /// As the configuration says.
    pub fn new(config: &Config, clock: &Clock) -> Self {
        let tls = &config.tls;
        Self {
            domains: config.acme_domains(),
            email: (!tls.acme_email.is_empty()).then(|| tls.acme_email.clone()),
            directory: tls.acme_directory.clone(),
            ca_file: tls.acme_ca_file.clone(),
            folder: config.data.join(FOLDER),
            clock: clock.clone(),
        }
    }

    /// The certificate that was obtained before, if it is for these names and its time is not over.
    ///
    /// # Errors
    ///
    /// [`TlsError`] when the file is there and can't be read.
    pub fn stored(&self) -> Result<Option<Stored>, TlsError> {
        let stored = stored::read(&self.folder)?;
        let now = self.clock.now();
        Ok(stored.filter(|stored| stored.covers(&self.domains) && now < stored.not_after))
    }

    /// Obtains and renews until the server stops.
    pub async fn keep(self, certificates: Arc<Certificates>, shutdown: CancellationToken) {
        let mut current = self.stored().unwrap_or_default();
        let mut failures = 0;
        loop {
            let pause = tokio::select! {
                () = shutdown.cancelled() => return,
                pause = self.step(&certificates, &mut current, &mut failures) => pause,
            };
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = sleep(pause) => {}
            }
        }
    }

    /// Renews if it is time, and says how long to wait then.
    async fn step(
        &self,
        certificates: &Certificates,
        current: &mut Option<Stored>,
        failures: &mut u32,
    ) -> Duration {
        let account = match account::open(self).await {
            Ok(account) => account,
            Err(error) => return self.failed(&error, current.as_ref(), failures),
        };
        if let Due::Later(pause) = renewal::due(&account, current.as_ref(), self.clock.now()).await {
            *failures = 0;
            return pause.min(LOOK_EVERY);
        }
        match order::obtain(self, &account, certificates).await {
            Ok(stored) => {
                *failures = 0;
                info!(until = %stored.not_after, "the certificate authority issued a new TLS certificate");
                *current = Some(stored);
                LOOK_EVERY
            }
            Err(error) => self.failed(&error, current.as_ref(), failures),
        }
    }

    fn failed(&self, error: &AcmeError, current: Option<&Stored>, failures: &mut u32) -> Duration {
        let pause = PAUSE_MIN.saturating_mul(1 << (*failures).min(10)).min(PAUSE_MAX);
        *failures += 1;
        let pause_secs = pause.as_secs();
        match current {
            Some(stored) => {
                warn!(until = %stored.not_after, pause_secs, "the TLS certificate was not renewed: {error}")
            }
            None => error!(pause_secs, "no TLS certificate yet, a self-signed one is served: {error}"),
        }
        pause
    }
}
