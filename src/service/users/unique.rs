//! `userName` and `externalId` belong to one present user of a directory.

use crate::scim;
use crate::scim::resource::Resource;
use crate::service::failure::Failure;
use crate::store::directory::{DirectoryTransaction, UserRow};

use super::save::folded_user_name;

/// Refuses a change that would give a user another one's `userName` or `externalId`.
///
/// # Errors
///
/// `uniqueness` with the attribute to be changed.
pub fn check_unique(
    tx: &DirectoryTransaction<'_, '_>,
    before: &UserRow,
    resource: &Resource,
) -> Result<(), Failure> {
    let namesake = tx.view().user_by_user_name(&folded_user_name(resource))?;
    if namesake.is_some_and(|other| other.id != before.id) {
        return Err(taken("userName").into());
    }
    let Some(external_id) = resource.text("externalId").filter(|id| before.external_id.as_deref() != Some(*id))
    else {
        return Ok(());
    };
    let holders = tx.view().users_by_external_id(external_id)?;
    match holders.iter().any(|other| other.status.is_present() && other.id != before.id) {
        true => Err(taken("externalId").into()),
        false => Ok(()),
    }
}

/// What a request is told that would use a value twice.
pub fn taken(attribute: &str) -> scim::Error {
    scim::Error::uniqueness(format!(
        "another user of this directory has this {attribute} already: change one of the two, or update that user"
    ))
}
