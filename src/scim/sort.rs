//! Sorting (RFC 7644 §3.4.2.3): which value a resource is sorted by, and how two of them compare.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::Error;
use super::field::{field, short};
use super::moment::Moment;
use super::resource::is_urn;
use super::schema::{Attribute, Returned, Type, TypeSchema};
use crate::base::limits::SORT_KEY_BYTES_MAX;
use crate::base::text::fold;

/// The order a request asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct SortBy {
    /// The extension's URN, `None` for a core attribute.
    urn: Option<String>,
    attribute: String,
    sub: Option<String>,
    kind: Type,
    case_exact: bool,
    direction: Direction,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Ascending,
    Descending,
}

/// The value that one resource is sorted by. Its order is the ascending one: a resource without a
/// value comes last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortKey {
    Boolean(bool),
    Integer(i128),
    Decimal(DecimalKey),
    Moment(Moment),
    /// Folded unless the attribute is case exact, and cut at [`SORT_KEY_BYTES_MAX`]: texts equal up
    /// to there are in the order of their ids.
    Text(String),
    Missing,
}

/// A float with a total order.
#[derive(Debug, Clone, Copy)]
pub struct DecimalKey(pub f64);

impl SortBy {
    /// Reads `sortBy` and `sortOrder`; `None` when there is no `sortBy`.
    ///
    /// # Errors
    ///
    /// `invalidValue` for an attribute that can't be sorted by, or an unknown order.
    pub fn parse(
        sort_by: Option<&str>,
        sort_order: Option<&str>,
        schema: &TypeSchema,
    ) -> Result<Option<Self>, Error> {
        let direction = direction(sort_order)?;
        let Some(path) = sort_by.map(str::trim).filter(|path| !path.is_empty()) else { return Ok(None) };
        let found = if is_urn(path) { qualified(path, schema) } else { core(path, schema) };
        let Some(sort_by) = found else {
            return Err(Error::invalid_value(format!(
                "sortBy {:?} names no attribute that resources can be sorted by",
                short(path)
            )));
        };
        Ok(Some(Self { direction, ..sort_by }))
    }

    /// The core attribute it looks at, so that `groups` and `members` are loaded where needed.
    pub fn mentions(&self, attribute: &str) -> bool {
        self.urn.is_none() && self.attribute.eq_ignore_ascii_case(attribute)
    }

    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// The value by which a whole resource is sorted.
    pub fn key(&self, resource: &Map<String, Value>) -> SortKey {
        self.value(resource).map_or(SortKey::Missing, |value| self.key_of(value))
    }

    /// The order of two resources, by id where their values are equal, so that it is the same one
    /// on every page.
    pub fn compare(&self, left: (&SortKey, &str), right: (&SortKey, &str)) -> Ordering {
        let by_key = match self.direction {
            Direction::Ascending => left.0.cmp(right.0),
            Direction::Descending => right.0.cmp(left.0),
        };
        by_key.then_with(|| left.1.cmp(right.1))
    }

    fn value<'a>(&self, resource: &'a Map<String, Value>) -> Option<&'a Value> {
        let object = match &self.urn {
            Some(urn) => field(resource, urn)?.as_object()?,
            None => resource,
        };
        let value = match field(object, &self.attribute)? {
            Value::Array(values) => preferred(values)?,
            value => value,
        };
        match (&self.sub, value) {
            (Some(sub), Value::Object(object)) => field(object, sub),
            (Some(_), _) => None,
            (None, value) => Some(value),
        }
    }

    fn key_of(&self, value: &Value) -> SortKey {
        match value {
            Value::Bool(value) => SortKey::Boolean(*value),
            Value::Number(number) if self.kind == Type::Decimal => {
                number.as_f64().map_or(SortKey::Missing, |value| SortKey::Decimal(DecimalKey(value)))
            }
            Value::Number(number) => match (number.as_i128(), number.as_f64()) {
                (Some(value), _) => SortKey::Integer(value),
                (None, Some(value)) => SortKey::Decimal(DecimalKey(value)),
                (None, None) => SortKey::Missing,
            },
            Value::String(text) => match (self.kind, Moment::parse(text)) {
                (Type::DateTime, Some(moment)) => SortKey::Moment(moment),
                _ if self.case_exact => SortKey::Text(cut(text.clone())),
                _ => SortKey::Text(cut(fold(text))),
            },
            Value::Null | Value::Array(_) | Value::Object(_) => SortKey::Missing,
        }
    }
}

impl SortKey {
    /// The form in which a cursor carries it.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Missing => Value::Null,
            Self::Boolean(value) => Value::Bool(*value),
            Self::Text(text) => Value::String(text.clone()),
            Self::Integer(value) => Value::from(vec!["i".to_owned(), value.to_string()]),
            Self::Moment(moment) => Value::from(vec!["m".to_owned(), moment.total_nanos().to_string()]),
            // The bits, since printing and reading a float may not give the same one.
            Self::Decimal(value) => Value::from(vec!["d".to_owned(), value.0.to_bits().to_string()]),
        }
    }

    /// Reads what [`SortKey::to_json`] wrote; `None` when it didn't.
    pub fn from_json(value: &Value) -> Option<Self> {
        match value {
            Value::Null => Some(Self::Missing),
            Value::Bool(value) => Some(Self::Boolean(*value)),
            Value::String(text) => Some(Self::Text(text.clone())),
            Value::Array(pair) => match pair.as_slice() {
                [Value::String(kind), Value::String(text)] => match kind.as_str() {
                    "i" => text.parse().ok().map(Self::Integer),
                    "m" => text.parse().ok().and_then(Moment::from_total_nanos).map(Self::Moment),
                    "d" => text.parse().ok().map(|bits| Self::Decimal(DecimalKey(f64::from_bits(bits)))),
                    _ => None,
                },
                _ => None,
            },
            Value::Number(_) | Value::Object(_) => None,
        }
    }
}

impl Ord for DecimalKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for DecimalKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for DecimalKey {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for DecimalKey {}

fn direction(sort_order: Option<&str>) -> Result<Direction, Error> {
    match sort_order.map(str::trim) {
        None | Some("") => Ok(Direction::Ascending),
        Some(text) if text.eq_ignore_ascii_case("ascending") => Ok(Direction::Ascending),
        Some(text) if text.eq_ignore_ascii_case("descending") => Ok(Direction::Descending),
        Some(text) => Err(Error::invalid_value(format!(
            "sortOrder must be ascending or descending, not {:?}",
            short(text)
        ))),
    }
}

fn core(path: &str, schema: &TypeSchema) -> Option<SortBy> {
    let (name, sub) = split(path);
    at(None, schema.core_attribute(name)?, sub)
}

fn qualified(path: &str, schema: &TypeSchema) -> Option<SortBy> {
    if let Some(rest) = below(path, &schema.core.id) {
        return core(rest, schema);
    }
    for extension in &schema.extensions {
        if let Some(rest) = below(path, &extension.id) {
            let (name, sub) = split(rest);
            return match extension.attribute(name) {
                Some(attribute) => at(Some(&extension.id), attribute, sub),
                None => Some(unregistered(&extension.id, name, sub)),
            };
        }
    }
    let (urn, rest) = path.rsplit_once(':').filter(|(urn, _)| is_urn(urn))?;
    let (name, sub) = split(rest);
    Some(unregistered(urn, name, sub))
}

/// The part after `urn:`…`:`, compared without regard to case.
fn below<'a>(path: &'a str, urn: &str) -> Option<&'a str> {
    let start = path.get(..urn.len())?;
    if !start.eq_ignore_ascii_case(urn) {
        return None;
    }
    path.get(urn.len()..)?.strip_prefix(':')
}

fn split(path: &str) -> (&str, Option<&str>) {
    match path.split_once('.') {
        Some((name, sub)) => (name, Some(sub)),
        None => (path, None),
    }
}

fn at(urn: Option<&str>, attribute: &Attribute, sub: Option<&str>) -> Option<SortBy> {
    if attribute.returned == Returned::Never {
        return None;
    }
    let leaf = match (attribute.is_complex(), sub) {
        (false, None) => attribute,
        (false, Some(_)) => return None,
        (true, Some(sub)) => attribute.sub_attribute(sub)?,
        // The RFC wants a sub-attribute here; the significant one is what was meant.
        (true, None) => ["value", "formatted"].iter().find_map(|name| attribute.sub_attribute(name))?,
    };
    if leaf.returned == Returned::Never {
        return None;
    }
    Some(SortBy {
        urn: urn.map(str::to_owned),
        attribute: attribute.name.clone(),
        sub: attribute.is_complex().then(|| leaf.name.clone()),
        kind: leaf.kind,
        case_exact: leaf.case_exact,
        direction: Direction::Ascending,
    })
}

fn unregistered(urn: &str, name: &str, sub: Option<&str>) -> SortBy {
    SortBy {
        urn: Some(urn.to_owned()),
        attribute: name.to_owned(),
        sub: sub.map(str::to_owned),
        kind: Type::String,
        case_exact: false,
        direction: Direction::Ascending,
    }
}

/// The primary value, or else the first.
fn preferred(values: &[Value]) -> Option<&Value> {
    values.iter().find(|value| value.get("primary") == Some(&Value::Bool(true))).or_else(|| values.first())
}

fn cut(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(SORT_KEY_BYTES_MAX));
    text
}

#[cfg(test)]
mod tests;
