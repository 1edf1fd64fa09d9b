//! One source of a mapped value: a SCIM attribute path, a template of paths, or a path whose value
//! counts only if it is an e-mail address.

use std::fmt;

use serde_json::Value;

use super::value::{Object, as_text};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    Path(Path),
    /// Only if the value is an e-mail address.
    Address(Path),
    /// Text with paths in it; has a value only if every path has.
    Template(Vec<Part>),
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    Text(String),
    Path(Path),
}

/// An attribute path: `title`, `name.givenName`, `emails[type eq "work"].value`, with an
/// extension's URN before it or not.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    urn: Option<String>,
    attribute: String,
    only: Option<Only>,
    sub_attribute: Option<String>,
}

/// The value of a multi-valued attribute that is meant: the first one whose sub-attribute equals.
#[derive(Debug, Clone, PartialEq)]
struct Only {
    sub_attribute: String,
    equals: Value,
}

/// A text that is no source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadSource {
    pub text: String,
}

impl fmt::Display for BadSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not an attribute path; write it like emails[type eq \"work\"].value", self.text)
    }
}

impl std::error::Error for BadSource {}

impl Source {
    /// Reads a source as a mapping writes it.
    pub fn parse(text: &str) -> Result<Self, BadSource> {
        if let Some(path) = text.strip_prefix("address(").and_then(|rest| rest.strip_suffix(')')) {
            return Path::parse(path).map(Self::Address);
        }
        match text.contains('{') {
            true => parse_template(text).map(Self::Template),
            false => Path::parse(text).map(Self::Path),
        }
    }

    /// The value as text, if there is one that isn't empty.
    pub(super) fn text(&self, user: &Object<'_>) -> Option<String> {
        match self {
            Self::Path(path) => path.text(user),
            Self::Address(path) => path.text(user).filter(|text| is_address(text)),
            Self::Template(parts) => parts
                .iter()
                .map(|part| match part {
                    Part::Text(text) => Some(text.clone()),
                    Part::Path(path) => path.text(user),
                })
                .collect(),
        }
    }
}

fn parse_template(text: &str) -> Result<Vec<Part>, BadSource> {
    let bad = || BadSource { text: text.to_owned() };
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        if !before.is_empty() {
            parts.push(Part::Text(before.to_owned()));
        }
        let (path, after) = after.split_once('}').ok_or_else(bad)?;
        parts.push(Part::Path(Path::parse(path)?));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    Ok(parts)
}

impl Path {
    fn parse(text: &str) -> Result<Self, BadSource> {
        let bad = || BadSource { text: text.to_owned() };
        let bracket = text.find('[');
        // A URN may hold dots (`2.0`), a value in brackets anything: only what is before it counts.
        let (urn, rest) = match text[..bracket.unwrap_or(text.len())].rfind(':') {
            Some(colon) => (Some(text[..colon].to_owned()), &text[colon + 1..]),
            None => (None, text),
        };
        let (attribute, only, sub_attribute) = match rest.split_once('[') {
            Some((attribute, rest)) => {
                let (only, after) = rest.split_once(']').ok_or_else(bad)?;
                let sub_attribute = match after {
                    "" => None,
                    _ => Some(after.strip_prefix('.').ok_or_else(bad)?),
                };
                (attribute, Some(Only::parse(only).ok_or_else(bad)?), sub_attribute)
            }
            None => match rest.split_once('.') {
                Some((attribute, sub_attribute)) => (attribute, None, Some(sub_attribute)),
                None => (rest, None, None),
            },
        };
        if !is_name(attribute) || !sub_attribute.is_none_or(is_name) {
            return Err(bad());
        }
        Ok(Self {
            urn,
            attribute: attribute.to_owned(),
            only,
            sub_attribute: sub_attribute.map(str::to_owned),
        })
    }

    fn text(&self, user: &Object<'_>) -> Option<String> {
        let value = user.attribute(self.urn.as_deref(), &self.attribute)?;
        match value {
            Value::Array(values) => values
                .iter()
                .filter(|value| self.only.as_ref().is_none_or(|only| only.selects(value)))
                .find_map(|value| self.sub_text(value)),
            // A provider that sends one object where a list belongs means a list of one.
            Value::Object(_) if self.only.as_ref().is_some_and(|only| !only.selects(value)) => None,
            _ => self.sub_text(value),
        }
    }

    fn sub_text(&self, value: &Value) -> Option<String> {
        match (&self.sub_attribute, value) {
            (Some(name), Value::Object(object)) => super::value::member(object, name).and_then(as_text),
            // The value of a list of bare texts is the text itself.
            (Some(name), _) if name == "value" => as_text(value),
            (Some(_), _) => None,
            (None, _) => as_text(value),
        }
    }
}

impl Only {
    fn parse(text: &str) -> Option<Self> {
        let (sub_attribute, rest) = text.trim().split_once(' ')?;
        let (operator, literal) = rest.trim_start().split_once(' ')?;
        let equals: Value = serde_json::from_str(literal.trim()).ok()?;
        (operator.eq_ignore_ascii_case("eq") && is_name(sub_attribute))
            .then(|| Self { sub_attribute: sub_attribute.to_owned(), equals })
    }

    fn selects(&self, value: &Value) -> bool {
        let Value::Object(object) = value else { return false };
        match (super::value::member(object, &self.sub_attribute), &self.equals) {
            (Some(Value::String(text)), Value::String(wanted)) => text.eq_ignore_ascii_case(wanted),
            (Some(found), wanted) => found == wanted,
            (None, _) => false,
        }
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '$')
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_$".contains(letter))
}

/// Whether a text can be the address of a mailbox: one @ with something at both sides, no blanks.
fn is_address(text: &str) -> bool {
    match text.split_once('@') {
        Some((local, domain)) => {
            !local.is_empty()
                && !domain.is_empty()
                && !domain.contains('@')
                && !text.contains(char::is_whitespace)
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    #[test]
    fn paths_with_urn_brackets_and_sub_attributes_are_read() {
        let path = Path::parse("urn:x:2.0:User:manager[type eq \"a:b.c]\"].value");
        assert!(path.is_err(), "a bracket inside a literal is not supported: {path:?}");
        let path = Path::parse("urn:x:2.0:User:manager[type eq \"a:b.c\"].value").expect("a path");
        assert_eq!(path.urn.as_deref(), Some("urn:x:2.0:User"));
        assert_eq!(path.attribute, "manager");
        assert_eq!(path.sub_attribute.as_deref(), Some("value"));
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for text in
            ["", "a b", "emails[", "emails[x].value", "emails[type eq work]", "a..b", "{", "{a", "a[b eq 1]c"]
        {
            assert!(Source::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_address_has_one_at_sign_and_no_blanks() {
        assert!(is_address("zoe@example.com"));
        for text in ["zoe", "@x", "zoe@", "a@b@c", "a b@c"] {
            assert!(!is_address(text), "{text}");
        }
    }
}
