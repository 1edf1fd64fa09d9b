//! Looks credentials up by their hash: the one query that needs no scope.

use rusqlite::{Connection, OptionalExtension};

use crate::base::id::{DirectoryId, KeyId, TokenId};
use crate::base::secret::TokenHash;
use crate::base::time::Timestamp;
use crate::model::directory::Directory;

use super::app::directories;
use super::rows::{id_at, optional_time_at};

pub struct Credentials<'c> {
    connection: &'c Connection,
}

/// A bearer token that was found.
#[derive(Debug, Clone)]
pub struct FoundToken {
    pub directory: Directory,
    /// How often the directory's extension schemas have changed.
    pub schemas_version: u64,
    pub token_id: TokenId,
    /// The stored hash, to be compared once more in constant time.
    pub hash: Vec<u8>,
    /// The earlier of the token's own end and that of the access token.
    pub expires_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
}

/// A key of the app's API that was found.
#[derive(Debug, Clone)]
pub struct FoundKey {
    pub key_id: KeyId,
    pub hash: Vec<u8>,
    pub expires_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
}

impl<'c> Credentials<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self { connection }
    }

    /// A directory and how often its extension schemas have changed: for its own connector.
    pub fn directory(&self, id: DirectoryId) -> Result<Option<(Directory, u64)>, rusqlite::Error> {
        directories::directory_with_schemas_version(self.connection, id)
    }

    /// A directory's bearer token.
    pub fn token(&self, hash: &TokenHash) -> Result<Option<FoundToken>, rusqlite::Error> {
        self.find(
            "SELECT {directory}, t.id, t.hash, t.expires_at, t.last_used_at
             FROM tokens t JOIN directories d ON d.id = t.directory_id WHERE t.hash = ?1",
            hash,
        )
    }

    /// An OAuth access token, as long as the token that it was got with is there.
    pub fn access_token(&self, hash: &TokenHash) -> Result<Option<FoundToken>, rusqlite::Error> {
        self.find(
            "SELECT {directory}, a.token_id, a.hash, min(a.expires_at, coalesce(t.expires_at, a.expires_at)),
                    t.last_used_at
             FROM access_tokens a JOIN tokens t ON t.directory_id = a.directory_id AND t.id = a.token_id
                  JOIN directories d ON d.id = a.directory_id
             WHERE a.hash = ?1",
            hash,
        )
    }

    fn find(&self, sql: &str, hash: &TokenHash) -> Result<Option<FoundToken>, rusqlite::Error> {
        self.connection
            .prepare_cached(&sql.replace("{directory}", directories::JOINED_COLUMNS))?
            .query_row([hash.0.as_slice()], |row| {
                Ok(FoundToken {
                    directory: directories::directory(row)?,
                    schemas_version: row.get::<_, i64>(13)?.unsigned_abs(),
                    token_id: id_at(row, 14)?,
                    hash: row.get(15)?,
                    expires_at: optional_time_at(row, 16)?,
                    last_used_at: optional_time_at(row, 17)?,
                })
            })
            .optional()
    }

    /// A key of the app's API.
    pub fn app_key(&self, hash: &TokenHash) -> Result<Option<FoundKey>, rusqlite::Error> {
        self.connection
            .prepare_cached("SELECT id, hash, expires_at, last_used_at FROM app_keys WHERE hash = ?1")?
            .query_row([hash.0.as_slice()], |row| {
                Ok(FoundKey {
                    key_id: id_at(row, 0)?,
                    hash: row.get(1)?,
                    expires_at: optional_time_at(row, 2)?,
                    last_used_at: optional_time_at(row, 3)?,
                })
            })
            .optional()
    }

    /// The directory at an address, for the record of a refused request.
    pub fn directory_by_external_key(&self, external_key: &str) -> Result<Option<DirectoryId>, rusqlite::Error> {
        self.connection
            .prepare_cached("SELECT id FROM directories WHERE external_key = ?1")?
            .query_row([external_key], |row| id_at(row, 0))
            .optional()
    }

    /// The registered extension schemas of that directory: resource type and JSON.
    pub fn extension_schemas(&self, id: DirectoryId) -> Result<Vec<(String, String)>, rusqlite::Error> {
        directories::extension_schemas(self.connection, id)
    }
}
