//! How a directory is doing: its newest requests, its errors, what waits in it.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, params};
use ulid::Ulid;

use crate::base::id::DirectoryId;
use crate::base::time::Timestamp;

use super::super::directory::brakes;
use super::super::rows::time_at;
use super::AppView;
use crate::model::brake::Watch;

/// How far back a success is looked for among errors.
const RECORDS_SEARCHED: i64 = 10_000;

/// One request, as far as it says whether a provider gets on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    pub received_at: Timestamp,
    pub status: u16,
}

impl AppView<'_> {
    /// What a directory is watched for.
    pub fn watch(&self, directory: DirectoryId) -> Result<Watch, rusqlite::Error> {
        brakes::watch(self.connection, directory)
    }

    /// The outcomes of the newest requests of a directory, newest first.
    pub fn newest_outcomes(
        &self,
        directory: DirectoryId,
        count: u32,
    ) -> Result<Vec<Outcome>, rusqlite::Error> {
        self.prepare(
            "SELECT received_at, status FROM requests WHERE directory_id = ?1 ORDER BY id DESC LIMIT ?2",
        )?
        .query_map(params![directory.ulid_text(), count], |row| {
            Ok(Outcome { received_at: time_at(row, 0)?, status: row.get(1)? })
        })?
        .collect()
    }

    /// When a directory last answered a request with success.
    pub fn last_success(&self, directory: DirectoryId) -> Result<Option<Timestamp>, rusqlite::Error> {
        self.prepare(
            "SELECT received_at FROM
                 (SELECT received_at, status FROM requests WHERE directory_id = ?1 ORDER BY id DESC LIMIT ?2)
             WHERE status < 400 LIMIT 1",
        )?
        .query_row(params![directory.ulid_text(), RECORDS_SEARCHED], |row| time_at(row, 0))
        .optional()
    }

    /// How many requests were recorded since a moment, and the errors among them by cause.
    pub fn requests_since(
        &self,
        directory: DirectoryId,
        since: Timestamp,
    ) -> Result<(u64, BTreeMap<String, u64>), rusqlite::Error> {
        let from = Ulid::from_parts(since.millis().max(0).unsigned_abs(), 0).to_string();
        let key = params![directory.ulid_text(), from];
        let all = self
            .prepare("SELECT count(*) FROM requests WHERE directory_id = ?1 AND ?2 <= id")?
            .query_row(key, |row| row.get::<_, i64>(0))?;
        let errors = self
            .prepare(
                "SELECT coalesce(scim_type, CAST(status AS TEXT)), count(*) FROM requests
                 WHERE directory_id = ?1 AND ?2 <= id AND 400 <= status GROUP BY 1",
            )?
            .query_map(key, |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?
            .collect::<Result<_, _>>()?;
        Ok((all.unsigned_abs(), errors))
    }

    /// How many of the newest requests had each deviation.
    pub fn deviations(&self, directory: DirectoryId) -> Result<Vec<(String, u64)>, rusqlite::Error> {
        self.prepare(
            "SELECT rule.value, count(*) FROM
                 (SELECT rules FROM requests WHERE directory_id = ?1 AND rules <> '[]' ORDER BY id DESC LIMIT ?2) AS newest,
                 json_each(newest.rules) AS rule
             GROUP BY 1 ORDER BY 2 DESC, 1",
        )?
        .query_map(params![directory.ulid_text(), RECORDS_SEARCHED], |row| {
            Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
        })?
        .collect()
    }

    /// How many member values wait for their users.
    pub fn count_pending_members(&self, directory: DirectoryId) -> Result<u64, rusqlite::Error> {
        self.count("SELECT count(*) FROM pending_members WHERE directory_id = ?1", directory)
    }

    /// A number of one directory.
    pub(super) fn count(&self, sql: &str, directory: DirectoryId) -> Result<u64, rusqlite::Error> {
        self.prepare(sql)?
            .query_row([directory.ulid_text()], |row| row.get::<_, i64>(0))
            .map(i64::unsigned_abs)
    }
}
