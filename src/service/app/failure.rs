//! Why a verb of the app's side did not do what was asked.

use std::fmt;

use tracing::error;

use crate::store::{ReadError, Refusal, WriteError};

/// A refusal or a failure; the surface turns it into an answer.
#[derive(Debug)]
pub enum AppFailure {
    /// 404: there is no such thing.
    NotFound { what: &'static str, id: String },
    /// 400: theirs for what can't be done, by its code.
    BadRequest { code: &'static str, message: String },
    /// 409: something else is in the way.
    Conflict { code: &'static str, message: String },
    /// 410: what was there is gone for good.
    Gone { message: String },
    /// 422: fields are at fault.
    Invalid(Vec<Fault>),
    /// 429: too many writes wait.
    Busy,
    /// 503: the store can't answer now, or its outcome is unknown.
    Unavailable,
    /// 503: the store failed in the middle; nothing was kept.
    Store(crate::store::Error),
}

/// One field at fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub field: String,
    pub code: &'static str,
    /// What would be right.
    pub message: String,
}

impl Fault {
    pub fn new(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { field: field.into(), code, message: message.into() }
    }
}

impl AppFailure {
    pub fn not_found(what: &'static str, id: impl ToString) -> Self {
        Self::NotFound { what, id: id.to_string() }
    }

    pub fn invalid(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault::new(field, code, message)])
    }

    fn logged(self) -> Self {
        if let Self::Store(error) = &self {
            error!(%error, "the store failed in the middle of a request; nothing of it was kept");
        }
        self
    }
}

impl From<crate::store::Error> for AppFailure {
    fn from(error: crate::store::Error) -> Self {
        Self::Store(error)
    }
}

impl From<WriteError<AppFailure>> for AppFailure {
    fn from(error: WriteError<AppFailure>) -> Self {
        match error {
            WriteError::Work(failure) => failure.logged(),
            WriteError::Refused(Refusal::DirectoryBusy) => Self::Busy,
            WriteError::Refused(Refusal::StoreBusy | Refusal::Stopping)
            | WriteError::Unavailable
            | WriteError::Unknown => Self::Unavailable,
        }
    }
}

impl From<ReadError<AppFailure>> for AppFailure {
    fn from(error: ReadError<AppFailure>) -> Self {
        match error {
            ReadError::Work(failure) => failure.logged(),
            ReadError::InDoubt => Self::Unavailable,
        }
    }
}

impl fmt::Display for AppFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound { what, id } => write!(f, "there is no {what} {id:?}"),
            Self::BadRequest { message, .. } | Self::Conflict { message, .. } | Self::Gone { message } => {
                f.write_str(message)
            }
            Self::Invalid(faults) => match faults.as_slice() {
                [fault] => write!(f, "{}: {}", fault.field, fault.message),
                _ => write!(f, "{} fields are at fault", faults.len()),
            },
            Self::Busy => f.write_str("too many writes are waiting; try again shortly"),
            Self::Unavailable => f.write_str("the store can't answer now; try again shortly"),
            Self::Store(_) => f.write_str("the store failed; nothing was changed; try again shortly"),
        }
    }
}

impl std::error::Error for AppFailure {}
