//! What can go wrong between a command and the daemon.

use std::fmt;
use std::io;

use http::StatusCode;
use serde_json::Value;

use crate::base::limits;
use crate::cli::exit::Exit;

use super::target::Target;

/// Why there is no answer, or not the one that was hoped for.
#[derive(Debug)]
pub enum ClientError {
    NotReached { target: Box<Target>, error: io::Error },
    TimedOut { target: Box<Target> },
    Broken { target: Box<Target> },
    TooLarge,
    NotJson { target: Box<Target>, status: StatusCode },
    Refused { target: Box<Target>, refusal: Refusal },
    System(io::Error),
}

/// The API's own error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub status: StatusCode,
    pub message: String,
    /// Fields at fault, each with what is wrong.
    pub fields: Vec<(String, String)>,
}

impl Refusal {
    pub fn read(status: StatusCode, body: &Value) -> Self {
        let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let field = |error: &Value| Some((text(error, "field")?, text(error, "message")?));
        let errors = body.get("errors").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let reason = || status.canonical_reason().unwrap_or("refused").to_owned();
        Self {
            status,
            message: text(body, "message").unwrap_or_else(reason),
            fields: errors.iter().filter_map(field).collect(),
        }
    }
}

impl ClientError {
    pub fn exit(&self) -> Exit {
        match self {
            Self::NotReached { error, .. } if error.kind() == io::ErrorKind::PermissionDenied => {
                Exit::NotAuthorised
            }
            Self::NotReached { .. } => Exit::NoDaemon,
            Self::Refused { refusal, .. } => match refusal.status {
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Exit::NotAuthorised,
                StatusCode::NOT_FOUND => Exit::NotFound,
                _ => Exit::Failed,
            },
            Self::TimedOut { .. }
            | Self::Broken { .. }
            | Self::TooLarge
            | Self::NotJson { .. }
            | Self::System(_) => Exit::Failed,
        }
    }

    /// Whether the same request may be answered a little later: the daemon restarts or is busy.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::NotReached { error, .. } => error.kind() != io::ErrorKind::PermissionDenied,
            Self::TimedOut { .. } | Self::Broken { .. } => true,
            Self::Refused { refusal, .. } => {
                refusal.status.is_server_error() || refusal.status == StatusCode::TOO_MANY_REQUESTS
            }
            Self::TooLarge | Self::NotJson { .. } | Self::System(_) => false,
        }
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotReached { target, error } => not_reached(f, target, error),
            Self::TimedOut { target } => write!(f, "the daemon at {target} did not answer in time"),
            Self::Broken { target } => {
                write!(f, "the daemon at {target} closed the connection before it had answered")
            }
            Self::TooLarge => {
                let mib = limits::CLI_ANSWER_BYTES_MAX / (1024 * 1024);
                write!(f, "the answer is larger than {mib} MiB; ask for less with --limit")
            }
            Self::NotJson { target, status } => {
                write!(f, "{target} answered {status} without JSON; is that the app's API of a rosterd?")
            }
            Self::Refused { target, refusal } => refused(f, target, refusal),
            Self::System(error) => write!(f, "the system refuses what a connection needs: {error}"),
        }
    }
}

fn not_reached(f: &mut fmt::Formatter<'_>, target: &Target, error: &io::Error) -> fmt::Result {
    match (target, error.kind()) {
        (Target::Operator { .. }, io::ErrorKind::PermissionDenied) => write!(
            f,
            "{target} belongs to another user: run this as the daemon's user or as root, or use --url and a key"
        ),
        (Target::Socket { .. }, io::ErrorKind::PermissionDenied) => {
            write!(f, "this user may not use {target}: join the group in app.socket_group")
        }
        (Target::Operator { .. }, _) => write!(
            f,
            "no daemon runs at {target} ({})\nstart one with `rosterd serve` or `rosterd dev`, or say with --data \
             or --url where it is",
            reason(error)
        ),
        (Target::Socket { .. } | Target::Tcp { .. }, _) => {
            write!(
                f,
                "no daemon answers at {target} ({})\nis it running, and is this its app.listen or app.socket?",
                reason(error)
            )
        }
    }
}

/// The system's words without its numbers.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such socket".to_owned(),
        io::ErrorKind::ConnectionRefused => "nobody listens there".to_owned(),
        io::ErrorKind::TimedOut => "no answer in time".to_owned(),
        _ => error.to_string(),
    }
}

fn refused(f: &mut fmt::Formatter<'_>, target: &Target, refusal: &Refusal) -> fmt::Result {
    f.write_str(&refusal.message)?;
    // With one field at fault the sentence says it all already.
    for (field, message) in refusal.fields.iter().filter(|(_, message)| !refusal.message.contains(message)) {
        write!(f, "\n  {field}: {message}")?;
    }
    let is_denied = refusal.status == StatusCode::UNAUTHORIZED;
    if is_denied && !target.is_operator() {
        f.write_str(
            "\ngive a key in ROSTERD_API_KEY or with --key; `rosterd key create NAME` makes one on the host",
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn operator() -> Box<Target> {
        Box::new(Target::Operator { path: "/d/operator.sock".into() })
    }

    fn refused_with(status: StatusCode) -> ClientError {
        let refusal = Refusal { status, message: "No.".to_owned(), fields: Vec::new() };
        ClientError::Refused { target: operator(), refusal }
    }

    #[test]
    fn each_failure_has_its_exit_code() {
        let not_reached =
            |kind: io::ErrorKind| ClientError::NotReached { target: operator(), error: kind.into() };
        for (error, expected) in [
            (not_reached(io::ErrorKind::NotFound), Exit::NoDaemon),
            (not_reached(io::ErrorKind::ConnectionRefused), Exit::NoDaemon),
            (not_reached(io::ErrorKind::PermissionDenied), Exit::NotAuthorised),
            (refused_with(StatusCode::UNAUTHORIZED), Exit::NotAuthorised),
            (refused_with(StatusCode::FORBIDDEN), Exit::NotAuthorised),
            (refused_with(StatusCode::NOT_FOUND), Exit::NotFound),
            (refused_with(StatusCode::UNPROCESSABLE_ENTITY), Exit::Failed),
            (ClientError::TimedOut { target: operator() }, Exit::Failed),
        ] {
            assert_eq!(error.exit(), expected, "{error}");
        }
    }

    #[test]
    fn a_refusal_names_the_fields_at_fault() {
        let body = json!({
            "message": "The directory is not valid.",
            "code": "invalid_request",
            "errors": [{"field": "name", "code": "required", "message": "name is required"}],
        });
        let refusal = Refusal::read(StatusCode::UNPROCESSABLE_ENTITY, &body);
        let error = ClientError::Refused { target: operator(), refusal };
        assert_eq!(error.to_string(), "The directory is not valid.\n  name: name is required");
    }

    #[test]
    fn a_refusal_says_nothing_twice() {
        let body = json!({
            "message": "name: write something",
            "code": "invalid_request",
            "errors": [{"field": "name", "code": "required", "message": "write something"}],
        });
        let refusal = Refusal::read(StatusCode::UNPROCESSABLE_ENTITY, &body);
        let error = ClientError::Refused { target: operator(), refusal };
        assert_eq!(error.to_string(), "name: write something");
    }

    #[test]
    fn a_daemon_that_is_not_there_is_named_with_what_to_do() {
        let error = ClientError::NotReached { target: operator(), error: io::ErrorKind::NotFound.into() };
        assert_eq!(
            error.to_string(),
            "no daemon runs at /d/operator.sock (there is no such socket)\nstart one with `rosterd serve` or \
             `rosterd dev`, or say with --data or --url where it is"
        );
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        assert!(refused_with(StatusCode::SERVICE_UNAVAILABLE).is_passing());
        assert!(refused_with(StatusCode::TOO_MANY_REQUESTS).is_passing());
        assert!(ClientError::Broken { target: operator() }.is_passing());
        assert!(!refused_with(StatusCode::GONE).is_passing());
        assert!(!refused_with(StatusCode::UNAUTHORIZED).is_passing());
    }
}
