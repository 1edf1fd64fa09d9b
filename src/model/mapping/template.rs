//! Templates: text with attribute paths in braces.

use serde_json::{Map, Value};

use super::rule::SourcePath;
use super::value::as_text;
use crate::base::limits;

/// Text with paths in it; has a value only if every path has. `{{` and `}}` are braces.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Text(String),
    Path(SourcePath),
}

impl Template {
    /// Reads `{title}, {name.formatted}`.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if limits::MAPPING_TEMPLATE_BYTES_MAX < text.len() {
            let (bytes, max) = (text.len(), limits::MAPPING_TEMPLATE_BYTES_MAX);
            return Err(format!("the template has {bytes} bytes; at most {max} are taken"));
        }
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            literal.push_str(before);
            if let Some(after) = from.strip_prefix("{{").or_else(|| from.strip_prefix("}}")) {
                literal.push_str(&from[..1]);
                rest = after;
                continue;
            }
            let Some(inner) = from.strip_prefix('{') else {
                return Err("a } stands without its {; write }} for a brace".to_owned());
            };
            let end = end_of_path(inner).ok_or("a { has no }; write {{ for a brace")?;
            if !literal.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut literal)));
            }
            let path = &inner[..end];
            parts.push(Part::Path(
                SourcePath::parse(path.trim()).map_err(|what| format!("in {{{path}}}: {what}"))?,
            ));
            rest = &inner[end + 1..];
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        match parts.iter().any(|part| matches!(part, Part::Path(_))) {
            true => Ok(Self { parts }),
            false => Err("the template names no attribute; write one in braces, such as {title}".to_owned()),
        }
    }

    /// The text, if every path has a value and the whole is not too long for one attribute.
    pub fn text(&self, raw: &Map<String, Value>) -> Option<String> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(literal) => text.push_str(literal),
                Part::Path(path) => text.push_str(&path.values(raw).iter().find_map(as_text)?),
            }
            if limits::STRING_BYTES_MAX < text.len() {
                return None;
            }
        }
        Some(text)
    }

    pub fn paths(&self) -> impl Iterator<Item = &SourcePath> {
        self.parts.iter().filter_map(|part| match part {
            Part::Path(path) => Some(path),
            Part::Text(_) => None,
        })
    }
}

/// Where the path ends: at the first brace that is in no quoted text.
fn end_of_path(text: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '}' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(template: &str, user: Value) -> Result<Option<String>, String> {
        let template = Template::parse(template)?;
        Ok(template.text(user.as_object().expect("a user")))
    }

    #[test]
    fn paths_are_filled_in_and_braces_can_be_written() {
        let user = json!({"title": " Boss ", "name": {"formatted": "Ada"}, "shoe": 44,
                          "emails": [{"type": "}", "value": "x"}]});
        for (template, expected) in [
            ("{title}, {name.formatted}", Some("Boss, Ada")),
            ("{{{title}}}", Some("{Boss}")),
            ("{ shoe }!", Some("44!")),
            ("{emails[type eq \"}\"].value}", Some("x")),
            ("{title} {nickName}", None),
            ("{name} {title}", None),
        ] {
            assert_eq!(text(template, user.clone()), Ok(expected.map(str::to_owned)), "{template}");
        }
    }

    #[test]
    fn what_is_no_template_is_refused() {
        for template in ["", "plain", "{", "}", "{title", "title}", "{}", "{a b}", "{{title}}"] {
            assert!(Template::parse(template).is_err(), "{template}");
        }
    }

    #[test]
    fn long_templates_and_long_values_are_refused() {
        let padded = |bytes: usize| Template::parse(&format!("{}{{title}}", "x".repeat(bytes - 7)));
        assert!(padded(limits::MAPPING_TEMPLATE_BYTES_MAX).is_ok());
        assert!(padded(limits::MAPPING_TEMPLATE_BYTES_MAX + 1).is_err());
        let long = json!({"title": "x".repeat(limits::STRING_BYTES_MAX)});
        assert!(text("{title}", long.clone()).expect("a template").is_some());
        assert_eq!(text("{title}!", long), Ok(None));
    }
}
