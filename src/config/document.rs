//! Reads any TOML document as JSON: for files that a command hands to the daemon.

use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

/// # Errors
///
/// What is wrong, with its line.
pub fn toml_document(text: &str) -> Result<Map<String, Value>, String> {
    let table = DeTable::parse(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        let line = text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1;
        format!("line {line}: this is not TOML: {}", error.message().replace('\n', ", "))
    })?;
    object(table.get_ref())
}

fn object(table: &DeTable<'_>) -> Result<Map<String, Value>, String> {
    table.iter().map(|(name, value)| Ok((name.get_ref().to_string(), json(value.get_ref())?))).collect()
}

fn json(value: &DeValue<'_>) -> Result<Value, String> {
    Ok(match value {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Boolean(flag) => Value::Bool(*flag),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => number.into(),
            Err(_) => return Err(format!("{} is out of range", number.as_str())),
        },
        DeValue::Float(number) => match number.as_str().parse::<f64>().ok().and_then(serde_json::Number::from_f64) {
            Some(number) => Value::Number(number),
            None => return Err(format!("{} is no number", number.as_str())),
        },
        DeValue::Datetime(moment) => Value::String(moment.to_string()),
        DeValue::Array(values) => {
            Value::Array(values.iter().map(|value| json(value.get_ref())).collect::<Result<_, _>>()?)
        }
        DeValue::Table(table) => Value::Object(object(table)?),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_becomes_json() {
        let text = "type = \"file\"\nlist = [1, 2]\n[basic]\nusername = \"u\"\n[columns]\n\"emails[type eq \\\"work\\\"].value\" = \"Mail\"\n";
        let expected = json!({
            "type": "file", "list": [1, 2], "basic": {"username": "u"},
            "columns": {"emails[type eq \"work\"].value": "Mail"},
        });
        assert_eq!(toml_document(text).map(Value::Object), Ok(expected));
        assert!(toml_document("a = 1\nb =\n").expect_err("refused").starts_with("line 2"));
    }
}
