//! Routes of events: pages, and the long poll that waits for the first event of a page.

use std::time::Duration;

use serde_json::value::RawValue;
use tokio::time::Instant;

use crate::base::id::{EventId, kind};
use crate::base::limits;
use crate::model::event::EventName;
use crate::model::page::{Order, Page};
use crate::service::app::events::{self, EventQuery};
use crate::store::app::events::StoredEvent;
use crate::web::Response;

use super::answer::{Refused, list};
use super::query::{Paging, Query, invalid};
use super::{AppApi, Call};

impl AppApi {
    pub(super) async fn list_events(&self, call: &Call) -> Result<Response, Refused> {
        let query = call.query()?;
        let paging = query.paging::<kind::Event>(Order::OldestFirst)?;
        let filter = event_filter(&query)?;
        let wait = wait(&query, &paging)?;
        let page = match wait {
            None => events::list_events(&self.context, &call.caller, filter, paging.request).await?.page,
            Some(wait) => self.wait_for_events(call, filter, paging, wait).await?,
        };
        Ok(list(&paging, &page, |event| event.id.to_string(), body))
    }

    /// The page as soon as it has something, or empty when the time is over.
    async fn wait_for_events(
        &self,
        call: &Call,
        filter: EventQuery,
        mut paging: Paging,
        wait: Duration,
    ) -> Result<Page<StoredEvent>, Refused> {
        let Ok(_waiter) = self.waiters.clone().try_acquire_owned() else {
            return Err(Refused::unavailable("too many long polls and streams are open; try again shortly"));
        };
        let deadline = Instant::now() + wait;
        let mut committed = self.context.store.committed();
        loop {
            // Marked before the read: what is committed during it wakes us again.
            committed.borrow_and_update();
            let found =
                events::list_events(&self.context, &call.caller, filter.clone(), paging.request).await?;
            let page = found.page;
            if !page.items.is_empty() {
                return Ok(page);
            }
            paging.request.after = paging.request.after.max(found.read_to.map(EventId::ulid));
            tokio::select! {
                changed = committed.changed() => if changed.is_err() { return Ok(page) },
                () = tokio::time::sleep_until(deadline) => return Ok(page),
                () = self.shutdown.cancelled() => return Ok(page),
            }
        }
    }
}

/// The event as it was stored: byte for byte what everybody else is sent.
fn body(event: &StoredEvent) -> Option<Box<RawValue>> {
    RawValue::from_string(event.body.clone()).ok()
}

/// Which events are wanted.
pub(super) fn event_filter(query: &Query) -> Result<EventQuery, Refused> {
    let mut names = Vec::new();
    for word in query.words("events") {
        match EventName::from_name(word) {
            Some(name) => names.push(name),
            None => {
                let known: Vec<&str> = EventName::ALL.iter().map(|name| name.name()).collect();
                let message = format!("{word:?} is no event; there are {}", known.join(", "));
                return Err(invalid("events", "invalid", message));
            }
        }
    }
    Ok(EventQuery {
        names,
        directory: query.parsed("directory", "name a directory by its id, directory_…")?,
        organization_id: query.parsed("organization_id", "name an organization by its id, org_…")?,
        range_start: query.moment("range_start")?,
        range_end: query.moment("range_end")?,
    })
}

fn wait(query: &Query, paging: &Paging) -> Result<Option<Duration>, Refused> {
    let right = format!("write seconds, up to {}", limits::LONG_POLL_SECS_MAX);
    let Some(secs) = query.parsed::<u64>("wait", &right)? else { return Ok(None) };
    if limits::LONG_POLL_SECS_MAX < secs {
        return Err(invalid("wait", "out_of_range", right));
    }
    if paging.request.order == Order::NewestFirst {
        return Err(invalid(
            "wait",
            "invalid",
            "one waits for what comes next: leave out order, or write asc",
        ));
    }
    Ok((0 < secs).then(|| Duration::from_secs(secs)))
}
