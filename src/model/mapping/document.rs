//! Reads a mapping's document: everything that is wrong with it, each with its place.

use std::collections::HashMap;
use std::fmt;

use serde_json::{Map, Value};

use super::Target;
use super::roles::{Condition, GroupName, Mode, RoleRule, Roles};
use super::rule::{Origin, Rule, Source, SourcePath, users};
use super::template::Template;
use super::transform::Transform;
use super::value::is_empty;
use crate::base::limits;
use crate::base::text::fold;
use crate::scim::filter;

/// A document that can be put in force.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Document {
    pub(super) targets: Vec<(String, Rule)>,
    pub(super) roles: Roles,
}

/// One thing that is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where: `attributes.full_title.template`, `roles.rules[1].when`.
    pub place: String,
    pub code: &'static str,
    /// What is wrong, or what would be right.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place.as_str() {
            "" => f.write_str(&self.message),
            place => write!(f, "{place}: {}", self.message),
        }
    }
}

impl Document {
    /// Reads a document: `{"attributes": {…}, "roles": {…}}`, both optional.
    ///
    /// # Errors
    ///
    /// All that is wrong with it.
    pub fn parse(document: &Value) -> Result<Self, Vec<Fault>> {
        let mut reader = Reader { faults: Vec::new() };
        let mut parsed = Self::default();
        let bytes = document.to_string().len();
        if limits::MAPPING_DOCUMENT_BYTES_MAX < bytes {
            let max = limits::MAPPING_DOCUMENT_BYTES_MAX;
            reader.fault("", "too_long", format!("the mapping has {bytes} bytes; at most {max} are taken"));
            return Err(reader.faults);
        }
        if let Some(object) = reader.object("", document) {
            reader.known_keys("", object, &["attributes", "roles"]);
            if let Some(attributes) = object.get("attributes") {
                parsed.targets = reader.targets(attributes);
            }
            if let Some(roles) = object.get("roles") {
                parsed.roles = reader.roles(roles);
            }
        }
        match reader.faults.is_empty() {
            true => Ok(parsed),
            false => Err(reader.faults),
        }
    }

    /// Whether it says nothing: the defaults alone are in force.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

struct Reader {
    faults: Vec<Fault>,
}

impl Reader {
    fn fault(&mut self, place: &str, code: &'static str, message: impl Into<String>) {
        self.faults.push(Fault { place: place.to_owned(), code, message: message.into() });
    }

    fn object<'d>(&mut self, place: &str, value: &'d Value) -> Option<&'d Map<String, Value>> {
        let found = value.as_object();
        if found.is_none() {
            self.fault(place, "invalid", "write a table of names and values");
        }
        found
    }

    fn known_keys(&mut self, place: &str, object: &Map<String, Value>, known: &[&str]) {
        for key in object.keys().filter(|key| !known.contains(&key.as_str())) {
            let message = format!("there is no such key; there are {}", known.join(", "));
            self.fault(&joined(place, key), "unknown", message);
        }
    }

    fn text<'d>(&mut self, place: &str, value: &'d Value) -> Option<&'d str> {
        match value {
            Value::String(text) if !text.trim().is_empty() => Some(text),
            _ => {
                self.fault(place, "invalid", "write a text that is not empty");
                None
            }
        }
    }

    fn targets(&mut self, attributes: &Value) -> Vec<(String, Rule)> {
        let Some(object) = self.object("attributes", attributes) else { return Vec::new() };
        if limits::MAPPING_TARGETS_MAX < object.len() {
            let (count, max) = (object.len(), limits::MAPPING_TARGETS_MAX);
            self.fault(
                "attributes",
                "too_many",
                format!("there are {count} targets; at most {max} are taken"),
            );
            return Vec::new();
        }
        let mut seen: HashMap<String, &str> = HashMap::new();
        let mut targets = Vec::with_capacity(object.len());
        for (name, value) in object {
            let place = joined("attributes", name);
            self.check_name(&place, name);
            if let Some(twin) = seen.insert(fold(name), name) {
                let message = format!("{twin:?} is the same name but for its case; write one of the two");
                self.fault(&place, "duplicate", message);
            }
            let rule = self.rule(&place, &Target::from_name(name), value);
            targets.push((name.clone(), rule));
        }
        targets
    }

    fn check_name(&mut self, place: &str, name: &str) {
        let max = limits::MAPPING_NAME_BYTES_MAX;
        if name.trim().is_empty() || name.trim() != name || name.contains(char::is_control) {
            self.fault(place, "invalid", "name the target, without blanks around it");
        } else if max < name.len() {
            self.fault(
                place,
                "too_long",
                format!("the name has {} bytes; at most {max} are taken", name.len()),
            );
        } else if Target::from_name(&fold(name)) != Target::Custom(fold(name)) && fold(name) != name {
            self.fault(place, "invalid", format!("write {} in small letters", fold(name)));
        }
    }

    /// A path, a list of sources, or a table.
    fn rule(&mut self, place: &str, target: &Target, value: &Value) -> Rule {
        let mut rule = Rule::default();
        let Value::Object(object) = value else {
            rule.sources = self.sources(place, value);
            return rule;
        };
        self.known_keys(place, object, &["from", "template", "transform", "default", "required"]);
        rule.sources = self.from_or_template(place, object);
        rule.transforms = self.transforms(place, object);
        rule.default = object.get("default").filter(|value| !is_empty(value)).cloned();
        if target.is_text() {
            self.check_text_target(place, &rule);
        }
        match object.get("required") {
            None => {}
            Some(Value::Bool(required)) => rule.required = *required,
            Some(_) => self.fault(&joined(place, "required"), "invalid", "write true or false"),
        }
        if rule.required && rule.sources.is_empty() && rule.default.is_none() {
            self.fault(&joined(place, "required"), "invalid", "name in from what the value is taken from");
        }
        rule
    }

    fn check_text_target(&mut self, place: &str, rule: &Rule) {
        if rule.default.as_ref().is_some_and(|default| default.is_array() || default.is_object()) {
            self.fault(&joined(place, "default"), "invalid", "this target is one text: write a text");
        }
        if rule.transforms.contains(&Transform::List) {
            self.fault(
                &joined(place, "transform"),
                "invalid",
                "this target is one text, which list would undo",
            );
        }
    }

    fn from_or_template(&mut self, place: &str, object: &Map<String, Value>) -> Vec<Source> {
        match (object.get("from"), object.get("template")) {
            (Some(_), Some(_)) => {
                let message =
                    "write from or template; in a list under from, a template can be one of the sources";
                self.fault(&joined(place, "template"), "invalid", message);
                Vec::new()
            }
            (Some(from), None) => self.sources(&joined(place, "from"), from),
            (None, Some(template)) => {
                let template = self.template(&joined(place, "template"), template);
                template.into_iter().map(|origin| Source { origin, transforms: Vec::new() }).collect()
            }
            (None, None) => Vec::new(),
        }
    }

    fn sources(&mut self, place: &str, value: &Value) -> Vec<Source> {
        let Value::Array(values) = value else {
            return self.path(place, value).into_iter().map(plain).collect();
        };
        if limits::MAPPING_SOURCES_MAX < values.len() {
            let (count, max) = (values.len(), limits::MAPPING_SOURCES_MAX);
            self.fault(place, "too_many", format!("there are {count} sources; at most {max} are taken"));
            return Vec::new();
        }
        let sources = values.iter().enumerate();
        sources.filter_map(|(index, value)| self.source(&format!("{place}[{index}]"), value)).collect()
    }

    /// One of several sources: a path, or a table with transforms of its own.
    fn source(&mut self, place: &str, value: &Value) -> Option<Source> {
        let Value::Object(object) = value else { return self.path(place, value).map(plain) };
        self.known_keys(place, object, &["from", "template", "transform"]);
        let transforms = self.transforms(place, object);
        let origin = match (object.get("from"), object.get("template")) {
            (Some(from), None) => self.path(&joined(place, "from"), from)?,
            (None, Some(template)) => self.template(&joined(place, "template"), template)?,
            (Some(_), Some(_)) | (None, None) => {
                self.fault(place, "invalid", "write from or template");
                return None;
            }
        };
        Some(Source { origin, transforms })
    }

    fn path(&mut self, place: &str, value: &Value) -> Option<Origin> {
        let text = self.text(place, value)?;
        if text.contains('{') {
            let message = format!("this is a template: write {{ template = {text:?} }}");
            self.fault(place, "invalid_path", message);
            return None;
        }
        match SourcePath::parse(text) {
            Ok(path) => Some(Origin::Path(path)),
            Err(what) => {
                self.fault(place, "invalid_path", format!("{text:?} is not an attribute path: {what}"));
                None
            }
        }
    }

    fn template(&mut self, place: &str, value: &Value) -> Option<Origin> {
        match Template::parse(self.text(place, value)?) {
            Ok(template) => Some(Origin::Template(template)),
            Err(what) => {
                self.fault(place, "invalid_template", what);
                None
            }
        }
    }

    fn transforms(&mut self, place: &str, object: &Map<String, Value>) -> Vec<Transform> {
        let place = joined(place, "transform");
        let names = match object.get("transform") {
            None => return Vec::new(),
            Some(Value::Array(names)) => names.as_slice(),
            Some(single) => std::slice::from_ref(single),
        };
        let mut transforms = Vec::with_capacity(names.len());
        for name in names {
            match name.as_str().and_then(Transform::from_name) {
                Some(transform) if transforms.contains(&transform) => {
                    self.fault(&place, "duplicate", format!("{name} is there twice"));
                }
                Some(transform) => transforms.push(transform),
                None => {
                    let message = format!("there is no transform {name}; there are {}", Transform::names());
                    self.fault(&place, "unknown", message);
                }
            }
        }
        transforms
    }

    fn roles(&mut self, value: &Value) -> Roles {
        let mut roles = Roles::default();
        let Some(object) = self.object("roles", value) else { return roles };
        self.known_keys("roles", object, &["mode", "default", "rules"]);
        if let Some(mode) = object.get("mode") {
            match mode.as_str().and_then(Mode::from_name) {
                Some(mode) => roles.mode = mode,
                None => self.fault("roles.mode", "invalid", "write single or multiple"),
            }
        }
        roles.default = match object.get("default") {
            None | Some(Value::Null) => None,
            Some(role) => self.slug("roles.default", role),
        };
        match object.get("rules") {
            None => {}
            Some(Value::Array(rules)) if limits::MAPPING_RULES_MAX < rules.len() => {
                let (count, max) = (rules.len(), limits::MAPPING_RULES_MAX);
                self.fault(
                    "roles.rules",
                    "too_many",
                    format!("there are {count} rules; at most {max} are taken"),
                );
            }
            Some(Value::Array(rules)) => {
                let rules = rules.iter().enumerate();
                roles.rules = rules
                    .filter_map(|(at, rule)| self.role_rule(&format!("roles.rules[{at}]"), rule))
                    .collect();
            }
            Some(_) => self.fault("roles.rules", "invalid", "write a list of rules"),
        }
        roles
    }

    fn role_rule(&mut self, place: &str, value: &Value) -> Option<RoleRule> {
        let object = self.object(place, value)?;
        self.known_keys(place, object, &["group", "when", "role"]);
        let group = object.get("group").map(|group| self.text(&joined(place, "group"), group));
        let when = object.get("when").map(|when| self.condition(&joined(place, "when"), when));
        if group.is_none() && when.is_none() {
            self.fault(place, "required", "name a group, or a condition in when, or both");
        }
        let Some(role) = object.get("role") else {
            self.fault(&joined(place, "role"), "required", "name the role that the rule gives");
            return None;
        };
        let role = self.slug(&joined(place, "role"), role)?;
        Some(RoleRule { group: group.flatten().map(GroupName::new), when: when.flatten(), role })
    }

    fn condition(&mut self, place: &str, value: &Value) -> Option<Condition> {
        let text = self.text(place, value)?;
        match filter::parse_condition(text, users()) {
            Ok(filter) => Some(Condition { written: text.to_owned(), filter }),
            Err(error) => {
                self.fault(place, "invalid_filter", error.detail.replacen("The filter is invalid: ", "", 1));
                None
            }
        }
    }

    fn slug(&mut self, place: &str, value: &Value) -> Option<String> {
        let max = limits::ROLE_BYTES_MAX;
        let is_slug = |text: &&str| {
            !text.is_empty()
                && text.len() <= max
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte))
        };
        let slug = value.as_str().filter(is_slug);
        if slug.is_none() {
            let message = format!("write 1 to {max} letters, digits or any of _ - . :, such as org:admin");
            self.fault(place, "invalid", message);
        }
        slug.map(str::to_owned)
    }
}

fn plain(origin: Origin) -> Source {
    Source { origin, transforms: Vec::new() }
}

fn joined(place: &str, key: &str) -> String {
    match place {
        "" => key.to_owned(),
        place => format!("{place}.{key}"),
    }
}

#[cfg(test)]
mod tests;
