//! How a value is read from a layer into its type, and shown.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::base::secret::Secret;

use super::network::Network;
use super::value::{ByteSize, Choice, Keep, PublicUrl, choice_name, parse_duration, show_duration};

/// A value as a layer has it.
#[derive(Debug, Clone, PartialEq)]
pub enum Raw {
    Text(String),
    Integer(i64),
    Flag(bool),
    List(Vec<Raw>),
    /// A float, date or table, which no key takes; with how to call it.
    Other(String),
    /// From the environment or the command line, where everything is text.
    Untyped(String),
}

impl Raw {
    /// The value as an error quotes it.
    pub fn quoted(&self) -> String {
        match self {
            Self::Text(text) | Self::Untyped(text) => format!("{text:?}"),
            Self::Integer(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::List(_) => "a list".to_owned(),
            Self::Other(what) => what.clone(),
        }
    }

    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Untyped(text) => Some(text.trim()),
            Self::Integer(_) | Self::Flag(_) | Self::List(_) | Self::Other(_) => None,
        }
    }

    /// The pieces of a list; text from the environment is split at commas.
    fn pieces(&self) -> Option<Vec<Raw>> {
        match self {
            Self::List(pieces) => Some(pieces.clone()),
            Self::Untyped(text) if text.trim().is_empty() => Some(Vec::new()),
            Self::Untyped(text) => {
                Some(text.split(',').map(|piece| Self::Untyped(piece.trim().to_owned())).collect())
            }
            Self::Text(_) | Self::Integer(_) | Self::Flag(_) | Self::Other(_) => None,
        }
    }

    fn wrong(&self, expected: &str) -> String {
        format!("{} is not {expected}", self.quoted())
    }
}

/// A type that a key can have.
pub trait Setting {
    /// Takes the value.
    ///
    /// # Errors
    ///
    /// What is wrong and what would be right, to be put behind the key's name.
    fn set(&mut self, raw: &Raw) -> Result<(), String>;

    /// The value as `config.toml` would have it, text without quotes.
    fn show(&self) -> String;
}

fn read<T>(raw: &Raw, parse: impl Fn(&str) -> Option<T>, expected: &str) -> Result<T, String> {
    raw.text().and_then(parse).ok_or_else(|| raw.wrong(expected))
}

const ADDRESS: &str = "an address and port; write it like \"127.0.0.1:7644\"";

impl Setting for SocketAddr {
    fn set(&mut self, raw: &Raw) -> Result<(), String> {
        *self = read(raw, |text| text.parse().ok(), ADDRESS)?;
        Ok(())
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Setting for Option<SocketAddr> {
    fn set(&mut self, raw: &Raw) -> Result<(), String> {
        *self = match raw.text() {
            Some("") => None,
            _ => Some(read(raw, |text| text.parse().ok(), ADDRESS)?),
        };
        Ok(())
    }

    fn show(&self) -> String {
        self.map_or_else(String::new, |address| address.to_string())
    }
}

impl Setting for Option<PublicUrl> {
    fn set(&mut self, raw: &Raw) -> Result<(), String> {
        *self = match raw.text() {
            Some("") => None,
            _ => Some(read(
                raw,
                PublicUrl::parse,
                "a web address; write it like \"https://scim.example.com\"",
            )?),
        };
        Ok(())
    }

    fn show(&self) -> String {
        self.as_ref().map_or_else(String::new, |url| url.as_str().to_owned())
    }
}

impl Setting for String {
    fn set(&mut self, raw: &Raw) -> Result<(), String> {
        *self = read(raw, |text| Some(text.to_owned()), "text; put it in quotes")?;
        Ok(())
    }

    fn show(&self) -> String {
        self.clone()
    }
}

impl Setting for PathBuf {
    fn set(&mut self, raw: &Raw) -> Result<(), String> {
        let path = |text: &str| (!text.is_empty()).then(|| Self::from(text));
        *self = read(raw, path, "a path; write it like \"/var/lib/rosterd\"")?;
        Ok(())
    }

    fn show(&self) -> String {
        self.display().to_string()
    }
}

impl Setting for Option<PathBuf> {
    fn set(&mut self, raw: &Raw) -> Result<(), String> {
        let path = |text: &str| Some((!text.is_empty()).then(|| PathBuf::from(text)));
        *self = read(raw, path, "a path; put it in quotes")?;
        Ok(())
    }

    fn show(&self) -> String {
        self.as_ref().map_or_else(String::new, |path| path.display().to_string())
    }
}

impl Setting for Option<Secret> {
    fn set(&mut self, raw: &Raw) -> Result<(), String> {
        // The value itself must not get into a message.
        let text = raw.text().ok_or_else(|| "the value is not text; put it in quotes".to_owned())?;
        *self = (!text.is_empty()).then(|| Secret::new(text));
        Ok(())
    }

    fn show(&self) -> String {
        if self.is_some() { "(hidden)".to_owned() } else { String::new() }
    }
}

impl Setting for bool {
    fn set(&mut self, raw: &Raw) -> Result<(), String> {
        *self = match raw {
            Raw::Flag(flag) => *flag,
            Raw::Untyped(text) if text.trim() == "true" => true,
            Raw::Untyped(text) if text.trim() == "false" => false,
            _ => return Err(raw.wrong("true or false")),
        };
        Ok(())
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Setting for usize {
    fn set(&mut self, raw: &Raw) -> Result<(), String> {
        let number = match raw {
            Raw::Integer(number) => Self::try_from(*number).ok(),
            Raw::Untyped(text) => text.trim().parse().ok(),
            Raw::Text(_) | Raw::Flag(_) | Raw::List(_) | Raw::Other(_) => None,
        };
        *self = number.ok_or_else(|| raw.wrong("a whole number without quotes"))?;
        Ok(())
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Setting for Duration {
    fn set(&mut self, raw: &Raw) -> Result<(), String> {
        *self = read(raw, parse_duration, "a duration; write it like \"30s\", \"15m\" or \"7d\"")?;
        Ok(())
    }

    fn show(&self) -> String {
        show_duration(*self)
    }
}

impl Setting for Keep {
    fn set(&mut self, raw: &Raw) -> Result<(), String> {
        let keep = |text: &str| match text {
            "forever" => Some(Self::Forever),
            _ => parse_duration(text).map(Self::For),
        };
        *self = read(raw, keep, "a duration; write it like \"7d\", or \"forever\"")?;
        Ok(())
    }

    fn show(&self) -> String {
        match self {
            Self::Forever => "forever".to_owned(),
            Self::For(duration) => show_duration(*duration),
        }
    }
}

impl Setting for ByteSize {
    fn set(&mut self, raw: &Raw) -> Result<(), String> {
        *self = read(raw, Self::parse, "a size; write it like \"256MiB\"")?;
        Ok(())
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl<C: Choice> Setting for C {
    fn set(&mut self, raw: &Raw) -> Result<(), String> {
        let words: Vec<String> = C::ALL.iter().map(|(name, _)| format!("{name:?}")).collect();
        let find = |text: &str| C::ALL.iter().find(|(name, _)| *name == text).map(|(_, choice)| *choice);
        *self = read(raw, find, &format!("one of {}", words.join(", ")))?;
        Ok(())
    }

    fn show(&self) -> String {
        choice_name(*self).to_owned()
    }
}

impl Setting for Vec<Network> {
    fn set(&mut self, raw: &Raw) -> Result<(), String> {
        *self = read_list(
            raw,
            |text| text.parse().ok(),
            "an address or network",
            "[\"10.0.0.0/8\", \"192.0.2.7\"]",
        )?;
        Ok(())
    }

    fn show(&self) -> String {
        self.iter().map(Network::to_string).collect::<Vec<_>>().join(",")
    }
}

impl Setting for Vec<String> {
    fn set(&mut self, raw: &Raw) -> Result<(), String> {
        let name = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        *self = read_list(raw, name, "a name", "[\"rosterd\", \"rosterd.internal\"]")?;
        Ok(())
    }

    fn show(&self) -> String {
        self.join(",")
    }
}

fn read_list<T>(
    raw: &Raw,
    parse: impl Fn(&str) -> Option<T>,
    one: &str,
    example: &str,
) -> Result<Vec<T>, String> {
    let expected = format!("{one}; write it like {example}");
    let pieces = raw.pieces().ok_or_else(|| raw.wrong(&format!("a list; write it like {example}")))?;
    pieces.iter().map(|piece| read(piece, &parse, &expected)).collect()
}
