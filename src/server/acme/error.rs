//! Why there is no certificate from the authority, in words that say what to change.

use std::fmt;
use std::path::PathBuf;

use crate::server::tls::TlsError;

/// What went wrong.
#[derive(Debug)]
pub enum AcmeError {
    /// The authority can't be reached, or refuses.
    Authority {
        doing: &'static str,
        source: instant_acme::Error,
    },
    /// It offers no proof that we can give.
    NoProof {
        name: String,
    },
    /// It could not see the proof.
    NotProved {
        name: String,
        detail: String,
    },
    /// A file of ours can't be read or written.
    File {
        path: PathBuf,
        error: std::io::Error,
    },
    /// The file of `tls.acme_ca_file` holds no certificate.
    BadCaFile {
        path: PathBuf,
    },
    Make(rcgen::Error),
    /// What came is no certificate that can be used.
    Certificate(String),
    Tls(TlsError),
}

impl fmt::Display for AcmeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Authority { doing, source } => {
                write!(f, "{doing}: {source}")?;
                let mut cause = std::error::Error::source(source);
                while let Some(error) = cause {
                    write!(f, ": {error}")?;
                    cause = error.source();
                }
                Ok(())
            }
            Self::NoProof { name } => write!(
                f,
                "the authority offers no tls-alpn-01 for {name}; take another one with tls.acme_directory, or let \
                 another program obtain the certificate and use tls.mode = \"files\""
            ),
            Self::NotProved { name, detail } => write!(
                f,
                "the authority could not see that {name} is ours ({detail}): port 443 of that name must lead to \
                 scim.listen, with TLS passed through"
            ),
            Self::File { path, error } => write!(f, "{}: {error}", path.display()),
            Self::BadCaFile { path } => {
                write!(f, "tls.acme_ca_file: there is no certificate in PEM form in {}", path.display())
            }
            Self::Make(error) => write!(f, "a key or request can't be made: {error}"),
            Self::Certificate(what) => write!(f, "the authority's certificate can't be used: {what}"),
            Self::Tls(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for AcmeError {}

/// Says what was being done when the authority failed.
pub fn at(doing: &'static str) -> impl FnOnce(instant_acme::Error) -> AcmeError {
    move |source| AcmeError::Authority { doing, source }
}
