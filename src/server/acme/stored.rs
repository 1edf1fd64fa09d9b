//! The certificate that was obtained, in `certificate.pem`: its key and its chain in one file, so
//! that no crash leaves one without the other.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use x509_parser::parse_x509_certificate;
use x509_parser::prelude::GeneralName;
use zeroize::Zeroizing;

use crate::base::time::Timestamp;
use crate::server::tls::{Pair, TlsError};

use super::error::AcmeError;

const FILE: &str = "certificate.pem";

/// A certificate with its chain and key, and what is said in it.
#[derive(Debug)]
pub struct Stored {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    names: Vec<String>,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
}

impl Stored {
    /// Whether it is good for all of these names.
    pub fn covers(&self, domains: &[String]) -> bool {
        domains.iter().all(|domain| self.names.iter().any(|name| name.eq_ignore_ascii_case(domain)))
    }

    pub fn leaf(&self) -> Option<&CertificateDer<'static>> {
        self.chain.first()
    }

    /// What TLS needs of it.
    pub fn pair(&self) -> Pair {
        Pair { chain: self.chain.clone(), key: self.key.clone_key() }
    }
}

/// Reads what was stored; None when there is nothing, or nothing that can be used.
pub fn read(folder: &Path) -> Result<Option<Stored>, TlsError> {
    let path = folder.join(FILE);
    match fs::read(&path) {
        Ok(bytes) => Ok(parse(&Zeroizing::new(bytes)).ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(TlsError::File { path, error }),
    }
}

/// Stores a chain and its key, both PEM; refuses what could not be read back.
pub fn write(folder: &Path, chain: &str, key: &str) -> Result<Stored, AcmeError> {
    let text = Zeroizing::new(format!("{key}\n{chain}"));
    let stored = parse(text.as_bytes()).map_err(AcmeError::Certificate)?;
    let path = folder.join(FILE);
    write_secret(&path, &text).map_err(|error| AcmeError::File { path, error })?;
    Ok(stored)
}

fn parse(pem: &[u8]) -> Result<Stored, String> {
    let chain: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    let key = PrivateKeyDer::from_pem_slice(pem).map_err(|error| error.to_string())?;
    let leaf = chain.first().ok_or("there is no certificate in it")?;
    let (_, read) = parse_x509_certificate(leaf).map_err(|error| error.to_string())?;
    let names = read.subject_alternative_name().map_err(|error| error.to_string())?;
    let names = names.into_iter().flat_map(|names| &names.value.general_names);
    let names = names.filter_map(|name| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        _ => None,
    });
    let names = names.collect();
    let moment = |secs: i64| Timestamp::from_millis(secs.saturating_mul(1_000));
    let validity = read.validity();
    let (not_before, not_after) =
        (moment(validity.not_before.timestamp()), moment(validity.not_after.timestamp()));
    Ok(Stored { names, not_before, not_after, key, chain })
}

/// Writes a file for the daemon's user alone, beside its place, and moves it there.
pub fn write_secret(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let temporary = path.with_extension("new");
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    // The name is on disk only when its folder is.
    fs::File::open(path.parent().unwrap_or(path))?.sync_all()
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    fn made(names: &[&str]) -> (String, String) {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        let certificate = params.expect("names").self_signed(&key).expect("signed");
        (certificate.pem(), key.serialize_pem())
    }

    #[test]
    fn what_was_stored_is_read_back_for_its_names_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let below = folder.path().join("acme");
        assert!(read(&below).expect("nothing yet").is_none());
        let (chain, key) = made(&["scim.example.com"]);
        write(&below, &chain, &key).expect("stored");
        let stored = read(&below).expect("readable").expect("there");
        assert!(stored.covers(&["SCIM.example.com".to_owned()]));
        assert!(!stored.covers(&["scim.example.com".to_owned(), "other.example.com".to_owned()]));
        assert!(stored.not_before < stored.not_after);
    }

    #[test]
    fn half_a_file_is_no_certificate() {
        let folder = tempfile::tempdir().expect("a folder");
        let (chain, key) = made(&["scim.example.com"]);
        assert!(write(folder.path(), "", &key).is_err());
        assert!(write(folder.path(), &chain, "").is_err());
        assert!(read(folder.path()).expect("readable").is_none());
    }
}
