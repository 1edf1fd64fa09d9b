//! The client of everything outside: bounded in time and memory, kept away from what is private.
//!
//! Redirects are not followed and proxies of the environment not used: both would lead a request to
//! another address than the one that was checked.

mod address;
mod connector;
#[cfg(test)]
mod tests;
mod tls;

use std::error::Error as _;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::timeout;

use crate::base::limits;

use connector::{GuardedConnector, NoConnection};

pub use address::{Allowed, literal};
pub use tls::CaError;

const USER_AGENT: &str = concat!("rosterd/", env!("CARGO_PKG_VERSION"));

/// What the operator's configuration says about outgoing requests.
#[derive(Debug, Clone, Default)]
pub struct ClientOptions {
    pub allowed: Allowed,
    /// PEM file of certificate authorities to be trusted besides the public ones.
    pub ca_file: Option<PathBuf>,
}

/// Sends requests. Cheap to clone; connections are kept for the next request.
#[derive(Clone)]
pub struct Client {
    inner: legacy::Client<HttpsConnector<GuardedConnector>, Full<Bytes>>,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Ask {
    pub method: Method,
    pub url: String,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// The answer is cut off, as an error, beyond this.
    pub answer_bytes_max: usize,
    /// From the first byte sent to the last one read.
    pub within: Duration,
}

impl Ask {
    pub fn get(url: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            url: url.into(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            answer_bytes_max: limits::OUTGOING_ANSWER_BYTES_MAX,
            within: Duration::from_secs(limits::OUTGOING_ANSWER_SECS_MAX),
        }
    }

    pub fn post_form(url: impl Into<String>, form: String) -> Self {
        let mut ask = Self { method: Method::POST, body: Bytes::from(form), ..Self::get(url) };
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        ask.headers.insert(header::CONTENT_TYPE, form);
        ask
    }

    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }
}

/// What came back, whatever its status.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientError {
    /// The address is none that can be asked.
    Url(&'static str),
    /// No connection was made.
    NoConnection(String),
    /// The certificate is not trusted, or TLS failed otherwise.
    Tls(String),
    /// It took longer than it may.
    TimedOut,
    /// It is longer than it may be.
    TooLarge { bytes_max: usize },
    /// The connection ended before the answer did.
    Broken,
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(cause) => f.write_str(cause),
            Self::NoConnection(cause) => f.write_str(cause),
            Self::Tls(cause) => write!(f, "the TLS connection failed: {cause}"),
            Self::TimedOut => f.write_str("the answer did not come in time"),
            Self::TooLarge { bytes_max } => write!(f, "the answer is longer than {bytes_max} bytes"),
            Self::Broken => f.write_str("the connection ended in the middle of the answer"),
        }
    }
}

impl std::error::Error for ClientError {}

impl Client {
    /// # Errors
    ///
    /// When the file of additional authorities can't be used.
    pub fn new(options: &ClientOptions) -> Result<Self, CaError> {
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(tls::config(options.ca_file.as_deref())?)
            .https_or_http()
            .enable_http1()
            .wrap_connector(GuardedConnector::new(options.allowed.clone()));
        let inner = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(limits::OUTGOING_IDLE_SECS_MAX))
            .pool_max_idle_per_host(limits::OUTGOING_IDLE_PER_HOST_MAX)
            .build(connector);
        Ok(Self { inner })
    }

    /// Sends one request and reads the whole answer.
    ///
    /// # Errors
    ///
    /// [`ClientError`]; an answer of any status is none.
    pub async fn ask(&self, ask: Ask) -> Result<Answer, ClientError> {
        let within = ask.within;
        match timeout(within, self.exchange(ask)).await {
            Ok(done) => done,
            Err(_) => Err(ClientError::TimedOut),
        }
    }

    async fn exchange(&self, ask: Ask) -> Result<Answer, ClientError> {
        let uri: Uri = ask.url.parse().map_err(|_| ClientError::Url("the address is not a URL"))?;
        if !matches!(uri.scheme_str(), Some("https" | "http")) || uri.host().is_none_or(str::is_empty) {
            return Err(ClientError::Url("the address must begin with https:// and name a host"));
        }
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(ClientError::Url("the address must not hold credentials"));
        }
        let mut request = Request::new(Full::new(ask.body));
        *request.method_mut() = ask.method;
        *request.uri_mut() = uri;
        *request.headers_mut() = ask.headers;
        request.headers_mut().insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
        let response = self.inner.request(request).await.map_err(|error| failed(&error))?;
        let (head, mut body) = response.into_parts();
        let mut bytes = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| ClientError::Broken)?;
            let Ok(piece) = frame.into_data() else { continue };
            if ask.answer_bytes_max < bytes.len() + piece.len() {
                return Err(ClientError::TooLarge { bytes_max: ask.answer_bytes_max });
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(Answer { status: head.status, headers: head.headers, body: bytes.freeze() })
    }
}

/// What hyper's error comes from: our connector, TLS, or the connection.
fn failed(error: &legacy::Error) -> ClientError {
    let mut source = error.source();
    let mut last = String::new();
    while let Some(cause) = source {
        if let Some(no_connection) = cause.downcast_ref::<NoConnection>() {
            return ClientError::NoConnection(no_connection.to_string());
        }
        last = cause.to_string();
        source = cause.source();
    }
    match error.is_connect() {
        true => ClientError::Tls(last),
        false => ClientError::Broken,
    }
}
