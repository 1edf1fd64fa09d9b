//! Users of one directory whose deprovisioning is held back: their rows and memberships as the app
//! last saw them.

use std::ops::ControlFlow;

use rusqlite::{OptionalExtension, Row, params};

use crate::base::id::{GroupId, RequestId, UserId};
use crate::base::time::Timestamp;
use crate::model::event::Cause;

use super::super::rows::{id_at, optional_id_at, optional_time_at, time_at, word_at};
use super::users::{COLUMNS, COLUMNS_COUNT, UserRow, to_i64, user};
use super::{DirectoryTransaction, DirectoryView};

/// A held user.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldRow {
    /// As the app sees it.
    pub user: UserRow,
    pub held_at: Timestamp,
    /// What the provider did last to its access.
    pub cause: Cause,
    pub request_id: Option<RequestId>,
    /// Someone said that the app shall go on seeing it so.
    pub denied_at: Option<Timestamp>,
}

/// The columns behind those of a user.
pub(in crate::store) const HELD_COLUMNS: &str = "held_at, cause, request_id, denied_at";
const HELD_FROM: usize = COLUMNS_COUNT;

pub(in crate::store) fn held(row: &Row<'_>) -> Result<HeldRow, rusqlite::Error> {
    Ok(HeldRow {
        user: user(row)?,
        held_at: time_at(row, HELD_FROM)?,
        cause: word_at(row, HELD_FROM + 1, Cause::from_name)?,
        request_id: optional_id_at(row, HELD_FROM + 2)?,
        denied_at: optional_time_at(row, HELD_FROM + 3)?,
    })
}

/// Which of the held users are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// Those that nobody has decided about.
    Undecided,
    /// Those who were denied.
    Denied,
}

impl DirectoryView<'_> {
    pub fn held_user(&self, id: UserId) -> Result<Option<HeldRow>, rusqlite::Error> {
        self.prepare(&format!(
            "SELECT {COLUMNS}, {HELD_COLUMNS} FROM held_users WHERE directory_id = ?1 AND id = ?2"
        ))?
        .query_row(params![self.key, id.ulid_text()], held)
        .optional()
    }

    pub fn is_held(&self, id: UserId) -> Result<bool, rusqlite::Error> {
        self.prepare("SELECT 1 FROM held_users WHERE directory_id = ?1 AND id = ?2")?
            .exists(params![self.key, id.ulid_text()])
    }

    /// Whether anybody waits for a decision.
    pub fn has_undecided(&self) -> Result<bool, rusqlite::Error> {
        self.prepare("SELECT 1 FROM held_users WHERE directory_id = ?1 AND denied_at IS NULL")?
            .exists([&self.key])
    }

    pub fn count_held(&self, which: Waiting) -> Result<u64, rusqlite::Error> {
        let sql = match which {
            Waiting::Undecided => {
                "SELECT count(*) FROM held_users WHERE directory_id = ?1 AND denied_at IS NULL"
            }
            Waiting::Denied => {
                "SELECT count(*) FROM held_users WHERE directory_id = ?1 AND denied_at IS NOT NULL"
            }
        };
        self.prepare(sql)?.query_row([&self.key], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs)
    }

    /// The first of those that nobody has decided about, in the order in which they were held.
    pub fn undecided(&self, count: usize) -> Result<Vec<HeldRow>, rusqlite::Error> {
        self.prepare(&format!(
            "SELECT {COLUMNS}, {HELD_COLUMNS} FROM held_users
             WHERE directory_id = ?1 AND denied_at IS NULL ORDER BY position LIMIT ?2"
        ))?
        .query_map(params![self.key, to_i64(count)], held)?
        .collect()
    }

    /// Every held user, until `visit` breaks off.
    pub fn scan_held<E: From<rusqlite::Error>>(
        &self,
        mut visit: impl FnMut(HeldRow) -> Result<ControlFlow<()>, E>,
    ) -> Result<(), E> {
        let sql = format!(
            "SELECT {COLUMNS}, {HELD_COLUMNS} FROM held_users WHERE directory_id = ?1 ORDER BY position"
        );
        let mut statement = self.prepare(&sql)?;
        let mut rows = statement.query([&self.key])?;
        while let Some(row) = rows.next()? {
            if visit(held(row)?)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// The groups that a held user was a direct member of when the app last saw it; those that are
    /// gone meanwhile are left out.
    pub fn held_groups(&self, id: UserId) -> Result<Vec<GroupId>, rusqlite::Error> {
        self.prepare(
            "SELECT group_id FROM held_members WHERE directory_id = ?1 AND user_id = ?2 ORDER BY group_id",
        )?
        .query_map(params![self.key, id.ulid_text()], |row| id_at(row, 0))?
        .collect()
    }
}

impl DirectoryTransaction<'_, '_> {
    /// Keeps a user's row and memberships as they are: call it before they change.
    pub fn freeze_user(
        &mut self,
        id: UserId,
        app_email_folded: Option<&str>,
        cause: Cause,
        request: Option<RequestId>,
    ) -> Result<(), rusqlite::Error> {
        let frozen = self
            .prepare(&format!(
                "INSERT INTO held_users (directory_id, {COLUMNS}, app_email_folded, held_at, cause, request_id)
                 SELECT directory_id, {COLUMNS}, ?3, ?4, ?5, ?6 FROM users WHERE directory_id = ?1 AND id = ?2"
            ))?
            .execute(params![
                self.view.key,
                id.ulid_text(),
                app_email_folded,
                self.now().millis(),
                cause.name(),
                request.map(RequestId::ulid_text),
            ])?;
        assert!(frozen == 1, "freezing a user kept {frozen} rows");
        self.prepare(
            "INSERT INTO held_members (directory_id, user_id, group_id)
             SELECT directory_id, member_id, group_id FROM members INDEXED BY members_by_member
             WHERE directory_id = ?1 AND member_id = ?2 AND kind = 0",
        )?
        .execute(params![self.view.key, id.ulid_text()])
        .map(|_| ())
    }

    /// Notes what the provider did to a held user since.
    pub fn note_held(
        &mut self,
        id: UserId,
        cause: Cause,
        request: Option<RequestId>,
    ) -> Result<(), rusqlite::Error> {
        self.prepare("UPDATE held_users SET cause = ?3, request_id = ?4 WHERE directory_id = ?1 AND id = ?2")?
            .execute(params![self.view.key, id.ulid_text(), cause.name(), request.map(RequestId::ulid_text)])
            .map(|_| ())
    }

    /// Ends a hold; the user is seen as its own row says.
    pub fn thaw_user(&mut self, id: UserId) -> Result<(), rusqlite::Error> {
        let key = params![self.view.key, id.ulid_text()];
        self.prepare("DELETE FROM held_members WHERE directory_id = ?1 AND user_id = ?2")?.execute(key)?;
        self.prepare("DELETE FROM held_users WHERE directory_id = ?1 AND id = ?2")?.execute(key).map(|_| ())
    }

    /// Notes that a hold was denied.
    pub fn deny_held(&mut self, id: UserId) -> Result<(), rusqlite::Error> {
        self.prepare(
            "UPDATE held_users SET denied_at = ?3 WHERE directory_id = ?1 AND id = ?2 AND denied_at IS NULL",
        )?
        .execute(params![self.view.key, id.ulid_text(), self.now().millis()])
        .map(|_| ())
    }

    /// A group is gone: held users were its members no more.
    pub fn forget_held_group(&mut self, group: GroupId) -> Result<(), rusqlite::Error> {
        self.prepare(
            "UPDATE held_users SET updated_at = max(updated_at, ?3) WHERE directory_id = ?1 AND id IN
                 (SELECT user_id FROM held_members WHERE directory_id = ?1 AND group_id = ?2)",
        )?
        .execute(params![self.view.key, group.ulid_text(), self.now().millis()])?;
        self.prepare("DELETE FROM held_members WHERE directory_id = ?1 AND group_id = ?2")?
            .execute(params![self.view.key, group.ulid_text()])
            .map(|_| ())
    }
}
