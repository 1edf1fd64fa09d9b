//! A directory's own mapping, and how far its users have been mapped again.

use rusqlite::{OptionalExtension, Row, params};

use crate::base::id::UserId;
use crate::base::time::Timestamp;

use super::super::rows::{id_at, optional_time_at, time_at};
use super::users::{to_i64, to_usize, to_version};
use super::{DirectoryTransaction, DirectoryView};

/// Which mapping is in force. Two that differ never have both in common: a number that was rolled
/// back and given again has another moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MappingVersion {
    /// 0 while nothing was ever saved.
    pub number: u64,
    pub saved_at: Timestamp,
}

/// A mapping as saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingRow {
    pub version: MappingVersion,
    /// JSON; None for the provider's defaults.
    pub document: Option<String>,
}

/// A run over all users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemapRow {
    pub number: u64,
    /// The last user looked at.
    pub cursor: Option<UserId>,
    pub total: usize,
    pub done: usize,
    pub changed: usize,
    pub started_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

/// How far one more step of a run came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RemapStep {
    pub done: usize,
    pub changed: usize,
    /// None while the cursor stays.
    pub cursor: Option<UserId>,
    pub is_last: bool,
}

impl DirectoryView<'_> {
    /// The version alone: for every write, which mostly knows the mapping already.
    pub fn mapping_version(&self) -> Result<MappingVersion, rusqlite::Error> {
        let mut statement = self.prepare("SELECT version, saved_at FROM mappings WHERE directory_id = ?1")?;
        Ok(statement.query_row([&self.key], version).optional()?.unwrap_or_default())
    }

    pub fn mapping(&self) -> Result<Option<MappingRow>, rusqlite::Error> {
        let mut statement =
            self.prepare("SELECT version, saved_at, document FROM mappings WHERE directory_id = ?1")?;
        let read = |row: &Row<'_>| Ok(MappingRow { version: version(row)?, document: row.get(2)? });
        statement.query_row([&self.key], read).optional()
    }

    /// The last run over all users, if there was any.
    pub fn remap(&self) -> Result<Option<RemapRow>, rusqlite::Error> {
        let mut statement = self.prepare(
            "SELECT number, cursor, total, done, changed, started_at, finished_at FROM remaps WHERE directory_id = ?1",
        )?;
        statement.query_row([&self.key], remap).optional()
    }
}

impl DirectoryTransaction<'_, '_> {
    /// Puts a document in force, or the provider's defaults, under the next version.
    pub fn put_mapping(&mut self, document: Option<&str>) -> Result<(), rusqlite::Error> {
        self.prepare(
            "INSERT INTO mappings (directory_id, version, document, saved_at) VALUES (?1, 1, ?2, ?3)
             ON CONFLICT (directory_id) DO UPDATE SET version = version + 1, document = ?2, saved_at = ?3",
        )?
        .execute(params![self.view.key, document, self.now().millis()])
        .map(|_| ())
    }

    /// Begins a run over all users; one that is under way begins anew.
    pub fn begin_remap(&mut self) -> Result<(), rusqlite::Error> {
        let total = self.view.count_users()?;
        self.prepare(
            "INSERT INTO remaps (directory_id, number, cursor, total, done, changed, started_at, finished_at)
             VALUES (?1, 1, '', ?2, 0, 0, ?3, NULL)
             ON CONFLICT (directory_id) DO UPDATE
             SET number = number + 1, cursor = '', total = ?2, done = 0, changed = 0, started_at = ?3, finished_at = NULL",
        )?
        .execute(params![self.view.key, to_i64(total), self.now().millis()])?;
        // Whoever waits for commits looks, even if there is no event: the run's own worker does.
        self.tx.wake_waiters();
        Ok(())
    }

    /// Notes how far a run came.
    pub fn advance_remap(&mut self, number: u64, step: &RemapStep) -> Result<(), rusqlite::Error> {
        let cursor = step.cursor.map(UserId::ulid_text);
        let finished_at = step.is_last.then(|| self.now().millis());
        self.prepare(
            "UPDATE remaps SET cursor = coalesce(?3, cursor), done = done + ?4, changed = changed + ?5, finished_at = ?6
             WHERE directory_id = ?1 AND number = ?2",
        )?
        .execute(params![
            self.view.key,
            to_version(number),
            cursor,
            to_i64(step.done),
            to_i64(step.changed),
            finished_at,
        ])
        .map(|_| ())
    }
}

fn version(row: &Row<'_>) -> Result<MappingVersion, rusqlite::Error> {
    Ok(MappingVersion { number: row.get::<_, i64>(0)?.unsigned_abs(), saved_at: time_at(row, 1)? })
}

fn remap(row: &Row<'_>) -> Result<RemapRow, rusqlite::Error> {
    Ok(RemapRow {
        number: row.get::<_, i64>(0)?.unsigned_abs(),
        cursor: match row.get_ref(1)?.as_str()? {
            "" => None,
            _ => Some(id_at(row, 1)?),
        },
        total: to_usize(row.get(2)?),
        done: to_usize(row.get(3)?),
        changed: to_usize(row.get(4)?),
        started_at: time_at(row, 5)?,
        finished_at: optional_time_at(row, 6)?,
    })
}
