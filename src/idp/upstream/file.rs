//! A web server with files: the people as CSV, JSON and NDJSON, with entity tags and a moment of change.

use serde_json::Value;

use super::answer::{Answer, etag_of};
use super::faults::{Asked, FaultKind};
use super::people::People;
use super::random;
use super::request::Request;
use super::table::{self, Row};
use super::workday::basic;

pub const USER: &str = "roster";

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    pub delimiter: char,
    pub encoding: Encoding,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Utf8WithMark,
    Utf16,
    Latin1,
}

impl Default for Layout {
    fn default() -> Self {
        Self { delimiter: ',', encoding: Encoding::Utf8 }
    }
}

#[derive(Debug, Clone)]
pub struct Credentials {
    pub password: String,
    pub bearer: String,
}

impl Credentials {
    pub fn generate() -> Self {
        Self { password: random::hex(12), bearer: random::hex(20) }
    }
}

pub fn asked(path: &str) -> Asked {
    match path {
        "/people.csv" | "/people.json" | "/people.ndjson" => Asked::File,
        _ => Asked::Nothing,
    }
}

/// The file, or 304 when the client has it, or why not.
pub fn answer(
    credentials: &Credentials,
    request: &Request,
    people: &People,
    fault: Option<&FaultKind>,
    layout: Layout,
    changed: &str,
) -> Answer {
    let by_password =
        basic(request).is_some_and(|(name, password)| name == USER && password == credentials.password);
    if !by_password && request.bearer() != Some(credentials.bearer.as_str()) {
        return Answer::new(401, "text/plain", b"Unauthorized\n".to_vec())
            .with("www-authenticate", "Basic realm=\"files\"");
    }
    if asked(&request.path) != Asked::File {
        return Answer::new(404, "text/plain", b"Not Found\n".to_vec());
    }
    let mut rows: Vec<Row> = people.listed().map(|person| table::file_row(people, person)).collect();
    let mut header = rows.first().cloned().unwrap_or_default();
    table::spoil(&mut rows, fault);
    if let Some(row) = rows.first() {
        header.clone_from(row);
    }
    let (content_type, text) = if request.path.ends_with(".csv") {
        let header: Vec<String> = header.into_iter().map(|(column, _)| column).collect();
        ("text/csv", table::csv(&header, &rows, layout.delimiter))
    } else if request.path.ends_with(".json") {
        ("application/json", Value::Array(table::objects(&rows)).to_string())
    } else {
        ("application/x-ndjson", table::ndjson(&rows))
    };
    let body = encoded(&text, layout.encoding);
    let etag = etag_of(&body);
    let is_known = match request.header("if-none-match") {
        Some(_) => request.has(&etag),
        None => request.header("if-modified-since") == Some(changed),
    };
    let answer = match is_known {
        true => Answer::new(304, "", Vec::new()),
        false => Answer::new(200, content_type, body),
    };
    answer.with("etag", etag).with("last-modified", changed)
}

fn encoded(text: &str, encoding: Encoding) -> Vec<u8> {
    match encoding {
        Encoding::Utf8 => text.as_bytes().to_vec(),
        Encoding::Utf8WithMark => format!("\u{feff}{text}").into_bytes(),
        Encoding::Utf16 => {
            let units = std::iter::once(0xfeff).chain(text.encode_utf16());
            units.flat_map(u16::to_le_bytes).collect()
        }
        Encoding::Latin1 => {
            text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')).collect()
        }
    }
}
