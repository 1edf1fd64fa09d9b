//! Events as they are sent; by this API and, byte for byte the same, to webhook endpoints.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Shown;
use crate::base::id::{DirectoryId, EventId, OrganizationId, RequestId};
use crate::base::time::Timestamp;
use crate::model;

#[derive(Debug, Serialize)]
pub struct Event<'a> {
    object: &'static str,
    id: Shown<EventId>,
    event: &'static str,
    data: &'a Map<String, Value>,
    created_at: Shown<Timestamp>,
    context: Context<'a>,
    directory_id: Shown<DirectoryId>,
    organization_id: Shown<OrganizationId>,
    directory_sequence: u64,
    epoch: u32,
}

#[derive(Debug, Serialize)]
struct Context<'a> {
    cause: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<Shown<RequestId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<Actor<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_attributes: Option<&'a Map<String, Value>>,
}

#[derive(Debug, Serialize)]
struct Actor<'a> {
    id: &'a str,
    source: &'static str,
    name: Option<&'a str>,
}

impl<'a> From<&'a model::event::Event> for Event<'a> {
    fn from(event: &'a model::event::Event) -> Self {
        let context = &event.context;
        Self {
            object: "event",
            id: Shown(event.id),
            event: event.name.name(),
            data: &event.data,
            created_at: Shown(event.created_at),
            context: Context {
                cause: context.cause.name(),
                request_id: context.request_id.map(Shown),
                actor: context.actor.as_ref().map(|actor| Actor {
                    id: &actor.id,
                    source: actor.source.name(),
                    name: actor.name.as_deref(),
                }),
                previous_attributes: event.previous_attributes(),
            },
            directory_id: Shown(event.directory_id),
            organization_id: Shown(event.organization_id),
            directory_sequence: event.directory_sequence,
            epoch: event.epoch,
        }
    }
}
