//! Maps a SCIM User to what the app sees. The defaults are data (target → sources, first that has a
//! value), so that a directory's own mapping can take their place.

mod defaults;
mod source;
mod stored;
mod value;

use serde_json::{Map, Value};

use super::directory_user::DirectoryUserView;
use super::provider::Provider;
use value::Object;

pub use source::{BadSource, Source};

/// The app's view of a user by the provider's default mapping. `resource` is the SCIM JSON as
/// stored, `extra` the attributes that no schema knows.
pub fn user_view(
    provider: Provider,
    resource: &Map<String, Value>,
    extra: &Map<String, Value>,
) -> DirectoryUserView {
    let user = Object { resource, extra };
    let mut view = DirectoryUserView {
        emails: value::emails(&user),
        raw_attributes: raw_attributes(resource, extra),
        ..DirectoryUserView::default()
    };
    for rule in defaults::rules(provider) {
        let found = rule.sources.iter().find_map(|source| source.text(&user));
        place(&mut view, rule.target, found);
    }
    add_lists(&mut view, &user);
    view
}

/// Where a value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Email,
    FirstName,
    LastName,
    Name,
    /// On the user and, under this name, among the custom attributes.
    Username,
    JobTitle,
    Custom(&'static str),
}

/// One line of a mapping.
struct Rule {
    target: Target,
    sources: Vec<Source>,
}

fn place(view: &mut DirectoryUserView, target: Target, found: Option<String>) {
    match target {
        Target::Email => view.email = found,
        Target::FirstName => view.first_name = found,
        Target::LastName => view.last_name = found,
        Target::Name => view.name = found,
        Target::Username => {
            add_custom(view, "username", found.as_deref());
            view.username = found;
        }
        Target::JobTitle => {
            add_custom(view, "job_title", found.as_deref());
            view.job_title = found;
        }
        Target::Custom(name) => add_custom(view, name, found.as_deref()),
    }
}

fn add_custom(view: &mut DirectoryUserView, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        view.custom_attributes.insert(name.to_owned(), Value::String(text.to_owned()));
    }
}

fn add_lists(view: &mut DirectoryUserView, user: &Object<'_>) {
    let addresses = value::addresses(user);
    if !addresses.is_empty() {
        view.custom_attributes.insert("addresses".to_owned(), Value::Array(addresses));
    }
    if !view.emails.is_empty() {
        view.custom_attributes.insert("emails".to_owned(), Value::Array(view.emails.clone()));
    }
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
