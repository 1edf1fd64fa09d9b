//! Tokens of directories and keys of the app's API.

use rusqlite::params;

use crate::base::secret::TokenHash;
use crate::base::time::Timestamp;
use crate::model::credential::{AppKey, DirectoryToken};

use super::AppTransaction;

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
}
