//! Users: create, read, replace, patch, delete. Every path to a change ends in [`save`].

mod create;
mod delete;
mod patch;
mod read;
pub(super) mod remap;
mod replace;
mod required;
pub(super) mod roles;
pub(super) mod save;
mod unique;
mod update;

pub use create::{CreateUser, create_user};
pub use delete::{DeleteUser, delete_user};
pub use patch::patch_user;
pub use read::{Derived, read_user};
pub use replace::replace_user;
pub use update::UpdateUser;

use crate::base::id::UserId;
use crate::scim::schema::ResourceType;
use crate::store::directory::{DirectoryTransaction, UserRow};

use super::changes::{IfMatch, Written};
use super::failure::Failure;
use super::resources::{Loaded, groups_of_user};

/// The present user that an address names.
fn present(tx: &DirectoryTransaction<'_, '_>, id: &str) -> Result<UserRow, Failure> {
    let found = match id.parse::<UserId>() {
        Ok(id) => tx.view().present_user(id)?,
        Err(_) => None,
    };
    found.ok_or_else(|| Failure::NotFound { resource_type: ResourceType::User, id: id.to_owned() })
}

/// The present user that an address names, in the version that the request expects.
fn expected(tx: &DirectoryTransaction<'_, '_>, id: &str, if_match: &IfMatch) -> Result<UserRow, Failure> {
    let row = present(tx, id)?;
    if_match.check(row.version)?;
    Ok(row)
}

/// What the caller is answered about a user that was written.
fn answer(tx: &DirectoryTransaction<'_, '_>, row: UserRow) -> Result<Written, Failure> {
    let groups = groups_of_user(tx.view(), &row)?;
    Ok(Written::new(Loaded::User { row, groups: Some(groups) }))
}
