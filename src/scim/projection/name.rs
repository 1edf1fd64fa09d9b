//! Names in `attributes` and `excludedAttributes`, and what a list of them says about one attribute.

use crate::scim::resource::is_urn;
use crate::scim::schema::{Attribute, Returned, TypeSchema};

/// A name as a client writes it, in lower case.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Name {
    /// `emails` or `emails.value`, core or common.
    Core { attribute: String, sub: Option<String> },
    /// The core schema's URN: everything in it.
    WholeCore,
    /// `urn:…:User`, `urn:…:User:manager` or `urn:…:User:manager.value`. Where the schema's URN
    /// ends can be told only beside an object that has it.
    Extension(String),
}

/// Where an attribute stands, in lower case.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place<'a> {
    Core(&'a str),
    Extension { urn: &'a str, attribute: &'a str },
}

/// What a list of names says about one attribute.
#[derive(Debug)]
pub(super) enum Selection {
    Nothing,
    /// Named only by the schema around it.
    Schema,
    Whole,
    /// Only these sub-attributes.
    Subs(Vec<String>),
}

impl Selection {
    pub(super) fn subs(self) -> Vec<String> {
        match self {
            Self::Subs(subs) => subs,
            Self::Nothing | Self::Schema | Self::Whole => Vec::new(),
        }
    }
}

/// The names of a comma list; empty entries count for nothing.
pub(super) fn parse(list: Option<&str>, schema: &TypeSchema) -> Vec<Name> {
    let list = list.unwrap_or_default();
    list.split(',').map(str::trim).filter(|text| !text.is_empty()).map(|text| name(text, schema)).collect()
}

/// The attributes and sub-attributes whose schema says so.
pub(super) fn with_returned(schema: &TypeSchema, returned: Returned) -> Vec<Name> {
    let mut names = Vec::new();
    let mut add = |prefix: &str, attributes: &[Attribute]| {
        for attribute in attributes {
            let path = || format!("{prefix}{}", attribute.name);
            if attribute.returned == returned {
                names.push(name(&path(), schema));
                continue;
            }
            let subs = attribute.sub_attributes.iter().filter(|sub| sub.returned == returned);
            names.extend(subs.map(|sub| name(&format!("{}.{}", path(), sub.name), schema)));
        }
    };
    add("", &schema.common);
    add("", &schema.core.attributes);
    for extension in &schema.extensions {
        add(&format!("{}:", extension.id), &extension.attributes);
    }
    names
}

/// What the names say together; the widest one counts.
pub(super) fn select(names: &[Name], place: Place<'_>) -> Selection {
    let mut found = Selection::Nothing;
    for name in names {
        found = match (said(name, place), found) {
            (Selection::Whole, _) => return Selection::Whole,
            (Selection::Subs(more), Selection::Subs(mut subs)) => {
                subs.extend(more);
                Selection::Subs(subs)
            }
            (Selection::Schema, _) | (_, Selection::Schema) => Selection::Schema,
            (Selection::Nothing, found) => found,
            (said, Selection::Nothing) => said,
            (_, found) => found,
        };
    }
    found
}

fn said(name: &Name, place: Place<'_>) -> Selection {
    match (name, place) {
        (Name::WholeCore, Place::Core(_)) => Selection::Schema,
        (Name::Core { attribute, sub }, Place::Core(wanted)) if attribute == wanted => match sub {
            Some(sub) => Selection::Subs(vec![sub.clone()]),
            None => Selection::Whole,
        },
        (Name::Extension(text), Place::Extension { urn, attribute }) => match below(text, urn) {
            Some("") => Selection::Schema,
            Some(rest) => match rest.strip_prefix(attribute) {
                Some("") => Selection::Whole,
                Some(rest) => match rest.strip_prefix('.') {
                    Some(sub) => Selection::Subs(vec![sub.to_owned()]),
                    None => Selection::Nothing,
                },
                None => Selection::Nothing,
            },
            None => Selection::Nothing,
        },
        _ => Selection::Nothing,
    }
}

/// What follows a URN in a name: nothing, or `manager.value`.
fn below<'a>(text: &'a str, urn: &str) -> Option<&'a str> {
    match text.strip_prefix(urn)? {
        "" => Some(""),
        rest => rest.strip_prefix(':'),
    }
}

fn name(text: &str, schema: &TypeSchema) -> Name {
    let text = text.to_ascii_lowercase();
    if !is_urn(&text) {
        return core(&text);
    }
    match below(&text, &schema.core.id.to_ascii_lowercase()) {
        Some("") => Name::WholeCore,
        Some(rest) => core(rest),
        None => Name::Extension(text),
    }
}

fn core(text: &str) -> Name {
    match text.split_once('.') {
        Some((attribute, sub)) => Name::Core { attribute: attribute.to_owned(), sub: Some(sub.to_owned()) },
        None => Name::Core { attribute: text.to_owned(), sub: None },
    }
}
