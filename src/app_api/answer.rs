//! Answers: JSON, pages, and the one place where a failure becomes a status and a body.

use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::model::page::Page;
use crate::service::app::{AppFailure, Fault};
use crate::web::{BodyError, Response, response};

use super::query::Paging;
use super::wire::error::{ErrorBody, FieldError};
use super::wire::list::{Cursors, List};

const JSON: &str = "application/json";

/// Seconds after which something that was too much may be tried again.
const RETRY_SECS: u32 = 1;

/// A refusal on its way out. Boxed, since most results have none.
#[derive(Debug)]
pub struct Refused(Box<Refusal>);

#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    body: ErrorBody,
    header: Option<(header::HeaderName, HeaderValue)>,
}

impl Refused {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        let body = ErrorBody { message: message.into(), code, errors: Vec::new() };
        Self(Box::new(Refusal { status, body, header: None }))
    }

    pub fn not_found(what: &'static str, id: &str) -> Self {
        AppFailure::not_found(what, id).into()
    }

    pub fn unavailable(message: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message)
            .with_header(header::RETRY_AFTER, HeaderValue::from(RETRY_SECS))
    }

    /// Fields at fault.
    pub fn invalid(faults: Vec<Fault>) -> Self {
        AppFailure::Invalid(faults).into()
    }

    pub fn with_header(mut self, name: header::HeaderName, value: HeaderValue) -> Self {
        self.0.header = Some((name, value));
        self
    }

    pub fn into_response(self) -> Response {
        let Refusal { status, body, header } = *self.0;
        let mut response = json(status, &body);
        if let Some((name, value)) = header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

impl From<AppFailure> for Refused {
    fn from(failure: AppFailure) -> Self {
        let message = failure.to_string();
        match failure {
            AppFailure::NotFound { .. } => Self::new(StatusCode::NOT_FOUND, "entity_not_found", message),
            AppFailure::BadRequest { code, .. } => Self::new(StatusCode::BAD_REQUEST, code, message),
            AppFailure::Conflict { code, .. } => Self::new(StatusCode::CONFLICT, code, message),
            AppFailure::Gone { .. } => Self::new(StatusCode::GONE, "gone", message),
            AppFailure::Invalid(faults) => {
                let mut refused =
                    Self::new(StatusCode::UNPROCESSABLE_ENTITY, "unprocessable_entity", message);
                refused.0.body.errors = faults.into_iter().map(field_error).collect();
                refused
            }
            AppFailure::Busy => Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message)
                .with_header(header::RETRY_AFTER, HeaderValue::from(RETRY_SECS)),
            AppFailure::Unavailable | AppFailure::Store(_) => Self::unavailable(&message),
        }
    }
}

impl From<BodyError> for Refused {
    fn from(error: BodyError) -> Self {
        let (status, code) = match error {
            BodyError::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large"),
            BodyError::TimedOut => (StatusCode::REQUEST_TIMEOUT, "request_timeout"),
            BodyError::Broken => (StatusCode::BAD_REQUEST, "invalid_body"),
            BodyError::Encoded => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
        };
        Self::new(status, code, error.to_string())
    }
}

fn field_error(fault: Fault) -> FieldError {
    FieldError { field: fault.field, code: fault.code, message: fault.message }
}

/// The answer when the server itself must speak.
pub fn refuse(status: StatusCode, detail: &str) -> Response {
    let code = match status {
        StatusCode::BAD_REQUEST => "bad_request",
        StatusCode::FORBIDDEN => "forbidden",
        StatusCode::MISDIRECTED_REQUEST => "misdirected_request",
        StatusCode::SERVICE_UNAVAILABLE => "unavailable",
        _ => "internal_error",
    };
    Refused::new(status, code, detail).into_response()
}

/// An answer of JSON.
///
/// # Panics
///
/// When an object of ours can't be written as JSON: a map with keys that are no text.
pub fn json<T: Serialize + ?Sized>(status: StatusCode, object: &T) -> Response {
    match serde_json::to_vec(object) {
        Ok(bytes) => {
            let mut answer = response(status, JSON, bytes);
            // What is answered is personal and changes at any time.
            answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            answer
        }
        Err(error) => panic!("an answer can't be written as JSON: {error}"),
    }
}

/// 200 with one object.
pub fn ok<T: Serialize + ?Sized>(object: &T) -> Response {
    json(StatusCode::OK, object)
}

/// 200 with a page; `id` gives the cursor of an item, `shape` what is sent of it.
pub fn list<'a, T, U: Serialize>(
    paging: &Paging,
    page: &'a Page<T>,
    id: impl Fn(&T) -> String,
    shape: impl Fn(&'a T) -> U,
) -> Response {
    let first = page.items.first().filter(|_| page.has_before).map(&id);
    let last = page.items.last().filter(|_| page.has_after).map(&id);
    let cursors = match paging.is_reversed {
        false => Cursors { before: first, after: last },
        true => Cursors { before: last, after: first },
    };
    ok(&List::new(page.items.iter().map(shape).collect(), cursors))
}

/// 200 with everything there is, as one page.
pub fn whole<U: Serialize>(data: Vec<U>) -> Response {
    ok(&List::new(data, Cursors::default()))
}
