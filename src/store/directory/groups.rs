//! Groups of one directory.

use std::ops::ControlFlow;

use rusqlite::{OptionalExtension, Row, params};

use crate::base::id::GroupId;
use crate::base::text::fold;
use crate::base::time::Timestamp;

use super::super::rows::{id_at, time_at};
use super::users::{to_i64, to_usize, to_version};
use super::{DirectoryTransaction, DirectoryView};

/// A group as stored; its members are rows of their own.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupRow {
    pub id: GroupId,
    pub display_name: String,
    pub external_id: Option<String>,
    pub version: u64,
    pub created_at: Timestamp,
    /// Of the SCIM resource; changes of members count.
    pub last_modified: Timestamp,
    /// Of what the app sees of the group itself; its members are apart.
    pub updated_at: Timestamp,
    /// JSON of attributes that no schema knows.
    pub extra: Option<String>,
    /// JSON of the SCIM resource without id, members and meta.
    pub document: String,
}

/// A group to be written.
pub type GroupWrite = GroupRow;

pub(in crate::store) const COLUMNS: &str =
    "id, display_name, external_id, version, created_at, last_modified, updated_at, extra, document";

pub(in crate::store) fn group(row: &Row<'_>) -> Result<GroupRow, rusqlite::Error> {
    Ok(GroupRow {
        id: id_at(row, 0)?,
        display_name: row.get(1)?,
        external_id: row.get(2)?,
        version: row.get::<_, i64>(3)?.unsigned_abs(),
        created_at: time_at(row, 4)?,
        last_modified: time_at(row, 5)?,
        updated_at: time_at(row, 6)?,
        extra: row.get(7)?,
        document: row.get(8)?,
    })
}

impl DirectoryView<'_> {
    pub fn group(&self, id: GroupId) -> Result<Option<GroupRow>, rusqlite::Error> {
        let mut statement =
            self.prepare(&format!("SELECT {COLUMNS} FROM groups WHERE directory_id = ?1 AND id = ?2"))?;
        statement.query_row(params![self.key, id.ulid_text()], group).optional()
    }

    /// Groups with that folded `displayName`, oldest first.
    pub fn groups_by_display_name(&self, folded: &str) -> Result<Vec<GroupRow>, rusqlite::Error> {
        let mut statement = self.prepare(&format!(
            "SELECT {COLUMNS} FROM groups WHERE directory_id = ?1 AND display_folded = ?2 ORDER BY id"
        ))?;
        statement.query_map(params![self.key, folded], group)?.collect()
    }

    /// Groups with that `externalId`, oldest first.
    pub fn groups_by_external_id(&self, external_id: &str) -> Result<Vec<GroupRow>, rusqlite::Error> {
        let mut statement = self.prepare(&format!(
            "SELECT {COLUMNS} FROM groups WHERE directory_id = ?1 AND external_id = ?2 ORDER BY id"
        ))?;
        statement.query_map(params![self.key, external_id], group)?.collect()
    }

    pub fn count_groups(&self) -> Result<usize, rusqlite::Error> {
        let mut statement = self.prepare("SELECT count(*) FROM groups WHERE directory_id = ?1")?;
        statement.query_row([&self.key], |row| row.get::<_, i64>(0)).map(to_usize)
    }

    /// A page of groups, oldest first.
    pub fn groups_page(&self, offset: usize, count: usize) -> Result<Vec<GroupRow>, rusqlite::Error> {
        let mut statement = self.prepare(&format!(
            "SELECT {COLUMNS} FROM groups WHERE directory_id = ?1 ORDER BY id LIMIT ?2 OFFSET ?3"
        ))?;
        statement.query_map(params![self.key, to_i64(count), to_i64(offset)], group)?.collect()
    }

    /// A page of groups after one, oldest first.
    pub fn groups_after(&self, after: Option<GroupId>, count: usize) -> Result<Vec<GroupRow>, rusqlite::Error> {
        let mut statement = self.prepare(&format!(
            "SELECT {COLUMNS} FROM groups WHERE directory_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3"
        ))?;
        let after = after.map_or_else(String::new, GroupId::ulid_text);
        statement.query_map(params![self.key, after, to_i64(count)], group)?.collect()
    }

    /// Every group, oldest first, until `visit` breaks off.
    pub fn scan_groups<E: From<rusqlite::Error>>(
        &self,
        mut visit: impl FnMut(GroupRow) -> Result<ControlFlow<()>, E>,
    ) -> Result<(), E> {
        let mut statement =
            self.prepare(&format!("SELECT {COLUMNS} FROM groups WHERE directory_id = ?1 ORDER BY id"))?;
        let mut rows = statement.query([&self.key])?;
        while let Some(row) = rows.next()? {
            if visit(group(row)?)?.is_break() {
                break;
            }
        }
        Ok(())
    }
}

impl DirectoryTransaction<'_, '_> {
    pub fn insert_group(&mut self, row: &GroupWrite) -> Result<(), rusqlite::Error> {
        self.prepare(
            "INSERT INTO groups (directory_id, id, display_name, display_folded, external_id, version, created_at,
                                 last_modified, updated_at, extra, document)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute(params![
            self.view.key,
            row.id.ulid_text(),
            row.display_name,
            fold(&row.display_name),
            row.external_id,
            to_version(row.version),
            row.created_at.millis(),
            row.last_modified.millis(),
            row.updated_at.millis(),
            row.extra,
            row.document,
        ])
        .map(|_| ())
    }

    /// Replaces a group's row.
    ///
    /// # Panics
    ///
    /// When there is no such group: the caller has just read it in this transaction.
    pub fn update_group(&mut self, row: &GroupWrite) -> Result<(), rusqlite::Error> {
        let changed = self
            .prepare(
                "UPDATE groups SET display_name = ?3, display_folded = ?4, external_id = ?5, version = ?6,
                                   last_modified = ?7, updated_at = ?8, extra = ?9,
                                   document = ?10
                 WHERE directory_id = ?1 AND id = ?2",
            )?
            .execute(params![
                self.view.key,
                row.id.ulid_text(),
                row.display_name,
                fold(&row.display_name),
                row.external_id,
                to_version(row.version),
                row.last_modified.millis(),
                row.updated_at.millis(),
                row.extra,
                row.document,
            ])?;
        assert!(changed == 1, "update of a group changed {changed} rows");
        Ok(())
    }

    /// Notes that a group's members changed now: a new version.
    pub fn touch_group(&mut self, id: GroupId, now: Timestamp) -> Result<(), rusqlite::Error> {
        self.prepare(
            "UPDATE groups SET version = version + 1, last_modified = max(?3, last_modified + 1)
             WHERE directory_id = ?1 AND id = ?2",
        )?
        .execute(params![self.view.key, id.ulid_text(), now.millis()])
        .map(|_| ())
    }

    /// Removes a group's row; its members and what is a member of others are the caller's to end.
    pub fn delete_group(&mut self, id: GroupId) -> Result<(), rusqlite::Error> {
        self.prepare("DELETE FROM groups WHERE directory_id = ?1 AND id = ?2")?
            .execute(params![self.view.key, id.ulid_text()])
            .map(|_| ())
    }
}
