//! TLS on the public listener: 1.2 and 1.3, HTTP/2 and HTTP/1.1 by ALPN, certificates that can change.

mod files;
mod self_signed;

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert, ServerConfig};
use rustls::sign::CertifiedKey;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use crate::base::time::Clock;
use crate::config::{Config, TlsMode};

use super::acme::{Acme, PROOF_PROTOCOL, is_proof};
use files::CertificateFiles;
use self_signed::SelfSigned;

/// The certificate in use, and where the next one comes from.
#[derive(Debug)]
pub struct Certificates {
    current: RwLock<Arc<CertifiedKey>>,
    origin: Mutex<Origin>,
    /// What the certificate authority is shown while it looks whose a name is, by name.
    proofs: RwLock<HashMap<String, Arc<CertifiedKey>>>,
    ca_path: Option<PathBuf>,
    clock: Clock,
}

#[derive(Debug)]
enum Origin {
    Files(CertificateFiles),
    SelfSigned(SelfSigned),
    /// [`Acme::keep`] brings the next one.
    Acme,
}

/// A chain and its key as they were read or made.
pub(super) struct Pair {
    pub chain: Vec<CertificateDer<'static>>,
    pub key: PrivateKeyDer<'static>,
}

/// Why there is no certificate.
#[derive(Debug)]
pub enum TlsError {
    /// A file can't be read or written.
    File { path: PathBuf, error: std::io::Error },
    /// A file holds no certificate or key in PEM form.
    NotPem { path: PathBuf, expected: &'static str },
    /// Certificate and key don't go together, or are of a kind that can't be used.
    Pair { error: rustls::Error },
    /// A self-signed certificate can't be made.
    Make { error: rcgen::Error },
    /// The TLS library refuses our settings.
    Settings { error: rustls::Error },
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, error } => write!(f, "{}: {error}", path.display()),
            Self::NotPem { path, expected } => {
                write!(f, "{}: there is no {expected} in PEM form in it", path.display())
            }
            Self::Pair { error } => {
                write!(f, "tls.cert and tls.key can't be used together: {error}")
            }
            Self::Make { error } => write!(f, "a self-signed certificate can't be made: {error}"),
            Self::Settings { error } => write!(f, "TLS can't be set up: {error}"),
        }
    }
}

impl std::error::Error for TlsError {}

/// Whether a start would find its certificate: reads the files that `tls.mode = "files"` names, and
/// changes nothing. For `config check` and `doctor`.
///
/// # Errors
///
/// [`TlsError`], which names the file.
pub fn check(config: &Config) -> Result<(), TlsError> {
    match config.tls.mode {
        TlsMode::Files => Certificates::load(config, &Clock::System).map(|_| ()),
        TlsMode::Acme => Acme::new(config, &Clock::System).stored().map(|_| ()),
        TlsMode::SelfSigned | TlsMode::Off => Ok(()),
    }
}

/// What a look at the certificate's origin led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reloaded {
    Unchanged,
    Changed,
}

impl Certificates {
    /// Reads or makes the first certificate.
    ///
    /// # Errors
    ///
    /// [`TlsError`], which names the file.
    pub fn load(config: &Config, clock: &Clock) -> Result<Self, TlsError> {
        let (origin, pair, ca_path) = match config.tls.mode {
            TlsMode::Files => {
                let (cert, key) = (config.tls.cert.clone(), config.tls.key.clone());
                let mut files = CertificateFiles::new(cert.unwrap_or_default(), key.unwrap_or_default());
                let pair = files.read_anew()?;
                (Origin::Files(files), pair, None)
            }
            TlsMode::SelfSigned | TlsMode::Off => {
                let host = config.public_url.as_ref().map(crate::config::PublicUrl::host);
                let mut self_signed = SelfSigned::open(&config.data, host, config.scim.listen.ip())?;
                let pair = self_signed.issue(clock.now())?;
                let ca_path = Some(self_signed.ca_path());
                (Origin::SelfSigned(self_signed), pair, ca_path)
            }
            TlsMode::Acme => match Acme::new(config, clock).stored()? {
                Some(stored) => (Origin::Acme, stored.pair(), None),
                None => {
                    let host = config.acme_domains().into_iter().next();
                    let mut stand_in = SelfSigned::open(&config.data, host, config.scim.listen.ip())?;
                    (Origin::Acme, stand_in.issue(clock.now())?, None)
                }
            },
        };
        let current = RwLock::new(certified(pair)?);
        let proofs = RwLock::default();
        Ok(Self { current, origin: Mutex::new(origin), proofs, ca_path, clock: clock.clone() })
    }

    /// The CA's certificate, when it is ours.
    pub fn ca_path(&self) -> Option<PathBuf> {
        self.ca_path.clone()
    }

    /// Takes a new certificate if there is one: files that changed, or a self-signed one near its
    /// end. What is wrong with it is logged, and the old one stays. It reads files, so call it where
    /// blocking is allowed.
    pub fn reload(&self) -> Reloaded {
        let pair = match &mut *self.origin.lock().unwrap_or_else(PoisonError::into_inner) {
            Origin::Files(files) => files.read_if_changed(),
            Origin::SelfSigned(self_signed) => self_signed.issue_if_due(self.clock.now()),
            Origin::Acme => Ok(None),
        };
        match pair.transpose().map(|pair| pair.and_then(certified)) {
            None => Reloaded::Unchanged,
            Some(Ok(certified)) => {
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = certified;
                info!("a new TLS certificate is in use");
                Reloaded::Changed
            }
            Some(Err(error)) => {
                error!("the TLS certificate can't be renewed, the old one stays in use: {error}");
                Reloaded::Unchanged
            }
        }
    }

    /// Takes a certificate into use.
    pub(super) fn replace(&self, pair: Pair) -> Result<(), TlsError> {
        let certified = certified(pair)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = certified;
        Ok(())
    }

    /// Shows this to the certificate authority when it looks whose the name is.
    pub(super) fn prove(&self, name: &str, proof: Pair) -> Result<(), TlsError> {
        // Not checked against its key: a proof has a critical extension that only authorities read.
        let key = provider().key_provider.load_private_key(proof.key);
        let key = key.map_err(|error| TlsError::Pair { error })?;
        let proof = Arc::new(CertifiedKey::new(proof.chain, key));
        let mut proofs = self.proofs.write().unwrap_or_else(PoisonError::into_inner);
        proofs.insert(name.to_ascii_lowercase(), proof);
        Ok(())
    }

    pub(super) fn forget_proofs(&self) {
        self.proofs.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Looks for a new certificate again and again until the server stops.
    pub(super) async fn watch(self: Arc<Self>, interval: Duration, shutdown: CancellationToken) {
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = sleep(interval) => {}
            }
            let certificates = Arc::clone(&self);
            let _ = tokio::task::spawn_blocking(move || certificates.reload()).await;
        }
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        if is_proof(&hello) {
            let name = hello.server_name()?.to_ascii_lowercase();
            return self.proofs.read().unwrap_or_else(PoisonError::into_inner).get(&name).cloned();
        }
        Some(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// What turns a TCP connection into a TLS one.
pub(super) fn acceptor(certificates: &Arc<Certificates>) -> Result<TlsAcceptor, TlsError> {
    let settings = |error| TlsError::Settings { error };
    let mut config = ServerConfig::builder_with_provider(provider())
        // Entra and Workday still need 1.2; rustls offers forward-secret suites alone there.
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(settings)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::<Certificates>::clone(certificates));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec(), PROOF_PROTOCOL.to_vec()];
    config.ticketer = aws_lc_rs::Ticketer::new().map_err(settings)?;
    config.send_tls13_tickets = 2;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// Checks that chain and key go together.
fn certified(pair: Pair) -> Result<Arc<CertifiedKey>, TlsError> {
    CertifiedKey::from_der(pair.chain, pair.key, &provider())
        .map(Arc::new)
        .map_err(|error| TlsError::Pair { error })
}
