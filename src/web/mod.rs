//! HTTP as this product needs it: requests with bounded bodies, responses, routing, metrics.
//!
//! A surface implements [`Handler`] and never sees a socket; `server` calls it and keeps the
//! deadlines. Everything here works on values, so a surface is tested without a network
//! ([`Request::from_bytes`]).

pub mod body;
pub mod client;
pub mod metrics;
pub mod query;
pub mod request;
pub mod response;
pub mod routes;

use std::future::Future;

use http::StatusCode;
use serde_json::json;

pub use body::BodyError;
pub use query::{QueryError, query_pairs};
pub use request::{Peer, Request, RequestBody};
pub use response::{Body, MatchedRoute, Response, StreamSender, empty, endless_stream, response, stream};
pub use routes::{Found, Params, Routes};

/// One surface: takes each request of its listener and answers it.
pub trait Handler: Send + Sync + 'static {
    /// Answers one request. The future runs to its end even when the client goes away, and is
    /// dropped only when the handler's deadline passes.
    fn handle(&self, request: Request) -> impl Future<Output = Response> + Send;

    /// The answer when the server itself must speak: a panic (500), the deadline (503), a request
    /// that the listener refuses (400, 403, 421). A surface overrides this to use its own error format.
    fn refuse(&self, status: StatusCode, detail: &str) -> Response {
        let code = status.canonical_reason().unwrap_or("error").to_ascii_lowercase().replace(' ', "_");
        let body = json!({ "message": detail, "code": code });
        response(status, "application/json", body.to_string())
    }
}
