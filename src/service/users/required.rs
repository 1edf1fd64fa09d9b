//! Refuses that somebody becomes active without what the mapping requires.

use crate::model::directory_user::DirectoryUserView;
use crate::model::mapping::{Mapping, Missing};
use crate::scim;
use crate::scim::resource::Resource;
use crate::store::directory::{UserRow, UserStatus};

/// Checks a user who shall be active. Somebody active who lacked it already is not held up: his
/// changes, his deactivation above all, must come through.
///
/// # Errors
///
/// `invalidValue` with the attributes to be sent.
pub fn check_required(
    mapping: &Mapping,
    before: Option<&UserRow>,
    resource: &Resource,
) -> Result<(), scim::Error> {
    if !mapping.has_required() {
        return Ok(());
    }
    let mut missing = mapping.missing(&mapping.view(&resource.attributes, &resource.extra));
    if let Some(before) = before.filter(|before| before.status == UserStatus::Active) {
        let seen = DirectoryUserView::from_stored(&before.view, &before.document, before.extra.as_deref());
        let lacked = mapping.missing(&seen);
        missing.retain(|missing| !lacked.contains(missing));
    }
    match missing.is_empty() {
        true => Ok(()),
        false => Err(scim::Error::invalid_value(missing.iter().map(sentence).collect::<Vec<_>>().join("; "))),
    }
}

fn sentence(missing: &Missing) -> String {
    let attributes = missing.attributes.join(" or ");
    format!("this directory requires {attributes} of an active user (for {}): send a value", missing.target)
}
