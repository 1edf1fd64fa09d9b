//! What goes wrong with a provider or its configuration, in words that say what to change.

use std::fmt;

use crate::web::client::ClientError;

/// Why a connector could not do something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    pub kind: TroubleKind,
    /// The setting at fault, such as `url`; empty when none is.
    pub field: &'static str,
    pub message: String,
    /// What to change.
    pub hint: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TroubleKind {
    /// The provider refuses the credentials.
    Credentials,
    /// The settings don't fit what is there: no such column, group, or file.
    Settings,
    /// The provider is not reached, or answers with an error.
    Upstream,
    /// What came is not what it should be: truncated, contradictory, too much.
    Content,
    /// rosterd itself can't go on: its key, its store.
    Own,
}

impl TroubleKind {
    /// In a word, for alarms.
    pub fn name(self) -> &'static str {
        match self {
            Self::Credentials => "credentials",
            Self::Settings => "settings",
            Self::Upstream => "upstream",
            Self::Content => "content",
            Self::Own => "own",
        }
    }
}

impl Trouble {
    pub fn new(
        kind: TroubleKind,
        field: &'static str,
        message: impl Into<String>,
        hint: &'static str,
    ) -> Self {
        Self { kind, field, message: message.into(), hint }
    }

    pub fn settings(field: &'static str, message: impl Into<String>, hint: &'static str) -> Self {
        Self::new(TroubleKind::Settings, field, message, hint)
    }

    pub fn content(message: impl Into<String>, hint: &'static str) -> Self {
        Self::new(TroubleKind::Content, "", message, hint)
    }

    pub fn own(message: impl Into<String>, hint: &'static str) -> Self {
        Self::new(TroubleKind::Own, "", message, hint)
    }

    /// What a request without an answer means.
    pub fn unanswered(field: &'static str, host: &str, error: &ClientError) -> Self {
        let hint = match error {
            ClientError::Url(_) => "write the whole address, beginning with https://",
            ClientError::NoConnection(_) => "check the address, and that this machine may reach it",
            ClientError::Tls(_) => {
                "the certificate must be of a public authority, or of one in connect.ca_file"
            }
            ClientError::TimedOut | ClientError::Broken => "it is tried again at the next run",
            ClientError::TooLarge { .. } => "let the provider send less: fewer columns, or a narrower scope",
        };
        let kind = match error {
            ClientError::TooLarge { .. } => TroubleKind::Content,
            _ => TroubleKind::Upstream,
        };
        Self::new(kind, field, format!("{host}: {error}"), hint)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Trouble {}
