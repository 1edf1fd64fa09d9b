//! Transforms: a closed list of what can be done with one value.

use serde_json::{Number, Value};

use super::value::{as_text, is_address};

/// What is done with a value. What has nothing left has no value, and the next source is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transform {
    Trim,
    Lowercase,
    Uppercase,
    Titlecase,
    /// What stands before the @ of an address.
    LocalPart,
    /// What stands behind it.
    Domain,
    /// The digits of a text.
    Digits,
    Number,
    Boolean,
    /// All values instead of the first.
    List,
    /// Only what can be an e-mail address.
    Address,
}

impl Transform {
    const ALL: [Self; 11] = [
        Self::Trim,
        Self::Lowercase,
        Self::Uppercase,
        Self::Titlecase,
        Self::LocalPart,
        Self::Domain,
        Self::Digits,
        Self::Number,
        Self::Boolean,
        Self::List,
        Self::Address,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Trim => "trim",
            Self::Lowercase => "lowercase",
            Self::Uppercase => "uppercase",
            Self::Titlecase => "titlecase",
            Self::LocalPart => "local_part",
            Self::Domain => "domain",
            Self::Digits => "digits",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::List => "list",
            Self::Address => "address",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|transform| transform.name() == name)
    }

    /// The names of all, to choose from.
    pub fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }

    /// The value after it; texts alone have case, blanks and parts.
    pub fn apply(self, value: Value) -> Option<Value> {
        match (self, value) {
            (Self::List, value) => Some(value),
            (Self::Trim, Value::String(text)) => text_of(text.trim()),
            (Self::Lowercase, Value::String(text)) => text_of(&text.to_lowercase()),
            (Self::Uppercase, Value::String(text)) => text_of(&text.to_uppercase()),
            (Self::Titlecase, Value::String(text)) => text_of(&titlecase(&text)),
            (Self::LocalPart, Value::String(text)) => {
                text_of(text.rsplit_once('@').map_or(text.as_str(), |(local, _)| local))
            }
            (Self::Trim | Self::Lowercase | Self::Uppercase | Self::Titlecase | Self::LocalPart, value) => {
                Some(value)
            }
            (Self::Domain, value) => text_of(value.as_str()?.rsplit_once('@')?.1),
            (Self::Address, value) => Some(value).filter(|value| value.as_str().is_some_and(is_address)),
            (Self::Digits, value) => {
                let text = as_text(&value)?;
                text_of(&text.chars().filter(char::is_ascii_digit).collect::<String>())
            }
            (Self::Number, value) => number(&value).map(Value::Number),
            (Self::Boolean, value) => boolean(&value).map(Value::Bool),
        }
    }
}

fn text_of(text: &str) -> Option<Value> {
    (!text.is_empty()).then(|| Value::String(text.to_owned()))
}

/// Each word with a capital first; what follows a hyphen or an apostrophe is a word too.
fn titlecase(text: &str) -> String {
    let mut begins = true;
    let mut titled = String::with_capacity(text.len());
    for letter in text.chars() {
        match begins {
            true => titled.extend(letter.to_uppercase()),
            false => titled.extend(letter.to_lowercase()),
        }
        begins = !letter.is_alphanumeric();
    }
    titled
}

fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => {
            let whole = text.parse::<i64>().ok().map(Number::from);
            whole.or_else(|| text.parse::<f64>().ok().and_then(Number::from_f64))
        }
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        value => match as_text(value)?.to_lowercase().as_str() {
            "true" | "yes" | "1" => Some(true),
            "false" | "no" | "0" => Some(false),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_transform_does_what_its_name_says() {
        let table = [
            ("trim", json!(" a "), Some(json!("a"))),
            ("trim", json!(7), Some(json!(7))),
            ("trim", json!("  "), None),
            ("lowercase", json!("ÄB"), Some(json!("äb"))),
            ("uppercase", json!("äb"), Some(json!("ÄB"))),
            ("titlecase", json!("anne-marie O'NEIL"), Some(json!("Anne-Marie O'Neil"))),
            ("local_part", json!("a@b@c"), Some(json!("a@b"))),
            ("local_part", json!("zoe"), Some(json!("zoe"))),
            ("local_part", json!("@c"), None),
            ("domain", json!("a@b.c"), Some(json!("b.c"))),
            ("domain", json!("zoe"), None),
            ("digits", json!("+49 (30) 1"), Some(json!("49301"))),
            ("digits", json!("x"), None),
            ("number", json!("42"), Some(json!(42))),
            ("number", json!("4.5"), Some(json!(4.5))),
            ("number", json!("NaN"), None),
            ("number", json!("forty"), None),
            ("boolean", json!("Yes"), Some(json!(true))),
            ("boolean", json!(0), Some(json!(false))),
            ("boolean", json!("perhaps"), None),
            ("list", json!("a"), Some(json!("a"))),
            ("address", json!("a@b"), Some(json!("a@b"))),
            ("address", json!("zoe"), None),
        ];
        for (name, value, expected) in table {
            let transform = Transform::from_name(name).expect(name);
            assert_eq!(transform.apply(value.clone()), expected, "{name} {value}");
        }
        assert_eq!(Transform::from_name("reverse"), None);
    }
}
