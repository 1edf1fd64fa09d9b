//! Access tokens of one directory, and when its tokens were used.

use rusqlite::params;

use crate::base::id::TokenId;
use crate::base::secret::TokenHash;
use crate::base::time::Timestamp;

use super::DirectoryTransaction;

impl DirectoryTransaction<'_, '_> {
    /// Notes when a token of this directory was last used.
    pub fn token_used(&mut self, token: TokenId, at: Timestamp) -> Result<(), rusqlite::Error> {
        self.prepare("UPDATE tokens SET last_used_at = ?3 WHERE directory_id = ?1 AND id = ?2")?
            .execute(params![self.view.key, token.ulid_text(), at.millis()])
            .map(|_| ())
    }

    /// Keeps an access token got with a token of this directory; those that have ended are removed.
    pub fn insert_access_token(
        &mut self,
        token: TokenId,
        hash: &TokenHash,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), rusqlite::Error> {
        self.prepare("DELETE FROM access_tokens WHERE directory_id = ?1 AND expires_at <= ?2")?
            .execute(params![self.view.key, now.millis()])?;
        self.prepare(
            "INSERT INTO access_tokens (directory_id, hash, token_id, expires_at) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![self.view.key, hash.0.as_slice(), token.ulid_text(), expires_at.millis()])
        .map(|_| ())
    }
}
