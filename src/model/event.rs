//! Events: one change that the app sees, in the order in which it was committed.

mod data;
mod previous;

use serde_json::{Map, Value, json};

use crate::base::id::{DirectoryId, EventId, OrganizationId, RequestId};
use crate::base::time::Timestamp;

pub use data::NewEvent;
pub use previous::previous_attributes;

/// One change.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub id: EventId,
    pub name: EventName,
    pub directory_id: DirectoryId,
    pub organization_id: OrganizationId,
    /// Gapless per directory within an epoch, from 1.
    pub directory_sequence: u64,
    /// Which life of the file it belongs to; a restore starts a new one.
    pub epoch: u32,
    /// What the change left, in the shape that is sent; see [`NewEvent`]. For updates it holds
    /// `previous_attributes`, what the changed attributes were before.
    pub data: Map<String, Value>,
    pub context: EventContext,
    pub created_at: Timestamp,
}

impl Event {
    /// What the changed attributes were before; for updates only.
    pub fn previous_attributes(&self) -> Option<&Map<String, Value>> {
        self.data.get("previous_attributes").and_then(Value::as_object)
    }

    /// The event as it is stored and sent, byte for byte: in the shape of the WorkOS events API,
    /// with our fields besides.
    pub fn body(&self) -> String {
        let mut context = Map::new();
        context.insert("cause".to_owned(), self.context.cause.name().into());
        if let Some(id) = self.context.request_id {
            context.insert("request_id".to_owned(), id.to_string().into());
        }
        if let Some(actor) = &self.context.actor {
            let source = actor.source.name();
            context.insert("actor".to_owned(), json!({"id": actor.id, "source": source, "name": actor.name}));
        }
        if let Some(previous) = self.previous_attributes() {
            context.insert("previous_attributes".to_owned(), previous.clone().into());
        }
        let mut head = json!({
            "object": "event",
            "id": self.id.to_string(),
            "event": self.name.name(),
        })
        .to_string();
        let tail = json!({
            "created_at": self.created_at.to_string(),
            "context": context,
            "directory_id": self.directory_id.to_string(),
            "organization_id": self.organization_id.to_string(),
            "directory_sequence": self.directory_sequence,
            "epoch": self.epoch,
        })
        .to_string();
        // The data is the largest part, and is written without being copied first.
        head.pop();
        format!("{head},\"data\":{},{}", text_of(&self.data), &tail[1..])
    }
}

#[expect(clippy::expect_used, reason = "a map of JSON values with text for keys is always JSON")]
fn text_of(object: &Map<String, Value>) -> String {
    serde_json::to_string(object).expect("JSON")
}

/// Why an event happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventContext {
    pub cause: Cause,
    pub request_id: Option<RequestId>,
    pub actor: Option<Actor>,
}

/// Who did it, when it was not the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub id: String,
    pub source: ActorSource,
    pub name: Option<String>,
}

/// By which way an actor came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActorSource {
    Api,
    Dashboard,
    AdminPortal,
    System,
}

impl ActorSource {
    const ALL: [Self; 4] = [Self::Api, Self::Dashboard, Self::AdminPortal, Self::System];

    pub fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Dashboard => "dashboard",
            Self::AdminPortal => "admin_portal",
            Self::System => "system",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.name() == name)
    }
}

/// The twelve kinds of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventName {
    Activated,
    Deleted,
    UserCreated,
    UserUpdated,
    UserDeleted,
    GroupCreated,
    GroupUpdated,
    GroupDeleted,
    GroupUserAdded,
    GroupUserRemoved,
    TokenCreated,
    TokenRevoked,
}

impl EventName {
    pub const ALL: [Self; 12] = [
        Self::Activated,
        Self::Deleted,
        Self::UserCreated,
        Self::UserUpdated,
        Self::UserDeleted,
        Self::GroupCreated,
        Self::GroupUpdated,
        Self::GroupDeleted,
        Self::GroupUserAdded,
        Self::GroupUserRemoved,
        Self::TokenCreated,
        Self::TokenRevoked,
    ];

    /// As it is sent and stored: `dsync.user.created`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Activated => "dsync.activated",
            Self::Deleted => "dsync.deleted",
            Self::UserCreated => "dsync.user.created",
            Self::UserUpdated => "dsync.user.updated",
            Self::UserDeleted => "dsync.user.deleted",
            Self::GroupCreated => "dsync.group.created",
            Self::GroupUpdated => "dsync.group.updated",
            Self::GroupDeleted => "dsync.group.deleted",
            Self::GroupUserAdded => "dsync.group.user_added",
            Self::GroupUserRemoved => "dsync.group.user_removed",
            Self::TokenCreated => "dsync.token.created",
            Self::TokenRevoked => "dsync.token.revoked",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.name() == name)
    }
}

/// What made a change, without guessing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    Created,
    Updated,
    Deactivated,
    Reactivated,
    Deleted,
    /// The provider created somebody again who was there before.
    Reprovisioned,
    /// An inactive namesake made way for another person.
    Retired,
    MemberAdded,
    MemberRemoved,
    /// A new mapping changed what the app sees.
    Remapped,
    Reconciled,
    DirectoryCreated,
    DirectoryActivated,
    DirectoryDeleted,
    TokenCreated,
    TokenRevoked,
}

impl Cause {
    pub const ALL: [Self; 16] = [
        Self::Created,
        Self::Updated,
        Self::Deactivated,
        Self::Reactivated,
        Self::Deleted,
        Self::Reprovisioned,
        Self::Retired,
        Self::MemberAdded,
        Self::MemberRemoved,
        Self::Remapped,
        Self::Reconciled,
        Self::DirectoryCreated,
        Self::DirectoryActivated,
        Self::DirectoryDeleted,
        Self::TokenCreated,
        Self::TokenRevoked,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deactivated => "deactivated",
            Self::Reactivated => "reactivated",
            Self::Deleted => "deleted",
            Self::Reprovisioned => "reprovisioned",
            Self::Retired => "retired",
            Self::MemberAdded => "member_added",
            Self::MemberRemoved => "member_removed",
            Self::Remapped => "remapped",
            Self::Reconciled => "reconciled",
            Self::DirectoryCreated => "directory_created",
            Self::DirectoryActivated => "directory_activated",
            Self::DirectoryDeleted => "directory_deleted",
            Self::TokenCreated => "token_created",
            Self::TokenRevoked => "token_revoked",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for event in EventName::ALL {
            assert_eq!(EventName::from_name(event.name()), Some(event));
        }
        for cause in Cause::ALL {
            assert_eq!(Cause::from_name(cause.name()), Some(cause));
        }
    }
}
