//! Percent-decoding of queries and path segments.

use std::borrow::Cow;
use std::fmt;

use percent_encoding::percent_decode_str;

/// A query that can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueryError {
    /// What a name or value decodes to is not UTF-8.
    NotUtf8 { piece: String },
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 { piece } => {
                write!(f, "{piece:?} in the query is not UTF-8; percent-encode it as UTF-8")
            }
        }
    }
}

impl std::error::Error for QueryError {}

/// The names and values of a query in their order, decoded; `+` is a space, empty pieces are
/// skipped, a name without `=` has an empty value.
///
/// # Errors
///
/// [`QueryError::NotUtf8`] when a piece decodes to something else than UTF-8.
pub fn query_pairs(query: &str) -> Result<Vec<(String, String)>, QueryError> {
    query
        .split('&')
        .filter(|piece| !piece.is_empty())
        .map(|piece| {
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            Ok((decode_piece(name)?, decode_piece(value)?))
        })
        .collect()
}

fn decode_piece(piece: &str) -> Result<String, QueryError> {
    let spaced: Cow<'_, str> =
        if piece.contains('+') { piece.replace('+', " ").into() } else { piece.into() };
    match percent_decode_str(&spaced).decode_utf8() {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => Err(QueryError::NotUtf8 { piece: piece.to_owned() }),
    }
}

/// One path segment, decoded once; None when it isn't UTF-8 then.
pub fn decode_segment(segment: &str) -> Option<String> {
    percent_decode_str(segment).decode_utf8().ok().map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, expected: &[(&str, &str)]) {
        let expected =
            expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        assert_eq!(query_pairs(query), Ok(expected), "{query}");
    }

    #[test]
    fn queries_decode_to_pairs_in_order() {
        check("", &[]);
        check("a=1&b=2&a=3", &[("a", "1"), ("b", "2"), ("a", "3")]);
        check("&&a&=x&", &[("a", ""), ("", "x")]);
        check("filter=userName+eq+%22b%2Bj%22", &[("filter", "userName eq \"b+j\"")]);
        check("a=b=c%3D%26", &[("a", "b=c=&")]);
        check("na%20me=Zo%C3%AB", &[("na me", "Zoë")]);
        check("a=100%&b=%zz%4", &[("a", "100%"), ("b", "%zz%4")]);
    }

    #[test]
    fn a_query_that_is_not_utf8_is_refused() {
        assert_eq!(query_pairs("a=1&b=%ff"), Err(QueryError::NotUtf8 { piece: "%ff".to_owned() }));
    }

    #[test]
    fn a_segment_is_decoded_once() {
        assert_eq!(decode_segment("a%2520b%2Fc+d").as_deref(), Some("a%20b/c+d"));
        assert_eq!(decode_segment("%c3%28"), None);
    }
}
