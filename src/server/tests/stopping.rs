//! Graceful stop: nothing new, what is under way finishes, what doesn't finish is cut off.

use rustls::version::TLS13;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::config::TlsMode;
use crate::server::Deadlines;

use super::harness::{GET, SHORT, ask, connect, read_to_close, read_until, start};

#[tokio::test]
async fn requests_under_way_finish_and_new_connections_are_refused() {
    let server = start(TlsMode::Off, Deadlines::default());
    let mut socket = connect(server.bound.scim).await;
    socket.write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    server.scim.begun.notified().await;
    let mut silent = connect(server.bound.scim).await;
    let mut idle = connect(server.bound.scim).await;
    ask(&mut idle, GET, "hello").await;

    server.shutdown.cancel();
    assert_eq!(read_to_close(&mut idle).await, "");
    assert_eq!(read_to_close(&mut silent).await, "");
    assert!(TcpStream::connect(server.bound.scim).await.is_err());
    assert!(!server.bound.operator_socket.exists());
    server.scim.release.notify_one();
    read_until(&mut socket, "slow").await;
    server.stop().await;
}

#[tokio::test]
async fn what_does_not_finish_is_cut_off() {
    let server = start(TlsMode::Off, Deadlines { stop: SHORT, ..Deadlines::default() });
    let mut socket = connect(server.bound.scim).await;
    socket.write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    server.scim.begun.notified().await;
    server.stop().await;
    let answer = read_to_close(&mut socket).await;
    assert!(!answer.contains("200"), "{answer}");
}

#[tokio::test]
async fn endless_streams_end_with_the_server() {
    let server = start(TlsMode::Off, Deadlines::default());
    let mut socket = connect(server.bound.app.unwrap()).await;
    ask(&mut socket, "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n", "data: 1\n\n\r\n").await;
    server.shutdown.cancel();
    assert_eq!(read_to_close(&mut socket).await, "0\r\n\r\n");
    server.stop().await;
}

#[tokio::test]
async fn idle_http2_and_half_open_tls_connections_do_not_hold_a_stop_up() {
    let server = start(TlsMode::SelfSigned, Deadlines::default());
    let mut idle = server.tls(&["h2"], &TLS13).await;
    idle.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let mut half_open = connect(server.bound.scim).await;
    half_open.write_all(b"\x16\x03\x01").await.unwrap();
    let start = std::time::Instant::now();
    server.stop().await;
    assert!(start.elapsed() < Deadlines::default().stop, "the stop was held up");
}
