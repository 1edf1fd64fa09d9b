//! What an upstream answers: a status, headers, and a body that may be endless, slow or cut off.

use std::convert::Infallible;
use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use http_body_util::Full;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::{Body, Frame, SizeHint};
use serde_json::Value;
use tokio::time::Sleep;

/// The body of an answer.
pub type AnswerBody = UnsyncBoxBody<Bytes, io::Error>;

/// What an endless body goes on for.
const ENDLESS_BYTES: u64 = 10_000_000_000;
const PIECE_BYTES: usize = 64 * 1024;
/// The pace of a slow body.
const TRICKLE_BYTES: usize = 16;
const TRICKLE_PAUSE: Duration = Duration::from_secs(1);

/// An answer before it is sent, so that a fault can still change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub content_type: &'static str,
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
    pub manner: Manner,
    /// No page of this listing comes after it.
    pub ends_listing: bool,
}

/// How the body is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    Whole,
    /// Nothing is sent, not even a status.
    Never,
    /// Half, then silence.
    HalfThenSilence,
    /// Half, then the connection is closed.
    HalfThenClosed,
    Trickle,
    /// The first half, and then white space and rows without end.
    Endless,
}

impl Answer {
    pub fn json(status: u16, value: &Value) -> Self {
        Self::new(status, "application/json; charset=UTF-8", value.to_string().into_bytes())
    }

    pub fn new(status: u16, content_type: &'static str, body: Vec<u8>) -> Self {
        Self {
            status,
            content_type,
            headers: Vec::new(),
            body: body.into(),
            manner: Manner::Whole,
            ends_listing: true,
        }
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    #[must_use]
    pub fn manner(mut self, manner: Manner) -> Self {
        self.manner = manner;
        self
    }

    /// The first half of the body alone.
    #[must_use]
    pub fn halved(mut self) -> Self {
        self.body = self.body.slice(..self.body.len() / 2);
        self
    }

    /// The answer as hyper sends it.
    pub fn into_response(self) -> http::Response<AnswerBody> {
        let half = self.body.slice(..self.body.len() / 2);
        let body = match self.manner {
            Manner::Whole | Manner::Never => whole(self.body.clone()),
            Manner::HalfThenSilence => Odd { left: half, then: Then::Silence }.boxed_unsync(),
            Manner::HalfThenClosed => Odd { left: half, then: Then::Failure }.boxed_unsync(),
            Manner::Trickle => Slow::new(self.body.clone()).boxed_unsync(),
            Manner::Endless => {
                let then = Then::More { piece: Bytes::from(vec![b' '; PIECE_BYTES]), bytes: ENDLESS_BYTES };
                Odd { left: half, then }.boxed_unsync()
            }
        };
        let mut response = http::Response::new(body);
        *response.status_mut() =
            http::StatusCode::from_u16(self.status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
        let headers = self.headers.iter().map(|(name, value)| (*name, value.as_str()));
        for (name, value) in headers.chain([("content-type", self.content_type)]) {
            if let Ok(value) = http::HeaderValue::from_str(value)
                && !value.is_empty()
            {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

fn whole(bytes: Bytes) -> AnswerBody {
    let never = |error: Infallible| -> io::Error { match error {} };
    Full::new(bytes).map_err(never).boxed_unsync()
}

/// A body that begins well.
struct Odd {
    left: Bytes,
    then: Then,
}

enum Then {
    Silence,
    Failure,
    More { piece: Bytes, bytes: u64 },
}

impl Body for Odd {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if !self.left.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.left)))));
        }
        match &mut self.then {
            // Nobody wakes it: the connection ends when the other side gives up.
            Then::Silence => Poll::Pending,
            Then::Failure => Poll::Ready(Some(Err(io::Error::other("cut off on command")))),
            Then::More { bytes: 0, .. } => Poll::Ready(None),
            Then::More { piece, bytes } => {
                *bytes = bytes.saturating_sub(piece.len() as u64);
                Poll::Ready(Some(Ok(Frame::data(piece.clone()))))
            }
        }
    }
}

/// A body that comes a few bytes at a time.
struct Slow {
    left: Bytes,
    pause: Pin<Box<Sleep>>,
}

impl Slow {
    fn new(left: Bytes) -> Self {
        Self { left, pause: Box::pin(tokio::time::sleep(TRICKLE_PAUSE)) }
    }
}

impl Body for Slow {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.left.is_empty() {
            return Poll::Ready(None);
        }
        if self.pause.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        self.pause = Box::pin(tokio::time::sleep(TRICKLE_PAUSE));
        let bytes = self.left.len().min(TRICKLE_BYTES);
        Poll::Ready(Some(Ok(Frame::data(self.left.split_to(bytes)))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left.len() as u64)
    }
}

/// An entity tag of these bytes, quotes included.
pub fn etag_of(bytes: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA256, bytes);
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(&digest.as_ref()[..18]))
}
