//! Reads a request's body, bounded in size and time.

use std::fmt;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, header};
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use tokio::time::{Instant, timeout_at};

use crate::base::limits;

/// Why a body was not read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodyError {
    /// More bytes than the route takes: 413.
    TooLarge { bytes_max: usize },
    /// It paused or took too long: 408.
    TimedOut,
    /// The connection ended inside it, or its framing is wrong: 400.
    Broken,
    /// It has a Content-Encoding; compressed bodies are not taken: 415.
    Encoded,
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { bytes_max } => {
                write!(f, "the body is larger than {bytes_max} bytes; send it in smaller parts")
            }
            Self::TimedOut => f.write_str("the body did not arrive in time"),
            Self::Broken => f.write_str("the body broke off before its end"),
            Self::Encoded => f.write_str("send the body without Content-Encoding"),
        }
    }
}

impl std::error::Error for BodyError {}

/// How long a body may pause, and take altogether.
#[derive(Debug, Clone, Copy)]
pub(super) struct BodyDeadlines {
    pub(super) idle: Duration,
    pub(super) total: Duration,
}

impl Default for BodyDeadlines {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(limits::BODY_IDLE_SECS_MAX),
            total: Duration::from_secs(limits::BODY_SECS_MAX),
        }
    }
}

/// Whether the body is compressed, which we refuse: a small body could then become a huge one.
pub(super) fn is_encoded(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .any(|value| !value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity"))
}

pub(super) async fn read(
    mut body: Incoming,
    bytes_max: usize,
    deadlines: BodyDeadlines,
) -> Result<Bytes, BodyError> {
    let too_large = BodyError::TooLarge { bytes_max };
    // Refused by its announced length before a byte is read, so a client that waits for
    // "100 Continue" never sends it.
    if body.size_hint().lower() > u64::try_from(bytes_max).unwrap_or(u64::MAX) {
        return Err(too_large);
    }
    let end = Instant::now() + deadlines.total;
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    loop {
        let deadline = end.min(Instant::now() + deadlines.idle);
        let Ok(frame) = timeout_at(deadline, body.frame()).await else { return Err(BodyError::TimedOut) };
        let Some(frame) = frame else { break };
        let Ok(piece) = frame.map_err(|_| BodyError::Broken)?.into_data() else { continue };
        if first.len() + rest.len() + piece.len() > bytes_max {
            return Err(too_large);
        }
        // Most bodies come in one piece, which then needs no copy.
        if first.is_empty() {
            first = piece;
        } else {
            rest.extend_from_slice(&piece);
        }
    }
    if rest.is_empty() {
        return Ok(first);
    }
    let mut whole = BytesMut::with_capacity(first.len() + rest.len());
    whole.extend_from_slice(&first);
    whole.extend_from_slice(&rest);
    Ok(whole.freeze())
}
