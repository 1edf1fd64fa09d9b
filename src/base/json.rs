//! Strict JSON: UTF-8, no duplicate keys, no trailing bytes, bounded depth.

use std::fmt;

use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Why a text is not the JSON we take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JsonError {
    NotUtf8 { offset: usize },
    Syntax { line: usize, column: usize, reason: String },
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 { offset } => write!(f, "the body is not UTF-8 at byte {offset}"),
            Self::Syntax { line, column, reason } => {
                write!(f, "the body is not valid JSON at line {line}, column {column}: {reason}")
            }
        }
    }
}

impl std::error::Error for JsonError {}

/// Parses a whole text. Duplicate keys are refused, since parsers disagree on which one counts;
/// nesting beyond `depth_max` is refused before it is followed.
pub fn parse(bytes: &[u8], depth_max: usize) -> Result<Value, JsonError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| JsonError::NotUtf8 { offset: error.valid_up_to() })?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Strict { depth_left: depth_max }.deserialize(&mut reader).map_err(syntax)?;
    reader.end().map_err(syntax)?;
    Ok(value)
}

fn syntax(error: serde_json::Error) -> JsonError {
    let text = error.to_string();
    // serde_json appends the place to the reason; we give it in words of our own.
    let reason = match text.rfind(" at line ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    };
    JsonError::Syntax { line: error.line(), column: error.column(), reason }
}

#[derive(Clone, Copy)]
struct Strict {
    depth_left: usize,
}

impl Strict {
    fn deeper<E: de::Error>(self) -> Result<Self, E> {
        match self.depth_left.checked_sub(1) {
            Some(depth_left) => Ok(Self { depth_left }),
            None => Err(E::custom("arrays and objects are nested too deeply")),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("a number is out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let deeper = self.deeper()?;
        let mut values = Vec::new();
        while let Some(value) = seq.next_element_seed(deeper)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let deeper = self.deeper()?;
        let mut map = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            if map.contains_key(&key) {
                return Err(de::Error::custom(format_args!("the key {key:?} is there twice")));
            }
            let value = access.next_value_seed(deeper)?;
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text: &[u8]) -> String {
        parse(text, 4).expect_err("must be refused").to_string()
    }

    #[test]
    fn a_plain_document_is_parsed_with_its_key_order() {
        let value = parse(br#"{"b":1,"a":[true,null,"x",1.5,-2]}"#, 4).expect("valid");
        assert_eq!(value.to_string(), r#"{"b":1,"a":[true,null,"x",1.5,-2]}"#);
    }

    #[test]
    fn duplicate_keys_are_refused() {
        assert!(reason(br#"{"active":false,"active":true}"#).contains("twice"));
    }

    #[test]
    fn depth_is_allowed_up_to_the_limit_and_refused_beyond() {
        assert!(parse(b"[[[[1]]]]", 4).is_ok());
        assert!(reason(b"[[[[[1]]]]]").contains("too deeply"));
        let bomb = "[".repeat(1_000_000);
        assert!(parse(bomb.as_bytes(), 16).is_err());
    }

    #[test]
    fn invalid_utf8_trailing_bytes_and_truncation_are_refused() {
        assert_eq!(reason(b"\"\xff\""), "the body is not UTF-8 at byte 1");
        assert!(reason(b"{} {}").contains("trailing"));
        assert!(reason(b"{\"a\":").contains("EOF"));
        assert!(reason(b"1e999").contains("range"));
        assert!(parse(b"\"\\ud800\"", 4).is_err());
    }
}
