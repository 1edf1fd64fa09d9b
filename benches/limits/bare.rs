//! A hyper server that does nothing but answer, to compare reads with.

use std::convert::Infallible;
use std::io::{self, Read};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};

const ANSWER_BYTES: usize = 1_000;

/// Prints the address and serves until stdin ends.
pub fn run() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    println!("http://{}", listener.local_addr()?);
    runtime.spawn(accept(listener));
    io::stdin().read_to_end(&mut Vec::new()).map(|_| ())
}

async fn accept(listener: TcpListener) {
    let answer = Bytes::from(format!("{{\"id\":\"{}\"}}", "x".repeat(ANSWER_BYTES)));
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, answer.clone()));
    }
}

async fn serve(stream: TcpStream, answer: Bytes) {
    let service = service_fn(move |_: Request<Incoming>| {
        let answer = answer.clone();
        async move {
            let mut response = Response::new(Full::new(answer));
            let kind = http::HeaderValue::from_static("application/scim+json");
            response.headers_mut().insert(http::header::CONTENT_TYPE, kind);
            Ok::<_, Infallible>(response)
        }
    });
    if stream.set_nodelay(true).is_ok() {
        let served =
            http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
        served.await.unwrap_or_default();
    }
}
