//! Accept loops: a permit first, then a connection; errors never make them spin or end.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, UnixListener, UnixStream};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::web::{Handler, Peer};

use super::acme::PROOF_PROTOCOL;
use super::activity::Protocol;
use super::connection::{Serving, serve};
use super::listen::SocketFile;
use super::permits::{Permits, TotalPermit};

/// The pause after the first failed accept in a row; doubled up to the last.
const PAUSE_MIN: Duration = Duration::from_millis(20);
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// One listener's accept loop.
pub struct Accepting<H> {
    serving: Arc<Serving>,
    handler: Arc<H>,
    permits: Permits,
}

/// The users that `operator.sock` serves.
#[derive(Debug, Clone, Copy)]
pub struct Operators {
    own: Option<u32>,
}

impl Operators {
    /// Root, and the user we run as: the one who owns the socket that we have made.
    pub fn own_user(socket: Option<&SocketFile>) -> Self {
        Self { own: socket.map(|file| file.owner) }
    }

    fn allow(self, stream: &UnixStream) -> bool {
        stream.peer_cred().is_ok_and(|peer| peer.uid() == 0 || Some(peer.uid()) == self.own)
    }
}

impl<H: Handler> Accepting<H> {
    pub fn new(serving: Serving, handler: Arc<H>, permits: Permits) -> Self {
        Self { serving: Arc::new(serving), handler, permits }
    }

    /// Accepts TCP connections until the server stops.
    pub async fn tcp(self, listener: TcpListener, tls: Option<TlsAcceptor>) {
        while let Some((permit, (stream, address))) = self.next(|| listener.accept()).await {
            let is_proxy = self.serving.trusted_proxies.iter().any(|network| network.contains(address.ip()));
            let address_permit = self.permits.address(address.ip());
            // Everybody behind a trusted proxy shares its address.
            if address_permit.is_none() && !is_proxy {
                self.serving.metrics.count_refused_connection(self.serving.listener, "address_limit");
                continue;
            }
            // Responses are written whole; waiting to fill a packet would only delay them.
            let _ = stream.set_nodelay(true);
            let (serving, handler, tls) = (Arc::clone(&self.serving), Arc::clone(&self.handler), tls.clone());
            self.serving.tracker.spawn(async move {
                let _permits = (permit, address_permit);
                match tls {
                    Some(acceptor) => serve_tls(serving, handler, acceptor, stream, address).await,
                    None => {
                        let peer = Peer::Tcp { address, tls: false };
                        serve(serving, handler, stream, peer, Protocol::Http1).await;
                    }
                }
            });
        }
    }

    /// Accepts connections of a Unix socket until the server stops; with `operators` from these alone.
    pub async fn unix(self, listener: UnixListener, operators: Option<Operators>) {
        while let Some((permit, (stream, _))) = self.next(|| listener.accept()).await {
            let peer = match operators {
                None => Peer::App,
                Some(operators) if operators.allow(&stream) => Peer::Operator,
                Some(_) => {
                    self.serving.metrics.count_refused_connection(self.serving.listener, "other_user");
                    continue;
                }
            };
            let (serving, handler) = (Arc::clone(&self.serving), Arc::clone(&self.handler));
            self.serving.tracker.spawn(async move {
                let _permit = permit;
                serve(serving, handler, stream, peer, Protocol::Http1).await;
            });
        }
    }

    /// The next connection with its permit; None once the server stops.
    async fn next<C, F>(&self, accept: impl Fn() -> F) -> Option<(TotalPermit, C)>
    where
        F: Future<Output = io::Result<C>>,
    {
        let stop = &self.serving.stop;
        let permit = tokio::select! {
            biased;
            () = stop.cancelled() => return None,
            permit = self.permits.total() => permit,
        };
        let connection = accept_one(stop, self.serving.listener.name(), accept).await?;
        Some((permit, connection))
    }
}

/// Accepts one connection however often it takes; None once the server stops.
async fn accept_one<C, F>(stop: &CancellationToken, listener: &str, accept: impl Fn() -> F) -> Option<C>
where
    F: Future<Output = io::Result<C>>,
{
    let mut pause = PAUSE_MIN;
    loop {
        let error = tokio::select! {
            biased;
            () = stop.cancelled() => return None,
            accepted = accept() => match accepted {
                Ok(connection) => return Some(connection),
                Err(error) => error,
            },
        };
        if is_of_one_connection(&error) {
            continue;
        }
        // Out of file descriptors or memory: only time helps, and others ending.
        warn!(listener, "cannot accept connections: {error}");
        tokio::select! {
            () = stop.cancelled() => return None,
            () = sleep(pause) => pause = (pause * 2).min(PAUSE_MAX),
        }
    }
}

/// The connection ended before it was accepted; the listener is well.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    matches!(
        error.kind(),
        Kind::ConnectionAborted | Kind::ConnectionReset | Kind::ConnectionRefused | Kind::Interrupted
    )
}

async fn serve_tls<H: Handler>(
    serving: Arc<Serving>,
    handler: Arc<H>,
    acceptor: TlsAcceptor,
    stream: tokio::net::TcpStream,
    address: SocketAddr,
) {
    let handshake = timeout(serving.deadlines.handshake, acceptor.accept(stream));
    let reason = tokio::select! {
        () = serving.stop.cancelled() => return,
        result = handshake => match result {
            Ok(Ok(stream)) => {
                let protocol = match stream.get_ref().1.alpn_protocol() {
                    // The handshake was all that the certificate authority wanted to see.
                    Some(PROOF_PROTOCOL) => return,
                    Some(b"h2") => Protocol::Http2,
                    Some(_) | None => Protocol::Http1,
                };
                return serve(serving, handler, stream, Peer::Tcp { address, tls: true }, protocol).await;
            }
            Ok(Err(error)) => {
                debug!("TLS handshake failed: {error}");
                "handshake_failed"
            }
            Err(_) => "handshake_timeout",
        },
    };
    serving.metrics.count_refused_connection(serving.listener, reason);
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::time::Instant;

    use super::*;

    /// Fails so often with this error, then succeeds; returns the attempts and the milliseconds taken.
    async fn accept_after(failures: usize, error: impl Fn() -> io::Error) -> (usize, u128) {
        let attempts = AtomicUsize::new(0);
        let start = Instant::now();
        let accept = || {
            let attempt = attempts.fetch_add(1, Ordering::Relaxed);
            let result = if attempt < failures { Err(error()) } else { Ok(()) };
            std::future::ready(result)
        };
        assert_eq!(accept_one(&CancellationToken::new(), "scim", accept).await, Some(()));
        (attempts.into_inner(), start.elapsed().as_millis())
    }

    #[tokio::test(start_paused = true)]
    async fn without_file_descriptors_the_loop_pauses_and_goes_on() {
        let too_many_files = || io::Error::from_raw_os_error(24);
        let pauses = 20 + 40 + 80 + 160 + 320 + 640 + 1_000 + 1_000;
        assert_eq!(accept_after(8, too_many_files).await, (9, pauses));
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_is_gone_already_costs_no_pause() {
        assert_eq!(accept_after(8, || io::ErrorKind::ConnectionAborted.into()).await, (9, 0));
    }
}
