//! Appends events: in the transaction of their change, with the next number of their directory.

use rusqlite::params;
use ulid::Ulid;

use crate::base::id::{EventId, OrganizationId};
use crate::base::time::Timestamp;
use crate::model::event::{Event, EventContext, NewEvent};

use super::super::writer::WriteTransaction;
use super::users::{to_i64, to_version};
use super::DirectoryTransaction;

/// An event that has no id and no number yet.
#[derive(Debug, Clone, PartialEq)]
pub struct EventDraft {
    pub event: NewEvent,
    pub organization_id: OrganizationId,
    pub context: EventContext,
}

impl DirectoryTransaction<'_, '_> {
    /// Writes an event; if the transaction rolls back, its number is used by the next one.
    pub fn append_event(&mut self, draft: EventDraft) -> Result<EventId, rusqlite::Error> {
        let sequence: i64 = self
            .prepare(
                "INSERT INTO sequences (directory_id, organization_id, last) VALUES (?1, ?2, 1)
                 ON CONFLICT (directory_id) DO UPDATE SET last = last + 1 RETURNING last",
            )?
            .query_row([&self.view.key, &draft.organization_id.ulid_text()], |row| row.get(0))?;
        let event = Event {
            id: self.tx.next_event_id(),
            name: draft.event.name,
            directory_id: self.view.id,
            organization_id: draft.organization_id,
            directory_sequence: sequence.unsigned_abs(),
            epoch: self.tx.epoch,
            data: draft.event.data,
            context: draft.context,
            created_at: self.tx.now,
        };
        self.prepare(
            "INSERT INTO events (id, directory_id, organization_id, epoch, sequence, name, created_at, request_id, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            event.id.ulid_text(),
            self.view.key,
            event.organization_id.ulid_text(),
            event.epoch,
            to_version(event.directory_sequence),
            event.name.name(),
            event.created_at.millis(),
            event.context.request_id.map(|id| id.ulid_text()),
            event.body(),
        ])?;
        Ok(event.id)
    }
}

impl WriteTransaction<'_> {
    /// Removes up to `count_max` events of before a moment, of all directories, and says how many
    /// there were. The newest event always stays: it tells how far the log has come.
    pub(crate) fn prune_events(&mut self, before: Timestamp, count_max: usize) -> Result<usize, rusqlite::Error> {
        let before = Ulid::from_parts(before.millis().max(0).unsigned_abs(), 0).to_string();
        self.connection
            .prepare_cached(
                "DELETE FROM events WHERE position IN
                     (SELECT position FROM events WHERE id < ?1 ORDER BY id LIMIT ?2)
                 AND position < (SELECT max(position) FROM events)",
            )?
            .execute(params![before, to_i64(count_max)])
    }
}
