//! The log of events: pages, and what comes next.

use crate::base::id::{DirectoryId, EventId, OrganizationId};
use crate::base::time::Timestamp;
use crate::model::event::EventName;
use crate::model::page::{Page, PageRequest};
use crate::service::authenticate_app::AppCaller;
use crate::service::context::Context;
use crate::store::app::AppView;
use crate::store::app::events::{CursorStanding, EventFilter, StoredEvent};

use super::failure::AppFailure;

/// Which events are asked for.
#[derive(Debug, Clone, Default)]
pub struct EventQuery {
    /// Of these kinds; empty for all.
    pub names: Vec<EventName>,
    /// Of a directory, also a deleted one.
    pub directory: Option<DirectoryId>,
    pub organization_id: Option<OrganizationId>,
    pub range_start: Option<Timestamp>,
    pub range_end: Option<Timestamp>,
}

/// A page of events, and how far the log was looked through: a reader that found nothing goes on
/// from there, and need not look through the same part again.
#[derive(Debug, Clone)]
pub struct EventPage {
    pub page: Page<StoredEvent>,
    pub read_to: Option<EventId>,
}

/// A page of events.
///
/// # Errors
///
/// [`AppFailure::Gone`] when events after the cursor are missing: the reader must begin anew.
pub async fn list_events(
    context: &Context,
    caller: &AppCaller,
    query: EventQuery,
    page: PageRequest,
) -> Result<EventPage, AppFailure> {
    let list = move |view: &AppView<'_>| -> Result<_, AppFailure> {
        if let Some(after) = page.after {
            check_cursor(view, EventId::from_ulid(after))?;
        }
        let read_to = view.last_event()?;
        Ok(EventPage { page: view.events(&filter(view, query)?, &page)?, read_to })
    };
    Ok(context.store.scan_app(caller.scope(), list).await?)
}

/// The newest event of all, from which a reader who wants no past goes on.
///
/// # Errors
///
/// [`AppFailure`] of the store.
pub fn last_event(context: &Context, caller: &AppCaller) -> Result<Option<EventId>, AppFailure> {
    Ok(context.store.read_app(caller.scope(), |view| -> Result<_, AppFailure> { Ok(view.last_event()?) })?)
}

fn filter(view: &AppView<'_>, query: EventQuery) -> Result<EventFilter, AppFailure> {
    let of_organization = query.organization_id.map(|id| view.directories_with_events(id)).transpose()?;
    let directories = match (query.directory, of_organization) {
        (Some(directory), Some(mut directories)) => {
            directories.retain(|known| *known == directory);
            Some(directories)
        }
        (Some(directory), None) => Some(vec![directory]),
        (None, directories) => directories,
    };
    let EventQuery { names, range_start, range_end, .. } = query;
    Ok(EventFilter { names, directories, range_start, range_end })
}

fn check_cursor(view: &AppView<'_>, cursor: EventId) -> Result<(), AppFailure> {
    match view.cursor_standing(cursor)? {
        CursorStanding::Good => Ok(()),
        CursorStanding::Gone => Err(AppFailure::Gone {
            message: format!(
                "events after {cursor} are not there any more, or a backup from before it was restored: \
                 take everything in again from the lists, then read events from the first one on"
            ),
        }),
    }
}
