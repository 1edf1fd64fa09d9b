//! Replaces a user (RFC 7644 §3.5.1).

use crate::scim::resource::{Resource, check_immutable};
use crate::service::authenticate::Caller;
use crate::service::changes::{Replacement, Written, change};
use crate::service::context::Context;
use crate::service::failure::Failure;

use super::update::{UpdateUser, update};

/// Replaces a user. A body without `active` keeps it.
///
/// # Errors
///
/// As [`update`]; then what is wrong with the body.
pub async fn replace_user(
    context: &Context,
    caller: &Caller,
    request: UpdateUser<Replacement<Resource>>,
) -> Result<Written, Failure> {
    change(context, caller, move |tx, caller| {
        update(tx, caller, request, |old, replacement| {
            let (mut resource, mut rules) = (replacement.body, Vec::new());
            replacement.unmentioned_external_id.apply(old, &mut resource, &mut rules);
            if !resource.attributes.contains_key("active")
                && let Some(active) = old.attributes.get("active")
            {
                resource.attributes.insert("active".into(), active.clone());
            }
            check_immutable(&caller.registry.user, old, &resource)?;
            Ok((resource, rules))
        })
    })
    .await
}
