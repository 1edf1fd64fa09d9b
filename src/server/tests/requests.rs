//! What happens to single requests on each listener.

use std::os::unix::fs::MetadataExt;
use std::sync::{Arc, Mutex};

use http::Method;
use rustls::version::TLS13;
use tokio::net::UnixStream;

use crate::base::limits;
use crate::config::TlsMode;
use crate::server::{BindError, Deadlines};

use super::harness::{SHORT, TestSurface, ask, bind, config, connect, exchange, fetch, read_to_close, start};

/// One request on a connection of its own.
fn request(method: &str, path: &str, headers: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n")
}

#[tokio::test]
async fn every_answer_has_a_request_id() {
    let server = start(TlsMode::Off, Deadlines::default());
    for (address, headers) in
        [(server.bound.scim, "Host: x\r\n"), (server.bound.app.unwrap(), "Host: evil.example\r\n")]
    {
        let answer = exchange(&mut connect(address).await, &request("GET", "/", headers)).await;
        assert!(answer.contains("\r\nx-request-id: request_01"), "{answer}");
    }
}

#[tokio::test]
async fn a_panic_is_500_for_its_request_alone() {
    let server = start(TlsMode::Off, Deadlines::default());
    let mut socket = connect(server.bound.scim).await;
    let panicked = ask(&mut socket, "GET /panic HTTP/1.1\r\nHost: x\r\n\r\n", "}").await;
    assert!(panicked.starts_with("HTTP/1.1 500 "), "{panicked}");
    assert!(
        panicked.contains(r#""code":"internal_server_error""#) && !panicked.contains("as asked"),
        "{panicked}"
    );
    ask(&mut socket, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "hello").await;
}

#[tokio::test]
async fn a_handler_that_hangs_is_503() {
    let server = start(TlsMode::Off, Deadlines { handler: SHORT, ..Deadlines::default() });
    let answer =
        exchange(&mut connect(server.bound.scim).await, &request("GET", "/hang", "Host: x\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
}

#[tokio::test]
async fn bodies_are_bounded() {
    let server = start(TlsMode::Off, Deadlines::default());
    let check = async |headers: &str, body: &str, expected: &str| {
        let text = request("POST", "/body", &format!("Host: x\r\n{headers}")) + body;
        let answer = exchange(&mut connect(server.bound.scim).await, &text).await;
        assert!(answer.contains(expected), "{headers:?} {body:?}: {answer}");
    };
    check("Content-Length: 10\r\n", "1234567890", "10 bytes").await;
    check("Content-Length: 11\r\n", "", "HTTP/1.1 413 ").await;
    check("Transfer-Encoding: chunked\r\n", "5\r\n12345\r\n5\r\n12345\r\n0\r\n\r\n", "10 bytes").await;
    check("Transfer-Encoding: chunked\r\n", "5\r\n12345\r\n6\r\n123456\r\n0\r\n\r\n", "HTTP/1.1 413 ").await;
    check("Transfer-Encoding: chunked\r\n", "x\r\n", "HTTP/1.1 400 ").await;
    check("Content-Encoding: gzip\r\nContent-Length: 1\r\n", "x", "HTTP/1.1 415 ").await;
    // Nothing is asked for that would be refused anyway.
    check("Expect: 100-continue\r\nContent-Length: 11\r\n", "", "HTTP/1.1 413 ").await;
}

#[tokio::test]
async fn head_is_answered_with_the_length_and_no_body() {
    let server = start(TlsMode::SelfSigned, Deadlines::default());
    for (alpn, is_http2) in [("http/1.1", false), ("h2", true)] {
        let answer =
            fetch(server.tls(&[alpn], &TLS13).await, is_http2, Method::HEAD, "https://localhost/").await;
        assert_eq!((answer.status().as_u16(), answer.body().len()), (200, 0), "{alpn}");
        assert_eq!(answer.headers()["content-length"], "5", "{alpn}");
    }
}

#[tokio::test]
async fn heads_that_are_too_large_are_refused() {
    let server = start(TlsMode::Off, Deadlines::default());
    let fields = |count: usize| (0..count).map(|index| format!("X-{index}: y\r\n")).collect::<String>();
    let status = async |headers: String| {
        let answer = exchange(&mut connect(server.bound.scim).await, &request("GET", "/", &headers)).await;
        answer.split(' ').nth(1).unwrap_or_default().to_owned()
    };
    // "Connection" counts as one of the 64.
    assert_eq!(status(fields(63)).await, "200");
    assert_eq!(status(fields(64)).await, "431");
    let rest = request("GET", "/", "X: \r\n").len();
    let field = |head_bytes: usize| format!("X: {}\r\n", "y".repeat(head_bytes - rest));
    assert_eq!(status(field(limits::HEADER_BYTES_MAX)).await, "200");
    assert_eq!(status(field(limits::HEADER_BYTES_MAX + 1)).await, "431");
}

#[tokio::test]
async fn a_finite_stream_is_whole_or_visibly_broken() {
    let server = start(TlsMode::Off, Deadlines::default());
    let get = async |path: &str| {
        exchange(&mut connect(server.bound.scim).await, &request("GET", path, "Host: x\r\n")).await
    };
    let whole = get("/export").await;
    assert!(whole.ends_with("4\r\ntwo\n\r\n0\r\n\r\n"), "{whole}");
    let half = get("/half").await;
    assert!(!half.ends_with("0\r\n\r\n"), "{half}");
}

#[tokio::test]
async fn the_app_listener_refuses_foreign_hosts_and_web_pages_over_tcp_alone() {
    let server = start(TlsMode::Off, Deadlines::default());
    let tcp = async |headers: &str| {
        let answer =
            exchange(&mut connect(server.bound.app.unwrap()).await, &request("GET", "/", headers)).await;
        answer.split(' ').nth(1).unwrap_or_default().to_owned()
    };
    assert_eq!(tcp("Host: localhost\r\n").await, "200");
    assert_eq!(tcp("Host: evil.example\r\n").await, "421");
    assert_eq!(tcp("").await, "421");
    assert_eq!(tcp("Host: localhost\r\nOrigin: http://localhost\r\n").await, "403");
    let mut unix = UnixStream::connect(server.bound.app_socket.clone().unwrap()).await.unwrap();
    let answer = exchange(&mut unix, &request("GET", "/", "Host: anything\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let answer =
        exchange(&mut connect(server.bound.scim).await, &request("GET", "/", "Host: evil.example\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[tokio::test]
async fn unix_sockets_have_their_modes_and_peers() {
    let server = start(TlsMode::Off, Deadlines::default());
    let app_socket = server.bound.app_socket.clone().unwrap();
    let operator_socket = server.bound.operator_socket.clone();
    let folder = operator_socket.parent().unwrap().to_owned();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().mode() & 0o7777;
    assert_eq!((mode(&app_socket), mode(&operator_socket), mode(&folder)), (0o660, 0o600, 0o700));
    for (path, expected) in [(app_socket, "App None"), (operator_socket, "Operator None")] {
        let mut socket = UnixStream::connect(path).await.unwrap();
        let answer = exchange(&mut socket, &request("GET", "/peer", "Host: x\r\n")).await;
        assert!(answer.ends_with(expected), "{answer}");
    }
}

#[tokio::test]
async fn a_second_daemon_on_the_same_data_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(&folder, TlsMode::Off);
    let _first = bind(&config, Deadlines::default()).unwrap();
    assert!(matches!(bind(&config, Deadlines::default()), Err(BindError::InUse { .. })));
}

#[tokio::test]
async fn an_address_in_use_is_named_with_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = config(&folder, TlsMode::Off);
    config.scim.listen = taken.local_addr().unwrap();
    let error = bind(&config, Deadlines::default()).unwrap_err().to_string();
    assert!(error.starts_with(&format!("{} (scim.listen) can't be bound: ", config.scim.listen)), "{error}");
}

#[tokio::test]
async fn requests_and_connections_are_counted() {
    let server = start(TlsMode::Off, Deadlines::default());
    let mut socket = connect(server.bound.scim).await;
    ask(&mut socket, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "hello").await;
    let text = server.metrics.render();
    assert!(
        text.contains(r#"rosterd_http_requests_total{listener="scim",method="GET",status="2xx"} 1"#),
        "{text}"
    );
    assert!(text.contains(r#"rosterd_http_connections_open{listener="scim"} 1"#), "{text}");
}

#[tokio::test]
async fn the_log_has_one_line_for_a_request_and_no_values_of_it() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let server = start(TlsMode::Off, Deadlines::default());
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let headers =
        format!("Host: x\r\nAuthorization: Bearer hush\r\ntraceparent: 00-{trace}-00f067aa0ba902b7-01\r\n");
    exchange(&mut connect(server.bound.scim).await, &request("GET", "/Users?filter=hush", &headers)).await;
    let text = String::from_utf8(log.bytes.lock().unwrap().clone()).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("rosterd::access")).collect();
    assert_eq!(lines.len(), 1, "{text}");
    for part in
        ["request_id=request_01", "method=\"GET\"", "path=\"/Users\"", "status=200", "duration_ms=", trace]
    {
        assert!(lines[0].contains(part), "{part} is not in {text}");
    }
    assert!(!text.contains("hush"), "{text}");
}

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Log {
    bytes: Arc<Mutex<Vec<u8>>>,
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.bytes.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn work_goes_on_when_its_client_hangs_up() {
    let server = start(TlsMode::Off, Deadlines::default());
    let mut socket = connect(server.bound.scim).await;
    tokio::io::AsyncWriteExt::write_all(&mut socket, b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let surface: &TestSurface = &server.scim;
    surface.begun.notified().await;
    drop(socket);
    let metrics = server.metrics.clone();
    surface.release.notify_one();
    // The stop waits for the task, which counts the request at its end.
    server.stop().await;
    assert!(
        metrics
            .render()
            .contains(r#"rosterd_http_requests_total{listener="scim",method="GET",status="2xx"} 1"#)
    );
}

#[tokio::test]
async fn what_is_not_http_is_refused() {
    let server = start(TlsMode::Off, Deadlines::default());
    let mut socket = connect(server.bound.scim).await;
    let answer = exchange(&mut socket, "\x16\x03\x01\x02\x00\r\n\r\n").await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{answer}");
    let mut socket = connect(server.bound.scim).await;
    tokio::io::AsyncWriteExt::shutdown(&mut socket).await.unwrap();
    assert_eq!(read_to_close(&mut socket).await, "");
}
