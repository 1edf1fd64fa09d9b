//! Makes values of the API readable and safe on a terminal.
//!
//! Names and paths come from customers' providers. A terminal obeys escape sequences and reorders
//! text on bidirectional controls, so none of these is ever written as it came.

use serde_json::Value;

use crate::base::time::Timestamp;

/// What stands for a value that is not there.
pub const ABSENT: &str = "-";

/// The text on one line, with everything visible that a terminal would obey.
pub fn safe(text: &str) -> String {
    escape(text, |_| false)
}

/// As [`safe`], but lines stay lines.
pub fn safe_lines(text: &str) -> String {
    escape(text, |character| character == '\n')
}

fn escape(text: &str, is_kept: impl Fn(char) -> bool) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if is_obeyed(character) && !is_kept(character) {
            safe.extend(character.escape_default());
        } else {
            safe.push(character);
        }
    }
    safe
}

/// Controls, line and paragraph separators, marks and overrides of direction.
fn is_obeyed(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

/// At most this many characters, with an ellipsis where something is cut off.
pub fn shortened(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(chars_max.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// The value at a JSON pointer as text for one cell.
pub fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).map_or_else(|| ABSENT.to_owned(), scalar)
}

/// Any value as text for one cell.
pub fn scalar(value: &Value) -> String {
    match value {
        Value::Null => ABSENT.to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) if text.is_empty() => ABSENT.to_owned(),
        Value::String(text) => safe(text),
        Value::Number(_) | Value::Array(_) | Value::Object(_) => safe(&value.to_string()),
    }
}

/// The moment at a JSON pointer, to the second.
pub fn time(value: &Value, pointer: &str) -> String {
    match value.pointer(pointer).and_then(Value::as_str) {
        Some(text) => readable_time(text),
        None => ABSENT.to_owned(),
    }
}

/// `2026-01-15 12:00:00Z`; a text that is no moment is shown as it is.
pub fn readable_time(text: &str) -> String {
    let Some(moment) = Timestamp::parse(text) else { return safe(text) };
    let text = moment.to_string();
    match (text.get(..10), text.get(11..19)) {
        (Some(date), Some(time)) => format!("{date} {time}Z"),
        _ => text,
    }
}

/// The texts of an array at a JSON pointer, each read at `inner`, joined.
pub fn joined(value: &Value, pointer: &str, inner: &str) -> String {
    let items = value.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if items.is_empty() {
        return ABSENT.to_owned();
    }
    items.iter().map(|item| text(item, inner)).collect::<Vec<_>>().join(", ")
}

/// How many values an array at a JSON pointer has.
pub fn count(value: &Value, pointer: &str) -> usize {
    value.pointer(pointer).and_then(Value::as_array).map_or(0, Vec::len)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_made_visible() {
        assert_eq!(safe("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert_eq!(safe("x\u{202e}y\nz"), "x\\u{202e}y\\nz");
        assert_eq!(safe_lines("a\nb\u{7}"), "a\nb\\u{7}");
        assert_eq!(safe("Zoë 日本 👩‍🚀"), "Zoë 日本 👩‍🚀");
    }

    #[test]
    fn a_time_is_readable_and_what_is_none_stays() {
        let value = json!({"at": "2026-01-15T13:00:00.123+01:00", "odd": "soon", "none": null});
        assert_eq!(time(&value, "/at"), "2026-01-15 12:00:00Z");
        assert_eq!(time(&value, "/odd"), "soon");
        assert_eq!(time(&value, "/none"), "-");
        assert_eq!(time(&value, "/missing"), "-");
    }

    #[test]
    fn cells_have_a_word_for_everything() {
        let value = json!({"s": "", "b": true, "n": 3, "l": [{"slug": "admin"}, {"slug": "dev"}], "e": []});
        assert_eq!(text(&value, "/s"), "-");
        assert_eq!(text(&value, "/b"), "yes");
        assert_eq!(text(&value, "/n"), "3");
        assert_eq!(joined(&value, "/l", "/slug"), "admin, dev");
        assert_eq!(joined(&value, "/e", ""), "-");
    }

    #[test]
    fn long_text_is_cut_at_characters() {
        assert_eq!(shortened("äöüß", 4), "äöüß");
        assert_eq!(shortened("äöüßx", 4), "äöü…");
    }
}
