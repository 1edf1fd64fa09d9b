//! Looks at every directory once a minute, and raises and clears what has changed.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::base::id::DirectoryId;
use crate::base::limits;
use crate::base::time::Timestamp;
use crate::model::alarm::AlarmKind;
use crate::model::directory::{Directory, DirectoryState};
use crate::model::page::{Order, PageRequest};
use crate::service::authenticate_app::AppCaller;
use crate::service::context::Context;
use crate::store::app::AppView;
use crate::store::app::directories::DirectoryFilter;
use crate::store::directory::Waiting;
use crate::store::{Error, ReadError};

use super::judge::{Facts, Verdict, judge};

const EVERY: Duration = Duration::from_secs(60);
/// Directories that are read in one go.
const DIRECTORIES_AT_A_TIME: usize = 100;

/// Watches until the token is cancelled.
pub async fn run(context: Context, caller: AppCaller, shutdown: CancellationToken) {
    loop {
        look(&context, &caller).await;
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = shutdown.cancelled() => return,
        }
    }
}

/// Looks at every directory once.
pub async fn look(context: &Context, caller: &AppCaller) {
    let mut after = None;
    loop {
        let page =
            PageRequest { order: Order::OldestFirst, after, before: None, limit: DIRECTORIES_AT_A_TIME };
        let now = context.clock.now();
        let read = move |view: &AppView<'_>| -> Result<_, Error> {
            view.directories(&DirectoryFilter::default(), &page)?
                .try_map(|directory| Ok((directory.id, changes(view, &directory, now)?)))
        };
        let found = match context.store.scan_app(caller.scope(), read).await {
            Ok(found) => found,
            Err(ReadError::Work(error)) => return warn!(%error, "the directories could not be watched"),
            // The process is about to stop.
            Err(ReadError::InDoubt) => return,
        };
        after = found.items.last().map(|(id, _)| id.ulid());
        for (directory, changes) in found.items {
            write(context, directory, changes).await;
        }
        if !found.has_after || after.is_none() {
            return;
        }
    }
}

/// What is to be raised or cleared, of which nothing is known to be so already.
fn changes(
    view: &AppView<'_>,
    directory: &Directory,
    now: Timestamp,
) -> Result<Vec<(AlarmKind, Verdict)>, Error> {
    if directory.state == DirectoryState::Deleting {
        return Ok(Vec::new());
    }
    let own = view.directory_view(directory.id);
    let tokens = view.tokens(directory.id, directory.organization_id)?;
    let outcomes = view.newest_outcomes(directory.id, limits::STREAK_RECORDS_MAX)?;
    let facts = Facts {
        now,
        directory,
        watch: own.watch()?,
        tokens: &tokens,
        outcomes: &outcomes,
        wave: own.wave(now)?,
        users_held: own.count_held(Waiting::Undecided)?,
    };
    let open = own.open_alarms()?;
    let mut changes = Vec::new();
    for (kind, verdict) in judge(&facts) {
        let is_new = match &verdict {
            Verdict::Raise(detail) => own.open_alarm(kind)?.as_ref() != Some(detail),
            Verdict::Clear => open.contains(&kind),
            Verdict::Leave => false,
        };
        if is_new {
            changes.push((kind, verdict));
        }
    }
    Ok(changes)
}

async fn write(context: &Context, directory: DirectoryId, changes: Vec<(AlarmKind, Verdict)>) {
    for (kind, verdict) in changes {
        let detail = match verdict {
            Verdict::Raise(detail) => Some(detail),
            Verdict::Clear => None,
            Verdict::Leave => continue,
        };
        if super::set(context, directory, kind, detail).await.is_err() {
            // The next look finds it again.
            warn!(%directory, kind = kind.name(), "an alarm could not be written");
        }
    }
}
