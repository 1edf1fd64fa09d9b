//! The client against servers that are too slow, too large or gone.

use std::time::Duration;

use http::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::base::limits;

use super::{BaseUrl, Client, Failure, Request};

fn request() -> Request {
    Request {
        method: Method::GET,
        path: "/Users".to_owned(),
        headers: vec![("Accept", "application/scim+json".to_owned())],
        body: None,
        answer_within: Duration::from_secs(60),
    }
}

/// A server that answers each connection's first request with so many bytes, and then closes it.
async fn server(bytes: usize) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = BaseUrl::parse(&format!("http://{}/scim", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked).await;
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {bytes}\r\n\r\n");
            let _ = stream.write_all(head.as_bytes()).await;
            let _ = stream.write_all(&vec![b' '; bytes]).await;
        }
    });
    Client::new(base, None).unwrap()
}

#[tokio::test]
async fn an_answer_is_read_up_to_the_limit_and_refused_beyond() {
    let most = limits::IDP_ANSWER_BYTES_MAX;
    let reply = server(most).await.send(&request()).await.unwrap();
    assert_eq!((reply.status, reply.body.len()), (200, most));
    assert_eq!(server(most + 1).await.send(&request()).await.unwrap_err(), Failure::TooLarge);
}

#[tokio::test]
async fn a_connection_that_was_closed_in_between_is_opened_again() {
    let client = server(2).await;
    for _ in 0..3 {
        // The server closes after each answer; whether the client has noticed must not matter to a GET.
        let outcome = client.send(&request()).await;
        assert!(matches!(outcome, Ok(_) | Err(Failure::Lost(_))), "{outcome:?}");
    }
}

#[tokio::test]
async fn nobody_there_is_told_from_no_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = BaseUrl::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let client = Client::new(base, None).unwrap();
    let accepting = tokio::spawn(async move { drop(listener.accept().await) });
    assert!(matches!(client.send(&request()).await, Err(Failure::Lost(_))));
    accepting.await.unwrap();
    assert!(matches!(client.send(&request()).await, Err(Failure::NotReached(_))));
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_never_ready_is_given_up_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(&ca, certificate.cert.pem()).unwrap();
    // It takes the connection and never says a word of TLS.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = BaseUrl::parse(&format!("https://{}", listener.local_addr().unwrap())).unwrap();
    let began = Instant::now();
    let outcome = Client::new(base, Some(ca)).unwrap().send(&request()).await;
    assert!(matches!(outcome, Err(Failure::NotReached(_))), "{outcome:?}");
    let took = began.elapsed().as_secs();
    assert!((limits::IDP_CONNECT_SECS_MAX..limits::IDP_CONNECT_SECS_MAX + 2).contains(&took), "{took} s");
}

#[test]
fn certificates_to_trust_must_be_there() {
    let base = || BaseUrl::parse("https://localhost").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    assert!(Client::new(base(), Some(empty)).is_err_and(|words| words.contains("empty.pem")));
    assert!(Client::new(base(), Some(folder.path().join("none.pem"))).is_err());
}
