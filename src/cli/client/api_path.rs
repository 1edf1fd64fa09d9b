//! Paths of the API with their parameters, encoded.

use std::fmt::{self, Display};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but what RFC 3986 §2.3 leaves unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A path and its query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiPath {
    path: String,
    query: String,
}

impl ApiPath {
    /// A path of the API: `/directories`.
    pub fn new(path: &'static str) -> Self {
        Self { path: path.to_owned(), query: String::new() }
    }

    /// One more segment, whatever it contains.
    pub fn then(mut self, segment: &str) -> Self {
        self.path.push('/');
        // A segment of dots alone would climb, and an empty one is another path.
        let segment = match segment {
            "" | "." | ".." => "%00".to_owned(),
            _ => utf8_percent_encode(segment, RESERVED).to_string(),
        };
        self.path.push_str(&segment);
        self
    }

    /// One more parameter.
    pub fn with(mut self, name: &str, value: impl Display) -> Self {
        self.query.push(if self.query.is_empty() { '?' } else { '&' });
        self.query.push_str(name);
        self.query.push('=');
        self.query.extend(utf8_percent_encode(&value.to_string(), RESERVED));
        self
    }

    /// One more parameter, if it has a value.
    pub fn with_some(self, name: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

impl Display for ApiPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.path, self.query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_and_parameters_are_encoded() {
        let path =
            ApiPath::new("/directory_users").then("a/b?c").with("email", "a+b@x.test").with("limit", 5);
        assert_eq!(path.to_string(), "/directory_users/a%2Fb%3Fc?email=a%2Bb%40x.test&limit=5");
    }

    #[test]
    fn a_segment_never_leaves_its_place() {
        assert_eq!(ApiPath::new("/keys").then("..").to_string(), "/keys/%00");
        assert_eq!(ApiPath::new("/keys").then("").to_string(), "/keys/%00");
    }
}
