//! One connection: HTTP on it, and the watchdog that ends it.

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::sync::Arc;

use bytes::Bytes;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::base::limits;
use crate::base::time::Clock;
use crate::config::Network;
use crate::web::metrics::{Listener, Metrics};
use crate::web::response::BrokenOff;
use crate::web::{Body, Handler, Peer};

use super::Deadlines;
use super::activity::{Activity, OpenRequest, Protocol, Waiting};
use super::app_guard::AppGuard;
use super::request::answer;
use super::watched::Watched;

/// What all connections of one listener share.
#[derive(Debug)]
pub struct Serving {
    pub listener: Listener,
    /// Over TCP on the app's listener alone.
    pub app_guard: Option<AppGuard>,
    pub deadlines: Deadlines,
    pub clock: Clock,
    pub metrics: Arc<Metrics>,
    pub trusted_proxies: Arc<[Network]>,
    /// Take nothing new, finish what is under way.
    pub stop: CancellationToken,
    /// Give up.
    pub kill: CancellationToken,
    pub tracker: TaskTracker,
}

/// Serves a connection to its end.
pub async fn serve<H: Handler>(
    serving: Arc<Serving>,
    handler: Arc<H>,
    socket: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: Peer,
    protocol: Protocol,
) {
    let open = serving.metrics.connections_open(serving.listener);
    open.inc();
    let activity = Activity::new(protocol);
    let io = TokioIo::new(Watched::new(socket, Arc::clone(&activity), serving.deadlines.write_stall));
    let service = {
        let (serving, activity) = (Arc::clone(&serving), Arc::clone(&activity));
        service_fn(move |request: http::Request<Incoming>| {
            let open_request = activity.begin_request();
            let answer = answer(Arc::clone(&serving), Arc::clone(&handler), peer, request);
            async move {
                let response = answer.await;
                Ok::<_, Infallible>(response.map(|body| OpenBody { body, _open_request: open_request }))
            }
        })
    };
    match protocol {
        Protocol::Http1 => {
            let connection = http1_builder(&serving.deadlines).serve_connection(io, service);
            watch(connection, &activity, &serving).await;
        }
        Protocol::Http2 => {
            let connection = http2_builder().serve_connection(io, service);
            watch(connection, &activity, &serving).await;
        }
    }
    open.dec();
}

fn http1_builder(deadlines: &Deadlines) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        // A second line only. The first is the watchdog, which tells a head that dawdles from a
        // connection that rests.
        .header_read_timeout(deadlines.idle + deadlines.headers)
        .max_headers(limits::HEADER_FIELDS_MAX)
        .max_header_size(limits::HEADER_BYTES_MAX)
        .max_buf_size(2 * limits::HEADER_BYTES_MAX);
    builder
}

fn http2_builder() -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits::HTTP2_STREAMS_MAX)
        .max_header_list_size(limits::HTTP2_HEADER_BYTES_MAX)
        .max_pending_accept_reset_streams(limits::HTTP2_PENDING_RESETS_MAX)
        // Refused streams count too: too few would end an honest client that opens many at once.
        .max_local_error_reset_streams(limits::HTTP2_LOCAL_RESETS_MAX)
        .initial_stream_window_size(256 * 1024)
        .initial_connection_window_size(1024 * 1024)
        .max_frame_size(16 * 1024)
        .max_send_buf_size(64 * 1024)
        .keep_alive_interval(std::time::Duration::from_secs(20))
        .keep_alive_timeout(std::time::Duration::from_secs(10));
    builder
}

/// Drives a connection until it ends by itself, or one of its deadlines or the server ends it.
async fn watch<C: GracefulConnection>(connection: C, activity: &Activity, serving: &Serving) {
    let deadlines = &serving.deadlines;
    let mut connection = pin!(connection);
    let old = Instant::now() + deadlines.age;
    let mut is_closing = false;
    let mut cut_off = None;
    loop {
        let now = Instant::now();
        let waiting = activity.waiting(deadlines);
        let close = match waiting {
            Waiting::Head { until } if until <= now => break count_silent(serving),
            Waiting::Idle { until } if until <= now && is_closing => break,
            Waiting::Idle { until } => until <= now,
            Waiting::Head { .. } | Waiting::Request => false,
        };
        let is_old = old <= now && !is_closing;
        if (close || is_old || serving.stop.is_cancelled()) && !is_closing {
            is_closing = true;
            connection.as_mut().graceful_shutdown();
            cut_off = if is_old { deadlines.age_grace.map(|grace| now + grace) } else { None };
        }
        // Whoever doesn't hang up once told to has nothing under way any more.
        if is_closing && waiting != Waiting::Request {
            cut_off = Some(cut_off.unwrap_or(now + deadlines.closing).min(now + deadlines.closing));
        }
        if cut_off.is_some_and(|moment| moment <= now) {
            break;
        }
        // A deadline that begins after this look lies at least so far off, so none is missed.
        let mut look_again = now + deadlines.headers.min(deadlines.idle);
        if let Waiting::Head { until } | Waiting::Idle { until } = waiting {
            look_again = look_again.min(until);
        }
        if is_closing {
            look_again = look_again.min(cut_off.unwrap_or(look_again)).min(now + deadlines.closing);
        } else {
            look_again = look_again.min(old);
        }
        tokio::select! {
            _ = connection.as_mut() => break,
            () = serving.kill.cancelled() => break,
            () = serving.stop.cancelled(), if !is_closing => {}
            () = sleep_until(look_again) => {}
        }
    }
}

fn count_silent(serving: &Serving) {
    serving.metrics.count_refused_connection(serving.listener, "silent");
}

/// A response's body, which keeps its request open until it is sent.
struct OpenBody {
    body: Body,
    _open_request: OpenRequest,
}

impl hyper::body::Body for OpenBody {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
