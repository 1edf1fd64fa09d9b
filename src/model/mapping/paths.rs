//! Which attributes a mapping reads: for the catalogue of what has been seen.

use super::Mapping;
use super::roles::RoleRule;
use crate::scim::filter::{AttributePath, Filter};
use crate::scim::path::Path;

/// An attribute that a mapping reads; without `sub`, all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadAttribute {
    /// The extension's URN, in small letters.
    pub urn: Option<String>,
    /// Names, in small letters.
    pub name: String,
    pub sub: Option<String>,
}

impl ReadAttribute {
    fn new(urn: Option<&str>, name: &str, sub: Option<&str>) -> Self {
        Self {
            urn: urn.map(str::to_ascii_lowercase),
            name: name.to_ascii_lowercase(),
            sub: sub.map(str::to_ascii_lowercase),
        }
    }

    fn of(path: &AttributePath, sub: Option<&str>) -> Self {
        Self::new(path.schema.as_deref(), &path.name, sub.or(path.sub.as_deref()))
    }

    /// Whether reading this reads the attribute of that place.
    pub fn covers(&self, urn: Option<&str>, name: &str, sub: Option<&str>) -> bool {
        self.urn.as_deref() == urn.map(str::to_ascii_lowercase).as_deref()
            && self.name.eq_ignore_ascii_case(name)
            && match (&self.sub, sub) {
                (Some(own), Some(sub)) => own.eq_ignore_ascii_case(sub),
                (None, _) | (Some(_), None) => true,
            }
    }
}

impl Mapping {
    /// Every attribute that sources and conditions read.
    pub fn reads(&self) -> Vec<ReadAttribute> {
        let sources = self.targets.iter().flat_map(|(_, rule)| rule.paths()).map(|path| of_path(path.path()));
        let mut reads: Vec<ReadAttribute> = sources.collect();
        for filter in self.roles.rules.iter().filter_map(RoleRule::filter) {
            of_filter(filter, &mut reads);
        }
        reads
    }
}

fn of_path(path: &Path) -> ReadAttribute {
    match path {
        Path::Attribute(path) | Path::Open(path) => ReadAttribute::of(path, None),
        Path::Values { attribute, sub, .. } => ReadAttribute::of(attribute, sub.as_deref()),
        Path::Extension { urn } => ReadAttribute::new(None, urn, None),
        Path::UnknownCore { name, sub } => ReadAttribute::new(None, name, sub.as_deref()),
    }
}

fn of_filter(filter: &Filter, reads: &mut Vec<ReadAttribute>) {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().for_each(|part| of_filter(part, reads)),
        Filter::Not(inner) => of_filter(inner, reads),
        Filter::Present(path) => reads.push(ReadAttribute::of(path, None)),
        Filter::Compare(comparison) => reads.push(ReadAttribute::of(&comparison.attribute, None)),
        Filter::Values { attribute, .. } => reads.push(ReadAttribute::of(attribute, None)),
    }
}
