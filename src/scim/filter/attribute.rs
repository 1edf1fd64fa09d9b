//! Finds what an attribute name means (RFC 7644 §3.10): case and URN prefixes are resolved against
//! the schema, so that whatever follows compares canonical names only.

use std::fmt;

use serde_json::{Map, Value};

use crate::scim::Strictness;
use crate::scim::dialect::{Rule, note};
use crate::scim::field::{field, short};
use crate::scim::schema::{Attribute, Schema, TypeSchema};

/// An attribute as a filter or a path names it, in its schema's spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributePath {
    /// The URN of the extension; `None` for core and common attributes.
    pub schema: Option<String>,
    pub name: String,
    pub sub: Option<String>,
    /// Whether the attribute (not the sub-attribute) has many values, as far as a schema says.
    pub multi_valued: bool,
}

impl AttributePath {
    /// The attribute's value in a whole resource, the sub-attribute left aside.
    pub fn find<'r>(&self, resource: &'r Map<String, Value>) -> Option<&'r Value> {
        match &self.schema {
            None => field(resource, &self.name),
            Some(urn) => field(field(resource, urn)?.as_object()?, &self.name),
        }
    }

    /// What the schema says about the attribute and its sub-attribute; `None` when it says nothing.
    pub fn definition<'s>(&self, schema: &'s TypeSchema) -> Option<(&'s Attribute, Option<&'s Attribute>)> {
        let attribute = match &self.schema {
            None => schema.core_attribute(&self.name),
            Some(urn) => schema.extension(urn).and_then(|extension| extension.attribute(&self.name)),
        }?;
        match &self.sub {
            Some(sub) => Some((attribute, Some(attribute.sub_attribute(sub)?))),
            None => Some((attribute, None)),
        }
    }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(urn) = &self.schema {
            write!(f, "{urn}:")?;
        }
        f.write_str(&self.name)?;
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

/// What a name turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Named<'s> {
    /// An attribute that a schema describes, and its sub-attribute.
    Known { path: AttributePath, attribute: &'s Attribute, sub: Option<&'s Attribute> },
    /// An attribute that no schema describes, under the URN of an extension.
    Open { path: AttributePath },
    /// A whole extension.
    Extension { urn: String },
    /// A name without URN that no schema knows.
    UnknownCore { name: String, sub: Option<String> },
}

/// Resolves `userName`, `name.givenName`, `urn:…:User:manager.value` or `urn:…:User`.
///
/// # Errors
///
/// A sentence that says what is wrong with the name; the caller knows whether that is a bad filter
/// or a bad path.
pub fn resolve<'s>(
    text: &str,
    schema: &'s TypeSchema,
    strictness: Strictness,
    rules: &mut Vec<Rule>,
) -> Result<Named<'s>, String> {
    if !text.contains(':') {
        return plain(text, schema, strictness, rules);
    }
    if let Some(rest) = after(text, &schema.core.id) {
        return match rest.strip_prefix(':') {
            Some(name) => plain(name, schema, Strictness::Strict, rules),
            None if rest.is_empty() => Err(format!("{text} names a whole schema, not an attribute")),
            None => Err(format!("{} names no attribute", short(text))),
        };
    }
    // The longest URN first: one extension's URN may begin with another's.
    let mut extensions: Vec<&Schema> = schema.extensions.iter().collect();
    extensions.sort_by_key(|extension| std::cmp::Reverse(extension.id.len()));
    for extension in extensions {
        let Some(rest) = after(text, &extension.id) else { continue };
        if rest.is_empty() {
            return Ok(Named::Extension { urn: extension.id.clone() });
        }
        if let Some(name) = rest.strip_prefix(':') {
            return inside(extension, name);
        }
        if let (Some(name), Strictness::Lenient) = (rest.strip_prefix('.'), strictness) {
            let named = inside(extension, name)?;
            note(rules, Rule::AttributeUrnDot);
            return Ok(named);
        }
    }
    unregistered(text)
}

/// What follows a URN at the start of the text, compared without regard to case.
fn after<'t>(text: &'t str, urn: &str) -> Option<&'t str> {
    let (start, rest) = text.split_at_checked(urn.len())?;
    start.eq_ignore_ascii_case(urn).then_some(rest)
}

fn plain<'s>(
    text: &str,
    schema: &'s TypeSchema,
    strictness: Strictness,
    rules: &mut Vec<Rule>,
) -> Result<Named<'s>, String> {
    let (name, sub) = split(text)?;
    if let Some(attribute) = schema.core_attribute(name) {
        return known(None, attribute, sub);
    }
    let mut owners = schema.extensions.iter().filter(|extension| extension.attribute(name).is_some());
    if let (Strictness::Lenient, Some(owner), None) = (strictness, owners.next(), owners.next()) {
        let named = inside(owner, text)?;
        note(rules, Rule::AttributeUrnMissing);
        return Ok(named);
    }
    Ok(Named::UnknownCore { name: name.to_owned(), sub: sub.map(str::to_owned) })
}

fn inside<'s>(extension: &'s Schema, text: &str) -> Result<Named<'s>, String> {
    let (name, sub) = split(text)?;
    match extension.attribute(name) {
        Some(attribute) => known(Some(&extension.id), attribute, sub),
        None => Ok(Named::Open { path: open(&extension.id, name, sub) }),
    }
}

fn known<'s>(urn: Option<&String>, attribute: &'s Attribute, sub: Option<&str>) -> Result<Named<'s>, String> {
    let sub = match sub {
        None => None,
        Some(sub) => Some(
            attribute
                .sub_attribute(sub)
                .ok_or_else(|| format!("{} has no sub-attribute {}", attribute.name, short(sub)))?,
        ),
    };
    let path = AttributePath {
        schema: urn.cloned(),
        name: attribute.name.clone(),
        sub: sub.map(|sub| sub.name.clone()),
        multi_valued: attribute.multi_valued,
    };
    Ok(Named::Known { path, attribute, sub })
}

fn open(urn: &str, name: &str, sub: Option<&str>) -> AttributePath {
    AttributePath {
        schema: Some(urn.to_owned()),
        name: name.to_owned(),
        sub: sub.map(str::to_owned),
        multi_valued: false,
    }
}

/// Takes the last colon for the one between the URN and the attribute. What follows it can't be a
/// name in `urn:example:ext:2.0`, which therefore is a whole extension.
fn unregistered<'s>(text: &str) -> Result<Named<'s>, String> {
    if after(text, "urn:ietf:params:scim:schemas:core:").is_some()
        || after(text, "urn:ietf:params:scim:api:").is_some()
    {
        return Err(format!("{} belongs to no schema of this resource type", short(text)));
    }
    let is_uri = after(text, "urn:").is_some() && text.chars().all(|c| c.is_ascii_graphic());
    let (urn, name) = text.rsplit_once(':').unwrap_or(("", text));
    match split(name) {
        Ok((name, sub)) if is_uri && urn.contains(':') => Ok(Named::Open { path: open(urn, name, sub) }),
        Err(_) if is_uri && !name.is_empty() => Ok(Named::Extension { urn: text.to_owned() }),
        _ => Err(format!("{} is not the name of an attribute", short(text))),
    }
}

/// Splits `name.sub`. There is one level of sub-attributes, never two.
fn split(text: &str) -> Result<(&str, Option<&str>), String> {
    let (name, sub) = match text.split_once('.') {
        Some((name, sub)) => (name, Some(sub)),
        None => (text, None),
    };
    match sub {
        _ if !is_name(name) => Err(format!("{} is not the name of an attribute", shown(text))),
        Some(sub) if !is_name(sub.strip_prefix('$').unwrap_or(sub)) => {
            Err(format!("{} is not the name of a sub-attribute", shown(sub)))
        }
        sub => Ok((name, sub)),
    }
}

fn shown(text: &str) -> String {
    format!("{:?}", short(text))
}

/// ATTRNAME of RFC 7643 §2.1.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '$'))
}
