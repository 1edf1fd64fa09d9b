//! How a directory is doing.

use crate::base::id::DirectoryId;
use crate::model::directory::{Directory, DirectoryCounts};
use crate::model::health::Health;
use crate::service::authenticate_app::AppCaller;
use crate::service::context::Context;
use crate::store::app::AppView;

use super::directories::found;
use super::failure::AppFailure;

const DAY_MILLIS: i64 = 86_400_000;

/// # Errors
///
/// A directory that isn't there; [`AppFailure`] of the store.
pub async fn read_health(
    context: &Context,
    caller: &AppCaller,
    id: DirectoryId,
) -> Result<(Directory, DirectoryCounts, Health), AppFailure> {
    let since = context.clock.now().plus_millis(-DAY_MILLIS);
    let read = move |view: &AppView<'_>| -> Result<_, AppFailure> {
        let directory = found(view, id)?;
        let tokens = view.tokens(id, directory.organization_id)?;
        let (requests_day, errors_day) = view.requests_since(id, since)?;
        let newest_use = tokens.iter().filter_map(|token| token.last_used_at).max();
        let newest_record = view.newest_outcomes(id, 1)?.first().map(|outcome| outcome.received_at);
        let health = Health {
            last_request_at: newest_record.max(newest_use),
            last_success_at: view.last_success(id)?,
            requests_day,
            errors_day,
            pending_members: view.count_pending_members(id)?,
            tokens: u64::try_from(tokens.len()).unwrap_or(u64::MAX),
            tokens_end_at: match tokens.iter().all(|token| token.expires_at.is_some()) {
                true => tokens.iter().filter_map(|token| token.expires_at).max(),
                false => None,
            },
            open_alarms: view.directory_view(id).open_alarms()?,
        };
        Ok((directory, view.directory_counts(id)?, health))
    };
    Ok(context.store.scan_app(caller.scope(), read).await?)
}
