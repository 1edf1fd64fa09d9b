//! Directories and their extension schemas.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::base::id::{DirectoryId, OrganizationId};
use crate::model::directory::{Directory, DirectoryCounts, DirectoryState, GroupPatchStatus, OnDeactivate};
use crate::model::page::{Page, PageRequest};
use crate::model::provider::Provider;

use super::super::directory::Waiting;
use super::super::rows::{id_at, time_at, word_at};
use super::select::Select;
use super::{AppTransaction, AppView};

/// Which directories are listed.
#[derive(Debug, Clone, Default)]
pub struct DirectoryFilter {
    pub organization_id: Option<OrganizationId>,
    pub domain: Option<String>,
    /// Part of the name, folded.
    pub search: Option<String>,
}

/// An extension schema as registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSchema {
    pub urn: String,
    pub resource_type: String,
    /// JSON in the form of RFC 7643 §7.
    pub body: String,
}

const COLUMNS: &str = "id, organization_id, external_key, name, provider, state, domain, strict, on_deactivate, \
                       patch_group_status, unique_group_names, created_at, updated_at";

/// The columns of a directory `d` in a join, and the version of its extension schemas.
pub const JOINED_COLUMNS: &str = "d.id, d.organization_id, d.external_key, d.name, d.provider, d.state, d.domain, \
                                  d.strict, d.on_deactivate, d.patch_group_status, d.unique_group_names, \
                                  d.created_at, d.updated_at, d.schemas_version";

pub(in crate::store) fn directory(row: &Row<'_>) -> Result<Directory, rusqlite::Error> {
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
        .prepare_cached(
            "SELECT resource_type, body FROM extension_schemas WHERE directory_id = ?1 ORDER BY urn",
        )?
        .query_map([id.ulid_text()], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

impl AppView<'_> {
    pub fn directory(&self, id: DirectoryId) -> Result<Option<Directory>, rusqlite::Error> {
        Ok(directory_with_schemas_version(self.connection, id)?.map(|(directory, _)| directory))
    }

    /// How often its extension schemas have changed; 0 for a directory that isn't there.
    pub fn schemas_version(&self, id: DirectoryId) -> Result<u64, rusqlite::Error> {
        let found = directory_with_schemas_version(self.connection, id)?;
        Ok(found.map_or(0, |(_, version)| version))
    }

    pub fn directory_by_external_key(
        &self,
        external_key: &str,
    ) -> Result<Option<Directory>, rusqlite::Error> {
        self.prepare(&format!("SELECT {COLUMNS} FROM directories WHERE external_key = ?1"))?
            .query_row([external_key], directory)
            .optional()
    }

    pub fn directories(
        &self,
        filter: &DirectoryFilter,
        page: &PageRequest,
    ) -> Result<Page<Directory>, rusqlite::Error> {
        let organization = filter.organization_id.map(OrganizationId::ulid_text);
        Select::new(&format!("SELECT {COLUMNS} FROM directories"))
            .and_if("organization_id = ?", organization)
            .and_if("domain = ?", filter.domain.clone())
            .page_where(self.connection, "id", page, directory, |found| {
                super::contains(&found.name, filter.search.as_deref())
            })
    }

    /// The directories of an organization, oldest first.
    pub fn directories_of(&self, organization: OrganizationId) -> Result<Vec<Directory>, rusqlite::Error> {
        self.prepare(&format!("SELECT {COLUMNS} FROM directories WHERE organization_id = ?1 ORDER BY id"))?
            .query_map([organization.ulid_text()], directory)?
            .collect()
    }

    /// The registered extension schemas of a directory, by URN.
    pub fn extension_schemas(&self, id: DirectoryId) -> Result<Vec<StoredSchema>, rusqlite::Error> {
        self.prepare(
            "SELECT urn, resource_type, body FROM extension_schemas WHERE directory_id = ?1 ORDER BY urn",
        )?
        .query_map([id.ulid_text()], |row| {
            Ok(StoredSchema { urn: row.get(0)?, resource_type: row.get(1)?, body: row.get(2)? })
        })?
        .collect()
    }

    /// How many users and groups the app sees in a directory.
    pub fn directory_counts(&self, id: DirectoryId) -> Result<DirectoryCounts, rusqlite::Error> {
        let count = |sql: &str| -> Result<u64, rusqlite::Error> {
            let mut statement = self.prepare(sql)?;
            statement.query_row([id.ulid_text()], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs)
        };
        let view = self.directory_view(id);
        let (users_held, users_denied) =
            (view.count_held(Waiting::Undecided)?, view.count_held(Waiting::Denied)?);
        let active = count("SELECT count(*) FROM users WHERE directory_id = ?1 AND status = 0")?;
        Ok(DirectoryCounts {
            // The app goes on seeing held users as active.
            users_active: active + users_held + users_denied,
            users_held,
            users_denied,
            users_inactive: count(
                "SELECT count(*) FROM users WHERE directory_id = ?1 AND visible = 1 AND status = 1",
            )?,
            groups: count("SELECT count(*) FROM groups WHERE directory_id = ?1")?,
        })
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

    pub fn update_directory(&mut self, directory: &Directory) -> Result<(), rusqlite::Error> {
        self.prepare(
            "UPDATE directories SET external_key = ?2, name = ?3, provider = ?4, state = ?5, domain = ?6, strict = ?7,
                                    on_deactivate = ?8, patch_group_status = ?9, unique_group_names = ?10,
                                    updated_at = ?11
             WHERE id = ?1",
        )?
        .execute(params![
            directory.id.ulid_text(),
            directory.external_key,
            directory.name,
            directory.provider.name(),
            directory.state.name(),
            directory.domain,
            directory.strict,
            directory.on_deactivate.name(),
            directory.group_patch_status.map(GroupPatchStatus::code),
            directory.unique_group_names,
            directory.updated_at.millis(),
        ])
        .map(|_| ())
    }

    /// Removes a directory and everything in it but its events and their numbers.
    pub fn delete_directory(&mut self, id: DirectoryId) -> Result<(), rusqlite::Error> {
        self.directory(id).delete_lifecycle()?;
        const STATEMENTS: [&str; 14] = [
            "DELETE FROM connector_runs WHERE directory_id = ?1",
            "DELETE FROM connectors WHERE directory_id = ?1",
            "DELETE FROM members WHERE directory_id = ?1",
            "DELETE FROM pending_members WHERE directory_id = ?1",
            "DELETE FROM user_emails WHERE directory_id = ?1",
            "DELETE FROM users WHERE directory_id = ?1",
            "DELETE FROM groups WHERE directory_id = ?1",
            "DELETE FROM access_tokens WHERE directory_id = ?1",
            "DELETE FROM tokens WHERE directory_id = ?1",
            "DELETE FROM extension_schemas WHERE directory_id = ?1",
            "DELETE FROM requests WHERE directory_id = ?1",
            "DELETE FROM mappings WHERE directory_id = ?1",
            "DELETE FROM remaps WHERE directory_id = ?1",
            "DELETE FROM directories WHERE id = ?1",
        ];
        for statement in STATEMENTS {
            self.prepare(statement)?.execute([id.ulid_text()])?;
        }
        Ok(())
    }

    /// Registers an extension schema, or replaces the one of that URN.
    pub fn put_extension_schema(
        &mut self,
        id: DirectoryId,
        schema: &StoredSchema,
    ) -> Result<(), rusqlite::Error> {
        self.prepare(
            "INSERT INTO extension_schemas (directory_id, urn, resource_type, body) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (directory_id, urn) DO UPDATE
             SET urn = excluded.urn, resource_type = excluded.resource_type, body = excluded.body",
        )?
        .execute(params![id.ulid_text(), schema.urn, schema.resource_type, schema.body])?;
        self.bump_schemas_version(id)
    }

    /// Removes an extension schema; false when there is none of that URN.
    pub fn delete_extension_schema(&mut self, id: DirectoryId, urn: &str) -> Result<bool, rusqlite::Error> {
        let deleted = self
            .prepare("DELETE FROM extension_schemas WHERE directory_id = ?1 AND urn = ?2")?
            .execute(params![id.ulid_text(), urn])?;
        self.bump_schemas_version(id)?;
        Ok(0 < deleted)
    }

    fn bump_schemas_version(&mut self, id: DirectoryId) -> Result<(), rusqlite::Error> {
        self.prepare("UPDATE directories SET schemas_version = schemas_version + 1 WHERE id = ?1")?
            .execute([id.ulid_text()])
            .map(|_| ())
    }
}
