//! One request: its id, the listener's guard, the handler within its deadline, the log line.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use hyper::body::{Body as _, Incoming};
use tokio::time::timeout;
use tracing::{error, info, warn};

use crate::base::id::RequestId;
use crate::web::{Body, Handler, MatchedRoute, Peer, Request, RequestBody, Response, empty};

use super::catch_panic::CatchPanic;
use super::connection::Serving;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Characters of a path that are logged.
const LOGGED_PATH_CHARS_MAX: usize = 200;

/// Answers one request. What can't be answered at once becomes a task of its own: it goes on when
/// the client hangs up, so that what was begun is finished, recorded and logged. A read waits for
/// nothing, and is spared the way to another thread and back.
pub async fn answer<H: Handler>(
    serving: Arc<Serving>,
    handler: Arc<H>,
    peer: Peer,
    request: http::Request<Incoming>,
) -> Response {
    let mut work = Box::pin(answer_and_log(Arc::clone(&serving), handler, peer, request));
    if let Some(response) = poll_once(&mut work).await {
        return response;
    }
    let work = serving.tracker.spawn(work);
    // The task catches panics itself; it fails only when the runtime is going down.
    work.await.unwrap_or_else(|_| empty(StatusCode::SERVICE_UNAVAILABLE))
}

/// A future's result, if it has nothing to wait for.
async fn poll_once<F: Future>(future: &mut Pin<Box<F>>) -> Option<F::Output> {
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

async fn answer_and_log<H: Handler>(
    serving: Arc<Serving>,
    handler: Arc<H>,
    peer: Peer,
    request: http::Request<Incoming>,
) -> Response {
    let received = Instant::now();
    let id = RequestId::new(serving.clock.now());
    let (head, body) = request.into_parts();
    let method = head.method.clone();
    let path: String = head.uri.path().chars().take(LOGGED_PATH_CHARS_MAX).collect();
    let request = Request::new(id, peer, head, RequestBody::Incoming(body))
        .with_body_deadlines(serving.deadlines.body_idle, serving.deadlines.body_total)
        .with_trusted_proxies(Arc::clone(&serving.trusted_proxies));
    let trace_id = request.trace_id.clone();

    let mut response = handle(&serving, &handler, request).await;
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    response.body_mut().end_on(&serving.stop);
    if method == Method::HEAD {
        drop_body(&mut response);
    }

    let duration = received.elapsed();
    let status = response.status();
    serving.metrics.count_request(serving.listener, &method, status, duration);
    let route = response.extensions().get::<MatchedRoute>().map_or(path.as_str(), |route| route.0);
    info!(
        target: "rosterd::access",
        request_id = %id,
        listener = serving.listener.name(),
        method = method.as_str(),
        path = route,
        status = status.as_u16(),
        duration_ms = (duration.as_secs_f64() * 1e6).round() / 1e3,
        trace_id,
        "request"
    );
    response
}

async fn handle<H: Handler>(serving: &Serving, handler: &Arc<H>, request: Request) -> Response {
    let id = request.id;
    if let Some(guard) = &serving.app_guard
        && let Err(refusal) = guard.check(&request.head)
    {
        return handler.refuse(refusal.status(), refusal.detail());
    }
    // In an async block, so that a panic before the handler's first await is caught too.
    let work = CatchPanic::new(async { handler.handle(request).await });
    tokio::select! {
        result = timeout(serving.deadlines.handler, work) => match result {
            Ok(Ok(response)) => response,
            Ok(Err(_)) => {
                error!(request_id = %id, "a handler panicked");
                handler.refuse(StatusCode::INTERNAL_SERVER_ERROR, "This is a fault of the server; its log names this request")
            }
            Err(_) => {
                warn!(request_id = %id, "a handler took too long and was stopped");
                handler.refuse(StatusCode::SERVICE_UNAVAILABLE, TOO_LONG)
            }
        },
        () = serving.kill.cancelled() => handler.refuse(StatusCode::SERVICE_UNAVAILABLE, TOO_LONG),
    }
}

const TOO_LONG: &str = "The request took too long; whether it was applied is unknown, so send it again";

/// HEAD is answered like GET, without the body and with its length.
fn drop_body(response: &mut Response) {
    if let Some(bytes) = response.body().size_hint().exact()
        && !matches!(response.status(), StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
    {
        response.headers_mut().entry(header::CONTENT_LENGTH).or_insert(HeaderValue::from(bytes));
    }
    *response.body_mut() = Body::from(Bytes::new());
}
