//! Counters, gauges and histograms in the Prometheus text format.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{Method, StatusCode};
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// Where requests come in; a label of every metric here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Listener {
    Scim,
    App,
    AppSocket,
    OperatorSocket,
}

impl Listener {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scim => "scim",
            Self::App => "app",
            Self::AppSocket => "app.sock",
            Self::OperatorSocket => "operator.sock",
        }
    }
}

impl EncodeLabelValue for Listener {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        EncodeLabelValue::encode(&self.name(), encoder)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ListenerLabel {
    listener: Listener,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    listener: Listener,
    method: &'static str,
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RefusalLabels {
    listener: Listener,
    reason: &'static str,
}

/// All metrics of the process.
#[derive(Debug)]
pub struct Metrics {
    registry: Mutex<Registry>,
    requests: Family<RequestLabels, Counter>,
    durations: Family<ListenerLabel, Histogram, fn() -> Histogram>,
    connections: Family<ListenerLabel, Gauge>,
    connections_refused: Family<RefusalLabels, Counter>,
}

fn duration_buckets() -> Histogram {
    // 0.5 ms to 16 s, each twice the one before.
    Histogram::new(exponential_buckets(0.000_5, 2.0, 16))
}

impl Metrics {
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("rosterd");
        let requests = Family::default();
        let durations = Family::new_with_constructor(duration_buckets as fn() -> Histogram);
        let connections = Family::default();
        let connections_refused = Family::default();
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register("http_request_duration_seconds", "Time to the answer's head", durations.clone());
        registry.register("http_connections_open", "Connections open now", connections.clone());
        registry.register(
            "http_connections_refused",
            "Connections ended before a request could be answered",
            connections_refused.clone(),
        );
        Self { registry: Mutex::new(registry), requests, durations, connections, connections_refused }
    }

    /// Lets another part register its own metrics; they are shown with the prefix `rosterd_`.
    pub fn register(&self, register: impl FnOnce(&mut Registry)) {
        register(&mut self.registry());
    }

    /// All metrics as the text that a scraper reads. Its content type: [`CONTENT_TYPE`].
    pub fn render(&self) -> String {
        let mut text = String::new();
        // Writing to a String can't fail.
        let _ = text::encode(&mut text, &self.registry());
        text
    }

    /// Counts one answered request.
    pub fn count_request(&self, listener: Listener, method: &Method, status: StatusCode, duration: Duration) {
        let labels = RequestLabels { listener, method: method_label(method), status: status_class(status) };
        self.requests.get_or_create(&labels).inc();
        self.durations.get_or_create(&ListenerLabel { listener }).observe(duration.as_secs_f64());
    }

    /// The number of connections open on a listener.
    pub fn connections_open(&self, listener: Listener) -> Gauge {
        self.connections.get_or_create(&ListenerLabel { listener }).clone()
    }

    /// Counts a connection that was ended without an answer, and why.
    pub fn count_refused_connection(&self, listener: Listener, reason: &'static str) {
        self.connections_refused.get_or_create(&RefusalLabels { listener, reason }).inc();
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        // A panic while registering leaves a registry that can still be read.
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

/// What [`Metrics::render`] is sent as.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// A client can invent methods; labels must not grow with them.
fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

fn status_class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        0..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used)]

    use super::*;

    #[test]
    fn requests_are_counted_by_listener_method_and_status_class() {
        let metrics = Metrics::new();
        let odd = Method::from_bytes(b"INVENTED").expect("a valid method");
        metrics.count_request(Listener::Scim, &Method::GET, StatusCode::NO_CONTENT, Duration::from_millis(3));
        metrics.count_request(Listener::App, &odd, StatusCode::NOT_FOUND, Duration::ZERO);
        metrics.connections_open(Listener::AppSocket).inc();
        let text = metrics.render();
        for line in [
            r#"rosterd_http_requests_total{listener="scim",method="GET",status="2xx"} 1"#,
            r#"rosterd_http_requests_total{listener="app",method="other",status="4xx"} 1"#,
            r#"rosterd_http_request_duration_seconds_count{listener="scim"} 1"#,
            r#"rosterd_http_connections_open{listener="app.sock"} 1"#,
        ] {
            assert!(text.lines().any(|actual| actual == line), "{line} not in\n{text}");
        }
    }

    #[test]
    fn another_part_can_register_its_own() {
        let metrics = Metrics::new();
        let events = Counter::<u64>::default();
        metrics.register(|registry| registry.register("events", "Events written", events.clone()));
        events.inc();
        assert!(metrics.render().contains("rosterd_events_total 1"));
    }
}
