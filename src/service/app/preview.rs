//! What the app would get if a dry run ended now.

use crate::base::id::DirectoryId;
use crate::base::time::Timestamp;
use crate::model::directory::{Directory, DirectoryState};
use crate::model::preview::{Preview, PreviewProblem, PreviewProblemKind};
use crate::service::authenticate_app::AppCaller;
use crate::service::context::Context;
use crate::store::app::AppView;

use super::directories::found;
use super::failure::AppFailure;

/// # Errors
///
/// A directory that isn't there, or of which the app was told already; [`AppFailure`] of the store.
pub async fn preview_directory(
    context: &Context,
    caller: &AppCaller,
    id: DirectoryId,
) -> Result<(Directory, Preview), AppFailure> {
    let read = move |view: &AppView<'_>| -> Result<_, AppFailure> {
        let directory = found(view, id)?;
        if directory.state != DirectoryState::Validating && view.was_announced(id)? {
            let message =
                "this directory is no dry run: the app has been told of everything in it".to_owned();
            return Err(AppFailure::Conflict { code: "directory_not_validating", message });
        }
        Ok((directory.clone(), preview(view, &directory)?))
    };
    Ok(context.store.scan_app(caller.scope(), read).await?)
}

fn preview(view: &AppView<'_>, directory: &Directory) -> Result<Preview, AppFailure> {
    let id = directory.id;
    let counts = view.directory_counts(id)?;
    let memberships = view.count_memberships(id)?;
    let tokens = view.tokens(id, directory.organization_id)?.len();
    let users = counts.users_active + counts.users_inactive;
    let mut problems = vec![
        view.users_without_email(id)?,
        view.users_with_shared_email(id)?,
        view.groups_with_pending_members(id)?,
    ];
    problems.retain(|problem| 0 < problem.count);
    let alone = |kind| PreviewProblem { kind, count: 1, examples: Vec::new() };
    match (users, counts.users_active) {
        (0, _) => problems.push(alone(PreviewProblemKind::NoUsers)),
        (_, 0) => problems.push(alone(PreviewProblemKind::NobodyActive)),
        (_, _) => {}
    }
    let (_, errors) = view.requests_since(id, Timestamp::from_millis(0))?;
    Ok(Preview {
        users_active: counts.users_active,
        users_inactive: counts.users_inactive,
        groups: counts.groups,
        memberships,
        // The directory itself and its tokens are told of first.
        events: 1 + u64::try_from(tokens).unwrap_or(u64::MAX) + counts.groups + users + memberships,
        problems,
        deviations: view.deviations(id)?,
        errors: errors.into_iter().collect(),
    })
}
