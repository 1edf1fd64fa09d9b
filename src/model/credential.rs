//! Credentials: bearer tokens of directories and keys of the app's API. The clear text is never here.

use crate::base::id::{DirectoryId, KeyId, OrganizationId, TokenId};
use crate::base::time::Timestamp;

/// The prefix of a directory's bearer tokens.
pub const DIRECTORY_TOKEN_PREFIX: &str = "rosterd_scim_";
/// The prefix of the keys of the app's API.
pub const APP_KEY_PREFIX: &str = "sk_";
/// Characters of a credential that are shown, so that people can tell two apart.
pub const SUFFIX_CHARS: usize = 4;

/// A bearer token of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryToken {
    pub id: TokenId,
    pub directory_id: DirectoryId,
    pub organization_id: OrganizationId,
    /// The last characters, for telling tokens apart.
    pub token_suffix: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
}

impl DirectoryToken {
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|expires_at| expires_at <= now)
    }
}

/// A key of the app's API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppKey {
    pub id: KeyId,
    pub name: String,
    pub key_suffix: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
}

impl AppKey {
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|expires_at| expires_at <= now)
    }
}

/// The part of a credential that is shown.
pub fn suffix(credential: &str) -> String {
    let shown_from = credential.char_indices().rev().nth(SUFFIX_CHARS - 1).map_or(0, |(index, _)| index);
    credential[shown_from..].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suffix_is_the_last_four_characters() {
        assert_eq!(suffix("sk_abcdefgh"), "efgh");
        assert_eq!(suffix("éà"), "éà");
        assert_eq!(suffix(""), "");
    }
}
