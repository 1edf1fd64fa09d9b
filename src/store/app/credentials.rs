//! Tokens of directories and keys of the app's API.

use rusqlite::{Row, params};

use crate::base::id::{DirectoryId, KeyId, OrganizationId, TokenId};
use crate::base::secret::TokenHash;
use crate::base::time::Timestamp;
use crate::model::credential::{AppKey, DirectoryToken};

use super::super::rows::{id_at, optional_time_at, time_at};
use super::{AppTransaction, AppView};

fn app_key(row: &Row<'_>) -> Result<AppKey, rusqlite::Error> {
    Ok(AppKey {
        id: id_at(row, 0)?,
        name: row.get(1)?,
        key_suffix: row.get(2)?,
        created_at: time_at(row, 3)?,
        expires_at: optional_time_at(row, 4)?,
        last_used_at: optional_time_at(row, 5)?,
    })
}

impl AppView<'_> {
    /// The tokens of a directory, oldest first.
    pub fn tokens(
        &self,
        directory: DirectoryId,
        organization: OrganizationId,
    ) -> Result<Vec<DirectoryToken>, rusqlite::Error> {
        self.prepare(
            "SELECT id, suffix, created_at, expires_at, last_used_at FROM tokens WHERE directory_id = ?1 ORDER BY id",
        )?
        .query_map([directory.ulid_text()], |row| {
            Ok(DirectoryToken {
                id: id_at(row, 0)?,
                directory_id: directory,
                organization_id: organization,
                token_suffix: row.get(1)?,
                created_at: time_at(row, 2)?,
                expires_at: optional_time_at(row, 3)?,
                last_used_at: optional_time_at(row, 4)?,
            })
        })?
        .collect()
    }

    /// The keys of the app's API, oldest first.
    pub fn app_keys(&self) -> Result<Vec<AppKey>, rusqlite::Error> {
        self.prepare(
            "SELECT id, name, suffix, created_at, expires_at, last_used_at FROM app_keys ORDER BY id",
        )?
        .query_map([], app_key)?
        .collect()
    }
}

impl AppTransaction<'_, '_> {
    pub fn insert_token(&mut self, token: &DirectoryToken, hash: &TokenHash) -> Result<(), rusqlite::Error> {
        self.prepare(
            "INSERT INTO tokens (directory_id, id, hash, suffix, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            token.directory_id.ulid_text(),
            token.id.ulid_text(),
            hash.0.as_slice(),
            token.token_suffix,
            token.created_at.millis(),
            token.expires_at.map(Timestamp::millis),
        ])
        .map(|_| ())
    }

    pub fn insert_app_key(&mut self, key: &AppKey, hash: &TokenHash) -> Result<(), rusqlite::Error> {
        self.prepare(
            "INSERT INTO app_keys (id, name, hash, suffix, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            key.id.ulid_text(),
            key.name,
            hash.0.as_slice(),
            key.key_suffix,
            key.created_at.millis(),
            key.expires_at.map(Timestamp::millis),
        ])
        .map(|_| ())
    }

    /// Removes a token and the access tokens got with it; false when there is none.
    pub fn delete_token(&mut self, directory: DirectoryId, token: TokenId) -> Result<bool, rusqlite::Error> {
        let key = params![directory.ulid_text(), token.ulid_text()];
        self.prepare("DELETE FROM access_tokens WHERE directory_id = ?1 AND token_id = ?2")?.execute(key)?;
        let deleted = self.prepare("DELETE FROM tokens WHERE directory_id = ?1 AND id = ?2")?.execute(key)?;
        Ok(0 < deleted)
    }

    /// Removes a key of the app's API; false when there is none.
    pub fn delete_app_key(&mut self, key: KeyId) -> Result<bool, rusqlite::Error> {
        let deleted = self.prepare("DELETE FROM app_keys WHERE id = ?1")?.execute([key.ulid_text()])?;
        Ok(0 < deleted)
    }

    /// Notes when a key was last used.
    pub fn app_key_used(&mut self, key: KeyId, at: Timestamp) -> Result<(), rusqlite::Error> {
        self.prepare("UPDATE app_keys SET last_used_at = ?2 WHERE id = ?1")?
            .execute(params![key.ulid_text(), at.millis()])
            .map(|_| ())
    }
}
