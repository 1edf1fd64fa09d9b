//! Why the daemon did not start, or had to end.

use std::fmt;

use crate::server::BindError;
use crate::store::OpenError;
use crate::web::client::CaError;

#[derive(Debug)]
pub enum AppError {
    Bind(BindError),
    Store(OpenError),
    /// The file of additional certificate authorities can't be used.
    Authorities(CaError),
    /// The file was opened but could not be read.
    Read(crate::store::Error),
    /// Something of the operating system that a start needs.
    System { doing: &'static str, source: std::io::Error },
    /// The first directory, token or key could not be made.
    FirstStart { reason: String },
    /// A commit's outcome is unknown: only a new start from the file can tell.
    StoreInDoubt,
    /// The program started beside `dev` ended with this code.
    Child { code: i32 },
}

impl AppError {
    /// The exit code of the process: 1, but for a child's own.
    pub fn exit_code(&self) -> i32 {
        match self {
            Self::Child { code } => *code,
            _ => 1,
        }
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bind(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
            Self::Authorities(error) => error.fmt(f),
            Self::Read(error) => write!(f, "the store can't be read: {error}"),
            Self::System { doing, source } => write!(f, "{doing}: {source}"),
            Self::FirstStart { reason } => write!(f, "the first start could not be finished: {reason}"),
            Self::StoreInDoubt => f.write_str(
                "a commit may or may not be on disk: the daemon has stopped and must be started again; \
                 look at the disk's room and health",
            ),
            Self::Child { code } => write!(f, "the program ended with exit code {code}"),
        }
    }
}

impl std::error::Error for AppError {}

impl From<BindError> for AppError {
    fn from(error: BindError) -> Self {
        Self::Bind(error)
    }
}

impl From<OpenError> for AppError {
    fn from(error: OpenError) -> Self {
        Self::Store(error)
    }
}
