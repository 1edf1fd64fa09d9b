//! Groups as the app sees them, across directories.

use rusqlite::{OptionalExtension, params};

use crate::base::id::{DirectoryId, GroupId, UserId};
use crate::model::page::{Page, PageRequest};

use super::super::directory::GroupRow;
use super::super::directory::groups::{COLUMNS, group};
use super::super::rows::id_at;
use super::AppView;
use super::held::is_anybody_held;
use super::select::Select;

/// Which groups are listed. Those of a directory in a dry run are there only when it is named, or
/// a user of it.
#[derive(Debug, Clone, Default)]
pub struct GroupFilter {
    pub directory: Option<DirectoryId>,
    /// The user's directory and the user, of whose direct groups is asked.
    pub user: Option<(DirectoryId, UserId)>,
    /// Part of the name, folded.
    pub search: Option<String>,
}

/// Which members are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// All users: where the app sees all of them, this is the same and costs less.
    All,
    /// Those that the app sees.
    Visible,
}

impl AppView<'_> {
    /// A group, and its directory.
    pub fn app_group(&self, id: GroupId) -> Result<Option<(DirectoryId, GroupRow)>, rusqlite::Error> {
        self.prepare(&format!("SELECT {COLUMNS}, directory_id FROM groups WHERE id = ?1"))?
            .query_row([id.ulid_text()], |row| Ok((id_at(row, 9)?, group(row)?)))
            .optional()
    }

    pub fn app_groups(
        &self,
        filter: &GroupFilter,
        page: &PageRequest,
    ) -> Result<Page<(DirectoryId, GroupRow)>, rusqlite::Error> {
        let mut select = Select::new(&format!("SELECT {COLUMNS}, directory_id FROM groups"));
        if let Some((directory, user)) = filter.user {
            let condition = match self.directory_view(directory).is_held(user)? {
                true => "id IN (SELECT group_id FROM held_members WHERE directory_id = ? AND user_id = ?)",
                false => {
                    "id IN (SELECT group_id FROM members INDEXED BY members_by_member WHERE directory_id = ? AND member_id = ? AND kind = 0)"
                }
            };
            select = select
                .and("directory_id = ?", [directory.ulid_text().into()])
                .and(condition, [directory.ulid_text().into(), user.ulid_text().into()]);
        }
        if filter.directory.is_none() && filter.user.is_none() {
            // A directory in a dry run is not told of. The plus keeps the order by id.
            select = select.and("+directory_id IN (SELECT directory_id FROM sequences)", []);
        }
        select = select.and_if("directory_id = ?", filter.directory.map(DirectoryId::ulid_text));
        let read = |row: &rusqlite::Row<'_>| Ok((id_at(row, 9)?, group(row)?));
        select.page_where(self.connection, "id", page, read, |(_, row)| {
            super::contains(&row.display_name, filter.search.as_deref())
        })
    }

    /// The groups that a user is a direct member of, oldest first.
    pub fn groups_of_user(
        &self,
        directory: DirectoryId,
        user: UserId,
    ) -> Result<Vec<GroupRow>, rusqlite::Error> {
        let member_of = match self.directory_view(directory).is_held(user)? {
            true => "SELECT group_id FROM held_members WHERE directory_id = ?1 AND user_id = ?2",
            false => {
                "SELECT group_id FROM members INDEXED BY members_by_member WHERE directory_id = ?1 AND member_id = ?2 AND kind = 0"
            }
        };
        self.prepare(&format!(
            "SELECT {COLUMNS} FROM groups WHERE directory_id = ?1 AND id IN ({member_of}) ORDER BY id"
        ))?
        .query_map(params![directory.ulid_text(), user.ulid_text()], group)?
        .collect()
    }

    /// How many users are direct members of a group.
    pub fn count_app_members(
        &self,
        directory: DirectoryId,
        group: GroupId,
        counted: Counted,
    ) -> Result<u64, rusqlite::Error> {
        if is_anybody_held(self.connection, Some(directory))? {
            return self.count_members_seen(directory, group);
        }
        let sql = match counted {
            Counted::All => {
                "SELECT count(*) FROM members WHERE directory_id = ?1 AND group_id = ?2 AND kind = 0"
            }
            Counted::Visible => {
                "SELECT count(*) FROM members m JOIN users u ON u.directory_id = m.directory_id AND u.id = m.member_id
                 WHERE m.directory_id = ?1 AND m.group_id = ?2 AND m.kind = 0 AND u.visible = 1 AND u.status < 2"
            }
        };
        self.prepare(sql)?
            .query_row(params![directory.ulid_text(), group.ulid_text()], |row| row.get::<_, i64>(0))
            .map(i64::unsigned_abs)
    }
}
