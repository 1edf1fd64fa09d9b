//! The types of values that only a configuration has.

use std::fmt;
use std::time::Duration;

/// A number of bytes, written `2MiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub u64);

const SIZE_UNITS: [(&str, u64); 5] =
    [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

impl ByteSize {
    /// Reads a whole number and a unit of 1,024; None for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (_, factor, number) = SIZE_UNITS.iter().find_map(|(unit, factor)| {
            text.strip_suffix(unit).map(|number| (unit, factor, number.trim_end()))
        })?;
        parse_digits(number)?.checked_mul(*factor).map(Self)
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (unit, factor) in SIZE_UNITS {
            if self.0 >= factor && self.0.is_multiple_of(factor) {
                return write!(f, "{}{unit}", self.0 / factor);
            }
        }
        write!(f, "{}B", self.0)
    }
}

/// Longest first, so that a duration prints in its largest units.
const DURATION_UNITS: [(&str, u64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// Reads a duration such as `30s` or `1h30m`: whole numbers with units, each unit once, longest
/// first. None for anything else.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut millis: u64 = 0;
    let mut units = DURATION_UNITS.iter();
    while !rest.is_empty() || millis == 0 {
        let digits_end = rest.find(|character: char| !character.is_ascii_digit())?;
        let (number, tail) = rest.split_at(digits_end);
        let unit_end = tail.find(|character: char| !character.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_end);
        // The iterator goes on where it stopped, so a unit can neither return nor come too late.
        let (_, factor) = units.find(|(known, _)| *known == unit)?;
        millis = millis.checked_add(parse_digits(number)?.checked_mul(*factor)?)?;
        if tail.is_empty() {
            return Some(Duration::from_millis(millis));
        }
        rest = tail;
    }
    Some(Duration::from_millis(millis))
}

/// Writes a duration as [`parse_duration`] reads it.
pub fn show_duration(duration: Duration) -> String {
    let mut rest = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let mut text = String::new();
    for (unit, factor) in DURATION_UNITS {
        if rest >= factor {
            text.push_str(&format!("{}{unit}", rest / factor));
            rest %= factor;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

fn parse_digits(text: &str) -> Option<u64> {
    // `parse` alone would take a plus sign.
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// How long something is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    Forever,
    For(Duration),
}

/// The base of every URL that is sent out: scheme, host, maybe a port and a path; no slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Reads an http or https URL without user, query or fragment.
    pub fn parse(text: &str) -> Option<Self> {
        let uri: http::Uri = text.parse().ok()?;
        let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
        let authority = uri.authority()?;
        let is_plain = !authority.host().is_empty()
            && !authority.as_str().contains('@')
            && uri.query().is_none()
            && !text.contains('#');
        (is_web && is_plain).then(|| Self(text.trim_end_matches('/').to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host without port, an IPv6 address without brackets.
    pub fn host(&self) -> String {
        let uri: Option<http::Uri> = self.0.parse().ok();
        let host = uri.as_ref().and_then(http::Uri::host).unwrap_or_default();
        host.trim_start_matches('[').trim_end_matches(']').to_owned()
    }
}

/// A closed set of words.
pub trait Choice: Copy + PartialEq + 'static {
    const ALL: &'static [(&'static str, Self)];
}

/// Where the public listener's certificate comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsMode {
    SelfSigned,
    Files,
    Off,
    /// Obtained and renewed automatically.
    Acme,
}

impl Choice for TlsMode {
    const ALL: &'static [(&'static str, Self)] = &[
        ("self-signed", Self::SelfSigned),
        ("files", Self::Files),
        ("off", Self::Off),
        ("acme", Self::Acme),
    ];
}

/// What the app sees of a deactivated user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDeactivate {
    Keep,
    Delete,
}

impl Choice for OnDeactivate {
    const ALL: &'static [(&'static str, Self)] = &[("keep", Self::Keep), ("delete", Self::Delete)];
}

/// What happens when unusually many users lose access at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrakeMode {
    Alarm,
    Hold,
    Off,
}

impl Choice for BrakeMode {
    const ALL: &'static [(&'static str, Self)] =
        &[("alarm", Self::Alarm), ("hold", Self::Hold), ("off", Self::Off)];
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl Choice for LogLevel {
    const ALL: &'static [(&'static str, Self)] = &[
        ("error", Self::Error),
        ("warn", Self::Warn),
        ("info", Self::Info),
        ("debug", Self::Debug),
        ("trace", Self::Trace),
    ];
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

impl Choice for LogFormat {
    const ALL: &'static [(&'static str, Self)] = &[("text", Self::Text), ("json", Self::Json)];
}

impl LogLevel {
    /// The word for it.
    pub fn name(self) -> &'static str {
        choice_name(self)
    }
}

/// The word for a value of a closed set.
pub fn choice_name<C: Choice>(value: C) -> &'static str {
    C::ALL.iter().find(|(_, choice)| *choice == value).map_or("", |(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_back_what_they_print() {
        let check = |text: &str, millis: u64| {
            let duration = Duration::from_millis(millis);
            assert_eq!(parse_duration(text), Some(duration), "{text}");
            assert_eq!(parse_duration(&show_duration(duration)), Some(duration), "{text}");
        };
        check("30s", 30_000);
        check("7d", 604_800_000);
        check("1h30m", 5_400_000);
        check("90m", 5_400_000);
        check("500ms", 500);
        check("1d1ms", 86_400_001);
        check("0s", 0);
        assert_eq!(show_duration(Duration::from_millis(5_400_000)), "1h30m");
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in [
            "",
            "30",
            "s",
            "+3s",
            "-3s",
            "1.5h",
            "3 s",
            "1s1s",
            "1s1m",
            "3sec",
            "99999999999999999999s",
            "999999999999999d",
            "ſ",
        ] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn sizes_read_back_what_they_print() {
        let check = |text: &str, bytes: u64, printed: &str| {
            assert_eq!(ByteSize::parse(text), Some(ByteSize(bytes)), "{text}");
            assert_eq!(ByteSize(bytes).to_string(), printed);
        };
        check("2MiB", 2 << 20, "2MiB");
        check("1024KiB", 1 << 20, "1MiB");
        check("1 GiB", 1 << 30, "1GiB");
        check("1500B", 1500, "1500B");
        check("0B", 0, "0B");
        for text in ["", "2", "2MB", "MiB", "-1MiB", "1.5GiB", "99999999999999TiB"] {
            assert_eq!(ByteSize::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_public_url_is_a_base_and_nothing_else() {
        let check = |text: &str, expected: Option<(&str, &str)>| {
            let url = PublicUrl::parse(text);
            let actual = url.as_ref().map(|url| (url.as_str().to_owned(), url.host()));
            assert_eq!(actual, expected.map(|(url, host)| (url.to_owned(), host.to_owned())), "{text}");
        };
        check("https://scim.example.com/", Some(("https://scim.example.com", "scim.example.com")));
        check("http://[::1]:7644/base", Some(("http://[::1]:7644/base", "::1")));
        check("scim.example.com", None);
        check("/path", None);
        check("ftp://example.com", None);
        check("https://user@example.com", None);
        check("https://example.com?x=1", None);
        check("https://example.com/#x", None);
    }
}
