//! List requests, as a query string and as a `.search` body, and the list that answers them
//! (RFC 7644 §3.4.2 and §3.4.3, RFC 9865).

use serde_json::{Map, Value};

use super::field::{assigned, describe, refuse_twins, short};
use super::message::check_message;
use super::schema::urn;
use super::{Error, ScimType};
use crate::base::limits::{PAGE_RESOURCES_DEFAULT, PAGE_RESOURCES_MAX};

/// What a list request asks for. Filter, sort and projection are still text: their own parsers need
/// the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    pub filter: Option<String>,
    pub sort_by: Option<String>,
    pub sort_order: Option<String>,
    pub page: Page,
    /// Resources on the page, never more than [`PAGE_RESOURCES_MAX`]; 0 asks for the total alone.
    pub count: usize,
    pub attributes: Option<String>,
    pub excluded_attributes: Option<String>,
}

/// Where the page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// At this resource, counted from 1.
    Index(usize),
    /// At the first one, to be continued with a cursor.
    FirstOfCursor,
    /// Where this cursor says.
    Cursor(String),
}

impl ListQuery {
    /// Reads the parameters of a query string, already percent-decoded. Names are taken in any case,
    /// unknown ones are ignored, empty ones count as absent but for `cursor`.
    ///
    /// # Errors
    ///
    /// `invalidValue` or `invalidCount` for what is no number, `invalidValue` for a parameter that
    /// comes twice or two that exclude each other.
    pub fn from_pairs(pairs: &[(String, String)]) -> Result<Self, Error> {
        let text = |name: &str| single(pairs, name).map(|value| value.filter(|text| !text.trim().is_empty()));
        let cursor = single(pairs, "cursor")?;
        Self {
            filter: filter_of(single(pairs, "filter")?)?,
            sort_by: text("sortBy")?,
            sort_order: text("sortOrder")?,
            page: Page::Index(1),
            count: PAGE_RESOURCES_DEFAULT,
            attributes: joined(pairs, "attributes"),
            excluded_attributes: joined(pairs, "excludedAttributes"),
        }
        .paged(text("startIndex")?, text("count")?, cursor)
    }

    /// Reads the body of a `.search` request.
    ///
    /// # Errors
    ///
    /// As [`ListQuery::from_pairs`], and `invalidSyntax` for a body that says it is something else.
    pub fn from_search(body: &Map<String, Value>) -> Result<Self, Error> {
        refuse_twins(body, "")?;
        check_message(body, urn::SEARCH_REQUEST)?;
        let given = |name: &str| text_of(body, name).map(|text| text.filter(|text| !text.trim().is_empty()));
        Self {
            filter: filter_of(text_of(body, "filter")?)?,
            sort_by: given("sortBy")?,
            sort_order: given("sortOrder")?,
            page: Page::Index(1),
            count: PAGE_RESOURCES_DEFAULT,
            attributes: names_of(body, "attributes")?,
            excluded_attributes: names_of(body, "excludedAttributes")?,
        }
        .paged(number_of(body, "startIndex")?, number_of(body, "count")?, text_of(body, "cursor")?)
    }

    fn paged(
        self,
        start_index: Option<String>,
        count: Option<String>,
        cursor: Option<String>,
    ) -> Result<Self, Error> {
        let count_error = if cursor.is_some() { ScimType::InvalidCount } else { ScimType::InvalidValue };
        let count = match count {
            Some(text) => number(&text)
                .ok_or_else(|| not_a_number(count_error, "count", &text))?
                .min(PAGE_RESOURCES_MAX),
            None => PAGE_RESOURCES_DEFAULT,
        };
        let page = match (start_index, cursor) {
            (Some(_), Some(_)) => {
                return Err(Error::invalid_value(
                    "startIndex and cursor exclude each other; send one of them",
                ));
            }
            (Some(text), None) => {
                let index =
                    number(&text).ok_or_else(|| not_a_number(ScimType::InvalidValue, "startIndex", &text))?;
                Page::Index(index.max(1))
            }
            (None, Some(cursor)) if cursor.is_empty() => Page::FirstOfCursor,
            (None, Some(cursor)) => Page::Cursor(cursor),
            (None, None) => Page::Index(1),
        };
        Ok(Self { page, count, ..self })
    }
}

/// One page of an answer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ListResponse {
    pub total_results: usize,
    /// Sent when the page was asked for by index.
    pub start_index: Option<usize>,
    /// Sent when there is a page after this one and the request pages with cursors.
    pub next_cursor: Option<String>,
    pub previous_cursor: Option<String>,
    pub resources: Vec<Value>,
}

impl ListResponse {
    /// The body as it is sent; `Resources` is there even when it is empty.
    pub fn into_map(self) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("schemas".to_owned(), Value::from(vec![urn::LIST_RESPONSE]));
        body.insert("totalResults".to_owned(), self.total_results.into());
        if let Some(start_index) = self.start_index {
            body.insert("startIndex".to_owned(), start_index.into());
        }
        body.insert("itemsPerPage".to_owned(), self.resources.len().into());
        for (name, cursor) in [("nextCursor", self.next_cursor), ("previousCursor", self.previous_cursor)] {
            if let Some(cursor) = cursor {
                body.insert(name.to_owned(), cursor.into());
            }
        }
        body.insert("Resources".to_owned(), Value::Array(self.resources));
        body
    }
}

/// A filter that is there must say something (RFC 7644 §3.4.2.2): an empty one is no "everything".
fn filter_of(text: Option<String>) -> Result<Option<String>, Error> {
    match text {
        Some(text) if text.trim().is_empty() => {
            Err(Error::invalid_filter("filter is empty; leave it out to list everything"))
        }
        other => Ok(other),
    }
}

fn single(pairs: &[(String, String)], name: &str) -> Result<Option<String>, Error> {
    let mut values = pairs.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    let first = values.next();
    match values.find(|value| Some(*value) != first) {
        Some(_) => Err(Error::invalid_value(format!("{name} is given twice with different values"))),
        None => Ok(first.cloned()),
    }
}

// A list may be spread over several parameters of the same name.
fn joined(pairs: &[(String, String)], name: &str) -> Option<String> {
    let values: Vec<&str> = pairs
        .iter()
        .filter(|(key, value)| key.eq_ignore_ascii_case(name) && !value.trim().is_empty())
        .map(|(_, value)| value.as_str())
        .collect();
    if values.is_empty() { None } else { Some(values.join(",")) }
}

fn text_of(body: &Map<String, Value>, name: &str) -> Result<Option<String>, Error> {
    match assigned(body, name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(Error::invalid_value(format!("{name} must be a string, not {}", describe(other)))),
    }
}

// As text, so that the query string and the body are read by one function.
fn number_of(body: &Map<String, Value>, name: &str) -> Result<Option<String>, Error> {
    match assigned(body, name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(other) => {
            Err(Error::invalid_value(format!("{name} must be a whole number, not {}", describe(other))))
        }
    }
}

fn names_of(body: &Map<String, Value>, name: &str) -> Result<Option<String>, Error> {
    let wrong = |value: &Value| {
        Error::invalid_value(format!("{name} must be an array of attribute names, not {}", describe(value)))
    };
    let names = match assigned(body, name) {
        None => return Ok(None),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(values)) => {
            let texts: Result<Vec<&str>, Error> =
                values.iter().map(|value| value.as_str().ok_or_else(|| wrong(value))).collect();
            texts?.join(",")
        }
        Some(other) => return Err(wrong(other)),
    };
    Ok(Some(names).filter(|names| !names.trim().is_empty()))
}

/// A whole number; below 0 counts as 0, beyond what a page can have as a very large one.
fn number(text: &str) -> Option<usize> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if negative {
        Some(0)
    } else {
        Some(digits.parse().map_or(NUMBER_MAX, |value: usize| value.min(NUMBER_MAX)))
    }
}

fn not_a_number(scim_type: ScimType, name: &str, text: &str) -> Error {
    Error::new(scim_type, format!("{name} must be a whole number, not {:?}", short(text)))
}

/// Far beyond any directory, and small enough to be counted on from.
const NUMBER_MAX: usize = i32::MAX as usize;

#[cfg(test)]
mod tests;
