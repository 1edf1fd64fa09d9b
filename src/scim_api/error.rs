//! Errors as providers are told (RFC 7644 §3.12): one function chooses status and body.

use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use crate::scim;
use crate::scim::schema::urn;
use crate::service::Failure;
use crate::web::{BodyError, Response, response};

use super::answer::MEDIA_TYPE;

/// Seconds after which a refused write may be tried again; providers read whole seconds only.
const RETRY_SECS: u32 = 1;

/// A refusal on its way out.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    pub status: u16,
    pub scim_type: Option<&'static str>,
    detail: String,
    /// What the operator is told, when it is more than the client may know.
    cause: Option<String>,
    header: Option<(header::HeaderName, String)>,
}

impl Refused {
    pub fn new(status: u16, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into(), cause: None, header: None }
    }

    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    fn with_header(mut self, name: header::HeaderName, value: impl Into<String>) -> Self {
        self.header = Some((name, value.into()));
        self
    }

    /// What the request record says.
    pub fn cause(&self) -> &str {
        self.cause.as_deref().unwrap_or(&self.detail)
    }

    /// The body, for the record.
    pub fn body_text(&self) -> Option<String> {
        Some(self.body().to_string())
    }

    /// The body; `status` is a string there (RFC 7644 §3.12).
    pub fn body(&self) -> serde_json::Value {
        let mut body = json!({"schemas": [urn::ERROR], "status": self.status.to_string()});
        if let Some(scim_type) = self.scim_type {
            body["scimType"] = scim_type.into();
        }
        body["detail"] = self.detail.as_str().into();
        body
    }

    pub fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = response(status, MEDIA_TYPE, self.body().to_string());
        if let Some((name, value)) = self.header
            && let Ok(value) = HeaderValue::from_str(&value)
        {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

impl From<scim::Error> for Refused {
    fn from(error: scim::Error) -> Self {
        let mut refused = Self::new(error.scim_type.status(), error.detail);
        refused.scim_type = Some(error.scim_type.keyword());
        refused
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        let text = failure.to_string();
        match failure {
            Failure::Scim(error) => error.into(),
            Failure::NotFound { .. } => Self::new(404, text),
            Failure::VersionMismatch { .. } => Self::new(412, text),
            Failure::Gone => unauthorized().because(text),
            Failure::Paused => paused(),
            Failure::DirectoryBusy => Self::new(429, text).with_header(header::RETRY_AFTER, RETRY_SECS.to_string()),
            Failure::Unavailable => Self::new(503, text).with_header(header::RETRY_AFTER, RETRY_SECS.to_string()),
            Failure::Store(error) => Self::new(503, text)
                .because(error.to_string())
                .with_header(header::RETRY_AFTER, RETRY_SECS.to_string()),
        }
    }
}

impl From<BodyError> for Refused {
    fn from(error: BodyError) -> Self {
        let text = error.to_string();
        match error {
            BodyError::TooLarge { .. } => Self::new(413, text),
            BodyError::TimedOut => Self::new(408, text),
            BodyError::Broken => Self::new(400, text),
            BodyError::Encoded => Self::new(415, text),
        }
    }
}

/// All that is unauthorized looks the same from outside.
pub fn unauthorized() -> Refused {
    Refused::new(401, "the bearer token is missing or not valid for this address: check the token and the SCIM URL")
        .with_header(header::WWW_AUTHENTICATE, "Bearer realm=\"SCIM\", Basic realm=\"SCIM\"")
}

pub fn paused() -> Refused {
    Refused::new(403, "this directory is paused or disconnected and takes no changes: ask the application's team to resume it")
}

pub fn unavailable() -> Refused {
    Refused::new(503, "the store can't answer now; try again shortly")
        .with_header(header::RETRY_AFTER, RETRY_SECS.to_string())
}

pub fn not_found_path() -> Refused {
    Refused::new(404, "there is nothing at this path: the SCIM URL ends with the directory's key, followed by /Users, /Groups, …")
}

pub fn method_not_allowed(allow: String) -> Refused {
    Refused::new(405, format!("this path takes {allow}")).with_header(header::ALLOW, allow)
}

pub fn me() -> Refused {
    Refused::new(501, "/Me is not supported: a directory's token stands for no user")
}

pub fn filter_on_discovery() -> Refused {
    Refused::new(403, "this endpoint can't be filtered (RFC 7644 section 4): leave out filter")
}

pub fn unsupported_media_type() -> Refused {
    Refused::new(415, "send the body as application/scim+json or application/json")
}
