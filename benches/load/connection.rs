//! One kept-alive HTTP/1.1 connection, plain or TLS.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Uri};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::options::Options;

/// A connection that asks one thing at a time.
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    authority: String,
    prefix: String,
    authorization: String,
}

impl Connection {
    /// Connects as the options say.
    pub async fn open(options: &Options) -> io::Result<Connection> {
        let uri: Uri = options.url.parse().map_err(io::Error::other)?;
        let authority =
            uri.authority().map(ToString::to_string).ok_or_else(|| io::Error::other("no host in the URL"))?;
        let stream = TcpStream::connect(&authority).await?;
        stream.set_nodelay(true)?;
        let sender = match &options.ca {
            Some(file) if uri.scheme_str() == Some("https") => {
                let name = ServerName::try_from(uri.host().unwrap_or_default().to_owned())
                    .map_err(io::Error::other)?;
                let stream = connector(file)?.connect(name, stream).await?;
                handshake(TokioIo::new(stream)).await?
            }
            _ => handshake(TokioIo::new(stream)).await?,
        };
        let prefix = uri.path().trim_end_matches('/').to_owned();
        Ok(Connection { sender, authority, prefix, authorization: format!("Bearer {}", options.token) })
    }

    /// Asks, reads the answer to its end, and gives status and body.
    pub async fn ask(&mut self, method: Method, path: &str, body: Bytes) -> io::Result<(u16, Bytes)> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.prefix))
            .header("host", &self.authority)
            .header("authorization", &self.authorization)
            .header("content-type", "application/scim+json")
            .body(Full::new(body))
            .map_err(io::Error::other)?;
        self.sender.ready().await.map_err(io::Error::other)?;
        let response = self.sender.send_request(request).await.map_err(io::Error::other)?;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.map_err(io::Error::other)?.to_bytes();
        Ok((status, body))
    }
}

async fn handshake<S>(stream: TokioIo<S>) -> io::Result<SendRequest<Full<Bytes>>>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = http1::handshake(stream).await.map_err(io::Error::other)?;
    tokio::spawn(async move { connection.await.unwrap_or_default() });
    Ok(sender)
}

fn connector(file: &str) -> io::Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(io::Error::other)? {
        roots.add(certificate.map_err(io::Error::other)?).map_err(io::Error::other)?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
