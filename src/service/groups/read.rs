//! Reads a group (RFC 7644 §3.4.1).

use crate::base::id::GroupId;
use crate::scim::schema::ResourceType;
use crate::service::authenticate::Caller;
use crate::service::context::Context;
use crate::service::failure::Failure;
use crate::service::resources::Loaded;
use crate::service::users::Derived;

/// Reads a group, with its members if wanted.
///
/// # Errors
///
/// [`Failure::NotFound`], whatever the id looks like.
pub fn read_group(context: &Context, caller: &Caller, id: &str, members: Derived) -> Result<Loaded, Failure> {
    let not_found = || Failure::NotFound { resource_type: ResourceType::Group, id: id.to_owned() };
    let group = id.parse::<GroupId>().map_err(|_| not_found())?;
    let loaded = context.store.read_directory(caller.scope(), |view| -> Result<_, Failure> {
        let Some(row) = view.group(group)? else { return Ok(None) };
        let members = match members {
            Derived::Wanted => Some(view.members(group)?),
            Derived::NotWanted => None,
        };
        Ok(Some(Loaded::Group { row, members }))
    })?;
    loaded.ok_or_else(not_found)
}
