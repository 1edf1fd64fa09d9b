//! The log of events: pages, and what comes next.

use crate::base::id::EventId;
use crate::model::page::{Page, PageRequest};
use crate::service::authenticate_app::AppCaller;
use crate::service::context::Context;
use crate::store::app::AppView;
use crate::store::app::events::{CursorStanding, EventFilter, StoredEvent};

use super::failure::AppFailure;

/// A page of events.
///
/// # Errors
///
/// [`AppFailure::Gone`] when events after the cursor are missing: the reader must begin anew.
pub async fn list_events(
    context: &Context,
    caller: &AppCaller,
    filter: EventFilter,
    page: PageRequest,
) -> Result<Page<StoredEvent>, AppFailure> {
    let list = move |view: &AppView<'_>| -> Result<_, AppFailure> {
        if let Some(after) = page.after {
            check_cursor(view, EventId::from_ulid(after))?;
        }
        Ok(view.events(&filter, &page)?)
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
