//! Which attributes of a resource are sent: `attributes`, `excludedAttributes` and each attribute's
//! own `returned` (RFC 7644 §3.9).

mod name;

use serde_json::{Map, Value};

use self::name::{Name, Place, Selection, select, with_returned};
use super::Error;
use super::resource::is_urn;
use super::schema::{Returned, TypeSchema};

/// What to send of a resource, decided once per request.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    mode: Mode,
    always: Vec<Name>,
    never: Vec<Name>,
    request: Vec<Name>,
}

#[derive(Debug, Clone, PartialEq)]
enum Mode {
    Default,
    Only(Vec<Name>),
    Without(Vec<Name>),
}

impl Projection {
    /// Reads the two parameters; an empty one counts as absent, an unknown name selects nothing.
    ///
    /// # Errors
    ///
    /// `invalidValue` when both are given: they exclude each other.
    pub fn parse(
        attributes: Option<&str>,
        excluded: Option<&str>,
        schema: &TypeSchema,
    ) -> Result<Self, Error> {
        let only = name::parse(attributes, schema);
        let without = name::parse(excluded, schema);
        let mode = match (only.is_empty(), without.is_empty()) {
            (true, true) => Mode::Default,
            (false, true) => Mode::Only(only),
            (true, false) => Mode::Without(without),
            (false, false) => {
                return Err(Error::invalid_value(
                    "attributes and excludedAttributes exclude each other; send one of them",
                ));
            }
        };
        Ok(Self { mode, ..Self::default_of(schema) })
    }

    /// What is sent when nothing is asked for.
    pub fn default_of(schema: &TypeSchema) -> Self {
        Self {
            mode: Mode::Default,
            always: with_returned(schema, Returned::Always),
            never: with_returned(schema, Returned::Never),
            request: with_returned(schema, Returned::Request),
        }
    }

    /// Whether the request named neither parameter.
    pub fn is_default(&self) -> bool {
        self.mode == Mode::Default
    }

    /// Whether anything of a core attribute would be sent: if not, it needn't be loaded.
    pub fn needs(&self, attribute: &str) -> bool {
        match self.kept(Place::Core(&attribute.to_ascii_lowercase())) {
            Keep::Nothing => false,
            Keep::All | Keep::Only(_) | Keep::Without(_) => true,
        }
    }

    /// What of the whole resource is sent.
    pub fn apply(&self, resource: Map<String, Value>) -> Map<String, Value> {
        let mut sent = Map::new();
        for (key, value) in resource {
            let lower = key.to_ascii_lowercase();
            let value = match value {
                Value::Object(object) if is_urn(&key) => self.extension(&lower, object),
                value => trim(self.kept(Place::Core(&lower)), value),
            };
            if let Some(value) = value {
                sent.insert(key, value);
            }
        }
        sent
    }

    fn extension(&self, urn: &str, object: Map<String, Value>) -> Option<Value> {
        let mut sent = Map::new();
        for (key, value) in object {
            let place = Place::Extension { urn, attribute: &key.to_ascii_lowercase() };
            if let Some(value) = trim(self.kept(place), value) {
                sent.insert(key, value);
            }
        }
        if sent.is_empty() { None } else { Some(Value::Object(sent)) }
    }

    /// What to keep of one attribute. `never` is stronger than `always`, which is stronger than
    /// what was asked for, which is stronger than `request`.
    fn kept(&self, place: Place<'_>) -> Keep {
        let (never, always) = (select(&self.never, place), select(&self.always, place));
        let request = select(&self.request, place);
        if matches!(never, Selection::Whole) {
            return Keep::Nothing;
        }
        let on_request = matches!(request, Selection::Whole);
        let is_always = matches!(always, Selection::Whole);
        let (always, never, hidden) = (always.subs(), never.subs(), request.subs());
        let default = if on_request { Keep::Nothing } else { Keep::All };
        let keep = match &self.mode {
            _ if is_always => Keep::All,
            Mode::Default => default,
            Mode::Only(names) => match select(names, place) {
                Selection::Nothing => Keep::Nothing,
                Selection::Schema => default,
                Selection::Whole => Keep::All,
                Selection::Subs(mut subs) => {
                    subs.extend(always);
                    subs.retain(|sub| !never.contains(sub));
                    return Keep::Only(subs);
                }
            },
            Mode::Without(names) => match select(names, place) {
                Selection::Nothing => default,
                Selection::Schema | Selection::Whole => Keep::Nothing,
                Selection::Subs(mut subs) => {
                    subs.retain(|sub| !always.contains(sub));
                    if on_request { Keep::Nothing } else { Keep::Without(subs) }
                }
            },
        };
        keep.without(never).without(hidden)
    }
}

/// What of one attribute is sent.
enum Keep {
    Nothing,
    All,
    /// Only these sub-attributes.
    Only(Vec<String>),
    /// All but these sub-attributes.
    Without(Vec<String>),
}

impl Keep {
    fn without(self, hidden: Vec<String>) -> Self {
        match self {
            Self::All if !hidden.is_empty() => Self::Without(hidden),
            Self::Without(mut subs) => {
                subs.extend(hidden);
                Self::Without(subs)
            }
            other => other,
        }
    }

    fn keeps(&self, key: &str) -> bool {
        let named = |subs: &[String]| subs.iter().any(|sub| key.eq_ignore_ascii_case(sub));
        match self {
            Self::Nothing => false,
            Self::All => true,
            Self::Only(subs) => named(subs),
            Self::Without(subs) => !named(subs),
        }
    }
}

fn trim(keep: Keep, value: Value) -> Option<Value> {
    match (&keep, value) {
        (Keep::All, value) => Some(value),
        (Keep::Nothing, _) => None,
        (_, Value::Array(values)) => {
            let kept: Vec<Value> = values.into_iter().filter_map(|value| trim_value(&keep, value)).collect();
            if kept.is_empty() { None } else { Some(Value::Array(kept)) }
        }
        (_, value) => trim_value(&keep, value),
    }
}

/// A simple value has no sub-attributes: none that were asked for, none to leave out.
fn trim_value(keep: &Keep, value: Value) -> Option<Value> {
    match value {
        Value::Object(mut object) => {
            object.retain(|key, _| keep.keeps(key));
            if object.is_empty() { None } else { Some(Value::Object(object)) }
        }
        simple => match keep {
            Keep::All | Keep::Without(_) => Some(simple),
            Keep::Nothing | Keep::Only(_) => None,
        },
    }
}

#[cfg(test)]
mod tests;
