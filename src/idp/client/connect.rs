//! Opens connections, with TLS where the URL says https; certificates are always checked.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::base::limits;

use super::{BaseUrl, Failure, Sender};

/// Where systems keep the authorities that they trust; the first that is there counts.
const SYSTEM_ROOTS: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// How connections are opened.
pub struct Connector {
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl Connector {
    /// Trusts the file's certificates alone, or those that the system trusts.
    pub fn new(base: &BaseUrl, ca: Option<PathBuf>) -> Result<Self, String> {
        if !base.is_tls() {
            return Ok(Self { tls: None });
        }
        let path = match ca {
            Some(path) => path,
            None => system_roots()?,
        };
        let roots = roots(&path)?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let name = ServerName::try_from(base.host().to_owned())
            .map_err(|_| format!("{:?} is no host name that a certificate can have", base.host()))?;
        Ok(Self { tls: Some((TlsConnector::from(Arc::new(config)), name)) })
    }

    pub async fn open(&self, base: &BaseUrl) -> Result<Sender, Failure> {
        let deadline = Duration::from_secs(limits::IDP_CONNECT_SECS_MAX);
        match timeout(deadline, self.connect(base)).await {
            Ok(opened) => opened.map_err(|error| Failure::NotReached(reason(&error))),
            Err(_) => Err(Failure::NotReached("no answer in time".to_owned())),
        }
    }

    async fn connect(&self, base: &BaseUrl) -> io::Result<Sender> {
        let stream = TcpStream::connect((base.host(), base.port())).await?;
        stream.set_nodelay(true)?;
        match &self.tls {
            None => handshake(stream).await,
            Some((connector, name)) => handshake(connector.connect(name.clone(), stream).await?).await,
        }
    }
}

async fn handshake<S>(stream: S) -> io::Result<Sender>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let opened = http1::Builder::new().title_case_headers(true).handshake(TokioIo::new(stream)).await;
    let (sender, connection) = opened.map_err(io::Error::other)?;
    // Its errors show in the request that it carries.
    tokio::spawn(connection);
    Ok(sender)
}

fn system_roots() -> Result<PathBuf, String> {
    if let Some(path) = std::env::var_os("SSL_CERT_FILE").filter(|path| !path.is_empty()) {
        return Ok(path.into());
    }
    let found = SYSTEM_ROOTS.iter().map(Path::new).find(|path| path.exists());
    found
        .map(Path::to_owned)
        .ok_or_else(|| "this system has no list of trusted authorities; give one with --ca".to_owned())
}

fn roots(path: &Path) -> Result<RootCertStore, String> {
    let unreadable = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(path).map_err(|error| unreadable(&error))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| unreadable(&error))?;
        roots.add_parsable_certificates([certificate]);
    }
    match roots.is_empty() {
        true => Err(unreadable(&"there is no certificate in it")),
        false => Ok(roots),
    }
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "nobody listens there".to_owned(),
        _ => error.to_string(),
    }
}
