//! Whether somebody may come in: on the app's login path, so a few indexed reads on this thread.
//!
//! An address or an idp_id proves nothing outside its own directory or organization, since each
//! customer's provider writes its own: the question always names one of them.

use crate::base::id::{DirectoryId, OrganizationId, UserId};
use crate::model::access::{AccessAnswer, AccessGroup, AccessReason, AccessUser};
use crate::model::directory::{Directory, DirectoryState};
use crate::model::directory_user::UserState;
use crate::service::authenticate_app::AppCaller;
use crate::service::context::Context;
use crate::service::groups::directory_group;
use crate::service::users::save::directory_user;
use crate::store::app::AppView;
use crate::store::directory::{HeldRow, UserRow};

use super::failure::AppFailure;

/// Who is asked about. An identifier that is none of ours names nobody: None.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccessQuestion {
    User { id: Option<UserId>, within: Option<Within> },
    Email { email: String, within: Within },
    IdpId { idp_id: String, within: Within },
}

/// Where somebody is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Within {
    Directory(Option<DirectoryId>),
    Organization(Option<OrganizationId>),
}

/// Answers.
///
/// # Errors
///
/// [`AppFailure::Unavailable`] when the store is in doubt: never a yes by accident.
pub fn check_access(
    context: &Context,
    caller: &AppCaller,
    question: &AccessQuestion,
) -> Result<AccessAnswer, AppFailure> {
    Ok(context.store.read_app(caller.scope(), |view| answer(view, question))?)
}

fn answer(view: &AppView<'_>, question: &AccessQuestion) -> Result<AccessAnswer, AppFailure> {
    let found = match question {
        AccessQuestion::User { id, within } => by_id(view, *id, within.as_ref())?,
        AccessQuestion::Email { email, within } => {
            let own = |directory| view.users_by_app_email(directory, email);
            search(view, within, own, |directory| view.held_by_app_email(directory, email))?
        }
        AccessQuestion::IdpId { idp_id, within } => {
            let own = |directory| view.users_by_idp_id(directory, idp_id);
            search(view, within, own, |directory| view.held_by_idp_id(directory, idp_id))?
        }
    };
    let found = match found {
        Ok(found) => found,
        Err(reason) => return refusal(view, reason),
    };
    if found.is_empty() {
        return refusal(view, AccessReason::UnknownUser);
    }
    let reason = decide(&found);
    let mut users = Vec::with_capacity(found.len());
    let mut as_of = None;
    for (directory, matched) in &found {
        users.push(access_user(view, directory, matched)?);
        as_of = as_of.max(view.last_event_of(directory.id)?);
    }
    Ok(AccessAnswer { is_allowed: reason == AccessReason::Active, reason, users, as_of })
}

type Found = Vec<(Directory, Matched)>;

/// A user who matched.
struct Matched {
    /// As the app sees it.
    row: UserRow,
    standing: Standing,
}

/// Whether a matched user is seen by its own row, or as it was before it was held.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Own,
    /// Its deprovisioning waits for a decision: no access.
    Held,
    /// The operator has denied its deprovisioning: access as the app sees it.
    Denied,
}

impl Matched {
    fn own(row: UserRow) -> Self {
        Self { row, standing: Standing::Own }
    }

    fn held(held: HeldRow) -> Self {
        let standing = if held.denied_at.is_some() { Standing::Denied } else { Standing::Held };
        Self { row: held.user, standing }
    }
}

fn refusal(view: &AppView<'_>, reason: AccessReason) -> Result<AccessAnswer, AppFailure> {
    Ok(AccessAnswer { is_allowed: false, reason, users: Vec::new(), as_of: view.last_event()? })
}

fn by_id(
    view: &AppView<'_>,
    id: Option<UserId>,
    within: Option<&Within>,
) -> Result<Result<Found, AccessReason>, AppFailure> {
    let Some(id) = id else { return Ok(Err(AccessReason::UnknownUser)) };
    let matched = match view.held_user(id)? {
        Some((directory, held)) => Some((directory, Matched::held(held))),
        None => {
            let own = view.any_user(id)?.filter(|(_, row)| row.status.is_present());
            own.map(|(directory, row)| (directory, Matched::own(row)))
        }
    };
    let Some((directory, matched)) = matched else { return Ok(Err(AccessReason::UnknownUser)) };
    let Some(directory) = view.directory(directory)? else {
        return Ok(Err(AccessReason::UnknownDirectory));
    };
    let is_within = match within {
        None => true,
        Some(Within::Directory(wanted)) => *wanted == Some(directory.id),
        Some(Within::Organization(wanted)) => *wanted == Some(directory.organization_id),
    };
    match is_within {
        true => Ok(Ok(vec![(directory, matched)])),
        false => Ok(Err(AccessReason::UnknownUser)),
    }
}

fn search(
    view: &AppView<'_>,
    within: &Within,
    own: impl Fn(DirectoryId) -> Result<Vec<UserRow>, crate::store::Error>,
    held: impl Fn(DirectoryId) -> Result<Vec<HeldRow>, crate::store::Error>,
) -> Result<Result<Found, AccessReason>, AppFailure> {
    let directories = match within {
        Within::Directory(id) => {
            let found = id.map(|id| view.directory(id)).transpose()?.flatten();
            let Some(directory) = found else { return Ok(Err(AccessReason::UnknownDirectory)) };
            vec![directory]
        }
        Within::Organization(id) => {
            let found = id.map(|id| view.organization(id)).transpose()?.flatten();
            let Some(organization) = found else { return Ok(Err(AccessReason::UnknownOrganization)) };
            view.directories_of(organization.id)?
        }
    };
    let mut found = Vec::new();
    for directory in directories {
        for row in own(directory.id)? {
            // Of a held user the app knows what is frozen, not what the provider says now.
            if row.visible || !view.directory_view(directory.id).is_held(row.id)? {
                found.push((directory.clone(), Matched::own(row)));
            }
        }
        found.extend(held(directory.id)?.into_iter().map(|held| (directory.clone(), Matched::held(held))));
    }
    Ok(Ok(found))
}

/// Yes only if every one who matched is active, in a directory that is in force.
fn decide(found: &Found) -> AccessReason {
    let refusals: Vec<AccessReason> =
        found.iter().filter_map(|(directory, matched)| refused(directory, matched)).collect();
    match (refusals.first(), found.len()) {
        (None, _) => AccessReason::Active,
        (Some(AccessReason::Inactive | AccessReason::Held), several) if refusals.len() < several => {
            AccessReason::SomeInactive
        }
        (Some(reason), _) => *reason,
    }
}

fn refused(directory: &Directory, matched: &Matched) -> Option<AccessReason> {
    match directory.state {
        DirectoryState::Validating => Some(AccessReason::DirectoryValidating),
        DirectoryState::Unlinked => Some(AccessReason::DirectoryPaused),
        DirectoryState::Deleting => Some(AccessReason::DirectoryDeleting),
        // A connector that can't read any more doesn't lock everybody out; the operator is alarmed.
        DirectoryState::Linked | DirectoryState::InvalidCredentials => {
            if matched.standing == Standing::Held {
                return Some(AccessReason::Held);
            }
            (state(&matched.row) == UserState::Inactive).then_some(AccessReason::Inactive)
        }
    }
}

fn state(row: &UserRow) -> UserState {
    match row.status {
        crate::store::directory::UserStatus::Active => UserState::Active,
        crate::store::directory::UserStatus::Inactive
        | crate::store::directory::UserStatus::Deleted
        | crate::store::directory::UserStatus::Retired => UserState::Inactive,
    }
}

fn access_user(
    view: &AppView<'_>,
    directory: &Directory,
    matched: &Matched,
) -> Result<AccessUser, AppFailure> {
    let user = directory_user(directory, &matched.row);
    let groups = view.groups_of_user(directory.id, matched.row.id)?;
    Ok(AccessUser {
        id: user.id,
        directory_id: directory.id,
        organization_id: directory.organization_id,
        directory_state: directory.state,
        idp_id: user.idp_id,
        state: user.state,
        is_held: matched.standing == Standing::Held,
        email: user.view.email,
        name: user.view.name,
        roles: user.roles,
        groups: groups
            .iter()
            .map(|row| {
                let group = directory_group(directory, row);
                AccessGroup { id: group.id, idp_id: group.idp_id, name: group.name }
            })
            .collect(),
        custom_attributes: user.view.custom_attributes,
    })
}
