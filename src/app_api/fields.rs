//! Reads the fields of a body and gathers everything that is wrong with them.

use http::StatusCode;
use serde_json::{Map, Value};

use crate::base::json;
use crate::base::limits;
use crate::base::time::Timestamp;
use crate::service::app::Fault;
use crate::web::Request;

use super::answer::Refused;

/// A field that may be absent, null, or have a value.
pub type Nullable<T> = Option<Option<T>>;

/// The fields of one body.
pub struct Fields {
    object: Map<String, Value>,
    known: Vec<&'static str>,
    faults: Vec<Fault>,
}

impl Fields {
    /// Reads a body that is a JSON object; no body at all is an empty one.
    pub async fn read(request: &mut Request) -> Result<Self, Refused> {
        if let Some(media_type) = request.content_type()
            && media_type != "application/json"
            && !media_type.ends_with("+json")
        {
            return Err(Refused::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "send the body as application/json",
            ));
        }
        let bytes = request.read_body(limits::APP_BODY_BYTES_MAX).await?;
        let bad = |message: String| Refused::new(StatusCode::BAD_REQUEST, "invalid_json", message);
        let object = match bytes.is_empty() {
            true => Map::new(),
            false => match json::parse(&bytes, limits::JSON_DEPTH_MAX) {
                Ok(Value::Object(object)) => object,
                Ok(_) => return Err(bad("the body must be a JSON object".to_owned())),
                Err(error) => return Err(bad(error.to_string())),
            },
        };
        Ok(Self { object, known: Vec::new(), faults: Vec::new() })
    }

    /// The whole body, for what has a form of its own.
    pub fn into_object(self) -> Map<String, Value> {
        self.object
    }

    /// Notes that a field is wrong.
    pub fn fault(&mut self, name: &str, code: &'static str, message: impl Into<String>) {
        self.faults.push(Fault::new(name, code, message));
    }

    /// A text that isn't empty, up to so many bytes; null is as good as absent.
    pub fn text(&mut self, name: &'static str, bytes_max: usize) -> Option<String> {
        self.nullable_text(name, bytes_max).flatten()
    }

    /// The same, where null has a meaning.
    pub fn nullable_text(&mut self, name: &'static str, bytes_max: usize) -> Nullable<String> {
        match self.value(name)? {
            Value::Null => Some(None),
            Value::String(text) if text.trim().is_empty() => self.wrong(name, "empty", "write something"),
            Value::String(text) if bytes_max < text.len() => {
                self.wrong(name, "too_long", format!("write at most {bytes_max} bytes"))
            }
            Value::String(text) if text.contains(char::is_control) => {
                self.wrong(name, "invalid", "leave out control characters")
            }
            Value::String(text) => Some(Some(text.trim().to_owned())),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                self.wrong(name, "invalid", "write a text")
            }
        }
    }

    /// The name of a thing, which must be there.
    pub fn required_name(&mut self, name: &'static str) -> String {
        let text = self.text(name, limits::NAME_BYTES_MAX);
        if text.is_none() && !self.is_at_fault(name) {
            self.fault(name, "required", format!("{name} is required"));
        }
        text.unwrap_or_default()
    }

    pub fn flag(&mut self, name: &'static str) -> Option<bool> {
        self.nullable_flag(name).flatten()
    }

    pub fn nullable_flag(&mut self, name: &'static str) -> Nullable<bool> {
        match self.value(name)? {
            Value::Null => Some(None),
            Value::Bool(flag) => Some(Some(flag)),
            _ => self.wrong(name, "invalid", "write true or false"),
        }
    }

    /// A whole number that `read` understands.
    pub fn nullable_number<T>(
        &mut self,
        name: &'static str,
        right: &str,
        read: impl FnOnce(u64) -> Option<T>,
    ) -> Nullable<T> {
        match self.value(name)? {
            Value::Null => Some(None),
            value => match value.as_u64().and_then(read) {
                Some(number) => Some(Some(number)),
                None => self.wrong(name, "invalid", right),
            },
        }
    }

    /// A word that `read` understands.
    pub fn word<T>(
        &mut self,
        name: &'static str,
        right: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = match self.value(name)? {
            Value::Null => return None,
            Value::String(text) => text,
            _ => return self.wrong(name, "invalid", right),
        };
        match read(&text) {
            Some(word) => Some(word),
            None => self.wrong(name, "invalid", format!("{text:?} is not understood: {right}")),
        }
    }

    /// An object within, whose fields are read in the same way; null is as good as absent. Fields that
    /// were not asked for are wrong.
    pub fn nested<T>(&mut self, name: &'static str, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let object = match self.value(name)? {
            Value::Null => return None,
            Value::Object(object) => object,
            _ => return self.wrong(name, "invalid", "write an object"),
        };
        let mut inner = Self { object, known: Vec::new(), faults: Vec::new() };
        let value = read(&mut inner);
        inner.note_unknown();
        let faults = inner.faults.into_iter();
        self.faults.extend(faults.map(|fault| Fault { field: format!("{name}.{}", fault.field), ..fault }));
        Some(value)
    }

    pub fn moment(&mut self, name: &'static str) -> Option<Timestamp> {
        self.word(name, "write a moment like 2026-01-15T12:00:00Z", Timestamp::parse)
    }

    /// An object with a form of its own.
    pub fn object(&mut self, name: &'static str) -> Option<Map<String, Value>> {
        match self.value(name)? {
            Value::Null => None,
            Value::Object(object) => Some(object),
            _ => self.wrong(name, "invalid", "write an object"),
        }
    }

    /// A value of any type.
    pub fn value(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        self.object.get(name).cloned()
    }

    /// Ends the reading: everything that was wrong, or nothing. Fields that were not asked for are
    /// ignored, as theirs are that mean nothing here.
    pub fn finish(self) -> Result<(), Refused> {
        match self.faults.is_empty() {
            true => Ok(()),
            false => Err(Refused::invalid(self.faults)),
        }
    }

    /// The same, and fields that were not asked for are wrong.
    pub fn finish_strictly(mut self) -> Result<(), Refused> {
        self.note_unknown();
        self.finish()
    }

    fn note_unknown(&mut self) {
        let unknown: Vec<String> =
            self.object.keys().filter(|name| !self.known.contains(&name.as_str())).cloned().collect();
        for name in unknown {
            let message = format!("there is no such field; there are {}", self.known.join(", "));
            self.fault(&name, "unknown", message);
        }
    }

    fn is_at_fault(&self, name: &str) -> bool {
        self.faults.iter().any(|fault| fault.field == name)
    }

    fn wrong<T>(&mut self, name: &str, code: &'static str, message: impl Into<String>) -> Option<T> {
        self.fault(name, code, message);
        None
    }
}
