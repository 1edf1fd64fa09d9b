//! What gives one target its value: sources in order, transforms, a default.

use std::fmt;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::template::Template;
use super::transform::Transform;
use super::value::{is_empty, trimmed};
use crate::scim::filter::AttributePath;
use crate::scim::path::{self, Path};
use crate::scim::schema::{Registry, TypeSchema, standard};

/// How one target gets its value.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Rule {
    /// The first that has a value gives it.
    pub sources: Vec<Source>,
    pub transforms: Vec<Transform>,
    pub default: Option<Value>,
    /// Nobody becomes active without a value.
    pub required: bool,
}

/// One source, with transforms of its own.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Source {
    pub origin: Origin,
    pub transforms: Vec<Transform>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Origin {
    Path(SourcePath),
    Template(Template),
}

/// An attribute path, as a mapping reads it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SourcePath {
    path: Path,
    /// A name without URN that an extension has may also stand at the top, where a strict directory
    /// leaves it.
    at_top: Option<Path>,
}

impl Rule {
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty() && self.default.is_none()
    }

    /// The value for a target that has one; all values as a list if a transform says so.
    pub fn value(&self, raw: &Map<String, Value>) -> Option<Value> {
        let found = self.sources.iter().find_map(|source| {
            let mut values =
                source.values(raw).into_iter().filter_map(|value| self.transformed(source, value));
            match source.transforms.contains(&Transform::List) || self.transforms.contains(&Transform::List) {
                true => Some(Value::Array(values.collect())).filter(|list| !is_empty(list)),
                false => values.next(),
            }
        });
        found.or_else(|| self.default.clone())
    }

    /// All values of the first source that has any.
    pub fn values(&self, raw: &Map<String, Value>) -> Option<Value> {
        let found = self.sources.iter().find_map(|source| {
            let values = source.values(raw).into_iter().filter_map(|value| self.transformed(source, value));
            Some(Value::Array(values.collect())).filter(|list| !is_empty(list))
        });
        found.or_else(|| self.default.clone())
    }

    fn transformed(&self, source: &Source, value: Value) -> Option<Value> {
        let mut steps = source.transforms.iter().chain(&self.transforms);
        steps.try_fold(value, |value, step| step.apply(value)).filter(|value| !is_empty(value))
    }

    /// The SCIM attributes that it reads, each once.
    pub fn attributes(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in self.paths().map(SourcePath::to_string) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    pub fn paths(&self) -> impl Iterator<Item = &SourcePath> {
        self.sources.iter().flat_map(|source| match &source.origin {
            Origin::Path(path) => vec![path],
            Origin::Template(template) => template.paths().collect(),
        })
    }
}

impl Source {
    fn values(&self, raw: &Map<String, Value>) -> Vec<Value> {
        match &self.origin {
            Origin::Path(path) => path.values(raw),
            Origin::Template(template) => template.text(raw).map(Value::String).into_iter().collect(),
        }
    }
}

impl SourcePath {
    /// Reads a path as a mapping writes it.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let path = path::parse_source(text, users())
            .map_err(|error| error.detail.replacen("The path is invalid: ", "", 1))?;
        let at_top = match &path {
            Path::Attribute(known) if known.schema.is_some() && !text.contains(':') => {
                Some(Path::Open(AttributePath { schema: None, ..known.clone() }))
            }
            _ => None,
        };
        Ok(Self { path, at_top })
    }

    /// The values that it finds, texts without blanks around them, empty ones left out.
    pub fn values(&self, raw: &Map<String, Value>) -> Vec<Value> {
        let found = non_empty(self.path.select(raw));
        match &self.at_top {
            Some(path) if found.is_empty() => non_empty(path.select(raw)),
            Some(_) | None => found,
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// What names in paths and conditions are resolved against. Extensions of a directory's own need not
/// be known: their attributes are found by URN and name.
pub(super) fn users() -> &'static TypeSchema {
    static STANDARD: LazyLock<Registry> = LazyLock::new(standard);
    &STANDARD.user
}

fn non_empty(values: Vec<&Value>) -> Vec<Value> {
    values.into_iter().map(trimmed).filter(|value| !is_empty(value)).collect()
}

impl fmt::Display for SourcePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.fmt(f)
    }
}
