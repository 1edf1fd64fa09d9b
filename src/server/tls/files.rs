//! A certificate and its key in PEM files that someone else renews.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tracing::warn;
use zeroize::Zeroizing;

use super::{Pair, TlsError};

/// Two files, and what was in them when they were last read.
#[derive(Debug)]
pub struct CertificateFiles {
    cert: PathBuf,
    key: PathBuf,
    /// Hashes, so that the key isn't kept a second time.
    seen: Option<[Vec<u8>; 2]>,
}

impl CertificateFiles {
    pub fn new(cert: PathBuf, key: PathBuf) -> Self {
        Self { cert, key, seen: None }
    }

    /// Reads both files.
    pub fn read_anew(&mut self) -> Result<Pair, TlsError> {
        let cert = read(&self.cert)?;
        let key = Zeroizing::new(read(&self.key)?);
        self.seen = Some([hash(&cert), hash(&key)]);
        self.warn_of_open_key();
        parse(self, &cert, &key)
    }

    /// Reads both files if either has changed since it was last read, whether it was right or wrong
    /// then: each fault is reported once.
    pub fn read_if_changed(&mut self) -> Result<Option<Pair>, TlsError> {
        let cert = read(&self.cert)?;
        let key = Zeroizing::new(read(&self.key)?);
        if self.seen == Some([hash(&cert), hash(&key)]) {
            return Ok(None);
        }
        self.read_anew().map(Some)
    }

    fn warn_of_open_key(&self) {
        let is_open =
            fs::metadata(&self.key).is_ok_and(|metadata| metadata.permissions().mode() & 0o007 != 0);
        if is_open {
            warn!(
                "{}: every user of this machine may read the private key; chmod it to 0640",
                self.key.display()
            );
        }
    }
}

fn hash(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|error| TlsError::File { path: path.to_owned(), error })
}

fn parse(files: &CertificateFiles, cert: &[u8], key: &[u8]) -> Result<Pair, TlsError> {
    let no_cert = || TlsError::NotPem { path: files.cert.clone(), expected: "certificate" };
    let chain: Vec<_> =
        CertificateDer::pem_slice_iter(cert).collect::<Result<_, _>>().map_err(|_| no_cert())?;
    if chain.is_empty() {
        return Err(no_cert());
    }
    let key = PrivateKeyDer::from_pem_slice(key)
        .map_err(|_| TlsError::NotPem { path: files.key.clone(), expected: "private key" })?;
    Ok(Pair { chain, key })
}
