//! A provider's line to the server: its headers, its retries, what it counts and what it notices.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::Method;
use serde_json::Value;
use tokio::time::sleep;

use crate::base::json;
use crate::base::limits;
use crate::base::secret::Secret;

use super::check::{Answered, Expect, Finding, Findings, Need, check, shown};
use super::client::{Client, Failure, Reply, Request};
use super::memory::Memory;
use super::provider::{Pace, Provider, RetryAfter};

/// Requests of a step that are kept to be shown.
const EXCHANGES_KEPT: usize = 20;

/// Why a step did not come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// No connection in all attempts.
    NotReached {
        reason: String,
    },
    NotAuthorised,
    /// An answer that the provider takes for a failure.
    Refused {
        status: u16,
    },
    /// The request went out and no answer came: whoever sent it must look what became of it.
    Lost,
    /// Something in the answer that the provider can't go on with; it is a finding already.
    Unusable,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotReached { reason } => write!(f, "the server is not reached ({reason})"),
            Self::NotAuthorised => f.write_str("the server does not accept the token"),
            Self::Refused { status } => write!(f, "answered {status}"),
            Self::Lost => f.write_str("no answer in all attempts"),
            Self::Unusable => f.write_str("the answer can't be used"),
        }
    }
}

/// One request as a provider thinks of it.
#[derive(Debug, Clone)]
pub struct Ask {
    pub method: Method,
    /// From `/Users` on, encoded.
    pub path: String,
    pub body: Option<Value>,
    pub expect: Expect,
    /// Statuses besides the expected ones that the caller can digest.
    pub accepted: &'static [u16],
    /// Instead of the token.
    pub wrong_token: bool,
}

impl Ask {
    pub fn get(path: impl Into<String>, expect: Expect) -> Self {
        let path = path.into();
        Self { method: Method::GET, path, body: None, expect, accepted: &[], wrong_token: false }
    }

    pub fn post(path: impl Into<String>, body: Value) -> Self {
        let ask = Self::get(path, Expect::Created);
        Self { method: Method::POST, body: Some(body), ..ask }
    }

    pub fn put(path: impl Into<String>, id: &str, body: Value) -> Self {
        let ask = Self::get(path, Expect::Resource { id: id.to_owned() });
        Self { method: Method::PUT, body: Some(body), ..ask }
    }

    pub fn patch(path: impl Into<String>, id: &str, body: Value) -> Self {
        let ask = Self::get(path, Expect::Updated { id: id.to_owned() });
        Self { method: Method::PATCH, body: Some(body), ..ask }
    }

    pub fn delete(path: impl Into<String>) -> Self {
        let ask = Self::get(path, Expect::Deleted);
        Self { method: Method::DELETE, ..ask }
    }

    /// These statuses are no fault either.
    pub fn accepting(self, accepted: &'static [u16]) -> Self {
        Self { accepted, ..self }
    }
}

/// A final answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    /// Null when there is none.
    pub body: Value,
}

impl Answer {
    pub fn id(&self) -> Option<&str> {
        self.body.get("id").and_then(Value::as_str)
    }

    pub fn resources(&self) -> &[Value] {
        self.body.get("Resources").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }
}

/// One request and how it was answered; no status when it was not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    pub method: Method,
    pub path: String,
    pub status: Option<u16>,
}

/// What all steps of a run share.
pub struct Line {
    pub client: Client,
    pub provider: &'static dyn Provider,
    pub token: Secret,
    /// By how much waiting is shortened.
    pub speed: f64,
    pub findings: Findings,
    pub traffic: Traffic,
    /// Until the first answer nothing is tried twice: a wrong address should show at once.
    pub is_connected: AtomicBool,
    pub memory: Memory,
}

/// Requests by kind and status.
#[derive(Debug, Default)]
pub struct Traffic(Mutex<BTreeMap<(String, String), usize>>);

impl Traffic {
    fn count(&self, exchange: &Exchange) {
        let kind = exchange.path.split(['?', '/']).find(|part| !part.is_empty()).unwrap_or_default();
        let is_one = exchange.path.split('?').next().unwrap_or_default().matches('/').count() > 1;
        let kind = format!("{} /{kind}{}", exchange.method, if is_one { "/{id}" } else { "" });
        let status = exchange.status.map_or("no answer".to_owned(), |status| status.to_string());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry((kind, status)).or_default() += 1;
    }

    /// Kind, status and how many.
    pub fn rows(&self) -> Vec<(String, String, usize)> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.iter().map(|((kind, status), count)| (kind.clone(), status.clone(), *count)).collect()
    }
}

/// The line as one step uses it.
#[derive(Clone)]
pub struct Link {
    pub line: Arc<Line>,
    pub step: Arc<str>,
    exchanges: Arc<Mutex<(Vec<Exchange>, usize)>>,
}

impl Link {
    pub fn new(line: &Arc<Line>, step: &str) -> Self {
        Self { line: line.clone(), step: step.into(), exchanges: Arc::default() }
    }

    /// The first requests of this step, and how many there were.
    pub fn exchanges(&self) -> (Vec<Exchange>, usize) {
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends until there is an answer that the provider does not try again, and checks it.
    ///
    /// # Errors
    ///
    /// [`Stop::Lost`] for a POST whose answer did not arrive: repeating it blindly could create twice.
    pub async fn send(&self, ask: Ask) -> Result<Answer, Stop> {
        let pace = self.line.provider.pace();
        let mut attempt = 1;
        loop {
            let outcome = self.line.client.send(&self.request(&ask, &pace)).await;
            self.note(&ask, outcome.as_ref().ok().map(|reply| reply.status));
            let is_last = attempt >= pace.attempts;
            match outcome {
                Ok(reply) => {
                    self.line.is_connected.store(true, Ordering::Relaxed);
                    let is_expected_failure = ask.wrong_token || ask.accepted.contains(&reply.status);
                    if is_last || is_expected_failure || !pace.retried.contains(&reply.status) {
                        return self.judge(&ask, &reply);
                    }
                    if reply.status == 500 {
                        self.find_in(&ask, Need::Status, "no 500", "500");
                    }
                    sleep(self.wait(&pace, attempt, retry_after(&reply))).await;
                }
                Err(Failure::Lost(_)) if ask.method == Method::POST => return Err(Stop::Lost),
                Err(failure) => {
                    let is_passing = matches!(failure, Failure::Lost(_) | Failure::NotReached(_));
                    if is_last || !is_passing || !self.line.is_connected.load(Ordering::Relaxed) {
                        return Err(self.gave_up(&ask, &failure));
                    }
                    sleep(self.wait(&pace, attempt, None)).await;
                }
            }
            attempt += 1;
        }
    }

    /// Waits as the provider does before it tries a whole step again.
    pub async fn pause(&self, attempt: u32) {
        sleep(self.wait(&self.line.provider.pace(), attempt, None)).await;
    }

    fn request(&self, ask: &Ask, pace: &Pace) -> Request {
        let mut headers = self.line.provider.headers_of(ask);
        let token = if ask.wrong_token { "non-token" } else { self.line.token.reveal() };
        headers.push(("Authorization", format!("Bearer {token}")));
        Request {
            method: ask.method.clone(),
            path: ask.path.clone(),
            headers,
            body: ask.body.as_ref().map(Value::to_string),
            answer_within: pace.answer_within,
        }
    }

    fn judge(&self, ask: &Ask, reply: &Reply) -> Result<Answer, Stop> {
        let text = String::from_utf8_lossy(&reply.body);
        let body = json::parse(&reply.body, limits::JSON_DEPTH_MAX * 2).ok();
        let content_type = reply.headers.get(http::header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let answered = Answered { status: reply.status, content_type, text: &text, body: body.as_ref() };
        let is_unauthorised = matches!(reply.status, 401 | 403) && ask.expect != Expect::Unauthorised;
        let faults = check(&ask.expect, ask.accepted, &answered);
        for (need, expected, came) in faults {
            // A refused token ends the run with words of its own.
            if !is_unauthorised {
                self.find_in(ask, need, &expected, &came);
            }
        }
        if is_unauthorised {
            return Err(Stop::NotAuthorised);
        }
        let is_digested = (200..300).contains(&reply.status)
            || ask.accepted.contains(&reply.status)
            || matches!(ask.expect, Expect::Missing | Expect::Unauthorised);
        match is_digested {
            true => Ok(Answer { status: reply.status, body: body.unwrap_or(Value::Null) }),
            false => Err(Stop::Refused { status: reply.status }),
        }
    }

    fn gave_up(&self, ask: &Ask, failure: &Failure) -> Stop {
        match failure {
            Failure::NotReached(reason) => Stop::NotReached { reason: reason.clone() },
            Failure::Lost(_) => {
                self.find_in(ask, Need::Answered, "an answer", &failure.to_string());
                Stop::Lost
            }
            Failure::TooLarge | Failure::Impossible(_) => {
                self.find_in(ask, Need::Answered, "an answer", &failure.to_string());
                Stop::Unusable
            }
        }
    }

    /// Notes a fault of the answer to a request.
    pub fn find_in(&self, ask: &Ask, need: Need, expected: &str, came: &str) {
        self.find(need, &format!("{} {}", ask.method, ask.path), expected, came);
    }

    /// Notes a fault.
    pub fn find(&self, need: Need, request: &str, expected: &str, came: &str) {
        self.line.findings.add(Finding {
            need,
            step: self.step.to_string(),
            request: request.to_owned(),
            expected: expected.to_owned(),
            came: came.to_owned(),
            why: self.line.provider.reason(need).to_owned(),
            times: 1,
        });
    }

    fn note(&self, ask: &Ask, status: Option<u16>) {
        let exchange = Exchange { method: ask.method.clone(), path: ask.path.clone(), status };
        self.line.traffic.count(&exchange);
        let mut exchanges = self.exchanges.lock().unwrap_or_else(PoisonError::into_inner);
        exchanges.1 += 1;
        if exchanges.0.len() < EXCHANGES_KEPT {
            exchanges.0.push(exchange);
        }
    }

    fn wait(&self, pace: &Pace, attempt: u32, retry_after: Option<&str>) -> Duration {
        let longest = Duration::from_secs(limits::IDP_WAIT_SECS_MAX);
        // What the server asks for is waited for in full: a shortened wait would only be refused again.
        match pace.retry_after.read(retry_after) {
            Some(asked) => asked.min(longest),
            None => shortened(pace.wait(attempt), self.line.speed),
        }
    }
}

/// A wait as it is shortened, or drawn out, by the speed of the run; never longer than the limit.
pub fn shortened(wait: Duration, speed: f64) -> Duration {
    let longest = Duration::from_secs(limits::IDP_WAIT_SECS_MAX);
    Duration::try_from_secs_f64(wait.as_secs_f64() / speed).map_or(longest, |wait| wait.min(longest))
}

fn retry_after(reply: &Reply) -> Option<&str> {
    reply.headers.get(http::header::RETRY_AFTER).and_then(|value| value.to_str().ok())
}

impl RetryAfter {
    /// The wait that the header asks for, as this provider reads it; none when it does not understand it.
    pub fn read(self, header: Option<&str>) -> Option<Duration> {
        let text = header?.trim();
        let seconds = || text.parse::<u64>().ok().map(Duration::from_secs);
        match self {
            Self::Ignored => None,
            Self::Seconds => seconds(),
            Self::SecondsOrDate => seconds().or_else(|| until(text)),
        }
    }
}

fn until(date: &str) -> Option<Duration> {
    let moment = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    let left = moment.as_second() - jiff::Timestamp::now().as_second();
    Some(Duration::from_secs(u64::try_from(left).unwrap_or(0)))
}

/// The first line of an answer, for words about it.
pub fn answer_line(answer: &Answer) -> String {
    let text = answer.body.to_string();
    shown(&Answered { status: answer.status, content_type: "", text: &text, body: Some(&answer.body) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_as_the_provider_reads_it() {
        let date = Some("Fri, 31 Dec 1999 23:59:59 GMT");
        assert_eq!(RetryAfter::Seconds.read(Some("7")), Some(Duration::from_secs(7)));
        assert_eq!(RetryAfter::Seconds.read(date), None);
        assert_eq!(RetryAfter::SecondsOrDate.read(date), Some(Duration::ZERO));
        assert_eq!(RetryAfter::Ignored.read(Some("7")), None);
        assert_eq!(RetryAfter::Seconds.read(None), None);
    }

    #[test]
    fn a_wait_is_shortened_by_the_speed_and_never_beyond_the_limit() {
        let longest = Duration::from_secs(limits::IDP_WAIT_SECS_MAX);
        assert_eq!(shortened(Duration::from_secs(60), 480.0), Duration::from_millis(125));
        assert_eq!(shortened(longest, 1.0), longest);
        assert_eq!(shortened(longest + Duration::from_secs(1), 1.0), longest);
        assert_eq!(shortened(Duration::from_secs(1), f64::MIN_POSITIVE), longest);
    }

    #[test]
    fn traffic_is_counted_by_kind_and_status() {
        let traffic = Traffic::default();
        for (path, status) in
            [("/Users?a=/x", Some(200)), ("/Users/1", Some(200)), ("/Users/2?", Some(200)), ("/Users", None)]
        {
            traffic.count(&Exchange { method: Method::GET, path: path.to_owned(), status });
        }
        let row = |kind: &str, status: &str, count| (kind.to_owned(), status.to_owned(), count);
        let expected = [
            row("GET /Users", "200", 1),
            row("GET /Users", "no answer", 1),
            row("GET /Users/{id}", "200", 2),
        ];
        assert_eq!(traffic.rows(), expected);
    }
}
