//! The exit codes, a promise to scripts and to systemd.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Done,
    Failed,
    WrongUse,
    /// systemd must not restart on it.
    BadConfiguration,
    NoDaemon,
    NotAuthorised,
    NotFound,
    /// A check found something.
    Found,
}

impl Exit {
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::WrongUse => 2,
            Self::BadConfiguration => 3,
            Self::NoDaemon => 4,
            Self::NotAuthorised => 5,
            Self::NotFound => 6,
            Self::Found => 7,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
