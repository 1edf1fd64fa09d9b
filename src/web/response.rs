//! Responses: whole bodies, no body, and streams that wait for a slow reader.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use hyper::body::{Frame, SizeHint};
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use crate::base::limits;

/// A response of any surface.
pub type Response = http::Response<Body>;

/// Put into a response's extensions by a surface: the route's pattern, for the log and the metrics.
#[derive(Debug, Clone, Copy)]
pub struct MatchedRoute(pub &'static str);

/// What a response's body is.
pub struct Body(Kind);

enum Kind {
    Full(Bytes),
    Stream {
        pieces: mpsc::Receiver<Piece>,
        /// An endless stream is whole wherever it stops; a finite one only after [`Piece::End`].
        is_endless: bool,
        stopped: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    },
}

enum Piece {
    Bytes(Bytes),
    End,
}

/// A response with a body.
pub fn response(status: StatusCode, content_type: &'static str, bytes: impl Into<Bytes>) -> Response {
    let mut response = Response::new(Body(Kind::Full(bytes.into())));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// A response without a body.
pub fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body(Kind::Full(Bytes::new())));
    *response.status_mut() = status;
    response
}

/// A response of finite length that is sent as it is made, such as an export. It must end with
/// [`StreamSender::finish`]: a sender that is dropped before breaks the connection off, so that the
/// reader never takes a part for the whole.
pub fn stream(status: StatusCode, content_type: &'static str) -> (StreamSender, Response) {
    new_stream(status, content_type, false)
}

/// A response without an end of its own, such as server-sent events. It ends when the sender is
/// dropped or the server stops.
pub fn endless_stream(status: StatusCode, content_type: &'static str) -> (StreamSender, Response) {
    new_stream(status, content_type, true)
}

fn new_stream(status: StatusCode, content_type: &'static str, is_endless: bool) -> (StreamSender, Response) {
    let (sender, pieces) = mpsc::channel(limits::STREAM_PIECES_QUEUED_MAX);
    let mut response = response(status, content_type, Bytes::new());
    *response.body_mut() = Body(Kind::Stream { pieces, is_endless, stopped: None });
    (StreamSender { pieces: sender }, response)
}

/// The writing end of a stream.
#[derive(Debug)]
pub struct StreamSender {
    pieces: mpsc::Sender<Piece>,
}

/// The reader has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReaderGone;

impl StreamSender {
    /// Sends a piece; waits while the reader is slow.
    ///
    /// # Errors
    ///
    /// [`ReaderGone`]: stop producing.
    pub async fn send(&self, bytes: impl Into<Bytes>) -> Result<(), ReaderGone> {
        self.pieces.send(Piece::Bytes(bytes.into())).await.map_err(|_| ReaderGone)
    }

    /// Sends a piece from a thread that may block.
    ///
    /// # Errors
    ///
    /// [`ReaderGone`]: stop producing.
    pub fn blocking_send(&self, bytes: impl Into<Bytes>) -> Result<(), ReaderGone> {
        self.pieces.blocking_send(Piece::Bytes(bytes.into())).map_err(|_| ReaderGone)
    }

    /// Says that the stream is whole.
    ///
    /// # Errors
    ///
    /// [`ReaderGone`]: it was not read to its end.
    pub async fn finish(self) -> Result<(), ReaderGone> {
        self.pieces.send(Piece::End).await.map_err(|_| ReaderGone)
    }

    /// Says from a thread that may block that the stream is whole.
    ///
    /// # Errors
    ///
    /// [`ReaderGone`]: it was not read to its end.
    pub fn blocking_finish(self) -> Result<(), ReaderGone> {
        self.pieces.blocking_send(Piece::End).map_err(|_| ReaderGone)
    }

    /// Waits until the reader has gone.
    pub async fn closed(&self) {
        self.pieces.closed().await;
    }
}

impl Body {
    /// The bytes of a body that is not a stream; for tests and for the request record.
    pub fn bytes(&self) -> Option<&Bytes> {
        match &self.0 {
            Kind::Full(bytes) => Some(bytes),
            Kind::Stream { .. } => None,
        }
    }

    /// Ends an endless stream when the token is cancelled; a finite one goes on to its end.
    pub fn end_on(&mut self, token: &CancellationToken) {
        match &mut self.0 {
            Kind::Stream { is_endless: true, stopped, .. } => {
                *stopped = Some(Box::pin(token.clone().cancelled_owned()));
            }
            Kind::Stream { .. } | Kind::Full(_) => {}
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(Kind::Full(bytes))
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Full(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            Kind::Stream { .. } => f.write_str("Body(stream)"),
        }
    }
}

/// A finite stream whose sender went away before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrokenOff;

impl fmt::Display for BrokenOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the response broke off before its end")
    }
}

impl std::error::Error for BrokenOff {}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        match &mut self.get_mut().0 {
            Kind::Full(bytes) if bytes.is_empty() => Poll::Ready(None),
            Kind::Full(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Kind::Stream { pieces, is_endless, stopped } => {
                if let Some(stopped) = stopped
                    && stopped.as_mut().poll(context).is_ready()
                {
                    return Poll::Ready(None);
                }
                pieces.poll_recv(context).map(|piece| match piece {
                    Some(Piece::Bytes(bytes)) => Some(Ok(Frame::data(bytes))),
                    Some(Piece::End) => None,
                    None if *is_endless => None,
                    None => Some(Err(BrokenOff)),
                })
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Full(bytes) => bytes.is_empty(),
            Kind::Stream { .. } => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Full(bytes) => SizeHint::with_exact(u64::try_from(bytes.len()).unwrap_or(u64::MAX)),
            Kind::Stream { .. } => SizeHint::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn a_finished_stream_is_whole_and_a_dropped_one_is_an_error() {
        let (sender, response) = stream(StatusCode::OK, "application/x-ndjson");
        sender.send("a").await.unwrap();
        sender.send("b").await.unwrap();
        sender.finish().await.unwrap();
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "ab");

        let (sender, response) = stream(StatusCode::OK, "application/x-ndjson");
        sender.send("a").await.unwrap();
        drop(sender);
        assert_eq!(response.into_body().collect().await.map(|_| ()), Err(BrokenOff));
    }

    #[tokio::test]
    async fn an_endless_stream_ends_when_the_server_stops() {
        let (sender, mut response) = endless_stream(StatusCode::OK, "text/event-stream");
        let stop = CancellationToken::new();
        response.body_mut().end_on(&stop);
        stop.cancel();
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "");
        assert_eq!(sender.send("late").await, Err(ReaderGone));
    }

    #[tokio::test]
    async fn a_sender_waits_for_a_slow_reader() {
        let (sender, response) = endless_stream(StatusCode::OK, "text/event-stream");
        for _ in 0..limits::STREAM_PIECES_QUEUED_MAX {
            sender.send("x").await.unwrap();
        }
        let mut one_more = tokio_test_pending(sender.send("x"));
        assert!(one_more.is_pending());
        drop(response);
        one_more = tokio_test_pending(sender.send("x"));
        assert_eq!(one_more, Poll::Ready(Err(ReaderGone)));
    }

    fn tokio_test_pending<F: Future>(future: F) -> Poll<F::Output> {
        let mut future = std::pin::pin!(future);
        future.as_mut().poll(&mut Context::from_waker(std::task::Waker::noop()))
    }
}
