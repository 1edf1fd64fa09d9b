//! Maps one stored user again, when what is in force changed for all.

use crate::model::directory::Directory;
use crate::model::directory_user::DirectoryUser;
use crate::model::event::{Cause, NewEvent};
use crate::model::mapping::{Decided, Mapping};
use crate::service::changes::Announcer;
use crate::service::resources::from_stored;
use crate::store::Error;
use crate::store::directory::{DirectoryTransaction, DirectoryView, UserRow};

use super::roles::role_groups;
use super::save::{directory_user, lookups, with_view};

/// A user as a mapping would have it.
pub struct Remapped {
    pub before: DirectoryUser,
    pub after: DirectoryUser,
    pub decided: Decided,
    row: UserRow,
}

impl Remapped {
    /// Whether anything differs from what is stored.
    pub fn is_change(&self) -> bool {
        self.before.view != self.after.view || self.before.roles != self.after.roles
    }
}

/// What a mapping makes of a stored user; nothing is written.
pub fn remapped(
    view: &DirectoryView<'_>,
    directory: &Directory,
    mapping: &Mapping,
    row: &UserRow,
) -> Result<Remapped, Error> {
    let resource = from_stored(&row.document, row.extra.as_deref());
    let seen = mapping.view(&resource.attributes, &resource.extra);
    let decided = match row.status.is_present() {
        true => mapping.decide_roles(&seen.raw_attributes, &role_groups(view, mapping, row)?),
        false => Decided::default(),
    };
    let new = UserRow { view: seen.to_stored(), roles: decided.roles.clone(), ..row.clone() };
    let before = directory_user(directory, row);
    let after = with_view(directory, &new, seen);
    Ok(Remapped { before, after, decided, row: new })
}

/// Maps a user again and tells the app, if there is anything to tell; true if it is another one.
/// The SCIM resource is the same as before, and so is its version.
pub fn remap_user(
    tx: &mut DirectoryTransaction<'_, '_>,
    announcer: &Announcer<'_>,
    before: &UserRow,
) -> Result<bool, Error> {
    let mut new = remapped(tx.view(), announcer.directory, announcer.mapping, before)?;
    if !new.is_change() {
        return Ok(false);
    }
    new.row.updated_at = tx.now().max(before.updated_at);
    new.after.updated_at = new.row.updated_at;
    let resource = from_stored(&before.document, before.extra.as_deref());
    let (old_lookups, lookups) = (lookups(&resource, &new.before.view), lookups(&resource, &new.after.view));
    if old_lookups != lookups {
        tx.delete_emails(before.id, &old_lookups)?;
    }
    tx.update_user(&new.row, &lookups)?;
    if new.row.visible
        && let Some(event) = NewEvent::user_updated(&new.before, &new.after)
    {
        announcer.announce(tx, event, Cause::Remapped)?;
    }
    Ok(true)
}
