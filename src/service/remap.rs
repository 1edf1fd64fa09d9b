//! Maps the users of a directory again in the background, after something changed for all of them:
//! a page at a time, a few users per write, so that providers' writes come in between. How far it
//! came is stored with what it did, so a crash loses nothing and repeats nothing.
//!
//! Invariant: the change that a run follows is committed before the run begins, and every write
//! since then uses it. So whoever is as the mapping wants him on one page's snapshot stays so, and
//! only the others are written.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::base::id::{DirectoryId, UserId};
use crate::base::limits;
use crate::store::app::{AppTransaction, AppView};
use crate::store::directory::RemapStep;

use super::app::AppFailure;
use super::authenticate_app::AppCaller;
use super::changes::Announcer;
use super::context::Context;
use super::users::remap::{remap_user, remapped};

/// How long to wait when the store has no room for a write, or fails.
const PAUSE: Duration = Duration::from_millis(200);

/// Runs until the shutdown; begins with what an earlier process left unfinished.
pub async fn run(context: Context, shutdown: CancellationToken) {
    tokio::select! {
        () = serve(&context) => {}
        () = shutdown.cancelled() => {}
    }
}

async fn serve(context: &Context) {
    let caller = AppCaller::operator();
    let mut committed = context.store.committed();
    loop {
        // Before the look: what is committed meanwhile is seen by it, or ends the wait after it.
        committed.borrow_and_update();
        let unfinished = |view: &AppView<'_>| -> Result<_, AppFailure> { Ok(view.unfinished_remaps()?) };
        let directories = match context.store.read_app(caller.scope(), unfinished) {
            Ok(directories) => directories,
            Err(_) => {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        if directories.is_empty() {
            if committed.changed().await.is_err() {
                return;
            }
        }
        // A page of each in turn, so that a large directory doesn't hold up a small one.
        for directory in directories {
            if let Err(failure) = page(context, &caller, directory).await {
                if !matches!(failure, AppFailure::Busy | AppFailure::Unavailable) {
                    warn!(directory.id = %directory, %failure, "users were not mapped again; trying once more");
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// A page of a run: whom it would change, and where it ends.
struct Page {
    number: u64,
    looked_at: usize,
    changed: Vec<UserId>,
    last: Option<UserId>,
    is_last: bool,
}

async fn page(context: &Context, caller: &AppCaller, directory: DirectoryId) -> Result<(), AppFailure> {
    let mappings = Arc::clone(&context.mappings);
    let read = move |view: &AppView<'_>| -> Result<Option<Page>, AppFailure> {
        let (Some(directory), view) = (view.directory(directory)?, view.directory_view(directory)) else {
            return Ok(None);
        };
        let Some(run) = view.remap()?.filter(|run| run.finished_at.is_none()) else { return Ok(None) };
        let mapping = mappings.in_force(&view, directory.provider)?;
        let rows = view.users_after(run.cursor, limits::REMAP_USERS_PER_READ_MAX)?;
        let mut changed = Vec::new();
        for row in &rows {
            if remapped(&view, &directory, &mapping, row)?.is_change() {
                changed.push(row.id);
            }
        }
        Ok(Some(Page {
            number: run.number,
            looked_at: rows.len(),
            changed,
            last: rows.last().map(|row| row.id),
            is_last: rows.len() < limits::REMAP_USERS_PER_READ_MAX,
        }))
    };
    let Some(page) = context.store.scan_app(caller.scope(), read).await? else { return Ok(()) };
    let chunks = page.changed.chunks(limits::REMAP_USERS_PER_WRITE_MAX);
    let last_chunk = chunks.len().saturating_sub(1);
    for (index, users) in chunks.enumerate() {
        let step = if index == last_chunk { page.end() } else { RemapStep::default() };
        write(context, caller, directory, page.number, users.to_vec(), step).await?;
    }
    if page.changed.is_empty() {
        write(context, caller, directory, page.number, Vec::new(), page.end()).await?;
    }
    if page.is_last {
        info!(directory.id = %directory, "all users are mapped again");
    }
    Ok(())
}

impl Page {
    fn end(&self) -> RemapStep {
        RemapStep { done: self.looked_at, changed: 0, cursor: self.last, is_last: self.is_last }
    }
}

/// Maps some users again, in one write; nothing if the run was begun anew or ended meanwhile.
async fn write(
    context: &Context,
    caller: &AppCaller,
    directory: DirectoryId,
    number: u64,
    users: Vec<UserId>,
    mut step: RemapStep,
) -> Result<(), AppFailure> {
    let mappings = Arc::clone(&context.mappings);
    let work = move |tx: &mut AppTransaction<'_, '_>| -> Result<(), AppFailure> {
        let Some(directory) = tx.view().directory(directory)? else { return Ok(()) };
        let is_told = tx.view().was_announced(directory.id)?;
        let tx = &mut tx.directory(directory.id);
        if tx.view().remap()?.is_none_or(|run| run.number != number || run.finished_at.is_some()) {
            return Ok(());
        }
        let mapping = mappings.in_force(tx.view(), directory.provider)?;
        let announcer = Announcer::of_background(&directory, &mapping, is_told);
        for id in users {
            if let Some(row) = tx.view().present_user(id)?
                && remap_user(tx, &announcer, &row)?
            {
                step.changed += 1;
            }
        }
        Ok(tx.advance_remap(number, &step)?)
    };
    Ok(context.store.write_app(caller.scope(), work).await?)
}
