//! Reads a connector's settings, gathers everything that is wrong with them, and keeps secrets apart.

use serde_json::{Map, Value};

use crate::base::limits;
use crate::base::secret::Secret;
use crate::service::app::Fault;

/// Stands where a secret is, when settings are shown.
pub const SEALED: &str = "(sealed)";

/// The settings that are secrets: their place, and whether everything below it is.
const SECRETS: &[&[&str]] = &[
    &["service_account"],
    &["basic", "password"],
    &["oauth", "client_secret"],
    &["oauth", "refresh_token"],
    &["bearer"],
    &["headers"],
];

/// Takes the secrets out of settings: what may be shown, and what must be sealed.
pub fn split(mut settings: Map<String, Value>) -> (Map<String, Value>, Map<String, Value>) {
    let mut secrets = Map::new();
    for place in SECRETS {
        match place {
            [name] => {
                if let Some(value) = settings.get_mut(*name) {
                    secrets.insert((*name).to_owned(), std::mem::replace(value, SEALED.into()));
                }
            }
            [outer, name] => {
                let Some(Value::Object(inner)) = settings.get_mut(*outer) else { continue };
                let Some(value) = inner.get_mut(*name) else { continue };
                let value = std::mem::replace(value, SEALED.into());
                let entry = secrets.entry((*outer).to_owned()).or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(object) = entry {
                    object.insert((*name).to_owned(), value);
                }
            }
            _ => {}
        }
    }
    (settings, secrets)
}

/// Puts the secrets back where [`split`] took them from.
pub fn join(settings: &Map<String, Value>, secrets: &Map<String, Value>) -> Map<String, Value> {
    let mut joined = settings.clone();
    for (name, secret) in secrets {
        match (joined.get_mut(name), secret) {
            (Some(Value::Object(outer)), Value::Object(inner)) => {
                outer.extend(inner.iter().map(|(name, value)| (name.clone(), value.clone())));
            }
            _ => {
                joined.insert(name.clone(), secret.clone());
            }
        }
    }
    joined
}

/// Reads one object of settings; faults are named by their whole place, `connector.oauth.token_url`.
pub struct Reader<'f> {
    object: Map<String, Value>,
    place: String,
    faults: &'f mut Vec<Fault>,
    known: Vec<&'static str>,
}

impl<'f> Reader<'f> {
    pub fn new(object: Map<String, Value>, place: impl Into<String>, faults: &'f mut Vec<Fault>) -> Self {
        Self { object, place: place.into(), faults, known: Vec::new() }
    }

    pub fn fault(&mut self, name: &str, code: &'static str, message: impl Into<String>) {
        self.faults.push(Fault::new(format!("{}.{name}", self.place), code, message));
    }

    pub fn value(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        self.object.get(name).filter(|value| !value.is_null()).cloned()
    }

    pub fn has(&self, name: &str) -> bool {
        self.object.get(name).is_some_and(|value| !value.is_null())
    }

    pub fn text(&mut self, name: &'static str) -> Option<String> {
        match self.value(name)? {
            Value::String(text) if text.trim().is_empty() => {
                self.fault(name, "empty", "write something, or leave it out");
                None
            }
            Value::String(text) if limits::STRING_BYTES_MAX < text.len() => {
                self.fault(name, "too_long", format!("write at most {} bytes", limits::STRING_BYTES_MAX));
                None
            }
            Value::String(text) => Some(text.trim().to_owned()),
            _ => {
                self.fault(name, "invalid", "write a text");
                None
            }
        }
    }

    pub fn required_text(&mut self, name: &'static str, what: &str) -> String {
        if !self.has(name) {
            self.known.push(name);
            self.fault(name, "required", format!("{name} is required: {what}"));
            return String::new();
        }
        self.text(name).unwrap_or_default()
    }

    pub fn secret(&mut self, name: &'static str) -> Option<Secret> {
        // As it is: a password may begin or end with a space.
        match self.value(name)? {
            Value::String(text) if text == SEALED => {
                self.fault(name, "required", "enter it again: what is sealed is not shown and not kept");
                None
            }
            Value::String(text) if !text.is_empty() => Some(Secret::new(text)),
            _ => {
                self.fault(name, "invalid", "write a text");
                None
            }
        }
    }

    pub fn required_secret(&mut self, name: &'static str) -> Secret {
        if !self.has(name) {
            self.known.push(name);
            self.fault(name, "required", format!("{name} is required"));
            return Secret::new("");
        }
        self.secret(name).unwrap_or_else(|| Secret::new(""))
    }

    /// A list of texts; a single text is a list of one.
    pub fn texts(&mut self, name: &'static str) -> Vec<String> {
        let values = match self.value(name) {
            None => return Vec::new(),
            Some(Value::Array(values)) => values,
            Some(value) => vec![value],
        };
        let texts: Option<Vec<String>> = values.into_iter().map(scalar).collect();
        match texts {
            Some(texts) if texts.len() <= limits::CONNECTOR_COLUMNS_MAX => texts,
            _ => {
                self.fault(name, "invalid", "write a list of texts");
                Vec::new()
            }
        }
    }

    pub fn word<T>(
        &mut self,
        name: &'static str,
        right: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(name)?;
        let word = read(&text);
        if word.is_none() {
            self.fault(name, "invalid", format!("{text:?} is not understood: {right}"));
        }
        word
    }

    /// An object of settings of its own, read by `read`.
    pub fn section<T>(&mut self, name: &'static str, read: impl FnOnce(&mut Reader<'_>) -> T) -> Option<T> {
        match self.value(name)? {
            Value::Object(object) => {
                let mut inner = Reader::new(object, format!("{}.{name}", self.place), self.faults);
                let value = read(&mut inner);
                inner.finish();
                Some(value)
            }
            _ => {
                self.fault(name, "invalid", "write an object with named values");
                None
            }
        }
    }

    /// An object of texts, in its order.
    pub fn pairs(&mut self, name: &'static str) -> Vec<(String, String)> {
        match self.value(name) {
            None => Vec::new(),
            Some(Value::Object(object)) if object.len() <= limits::CONNECTOR_COLUMNS_MAX => {
                let pairs: Option<Vec<_>> =
                    object.into_iter().map(|(key, value)| Some((key, value.as_str()?.to_owned()))).collect();
                pairs.unwrap_or_else(|| {
                    self.fault(name, "invalid", "every value must be a text");
                    Vec::new()
                })
            }
            Some(_) => {
                self.fault(name, "invalid", "write an object of texts");
                Vec::new()
            }
        }
    }

    /// An https address; whether it may be reached is found out when it is asked.
    pub fn url(&mut self, name: &'static str) -> Option<String> {
        self.word(name, "write an address like https://example.com/list", |text| {
            let uri: http::Uri = text.parse().ok()?;
            let is_web = matches!(uri.scheme_str(), Some("https" | "http"));
            let is_open = !uri.authority()?.as_str().contains('@');
            (is_web && is_open).then(|| text.to_owned())
        })
    }

    /// Names that mean nothing here are wrong: a misspelt scope must not widen what is pulled.
    pub fn finish(self) {
        let unknown: Vec<&String> =
            self.object.keys().filter(|name| !self.known.contains(&name.as_str())).collect();
        for name in unknown {
            let message = format!("there is no such setting here; there are {}", self.known.join(", "));
            self.faults.push(Fault::new(format!("{}.{name}", self.place), "unknown", message));
        }
    }
}

fn scalar(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().expect("an object").clone()
    }

    #[test]
    fn secrets_are_taken_out_and_come_back() {
        let whole = object(json!({
            "type": "workday", "url": "https://x/", "basic": {"username": "u", "password": "hush"},
            "oauth": {"client_id": "c", "client_secret": "hush", "refresh_token": "hush"},
            "bearer": "hush", "headers": {"x-key": "hush"}, "service_account": {"private_key": "hush"},
        }));
        let (shown, secrets) = split(whole.clone());
        let text = Value::Object(shown.clone()).to_string();
        assert!(!text.contains("hush") && text.contains("\"username\":\"u\""), "{text}");
        assert_eq!(join(&shown, &secrets), whole);
    }

    #[test]
    fn what_is_misspelt_is_named_with_its_place() {
        let mut faults = Vec::new();
        let mut reader = Reader::new(object(json!({"basic": {"user": "u"}})), "connector", &mut faults);
        reader.section("basic", |basic| basic.required_text("username", "the name"));
        reader.finish();
        let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["connector.basic.username", "connector.basic.user"]);
    }
}
