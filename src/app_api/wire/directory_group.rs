//! Directory groups as they are sent; the same shape as in events, with the number of members
//! where it is asked for.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Shown;
use crate::base::id::{DirectoryId, GroupId, OrganizationId};
use crate::base::time::Timestamp;
use crate::model;

#[derive(Debug, Serialize)]
pub struct DirectoryGroup<'a> {
    object: &'static str,
    id: Shown<GroupId>,
    directory_id: Shown<DirectoryId>,
    organization_id: Shown<OrganizationId>,
    idp_id: &'a str,
    name: &'a str,
    raw_attributes: &'a Map<String, Value>,
    created_at: Shown<Timestamp>,
    updated_at: Shown<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    members_count: Option<u64>,
}

impl<'a> From<&'a model::directory_group::DirectoryGroup> for DirectoryGroup<'a> {
    fn from(group: &'a model::directory_group::DirectoryGroup) -> Self {
        Self {
            object: "directory_group",
            id: Shown(group.id),
            directory_id: Shown(group.directory_id),
            organization_id: Shown(group.organization_id),
            idp_id: &group.idp_id,
            name: &group.name,
            raw_attributes: &group.raw_attributes,
            created_at: Shown(group.created_at),
            updated_at: Shown(group.updated_at),
            members_count: None,
        }
    }
}

impl DirectoryGroup<'_> {
    pub fn with_members_count(self, members_count: u64) -> Self {
        Self { members_count: Some(members_count), ..self }
    }
}
