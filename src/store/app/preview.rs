//! What is wrong with what a dry run has gathered.

use rusqlite::params;

use crate::base::id::{DirectoryId, GroupId, UserId};
use crate::model::preview::{PreviewProblem, PreviewProblemKind};

use super::super::rows::id_at;
use super::AppView;

/// Examples that are given of each problem.
const EXAMPLES: i64 = 5;

impl AppView<'_> {
    /// How many memberships the app would be told of.
    pub fn count_memberships(&self, directory: DirectoryId) -> Result<u64, rusqlite::Error> {
        self.count(
            "SELECT count(*) FROM members m CROSS JOIN users u ON u.directory_id = m.directory_id AND u.id = m.member_id
             WHERE m.directory_id = ?1 AND m.kind = 0 AND u.visible = 1 AND u.status < 2",
            directory,
        )
    }

    /// Users that the app would see without an address.
    pub fn users_without_email(&self, directory: DirectoryId) -> Result<PreviewProblem, rusqlite::Error> {
        const FROM: &str = "FROM users WHERE directory_id = ?1 AND visible = 1 AND status < 2 AND id NOT IN
                                (SELECT user_id FROM user_emails WHERE directory_id = ?1 AND kind = 1)";
        let examples: Vec<UserId> = self
            .prepare(&format!("SELECT id {FROM} ORDER BY id LIMIT {EXAMPLES}"))?
            .query_map([directory.ulid_text()], |row| id_at(row, 0))?
            .collect::<Result<_, _>>()?;
        Ok(PreviewProblem {
            kind: PreviewProblemKind::UsersWithoutEmail,
            count: self.count(&format!("SELECT count(*) {FROM}"), directory)?,
            examples: examples.iter().map(UserId::to_string).collect(),
        })
    }

    /// Users that the app would see with an address that another one has too.
    pub fn users_with_shared_email(&self, directory: DirectoryId) -> Result<PreviewProblem, rusqlite::Error> {
        const FROM: &str = "FROM user_emails WHERE directory_id = ?1 AND kind = 1 AND email_folded IN
                                (SELECT email_folded FROM user_emails WHERE directory_id = ?1 AND kind = 1
                                 GROUP BY email_folded HAVING 1 < count(*))";
        let examples: Vec<UserId> = self
            .prepare(&format!("SELECT user_id {FROM} ORDER BY email_folded, user_id LIMIT {EXAMPLES}"))?
            .query_map([directory.ulid_text()], |row| id_at(row, 0))?
            .collect::<Result<_, _>>()?;
        Ok(PreviewProblem {
            kind: PreviewProblemKind::DuplicateEmails,
            count: self.count(&format!("SELECT count(*) {FROM}"), directory)?,
            examples: examples.iter().map(UserId::to_string).collect(),
        })
    }

    /// Groups that name members who are not there.
    pub fn groups_with_pending_members(
        &self,
        directory: DirectoryId,
    ) -> Result<PreviewProblem, rusqlite::Error> {
        let examples: Vec<GroupId> = self
            .prepare(
                "SELECT DISTINCT group_id FROM pending_members WHERE directory_id = ?1 ORDER BY 1 LIMIT ?2",
            )?
            .query_map(params![directory.ulid_text(), EXAMPLES], |row| id_at(row, 0))?
            .collect::<Result<_, _>>()?;
        Ok(PreviewProblem {
            kind: PreviewProblemKind::PendingMembers,
            count: self.count_pending_members(directory)?,
            examples: examples.iter().map(GroupId::to_string).collect(),
        })
    }
}
