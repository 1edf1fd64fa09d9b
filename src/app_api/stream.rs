//! Events as server-sent events: what is there after a cursor, then what comes.

use std::time::Duration;

use http::{HeaderValue, StatusCode, header};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio_util::sync::CancellationToken;

use crate::base::id::EventId;
use crate::model::page::{Order, PageRequest};
use crate::service::app::AppFailure;
use crate::service::app::events::{self, EventQuery};
use crate::service::{AppCaller, Context};
use crate::store::app::events::StoredEvent;
use crate::web::response::ReaderGone;
use crate::web::{Response, StreamSender, endless_stream};

use super::answer::Refused;
use super::events::event_filter;
use super::query::invalid;
use super::{AppApi, Call};

/// Events read at a time.
const EVENTS_AT_A_TIME: usize = 100;
/// How often something is sent when there is nothing to say, so that proxies keep the line open.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

impl AppApi {
    /// Begins after `Last-Event-ID` or `after`; without either, with what comes from now on.
    pub(super) async fn stream_events(&self, call: &Call) -> Result<Response, Refused> {
        let query = call.query()?;
        let filter = event_filter(&query)?;
        let named = call.request.header("last-event-id").or(query.text("after"));
        let after = match named.map(str::parse::<EventId>) {
            Some(Ok(id)) => Some(id),
            Some(Err(_)) => {
                return Err(invalid("after", "invalid", "name an event by its id, event_…"));
            }
            None => events::last_event(&self.context, &call.caller)?,
        };
        let Ok(waiter) = self.waiters.clone().try_acquire_owned() else {
            return Err(Refused::unavailable("too many long polls and streams are open; try again shortly"));
        };
        let committed = self.context.store.committed();
        let mut feed = Feed {
            context: self.context.clone(),
            caller: call.caller.clone(),
            filter,
            after,
            committed,
            shutdown: self.shutdown.clone(),
            _waiter: waiter,
        };
        // A cursor that can't be gone on from is told as a status, before the stream begins.
        let first = feed.next().await?;
        let (sender, mut response) = endless_stream(StatusCode::OK, "text/event-stream");
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        tokio::spawn(feed.run(sender, first));
        Ok(response)
    }
}

/// One reader's stream.
struct Feed {
    context: Context,
    caller: AppCaller,
    filter: EventQuery,
    after: Option<EventId>,
    committed: watch::Receiver<u64>,
    shutdown: CancellationToken,
    _waiter: OwnedSemaphorePermit,
}

impl Feed {
    /// Sends until the reader goes or the daemon stops. A store in doubt ends the stream: the
    /// reader comes back with its last event's id.
    async fn run(mut self, sender: StreamSender, first: Vec<StoredEvent>) {
        let mut found = first;
        // Says at once that the stream is open; clients wait for a first byte.
        if sender.send(": open\n\n").await.is_err() {
            return;
        }
        loop {
            let is_full = EVENTS_AT_A_TIME <= found.len();
            for event in found {
                self.after = self.after.max(Some(event.id));
                if sender.send(frame(&event)).await.is_err() {
                    return;
                }
            }
            if !is_full && self.wait(&sender).await.is_err() {
                return;
            }
            self.committed.borrow_and_update();
            found = match self.next().await {
                Ok(found) => found,
                Err(_) => return,
            };
        }
    }

    async fn next(&mut self) -> Result<Vec<StoredEvent>, AppFailure> {
        let after = self.after.map(EventId::ulid);
        let page = PageRequest { order: Order::OldestFirst, after, before: None, limit: EVENTS_AT_A_TIME };
        let found = events::list_events(&self.context, &self.caller, self.filter.clone(), page).await?;
        if found.page.items.len() < EVENTS_AT_A_TIME {
            self.after = self.after.max(found.read_to);
        }
        Ok(found.page.items)
    }

    /// Waits for a commit, and keeps the line open meanwhile.
    async fn wait(&mut self, sender: &StreamSender) -> Result<(), ReaderGone> {
        loop {
            tokio::select! {
                changed = self.committed.changed() => return changed.map_err(|_| ReaderGone),
                () = self.shutdown.cancelled() => return Err(ReaderGone),
                () = sender.closed() => return Err(ReaderGone),
                () = tokio::time::sleep(KEEP_ALIVE) => sender.send(": still here\n\n").await?,
            }
        }
    }
}

/// JSON has no line breaks of its own, so one `data` line holds it.
fn frame(event: &StoredEvent) -> String {
    format!("id: {}\nevent: {}\ndata: {}\n\n", event.id, event.name, event.body)
}
