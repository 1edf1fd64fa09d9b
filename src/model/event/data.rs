//! The data of each kind of event, in the shape in which it is stored and sent.

use serde_json::{Map, Value, json};

use crate::base::id::DirectoryId;
use crate::model::credential::DirectoryToken;
use crate::model::directory::{Directory, DirectoryState};
use crate::model::directory_group::DirectoryGroup;
use crate::model::directory_user::DirectoryUser;
use crate::model::organization::OrganizationDomain;

use super::EventName;
use super::previous::previous_attributes;

/// An event before the writer gave it its place in the order.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    pub name: EventName,
    pub directory_id: DirectoryId,
    pub data: Map<String, Value>,
}

impl NewEvent {
    /// The directory's first event.
    pub fn activated(directory: &Directory, domains: &[OrganizationDomain]) -> Self {
        let mut data = directory_object(directory, directory.state);
        let domains = domains.iter().map(|domain| {
            json!({
                "object": "organization_domain",
                "id": domain.id.to_string(),
                "organization_id": domain.organization_id.to_string(),
                "domain": domain.domain,
            })
        });
        data.insert("domains".to_owned(), domains.collect());
        Self { name: EventName::Activated, directory_id: directory.id, data }
    }

    /// The directory and everything in it is gone.
    pub fn deleted(directory: &Directory) -> Self {
        let data = directory_object(directory, DirectoryState::Deleting);
        Self { name: EventName::Deleted, directory_id: directory.id, data }
    }

    pub fn user_created(user: &DirectoryUser) -> Self {
        Self { name: EventName::UserCreated, directory_id: user.directory_id, data: user_object(user) }
    }

    /// Nothing when the app sees no difference.
    pub fn user_updated(before: &DirectoryUser, after: &DirectoryUser) -> Option<Self> {
        let data = updated(&user_object(before), user_object(after))?;
        Some(Self { name: EventName::UserUpdated, directory_id: after.directory_id, data })
    }

    pub fn user_deleted(user: &DirectoryUser) -> Self {
        Self { name: EventName::UserDeleted, directory_id: user.directory_id, data: user_object(user) }
    }

    pub fn group_created(group: &DirectoryGroup) -> Self {
        Self { name: EventName::GroupCreated, directory_id: group.directory_id, data: group_object(group) }
    }

    /// Nothing when the app sees no difference; members are no attribute of a group.
    pub fn group_updated(before: &DirectoryGroup, after: &DirectoryGroup) -> Option<Self> {
        let data = updated(&group_object(before), group_object(after))?;
        Some(Self { name: EventName::GroupUpdated, directory_id: after.directory_id, data })
    }

    pub fn group_deleted(group: &DirectoryGroup) -> Self {
        Self { name: EventName::GroupDeleted, directory_id: group.directory_id, data: group_object(group) }
    }

    /// The user as it is after it was added.
    pub fn group_user_added(group: &DirectoryGroup, user: &DirectoryUser) -> Self {
        let data = membership_object(group, user);
        Self { name: EventName::GroupUserAdded, directory_id: group.directory_id, data }
    }

    /// The user as it is after it was removed.
    pub fn group_user_removed(group: &DirectoryGroup, user: &DirectoryUser) -> Self {
        let data = membership_object(group, user);
        Self { name: EventName::GroupUserRemoved, directory_id: group.directory_id, data }
    }

    pub fn token_created(token: &DirectoryToken) -> Self {
        Self { name: EventName::TokenCreated, directory_id: token.directory_id, data: token_object(token) }
    }

    pub fn token_revoked(token: &DirectoryToken) -> Self {
        Self { name: EventName::TokenRevoked, directory_id: token.directory_id, data: token_object(token) }
    }
}

fn updated(before: &Map<String, Value>, mut after: Map<String, Value>) -> Option<Map<String, Value>> {
    let previous = previous_attributes(before, &after);
    if previous.is_empty() {
        return None;
    }
    after.insert("previous_attributes".to_owned(), Value::Object(previous));
    Some(after)
}

fn directory_object(directory: &Directory, state: DirectoryState) -> Map<String, Value> {
    object([
        ("object", json!("directory")),
        ("id", json!(directory.id.to_string())),
        ("organization_id", json!(directory.organization_id.to_string())),
        ("external_key", json!(directory.external_key)),
        ("type", json!(directory.provider.type_name())),
        ("provider", json!(directory.provider.name())),
        ("state", json!(state.event_name())),
        ("name", json!(directory.name)),
        ("created_at", json!(directory.created_at.to_string())),
        ("updated_at", json!(directory.updated_at.to_string())),
    ])
}

/// A user in the shape that is sent: by the API (with its groups besides) as in events.
fn user_object(user: &DirectoryUser) -> Map<String, Value> {
    let view = &user.view;
    let mut data = object([
        ("object", json!("directory_user")),
        ("id", json!(user.id.to_string())),
        ("directory_id", json!(user.directory_id.to_string())),
        ("organization_id", json!(user.organization_id.to_string())),
        ("idp_id", json!(user.idp_id)),
        ("email", json!(view.email)),
        ("first_name", json!(view.first_name)),
        ("last_name", json!(view.last_name)),
        ("name", json!(view.name)),
        ("emails", Value::Array(view.emails.clone())),
        ("job_title", json!(view.job_title)),
        ("username", json!(view.username)),
        ("state", json!(user.state.name())),
        ("raw_attributes", Value::Object(view.raw_attributes.clone())),
        ("custom_attributes", Value::Object(view.custom_attributes.clone())),
    ]);
    if let Some(role) = user.roles.first() {
        data.insert("role".to_owned(), json!({"slug": role}));
    }
    let roles = user.roles.iter().map(|role| json!({"slug": role}));
    data.insert("roles".to_owned(), roles.collect());
    data.insert("created_at".to_owned(), json!(user.created_at.to_string()));
    data.insert("updated_at".to_owned(), json!(user.updated_at.to_string()));
    data
}

fn group_object(group: &DirectoryGroup) -> Map<String, Value> {
    object([
        ("object", json!("directory_group")),
        ("id", json!(group.id.to_string())),
        ("directory_id", json!(group.directory_id.to_string())),
        ("organization_id", json!(group.organization_id.to_string())),
        ("idp_id", json!(group.idp_id)),
        ("name", json!(group.name)),
        ("raw_attributes", Value::Object(group.raw_attributes.clone())),
        ("created_at", json!(group.created_at.to_string())),
        ("updated_at", json!(group.updated_at.to_string())),
    ])
}

fn membership_object(group: &DirectoryGroup, user: &DirectoryUser) -> Map<String, Value> {
    object([
        ("directory_id", json!(group.directory_id.to_string())),
        ("user", Value::Object(user_object(user))),
        ("group", Value::Object(group_object(group))),
    ])
}

fn token_object(token: &DirectoryToken) -> Map<String, Value> {
    object([
        ("object", json!("directory_token")),
        ("id", json!(token.id.to_string())),
        ("directory_id", json!(token.directory_id.to_string())),
        ("organization_id", json!(token.organization_id.to_string())),
        ("token_suffix", json!(token.token_suffix)),
        ("created_at", json!(token.created_at.to_string())),
    ])
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests;
