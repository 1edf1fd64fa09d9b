//! Reads a TOML file into named values, each with its line.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::error::{Problem, Source};
use super::keys;
use super::load::Assignment;
use super::setting::Raw;

/// The values of a file in their order, and what is wrong with it.
pub fn read_toml(path: &Path, text: &str) -> (Vec<Assignment>, Vec<Problem>) {
    let source_at = |offset: usize| Source::File { path: path.to_owned(), line: line_of(text, offset) };
    let (document, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let problems = errors
            .iter()
            .map(|error| Problem {
                source: source_at(error.span().map_or(0, |span| span.start)),
                key: String::new(),
                message: format!("this is not TOML: {}", error.message().replace('\n', ", ")),
            })
            .collect();
        return (Vec::new(), problems);
    }
    let mut assignments = Vec::new();
    let mut problems = Vec::new();
    for (name, value) in document.get_ref() {
        let key = name.get_ref().to_string();
        match value.get_ref() {
            DeValue::Table(section) if keys::sections().contains(&key.as_str()) => {
                for (name, value) in section {
                    let source = source_at(name.span().start);
                    assignments.push(Assignment {
                        name: format!("{key}.{}", name.get_ref()),
                        raw: raw(value.get_ref()),
                        source,
                    });
                }
            }
            DeValue::Table(_) => {
                let known = keys::sections().join(", ");
                let message = format!("there is no section of this name; the sections are {known}");
                problems.push(Problem { source: source_at(name.span().start), key, message });
            }
            other => {
                assignments.push(Assignment {
                    name: key,
                    raw: raw(other),
                    source: source_at(name.span().start),
                });
            }
        }
    }
    assignments.sort_by_key(|assignment| match assignment.source {
        Source::File { line, .. } => line,
        Source::Default | Source::Environment { .. } | Source::Flag { .. } => 0,
    });
    (assignments, problems)
}

fn raw(value: &DeValue<'_>) -> Raw {
    match value {
        DeValue::String(text) => Raw::Text(text.to_string()),
        DeValue::Boolean(flag) => Raw::Flag(*flag),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Raw::Integer(number),
            Err(_) => Raw::Other(number.as_str().to_owned()),
        },
        DeValue::Float(number) => Raw::Other(number.as_str().to_owned()),
        DeValue::Datetime(moment) => Raw::Other(moment.to_string()),
        // Lists of lists are no key's value: one level is read, deeper ones are only named.
        DeValue::Array(pieces) => Raw::List(pieces.iter().map(|piece| raw_piece(piece.get_ref())).collect()),
        DeValue::Table(_) => Raw::Other("a table".to_owned()),
    }
}

fn raw_piece(value: &DeValue<'_>) -> Raw {
    match value {
        DeValue::Array(_) => Raw::Other("a list".to_owned()),
        other => raw(other),
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}
