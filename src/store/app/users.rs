//! Users as the app sees them, across directories.

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, params};

use crate::base::id::{DirectoryId, GroupId, UserId};
use crate::base::text::fold;
use crate::base::time::Timestamp;
use crate::model::directory_user::UserState;
use crate::model::page::{Page, PageRequest};

use super::super::directory::UserRow;
use super::super::directory::users::{COLUMNS, COLUMNS_COUNT, user};
use super::super::rows::id_at;
use super::AppView;
use super::held::{is_anybody_held, members_seen, users_seen};
use super::select::Select;

/// Which users are listed. Those of a directory in a dry run are there only when it is named, or
/// a group of it.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    pub directory: Option<DirectoryId>,
    /// The group's directory and the group.
    pub group: Option<(DirectoryId, GroupId)>,
    /// Within the directory, which must be named.
    pub idp_id: Option<String>,
    /// Within the directory, which must be named: the address that the app sees, in any case.
    pub email: Option<String>,
    pub state: Option<UserState>,
    pub updated_after: Option<Timestamp>,
}

impl AppView<'_> {
    /// A user that the app sees, and its directory.
    pub fn app_user(&self, id: UserId) -> Result<Option<(DirectoryId, UserRow)>, rusqlite::Error> {
        let own = self
            .prepare(&format!(
                "SELECT {COLUMNS}, directory_id FROM users WHERE id = ?1 AND visible = 1 AND status < 2"
            ))?
            .query_row([id.ulid_text()], |row| Ok((id_at(row, COLUMNS_COUNT)?, user(row)?)))
            .optional()?;
        match own {
            Some(own) => Ok(Some(own)),
            None => Ok(self.held_user(id)?.map(|(directory, held)| (directory, held.user))),
        }
    }

    /// Users that the app sees, of which `is_wanted` says yes.
    pub fn app_users(
        &self,
        filter: &UserFilter,
        page: &PageRequest,
        mut is_wanted: impl FnMut(&UserRow) -> bool,
    ) -> Result<Page<(DirectoryId, UserRow)>, rusqlite::Error> {
        let directory = filter.directory.or(filter.group.map(|(directory, _)| directory));
        let has_held = is_anybody_held(self.connection, directory)?;
        // From a group one goes through its members, which are kept in the order of their ids.
        let mut select = match filter.group {
            None if has_held => Select::new(&format!("SELECT {COLUMNS}, directory_id FROM {}", users_seen())),
            Some((directory, group)) if has_held => {
                Select::new(&format!("SELECT {COLUMNS}, directory_id FROM {}", members_seen())).and(
                    "directory_id = ? AND group_id = ?",
                    [directory.ulid_text().into(), group.ulid_text().into()],
                )
            }
            None => Select::new(&format!("SELECT {COLUMNS}, directory_id FROM users")),
            Some((directory, group)) => Select::new(&format!(
                "SELECT {COLUMNS}, users.directory_id FROM members CROSS JOIN users
                     ON users.directory_id = members.directory_id AND users.id = members.member_id"
            ))
            .and(
                "members.directory_id = ? AND members.group_id = ? AND members.kind = 0",
                [directory.ulid_text().into(), group.ulid_text().into()],
            ),
        };
        let id_column = if filter.group.is_some() && !has_held { "members.member_id" } else { "id" };
        if filter.directory.is_none() && filter.group.is_none() {
            // A directory in a dry run is not told of. The plus keeps the order by id.
            select = select.and("+directory_id IN (SELECT directory_id FROM sequences)", []);
        }
        select = select
            // Written out, so that the partial indexes are found.
            .and(
                match filter.state {
                    None => "visible = 1 AND status < 2",
                    Some(UserState::Active) => "visible = 1 AND status = 0",
                    Some(UserState::Inactive) => "visible = 1 AND status = 1",
                },
                [],
            )
            .and_if("users.directory_id = ?", filter.directory.map(DirectoryId::ulid_text))
            .and_if("updated_at > ?", filter.updated_after.map(Timestamp::millis));
        let directory = filter.directory.map_or(Value::Null, |id| id.ulid_text().into());
        if let Some(email) = &filter.email {
            select = match has_held {
                false => select.and(
                    "id IN (SELECT user_id FROM user_emails WHERE directory_id = ? AND email_folded = ? AND kind = 1)",
                    [directory.clone(), fold(email).into()],
                ),
                // What the app knows of a held user is not what is looked up by.
                true => select.and(
                    "id IN (SELECT user_id FROM user_emails WHERE directory_id = ? AND email_folded = ? AND kind = 1
                                AND user_id NOT IN (SELECT id FROM held_users)
                            UNION ALL SELECT id FROM held_users WHERE directory_id = ? AND app_email_folded = ?)",
                    [directory.clone(), fold(email).into(), directory.clone(), fold(email).into()],
                ),
            };
        }
        if let Some(idp_id) = &filter.idp_id {
            let own = idp_id.parse::<UserId>().map_or(Value::Null, |id| id.ulid_text().into());
            select = match has_held {
                true => select.and(
                    "(external_id = ? OR (id = ? AND external_id IS NULL))",
                    [idp_id.clone().into(), own],
                ),
                false => select.and(
                "id IN (SELECT id FROM users WHERE directory_id = ? AND external_id = ?
                        UNION ALL SELECT id FROM users WHERE directory_id = ? AND id = ? AND external_id IS NULL)",
                [directory.clone(), idp_id.clone().into(), directory, own],
            ),
            };
        }
        let read = |row: &rusqlite::Row<'_>| Ok((id_at(row, COLUMNS_COUNT)?, user(row)?));
        select.page_where(self.connection, id_column, page, read, |(_, row)| is_wanted(row))
    }

    /// Present users of a directory with that `externalId`, or, without one, that id.
    pub fn users_by_idp_id(
        &self,
        directory: DirectoryId,
        idp_id: &str,
    ) -> Result<Vec<UserRow>, rusqlite::Error> {
        let mut found: Vec<UserRow> = self
            .prepare(&format!(
                "SELECT {COLUMNS} FROM users WHERE directory_id = ?1 AND external_id = ?2 AND status < 2 ORDER BY id"
            ))?
            .query_map(params![directory.ulid_text(), idp_id], user)?
            .collect::<Result<_, _>>()?;
        if let Ok(id) = idp_id.parse::<UserId>() {
            let own = self.directory_view(directory).present_user(id)?;
            found.extend(own.filter(|row| row.external_id.is_none()));
        }
        Ok(found)
    }

    /// Present users of a directory with that address, in any case, as the app sees it.
    pub fn users_by_app_email(
        &self,
        directory: DirectoryId,
        email: &str,
    ) -> Result<Vec<UserRow>, rusqlite::Error> {
        self.prepare(&format!(
            "SELECT {COLUMNS} FROM users
             WHERE directory_id = ?1 AND status < 2 AND id IN
                 (SELECT user_id FROM user_emails WHERE directory_id = ?1 AND email_folded = ?2 AND kind = 1)
             ORDER BY id"
        ))?
        .query_map(params![directory.ulid_text(), fold(email)], user)?
        .collect()
    }

    /// A user by id, whatever its status, and its directory.
    pub fn any_user(&self, id: UserId) -> Result<Option<(DirectoryId, UserRow)>, rusqlite::Error> {
        self.prepare(&format!("SELECT {COLUMNS}, directory_id FROM users WHERE id = ?1"))?
            .query_row([id.ulid_text()], |row| Ok((id_at(row, COLUMNS_COUNT)?, user(row)?)))
            .optional()
    }
}
