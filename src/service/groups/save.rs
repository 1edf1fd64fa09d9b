//! The one function through which a group changes: its row, members and events.

use crate::base::id::GroupId;
use crate::base::time::Timestamp;
use crate::model::directory::Directory;
use crate::model::directory_group::DirectoryGroup;
use crate::model::event::{Cause, NewEvent};
use crate::scim::resource::Resource;
use crate::scim::schema::TypeSchema;
use crate::service::changes::Announcer;
use crate::service::resources::{from_stored, is_same_stored, to_stored};
use crate::service::users::roles::role_group;
use crate::store::Error;
use crate::store::directory::{DirectoryTransaction, GroupRow};

use super::membership::{self, MembershipChange};

/// A group as it shall be.
pub struct SaveGroup<'a> {
    pub id: GroupId,
    pub before: Option<&'a GroupRow>,
    pub resource: &'a Resource,
    pub members: MembershipChange,
}

/// Writes a group and its members, and tells the app. What is as it shall be already is left
/// alone: same version, no event.
pub fn save_group(
    tx: &mut DirectoryTransaction<'_, '_>,
    announcer: &Announcer<'_>,
    schema: &TypeSchema,
    change: &SaveGroup<'_>,
) -> Result<GroupRow, Error> {
    let mut row = new_row(tx.now(), schema, change);
    let stored = (row.document.as_str(), row.extra.as_deref());
    let is_same = change
        .before
        .is_some_and(|before| is_same_stored((&before.document, before.extra.as_deref()), stored));
    if let Some(before) = change.before.filter(|_| is_same) {
        row.updated_at = before.updated_at;
    }
    if let Some(before) = change.before.filter(|_| is_same && !change.members.is_visible()) {
        // Values that wait are not returned: they are no new version.
        membership::write(tx, announcer, before, &change.members, Cause::MemberAdded)?;
        return Ok(before.clone());
    }
    match change.before {
        None => tx.insert_group(&row)?,
        Some(_) => tx.update_group(&row)?,
    }
    tell(tx, announcer, change, &row)?;
    if let Some(before) = change.before {
        follow_name(tx, announcer, before, &row)?;
    }
    membership::write(tx, announcer, &row, &change.members, Cause::MemberAdded)?;
    Ok(row)
}

/// The group as the app sees it.
pub fn directory_group(directory: &Directory, row: &GroupRow) -> DirectoryGroup {
    let resource = from_stored(&row.document, row.extra.as_deref());
    let mut raw_attributes = resource.attributes;
    raw_attributes.extend(resource.extra);
    DirectoryGroup {
        id: row.id,
        directory_id: directory.id,
        organization_id: directory.organization_id,
        idp_id: row.external_id.clone().unwrap_or_else(|| row.id.to_string()),
        name: row.display_name.clone(),
        raw_attributes,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

/// # Panics
///
/// When there is no such group: a row of this transaction names it.
pub fn group_by_id(tx: &DirectoryTransaction<'_, '_>, id: GroupId) -> Result<GroupRow, Error> {
    match tx.view().group(id)? {
        Some(row) => Ok(row),
        None => panic!("a membership names a group that is not there"),
    }
}

fn new_row(now: Timestamp, schema: &TypeSchema, change: &SaveGroup<'_>) -> GroupRow {
    let (document, extra) = to_stored(change.resource, schema);
    let modified = change.before.map_or(now, |before| now.max(before.last_modified.plus_millis(1)));
    GroupRow {
        id: change.id,
        display_name: change.resource.text("displayName").unwrap_or_default().to_owned(),
        external_id: change.resource.text("externalId").map(str::to_owned),
        version: change.before.map_or(1, |before| before.version + 1),
        created_at: change.before.map_or(now, |before| before.created_at),
        last_modified: modified,
        updated_at: modified,
        extra,
        document,
    }
}

/// Another name or `externalId` is another group for the rules about roles.
fn follow_name(
    tx: &mut DirectoryTransaction<'_, '_>,
    announcer: &Announcer<'_>,
    before: &GroupRow,
    row: &GroupRow,
) -> Result<(), Error> {
    let roles = announcer.mapping.roles();
    if roles.naming(&role_group(before)) == roles.naming(&role_group(row)) {
        return Ok(());
    }
    let members = tx.view().members(row.id)?;
    membership::follow_roles(tx, announcer, &members, Cause::Updated)
}

fn tell(
    tx: &mut DirectoryTransaction<'_, '_>,
    announcer: &Announcer<'_>,
    change: &SaveGroup<'_>,
    row: &GroupRow,
) -> Result<(), Error> {
    let new = directory_group(announcer.directory, row);
    let Some(before) = change.before else {
        return announcer.announce(tx, NewEvent::group_created(&new), Cause::Created);
    };
    let old = directory_group(announcer.directory, before);
    match NewEvent::group_updated(&old, &new) {
        Some(event) => announcer.announce(tx, event, Cause::Updated),
        None => Ok(()),
    }
}
