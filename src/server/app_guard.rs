//! Keeps browsers away from the app's listener: no web page may reach it through its visitor.
//!
//! A page can make a browser send requests to 127.0.0.1, and with a name of its own that it points
//! there (DNS rebinding) even read the answers. The first shows in `Origin` and `Sec-Fetch-Site`,
//! the second in `Host`, which then holds the page's name.

use std::net::{IpAddr, SocketAddr};

use http::{StatusCode, header};

/// Which hosts a request over TCP may be meant for.
#[derive(Debug, Clone)]
pub struct AppGuard {
    names: Vec<String>,
    /// On a listener that is not on loopback any literal address will do: rebinding needs a name.
    allows_addresses: bool,
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Its Host is not one of ours.
    Host,
    /// A web page sent it.
    Browser,
}

impl Refusal {
    pub fn status(self) -> StatusCode {
        match self {
            Self::Host => StatusCode::MISDIRECTED_REQUEST,
            Self::Browser => StatusCode::FORBIDDEN,
        }
    }

    pub fn detail(self) -> &'static str {
        match self {
            Self::Host => {
                "The Host of this request is not one of this server's names; use 127.0.0.1 or localhost, or \
                 add the name to app.hosts"
            }
            Self::Browser => "Requests from web pages are not taken; call the API from the app's server",
        }
    }
}

impl AppGuard {
    pub fn new(names: &[String], bound: Option<SocketAddr>) -> Self {
        let mut names: Vec<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
        names.push("localhost".to_owned());
        Self { names, allows_addresses: bound.is_some_and(|address| !address.ip().is_loopback()) }
    }

    /// Checks a request's head.
    ///
    /// # Errors
    ///
    /// [`Refusal`], which knows its status and words.
    pub fn check(&self, head: &http::request::Parts) -> Result<(), Refusal> {
        let mut hosts = head.headers.get_all(header::HOST).iter();
        let host = hosts.next().and_then(|value| value.to_str().ok());
        if hosts.next().is_some() || !host.is_some_and(|host| self.is_ours(host)) {
            return Err(Refusal::Host);
        }
        // A target in absolute form counts more than Host does (RFC 9112 §3.2.2).
        if head.uri.authority().is_some_and(|authority| !self.is_ours(authority.as_str())) {
            return Err(Refusal::Host);
        }
        let is_typed_by_a_person = |value: &http::HeaderValue| value.as_bytes() == b"none";
        if head.headers.contains_key(header::ORIGIN)
            || !head.headers.get_all("sec-fetch-site").iter().all(is_typed_by_a_person)
        {
            return Err(Refusal::Browser);
        }
        Ok(())
    }

    fn is_ours(&self, host: &str) -> bool {
        let Some(name) = without_port(host) else { return false };
        let bare = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
        match bare.parse::<IpAddr>() {
            Ok(address) => {
                self.allows_addresses
                    || address == IpAddr::from([127, 0, 0, 1])
                    || address == IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])
            }
            Err(_) => self.names.contains(&name.to_ascii_lowercase()),
        }
    }
}

/// The host of `host`, `host:port` or `[address]:port`; None when the port is no number.
fn without_port(host: &str) -> Option<&str> {
    let name_end = match host.rfind(']') {
        Some(bracket) => bracket + 1,
        None => host.find(':').unwrap_or(host.len()),
    };
    let (name, port) = host.split_at(name_end);
    let is_port = port.is_empty()
        || port.strip_prefix(':').is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    is_port.then_some(name)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn check(bound: &str, headers: &[(&str, &str)], expected: Result<(), Refusal>) {
        let mut builder = http::Request::builder().uri("/directories");
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        let (head, ()) = builder.body(()).unwrap().into_parts();
        let guard = AppGuard::new(&["Rosterd.internal".to_owned()], Some(bound.parse().unwrap()));
        assert_eq!(guard.check(&head), expected, "{bound} {headers:?}");
    }

    #[test]
    fn only_our_own_hosts_are_served() {
        let loopback = "127.0.0.1:7643";
        for host in
            ["127.0.0.1", "127.0.0.1:7643", "localhost:1", "LOCALHOST", "[::1]:7643", "rosterd.INTERNAL:80"]
        {
            check(loopback, &[("host", host)], Ok(()));
        }
        for host in [
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "10.0.0.1",
            "",
            "localhost:x",
            "[::2]",
            "[localhost]",
        ] {
            check(loopback, &[("host", host)], Err(Refusal::Host));
        }
        check(loopback, &[], Err(Refusal::Host));
        check(loopback, &[("host", "localhost"), ("host", "evil.example")], Err(Refusal::Host));
        check("0.0.0.0:7643", &[("host", "10.0.0.1:7643")], Ok(()));
        check("0.0.0.0:7643", &[("host", "evil.example")], Err(Refusal::Host));
    }

    #[test]
    fn a_target_in_absolute_form_counts_too() {
        let request = http::Request::builder().uri("http://evil.example/x").header("host", "localhost");
        let (head, ()) = request.body(()).unwrap().into_parts();
        let guard = AppGuard::new(&[], None);
        assert_eq!(guard.check(&head), Err(Refusal::Host));
    }

    #[test]
    fn web_pages_are_refused() {
        let host = ("host", "localhost");
        let loopback = "127.0.0.1:7643";
        check(loopback, &[host, ("origin", "https://evil.example")], Err(Refusal::Browser));
        check(loopback, &[host, ("origin", "null")], Err(Refusal::Browser));
        check(loopback, &[host, ("sec-fetch-site", "cross-site")], Err(Refusal::Browser));
        check(loopback, &[host, ("sec-fetch-site", "same-site")], Err(Refusal::Browser));
        check(
            loopback,
            &[host, ("sec-fetch-site", "none"), ("sec-fetch-site", "cross-site")],
            Err(Refusal::Browser),
        );
        check(loopback, &[host, ("sec-fetch-site", "none")], Ok(()));
    }
}
