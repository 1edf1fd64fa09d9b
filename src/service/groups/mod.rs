//! Groups: create, read, replace, patch, delete. Members are rows; a change is a set of additions
//! and removals, never a rewritten group.

mod create;
mod delete;
mod membership;
mod patch;
mod read;
mod replace;
mod save;

pub use create::{CreateGroup, create_group};
pub use delete::{DeleteGroup, delete_group};
pub use patch::{PatchGroup, patch_group};
pub use read::read_group;
pub use replace::{ReplaceGroup, replace_group};
pub use save::{directory_group, group_by_id};

use crate::base::id::GroupId;
use crate::base::limits;
use crate::base::text::fold;
use crate::scim;
use crate::scim::dialect::Rule;
use crate::scim::resource::Resource;
use crate::scim::schema::ResourceType;
use crate::store::directory::{DirectoryTransaction, GroupRow};

use super::authenticate::Caller;
use super::changes::{IfMatch, Written};
use super::context::Context;
use super::failure::Failure;
use super::resources::Loaded;
use super::users::Derived;
use membership::MembershipChange;

/// The group that an address names, in the version that the request expects.
fn expected(tx: &DirectoryTransaction<'_, '_>, id: &str, if_match: &IfMatch) -> Result<GroupRow, Failure> {
    let found = match id.parse::<GroupId>() {
        Ok(id) => tx.view().group(id)?,
        Err(_) => None,
    };
    let not_found = || Failure::NotFound { resource_type: ResourceType::Group, id: id.to_owned() };
    let row = found.ok_or_else(not_found)?;
    if_match.check(row.version)?;
    Ok(row)
}

/// Refuses a second group of the same name where the directory wants names to be unique.
fn check_unique(
    tx: &DirectoryTransaction<'_, '_>,
    caller: &Caller,
    before: Option<GroupId>,
    resource: &Resource,
) -> Result<(), Failure> {
    if !caller.directory.has_unique_group_names() {
        return Ok(());
    }
    let name = fold(resource.text("displayName").unwrap_or_default());
    let namesakes = tx.view().groups_by_display_name(&name)?;
    match namesakes.iter().any(|other| Some(other.id) != before) {
        true => Err(scim::Error::uniqueness(
            "another group of this directory has this displayName already: rename one of the two, or update that group",
        )
        .into()),
        false => Ok(()),
    }
}

/// What the caller is answered about a group that was written, still without its members.
fn answer(row: GroupRow, rules: Vec<Rule>) -> Written {
    Written { rules, ..Written::new(Loaded::Group { row, members: None }) }
}

/// Adds the members, read after the commit: the writer has no time for a hundred thousand of them.
/// A group that was changed again meanwhile is answered as it is then.
fn with_members(
    context: &Context,
    caller: &Caller,
    written: Written,
    members: Derived,
) -> Result<Written, Failure> {
    if members == Derived::NotWanted {
        return Ok(written);
    }
    match read_group(context, caller, &written.resource.id(), members) {
        Ok(resource) => Ok(Written { resource, ..written }),
        Err(Failure::NotFound { .. }) => Ok(written),
        Err(failure) => Err(failure),
    }
}

/// Refuses to keep more values that name nobody than a group may have.
fn check_pending(
    tx: &DirectoryTransaction<'_, '_>,
    group: GroupId,
    members: &MembershipChange,
) -> Result<(), Failure> {
    if members.pending_added.is_empty() {
        return Ok(());
    }
    let count = tx.view().count_pending(group)? + members.pending_added.len();
    match count <= limits::PENDING_MEMBERS_PER_GROUP_MAX {
        true => Ok(()),
        false => Err(scim::Error::invalid_value(format!(
            "{count} members of this group name no user of this directory, at most {} may: create the users first",
            limits::PENDING_MEMBERS_PER_GROUP_MAX
        ))
        .into()),
    }
}
