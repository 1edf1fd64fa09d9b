//! Directory groups: a SCIM Group as the app sees it.

use serde_json::{Map, Value};

use crate::base::id::{DirectoryId, GroupId, OrganizationId};
use crate::base::time::Timestamp;

/// A group as the app sees it; its members are apart.
#[derive(Debug, Clone, PartialEq)]
pub struct DirectoryGroup {
    pub id: GroupId,
    pub directory_id: DirectoryId,
    pub organization_id: OrganizationId,
    /// `externalId`, else the resource's own id.
    pub idp_id: String,
    /// `displayName`.
    pub name: String,
    /// The SCIM attributes as stored, without members.
    pub raw_attributes: Map<String, Value>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}
