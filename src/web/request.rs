//! One request as a surface sees it: who sent it, its head, and a body that is read within limits.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, header};
use hyper::body::Incoming;

use crate::base::id::RequestId;
use crate::config::Network;

use super::body::{self, BodyDeadlines, BodyError};

/// Where a connection came from; decides who has to show a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// Over TCP.
    Tcp { address: SocketAddr, tls: bool },
    /// Over `app.sock`, where a key is needed as over TCP.
    App,
    /// Over `operator.sock`, where the daemon's own user and root need no key.
    Operator,
}

/// The bytes that follow a request's head.
#[derive(Debug)]
pub enum RequestBody {
    /// Still on its way.
    Incoming(Incoming),
    /// Already here.
    Full(Bytes),
    /// Read already.
    Taken,
}

/// One request.
#[derive(Debug)]
pub struct Request {
    pub id: RequestId,
    /// When its head had arrived.
    pub received: Instant,
    pub peer: Peer,
    pub head: http::request::Parts,
    /// The trace id of a valid `traceparent` header.
    pub trace_id: Option<String>,
    body: RequestBody,
    body_deadlines: BodyDeadlines,
    trusted_proxies: Arc<[Network]>,
}

impl Request {
    /// A request from its parts, with the default body deadlines and no trusted proxy.
    pub fn new(id: RequestId, peer: Peer, head: http::request::Parts, body: RequestBody) -> Self {
        let trace_id = head.headers.get("traceparent").and_then(|value| trace_id(value.to_str().ok()?));
        Self {
            id,
            received: Instant::now(),
            peer,
            head,
            trace_id,
            body,
            body_deadlines: BodyDeadlines::default(),
            trusted_proxies: Arc::new([]),
        }
    }

    /// A request that never was on a wire: for tests and for calls from inside.
    pub fn from_bytes(id: RequestId, peer: Peer, request: http::Request<Bytes>) -> Self {
        let (head, bytes) = request.into_parts();
        Self::new(id, peer, head, RequestBody::Full(bytes))
    }

    /// Sets how long the body may pause and take altogether.
    #[must_use]
    pub fn with_body_deadlines(mut self, idle: Duration, total: Duration) -> Self {
        self.body_deadlines = BodyDeadlines { idle, total };
        self
    }

    /// Names the proxies whose `X-Forwarded-For` is believed.
    #[must_use]
    pub fn with_trusted_proxies(mut self, proxies: Arc<[Network]>) -> Self {
        self.trusted_proxies = proxies;
        self
    }

    pub fn method(&self) -> &Method {
        &self.head.method
    }

    /// The path as it was sent, still percent-encoded.
    pub fn path(&self) -> &str {
        self.head.uri.path()
    }

    /// The query as it was sent, without its question mark; empty when there is none.
    pub fn query(&self) -> &str {
        self.head.uri.query().unwrap_or_default()
    }

    /// A header's value; None when it is absent or not visible ASCII. Of several the first.
    pub fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        self.head.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The media type of the body in lower case, without parameters.
    pub fn content_type(&self) -> Option<String> {
        let value = self.header(header::CONTENT_TYPE)?;
        let media_type = value.split(';').next().unwrap_or_default().trim();
        (!media_type.is_empty()).then(|| media_type.to_ascii_lowercase())
    }

    /// Takes the whole body, bounded in size and time. A second call finds it empty.
    ///
    /// # Errors
    ///
    /// [`BodyError`]: too large, too slow, broken off, or compressed.
    pub async fn read_body(&mut self, bytes_max: usize) -> Result<Bytes, BodyError> {
        if body::is_encoded(&self.head.headers) {
            return Err(BodyError::Encoded);
        }
        match std::mem::replace(&mut self.body, RequestBody::Taken) {
            RequestBody::Incoming(incoming) => body::read(incoming, bytes_max, self.body_deadlines).await,
            RequestBody::Full(bytes) if bytes.len() <= bytes_max => Ok(bytes),
            RequestBody::Full(_) => Err(BodyError::TooLarge { bytes_max }),
            RequestBody::Taken => Ok(Bytes::new()),
        }
    }

    /// The client's address. `X-Forwarded-For` counts only when the connection itself comes from a
    /// trusted proxy, and then only back to the first address that is not one.
    pub fn client_address(&self) -> Option<IpAddr> {
        let Peer::Tcp { address, .. } = self.peer else { return None };
        let mut client = address.ip().to_canonical();
        if !self.is_trusted(client) {
            return Some(client);
        }
        let forwarded = self.head.headers.get_all("x-forwarded-for");
        let hops: Vec<&str> = forwarded
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .collect();
        for hop in hops.into_iter().rev() {
            // What stands left of an unreadable hop can't be trusted either.
            let Some(address) = forwarded_address(hop) else { break };
            client = address;
            if !self.is_trusted(client) {
                break;
            }
        }
        Some(client)
    }

    fn is_trusted(&self, address: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|network| network.contains(address))
    }
}

/// Reads one hop: an address, which some proxies write with a port or in brackets.
fn forwarded_address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    bare.parse::<IpAddr>()
        .ok()
        .or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()))
        .map(|address| address.to_canonical())
}

/// The trace id of a W3C `traceparent`: version, 32 hex digits that aren't all zero, 16, 2.
fn trace_id(text: &str) -> Option<String> {
    let is_hex = |part: &str, digits: usize| {
        part.len() == digits && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let mut parts = text.trim().splitn(5, '-');
    let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_valid = is_hex(version, 2)
        && version != "ff"
        && (version != "00" || parts.next().is_none())
        && is_hex(trace, 32)
        && is_hex(parent, 16)
        && is_hex(flags, 2)
        && trace.bytes().any(|byte| byte != b'0')
        && parent.bytes().any(|byte| byte != b'0');
    is_valid.then(|| trace.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use crate::base::time::Timestamp;

    use super::*;

    fn request(peer: &str, headers: &[(&str, &str)]) -> Request {
        let mut builder = http::Request::builder().uri("/a%20b?x=1");
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        let peer = Peer::Tcp { address: peer.parse().unwrap(), tls: true };
        let id = RequestId::new(Timestamp::from_millis(1));
        Request::from_bytes(id, peer, builder.body(Bytes::from_static(b"12345")).unwrap())
            .with_trusted_proxies(Arc::new(["10.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()]))
    }

    #[test]
    fn the_client_address_is_believed_only_from_trusted_proxies() {
        let check = |peer: &str, forwarded: &[&str], expected: &str| {
            let headers: Vec<_> = forwarded.iter().map(|value| ("x-forwarded-for", *value)).collect();
            let actual = request(peer, &headers).client_address();
            assert_eq!(actual, Some(expected.parse().unwrap()), "{peer} {forwarded:?}");
        };
        check("203.0.113.9:1", &["198.51.100.1"], "203.0.113.9");
        check("10.1.1.1:1", &[], "10.1.1.1");
        check("10.1.1.1:1", &["198.51.100.1"], "198.51.100.1");
        check("10.1.1.1:1", &["6.6.6.6, 198.51.100.1, 10.2.2.2"], "198.51.100.1");
        check("10.1.1.1:1", &["6.6.6.6", "198.51.100.1:4711"], "198.51.100.1");
        check("10.1.1.1:1", &["6.6.6.6, nonsense"], "10.1.1.1");
        check("10.1.1.1:1", &["10.9.9.9"], "10.9.9.9");
        check("[::1]:1", &["[2001:db8::1]"], "2001:db8::1");
        check("[::ffff:10.1.1.1]:1", &["::ffff:198.51.100.1"], "198.51.100.1");
    }

    #[test]
    fn parts_of_the_head_are_read_as_sent() {
        let request = request("127.0.0.1:1", &[("Content-Type", "Application/SCIM+JSON; charset=utf-8")]);
        assert_eq!((request.path(), request.query()), ("/a%20b", "x=1"));
        assert_eq!(request.content_type().as_deref(), Some("application/scim+json"));
        assert_eq!(request.header("accept"), None);
    }

    #[test]
    fn a_trace_id_is_taken_from_a_valid_traceparent_only() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        let check =
            |text: String, expected: Option<&str>| assert_eq!(trace_id(&text).as_deref(), expected, "{text}");
        check(format!("00-{id}-00f067aa0ba902b7-01"), Some(id));
        check(format!("cc-{id}-00f067aa0ba902b7-01-new"), Some(id));
        check(format!("00-{id}-00f067aa0ba902b7-01-x"), None);
        check(format!("ff-{id}-00f067aa0ba902b7-01"), None);
        check(format!("00-{id}-0000000000000000-01"), None);
        check(format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)), None);
        check(format!("00-{}-00f067aa0ba902b7-01", id.to_uppercase()), None);
        check("evil\nline".to_owned(), None);
    }

    #[tokio::test]
    async fn a_body_is_taken_up_to_its_limit_and_refused_beyond() {
        assert_eq!(request("127.0.0.1:1", &[]).read_body(5).await.unwrap(), "12345");
        let refused = request("127.0.0.1:1", &[]).read_body(4).await;
        assert_eq!(refused, Err(BodyError::TooLarge { bytes_max: 4 }));
        let encoded = request("127.0.0.1:1", &[("content-encoding", "gzip")]).read_body(5).await;
        assert_eq!(encoded, Err(BodyError::Encoded));
        let mut plain = request("127.0.0.1:1", &[("content-encoding", "identity")]);
        assert_eq!(plain.read_body(5).await.unwrap(), "12345");
        assert_eq!(plain.read_body(5).await.unwrap(), "");
    }
}
