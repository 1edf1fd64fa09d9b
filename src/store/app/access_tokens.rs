//! OAuth access tokens, which end with the token that they were got with.

use rusqlite::params;

use crate::base::id::{DirectoryId, TokenId};
use crate::base::secret::TokenHash;
use crate::base::time::Timestamp;

use super::AppTransaction;

impl AppTransaction<'_, '_> {
    /// Keeps an OAuth access token; those that have ended go.
    pub fn insert_access_token(
        &mut self,
        directory: DirectoryId,
        token: TokenId,
        hash: &TokenHash,
        expires_at: Timestamp,
    ) -> Result<(), rusqlite::Error> {
        self.prepare("DELETE FROM access_tokens WHERE directory_id = ?1 AND expires_at <= ?2")?
            .execute(params![directory.ulid_text(), self.now().millis()])?;
        self.prepare(
            "INSERT INTO access_tokens (directory_id, hash, token_id, expires_at) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![directory.ulid_text(), hash.0.as_slice(), token.ulid_text(), expires_at.millis()])
        .map(|_| ())
    }
}
