//! Opens a connection: finds the addresses of a host, refuses those that may not be reached, and
//! connects to one of the others; nothing is looked up a second time.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio::time::timeout;
use tower_service::Service;

use crate::base::limits;

use super::address::{Allowed, literal};

/// Connects to what is allowed. Cheap to clone.
#[derive(Clone)]
pub struct GuardedConnector {
    allowed: Arc<Allowed>,
    resolver: Arc<OnceCell<TokioResolver>>,
}

/// Why no connection was made. It travels through hyper as the source of an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoConnection {
    NoHost,
    Unresolved { host: String, cause: String },
    Forbidden { host: String },
    NeedsTls { host: String },
    Unreachable { host: String, cause: String },
}

impl std::fmt::Display for NoConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoHost => f.write_str("the address names no host"),
            Self::Unresolved { host, cause } => write!(f, "the name {host} was not found ({cause})"),
            Self::Forbidden { host } => write!(
                f,
                "{host} is a private or local address, which the operator has not allowed (connect.allow_networks)"
            ),
            Self::NeedsTls { host } => write!(f, "{host} is only reached by https"),
            Self::Unreachable { host, cause } => write!(f, "{host} does not take connections ({cause})"),
        }
    }
}

impl std::error::Error for NoConnection {}

impl GuardedConnector {
    pub fn new(allowed: Allowed) -> Self {
        Self { allowed: Arc::new(allowed), resolver: Arc::new(OnceCell::new()) }
    }

    async fn connect(self, uri: Uri) -> Result<TokioIo<TcpStream>, NoConnection> {
        let host = uri.host().ok_or(NoConnection::NoHost)?.to_owned();
        let is_tls = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let found = self.addresses(&host).await?;
        let usable: Vec<IpAddr> =
            found.into_iter().filter(|address| self.allowed.permits(*address)).collect();
        if usable.is_empty() {
            return Err(NoConnection::Forbidden { host });
        }
        if !is_tls && !usable.iter().all(|address| self.allowed.permits_by_name(*address)) {
            return Err(NoConnection::NeedsTls { host });
        }
        let mut cause = String::new();
        for address in usable {
            let connecting = TcpStream::connect(SocketAddr::new(address, port));
            match timeout(Duration::from_secs(limits::OUTGOING_CONNECT_SECS_MAX), connecting).await {
                Ok(Ok(stream)) => {
                    // A small request must not wait for the acknowledgement of the one before.
                    let _ = stream.set_nodelay(true);
                    return Ok(TokioIo::new(stream));
                }
                Ok(Err(error)) => cause = error.kind().to_string(),
                Err(_) => "no answer in time".clone_into(&mut cause),
            }
        }
        Err(NoConnection::Unreachable { host, cause })
    }

    async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, NoConnection> {
        if let Some(address) = literal(host) {
            return Ok(vec![address]);
        }
        let unresolved = |cause: String| NoConnection::Unresolved { host: host.to_owned(), cause };
        let resolver = self.resolver.get_or_try_init(|| async { resolver() }).await;
        let resolver = resolver.map_err(|error| unresolved(error.to_string()))?;
        let looking = resolver.lookup_ip(host);
        match timeout(Duration::from_secs(limits::OUTGOING_CONNECT_SECS_MAX), looking).await {
            Ok(Ok(found)) => Ok(found.iter().take(limits::OUTGOING_ADDRESSES_MAX).collect()),
            Ok(Err(_)) => Err(unresolved("no such name, or no name server".to_owned())),
            Err(_) => Err(unresolved("no answer from the name server in time".to_owned())),
        }
    }
}

fn resolver() -> io::Result<TokioResolver> {
    let builder = TokioResolver::builder_tokio().map_err(io::Error::other)?;
    builder.build().map_err(io::Error::other)
}

impl Service<Uri> for GuardedConnector {
    type Response = TokioIo<TcpStream>;
    type Error = NoConnection;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.clone().connect(uri))
    }
}
