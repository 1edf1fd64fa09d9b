//! Reads what a report or file holds: CSV, JSON or one JSON object per line, into users.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::base::json;
use crate::base::limits;
use crate::scim::schema::TypeSchema;

use super::columns::{Columns, Needed, Record};
use super::csv;
use super::decode::{self, Encoding};
use super::listing::Listing;
use super::settings::Reader;
use super::trouble::Trouble;

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportFormat {
    Csv,
    Json,
    NdJson,
}

impl ReportFormat {
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "ndjson" => Some(Self::NdJson),
            _ => None,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::NdJson => "ndjson",
        }
    }
}

/// What makes users of the bytes of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub format: ReportFormat,
    pub encoding: Encoding,
    pub table: csv::Format,
    /// The key of the list in a JSON object; found out when absent.
    pub records: Option<String>,
    pub columns: Columns,
}

impl Report {
    pub fn read(reader: &mut Reader<'_>, default: ReportFormat, schema: &TypeSchema) -> Self {
        let format =
            reader.word("format", "write csv, json or ndjson", ReportFormat::from_name).unwrap_or(default);
        let encoding = reader.word("encoding", "write utf-8, utf-16 or latin-1", Encoding::from_name);
        let delimiter = reader.value("delimiter").and_then(|value| {
            let delimiter = value.as_str().and_then(|text| {
                let mut letters = text.chars();
                letters
                    .next()
                    .filter(|letter| letters.next().is_none() && !matches!(letter, '"' | '\n' | '\r'))
            });
            if delimiter.is_none() {
                reader.fault("delimiter", "invalid", "write one character, such as \";\"");
            }
            delimiter
        });
        let records = reader.text("records");
        let columns = Columns::read(reader, schema);
        let table = csv::Format { delimiter, trailer: None };
        Self { format, encoding: encoding.unwrap_or(Encoding::Detected), table, records, columns }
    }

    /// Reads a whole report.
    ///
    /// # Errors
    ///
    /// When nothing of it can be used.
    pub fn list(&self, bytes: &[u8], schema: &TypeSchema) -> Result<Listing, Trouble> {
        let text = decode::text(bytes, self.encoding)?;
        let mut listing = Listing::default();
        let (records, there, needed) = match self.format {
            ReportFormat::Csv => {
                let table = csv::parse(&text, &self.table)?;
                table.gaps.into_iter().for_each(|gap| listing.gap(gap));
                // Only what is asked for: a record of all columns would take many times the file.
                let wanted: Vec<bool> = table.columns.iter().map(|name| self.columns.reads(name)).collect();
                let names = table.columns.clone();
                let record = |row: Vec<String>| {
                    let fields = names.iter().zip(&wanted).zip(row);
                    let kept = fields.filter(|((_, wanted), _)| **wanted);
                    kept.map(|((name, _), field)| (name.clone(), Value::String(field))).collect()
                };
                (table.rows.into_iter().map(record).collect(), table.columns, Needed::All)
            }
            ReportFormat::Json => {
                let records = self.document(&text, &mut listing)?;
                let there = names(&records);
                (records, there, Needed::Keys)
            }
            ReportFormat::NdJson => {
                let records = lines(&text, &mut listing)?;
                let there = names(&records);
                (records, there, Needed::Keys)
            }
        };
        if needed == Needed::All || !records.is_empty() {
            self.columns.check(&there, needed)?;
        }
        self.columns.add_all(&records, &there, schema, &mut listing)?;
        Ok(listing)
    }

    fn document(&self, text: &str, listing: &mut Listing) -> Result<Vec<Record>, Trouble> {
        check_values(text.as_bytes())?;
        let value = json::parse(text.as_bytes(), limits::JSON_DEPTH_MAX).map_err(|error| {
            Trouble::content(format!("{error}"), "it may have been cut off; let it be written again")
        })?;
        let values = match value {
            Value::Array(values) => values,
            Value::Object(mut object) => {
                let key = self.records.clone().or_else(|| only_list(&object)).ok_or_else(no_list)?;
                let Some(Value::Array(values)) = object.get_mut(&key).map(Value::take) else {
                    return Err(no_list());
                };
                check_count(&object, values.len(), listing);
                values
            }
            _ => return Err(no_list()),
        };
        values.into_iter().enumerate().map(|(at, value)| object_of(value, at + 1)).collect()
    }
}

/// Refuses JSON of more values than are taken, before any is made: two bytes can be a value, which
/// takes fifty.
///
/// # Errors
///
/// More than [`limits::CONNECTOR_VALUES_MAX`].
pub fn check_values(bytes: &[u8]) -> Result<(), Trouble> {
    let (mut is_text, mut is_escaped, mut values) = (false, false, 0_usize);
    for byte in bytes {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            b',' | b'[' | b'{' if !is_text => values += 1,
            _ => {}
        }
    }
    match limits::CONNECTOR_VALUES_MAX < values {
        true => Err(Trouble::content(
            format!("the document has more than {} values", limits::CONNECTOR_VALUES_MAX),
            "let the provider send fewer columns or people",
        )),
        false => Ok(()),
    }
}

fn no_list() -> Trouble {
    Trouble::settings(
        "records",
        "the JSON is no list of records",
        "say with records = \"…\" under which key the list is",
    )
}

/// The key of the only list in an object.
fn only_list(object: &Map<String, Value>) -> Option<String> {
    let mut lists = object.iter().filter(|(_, value)| value.is_array());
    let (key, _) = lists.next()?;
    lists.next().is_none().then(|| key.clone())
}

/// A number beside the list that says how long it is.
fn check_count(object: &Map<String, Value>, count: usize, listing: &mut Listing) {
    let declared =
        ["total", "count", "totalResults", "total_count"].iter().find_map(|name| object.get(*name)?.as_u64());
    if let Some(declared) = declared.filter(|declared| usize::try_from(*declared) != Ok(count)) {
        listing.gap(Trouble::content(
            format!("the document says {declared} records, but there are {count}"),
            "it may be one page of several, or have been cut off",
        ));
    }
}

fn lines(text: &str, listing: &mut Listing) -> Result<Vec<Record>, Trouble> {
    check_values(text.as_bytes())?;
    let mut records = Vec::new();
    for (at, line) in text.split_inclusive('\n').enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        if limits::CONNECTOR_RECORD_BYTES_MAX < line.len() {
            let message =
                format!("record {} is longer than {} bytes", at + 1, limits::CONNECTOR_RECORD_BYTES_MAX);
            return Err(Trouble::content(message, "each record stands on a line of its own"));
        }
        let parsed = json::parse(line.as_bytes(), limits::JSON_DEPTH_MAX);
        match (line.ends_with('\n'), parsed) {
            (true, Ok(value)) => records.push(object_of(value, at + 1)?),
            (true, Err(error)) => listing.gap(Trouble::content(
                format!("record {}: {error}", at + 1),
                "each line must be one JSON object",
            )),
            (false, _) => listing.gap(Trouble::content(
                "the file does not end with a line break: it may have been cut off",
                "end the last line with a line break",
            )),
        }
    }
    Ok(records)
}

fn object_of(value: Value, number: usize) -> Result<Record, Trouble> {
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(Trouble::content(
            format!("record {number} is no JSON object"),
            "each record must be an object",
        )),
    }
}

fn names(records: &[Record]) -> Vec<String> {
    let mut seen = HashSet::new();
    let names = records.iter().flat_map(Map::keys);
    names.filter(|name| seen.insert(name.as_str())).take(limits::CONNECTOR_COLUMNS_MAX).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_taken_up_to_their_limit_and_refused_beyond() {
        let text = |values: usize| format!("[\"a,\\\",[{{\"{}]", ",0".repeat(values - 1));
        assert!(check_values(text(limits::CONNECTOR_VALUES_MAX).as_bytes()).is_ok());
        assert!(check_values(text(limits::CONNECTOR_VALUES_MAX + 1).as_bytes()).is_err());
    }
}
