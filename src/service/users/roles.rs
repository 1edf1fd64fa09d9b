//! Roles follow a user's groups: decided anew when a membership, or a group that a rule names, changes.

use crate::model::directory_user::DirectoryUserView;
use crate::model::event::{Cause, NewEvent};
use crate::model::mapping::{Mapping, RoleGroup};
use crate::service::changes::Announcer;
use crate::store::Error;
use crate::store::directory::{DirectoryTransaction, DirectoryView, GroupRow, Member, UserRow};

use super::save::directory_user;

/// The roles of a user with this view. Groups in which a user who comes now has been awaited count.
pub fn roles_of(
    view: &DirectoryView<'_>,
    mapping: &Mapping,
    row: &UserRow,
    seen: &DirectoryUserView,
) -> Result<Vec<String>, Error> {
    if !row.status.is_present() {
        return Ok(Vec::new());
    }
    let groups = role_groups(view, mapping, row)?;
    Ok(mapping.decide_roles(&seen.raw_attributes, &groups).roles)
}

/// The groups of a user, if any rule asks for them.
pub fn role_groups(
    view: &DirectoryView<'_>,
    mapping: &Mapping,
    row: &UserRow,
) -> Result<Vec<RoleGroup>, Error> {
    if !mapping.roles().depend_on_groups() {
        return Ok(Vec::new());
    }
    Ok(view.group_rows_of(Member::User(row.id))?.iter().map(role_group).collect())
}

/// A group as rules see it.
pub fn role_group(row: &GroupRow) -> RoleGroup {
    let id = row.id.to_string();
    RoleGroup {
        idp_id: row.external_id.clone().unwrap_or_else(|| id.clone()),
        id,
        name: row.display_name.clone(),
    }
}

/// Gives a present user the roles that its groups now mean, and tells the app if they are others.
pub fn refresh_roles(
    tx: &mut DirectoryTransaction<'_, '_>,
    announcer: &Announcer<'_>,
    before: &UserRow,
    cause: Cause,
) -> Result<(), Error> {
    let seen = DirectoryUserView::from_stored(&before.view, &before.document, before.extra.as_deref());
    let roles = roles_of(tx.view(), announcer.mapping, before, &seen)?;
    if roles == before.roles {
        return Ok(());
    }
    let after = UserRow { roles, updated_at: tx.now().max(before.updated_at), ..before.clone() };
    tx.set_user_roles(after.id, &after.roles, after.updated_at)?;
    if !after.visible {
        return Ok(());
    }
    let (old, new) =
        (directory_user(announcer.directory, before), directory_user(announcer.directory, &after));
    match NewEvent::user_updated(&old, &new) {
        Some(event) => announcer.announce(tx, event, cause),
        None => Ok(()),
    }
}
