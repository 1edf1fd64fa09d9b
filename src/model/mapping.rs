//! Maps a SCIM User to what the app sees, and decides its roles.
//!
//! A mapping is a document of targets and rules ([`document`]). A directory's own takes the place of
//! its provider's defaults target by target. There is no language of its own: sources are SCIM
//! attribute paths, conditions are SCIM filters.

mod defaults;
pub mod document;
mod paths;
mod roles;
mod rule;
mod stored;
mod template;
mod transform;
mod value;

use std::sync::Arc;

use serde_json::{Map, Value};

use super::directory_user::DirectoryUserView;
use super::provider::Provider;

pub use document::{Document, Fault};
pub use paths::ReadAttribute;
pub use roles::{Decided, RoleGroup, RoleRule, Roles};
use rule::Rule;

/// A mapping in force: the defaults of a provider with a directory's own targets in their place.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapping {
    targets: Vec<(Target, Rule)>,
    roles: Roles,
}

/// Where a value goes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    Email,
    FirstName,
    LastName,
    Name,
    /// On the user and, under this name, among the custom attributes.
    Username,
    JobTitle,
    /// All values, in the app's shape, on the user and among the custom attributes.
    Emails,
    /// All values, in the app's shape, among the custom attributes.
    Addresses,
    Custom(String),
}

/// A required target that has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    pub target: String,
    /// The SCIM attributes that would give it one.
    pub attributes: Vec<String>,
}

impl Mapping {
    /// The default mapping of a provider.
    pub fn default_of(provider: Provider) -> Arc<Self> {
        defaults::compiled(provider)
    }

    /// The default mapping of a provider with a document's targets in place of its own.
    pub fn compile(provider: Provider, document: &Document) -> Self {
        let mut targets = Self::default_of(provider).targets.clone();
        for (name, rule) in &document.targets {
            let target = Target::from_name(name);
            targets.retain(|(known, _)| *known != target);
            // A target without sources and without a default is one that is not wanted.
            if !rule.is_empty() {
                targets.push((target, rule.clone()));
            }
        }
        Self { targets, roles: document.roles.clone() }
    }

    /// The app's view of a user. `resource` is the SCIM JSON as stored, `extra` the attributes that
    /// no schema knows.
    pub fn view(&self, resource: &Map<String, Value>, extra: &Map<String, Value>) -> DirectoryUserView {
        let mut view = DirectoryUserView {
            raw_attributes: raw_attributes(resource, extra),
            ..DirectoryUserView::default()
        };
        for (target, rule) in &self.targets {
            let found = match target {
                Target::Emails | Target::Addresses => rule.values(&view.raw_attributes),
                _ => rule.value(&view.raw_attributes),
            };
            if let Some(found) = found {
                place(&mut view, target, found);
            }
        }
        view
    }

    /// The roles of a user with these raw attributes who is a direct member of these groups.
    pub fn decide_roles(&self, raw_attributes: &Map<String, Value>, groups: &[RoleGroup]) -> Decided {
        self.roles.decide(raw_attributes, groups)
    }

    pub fn roles(&self) -> &Roles {
        &self.roles
    }

    pub fn has_required(&self) -> bool {
        self.targets.iter().any(|(_, rule)| rule.required)
    }

    /// The required targets without a value in a view.
    pub fn missing(&self, view: &DirectoryUserView) -> Vec<Missing> {
        self.targets
            .iter()
            .filter(|(target, rule)| rule.required && !target.has_value(view))
            .map(|(target, rule)| Missing { target: target.name().to_owned(), attributes: rule.attributes() })
            .collect()
    }
}

impl Target {
    fn from_name(name: &str) -> Self {
        match name {
            "email" => Self::Email,
            "first_name" => Self::FirstName,
            "last_name" => Self::LastName,
            "name" => Self::Name,
            "username" => Self::Username,
            "job_title" => Self::JobTitle,
            "emails" => Self::Emails,
            "addresses" => Self::Addresses,
            other => Self::Custom(other.to_owned()),
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Email => "email",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Name => "name",
            Self::Username => "username",
            Self::JobTitle => "job_title",
            Self::Emails => "emails",
            Self::Addresses => "addresses",
            Self::Custom(name) => name,
        }
    }

    /// Whether the target is one text on the user itself.
    fn is_text(&self) -> bool {
        !matches!(self, Self::Emails | Self::Addresses | Self::Custom(_))
    }

    fn has_value(&self, view: &DirectoryUserView) -> bool {
        match self {
            Self::Email => view.email.is_some(),
            Self::FirstName => view.first_name.is_some(),
            Self::LastName => view.last_name.is_some(),
            Self::Name => view.name.is_some(),
            Self::Username => view.username.is_some(),
            Self::JobTitle => view.job_title.is_some(),
            Self::Emails => !view.emails.is_empty(),
            Self::Addresses => view.custom_attributes.contains_key("addresses"),
            Self::Custom(name) => view.custom_attributes.contains_key(name),
        }
    }
}

fn place(view: &mut DirectoryUserView, target: &Target, found: Value) {
    let field = match target {
        Target::Email => &mut view.email,
        Target::FirstName => &mut view.first_name,
        Target::LastName => &mut view.last_name,
        Target::Name => &mut view.name,
        Target::Username => &mut view.username,
        Target::JobTitle => &mut view.job_title,
        Target::Emails | Target::Addresses => return place_list(view, target, found),
        Target::Custom(name) => {
            view.custom_attributes.insert(name.clone(), found);
            return;
        }
    };
    *field = value::as_text(&found);
    if let (Target::Username | Target::JobTitle, Some(text)) = (target, field) {
        let text = Value::String(text.clone());
        view.custom_attributes.insert(target.name().to_owned(), text);
    }
}

fn place_list(view: &mut DirectoryUserView, target: &Target, found: Value) {
    let Value::Array(values) = found else { return };
    let shape = if *target == Target::Emails { value::email } else { value::address };
    let shaped: Vec<Value> = values.iter().filter_map(shape).collect();
    if shaped.is_empty() {
        return;
    }
    if *target == Target::Emails {
        view.emails.clone_from(&shaped);
    }
    view.custom_attributes.insert(target.name().to_owned(), Value::Array(shaped));
}

/// The attributes as stored and, after them, those that no schema knows. What the server itself
/// adds or derives (`schemas`, `meta`, `groups`) and a password are no attributes of the provider's.
fn raw_attributes(resource: &Map<String, Value>, extra: &Map<String, Value>) -> Map<String, Value> {
    let mut raw = resource.clone();
    for (name, value) in extra {
        if !raw.contains_key(name) {
            raw.insert(name.clone(), value.clone());
        }
    }
    for name in ["schemas", "meta", "groups", "password"] {
        raw.shift_remove(name);
    }
    raw
}

#[cfg(test)]
mod tests;
