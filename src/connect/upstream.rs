//! Asks a provider, patiently and within bounds: quotas and faults that pass are waited for, and
//! one run reads and lasts no longer than it may.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, StatusCode, Uri, header};
use tokio::time::{Instant, sleep};

use crate::base::limits;
use crate::base::secret::{Secret, random_bytes};
use crate::web::client::{Answer, Ask, Client, ClientError};

use super::trouble::{Trouble, TroubleKind};

/// How patient a run is.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    pub attempts: u32,
    /// The first pause; each is twice as long as the one before it.
    pub pause: Duration,
}

impl Patience {
    /// Of a run that nobody waits for.
    pub const RUN: Self = Self { attempts: limits::CONNECTOR_ATTEMPTS_MAX, pause: Duration::from_secs(1) };
    /// Of a check that somebody waits for.
    pub const CHECK: Self = Self { attempts: 2, pause: Duration::from_millis(500) };
}

/// One run's access to the outside.
pub struct Upstream {
    client: Client,
    patience: Patience,
    bytes_left: AtomicUsize,
    deadline: Instant,
}

/// Whether an answer asks to be asked again later.
pub type AsksForPatience = fn(&Answer) -> bool;

/// What every web server means by patience.
pub fn is_busy(answer: &Answer) -> bool {
    answer.status == StatusCode::TOO_MANY_REQUESTS || answer.status.is_server_error()
}

impl Upstream {
    pub fn new(client: Client, patience: Patience, deadline: Instant) -> Self {
        Self { client, patience, bytes_left: AtomicUsize::new(limits::CONNECTOR_RUN_BYTES_MAX), deadline }
    }

    /// Asks until there is an answer that is no request for patience. `field` is the setting that
    /// the address came from.
    ///
    /// # Errors
    ///
    /// No answer in the end; too much read in this run.
    pub async fn ask(
        &self,
        field: &'static str,
        ask: &Ask,
        is_busy: AsksForPatience,
    ) -> Result<Answer, Trouble> {
        let host = host_of(&ask.url);
        let mut attempt = 1;
        loop {
            let mut bounded = ask.clone();
            bounded.answer_bytes_max =
                limits::CONNECTOR_PAGE_BYTES_MAX.min(self.bytes_left.load(Ordering::Relaxed));
            let left = self.deadline.saturating_duration_since(Instant::now());
            bounded.within = Duration::from_secs(limits::CONNECTOR_PAGE_SECS_MAX).min(left);
            let asked = self.client.ask(bounded).await;
            let is_last = self.patience.attempts <= attempt;
            let pause = match asked {
                Ok(answer) => {
                    // Several pages may be read at a time, each within what was left when it was asked for.
                    let less = |left: usize| Some(left.saturating_sub(answer.body.len()));
                    let _ = self.bytes_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
                    if is_last || !is_busy(&answer) {
                        return Ok(answer);
                    }
                    match retry_after(&answer) {
                        Some(secs) if limits::CONNECTOR_RETRY_SECS_MAX < secs => return Ok(answer),
                        Some(secs) => Duration::from_secs(secs),
                        None => self.pause(attempt),
                    }
                }
                Err(error) if is_last || !may_pass(&error) => {
                    return Err(Trouble::unanswered(field, &host, &error));
                }
                Err(_) => self.pause(attempt),
            };
            if self.deadline <= Instant::now() + pause {
                return Err(Trouble::new(
                    TroubleKind::Upstream,
                    field,
                    format!("{host}: the run would take longer than it may"),
                    "the provider is too slow, or its quota too small; it is tried again at the next run",
                ));
            }
            sleep(pause).await;
            attempt += 1;
        }
    }

    /// Twice as long each time, and never the same for two who were refused together.
    fn pause(&self, attempt: u32) -> Duration {
        let whole = self.patience.pause.saturating_mul(1 << attempt.saturating_sub(1).min(10));
        let [random] = random_bytes::<1>();
        whole / 2 + whole.mul_f64(f64::from(random) / 510.0)
    }
}

fn may_pass(error: &ClientError) -> bool {
    // One that is silent for so long is not asked again in this run.
    matches!(error, ClientError::Broken)
}

/// Seconds to wait; the form with a date is as good as none.
fn retry_after(answer: &Answer) -> Option<u64> {
    answer.header(&header::RETRY_AFTER)?.trim().parse().ok()
}

/// The host alone: paths and queries of such addresses may be secrets.
pub fn host_of(url: &str) -> String {
    url.parse::<Uri>()
        .ok()
        .and_then(|uri| uri.host().map(str::to_owned))
        .unwrap_or_else(|| "the address".to_owned())
}

/// The header of HTTP Basic.
pub fn basic(username: &str, password: &Secret) -> Option<HeaderValue> {
    let pair = Secret::new(format!("{username}:{}", password.reveal()));
    secret_header(&Secret::new(format!("Basic {}", STANDARD.encode(pair.reveal()))))
}

/// The header of a bearer token.
pub fn bearer(token: &Secret) -> Option<HeaderValue> {
    secret_header(&Secret::new(format!("Bearer {}", token.reveal())))
}

pub fn secret_header(value: &Secret) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(value.reveal()).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// What a status other than 2xx means, where the provider has no words of its own.
pub fn check_status(field: &'static str, url: &str, answer: &Answer) -> Result<(), Trouble> {
    let host = host_of(url);
    let (kind, hint) = match answer.status {
        status if status.is_success() => return Ok(()),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            (TroubleKind::Credentials, "check the name and the password or token, and what they may read")
        }
        StatusCode::NOT_FOUND | StatusCode::GONE => (TroubleKind::Settings, "check the address"),
        status if status.is_redirection() => {
            (TroubleKind::Settings, "redirects are not followed: write the address that it leads to")
        }
        _ => (TroubleKind::Upstream, "it is tried again at the next run"),
    };
    Err(Trouble::new(kind, field, format!("{host} answered {}", answer.status.as_u16()), hint))
}
