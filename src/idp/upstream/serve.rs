//! The sockets of an upstream: on loopback alone, bounded in connections and in what they may send.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::base::limits::{IDP_UPSTREAM_BODY_BYTES_MAX, IDP_UPSTREAM_CONNECTIONS_MAX};
use crate::web::query::{decode_segment, query_pairs};

use super::Shared;
use super::answer::{Answer, AnswerBody, Manner};
use super::control;
use super::request::Request;

/// Accepts until told to stop.
pub async fn serve(listener: TcpListener, shared: Arc<Shared>, stop: CancellationToken) {
    let permits = Arc::new(Semaphore::new(IDP_UPSTREAM_CONNECTIONS_MAX));
    loop {
        // Taken before accept: a connection too many waits in the system's queue.
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else { continue };
        let (shared, stop) = (Arc::clone(&shared), stop.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                // A connection that ends badly is the client's doing, or a fault that was asked for.
                _ = connection(stream, &shared) => {}
            }
            drop(permit);
        });
    }
}

async fn connection(stream: TcpStream, shared: &Arc<Shared>) -> Result<(), hyper::Error> {
    let service = service_fn(|request: http::Request<Incoming>| async move {
        Ok::<http::Response<AnswerBody>, Infallible>(respond(request, shared).await)
    });
    http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await
}

async fn respond(request: http::Request<Incoming>, shared: &Shared) -> http::Response<AnswerBody> {
    let answer = match read(request).await {
        Ok(request) if is_control(&request.path) => {
            shared.with(|customer| control::answer(customer, &request))
        }
        Ok(request) => {
            let answer = shared.with(|customer| customer.answer(&request));
            shared.changed.notify_one();
            answer
        }
        Err(error) => Answer::new(413, "text/plain", format!("{error}\n").into_bytes()),
    };
    if answer.manner == Manner::Never {
        std::future::pending::<()>().await;
    }
    answer.into_response()
}

fn is_control(path: &str) -> bool {
    path.strip_prefix(control::PATH).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

async fn read(request: http::Request<Incoming>) -> io::Result<Request> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, IDP_UPSTREAM_BODY_BYTES_MAX).collect().await.map_err(io::Error::other)?;
    let query = query_pairs(head.uri.query().unwrap_or_default()).map_err(io::Error::other)?;
    let path = decode_segment(head.uri.path());
    Ok(Request {
        method: head.method.as_str().to_owned(),
        path: path.unwrap_or_default(),
        query,
        headers: head.headers,
        body: body.to_bytes(),
    })
}
