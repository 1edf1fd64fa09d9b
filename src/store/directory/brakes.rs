//! The brake of one directory: its settings, and who lost access of late, by numbers instead of counts.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::base::id::{DirectoryId, UserId};
use crate::base::time::Timestamp;
use crate::model::brake::{Brake, BrakeMode, Watch, Wave};

use super::super::rows::{time_at, word_at};
use super::{DirectoryTransaction, DirectoryView};

/// Old losses that are removed with each new one.
const PRUNED_PER_LOSS: i64 = 10;

/// The settings and the numbers as stored.
struct BrakeRow {
    watch: Watch,
    active_at_start: u64,
    counted_at: Timestamp,
    last_number: i64,
    decided_number: i64,
    last_lost_at: Timestamp,
}

const COLUMNS: &str = "mode, threshold_percent, threshold_min, window_secs, silence_after_secs, active_at_start, \
                       counted_at, last_number, decided_number, last_lost_at";

fn brake(row: &Row<'_>) -> Result<BrakeRow, rusqlite::Error> {
    Ok(BrakeRow {
        watch: Watch {
            brake: Brake {
                mode: word_at(row, 0, BrakeMode::from_name)?,
                threshold_percent: row.get(1)?,
                threshold_min: row.get(2)?,
                window_secs: row.get(3)?,
            },
            silence_after_secs: row.get(4)?,
        },
        active_at_start: row.get::<_, i64>(5)?.unsigned_abs(),
        counted_at: time_at(row, 6)?,
        last_number: row.get(7)?,
        decided_number: row.get(8)?,
        last_lost_at: time_at(row, 9)?,
    })
}

fn read(connection: &Connection, key: &str) -> Result<Option<BrakeRow>, rusqlite::Error> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM brakes WHERE directory_id = ?1"))?
        .query_row([key], brake)
        .optional()
}

/// The settings of a directory.
pub(in crate::store) fn watch(connection: &Connection, id: DirectoryId) -> Result<Watch, rusqlite::Error> {
    Ok(read(connection, &id.ulid_text())?.map(|row| row.watch).unwrap_or_default())
}

impl DirectoryView<'_> {
    pub fn watch(&self) -> Result<Watch, rusqlite::Error> {
        watch(self.connection, self.id)
    }

    /// How far the running wave has come at a moment.
    pub fn wave(&self, now: Timestamp) -> Result<Wave, rusqlite::Error> {
        match read(self.connection, &self.key)? {
            None => Ok(Wave::default()),
            Some(row) => {
                let lost = self.lost(&row, now)?;
                let threshold = row.watch.brake.threshold(row.active_at_start);
                Ok(Wave { lost, active_at_start: row.active_at_start, threshold })
            }
        }
    }

    /// How many lost access within the window, since the last decision: numbers have no gap there.
    fn lost(&self, row: &BrakeRow, now: Timestamp) -> Result<u64, rusqlite::Error> {
        let since = now.plus_millis(-row.watch.brake.window_millis());
        let first: Option<i64> = self
            .prepare(
                "SELECT number FROM losses WHERE directory_id = ?1 AND ?2 < lost_at ORDER BY lost_at, number LIMIT 1",
            )?
            .query_row(params![self.key, since.millis()], |row| row.get(0))
            .optional()?;
        let Some(first) = first else { return Ok(0) };
        Ok((row.last_number - row.decided_number.max(first - 1)).max(0).unsigned_abs())
    }

    /// How many users are active, by an index.
    fn count_active(&self) -> Result<u64, rusqlite::Error> {
        self.prepare("SELECT count(*) FROM users WHERE directory_id = ?1 AND status = 0")?
            .query_row([&self.key], |row| row.get::<_, i64>(0))
            .map(i64::unsigned_abs)
    }
}

impl DirectoryTransaction<'_, '_> {
    /// Sets a directory's brake, or makes it.
    pub fn put_watch(&mut self, watch: Watch) -> Result<(), rusqlite::Error> {
        self.prepare(
            "INSERT INTO brakes (directory_id, mode, threshold_percent, threshold_min, window_secs, silence_after_secs)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (directory_id) DO UPDATE SET mode = ?2, threshold_percent = ?3, threshold_min = ?4,
                 window_secs = ?5, silence_after_secs = ?6",
        )?
        .execute(params![
            self.view.key,
            watch.brake.mode.name(),
            watch.brake.threshold_percent,
            watch.brake.threshold_min,
            watch.brake.window_secs,
            watch.silence_after_secs,
        ])
        .map(|_| ())
    }

    /// Notes that a user loses access, and says how far the wave has come with it. Call it before
    /// the user's row changes. It costs the same in a wave of ten and of 100,000; only the first
    /// loss in a window counts the users.
    pub fn note_loss(&mut self, id: UserId) -> Result<Wave, rusqlite::Error> {
        if read(self.view.connection, &self.view.key)?.is_none() {
            self.put_watch(Watch::default())?;
        }
        let Some(mut row) = read(self.view.connection, &self.view.key)? else { return Ok(Wave::default()) };
        // A clock that was set back must not hide losses behind older ones.
        let now = self.now().max(row.last_lost_at);
        let since = now.plus_millis(-row.watch.brake.window_millis());
        if row.counted_at <= since {
            row.active_at_start = self.view.count_active()? + self.view.lost(&row, now)?;
            row.counted_at = now;
        }
        if !self.was_counted(id, since)? {
            row.last_number += 1;
            self.insert_loss(id, row.last_number, now)?;
        }
        row.last_lost_at = now;
        self.prepare(
            "UPDATE brakes SET active_at_start = ?2, counted_at = ?3, last_number = ?4, last_lost_at = ?5
             WHERE directory_id = ?1",
        )?
        .execute(params![
            self.view.key,
            i64::try_from(row.active_at_start).unwrap_or(i64::MAX),
            row.counted_at.millis(),
            row.last_number,
            now.millis(),
        ])?;
        self.prepare(
            "DELETE FROM losses WHERE directory_id = ?1 AND number IN
                 (SELECT number FROM losses WHERE directory_id = ?1 AND lost_at <= ?2 ORDER BY lost_at LIMIT ?3)",
        )?
        .execute(params![self.view.key, since.millis(), PRUNED_PER_LOSS])?;
        let lost = self.view.lost(&row, now)?;
        let threshold = row.watch.brake.threshold(row.active_at_start);
        Ok(Wave { lost, active_at_start: row.active_at_start, threshold })
    }

    /// Whether this user's loss is in the window already; who lost access twice counts once.
    fn was_counted(&self, id: UserId, since: Timestamp) -> Result<bool, rusqlite::Error> {
        self.prepare("SELECT 1 FROM losses WHERE directory_id = ?1 AND user_id = ?2 AND ?3 < lost_at")?
            .exists(params![self.view.key, id.ulid_text(), since.millis()])
    }

    fn insert_loss(&self, id: UserId, number: i64, at: Timestamp) -> Result<(), rusqlite::Error> {
        let user = id.ulid_text();
        self.prepare("DELETE FROM losses WHERE directory_id = ?1 AND user_id = ?2")?
            .execute(params![self.view.key, user])?;
        self.prepare("INSERT INTO losses (directory_id, number, user_id, lost_at) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![self.view.key, number, user, at.millis()])
            .map(|_| ())
    }

    /// Somebody has decided about the wave: what comes after it is counted anew.
    pub fn decide_wave(&mut self) -> Result<(), rusqlite::Error> {
        self.prepare(
            "UPDATE brakes SET decided_number = last_number, counted_at = 0 WHERE directory_id = ?1",
        )?
        .execute([&self.view.key])
        .map(|_| ())
    }

    /// Removes the brake and everything that is held, with the directory.
    pub fn delete_lifecycle(&mut self) -> Result<(), rusqlite::Error> {
        const TABLES: [&str; 5] = [
            "DELETE FROM held_members WHERE directory_id = ?1",
            "DELETE FROM held_users WHERE directory_id = ?1",
            "DELETE FROM losses WHERE directory_id = ?1",
            "DELETE FROM brakes WHERE directory_id = ?1",
            "DELETE FROM alarms WHERE directory_id = ?1",
        ];
        TABLES.iter().try_for_each(|sql| self.prepare(sql)?.execute([&self.view.key]).map(drop))
    }
}
