//! Reads a document that a user keeps in a file, such as a mapping: TOML or JSON, to the same value, with
//! the line of each place as far as the form tells.

use std::collections::HashMap;
use std::fmt;

use serde_json::{Map, Number, Value};
use toml::de::{DeArray, DeTable, DeValue};

use crate::base::{json, limits};

/// A document and where its parts stand.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DocumentFile {
    pub value: Value,
    lines: HashMap<String, usize>,
}

/// Why a text is no document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentError {
    pub line: usize,
    pub message: String,
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl DocumentFile {
    /// Reads a text: JSON if it begins with a brace, else TOML. A key that is there twice is refused.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, with its line.
    pub fn parse(text: &str) -> Result<Self, DocumentError> {
        if text.trim_start().starts_with('{') {
            return match json::parse(text.as_bytes(), limits::JSON_DEPTH_MAX) {
                Ok(value) => Ok(Self { value, lines: HashMap::new() }),
                Err(json::JsonError::Syntax { line, reason, .. }) => {
                    Err(DocumentError { line, message: format!("this is not JSON: {reason}") })
                }
                Err(error) => Err(DocumentError { line: 1, message: error.to_string() }),
            };
        }
        let line_of = |offset: usize| text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1;
        let (document, errors) = DeTable::parse_recoverable(text);
        if let Some(error) = errors.first() {
            let line = line_of(error.span().map_or(0, |span| span.start));
            let message = format!("this is not TOML: {}", error.message().replace('\n', ", "));
            return Err(DocumentError { line, message });
        }
        let mut reader = Reader { lines: HashMap::new(), line_of: &line_of };
        let value = Value::Object(reader.table("", document.get_ref())?);
        Ok(Self { value, lines: reader.lines })
    }

    /// The line of a place such as `roles.rules[1].when`, or of what it is in.
    pub fn line(&self, place: &str) -> Option<usize> {
        let mut place = place;
        loop {
            if let Some(line) = self.lines.get(place) {
                return Some(*line);
            }
            let end = place.rfind(['.', '['])?;
            place = place.get(..end)?;
        }
    }
}

struct Reader<'t> {
    lines: HashMap<String, usize>,
    line_of: &'t dyn Fn(usize) -> usize,
}

impl Reader<'_> {
    fn table(&mut self, place: &str, table: &DeTable<'_>) -> Result<Map<String, Value>, DocumentError> {
        let mut object = Map::new();
        for (name, value) in table {
            let key = name.get_ref().to_string();
            let place = if place.is_empty() { key.clone() } else { format!("{place}.{key}") };
            let line = (self.line_of)(name.span().start);
            self.lines.insert(place.clone(), line);
            object.insert(key, self.value(&place, line, value.get_ref())?);
        }
        Ok(object)
    }

    fn array(&mut self, place: &str, array: &DeArray<'_>) -> Result<Vec<Value>, DocumentError> {
        let mut values = Vec::new();
        for (index, value) in array.iter().enumerate() {
            let place = format!("{place}[{index}]");
            let line = (self.line_of)(value.span().start);
            self.lines.insert(place.clone(), line);
            values.push(self.value(&place, line, value.get_ref())?);
        }
        Ok(values)
    }

    fn value(&mut self, place: &str, line: usize, value: &DeValue<'_>) -> Result<Value, DocumentError> {
        let number = |text: &str| DocumentError { line, message: format!("{place}: {text} is out of range") };
        Ok(match value {
            DeValue::String(text) => Value::String(text.to_string()),
            DeValue::Boolean(truth) => Value::Bool(*truth),
            DeValue::Integer(integer) => match i64::from_str_radix(integer.as_str(), integer.radix()) {
                Ok(integer) => integer.into(),
                Err(_) => return Err(number(integer.as_str())),
            },
            DeValue::Float(float) => match float.as_str().parse().ok().and_then(Number::from_f64) {
                Some(float) => Value::Number(float),
                None => return Err(number(float.as_str())),
            },
            DeValue::Datetime(moment) => Value::String(moment.to_string()),
            DeValue::Array(array) => Value::Array(self.array(place, array)?),
            DeValue::Table(table) => Value::Object(self.table(place, table)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn toml_and_json_say_the_same_and_toml_knows_its_lines() {
        let text = "[attributes]\nemail = ['a', 'b']\nx = { from = 'c', default = 7 }\n\n[roles]\nrules = [\n  { group = 'G', role = 'r' },\n  { when = 'a pr', role = 's' },\n]\n";
        let read = DocumentFile::parse(text).expect("a document");
        let expected = json!({
            "attributes": {"email": ["a", "b"], "x": {"from": "c", "default": 7}},
            "roles": {"rules": [{"group": "G", "role": "r"}, {"when": "a pr", "role": "s"}]},
        });
        assert_eq!(read.value, expected);
        for (place, line) in [
            ("attributes.x.default", 3),
            ("roles.rules[1].when", 8),
            ("attributes.x.transform", 3),
            ("roles", 5),
        ] {
            assert_eq!(read.line(place), Some(line), "{place}");
        }
        assert_eq!(read.line("nowhere"), None);
        assert_eq!(DocumentFile::parse(&expected.to_string()).expect("a document").value, expected);
    }

    #[test]
    fn what_is_neither_is_refused_with_its_line() {
        for (text, line) in [
            ("a = 1\na = 2\n", 2),
            ("[attributes\n", 1),
            ("x = 1\ny = nope\n", 2),
            ("{\"a\": 1,\n\"a\": 2}", 2),
        ] {
            assert_eq!(DocumentFile::parse(text).expect_err(text).line, line, "{text}");
        }
    }
}
