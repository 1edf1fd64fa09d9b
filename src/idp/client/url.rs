//! The base URL of a SCIM server, and how providers write text into a URL.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Scheme, host, port and the path before `/Users`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    is_tls: bool,
    authority: String,
    path: String,
}

impl BaseUrl {
    /// # Errors
    ///
    /// What is wrong with it, in words for the user.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong =
            |what: &str| format!("{text:?} {what}; write it like https://scim.example.com/scim/v2/acme");
        let uri: http::Uri = text.parse().map_err(|_| wrong("is no URL"))?;
        let is_tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(wrong("is neither http nor https")),
        };
        let authority = uri.authority().ok_or_else(|| wrong("has no host"))?;
        if authority.as_str().contains('@') {
            return Err(wrong("has a password in it"));
        }
        if uri.query().is_some() {
            return Err(wrong("has a query"));
        }
        let path = uri.path().trim_end_matches('/').to_owned();
        Ok(Self { is_tls, authority: authority.as_str().to_owned(), path })
    }

    pub fn is_tls(&self) -> bool {
        self.is_tls
    }

    pub fn authority(&self) -> &str {
        &self.authority
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn host(&self) -> &str {
        let parts: Option<http::uri::Authority> = self.authority.parse().ok();
        let host = match parts.as_ref().and_then(http::uri::Authority::port_u16) {
            Some(_) => self.authority.rsplit_once(':').map_or(self.authority.as_str(), |(host, _)| host),
            None => &self.authority,
        };
        host.trim_start_matches('[').trim_end_matches(']')
    }

    /// Whether the host is this machine.
    pub fn is_loopback(&self) -> bool {
        let address: Option<std::net::IpAddr> = self.host().parse().ok();
        address.map_or(self.host().eq_ignore_ascii_case("localhost"), |address| address.is_loopback())
    }

    pub fn port(&self) -> u16 {
        let parts: Option<http::uri::Authority> = self.authority.parse().ok();
        let default = if self.is_tls { 443 } else { 80 };
        parts.and_then(|parts| parts.port_u16()).unwrap_or(default)
    }
}

impl std::fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.is_tls { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority, self.path)
    }
}

/// How a provider writes a space in a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spaces {
    /// `%20`
    Percent,
    /// `+`
    Plus,
}

const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Text as it stands in a query's value.
pub fn encoded(text: &str, spaces: Spaces) -> String {
    let text = utf8_percent_encode(text, KEPT).to_string();
    match spaces {
        Spaces::Percent => text,
        Spaces::Plus => text.replace("%20", "+"),
    }
}

/// `attribute eq "value"`, the value escaped as JSON.
pub fn equals(attribute: &str, value: &str) -> String {
    format!("{attribute} eq {}", serde_json::Value::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_keeps_its_path_without_the_last_slash() {
        let url = BaseUrl::parse("https://[::1]:7644/scim/v2/acme/").expect("valid");
        assert_eq!((url.host(), url.port(), url.path()), ("::1", 7644, "/scim/v2/acme"));
        assert_eq!(url.to_string(), "https://[::1]:7644/scim/v2/acme");
        let plain = BaseUrl::parse("http://localhost").expect("valid");
        assert_eq!((plain.host(), plain.port(), plain.path()), ("localhost", 80, ""));
        for wrong in ["ftp://x", "localhost:80", "https://u:p@x/", "https://x/?q", ""] {
            assert!(BaseUrl::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn spaces_differ_by_provider() {
        let filter = equals("userName", "o'neil+x@example.com");
        assert_eq!(encoded(&filter, Spaces::Percent), "userName%20eq%20%22o%27neil%2Bx%40example.com%22");
        assert_eq!(encoded(&filter, Spaces::Plus), "userName+eq+%22o%27neil%2Bx%40example.com%22");
        assert_eq!(equals("displayName", "a \"b\" \\"), r#"displayName eq "a \"b\" \\""#);
    }
}
