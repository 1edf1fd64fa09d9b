//! A certificate authority of our own, for laptops and for hosts that nobody can log in to.
//!
//! Beside the data lie `ca.pem`, which clients are told to trust, and its key. The certificate that
//! is served is made anew at every start and before it ends; its key is never written.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use aws_lc_rs::digest;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use zeroize::Zeroizing;

use crate::base::time::Timestamp;

use super::{Pair, TlsError, certified};

const DAY_MILLIS: i64 = 86_400_000;
/// Some clients refuse more than 398 days.
const LEAF_DAYS: i64 = 90;
/// Renewed when fewer days are left.
const LEAF_RENEW_DAYS: i64 = 30;
/// The CA lasts as long as an installation does: renewing it would cut off every client at once.
const CA_DAYS: i64 = 20 * 365;
/// Clocks of clients may be behind ours.
const BACKDATED_DAYS: i64 = 1;

/// The CA, and when its last certificate ends.
#[derive(Debug)]
pub struct SelfSigned {
    folder: PathBuf,
    names: Vec<String>,
    leaf_ends: Timestamp,
}

impl SelfSigned {
    /// For a certificate that is good for this machine, the host of `public_url`, and the address
    /// that is listened on.
    pub fn open(folder: &Path, public_host: Option<String>, listen: IpAddr) -> Result<Self, TlsError> {
        let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
        let listen = (!listen.is_unspecified()).then(|| listen.to_string());
        for name in [public_host, listen].into_iter().flatten() {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Ok(Self { folder: folder.to_owned(), names, leaf_ends: Timestamp::default() })
    }

    pub fn ca_path(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// Makes a certificate when the last one is near its end.
    pub fn issue_if_due(&mut self, now: Timestamp) -> Result<Option<Pair>, TlsError> {
        if now.plus_millis(LEAF_RENEW_DAYS * DAY_MILLIS) < self.leaf_ends {
            return Ok(None);
        }
        self.issue(now).map(Some)
    }

    /// Makes a certificate, and before it the CA if there is none that can be used.
    pub fn issue(&mut self, now: Timestamp) -> Result<Pair, TlsError> {
        let (ca_key, ca_cert) = match self.read_ca()? {
            Some(ca) => ca,
            None => self.make_ca(now)?,
        };
        let issuer = Issuer::new(ca_params(&ca_key), ca_key);
        let leaf_key = KeyPair::generate().map_err(|error| TlsError::Make { error })?;
        let leaf_ends = now.plus_millis(LEAF_DAYS * DAY_MILLIS);
        let leaf = leaf_params(&self.names, now, leaf_ends)
            .and_then(|params| params.signed_by(&leaf_key, &issuer))
            .map_err(|error| TlsError::Make { error })?;
        self.leaf_ends = leaf_ends;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(leaf_key.serialize_der()));
        Ok(Pair { chain: vec![leaf.der().clone(), ca_cert], key })
    }

    /// The CA on disk; None when a file of it is missing or the two don't go together.
    fn read_ca(&self) -> Result<Option<(KeyPair, CertificateDer<'static>)>, TlsError> {
        let (Some(cert), Some(key)) = (read(&self.ca_path())?, read(&self.key_path())?) else {
            return Ok(None);
        };
        let key = Zeroizing::new(key);
        let (Ok(cert), Ok(key)) = (CertificateDer::from_pem_slice(cert.as_bytes()), KeyPair::from_pem(&key))
        else {
            return Ok(None);
        };
        let der = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let is_pair = certified(Pair { chain: vec![cert.clone()], key: der }).is_ok();
        Ok(is_pair.then_some((key, cert)))
    }

    fn make_ca(&self, now: Timestamp) -> Result<(KeyPair, CertificateDer<'static>), TlsError> {
        let make = |error| TlsError::Make { error };
        let key = KeyPair::generate().map_err(make)?;
        let mut params = ca_params(&key);
        params.not_before = moment(now.plus_millis(-BACKDATED_DAYS * DAY_MILLIS)).into();
        params.not_after = moment(now.plus_millis(CA_DAYS * DAY_MILLIS)).into();
        let cert = params.self_signed(&key).map_err(make)?;
        // The key first: a certificate without its key would be trusted for nothing.
        write(&self.key_path(), 0o600, &Zeroizing::new(key.serialize_pem()))?;
        write(&self.ca_path(), 0o644, &cert.pem())?;
        Ok((key, cert.der().clone()))
    }

    fn key_path(&self) -> PathBuf {
        self.folder.join("ca-key.pem")
    }
}

/// The CA's parameters but for its time. They follow from its key, so that nothing has to be read
/// back from `ca.pem` to sign with it.
fn ca_params(key: &KeyPair) -> CertificateParams {
    let hash = digest::digest(&digest::SHA256, key.public_key_raw());
    let short: String = hash.as_ref().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let mut params = CertificateParams::default();
    params.distinguished_name = common_name(&format!("rosterd CA {short}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn leaf_params(names: &[String], now: Timestamp, ends: Timestamp) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = common_name("rosterd");
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    params.not_before = moment(now.plus_millis(-BACKDATED_DAYS * DAY_MILLIS)).into();
    params.not_after = moment(ends).into();
    Ok(params)
}

fn common_name(text: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, text);
    name
}

fn moment(timestamp: Timestamp) -> std::time::SystemTime {
    UNIX_EPOCH + Duration::from_millis(timestamp.millis().max(0).unsigned_abs())
}

fn read(path: &Path) -> Result<Option<String>, TlsError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(TlsError::File { path: path.to_owned(), error }),
    }
}

/// Writes a file beside its place and moves it there, so that nobody sees half of it.
fn write(path: &Path, mode: u32, text: &str) -> Result<(), TlsError> {
    let temporary = path.with_extension("new");
    let write = || -> io::Result<()> {
        match fs::remove_file(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&temporary)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    write().map_err(|error| TlsError::File { path: path.to_owned(), error })
}
