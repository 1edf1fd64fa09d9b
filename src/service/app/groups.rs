//! Directory groups, one and many.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::base::id::{DirectoryId, GroupId, UserId};
use crate::base::text::fold;
use crate::model::directory::{Directory, OnDeactivate};
use crate::model::directory_group::DirectoryGroup;
use crate::model::page::{Page, PageRequest};
use crate::service::authenticate_app::AppCaller;
use crate::service::context::Context;
use crate::service::groups::directory_group;
use crate::store::app::AppView;
use crate::store::app::groups::{Counted, GroupFilter};
use crate::store::directory::GroupRow;

use super::directories::found;
use super::failure::AppFailure;

/// Which groups are listed.
#[derive(Debug, Clone, Default)]
pub struct GroupQuery {
    pub directory: Option<DirectoryId>,
    pub user: Option<UserId>,
    /// Part of the name, in any case.
    pub search: Option<String>,
}

/// A group as the app sees it, and how many direct members it has that the app sees.
#[derive(Debug, Clone, PartialEq)]
pub struct CountedGroup {
    pub group: DirectoryGroup,
    pub members_count: u64,
}

/// # Errors
///
/// No such group; [`AppFailure`] of the store.
pub async fn read_group(
    context: &Context,
    caller: &AppCaller,
    id: GroupId,
) -> Result<CountedGroup, AppFailure> {
    let read = move |view: &AppView<'_>| -> Result<_, AppFailure> {
        let Some((directory, row)) = view.app_group(id)? else {
            return Err(AppFailure::not_found("directory group", id));
        };
        counted(view, &found(view, directory)?, &row)
    };
    Ok(context.store.scan_app(caller.scope(), read).await?)
}

/// # Errors
///
/// A directory or user that isn't there; [`AppFailure`] of the store.
pub async fn list_groups(
    context: &Context,
    caller: &AppCaller,
    query: GroupQuery,
    page: PageRequest,
) -> Result<Page<CountedGroup>, AppFailure> {
    Ok(context.store.scan_app(caller.scope(), move |view| list(view, &query, &page)).await?)
}

fn list(
    view: &AppView<'_>,
    query: &GroupQuery,
    page: &PageRequest,
) -> Result<Page<CountedGroup>, AppFailure> {
    if let Some(directory) = query.directory {
        found(view, directory)?;
    }
    let user = match query.user {
        None => None,
        Some(id) => match view.app_user(id)? {
            Some((directory, _)) => Some((directory, id)),
            None => return Err(AppFailure::not_found("directory user", id)),
        },
    };
    let filter = GroupFilter { directory: query.directory, user, search: query.search.as_deref().map(fold) };
    let mut directories: HashMap<DirectoryId, Directory> = HashMap::new();
    view.app_groups(&filter, page)?.try_map(|(id, row)| {
        let directory: &Directory = match directories.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(found(view, id)?),
        };
        counted(view, directory, &row)
    })
}

fn counted(view: &AppView<'_>, directory: &Directory, row: &GroupRow) -> Result<CountedGroup, AppFailure> {
    // Only where deactivation hides people from the app are there members that it doesn't see.
    let counted = match directory.on_deactivate {
        OnDeactivate::Keep => Counted::All,
        OnDeactivate::Delete => Counted::Visible,
    };
    let members_count = view.count_app_members(directory.id, row.id, counted)?;
    Ok(CountedGroup { group: directory_group(directory, row), members_count })
}
