//! Members of groups, one row each, and member values that name nobody present.

use std::collections::HashSet;

use rusqlite::{OptionalExtension, Row, params};
use ulid::Ulid;

use crate::base::id::{GroupId, UserId};
use crate::base::limits;

use super::super::rows::id_at;
use super::groups::{COLUMNS, GroupRow, group};
use super::users::to_usize;
use super::{DirectoryTransaction, DirectoryView};

/// A present member of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Member {
    User(UserId),
    Group(GroupId),
}

impl Member {
    /// Reads the value under which a request names a member; None when it is no id of ours.
    pub fn from_value(value: &str) -> Option<Self> {
        let user = value.parse().map(Self::User);
        user.or_else(|_| value.parse().map(Self::Group)).ok()
    }

    /// The same for a value whose case a filter has folded.
    pub fn from_value_in_any_case(value: &str) -> Option<Self> {
        let (prefix, ulid) = value.rsplit_once('_')?;
        Self::from_value(&format!("{}_{}", prefix.to_ascii_lowercase(), ulid.to_ascii_uppercase()))
    }

    fn ulid(self) -> Ulid {
        match self {
            Self::User(id) => id.ulid(),
            Self::Group(id) => id.ulid(),
        }
    }

    fn kind(self) -> i64 {
        match self {
            Self::User(_) => 0,
            Self::Group(_) => 1,
        }
    }
}

impl std::fmt::Display for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::User(id) => id.fmt(f),
            Self::Group(id) => id.fmt(f),
        }
    }
}

fn member(row: &Row<'_>) -> Result<Member, rusqlite::Error> {
    match row.get::<_, i64>(1)? {
        0 => id_at(row, 0).map(Member::User),
        _ => id_at(row, 0).map(Member::Group),
    }
}

impl DirectoryView<'_> {
    /// All members of a group, by id.
    pub fn members(&self, group: GroupId) -> Result<Vec<Member>, rusqlite::Error> {
        let mut statement = self.prepare(
            "SELECT member_id, kind FROM members WHERE directory_id = ?1 AND group_id = ?2 ORDER BY member_id",
        )?;
        statement.query_map(params![self.key, group.ulid_text()], member)?.collect()
    }

    pub fn is_member(&self, group: GroupId, of: Member) -> Result<bool, rusqlite::Error> {
        let mut statement = self.prepare(
            "SELECT 1 FROM members WHERE directory_id = ?1 AND group_id = ?2 AND member_id = ?3 AND kind = ?4",
        )?;
        statement.exists(params![self.key, group.ulid_text(), of.ulid().to_string(), of.kind()])
    }

    pub fn count_members(&self, group: GroupId) -> Result<usize, rusqlite::Error> {
        let mut statement = self.prepare("SELECT count(*) FROM members WHERE directory_id = ?1 AND group_id = ?2")?;
        statement.query_row(params![self.key, group.ulid_text()], |row| row.get(0)).map(to_usize)
    }

    /// The groups that somebody is a direct member of, with their names, oldest first.
    pub fn groups_of(&self, of: Member) -> Result<Vec<(GroupId, String)>, rusqlite::Error> {
        let mut statement = self.prepare(
            "SELECT g.id, g.display_name
             FROM members m INDEXED BY members_by_member
                  CROSS JOIN groups g ON g.directory_id = m.directory_id AND g.id = m.group_id
             WHERE m.directory_id = ?1 AND m.member_id = ?2 AND m.kind = ?3 ORDER BY m.group_id",
        )?;
        let key = params![self.key, of.ulid().to_string(), of.kind()];
        statement.query_map(key, |row| Ok((id_at(row, 0)?, row.get(1)?)))?.collect()
    }

    /// The groups that somebody is a direct member of, or waits in, whole; oldest first.
    pub fn group_rows_of(&self, of: Member) -> Result<Vec<GroupRow>, rusqlite::Error> {
        let mut statement = self.prepare(&format!(
            "SELECT {COLUMNS} FROM groups WHERE directory_id = ?1 AND id IN
                 (SELECT group_id FROM members INDEXED BY members_by_member
                  WHERE directory_id = ?1 AND member_id = ?2 AND kind = ?3
                  UNION SELECT group_id FROM pending_members WHERE directory_id = ?1 AND value = ?4)
             ORDER BY id"
        ))?;
        let key = params![self.key, of.ulid().to_string(), of.kind(), of.to_string()];
        statement.query_map(key, group)?.collect()
    }

    /// The groups that a user is in through nested groups alone, with their names. Circles end,
    /// and nesting is followed to [`limits::GROUP_NESTING_MAX`].
    pub fn indirect_groups_of(
        &self,
        direct: &[(GroupId, String)],
    ) -> Result<Vec<(GroupId, String)>, rusqlite::Error> {
        let mut seen: HashSet<GroupId> = direct.iter().map(|(id, _)| *id).collect();
        let mut level: Vec<GroupId> = direct.iter().map(|(id, _)| *id).collect();
        let mut indirect = Vec::new();
        for _ in 0..limits::GROUP_NESTING_MAX {
            let mut next = Vec::new();
            for id in level {
                for (parent, name) in self.groups_of(Member::Group(id))? {
                    if seen.insert(parent) {
                        next.push(parent);
                        indirect.push((parent, name));
                    }
                }
            }
            if next.is_empty() {
                break;
            }
            level = next;
        }
        Ok(indirect)
    }

    /// Whether a value waits in a group for its user to come.
    pub fn is_pending(&self, group: GroupId, value: &str) -> Result<bool, rusqlite::Error> {
        let mut statement =
            self.prepare("SELECT 1 FROM pending_members WHERE directory_id = ?1 AND group_id = ?2 AND value = ?3")?;
        statement.exists(params![self.key, group.ulid_text(), value])
    }

    /// How many values wait in a group.
    pub fn count_pending(&self, group: GroupId) -> Result<usize, rusqlite::Error> {
        let mut statement =
            self.prepare("SELECT count(*) FROM pending_members WHERE directory_id = ?1 AND group_id = ?2")?;
        statement.query_row(params![self.key, group.ulid_text()], |row| row.get(0)).map(to_usize)
    }

    /// Values that wait in a group.
    pub fn pending_members(&self, group: GroupId) -> Result<Vec<String>, rusqlite::Error> {
        let mut statement = self
            .prepare("SELECT value FROM pending_members WHERE directory_id = ?1 AND group_id = ?2 ORDER BY value")?;
        statement.query_map(params![self.key, group.ulid_text()], |row| row.get(0))?.collect()
    }

    /// Groups in which a value waits.
    pub fn groups_awaiting(&self, value: &str) -> Result<Vec<GroupId>, rusqlite::Error> {
        let mut statement = self
            .prepare("SELECT group_id FROM pending_members WHERE directory_id = ?1 AND value = ?2 ORDER BY group_id")?;
        statement.query_map(params![self.key, value], |row| id_at(row, 0))?.collect()
    }

    /// Which present user or group a member value names.
    pub fn resolve_member(&self, value: &str) -> Result<Option<Member>, rusqlite::Error> {
        let Some(named) = Member::from_value(value) else { return Ok(None) };
        let sql = match named {
            Member::User(_) => "SELECT 1 FROM users WHERE directory_id = ?1 AND id = ?2 AND status < 2",
            Member::Group(_) => "SELECT 1 FROM groups WHERE directory_id = ?1 AND id = ?2",
        };
        let found = self
            .prepare(sql)?
            .query_row(params![self.key, named.ulid().to_string()], |_| Ok(()))
            .optional()?;
        Ok(found.map(|()| named))
    }
}

impl DirectoryTransaction<'_, '_> {
    pub fn add_member(&mut self, group: GroupId, member: Member) -> Result<(), rusqlite::Error> {
        self.prepare("INSERT INTO members (directory_id, group_id, member_id, kind) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![self.view.key, group.ulid_text(), member.ulid().to_string(), member.kind()])
            .map(|_| ())
    }

    pub fn remove_member(&mut self, group: GroupId, member: Member) -> Result<(), rusqlite::Error> {
        self.prepare("DELETE FROM members WHERE directory_id = ?1 AND group_id = ?2 AND member_id = ?3 AND kind = ?4")?
            .execute(params![self.view.key, group.ulid_text(), member.ulid().to_string(), member.kind()])
            .map(|_| ())
    }

    /// Removes all members of a group, waiting ones too.
    pub fn clear_members(&mut self, group: GroupId) -> Result<(), rusqlite::Error> {
        self.prepare("DELETE FROM members WHERE directory_id = ?1 AND group_id = ?2")?
            .execute(params![self.view.key, group.ulid_text()])?;
        self.prepare("DELETE FROM pending_members WHERE directory_id = ?1 AND group_id = ?2")?
            .execute(params![self.view.key, group.ulid_text()])
            .map(|_| ())
    }

    pub fn add_pending(&mut self, group: GroupId, value: &str) -> Result<(), rusqlite::Error> {
        self.prepare("INSERT OR IGNORE INTO pending_members (directory_id, group_id, value) VALUES (?1, ?2, ?3)")?
            .execute(params![self.view.key, group.ulid_text(), value])
            .map(|_| ())
    }

    pub fn remove_pending(&mut self, group: GroupId, value: &str) -> Result<(), rusqlite::Error> {
        self.prepare("DELETE FROM pending_members WHERE directory_id = ?1 AND group_id = ?2 AND value = ?3")?
            .execute(params![self.view.key, group.ulid_text(), value])
            .map(|_| ())
    }

    /// Ends every wait for a value: it never comes again.
    pub fn forget_pending(&mut self, value: &str) -> Result<(), rusqlite::Error> {
        self.prepare("DELETE FROM pending_members WHERE directory_id = ?1 AND value = ?2")?
            .execute(params![self.view.key, value])
            .map(|_| ())
    }
}
