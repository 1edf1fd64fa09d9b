//! One HTTP/1.1 request to the daemon and its answer, over a Unix socket or TCP.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

use crate::base::limits;

use super::error::{ClientError, Refusal};
use super::target::Target;

/// What is asked.
pub struct Ask<'a> {
    pub method: http::Method,
    /// Path and query, encoded.
    pub path: &'a str,
    pub body: Option<&'a Value>,
    /// How long the answer may take once the connection stands.
    pub answer_within: Duration,
}

/// Asks over a connection of its own.
///
/// # Errors
///
/// [`ClientError`]; a status other than 2xx is one too.
pub async fn exchange(target: &Target, ask: Ask<'_>) -> Result<Value, ClientError> {
    let within = ask.answer_within;
    let request = request(target, &ask)?;
    let answering = async {
        match target {
            Target::Operator { path } | Target::Socket { path, .. } => {
                let stream = connected(target, UnixStream::connect(path)).await?;
                answer(target, stream, request).await
            }
            Target::Tcp { authority, .. } => {
                let (host, port) = host_and_port(authority);
                let stream = connected(target, TcpStream::connect((host, port))).await?;
                answer(target, stream, request).await
            }
        }
    };
    match timeout(within, answering).await {
        Ok(outcome) => outcome,
        Err(_) => Err(ClientError::TimedOut { target: Box::new(target.clone()) }),
    }
}

async fn connected<S>(
    target: &Target,
    connecting: impl Future<Output = io::Result<S>>,
) -> Result<S, ClientError> {
    let deadline = Duration::from_secs(limits::CLI_CONNECT_SECS_MAX);
    let outcome = timeout(deadline, connecting).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
    outcome.map_err(|error| ClientError::NotReached { target: Box::new(target.clone()), error })
}

fn request(target: &Target, ask: &Ask<'_>) -> Result<Request<Full<Bytes>>, ClientError> {
    let (host, prefix) = match target {
        Target::Operator { .. } | Target::Socket { .. } => ("localhost", ""),
        Target::Tcp { authority, prefix, .. } => (authority.as_str(), prefix.as_str()),
    };
    let mut builder = Request::builder()
        .method(ask.method.clone())
        .uri(format!("{prefix}{}", ask.path))
        .header(header::HOST, host)
        .header(header::ACCEPT, "application/json")
        .header(header::USER_AGENT, concat!("rosterd/", env!("CARGO_PKG_VERSION")));
    if let Some(key) = target.key() {
        builder = builder.header(header::AUTHORIZATION, format!("Bearer {}", key.reveal()));
    }
    let body = match ask.body {
        Some(body) => {
            builder = builder.header(header::CONTENT_TYPE, "application/json");
            Bytes::from(body.to_string())
        }
        None => Bytes::new(),
    };
    builder
        .body(Full::new(body))
        .map_err(|error| ClientError::System(io::Error::new(io::ErrorKind::InvalidInput, error)))
}

async fn answer<S>(target: &Target, stream: S, request: Request<Full<Bytes>>) -> Result<Value, ClientError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let broken = |_: hyper::Error| ClientError::Broken { target: Box::new(target.clone()) };
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    // Its errors show in the request that it carries.
    tokio::spawn(connection);
    let (head, body) = sender.send_request(request).await.map_err(broken)?.into_parts();
    let body = match Limited::new(body, limits::CLI_ANSWER_BYTES_MAX).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => return Err(ClientError::TooLarge),
        Err(_) => return Err(ClientError::Broken { target: Box::new(target.clone()) }),
    };
    read(target, head.status, &body)
}

fn read(target: &Target, status: StatusCode, body: &[u8]) -> Result<Value, ClientError> {
    if status.is_success() && body.trim_ascii().is_empty() {
        return Ok(Value::Null);
    }
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        return Err(ClientError::NotJson { target: Box::new(target.clone()), status });
    };
    if status.is_success() {
        return Ok(body);
    }
    Err(ClientError::Refused { target: Box::new(target.clone()), refusal: Refusal::read(status, &body) })
}

/// What to connect to; port 80 when none is named.
fn host_and_port(authority: &str) -> (&str, u16) {
    let parts = authority.parse::<http::uri::Authority>().ok();
    let port = parts.as_ref().and_then(http::uri::Authority::port_u16);
    let host = match port {
        Some(_) => authority.rsplit_once(':').map_or(authority, |(host, _)| host),
        None => authority,
    };
    (host.trim_start_matches('[').trim_end_matches(']'), port.unwrap_or(80))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_splits_into_host_and_port() {
        assert_eq!(host_and_port("127.0.0.1:7643"), ("127.0.0.1", 7643));
        assert_eq!(host_and_port("[::1]:7643"), ("::1", 7643));
        assert_eq!(host_and_port("[::1]"), ("::1", 80));
        assert_eq!(host_and_port("localhost"), ("localhost", 80));
    }
}
