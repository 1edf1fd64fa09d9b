//! The HTTP client of the fake providers: HTTP/1.1 with connections kept alive, TLS for https, no redirects.

mod connect;
#[cfg(test)]
mod tests;
mod url;

use std::fmt;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::client::conn::http1::SendRequest;
use tokio::time::timeout;

use crate::base::limits;

use connect::Connector;
pub use url::{BaseUrl, Spaces, encoded, equals};

type Sender = SendRequest<Full<Bytes>>;

/// One request, headers in the order in which they are sent.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: Method,
    /// Appended to the base URL as it is.
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Option<String>,
    pub answer_within: Duration,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// Why nothing, or not all, came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// No connection: the request was certainly not seen.
    NotReached(String),
    /// The connection ended, or was silent for too long, after the request went out: it may have been done.
    Lost(String),
    TooLarge,
    /// The request can't be written down: a token with a line end.
    Impossible(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotReached(reason) => write!(f, "no connection: {reason}"),
            Self::Lost(reason) => write!(f, "the answer did not arrive: {reason}"),
            Self::TooLarge => write!(f, "an answer of more than {} bytes", limits::IDP_ANSWER_BYTES_MAX),
            Self::Impossible(reason) => write!(f, "no valid request: {reason}"),
        }
    }
}

/// Connections to one SCIM server.
pub struct Client {
    base: BaseUrl,
    connector: Connector,
    idle: Mutex<Vec<Sender>>,
}

impl Client {
    /// # Errors
    ///
    /// When a certificate to be trusted can't be read, in words for the user.
    pub fn new(base: BaseUrl, ca: Option<PathBuf>) -> Result<Self, String> {
        let connector = Connector::new(&base, ca)?;
        Ok(Self { base, connector, idle: Mutex::new(Vec::new()) })
    }

    pub fn base(&self) -> &BaseUrl {
        &self.base
    }

    /// Sends it once.
    ///
    /// # Errors
    ///
    /// [`Failure`]; any status is an answer.
    pub async fn send(&self, request: &Request) -> Result<Reply, Failure> {
        match timeout(request.answer_within, self.exchange(request)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Failure::Lost(format!("nothing within {:?}", request.answer_within))),
        }
    }

    async fn exchange(&self, request: &Request) -> Result<Reply, Failure> {
        loop {
            let (mut sender, is_fresh) = match self.idle().await {
                Some(sender) => (sender, false),
                None => (self.connector.open(&self.base).await?, true),
            };
            match sender.send_request(self.written(request)?).await {
                Ok(answer) => {
                    let (head, body) = answer.into_parts();
                    let body = match Limited::new(body, limits::IDP_ANSWER_BYTES_MAX).collect().await {
                        Ok(body) => body.to_bytes(),
                        Err(error) if error.is::<LengthLimitError>() => return Err(Failure::TooLarge),
                        Err(error) => return Err(Failure::Lost(error.to_string())),
                    };
                    self.keep(sender);
                    return Ok(Reply { status: head.status.as_u16(), headers: head.headers, body });
                }
                // The kept connection had ended before the request was written.
                Err(error) if error.is_canceled() && !is_fresh => {}
                Err(error) => return Err(Failure::Lost(error.to_string())),
            }
        }
    }

    fn written(&self, request: &Request) -> Result<http::Request<Full<Bytes>>, Failure> {
        let mut builder = http::Request::builder()
            .method(request.method.clone())
            .uri(format!("{}{}", self.base.path(), request.path))
            .header(header::HOST, self.base.authority());
        for (name, value) in &request.headers {
            builder = builder.header(*name, value.as_bytes());
        }
        let body =
            request.body.as_ref().map(|body| Bytes::copy_from_slice(body.as_bytes())).unwrap_or_default();
        builder.body(Full::new(body)).map_err(|error| Failure::Impossible(error.to_string()))
    }

    async fn idle(&self) -> Option<Sender> {
        loop {
            let mut sender = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
            if !sender.is_closed() && sender.ready().await.is_ok() {
                return Some(sender);
            }
        }
    }

    fn keep(&self, sender: Sender) {
        if !sender.is_closed() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(sender);
        }
    }
}
