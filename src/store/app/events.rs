//! The log of events, as it is sent.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params};

use crate::base::id::{DirectoryId, EventId, OrganizationId};
use crate::base::time::Timestamp;
use crate::model::event::EventName;
use crate::model::page::{Page, PageRequest};

use super::super::rows::id_at;
use super::AppView;
use super::select::Select;

/// Which events are listed.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// Of these kinds; empty for all.
    pub names: Vec<EventName>,
    /// Of these directories, also deleted ones; None for all.
    pub directories: Option<Vec<DirectoryId>>,
    /// Not before this moment.
    pub range_start: Option<Timestamp>,
    /// Before this moment or in it.
    pub range_end: Option<Timestamp>,
}

/// An event as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    pub id: EventId,
    pub name: String,
    pub body: String,
}

/// Whether reading can go on from an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CursorStanding {
    /// Nothing after it is missing.
    Good,
    /// It is from a time after the backup that was restored, or events after it were removed.
    Gone,
}

impl AppView<'_> {
    pub fn events(
        &self,
        filter: &EventFilter,
        page: &PageRequest,
    ) -> Result<Page<StoredEvent>, rusqlite::Error> {
        let mut select = Select::new("SELECT id, name, body FROM events");
        if !filter.names.is_empty() {
            let names: Vec<&str> = filter.names.iter().map(|name| name.name()).collect();
            let names = serde_json::Value::from(names).to_string();
            select = select.and("name IN (SELECT value FROM json_each(?))", [Value::from(names)]);
        }
        // One directory is a range of its index in the right order; several are gathered and sorted.
        match filter.directories.as_deref() {
            None => {}
            Some([one]) => select = select.and("directory_id = ?", [one.ulid_text().into()]),
            Some(several) => {
                let keys: Vec<String> = several.iter().map(|id| id.ulid_text()).collect();
                let keys = serde_json::Value::from(keys).to_string();
                select = select.and("directory_id IN (SELECT value FROM json_each(?))", [keys.into()]);
            }
        }
        select
            .and_if("created_at >= ?", filter.range_start.map(Timestamp::millis))
            .and_if("created_at <= ?", filter.range_end.map(Timestamp::millis))
            .page(self.connection, "id", page, |row| {
                Ok(StoredEvent { id: id_at(row, 0)?, name: row.get(1)?, body: row.get(2)? })
            })
    }

    /// Whether a reader who has seen everything up to `cursor` can go on from there.
    pub fn cursor_standing(&self, cursor: EventId) -> Result<CursorStanding, rusqlite::Error> {
        let cursor = cursor.ulid_text();
        if self.prepare("SELECT 1 FROM events WHERE id = ?1")?.exists([&cursor])? {
            return Ok(CursorStanding::Good);
        }
        let current: i64 = self
            .prepare("SELECT CAST(value AS INTEGER) FROM settings WHERE name = 'epoch'")?
            .query_row([], |row| row.get(0))?;
        let epoch_at = |sql: &str| -> Result<Option<i64>, rusqlite::Error> {
            self.prepare(sql)?.query_row([&cursor], |row| row.get(0)).optional()
        };
        let before = epoch_at("SELECT epoch FROM events WHERE id < ?1 ORDER BY id DESC LIMIT 1")?;
        let after = epoch_at("SELECT epoch FROM events WHERE id > ?1 ORDER BY id LIMIT 1")?;
        // Between two epochs lie only events that a restore took back.
        let was_taken_back = before.is_some_and(|before| before < after.unwrap_or(current));
        let oldest = self
            .prepare("SELECT id, position FROM events ORDER BY position LIMIT 1")?
            .query_row([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))
            .optional()?;
        let is_pruned = oldest.is_some_and(|(id, position)| 1 < position && cursor < id);
        Ok(if was_taken_back || is_pruned { CursorStanding::Gone } else { CursorStanding::Good })
    }

    /// The directories of an organization that ever had an event, deleted ones too.
    pub fn directories_with_events(
        &self,
        organization: OrganizationId,
    ) -> Result<Vec<DirectoryId>, rusqlite::Error> {
        self.prepare("SELECT directory_id FROM sequences WHERE organization_id = ?1 ORDER BY directory_id")?
            .query_map([organization.ulid_text()], |row| id_at(row, 0))?
            .collect()
    }

    /// Whether the app was ever told of a directory; what it is told first is that it is there.
    pub fn was_announced(&self, directory: DirectoryId) -> Result<bool, rusqlite::Error> {
        was_announced(self.connection, directory)
    }

    /// The newest event of all.
    pub fn last_event(&self) -> Result<Option<EventId>, rusqlite::Error> {
        self.prepare("SELECT id FROM events ORDER BY position DESC LIMIT 1")?
            .query_row(params![], |row| id_at(row, 0))
            .optional()
    }

    /// The newest event of a directory.
    pub fn last_event_of(&self, directory: DirectoryId) -> Result<Option<EventId>, rusqlite::Error> {
        self.prepare("SELECT id FROM events WHERE directory_id = ?1 ORDER BY id DESC LIMIT 1")?
            .query_row([directory.ulid_text()], |row| id_at(row, 0))
            .optional()
    }
}

/// Its events may have been removed since: their numbers stay.
pub fn was_announced(connection: &Connection, directory: DirectoryId) -> Result<bool, rusqlite::Error> {
    connection
        .prepare_cached("SELECT 1 FROM sequences WHERE directory_id = ?1")?
        .exists([directory.ulid_text()])
}
