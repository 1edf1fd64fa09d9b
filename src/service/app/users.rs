//! Directory users, one and many, with the groups they are direct members of.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde_json::Value;

use crate::base::id::{DirectoryId, GroupId, UserId};
use crate::base::text::fold;
use crate::base::time::Timestamp;
use crate::model::directory::Directory;
use crate::model::directory_group::DirectoryGroup;
use crate::model::directory_user::{DirectoryUser, DirectoryUserView, UserState};
use crate::model::page::{Page, PageRequest};
use crate::service::authenticate_app::AppCaller;
use crate::service::context::Context;
use crate::service::groups::directory_group;
use crate::service::users::save::directory_user;
use crate::store::app::AppView;
use crate::store::app::users::UserFilter;
use crate::store::directory::UserRow;

use super::directories::found;
use super::failure::AppFailure;

/// Which users are listed.
#[derive(Debug, Clone, Default)]
pub struct UserQuery {
    pub directory: Option<DirectoryId>,
    pub group: Option<GroupId>,
    pub idp_id: Option<String>,
    pub email: Option<String>,
    pub state: Option<UserState>,
    pub updated_after: Option<Timestamp>,
    /// Part of the name, the address or the user name, in any case.
    pub search: Option<String>,
    /// Custom attributes that have these values.
    pub custom_attributes: Vec<(String, String)>,
}

/// A user as the app sees it, and its groups.
#[derive(Debug, Clone, PartialEq)]
pub struct UserWithGroups {
    pub user: DirectoryUser,
    pub groups: Vec<DirectoryGroup>,
}

/// # Errors
///
/// No such user; [`AppFailure`] of the store.
pub fn read_user(context: &Context, caller: &AppCaller, id: UserId) -> Result<UserWithGroups, AppFailure> {
    Ok(context.store.read_app(caller.scope(), |view| -> Result<_, AppFailure> {
        let Some((directory, row)) = view.app_user(id)? else {
            return Err(AppFailure::not_found("directory user", id));
        };
        with_groups(view, &found(view, directory)?, &row)
    })?)
}

/// # Errors
///
/// A directory or group that isn't there; [`AppFailure`] of the store.
pub async fn list_users(
    context: &Context,
    caller: &AppCaller,
    query: UserQuery,
    page: PageRequest,
) -> Result<Page<UserWithGroups>, AppFailure> {
    Ok(context.store.scan_app(caller.scope(), move |view| list(view, query, &page)).await?)
}

fn list(
    view: &AppView<'_>,
    query: UserQuery,
    page: &PageRequest,
) -> Result<Page<UserWithGroups>, AppFailure> {
    if let Some(directory) = query.directory {
        found(view, directory)?;
    }
    let group = match query.group {
        None => None,
        Some(id) => match view.app_group(id)? {
            Some((directory, _)) => Some((directory, id)),
            None => return Err(AppFailure::not_found("directory group", id)),
        },
    };
    let filter = UserFilter {
        directory: query.directory,
        group,
        idp_id: query.idp_id,
        email: query.email,
        state: query.state,
        updated_after: query.updated_after,
    };
    let search = query.search.as_deref().map(fold);
    let is_plain = search.is_none() && query.custom_attributes.is_empty();
    let is_wanted = |row: &UserRow| {
        is_plain || {
            let seen = DirectoryUserView::from_stored(&row.view, "{}", None);
            is_found(&seen, search.as_deref()) && has_custom_attributes(&seen, &query.custom_attributes)
        }
    };
    let mut directories: HashMap<DirectoryId, Directory> = HashMap::new();
    view.app_users(&filter, page, is_wanted)?.try_map(|(id, row)| {
        let directory: &Directory = match directories.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(found(view, id)?),
        };
        with_groups(view, directory, &row)
    })
}

fn with_groups(
    view: &AppView<'_>,
    directory: &Directory,
    row: &UserRow,
) -> Result<UserWithGroups, AppFailure> {
    let groups = view.groups_of_user(directory.id, row.id)?;
    Ok(UserWithGroups {
        user: directory_user(directory, row),
        groups: groups.iter().map(|group| directory_group(directory, group)).collect(),
    })
}

fn is_found(view: &DirectoryUserView, search: Option<&str>) -> bool {
    let Some(search) = search else { return true };
    [&view.name, &view.first_name, &view.last_name, &view.email, &view.username]
        .into_iter()
        .flatten()
        .any(|text| fold(text).contains(search))
}

fn has_custom_attributes(view: &DirectoryUserView, wanted: &[(String, String)]) -> bool {
    wanted.iter().all(|(name, value)| match view.custom_attributes.get(name) {
        Some(Value::String(text)) => text == value,
        Some(Value::Bool(truth)) => truth.to_string() == *value,
        Some(Value::Number(number)) => number.to_string() == *value,
        Some(Value::Null | Value::Array(_) | Value::Object(_)) | None => false,
    })
}
