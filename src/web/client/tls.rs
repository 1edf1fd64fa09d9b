//! Whom outgoing connections trust: the public authorities, and those in the operator's file.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

/// The file of authorities can't be used.
#[derive(Debug)]
pub struct CaError {
    pub path: PathBuf,
    pub cause: String,
}

impl fmt::Display for CaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "connect.ca_file: {}: {}", self.path.display(), self.cause)
    }
}

impl std::error::Error for CaError {}

/// # Errors
///
/// [`CaError`].
pub fn config(ca_file: Option<&Path>) -> Result<ClientConfig, CaError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(path) = ca_file {
        let wrong = |cause: String| CaError { path: path.to_owned(), cause };
        let certificates = CertificateDer::pem_file_iter(path).map_err(|error| wrong(error.to_string()))?;
        let mut count = 0;
        for certificate in certificates {
            let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
            roots.add(certificate).map_err(|error| wrong(error.to_string()))?;
            count += 1;
        }
        if count == 0 {
            return Err(wrong("it holds no certificate in PEM form".to_owned()));
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| CaError { path: PathBuf::new(), cause: error.to_string() })
        .map(|builder| builder.with_root_certificates(roots).with_no_client_auth())
}
