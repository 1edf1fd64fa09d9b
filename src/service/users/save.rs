//! The one function through which a user changes: its row, look-ups, memberships and events.

use serde_json::Value;

use crate::base::id::UserId;
use crate::base::text::fold;
use crate::base::time::Timestamp;
use crate::model::directory::{Directory, OnDeactivate};
use crate::model::directory_user::{DirectoryUser, DirectoryUserView, UserState};
use crate::model::event::{Cause, NewEvent};
use crate::scim::resource::Resource;
use crate::scim::schema::TypeSchema;
use crate::service::changes::Announcer;
use crate::service::groups::{directory_group, group_by_id};
use crate::service::hold;
use crate::service::resources::{from_stored, is_same_stored, to_stored};
use crate::store::Error;
use crate::store::directory::{DirectoryTransaction, Member, UserRow, UserStatus, UserWrite};

use super::roles::roles_of;

/// A user as it shall be.
pub struct SaveUser<'a> {
    pub id: UserId,
    /// The row as it is, whatever its status; None for a new user.
    pub before: Option<&'a UserRow>,
    pub resource: &'a Resource,
    pub status: UserStatus,
    pub cause: Cause,
}

/// Writes a user and tells the app. A user that is as it shall be already is left alone: same
/// version, no event.
pub fn save_user(
    tx: &mut DirectoryTransaction<'_, '_>,
    announcer: &Announcer<'_>,
    schema: &TypeSchema,
    change: &SaveUser<'_>,
) -> Result<UserRow, Error> {
    let view = announcer.mapping.view(&change.resource.attributes, &change.resource.extra);
    let mut row = new_row(tx.now(), announcer.directory, schema, change, &view);
    if let Some(before) = change.before.filter(|before| is_same(before, &row)) {
        return Ok(before.clone());
    }
    row.roles = roles_of(tx.view(), announcer.mapping, &row, &view)?;
    let screened = hold::screen(tx, announcer, change.before, &mut row, change.cause)?;
    let lookups = lookups(change.resource, &view);
    let is_back = write(tx, change, &row, &lookups)?;
    if is_back && row.status.is_present() {
        join_awaiting(tx, &row)?;
    }
    if !row.status.is_present() {
        leave_groups(tx, &row)?;
    }
    if screened.is_told() {
        tell(tx, announcer, change, &row, view)?;
    }
    screened.finish(tx, announcer, &row, change.cause)?;
    Ok(row)
}

/// The user as the app sees it.
pub fn directory_user(directory: &Directory, row: &UserRow) -> DirectoryUser {
    let view = DirectoryUserView::from_stored(&row.view, &row.document, row.extra.as_deref());
    with_view(directory, row, view)
}

pub(super) fn with_view(directory: &Directory, row: &UserRow, view: DirectoryUserView) -> DirectoryUser {
    DirectoryUser {
        id: row.id,
        directory_id: directory.id,
        organization_id: directory.organization_id,
        idp_id: row.external_id.clone().unwrap_or_else(|| row.id.to_string()),
        state: match row.status {
            UserStatus::Active => UserState::Active,
            UserStatus::Inactive | UserStatus::Deleted | UserStatus::Retired => UserState::Inactive,
        },
        view,
        roles: row.roles.clone(),
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

fn new_row(
    now: Timestamp,
    directory: &Directory,
    schema: &TypeSchema,
    change: &SaveUser<'_>,
    view: &DirectoryUserView,
) -> UserRow {
    let (document, extra) = to_stored(change.resource, schema);
    // A clock that was set back must not make a change look older than the one before it.
    let modified = change.before.map_or(now, |before| now.max(before.last_modified.plus_millis(1)));
    UserRow {
        id: change.id,
        status: change.status,
        visible: is_visible(directory, change.status),
        user_name: change.resource.text("userName").unwrap_or_default().to_owned(),
        external_id: change.resource.text("externalId").map(str::to_owned),
        version: change.before.map_or(1, |before| before.version + 1),
        created_at: change.before.map_or(now, |before| before.created_at),
        last_modified: modified,
        updated_at: change.before.map_or(now, |before| modified.max(before.updated_at)),
        view: view.to_stored(),
        roles: Vec::new(),
        extra,
        document,
    }
}

fn is_visible(directory: &Directory, status: UserStatus) -> bool {
    match status {
        UserStatus::Active => true,
        UserStatus::Inactive => directory.on_deactivate == OnDeactivate::Keep,
        UserStatus::Deleted | UserStatus::Retired => false,
    }
}

fn is_same(before: &UserRow, after: &UserRow) -> bool {
    before.status == after.status
        && is_same_stored(
            (&before.document, before.extra.as_deref()),
            (&after.document, after.extra.as_deref()),
        )
}

pub(super) fn lookups(resource: &Resource, view: &DirectoryUserView) -> UserWrite {
    let values = resource.attributes.get("emails").and_then(Value::as_array);
    let emails = values.into_iter().flatten().filter_map(|email| email.get("value")?.as_str());
    UserWrite {
        display_name: resource.text("displayName").map(str::to_owned),
        emails: emails.map(str::to_owned).collect(),
        app_email: view.email.clone(),
    }
}

/// Writes the row; true when the user was not present before.
fn write(
    tx: &mut DirectoryTransaction<'_, '_>,
    change: &SaveUser<'_>,
    row: &UserRow,
    new: &UserWrite,
) -> Result<bool, Error> {
    let nothing = UserWrite::default();
    // Someone who is gone is found by nothing but its id and externalId.
    let kept = if row.status.is_present() { new } else { &nothing };
    let Some(before) = change.before else {
        tx.insert_user(row, kept)?;
        return Ok(true);
    };
    let old_view = DirectoryUserView::from_stored(&before.view, &before.document, before.extra.as_deref());
    let old = lookups(&from_stored(&before.document, None), &old_view);
    if old.emails != kept.emails || old.app_email != kept.app_email {
        tx.delete_emails(row.id, &old)?;
    }
    tx.update_user(row, kept)?;
    Ok(!before.status.is_present())
}

/// Puts a user who came into the groups that wait for it.
fn join_awaiting(tx: &mut DirectoryTransaction<'_, '_>, row: &UserRow) -> Result<(), Error> {
    let value = row.id.to_string();
    for group in tx.view().groups_awaiting(&value)? {
        tx.add_member(group, Member::User(row.id))?;
        tx.touch_group(group, row.last_modified)?;
    }
    tx.forget_pending(&value)
}

fn leave_groups(tx: &mut DirectoryTransaction<'_, '_>, row: &UserRow) -> Result<(), Error> {
    let member = Member::User(row.id);
    for (group, _) in tx.view().groups_of(member)? {
        tx.remove_member(group, member)?;
        tx.touch_group(group, row.last_modified)?;
    }
    if row.status == UserStatus::Retired {
        tx.forget_pending(&row.id.to_string())?;
    }
    Ok(())
}

fn tell(
    tx: &mut DirectoryTransaction<'_, '_>,
    announcer: &Announcer<'_>,
    change: &SaveUser<'_>,
    row: &UserRow,
    view: DirectoryUserView,
) -> Result<(), Error> {
    let before = change.before.filter(|before| before.visible);
    match (before, row.visible) {
        (None, false) => Ok(()),
        (None, true) => {
            let user = with_view(announcer.directory, row, view);
            announcer.announce(tx, NewEvent::user_created(&user), change.cause)?;
            tell_memberships(tx, announcer, &user, change.cause)
        }
        (Some(before), true) => {
            let old = directory_user(announcer.directory, before);
            let new = with_view(announcer.directory, row, view);
            match NewEvent::user_updated(&old, &new) {
                Some(event) => announcer.announce(tx, event, change.cause),
                None => Ok(()),
            }
        }
        (Some(before), false) => {
            let last_seen = directory_user(announcer.directory, before);
            announcer.announce(tx, NewEvent::user_deleted(&last_seen), change.cause)
        }
    }
}

/// Tells of each group that a user who is announced is in already.
fn tell_memberships(
    tx: &mut DirectoryTransaction<'_, '_>,
    announcer: &Announcer<'_>,
    user: &DirectoryUser,
    cause: Cause,
) -> Result<(), Error> {
    for (group, _) in tx.view().groups_of(Member::User(user.id))? {
        let group = group_by_id(tx, group)?;
        let group = directory_group(announcer.directory, &group);
        announcer.announce(tx, NewEvent::group_user_added(&group, user), cause)?;
    }
    Ok(())
}

/// The form in which a `userName` is compared.
pub fn folded_user_name(resource: &Resource) -> String {
    fold(resource.text("userName").unwrap_or_default())
}
