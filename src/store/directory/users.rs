//! Users of one directory.

use std::ops::ControlFlow;

use rusqlite::types::Type;
use rusqlite::{OptionalExtension, Row, params};

use crate::base::id::{GroupId, UserId};
use crate::base::text::fold;
use crate::base::time::Timestamp;

use super::super::rows::{id_at, time_at};
use super::{DirectoryTransaction, DirectoryView};

/// Where a user is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserStatus {
    Active,
    Inactive,
    /// Gone, but comes back under its id when the same person is created again.
    Deleted,
    /// Gone for good: another person took its name.
    Retired,
}

impl UserStatus {
    fn code(self) -> i64 {
        match self {
            Self::Active => 0,
            Self::Inactive => 1,
            Self::Deleted => 2,
            Self::Retired => 3,
        }
    }

    fn from_code(code: i64) -> Self {
        match code {
            0 => Self::Active,
            1 => Self::Inactive,
            2 => Self::Deleted,
            // The store wrote 3; anything else gives no one access.
            _ => Self::Retired,
        }
    }

    /// Whether the provider sees the user at all.
    pub fn is_present(self) -> bool {
        matches!(self, Self::Active | Self::Inactive)
    }
}

/// A user as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct UserRow {
    pub id: UserId,
    pub status: UserStatus,
    /// Whether the app sees the user.
    pub visible: bool,
    pub user_name: String,
    pub external_id: Option<String>,
    pub version: u64,
    pub created_at: Timestamp,
    /// Of the SCIM resource.
    pub last_modified: Timestamp,
    /// Of what the app sees; memberships count.
    pub updated_at: Timestamp,
    /// JSON of what the mapping made of it.
    pub view: String,
    /// Slugs of roles, the first one first in rank.
    pub roles: Vec<String>,
    /// JSON of attributes that no schema knows.
    pub extra: Option<String>,
    /// JSON of the SCIM resource without id, groups and meta.
    pub document: String,
}

/// What is looked up by, besides the row itself.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UserWrite {
    pub display_name: Option<String>,
    /// Values of the SCIM attribute `emails`.
    pub emails: Vec<String>,
    /// The address that the app sees.
    pub app_email: Option<String>,
}

pub(in crate::store) const COLUMNS: &str = "id, status, visible, user_name, external_id, version, created_at, last_modified, updated_at, \
                       view, extra, document, roles";
/// How many they are: what a query adds comes after them.
pub(in crate::store) const COLUMNS_COUNT: usize = 13;

pub(in crate::store) fn user(row: &Row<'_>) -> Result<UserRow, rusqlite::Error> {
    Ok(UserRow {
        id: id_at(row, 0)?,
        status: UserStatus::from_code(row.get(1)?),
        visible: row.get(2)?,
        user_name: row.get(3)?,
        external_id: row.get(4)?,
        version: row.get::<_, i64>(5)?.unsigned_abs(),
        created_at: time_at(row, 6)?,
        last_modified: time_at(row, 7)?,
        updated_at: time_at(row, 8)?,
        view: row.get(9)?,
        extra: row.get(10)?,
        document: row.get(11)?,
        roles: roles_at(row, 12)?,
    })
}

/// The roles in a column.
fn roles_at(row: &Row<'_>, column: usize) -> Result<Vec<String>, rusqlite::Error> {
    let text = row.get_ref(column)?.as_str()?;
    if text == "[]" {
        return Ok(Vec::new());
    }
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}

fn roles_text(roles: &[String]) -> String {
    serde_json::Value::from(roles).to_string()
}

impl DirectoryView<'_> {
    /// A user by id, whatever its status.
    pub fn user(&self, id: UserId) -> Result<Option<UserRow>, rusqlite::Error> {
        let mut statement =
            self.prepare(&format!("SELECT {COLUMNS} FROM users WHERE directory_id = ?1 AND id = ?2"))?;
        statement.query_row(params![self.key, id.ulid_text()], user).optional()
    }

    /// A user by id, when the provider sees it.
    pub fn present_user(&self, id: UserId) -> Result<Option<UserRow>, rusqlite::Error> {
        Ok(self.user(id)?.filter(|row| row.status.is_present()))
    }

    /// The present user with that folded `userName`.
    pub fn user_by_user_name(&self, folded: &str) -> Result<Option<UserRow>, rusqlite::Error> {
        let mut statement = self.prepare(&format!(
            "SELECT {COLUMNS} FROM users WHERE directory_id = ?1 AND user_name_folded = ?2 AND status < 2"
        ))?;
        statement.query_row(params![self.key, folded], user).optional()
    }

    /// Users with that `externalId`, retired ones left out; present ones first, then the last deleted.
    pub fn users_by_external_id(&self, external_id: &str) -> Result<Vec<UserRow>, rusqlite::Error> {
        let mut statement = self.prepare(&format!(
            "SELECT {COLUMNS} FROM users WHERE directory_id = ?1 AND external_id = ?2 AND status < 3
             ORDER BY status, last_modified DESC, id DESC"
        ))?;
        statement.query_map(params![self.key, external_id], user)?.collect()
    }

    /// Present users with that folded `displayName`, oldest first.
    pub fn users_by_display_name(&self, folded: &str) -> Result<Vec<UserRow>, rusqlite::Error> {
        let mut statement = self.prepare(&format!(
            "SELECT {COLUMNS} FROM users WHERE directory_id = ?1 AND display_folded = ?2 AND status < 2 ORDER BY id"
        ))?;
        statement.query_map(params![self.key, folded], user)?.collect()
    }

    /// Present users one of whose SCIM e-mails has that folded value, oldest first.
    pub fn users_by_email(&self, folded: &str) -> Result<Vec<UserRow>, rusqlite::Error> {
        let mut statement = self.prepare(
            "SELECT u.id, u.status, u.visible, u.user_name, u.external_id, u.version, u.created_at, u.last_modified,
                    u.updated_at, u.view, u.extra, u.document, u.roles
             FROM user_emails e CROSS JOIN users u ON u.directory_id = e.directory_id AND u.id = e.user_id
             WHERE e.directory_id = ?1 AND e.email_folded = ?2 AND e.kind = 0 AND u.status < 2 ORDER BY e.user_id",
        )?;
        statement.query_map(params![self.key, folded], user)?.collect()
    }

    /// How many users the provider sees.
    pub fn count_users(&self) -> Result<usize, rusqlite::Error> {
        let mut statement = self.prepare(
            "SELECT (SELECT count(*) FROM users WHERE directory_id = ?1 AND status = 0)
                      + (SELECT count(*) FROM users WHERE directory_id = ?1 AND status = 1)",
        )?;
        statement.query_row([&self.key], |row| row.get::<_, i64>(0)).map(to_usize)
    }

    /// A page of present users, oldest first.
    pub fn users_page(&self, offset: usize, count: usize) -> Result<Vec<UserRow>, rusqlite::Error> {
        let mut statement = self.prepare(&format!(
            "SELECT {COLUMNS} FROM users WHERE directory_id = ?1 AND status < 2 ORDER BY id LIMIT ?2 OFFSET ?3"
        ))?;
        statement.query_map(params![self.key, to_i64(count), to_i64(offset)], user)?.collect()
    }

    /// A page of present users after one, oldest first: its cost doesn't grow with the distance.
    pub fn users_after(&self, after: Option<UserId>, count: usize) -> Result<Vec<UserRow>, rusqlite::Error> {
        let mut statement = self.prepare(&format!(
            "SELECT {COLUMNS} FROM users WHERE directory_id = ?1 AND id > ?2 AND status < 2 ORDER BY id LIMIT ?3"
        ))?;
        let after = after.map_or_else(String::new, UserId::ulid_text);
        statement.query_map(params![self.key, after, to_i64(count)], user)?.collect()
    }

    /// A page of users of one status after one, oldest first.
    pub fn users_with_status_after(
        &self,
        status: UserStatus,
        after: Option<UserId>,
        count: usize,
    ) -> Result<Vec<UserRow>, rusqlite::Error> {
        let mut statement = self.prepare(&format!(
            "SELECT {COLUMNS} FROM users WHERE directory_id = ?1 AND status = ?2 AND id > ?3 ORDER BY id LIMIT ?4"
        ))?;
        let after = after.map_or_else(String::new, UserId::ulid_text);
        statement.query_map(params![self.key, status.code(), after, to_i64(count)], user)?.collect()
    }

    /// Up to so many present users, newest first, until `visit` breaks off.
    pub fn scan_newest_users(
        &self,
        count: usize,
        mut visit: impl FnMut(UserRow) -> ControlFlow<()>,
    ) -> Result<(), rusqlite::Error> {
        let mut statement = self.prepare(&format!(
            "SELECT {COLUMNS} FROM users WHERE directory_id = ?1 AND status < 2 ORDER BY id DESC LIMIT ?2"
        ))?;
        let mut rows = statement.query(params![self.key, to_i64(count)])?;
        while let Some(row) = rows.next()? {
            if visit(user(row)?).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Every present user, oldest first, until `visit` breaks off.
    pub fn scan_users<E: From<rusqlite::Error>>(
        &self,
        mut visit: impl FnMut(UserRow) -> Result<ControlFlow<()>, E>,
    ) -> Result<(), E> {
        let mut statement = self.prepare(&format!(
            "SELECT {COLUMNS} FROM users WHERE directory_id = ?1 AND status < 2 ORDER BY id"
        ))?;
        let mut rows = statement.query([&self.key])?;
        while let Some(row) = rows.next()? {
            if visit(user(row)?)?.is_break() {
                break;
            }
        }
        Ok(())
    }
}

impl DirectoryTransaction<'_, '_> {
    /// Adds a user.
    pub fn insert_user(&mut self, row: &UserRow, lookups: &UserWrite) -> Result<(), rusqlite::Error> {
        self.prepare(
            "INSERT INTO users (directory_id, id, status, visible, user_name, user_name_folded, external_id,
                                display_folded, version, created_at, last_modified, updated_at, view, extra, document,
                                roles)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        )?
        .execute(params![
            self.view.key,
            row.id.ulid_text(),
            row.status.code(),
            row.visible,
            row.user_name,
            fold(&row.user_name),
            row.external_id,
            lookups.display_name.as_deref().map(fold),
            to_version(row.version),
            row.created_at.millis(),
            row.last_modified.millis(),
            row.updated_at.millis(),
            row.view,
            row.extra,
            row.document,
            roles_text(&row.roles),
        ])?;
        self.insert_emails(row.id, lookups)
    }

    /// Replaces a user's row.
    ///
    /// # Panics
    ///
    /// When there is no such user: the caller has just read it in this transaction.
    pub fn update_user(&mut self, row: &UserRow, lookups: &UserWrite) -> Result<(), rusqlite::Error> {
        let changed = self
            .prepare(
                "UPDATE users SET status = ?3, visible = ?4, user_name = ?5, user_name_folded = ?6, external_id = ?7,
                                  display_folded = ?8, version = ?9, created_at = ?10, last_modified = ?11,
                                  updated_at = ?12, view = ?13, extra = ?14, document = ?15, roles = ?16
                 WHERE directory_id = ?1 AND id = ?2",
            )?
            .execute(params![
                self.view.key,
                row.id.ulid_text(),
                row.status.code(),
                row.visible,
                row.user_name,
                fold(&row.user_name),
                row.external_id,
                lookups.display_name.as_deref().map(fold),
                to_version(row.version),
                row.created_at.millis(),
                row.last_modified.millis(),
                row.updated_at.millis(),
                row.view,
                row.extra,
                row.document,
                roles_text(&row.roles),
            ])?;
        assert!(changed == 1, "update of a user changed {changed} rows");
        self.insert_emails(row.id, lookups)
    }

    /// Forgets by which addresses a user is looked up; call it with those of the row before its update.
    pub fn delete_emails(&mut self, id: UserId, lookups: &UserWrite) -> Result<(), rusqlite::Error> {
        for (kind, email) in addresses(lookups) {
            self.prepare(
                "DELETE FROM user_emails
                 WHERE directory_id = ?1 AND email_folded = ?2 AND kind = ?3 AND user_id = ?4",
            )?
            .execute(params![self.view.key, fold(email), kind, id.ulid_text()])?;
        }
        Ok(())
    }

    /// Notes that what the app sees of a user changed now, by its memberships.
    pub fn touch_user(&mut self, id: UserId, updated_at: Timestamp) -> Result<(), rusqlite::Error> {
        self.prepare("UPDATE users SET updated_at = ?3 WHERE directory_id = ?1 AND id = ?2")?
            .execute(params![self.view.key, id.ulid_text(), updated_at.millis()])
            .map(|_| ())
    }

    /// Gives a user other roles.
    pub fn set_user_roles(
        &mut self,
        id: UserId,
        roles: &[String],
        updated_at: Timestamp,
    ) -> Result<(), rusqlite::Error> {
        self.prepare("UPDATE users SET roles = ?3, updated_at = ?4 WHERE directory_id = ?1 AND id = ?2")?
            .execute(params![self.view.key, id.ulid_text(), roles_text(roles), updated_at.millis()])
            .map(|_| ())
    }

    /// Shows a user to the app, or hides it.
    pub fn set_user_visible(&mut self, id: UserId, visible: bool) -> Result<(), rusqlite::Error> {
        self.prepare("UPDATE users SET visible = ?3 WHERE directory_id = ?1 AND id = ?2")?
            .execute(params![self.view.key, id.ulid_text(), visible])
            .map(|_| ())
    }

    /// The same for all users who are direct members of a group.
    pub fn touch_users_of(&mut self, group: GroupId, updated_at: Timestamp) -> Result<(), rusqlite::Error> {
        self.prepare(
            "UPDATE users SET updated_at = max(updated_at, ?3) WHERE directory_id = ?1 AND id IN
                 (SELECT member_id FROM members WHERE directory_id = ?1 AND group_id = ?2 AND kind = 0)",
        )?
        .execute(params![self.view.key, group.ulid_text(), updated_at.millis()])
        .map(|_| ())
    }

    fn insert_emails(&mut self, id: UserId, lookups: &UserWrite) -> Result<(), rusqlite::Error> {
        for (kind, email) in addresses(lookups) {
            self.prepare(
                "INSERT OR IGNORE INTO user_emails (directory_id, email_folded, kind, user_id)
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![self.view.key, fold(email), kind, id.ulid_text()])?;
        }
        Ok(())
    }
}

fn addresses(lookups: &UserWrite) -> impl Iterator<Item = (i64, &str)> {
    let scim = lookups.emails.iter().map(|email| (0, email.as_str()));
    scim.chain(lookups.app_email.iter().map(|email| (1, email.as_str())))
}

pub(super) fn to_i64(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(super) fn to_usize(count: i64) -> usize {
    usize::try_from(count).unwrap_or(0)
}

pub(super) fn to_version(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}
