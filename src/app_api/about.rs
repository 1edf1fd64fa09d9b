//! Probes, metrics and the description: what is told without a key.

use http::StatusCode;
use serde_json::json;

use crate::base::id::DirectoryId;
use crate::base::time::Timestamp;
use crate::service::AppCaller;
use crate::service::app::directories::directory_by_external_key;
use crate::web::{Response, metrics, response};

use super::AppApi;
use super::answer::{json as json_answer, ok};
use super::routes::Route;

/// The description of the app's API.
pub const OPENAPI: &str = include_str!("openapi.json");

impl AppApi {
    /// Answers what needs no key; None for all other routes.
    pub(super) fn about(&self, route: Route) -> Option<Response> {
        match route {
            Route::Live => Some(ok(&json!({"status": "live"}))),
            Route::Ready => Some(self.ready()),
            Route::Metrics => Some(response(StatusCode::OK, metrics::CONTENT_TYPE, self.metrics.render())),
            Route::OpenApi => Some(response(StatusCode::OK, "application/json", OPENAPI)),
            _ => None,
        }
    }

    /// Ready means: not stopping, no commit in doubt, and the file can be read.
    fn ready(&self) -> Response {
        let reason = if self.shutdown.is_cancelled() {
            Some("stopping")
        } else if self.context.store.failed().is_cancelled() {
            Some("the store is in doubt")
        } else {
            let probe = DirectoryId::new(Timestamp::from_millis(0)).to_string();
            let read = directory_by_external_key(&self.context, &AppCaller::operator(), &probe);
            read.err().map(|_| "the store can't be read")
        };
        match reason {
            None => ok(&json!({"status": "ready"})),
            Some(reason) => json_answer(
                StatusCode::SERVICE_UNAVAILABLE,
                &json!({"status": "not ready", "message": reason, "code": "unavailable"}),
            ),
        }
    }
}
