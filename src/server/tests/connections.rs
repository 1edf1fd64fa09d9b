//! Connections that stay silent, dawdle, or are too many.

use std::time::Duration;

use rustls::version::TLS13;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use crate::config::TlsMode;
use crate::server::Deadlines;

use super::harness::{
    GET, LARGE, SHORT, ask, connect, exchange, read_to_close, short_deadlines, start, start_with,
};

#[tokio::test]
async fn silence_is_ended_on_every_listener() {
    let server = start(TlsMode::SelfSigned, short_deadlines());
    for address in [server.bound.scim, server.bound.app.unwrap()] {
        assert_eq!(read_to_close(&mut connect(address).await).await, "");
    }
    for path in [server.bound.app_socket.clone().unwrap(), server.bound.operator_socket.clone()] {
        let mut socket = tokio::net::UnixStream::connect(path).await.unwrap();
        assert_eq!(read_to_close(&mut socket).await, "");
    }
    let mut http1 = server.tls(&["http/1.1"], &TLS13).await;
    assert_eq!(read_to_close(&mut http1).await, "");
    // Here the server begins, with its settings.
    read_to_close(&mut server.tls(&["h2"], &TLS13).await).await;
    let text = server.metrics.render();
    assert!(text.contains(r#"{listener="scim",reason="handshake_timeout"} 1"#), "{text}");
    assert!(text.contains(r#"{listener="operator.sock",reason="silent"} 1"#), "{text}");
}

#[tokio::test]
async fn a_head_that_never_ends_is_ended() {
    let server = start(TlsMode::Off, short_deadlines());
    for part in ["G", "PRI * HT", "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "] {
        let answer = exchange(&mut connect(server.bound.scim).await, part).await;
        assert!(!answer.contains("200"), "{part:?}: {answer}");
    }
    let mut second_head = connect(server.bound.scim).await;
    ask(&mut second_head, GET, "hello").await;
    assert_eq!(exchange(&mut second_head, "GET / HT").await, "");
}

#[tokio::test]
async fn a_head_that_dawdles_on_a_used_connection_is_ended_before_an_idle_one() {
    let deadlines = Deadlines { idle: Duration::from_secs(3_600), ..short_deadlines() };
    let server = start(TlsMode::Off, deadlines);
    let mut socket = connect(server.bound.scim).await;
    ask(&mut socket, GET, "hello").await;
    assert_eq!(exchange(&mut socket, "GET / HT").await, "");
}

#[tokio::test]
async fn an_http2_connection_without_requests_is_ended() {
    let server = start(TlsMode::SelfSigned, short_deadlines());
    let mut socket = server.tls(&["h2"], &TLS13).await;
    socket.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    read_to_close(&mut socket).await;
}

#[tokio::test]
async fn an_idle_connection_is_used_again_until_its_deadline() {
    let deadlines = Deadlines { idle: Duration::from_secs(1), ..short_deadlines() };
    let server = start(TlsMode::Off, deadlines);
    let mut socket = connect(server.bound.scim).await;
    ask(&mut socket, GET, "hello").await;
    ask(&mut socket, GET, "hello").await;
    let start = std::time::Instant::now();
    assert_eq!(read_to_close(&mut socket).await, "");
    let waited = start.elapsed();
    assert!(SHORT * 2 < waited, "closed after {waited:?}, as if it were a new connection");
}

#[tokio::test]
async fn a_connection_takes_no_more_requests_once_it_is_old() {
    let never = Duration::from_secs(3_600);
    let deadlines = Deadlines { age: SHORT, idle: never, headers: never, ..Deadlines::default() };
    let server = start(TlsMode::Off, deadlines);
    let mut socket = connect(server.bound.scim).await;
    ask(&mut socket, GET, "hello").await;
    assert_eq!(read_to_close(&mut socket).await, "");
}

#[tokio::test]
async fn a_body_that_pauses_is_408() {
    let server = start(TlsMode::Off, short_deadlines());
    let head = "POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n12";
    let answer = exchange(&mut connect(server.bound.scim).await, head).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[tokio::test]
async fn a_body_that_trickles_is_408_when_its_time_is_up() {
    let deadlines =
        Deadlines { body_idle: Duration::from_secs(3_600), body_total: SHORT, ..Deadlines::default() };
    let server = start(TlsMode::Off, deadlines);
    let head = "POST /body HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n";
    let mut socket = connect(server.bound.scim).await;
    let answer = ask(&mut socket, head, "\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[tokio::test]
async fn one_address_gets_its_connections_and_no_more() {
    let server = start_with(TlsMode::Off, Deadlines::default(), |config, _| {
        config.server.connections_per_address_max = 2;
    });
    let mut first = connect(server.bound.scim).await;
    ask(&mut first, GET, "hello").await;
    let mut second = connect(server.bound.scim).await;
    ask(&mut second, GET, "hello").await;
    assert_eq!(read_to_close(&mut connect(server.bound.scim).await).await, "");
    assert!(server.metrics.render().contains(r#"{listener="scim",reason="address_limit"} 1"#));
    ask(&mut first, GET, "hello").await;
}

#[tokio::test]
async fn a_trusted_proxy_is_not_bound_by_the_limit_of_one_address() {
    let server = start_with(TlsMode::Off, Deadlines::default(), |config, _| {
        config.server.connections_per_address_max = 1;
        config.scim.behind_proxy = vec!["127.0.0.0/8".parse().unwrap()];
    });
    let mut first = connect(server.bound.scim).await;
    ask(&mut first, GET, "hello").await;
    let request = "GET /peer HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n";
    let answer = ask(&mut connect(server.bound.scim).await, request, "Some(192.0.2.7)").await;
    assert!(answer.contains("Tcp"), "{answer}");
}

#[tokio::test]
async fn the_connection_after_the_last_waits_for_a_place() {
    let server =
        start_with(TlsMode::Off, Deadlines::default(), |config, _| config.server.connections_max = 1);
    let mut first = connect(server.bound.scim).await;
    ask(&mut first, GET, "hello").await;
    let mut second = connect(server.bound.scim).await;
    second.write_all(GET.as_bytes()).await.unwrap();
    let early = timeout(SHORT, second.readable()).await;
    assert!(early.is_err(), "answered although there was no place");
    drop(first);
    ask(&mut second, "", "hello").await;
}

#[tokio::test]
async fn a_response_that_nobody_reads_is_given_up() {
    let server = start(TlsMode::Off, Deadlines { write_stall: SHORT, ..Deadlines::default() });
    let mut socket = connect(server.bound.scim).await;
    ask(&mut socket, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n", "\r\n\r\n").await;
    // The stop would wait for the response for as long as it is under way.
    let (metrics, stop) = (server.metrics.clone(), Deadlines::default().stop);
    let start = std::time::Instant::now();
    server.stop().await;
    assert!(start.elapsed() < stop, "the response was not given up");
    assert!(metrics.render().contains(r#"rosterd_http_connections_open{listener="scim"} 0"#));
    assert!(read_to_close(&mut socket).await.len() < LARGE);
}

#[tokio::test]
async fn a_response_that_is_read_slowly_is_whole_even_when_the_server_stops() {
    let server = start(TlsMode::Off, Deadlines { closing: Duration::from_millis(1), ..Deadlines::default() });
    let mut socket = connect(server.bound.scim).await;
    let head = ask(&mut socket, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n", "\r\n\r\n").await;
    assert!(head.contains(&format!("content-length: {LARGE}")), "{head}");
    server.shutdown.cancel();
    // By the time that this is refused the server is stopping.
    assert_eq!(read_to_close(&mut connect_or_closed(server.bound.scim).await).await, "");
    assert_eq!(read_to_close(&mut socket).await.len(), LARGE);
    server.stop().await;
}

/// A connection, or in its place nothing when it is refused.
async fn connect_or_closed(address: std::net::SocketAddr) -> Box<dyn tokio::io::AsyncRead + Unpin> {
    match tokio::net::TcpStream::connect(address).await {
        Ok(stream) => Box::new(stream),
        Err(_) => Box::new(tokio::io::empty()),
    }
}
