//! Looks at a file without changing it, with or without a daemon that has it open.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde_json::Value;

use crate::base::id::DirectoryId;
use crate::model::directory::Directory;

use super::app::{directories, events};
use super::directory::DirectoryView;
use super::error::OpenError;
use super::rows::id_at;
use super::{migrate, open};

/// A file that is only read, in one snapshot.
pub struct Inspection {
    connection: Connection,
    path: PathBuf,
}

impl Inspection {
    /// # Errors
    ///
    /// [`OpenError`] when there is no file, or one that is not ours.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let at = |doing| move |source| OpenError::Sqlite { path: path.into(), doing, source };
        if !path.exists() {
            return Err(OpenError::NotThere { path: path.into() });
        }
        let connection = open::reading(path).map_err(at("opening"))?;
        migrate::check_readable(&connection, path)?;
        connection.execute_batch("BEGIN DEFERRED").map_err(at("reading"))?;
        Ok(Self { connection, path: path.into() })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What SQLite finds wrong with the file: nothing, or a line each.
    pub fn integrity(&self) -> Result<Vec<String>, rusqlite::Error> {
        let mut statement = self.connection.prepare("PRAGMA integrity_check(100)")?;
        let lines: Result<Vec<String>, _> = statement.query_map([], |row| row.get(0))?.collect();
        let mut lines = lines?;
        lines.retain(|line| line != "ok");
        let mut foreign = self.connection.prepare("PRAGMA foreign_key_check")?;
        let tables: Result<Vec<String>, _> = foreign.query_map([], |row| row.get::<_, String>(0))?.collect();
        lines.extend(tables?.into_iter().map(|table| format!("a row of {table} refers to something that is not there")));
        Ok(lines)
    }

    /// Every event as it was sent, in order.
    pub fn each_event(&self, mut visit: impl FnMut(Value)) -> Result<(), rusqlite::Error> {
        let mut statement = self.connection.prepare("SELECT body FROM events ORDER BY position")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let body = row.get_ref(0)?.as_str().unwrap_or_default();
            visit(serde_json::from_str(body).unwrap_or(Value::Null));
        }
        Ok(())
    }

    /// Whether events were removed at the beginning of the log.
    pub fn is_pruned(&self) -> Result<bool, rusqlite::Error> {
        self.connection.query_row("SELECT coalesce(min(position), 1) > 1 FROM events", [], |row| row.get(0))
    }

    /// Whether the app was ever told of a directory.
    pub fn was_announced(&self, directory: DirectoryId) -> Result<bool, rusqlite::Error> {
        events::was_announced(&self.connection, directory)
    }

    /// All directories, by id.
    pub fn directories(&self) -> Result<Vec<Directory>, rusqlite::Error> {
        let mut statement = self.connection.prepare("SELECT id FROM directories ORDER BY id")?;
        let ids: Result<Vec<DirectoryId>, _> = statement.query_map([], |row| id_at(row, 0))?.collect();
        let mut found = Vec::new();
        for id in ids? {
            found.extend(directories::directory_with_schemas_version(&self.connection, id)?.map(|(directory, _)| directory));
        }
        Ok(found)
    }

    pub fn directory(&self, id: DirectoryId) -> DirectoryView<'_> {
        DirectoryView::new(&self.connection, id)
    }
}
