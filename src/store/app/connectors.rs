//! Connectors and their runs.

use rusqlite::types::Type;
use rusqlite::{OptionalExtension, Row, params};
use serde::de::DeserializeOwned;

use crate::base::id::DirectoryId;
use crate::base::limits;
use crate::base::time::Timestamp;
use crate::model::connector::{Connector, ConnectorKind, Memory, RunReport};

use super::super::rows::{id_at, time_at, word_at};
use super::{AppTransaction, AppView};

const COLUMNS: &str =
    "directory_id, kind, settings, credentials, every_secs, next_run_at, memory, created_at, updated_at";

fn connector(row: &Row<'_>) -> Result<Connector, rusqlite::Error> {
    Ok(Connector {
        directory_id: id_at(row, 0)?,
        kind: word_at(row, 1, ConnectorKind::from_name)?,
        settings: json_at(row, 2)?,
        credentials: row.get(3)?,
        every_secs: row.get::<_, i64>(4)?.unsigned_abs(),
        next_run_at: time_at(row, 5)?,
        memory: json_at(row, 6)?,
        created_at: time_at(row, 7)?,
        updated_at: time_at(row, 8)?,
    })
}

fn json_at<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<T, rusqlite::Error> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}

fn to_json<T: serde::Serialize>(value: &T) -> Result<String, rusqlite::Error> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

impl AppView<'_> {
    pub fn connector(&self, directory: DirectoryId) -> Result<Option<Connector>, rusqlite::Error> {
        self.prepare(&format!("SELECT {COLUMNS} FROM connectors WHERE directory_id = ?1"))?
            .query_row([directory.ulid_text()], connector)
            .optional()
    }

    /// When each connector is to run next, the earliest first.
    pub fn connectors_due(&self) -> Result<Vec<(DirectoryId, Timestamp)>, rusqlite::Error> {
        self.prepare("SELECT directory_id, next_run_at FROM connectors ORDER BY next_run_at")?
            .query_map([], |row| Ok((id_at(row, 0)?, time_at(row, 1)?)))?
            .collect()
    }

    /// The last runs of a connector, newest first.
    pub fn connector_runs(&self, directory: DirectoryId) -> Result<Vec<RunReport>, rusqlite::Error> {
        self.prepare("SELECT report FROM connector_runs WHERE directory_id = ?1 ORDER BY id DESC")?
            .query_map([directory.ulid_text()], |row| json_at(row, 0))?
            .collect()
    }
}

impl AppTransaction<'_, '_> {
    /// Makes the directory's connector, or puts another in its place.
    pub fn put_connector(&mut self, new: &Connector) -> Result<(), rusqlite::Error> {
        self.prepare(&format!(
            "INSERT OR REPLACE INTO connectors ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
        ))?
        .execute(params![
            new.directory_id.ulid_text(),
            new.kind.name(),
            to_json(&new.settings)?,
            new.credentials,
            i64::try_from(new.every_secs).unwrap_or(i64::MAX),
            new.next_run_at.millis(),
            to_json(&new.memory)?,
            new.created_at.millis(),
            new.updated_at.millis(),
        ])
        .map(|_| ())
    }

    /// Removes a connector and its runs; false when there is none.
    pub fn delete_connector(&mut self, directory: DirectoryId) -> Result<bool, rusqlite::Error> {
        let key = directory.ulid_text();
        self.prepare("DELETE FROM connector_runs WHERE directory_id = ?1")?.execute([&key])?;
        Ok(self.prepare("DELETE FROM connectors WHERE directory_id = ?1")?.execute([&key])? == 1)
    }

    pub fn set_connector_memory(
        &mut self,
        directory: DirectoryId,
        memory: &Memory,
    ) -> Result<(), rusqlite::Error> {
        self.prepare("UPDATE connectors SET memory = ?2 WHERE directory_id = ?1")?
            .execute(params![directory.ulid_text(), to_json(memory)?])
            .map(|_| ())
    }

    pub fn set_connector_next_run(
        &mut self,
        directory: DirectoryId,
        at: Timestamp,
    ) -> Result<(), rusqlite::Error> {
        self.prepare("UPDATE connectors SET next_run_at = ?2 WHERE directory_id = ?1")?
            .execute(params![directory.ulid_text(), at.millis()])
            .map(|_| ())
    }

    /// Keeps a run's report, and the last [`limits::CONNECTOR_RUNS_KEPT_MAX`] of them.
    pub fn insert_connector_run(
        &mut self,
        directory: DirectoryId,
        report: &RunReport,
    ) -> Result<(), rusqlite::Error> {
        let key = directory.ulid_text();
        self.prepare("INSERT OR REPLACE INTO connector_runs (directory_id, id, report) VALUES (?1, ?2, ?3)")?
            .execute(params![key, report.id, to_json(report)?])?;
        let kept = i64::try_from(limits::CONNECTOR_RUNS_KEPT_MAX).unwrap_or(i64::MAX);
        self.prepare(
            "DELETE FROM connector_runs WHERE directory_id = ?1 AND id NOT IN
                 (SELECT id FROM connector_runs WHERE directory_id = ?1 ORDER BY id DESC LIMIT ?2)",
        )?
        .execute(params![key, kept])
        .map(|_| ())
    }
}
