//! Why a verb did not do what was asked.

use std::fmt;

use tracing::error;

use crate::scim::{self, schema::ResourceType};
use crate::store::{ReadError, Refusal, WriteError};

/// A verb's refusal or failure; each surface has one function that turns it into an answer.
#[derive(Debug)]
pub enum Failure {
    /// The request can't be done as asked: 400 or 409.
    Scim(scim::Error),
    /// There is no such resource: 404.
    NotFound { resource_type: ResourceType, id: String },
    /// `If-Match` names another version: 412.
    VersionMismatch { current: u64 },
    /// The directory was deleted while the request waited: 401, as for any that is not there.
    Gone,
    /// The directory was paused while the request waited: 403.
    Paused,
    /// This directory has too many writes waiting: 429.
    DirectoryBusy,
    /// The store can't take it now, or its outcome is unknown: 503.
    Unavailable,
    /// The store failed in the middle; nothing was kept: 503.
    Store(crate::store::Error),
}

impl From<scim::Error> for Failure {
    fn from(error: scim::Error) -> Self {
        Self::Scim(error)
    }
}

impl From<crate::store::Error> for Failure {
    fn from(error: crate::store::Error) -> Self {
        Self::Store(error)
    }
}

impl From<WriteError<Failure>> for Failure {
    fn from(error: WriteError<Failure>) -> Self {
        match error {
            WriteError::Work(failure) => failure.logged(),
            WriteError::Refused(Refusal::DirectoryBusy) => Self::DirectoryBusy,
            WriteError::Refused(Refusal::StoreBusy | Refusal::Stopping)
            | WriteError::Unavailable
            | WriteError::Unknown => Self::Unavailable,
        }
    }
}

impl From<ReadError<Failure>> for Failure {
    fn from(error: ReadError<Failure>) -> Self {
        match error {
            ReadError::Work(failure) => failure.logged(),
            ReadError::InDoubt => Self::Unavailable,
        }
    }
}

impl Failure {
    fn logged(self) -> Self {
        if let Self::Store(error) = &self {
            error!(%error, "the store failed in the middle of a request; nothing of it was kept");
        }
        self
    }

    /// What the operator reads in the request record.
    pub fn cause(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scim(error) => f.write_str(&error.detail),
            Self::NotFound { resource_type, id } => {
                write!(f, "there is no {} with the id {id} in this directory", resource_type.name())
            }
            Self::VersionMismatch { current } => {
                write!(f, "the resource has changed: its version is W/\"{current}\" now; read it again")
            }
            Self::Gone => f.write_str("the directory was deleted"),
            Self::Paused => f.write_str("the directory was paused"),
            Self::DirectoryBusy => f.write_str("this directory has too many writes waiting; try again shortly"),
            Self::Unavailable => f.write_str("the store can't answer now; try again shortly"),
            Self::Store(_) => f.write_str("the store failed; nothing was changed; try again shortly"),
        }
    }
}

impl std::error::Error for Failure {}
