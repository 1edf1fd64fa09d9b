//! Request records as they are sent.

use serde::Serialize;

use super::Shown;
use crate::base::id::{DirectoryId, EventId, RequestId, TokenId};
use crate::base::time::Timestamp;
use crate::model;

#[derive(Debug, Serialize)]
pub struct RequestRecord<'a> {
    object: &'static str,
    id: Shown<RequestId>,
    directory_id: Option<Shown<DirectoryId>>,
    token_id: Option<Shown<TokenId>>,
    received_at: Shown<Timestamp>,
    duration_micros: u64,
    method: &'a str,
    path: &'a str,
    query: &'a str,
    status: u16,
    scim_type: Option<&'a str>,
    detail: Option<&'a str>,
    hint: Option<String>,
    rules: &'a [String],
    resource_id: Option<&'a str>,
    client_address: Option<&'a str>,
    user_agent: Option<&'a str>,
    request_body: Option<Body<'a>>,
    response_body: Option<Body<'a>>,
    events: Vec<Shown<EventId>>,
}

#[derive(Debug, Serialize)]
struct Body<'a> {
    text: &'a str,
    bytes: u64,
    truncated: bool,
}

impl<'a> RequestRecord<'a> {
    /// `hint` is what an admin can do about it.
    pub fn new(record: &'a model::request_record::RequestRecord, hint: Option<String>) -> Self {
        Self {
            object: "request",
            id: Shown(record.id),
            directory_id: record.directory_id.map(Shown),
            token_id: record.token_id.map(Shown),
            received_at: Shown(record.received_at),
            duration_micros: record.duration_micros,
            method: &record.method,
            path: &record.path,
            query: &record.query,
            status: record.status,
            scim_type: record.scim_type.as_deref(),
            detail: record.detail.as_deref(),
            hint,
            rules: &record.rules,
            resource_id: record.resource_id.as_deref(),
            client_address: record.client_address.as_deref(),
            user_agent: record.user_agent.as_deref(),
            request_body: record.request_body.as_ref().map(Body::from),
            response_body: record.response_body.as_ref().map(Body::from),
            events: record.events.iter().copied().map(Shown).collect(),
        }
    }
}

impl<'a> From<&'a model::request_record::RecordedBody> for Body<'a> {
    fn from(body: &'a model::request_record::RecordedBody) -> Self {
        Self { text: &body.text, bytes: body.bytes, truncated: body.is_truncated }
    }
}
