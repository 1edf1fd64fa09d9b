//! Why a command did not do what it was asked, and the exit code of each reason.

use std::fmt;
use std::io;
use std::process::ExitCode;

use crate::app::AppError;
use crate::config::ConfigError;
use crate::idp::link::Stop;

use super::client::ClientError;
use super::exit::Exit;

/// A command's failure. What it shows says what to do next.
#[derive(Debug)]
pub enum CliError {
    /// The arguments parse but don't go together.
    WrongUse(String),
    Config(ConfigError),
    Client(ClientError),
    /// Something the user named by another word than its id.
    NoDirectory {
        name: String,
    },
    App(AppError),
    /// The daemon answers that it can't serve now.
    NotReady(String),
    /// A fake provider could not go on with the server at that address.
    Idp {
        stop: Stop,
        url: String,
    },
    /// The report is printed already; the exit code alone is left.
    Found,
    /// As `Found`, for a configuration.
    FoundInConfiguration,
    Output(io::Error),
    /// A file named on the command line, or the runtime.
    System {
        doing: String,
        error: io::Error,
    },
}

impl CliError {
    pub fn exit_code(&self) -> ExitCode {
        match self {
            // The application has more to tell apart than we know of, and knows its own codes.
            Self::App(error) => ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(1)),
            other => other.exit().into(),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::WrongUse(_) => Exit::WrongUse,
            Self::Config(_) | Self::FoundInConfiguration => Exit::BadConfiguration,
            Self::Client(error) => error.exit(),
            Self::NoDirectory { .. } => Exit::NotFound,
            Self::Idp { stop: Stop::NotReached { .. }, .. } => Exit::NoDaemon,
            Self::Idp { stop: Stop::NotAuthorised, .. } => Exit::NotAuthorised,
            Self::Idp { .. } => Exit::Failed,
            Self::Found => Exit::Found,
            // `rosterd events list | head` is no failure.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
            Self::App(_) | Self::NotReady(_) | Self::Output(_) | Self::System { .. } => Exit::Failed,
        }
    }

    /// Whether there is anything to say besides the exit code.
    pub fn is_silent(&self) -> bool {
        match self {
            Self::Found | Self::FoundInConfiguration => true,
            Self::Output(error) => error.kind() == io::ErrorKind::BrokenPipe,
            _ => false,
        }
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongUse(message) => f.write_str(message),
            Self::Config(error) => write!(f, "the configuration is wrong\n{error}"),
            Self::Client(error) => error.fmt(f),
            Self::NoDirectory { name } => {
                write!(f, "there is no directory {name:?}; `rosterd directory list` shows them all")
            }
            Self::Idp { stop: Stop::NotReached { reason }, url } => {
                write!(f, "no SCIM server answers at {url}: {reason}\nis it running, and is this its address? For a \
                           certificate of its own give its authority with --ca")
            }
            Self::Idp { stop: Stop::NotAuthorised, url } => {
                write!(f, "{url} does not accept the token; `rosterd token create DIRECTORY` makes one")
            }
            Self::Idp { stop, url } => write!(f, "{url}: {stop}"),
            Self::App(error) => error.fmt(f),
            Self::NotReady(reason) => write!(f, "the daemon is not ready: {reason}"),
            Self::Found | Self::FoundInConfiguration => Ok(()),
            Self::Output(error) => write!(f, "the output can't be written: {error}"),
            Self::System { doing, error } => write!(f, "{doing}: {error}"),
        }
    }
}

impl From<ClientError> for CliError {
    fn from(error: ClientError) -> Self {
        Self::Client(error)
    }
}

impl From<ConfigError> for CliError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<AppError> for CliError {
    fn from(error: AppError) -> Self {
        Self::App(error)
    }
}

impl From<io::Error> for CliError {
    /// Plain I/O errors of a command come from writing its output; others are wrapped where they happen.
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}
