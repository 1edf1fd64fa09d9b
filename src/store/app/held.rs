//! Held users as the app sees them: frozen, beside those whose own row says what the app sees.
//!
//! Normally nobody is held, and every read of the app asks for that first, by an index.

use rusqlite::{Connection, OptionalExtension, params};

use crate::base::id::{DirectoryId, GroupId, UserId};
use crate::base::text::fold;
use crate::model::page::{Page, PageRequest};

use super::super::directory::HeldRow;
use super::super::directory::held::{HELD_COLUMNS, held};
use super::super::directory::users::{COLUMNS, COLUMNS_COUNT};
use super::super::rows::id_at;
use super::AppView;
use super::select::Select;

/// What stands for the table of users where somebody is held: those whose own rows the app sees,
/// and the frozen ones.
pub(super) fn users_seen() -> String {
    format!(
        "(SELECT {COLUMNS}, directory_id FROM users WHERE visible = 1 AND status < 2
          UNION ALL SELECT {COLUMNS}, directory_id FROM held_users) AS users"
    )
}

/// The same, with the group of each membership.
pub(super) fn members_seen() -> String {
    let of = |alias: &str| {
        let columns: Vec<String> =
            COLUMNS.split(',').map(|name| format!("{alias}.{}", name.trim())).collect();
        columns.join(", ")
    };
    format!(
        "(SELECT {}, u.directory_id, m.group_id FROM members m
              CROSS JOIN users u ON u.directory_id = m.directory_id AND u.id = m.member_id
              WHERE m.kind = 0 AND u.visible = 1 AND u.status < 2
          UNION ALL SELECT {}, h.directory_id, f.group_id FROM held_members f
              CROSS JOIN held_users h ON h.directory_id = f.directory_id AND h.id = f.user_id) AS users",
        of("u"),
        of("h")
    )
}

/// Whether anybody is held, in a directory or anywhere.
pub(super) fn is_anybody_held(
    connection: &Connection,
    directory: Option<DirectoryId>,
) -> Result<bool, rusqlite::Error> {
    match directory {
        Some(id) => connection
            .prepare_cached("SELECT 1 FROM held_users WHERE directory_id = ?1")?
            .exists([id.ulid_text()]),
        None => connection.prepare_cached("SELECT 1 FROM held_users")?.exists([]),
    }
}

impl AppView<'_> {
    /// A held user and its directory.
    pub fn held_user(&self, id: UserId) -> Result<Option<(DirectoryId, HeldRow)>, rusqlite::Error> {
        self.prepare(&format!(
            "SELECT {COLUMNS}, {HELD_COLUMNS}, directory_id FROM held_users WHERE id = ?1"
        ))?
        .query_row([id.ulid_text()], |row| Ok((id_at(row, COLUMNS_COUNT + 4)?, held(row)?)))
        .optional()
    }

    /// Held users of a directory whom the app knows by that address, in any case.
    pub fn held_by_app_email(
        &self,
        directory: DirectoryId,
        email: &str,
    ) -> Result<Vec<HeldRow>, rusqlite::Error> {
        self.prepare(&format!(
            "SELECT {COLUMNS}, {HELD_COLUMNS} FROM held_users WHERE directory_id = ?1 AND app_email_folded = ?2 ORDER BY id"
        ))?
        .query_map(params![directory.ulid_text(), fold(email)], held)?
        .collect()
    }

    /// Held users of a directory whom the app knows by that idp_id.
    pub fn held_by_idp_id(
        &self,
        directory: DirectoryId,
        idp_id: &str,
    ) -> Result<Vec<HeldRow>, rusqlite::Error> {
        let own = idp_id.parse::<UserId>().map_or_else(|_| String::new(), UserId::ulid_text);
        self.prepare(&format!(
            "SELECT {COLUMNS}, {HELD_COLUMNS} FROM held_users
             WHERE directory_id = ?1 AND (external_id = ?2 OR (id = ?3 AND external_id IS NULL)) ORDER BY id"
        ))?
        .query_map(params![directory.ulid_text(), idp_id, own], held)?
        .collect()
    }

    /// A page of a directory's held users, by id.
    pub fn held_users(
        &self,
        directory: DirectoryId,
        page: &PageRequest,
    ) -> Result<Page<HeldRow>, rusqlite::Error> {
        Select::new(&format!("SELECT {COLUMNS}, {HELD_COLUMNS} FROM held_users"))
            .and("directory_id = ?", [directory.ulid_text().into()])
            .page(self.connection, "id", page, held)
    }

    /// How many members of a group the app sees where somebody is held.
    pub(super) fn count_members_seen(
        &self,
        directory: DirectoryId,
        group: GroupId,
    ) -> Result<u64, rusqlite::Error> {
        self.prepare(&format!(
            "SELECT count(*) FROM {} WHERE directory_id = ?1 AND group_id = ?2",
            members_seen()
        ))?
        .query_row(params![directory.ulid_text(), group.ulid_text()], |row| row.get::<_, i64>(0))
        .map(i64::unsigned_abs)
    }
}
