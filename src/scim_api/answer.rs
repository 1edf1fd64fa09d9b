//! Answers: SCIM JSON with entity tag and location.

use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value};

use crate::scim::dialect::Rule;
use crate::scim::projection::Projection;
use crate::scim::schema::urn;
use crate::service::list::Listed;
use crate::service::resources::{Loaded, etag};
use crate::web::{Response, empty, response};

use super::At;

/// What all answers are (RFC 7644 §3.1).
pub const MEDIA_TYPE: &str = "application/scim+json";

/// An answer on its way out.
#[derive(Debug, Default)]
pub struct Answer {
    pub status: u16,
    body: Option<String>,
    etag: Option<String>,
    location: Option<String>,
    pub resource_id: Option<String>,
    pub rules: Vec<Rule>,
    /// The verb has written the request's record together with its change.
    pub is_recorded: bool,
    /// Something may have changed that has no record of this request yet.
    pub is_change: bool,
}

impl Answer {
    pub fn json(status: u16, body: String) -> Self {
        Self { status, body: Some(body), ..Self::default() }
    }

    pub fn empty(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// One resource, with its entity tag and address.
    pub fn resource(at: &At<'_>, status: u16, loaded: &Loaded, projection: &Projection) -> Self {
        let scim_url = at.scim_url();
        let body = match status {
            204 | 304 => None,
            _ => Some(resource_text(at, loaded, projection, &scim_url)),
        };
        Self {
            status,
            body,
            etag: Some(etag(loaded.version())),
            location: Some(loaded.location(&scim_url)),
            resource_id: Some(loaded.id()),
            ..Self::default()
        }
    }

    /// A page of resources.
    pub fn list<'p>(at: &At<'_>, listed: &Listed, projection: impl Fn(&Loaded) -> Option<&'p Projection>) -> Self {
        let scim_url = at.scim_url();
        let texts: Vec<String> = listed
            .resources
            .iter()
            .map(|loaded| match projection(loaded) {
                Some(projection) => resource_text(at, loaded, projection, &scim_url),
                None => loaded.text(&scim_url),
            })
            .collect();
        let mut body = Map::new();
        body.insert("schemas".into(), Value::from(vec![urn::LIST_RESPONSE]));
        body.insert("totalResults".into(), listed.total.into());
        if let Some(start_index) = listed.start_index {
            body.insert("startIndex".into(), start_index.into());
        }
        body.insert("itemsPerPage".into(), texts.len().into());
        if let Some(cursor) = &listed.next_cursor {
            body.insert("nextCursor".into(), cursor.as_str().into());
        }
        let mut text = Value::Object(body).to_string();
        text.pop();
        text.push_str(",\"Resources\":[");
        text.push_str(&texts.join(","));
        text.push_str("]}");
        Self { rules: listed.rules.clone(), ..Self::json(200, text) }
    }

    /// The answer to a change, which has written the request's record itself.
    pub fn recorded(self, rules: Vec<Rule>) -> Self {
        Self { is_recorded: true, rules, ..self }
    }

    pub fn changing(mut self) -> Self {
        self.is_change = true;
        self
    }

    pub fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = match self.body {
            Some(body) => response(status, MEDIA_TYPE, body),
            None => empty(status),
        };
        let headers = response.headers_mut();
        for (name, value) in [(header::ETAG, self.etag), (header::LOCATION, self.location)] {
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
                headers.insert(name, value);
            }
        }
        response
    }
}

/// A resource as it is sent. What nothing is taken out of is sent as it is stored.
pub fn resource_text(at: &At<'_>, loaded: &Loaded, projection: &Projection, scim_url: &str) -> String {
    match projection.is_default() && !at.caller.has_extensions {
        true => loaded.text(scim_url),
        false => Value::Object(projection.apply(loaded.map(scim_url))).to_string(),
    }
}
