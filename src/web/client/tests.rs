//! The client against small servers in this process.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// Answers every connection with these bytes, after reading the head of a request; then waits or ends.
async fn server(answer: Vec<u8>, ends: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    let mut byte = [0];
                    match stream.read(&mut byte).await {
                        Ok(1) => head.push(byte[0]),
                        _ => return,
                    }
                }
                if stream.write_all(&answer).await.is_ok() && !ends {
                    // Held open: the client's own deadline ends it.
                    let _ = stream.read(&mut [0]).await;
                }
            });
        }
    });
    format!("http://{address}")
}

fn client() -> Client {
    let allowed = Allowed { loopback: true, ..Allowed::default() };
    Client::new(&ClientOptions { allowed, ca_file: None }).expect("a client")
}

#[tokio::test]
async fn an_answer_is_read_whole() {
    let url = server(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello".to_vec(), false).await;
    let answer = client().ask(Ask::get(url)).await.expect("an answer");
    assert_eq!((answer.status, &answer.body[..]), (StatusCode::OK, &b"hello"[..]));
}

#[tokio::test]
async fn loopback_is_not_reached_unless_it_is_allowed() {
    let url = server(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec(), false).await;
    let port = url.rsplit_once(':').expect("a port").1.to_owned();
    let guarded = Client::new(&ClientOptions::default()).expect("a client");
    for host in ["127.0.0.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"] {
        let refused = guarded.ask(Ask::get(format!("http://{host}:{port}/"))).await.expect_err("refused");
        assert!(refused.to_string().contains("private or local"), "{host}: {refused}");
    }
    assert!(client().ask(Ask::get(url)).await.is_ok(), "the control: allowed, it is reached");
}

#[tokio::test]
async fn without_tls_only_what_the_operator_named_is_asked() {
    let refused = client().ask(Ask::get("http://8.8.8.8/")).await.expect_err("refused");
    assert!(refused.to_string().contains("only reached by https"), "{refused}");
}

#[tokio::test]
async fn an_answer_is_read_up_to_the_limit_and_refused_beyond() {
    let url = server(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n0123456789".to_vec(), false).await;
    let ask = |answer_bytes_max| Ask { answer_bytes_max, ..Ask::get(url.clone()) };
    assert!(client().ask(ask(10)).await.is_ok());
    assert_eq!(client().ask(ask(9)).await.expect_err("too long"), ClientError::TooLarge { bytes_max: 9 });
}

#[tokio::test]
async fn an_answer_that_ends_early_is_broken_and_one_that_stalls_times_out() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n01234".to_vec();
    let cut = client().ask(Ask::get(server(half.clone(), true).await)).await;
    assert_eq!(cut.expect_err("cut"), ClientError::Broken);
    let ask = Ask { within: Duration::from_millis(200), ..Ask::get(server(half, false).await) };
    assert_eq!(client().ask(ask).await.expect_err("stalled"), ClientError::TimedOut);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let moved = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n".to_vec();
    let answer = client().ask(Ask::get(server(moved, false).await)).await.expect("an answer");
    assert_eq!(answer.status, StatusCode::FOUND);
}

#[tokio::test]
async fn what_is_no_url_is_said_to_be_none() {
    for url in
        ["", "example.com", "ftp://example.com/", "https://user:pass@example.com/", "file:///etc/passwd"]
    {
        let refused = client().ask(Ask::get(url)).await.expect_err("refused");
        assert!(matches!(refused, ClientError::Url(_)), "{url}: {refused}");
    }
}
