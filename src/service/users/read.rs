//! Reads a user (RFC 7644 §3.4.1).

use crate::base::id::UserId;
use crate::scim::schema::ResourceType;
use crate::service::authenticate::Caller;
use crate::service::context::Context;
use crate::service::failure::Failure;
use crate::service::resources::{Loaded, groups_of_user};

/// Whether what belongs to a resource but is kept elsewhere is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Derived {
    Wanted,
    NotWanted,
}

/// Reads a user, with its groups if wanted.
///
/// # Errors
///
/// [`Failure::NotFound`], whatever the id looks like.
pub fn read_user(context: &Context, caller: &Caller, id: &str, groups: Derived) -> Result<Loaded, Failure> {
    let not_found = || Failure::NotFound { resource_type: ResourceType::User, id: id.to_owned() };
    let user = id.parse::<UserId>().map_err(|_| not_found())?;
    let loaded = context.store.read_directory(caller.scope(), |view| -> Result<_, Failure> {
        let Some(row) = view.present_user(user)? else { return Ok(None) };
        let groups = match groups {
            Derived::Wanted => Some(groups_of_user(view, &row)?),
            Derived::NotWanted => None,
        };
        Ok(Some(Loaded::User { row, groups }))
    })?;
    loaded.ok_or_else(not_found)
}
