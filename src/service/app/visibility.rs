//! What becomes visible to the app, or ceases to be, when a directory's own settings change; with
//! the events that tell of it in the same transaction.

use std::collections::HashMap;

use crate::base::id::GroupId;
use crate::model::directory::{Directory, OnDeactivate};
use crate::model::directory_group::DirectoryGroup;
use crate::model::event::{Cause, NewEvent};
use crate::service::authenticate_app::AppCaller;
use crate::service::groups::directory_group;
use crate::service::users::save::directory_user;
use crate::store::app::AppTransaction;
use crate::store::directory::{Member, UserRow, UserStatus};

use super::directories::{announce, announce_always};
use super::failure::AppFailure;

/// Shows or hides the inactive users after `on_deactivate` changed.
pub fn apply(
    tx: &mut AppTransaction<'_, '_>,
    caller: &AppCaller,
    directory: &Directory,
) -> Result<(), AppFailure> {
    let visible = directory.on_deactivate == OnDeactivate::Keep;
    let mut after = None;
    loop {
        let own = tx.view().directory_view(directory.id);
        let rows = own.users_with_status_after(UserStatus::Inactive, after, ROWS_AT_A_TIME)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some(last.id);
        for row in rows.iter().filter(|row| row.visible != visible) {
            show_or_hide(tx, caller, directory, row)?;
        }
    }
}

fn show_or_hide(
    tx: &mut AppTransaction<'_, '_>,
    caller: &AppCaller,
    directory: &Directory,
    row: &UserRow,
) -> Result<(), AppFailure> {
    // Of a held user the app sees what it saw last, whatever its own row says.
    if tx.view().directory_view(directory.id).is_held(row.id)? {
        return Ok(());
    }
    let visible = !row.visible;
    tx.directory(directory.id).set_user_visible(row.id, visible)?;
    match visible {
        true => tell_user(tx, caller, directory, row, Cause::Remapped),
        false => {
            let user = directory_user(directory, row);
            announce(tx, caller, directory, NewEvent::user_deleted(&user), Cause::Deactivated)
        }
    }
}

/// Ends a dry run: the directory's first event, then everything that is there, in one transaction, so
/// that no reader of the log sees half of a directory.
pub fn activate(
    tx: &mut AppTransaction<'_, '_>,
    caller: &AppCaller,
    directory: &Directory,
) -> Result<(), AppFailure> {
    let domains = tx.view().organization_domains(directory.organization_id)?;
    let cause = Cause::DirectoryActivated;
    announce_always(tx, caller, directory, NewEvent::activated(directory, &domains), cause)?;
    for token in tx.view().tokens(directory.id, directory.organization_id)? {
        announce_always(tx, caller, directory, NewEvent::token_created(&token), cause)?;
    }
    let mut seen = HashMap::new();
    let mut after = None;
    loop {
        let groups = tx.view().directory_view(directory.id).groups_after(after, ROWS_AT_A_TIME)?;
        let Some(last) = groups.last() else { break };
        after = Some(last.id);
        for row in &groups {
            let group = directory_group(directory, row);
            announce_always(tx, caller, directory, NewEvent::group_created(&group), cause)?;
            seen.insert(row.id, group);
        }
    }
    activate_users(tx, caller, directory, &seen)
}

/// Announces every user and its memberships. The writer does nothing else meanwhile, so groups are
/// looked up in what was read of them before.
fn activate_users(
    tx: &mut AppTransaction<'_, '_>,
    caller: &AppCaller,
    directory: &Directory,
    groups: &HashMap<GroupId, DirectoryGroup>,
) -> Result<(), AppFailure> {
    let cause = Cause::DirectoryActivated;
    let mut after = None;
    loop {
        let users = tx.view().directory_view(directory.id).users_after(after, ROWS_AT_A_TIME)?;
        let Some(last) = users.last() else { return Ok(()) };
        after = Some(last.id);
        for row in users.iter().filter(|row| row.visible) {
            let user = directory_user(directory, row);
            announce_always(tx, caller, directory, NewEvent::user_created(&user), cause)?;
            for (id, _) in tx.view().directory_view(directory.id).groups_of(Member::User(row.id))? {
                if let Some(group) = groups.get(&id) {
                    let added = NewEvent::group_user_added(group, &user);
                    announce_always(tx, caller, directory, added, cause)?;
                }
            }
        }
    }
}

const ROWS_AT_A_TIME: usize = 500;

/// Announces a user and each of its memberships.
fn tell_user(
    tx: &mut AppTransaction<'_, '_>,
    caller: &AppCaller,
    directory: &Directory,
    row: &UserRow,
    cause: Cause,
) -> Result<(), AppFailure> {
    let user = directory_user(directory, row);
    announce(tx, caller, directory, NewEvent::user_created(&user), cause)?;
    for group in tx.view().groups_of_user(directory.id, row.id)? {
        let group = directory_group(directory, &group);
        announce(tx, caller, directory, NewEvent::group_user_added(&group, &user), cause)?;
    }
    Ok(())
}
