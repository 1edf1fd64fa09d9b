//! Directories and their extension schemas.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::base::id::DirectoryId;
use crate::model::directory::{Directory, DirectoryCounts, DirectoryState, GroupPatchStatus, OnDeactivate};
use crate::model::provider::Provider;

use super::super::rows::{id_at, time_at, word_at};
use super::{AppTransaction, AppView};

const COLUMNS: &str = "id, organization_id, external_key, name, provider, state, domain, strict, on_deactivate, \
                       patch_group_status, unique_group_names, created_at, updated_at";

pub(super) fn directory(row: &Row<'_>) -> Result<Directory, rusqlite::Error> {
    Ok(Directory {
        id: id_at(row, 0)?,
        organization_id: id_at(row, 1)?,
        external_key: row.get(2)?,
        name: row.get(3)?,
        provider: word_at(row, 4, Provider::from_name)?,
        state: word_at(row, 5, DirectoryState::from_name)?,
        domain: row.get(6)?,
        strict: row.get(7)?,
        on_deactivate: word_at(row, 8, OnDeactivate::from_name)?,
        group_patch_status: row.get::<_, Option<u16>>(9)?.and_then(GroupPatchStatus::from_code),
        unique_group_names: row.get(10)?,
        created_at: time_at(row, 11)?,
        updated_at: time_at(row, 12)?,
    })
}

/// A directory and how often its extension schemas have changed.
pub fn directory_with_schemas_version(
    connection: &Connection,
    id: DirectoryId,
) -> Result<Option<(Directory, u64)>, rusqlite::Error> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS}, schemas_version FROM directories WHERE id = ?1"))?
        .query_row([id.ulid_text()], |row| Ok((directory(row)?, row.get::<_, i64>(13)?.unsigned_abs())))
        .optional()
}

/// A directory's extension schemas: resource type and JSON, by URN.
pub fn extension_schemas(
    connection: &Connection,
    id: DirectoryId,
) -> Result<Vec<(String, String)>, rusqlite::Error> {
    connection
        .prepare_cached("SELECT resource_type, body FROM extension_schemas WHERE directory_id = ?1 ORDER BY urn")?
        .query_map([id.ulid_text()], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

impl AppView<'_> {
    pub fn directory(&self, id: DirectoryId) -> Result<Option<Directory>, rusqlite::Error> {
        Ok(directory_with_schemas_version(self.connection, id)?.map(|(directory, _)| directory))
    }

    pub fn directory_by_external_key(&self, external_key: &str) -> Result<Option<Directory>, rusqlite::Error> {
        self.prepare(&format!("SELECT {COLUMNS} FROM directories WHERE external_key = ?1"))?
            .query_row([external_key], directory)
            .optional()
    }

    /// How many users and groups the app sees in a directory.
    pub fn directory_counts(&self, id: DirectoryId) -> Result<DirectoryCounts, rusqlite::Error> {
        let users = |status: i64| -> Result<u64, rusqlite::Error> {
            self.prepare("SELECT count(*) FROM users WHERE directory_id = ?1 AND status = ?2 AND visible = 1")?
                .query_row(params![id.ulid_text(), status], |row| row.get::<_, i64>(0))
                .map(i64::unsigned_abs)
        };
        let groups = self
            .prepare("SELECT count(*) FROM groups WHERE directory_id = ?1")?
            .query_row([id.ulid_text()], |row| row.get::<_, i64>(0))?;
        Ok(DirectoryCounts { users_active: users(0)?, users_inactive: users(1)?, groups: groups.unsigned_abs() })
    }
}

impl AppTransaction<'_, '_> {
    pub fn insert_directory(&mut self, directory: &Directory) -> Result<(), rusqlite::Error> {
        self.prepare(
            "INSERT INTO directories (id, organization_id, external_key, name, provider, state, domain, strict,
                                      on_deactivate, patch_group_status, unique_group_names, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?
        .execute(params![
            directory.id.ulid_text(),
            directory.organization_id.ulid_text(),
            directory.external_key,
            directory.name,
            directory.provider.name(),
            directory.state.name(),
            directory.domain,
            directory.strict,
            directory.on_deactivate.name(),
            directory.group_patch_status.map(GroupPatchStatus::code),
            directory.unique_group_names,
            directory.created_at.millis(),
            directory.updated_at.millis(),
        ])
        .map(|_| ())
    }
}
