//! A running server of a test's own, and clients for it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::sync::CancellationToken;

use crate::base::time::{Clock, Timestamp};
use crate::config::{Config, TlsMode};
use crate::server::{BindError, Bound, Deadlines, Options, Server};
use crate::web::metrics::Metrics;
use crate::web::{BodyError, Handler, Request, Response, empty, endless_stream, response, stream};

/// Longer than any deadline under test; reached only by a fault.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// Deadlines that tests wait for.
pub const SHORT: Duration = Duration::from_millis(200);

/// Bytes of `/large`: more than the kernel's buffers take.
pub const LARGE: usize = 32 * 1024 * 1024;

/// Does what its path says.
#[derive(Debug, Default)]
pub struct TestSurface {
    /// `/slow` has begun.
    pub begun: Notify,
    /// `/slow` may answer.
    pub release: Notify,
}

impl Handler for TestSurface {
    async fn handle(&self, mut request: Request) -> Response {
        let text =
            |status: u16, text: String| response(StatusCode::from_u16(status).unwrap(), "text/plain", text);
        match request.path() {
            "/slow" => {
                self.begun.notify_one();
                self.release.notified().await;
                text(200, "slow".to_owned())
            }
            "/hang" => std::future::pending().await,
            "/panic" => panic!("as asked"),
            "/body" => match request.read_body(10).await {
                Ok(body) => text(200, format!("{} bytes", body.len())),
                Err(BodyError::TooLarge { .. }) => text(413, String::new()),
                Err(BodyError::TimedOut) => text(408, String::new()),
                Err(BodyError::Broken) => text(400, String::new()),
                Err(BodyError::Encoded) => text(415, String::new()),
            },
            "/peer" => text(200, format!("{:?} {:?}", request.peer, request.client_address())),
            "/empty" => empty(StatusCode::NO_CONTENT),
            "/large" => text(200, "x".repeat(LARGE)),
            "/export" => {
                let (sender, response) = stream(StatusCode::OK, "application/x-ndjson");
                tokio::spawn(async move {
                    sender.send("one\n").await.unwrap();
                    sender.send("two\n").await.unwrap();
                    sender.finish().await.unwrap();
                });
                response
            }
            "/half" => {
                let (sender, response) = stream(StatusCode::OK, "application/x-ndjson");
                sender.send("one\n").await.unwrap();
                response
            }
            "/events" => {
                let (sender, response) = endless_stream(StatusCode::OK, "text/event-stream");
                tokio::spawn(async move {
                    sender.send("data: 1\n\n").await.unwrap();
                    sender.closed().await;
                });
                response
            }
            _ => text(200, "hello".to_owned()),
        }
    }
}

/// A server that runs until it is dropped or stopped.
pub struct Running {
    pub bound: Bound,
    pub scim: Arc<TestSurface>,
    pub metrics: Arc<Metrics>,
    pub certificates: Option<Arc<crate::server::tls::Certificates>>,
    pub shutdown: CancellationToken,
    pub stopped: JoinHandle<()>,
    pub folder: TempDir,
}

pub fn short_deadlines() -> Deadlines {
    Deadlines {
        handshake: SHORT,
        headers: SHORT,
        idle: SHORT,
        body_idle: SHORT,
        closing: SHORT,
        ..Deadlines::default()
    }
}

/// A configuration with free ports and its data in the folder.
pub fn config(folder: &TempDir, mode: TlsMode) -> Config {
    let mut config = Config::defaults();
    config.data = folder.path().join("data");
    config.scim.listen = "127.0.0.1:0".parse().unwrap();
    config.app.listen = Some("127.0.0.1:0".parse().unwrap());
    config.tls.mode = mode;
    config
}

pub fn bind(config: &Config, deadlines: Deadlines) -> Result<Server, BindError> {
    let clock = Clock::manual(Timestamp::from_millis(jiff::Timestamp::now().as_millisecond()));
    let options = Options { clock, metrics: Arc::default(), deadlines, inherited: Default::default() };
    Server::bind(config, options)
}

pub fn start(mode: TlsMode, deadlines: Deadlines) -> Running {
    start_with(mode, deadlines, |_, _| {})
}

pub fn start_with(
    mode: TlsMode,
    deadlines: Deadlines,
    change: impl FnOnce(&mut Config, &TempDir),
) -> Running {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(&folder, mode);
    change(&mut config, &folder);
    let server = bind(&config, deadlines).unwrap();
    let (scim, app) = (Arc::<TestSurface>::default(), Arc::<TestSurface>::default());
    let shutdown = CancellationToken::new();
    let (bound, metrics) = (server.bound().clone(), Arc::clone(&server.options.metrics));
    let certificates = server.certificates();
    let run = server.run(Arc::clone(&scim), app, shutdown.clone());
    let stopped = tokio::spawn(async { run.await.unwrap() });
    Running { bound, scim, metrics, certificates, shutdown, stopped, folder }
}

impl Running {
    pub async fn stop(self) -> Bound {
        self.shutdown.cancel();
        timeout(PATIENCE, self.stopped).await.expect("the server must stop").unwrap();
        self.bound
    }

    /// A TLS connection that trusts the server's CA and offers these protocols.
    pub async fn tls(
        &self,
        alpn: &[&str],
        version: &'static SupportedProtocolVersion,
    ) -> TlsStream<TcpStream> {
        let ca = self.bound.ca_cert.clone().expect("self-signed");
        tls(self.bound.scim, ca, alpn, version).await.unwrap()
    }
}

/// A TLS connection to an address as `localhost`.
pub async fn tls(
    address: SocketAddr,
    ca: PathBuf,
    alpn: &[&str],
    version: &'static SupportedProtocolVersion,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ca).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    let stream = TcpStream::connect(address).await?;
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").unwrap(), stream).await
}

/// One request with hyper's client; status, headers, body.
pub async fn fetch(
    socket: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    is_http2: bool,
    method: Method,
    url: &str,
) -> http::Response<Bytes> {
    let request = http::Request::builder()
        .method(method)
        .uri(url)
        .header("host", "localhost")
        .body(Full::<Bytes>::default())
        .unwrap();
    let response = if is_http2 {
        let (mut sender, connection) =
            http2::handshake(TokioExecutor::new(), TokioIo::new(socket)).await.unwrap();
        tokio::spawn(connection);
        sender.send_request(request).await.unwrap()
    } else {
        let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await.unwrap();
        tokio::spawn(connection);
        sender.send_request(request).await.unwrap()
    };
    let (head, body) = response.into_parts();
    http::Response::from_parts(head, body.collect().await.unwrap().to_bytes())
}

/// Writes bytes and reads until the server closes; what came, as text. A reset counts as closed.
pub async fn exchange(socket: &mut (impl AsyncRead + AsyncWrite + Unpin), bytes: &str) -> String {
    socket.write_all(bytes.as_bytes()).await.unwrap();
    read_to_close(socket).await
}

pub async fn read_to_close(socket: &mut (impl AsyncRead + Unpin)) -> String {
    let mut received = Vec::new();
    let _ = timeout(PATIENCE, socket.read_to_end(&mut received)).await.expect("the server must close");
    String::from_utf8_lossy(&received).into_owned()
}

/// Writes a request and reads one response whose body is known to end with this text.
pub async fn ask(socket: &mut (impl AsyncRead + AsyncWrite + Unpin), bytes: &str, end: &str) -> String {
    socket.write_all(bytes.as_bytes()).await.unwrap();
    read_until(socket, end).await
}

pub async fn read_until(socket: &mut (impl AsyncRead + Unpin), end: &str) -> String {
    let mut received = Vec::new();
    let read = async {
        while !received.ends_with(end.as_bytes()) {
            let mut byte = [0];
            assert_eq!(socket.read(&mut byte).await.unwrap(), 1, "closed after {received:?}");
            received.push(byte[0]);
        }
    };
    timeout(PATIENCE, read).await.expect("the server must answer");
    String::from_utf8(received).unwrap()
}

pub const GET: &str = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

pub async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.unwrap()
}
