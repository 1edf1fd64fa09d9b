//! Paths of PATCH operations (RFC 7644 §3.5.2, figure 7), and of a mapping's sources.

use std::fmt;

use serde_json::{Map, Value};

use super::dialect::{Rule, note};
use super::field::{field, short};
use super::filter::attribute::{Named, resolve};
use super::filter::parser::{Grammar, value_path};
use super::filter::{AttributePath, Filter, Unknown, matches_value};
use super::schema::TypeSchema;
use super::{Error, Strictness};
use crate::base::limits::FILTER_BYTES_MAX;

/// What an operation points at.
#[derive(Debug, Clone, PartialEq)]
pub enum Path {
    /// An attribute that a schema describes, core or of an extension, and its sub-attribute.
    Attribute(AttributePath),
    /// The values that a filter selects, or one sub-attribute of each.
    Values { attribute: AttributePath, filter: Filter, sub: Option<String> },
    /// An attribute under an extension's URN that no schema describes. When the extension isn't
    /// registered either, the whole text may also be the URN of an extension.
    Open(AttributePath),
    /// A whole extension.
    Extension { urn: String },
    /// A name without URN that no schema knows.
    UnknownCore { name: String, sub: Option<String> },
}

/// Parses a path. When lenient, deviations are understood and noted, and a core attribute that no
/// schema knows is a path to what is kept for the mapping.
///
/// # Errors
///
/// `invalidPath` with what to change.
pub fn parse(
    text: &str,
    schema: &TypeSchema,
    strictness: Strictness,
    rules: &mut Vec<Rule>,
) -> Result<Path, Error> {
    let invalid = |what: String| Error::invalid_path(format!("The path is invalid: {what}"));
    if FILTER_BYTES_MAX < text.len() {
        return Err(invalid(format!("it has {} bytes; at most {FILTER_BYTES_MAX} are taken", text.len())));
    }
    if text.contains('[') {
        let grammar = Grammar { schema, strictness, unknown: Unknown::Refused };
        return values(text, grammar, rules).map_err(invalid);
    }
    match resolve(text, schema, strictness, rules).map_err(invalid)? {
        Named::Known { path, .. } => Ok(Path::Attribute(path)),
        Named::Open { path } => Ok(Path::Open(path)),
        Named::Extension { urn } => Ok(Path::Extension { urn }),
        Named::UnknownCore { name, sub } if strictness == Strictness::Lenient => {
            note(rules, Rule::PatchUnknownAttributeKept);
            Ok(Path::UnknownCore { name, sub })
        }
        Named::UnknownCore { name, .. } => {
            Err(invalid(format!("{} has no attribute {}", schema.core.name, short(&name))))
        }
    }
}

/// Parses a path by which a mapping reads: lenient, and any name is allowed before brackets too.
///
/// # Errors
///
/// `invalidPath` with what to change.
pub fn parse_source(text: &str, schema: &TypeSchema) -> Result<Path, Error> {
    if text.contains('[') {
        let grammar = Grammar { schema, strictness: Strictness::Lenient, unknown: Unknown::Allowed };
        return values(text, grammar, &mut Vec::new())
            .map_err(|what| Error::invalid_path(format!("The path is invalid: {what}")));
    }
    parse(text, schema, Strictness::Lenient, &mut Vec::new())
}

fn values(text: &str, grammar: Grammar<'_>, rules: &mut Vec<Rule>) -> Result<Path, String> {
    // Entra's boolean strings are understood here too; unquoted text never is, within brackets.
    let (attribute, filter, rest) = value_path(text, grammar, rules)?;
    if rest.is_empty() {
        return Ok(Path::Values { attribute, filter, sub: None });
    }
    let Some(name) = rest.strip_prefix('.') else {
        return Err(format!("{} can't follow the brackets; a sub-attribute needs a dot", short(rest)));
    };
    let whole = AttributePath { sub: Some(name.to_owned()), ..attribute.clone() }.to_string();
    let sub = match resolve(&whole, grammar.schema, Strictness::Strict, rules)? {
        Named::Known { path, .. } | Named::Open { path } => path.sub,
        Named::UnknownCore { sub, .. } => sub,
        Named::Extension { .. } => None,
    };
    match sub {
        Some(sub) => Ok(Path::Values { attribute, filter, sub: Some(sub) }),
        None => Err(format!("{} is not a path", short(text))),
    }
}

impl Path {
    /// The values that the path points at in a whole resource; those of a multi-valued attribute
    /// one by one.
    pub fn select<'r>(&self, resource: &'r Map<String, Value>) -> Vec<&'r Value> {
        match self {
            Self::Attribute(path) => parts(each(path.find(resource)), path.sub.as_deref()),
            Self::Values { attribute, filter, sub } => {
                let mut values = each(attribute.find(resource));
                values.retain(|value| matches_value(filter, value));
                parts(values, sub.as_deref())
            }
            Self::Open(path) => {
                let found = parts(each(path.find(resource)), path.sub.as_deref());
                match found.is_empty() && path.sub.is_none() {
                    true => each(field(resource, &path.to_string())),
                    false => found,
                }
            }
            Self::Extension { urn } => each(field(resource, urn)),
            Self::UnknownCore { name, sub } => parts(each(field(resource, name)), sub.as_deref()),
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sub = match self {
            Self::Attribute(path) | Self::Open(path) => return path.fmt(f),
            Self::Extension { urn } => return f.write_str(urn),
            Self::Values { attribute, filter, sub } => {
                write!(f, "{attribute}[{filter}]")?;
                sub
            }
            Self::UnknownCore { name, sub } => {
                f.write_str(name)?;
                sub
            }
        };
        match sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

fn each(value: Option<&Value>) -> Vec<&Value> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(values)) => values.iter().collect(),
        Some(value) => vec![value],
    }
}

fn parts<'r>(values: Vec<&'r Value>, sub: Option<&str>) -> Vec<&'r Value> {
    let Some(sub) = sub else { return values };
    values
        .into_iter()
        .filter_map(|value| field(value.as_object()?, sub))
        .flat_map(|value| each(Some(value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scim::ScimType;
    use crate::scim::schema::standard;

    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

    fn kind(text: &str, strictness: Strictness) -> (Result<(&'static str, String), ScimType>, Vec<Rule>) {
        let mut rules = Vec::new();
        let path = parse(text, &standard().user, strictness, &mut rules);
        let shown = path.map(|path| {
            let kind = match path {
                Path::Attribute(_) => "attribute",
                Path::Values { .. } => "values",
                Path::Open(_) => "open",
                Path::Extension { .. } => "extension",
                Path::UnknownCore { .. } => "unknown",
            };
            (kind, path.to_string())
        });
        (shown.map_err(|error| error.scim_type), rules)
    }

    #[test]
    fn standard_paths_are_canonical_in_both_modes() {
        for (text, expected, printed) in [
            ("USERNAME", "attribute", "userName"),
            ("Name.FamilyName", "attribute", "name.familyName"),
            ("urn:IETF:params:scim:schemas:core:2.0:User:emails.VALUE", "attribute", "emails.value"),
            ("emails[TYPE EQ \"work\"]", "values", "emails[type eq \"work\"]"),
            ("emails[not (type eq \"]\")].Value", "values", "emails[not (type eq \"]\")].value"),
            ("emails[type eq \"a\" or primary eq true].$ref", "", ""),
            ("urn:x:y:ext:thing", "open", "urn:x:y:ext:thing"),
            ("urn:x:y:ext:thing.part", "open", "urn:x:y:ext:thing.part"),
            ("urn:x:y:ext:things[a eq \"b\"].part", "values", "urn:x:y:ext:things[a eq \"b\"].part"),
            ("urn:x:y:ext:2.0", "extension", "urn:x:y:ext:2.0"),
        ] {
            for strictness in [Strictness::Strict, Strictness::Lenient] {
                let wanted = match expected {
                    "" => Err(ScimType::InvalidPath),
                    expected => Ok((expected, printed.to_owned())),
                };
                assert_eq!(kind(text, strictness), (wanted, vec![]), "{text}");
            }
        }
        let (whole, _) = kind(&ENTERPRISE.to_uppercase(), Strictness::Strict);
        assert_eq!(whole, Ok(("extension", ENTERPRISE.to_owned())));
        let (sub, _) = kind(&format!("{ENTERPRISE}:MANAGER.value"), Strictness::Strict);
        assert_eq!(sub, Ok(("attribute", format!("{ENTERPRISE}:manager.value"))));
    }

    #[test]
    fn lenient_paths_are_named_and_refused_when_strict() {
        for (text, expected, printed, rules) in [
            ("favouriteColour", "unknown", "favouriteColour", vec![Rule::PatchUnknownAttributeKept]),
            ("car.colour", "unknown", "car.colour", vec![Rule::PatchUnknownAttributeKept]),
            ("manager", "attribute", &format!("{ENTERPRISE}:manager"), vec![Rule::AttributeUrnMissing]),
            (
                "Manager.Value",
                "attribute",
                &format!("{ENTERPRISE}:manager.value"),
                vec![Rule::AttributeUrnMissing],
            ),
            (
                "roles[primary eq \"True\"].value",
                "values",
                "roles[primary eq true].value",
                vec![Rule::FilterBooleanString],
            ),
        ] {
            assert_eq!(
                kind(text, Strictness::Lenient),
                (Ok((expected, printed.to_owned())), rules),
                "{text}"
            );
            assert_eq!(kind(text, Strictness::Strict).0, Err(ScimType::InvalidPath), "{text}");
        }
        let dotted = format!("{ENTERPRISE}.manager.value");
        let expected =
            (Ok(("attribute", format!("{ENTERPRISE}:manager.value"))), vec![Rule::AttributeUrnDot]);
        assert_eq!(kind(&dotted, Strictness::Lenient), expected);
    }

    #[test]
    fn what_is_no_path_is_refused_in_both_modes() {
        for text in [
            "",
            " ",
            ".",
            "a..b",
            "a.b.c",
            "name.",
            ".givenName",
            "1title",
            "title ",
            "emails[",
            "emails[]",
            "[type eq \"a\"]",
            "emails[type eq \"work\"",
            "emails[type eq \"work\"]value",
            "emails[type eq \"work\"].",
            "emails[0]",
            "emails [type eq \"work\"]",
            "emails[type eq work].value",
            "emails[type eq \"work\"].a.b",
            "title[value eq \"x\"]",
            "emails[type eq \"work\"].nosuch",
            "name.nosuch",
            "emails[value eq \"a\"][type eq \"b\"]",
            "é",
            "a/b",
            "$ref",
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:core:2.0:Group:members",
            "urn:",
            "urn::",
            "nosuch[value eq \"x\"]",
            "emails[emails[value eq \"x\"]]",
            "members",
            "urn:a:\u{0}",
        ] {
            let expected = if text == "members" { None } else { Some(ScimType::InvalidPath) };
            assert_eq!(
                kind(text, Strictness::Strict).0.err(),
                expected.or(Some(ScimType::InvalidPath)),
                "{text:?}"
            );
            assert_eq!(kind(text, Strictness::Lenient).0.err(), expected, "{text:?}");
        }
    }

    #[test]
    fn long_paths_are_refused() {
        let path = |bytes: usize| kind(&"a".repeat(bytes), Strictness::Lenient).0;
        assert!(path(FILTER_BYTES_MAX).is_ok());
        assert_eq!(path(FILTER_BYTES_MAX + 1), Err(ScimType::InvalidPath));
        let bomb = format!("emails[{}", "(".repeat(1024 * 1024));
        assert_eq!(kind(&bomb, Strictness::Lenient).0, Err(ScimType::InvalidPath));
    }

    #[test]
    fn sources_select_values() {
        let resource = json!({
            "userName": "a", "car": {"colour": "red"}, "cars": [{"plate": "x"}, {"plate": "y", "old": true}],
            "emails": [{"value": "1", "type": "work"}, {"value": "2", "primary": true}],
            "urn:x:y:Z": {"flag": true}, ENTERPRISE: {"manager": {"value": "m"}},
        });
        let resource = resource.as_object().expect("object");
        for (text, expected) in [
            ("username", json!(["a"])),
            ("title", json!([])),
            ("emails.value", json!(["1", "2"])),
            ("emails[primary eq true].value", json!(["2"])),
            ("emails[type eq \"home\"].value", json!([])),
            ("car.colour", json!(["red"])),
            ("cars[old eq true].plate", json!(["y"])),
            ("manager.value", json!(["m"])),
            ("urn:x:y:Z:flag", json!([true])),
            ("urn:x:y:Z", json!([{"flag": true}])),
        ] {
            let path = parse_source(text, &standard().user).expect(text);
            assert_eq!(json!(path.select(resource)), expected, "{text}");
        }
    }
}
