//! Tokens of directories and keys of the app's API as they are sent. The clear text is in the
//! answer that makes one and never again.

use serde::Serialize;

use super::Shown;
use crate::base::id::{DirectoryId, KeyId, OrganizationId, TokenId};
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::model;

#[derive(Serialize)]
pub struct DirectoryToken<'a> {
    object: &'static str,
    id: Shown<TokenId>,
    directory_id: Shown<DirectoryId>,
    organization_id: Shown<OrganizationId>,
    token_suffix: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    bearer_token: Option<&'a str>,
    created_at: Shown<Timestamp>,
    expires_at: Option<Shown<Timestamp>>,
    last_used_at: Option<Shown<Timestamp>>,
}

impl<'a> From<&'a model::credential::DirectoryToken> for DirectoryToken<'a> {
    fn from(token: &'a model::credential::DirectoryToken) -> Self {
        Self {
            object: "directory_token",
            id: Shown(token.id),
            directory_id: Shown(token.directory_id),
            organization_id: Shown(token.organization_id),
            token_suffix: &token.token_suffix,
            bearer_token: None,
            created_at: Shown(token.created_at),
            expires_at: token.expires_at.map(Shown),
            last_used_at: token.last_used_at.map(Shown),
        }
    }
}

impl<'a> DirectoryToken<'a> {
    pub fn with_secret(self, secret: &'a Secret) -> Self {
        Self { bearer_token: Some(secret.reveal()), ..self }
    }
}

#[derive(Serialize)]
pub struct AppKey<'a> {
    object: &'static str,
    id: Shown<KeyId>,
    name: &'a str,
    key_suffix: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    created_at: Shown<Timestamp>,
    expires_at: Option<Shown<Timestamp>>,
    last_used_at: Option<Shown<Timestamp>>,
}

impl<'a> From<&'a model::credential::AppKey> for AppKey<'a> {
    fn from(key: &'a model::credential::AppKey) -> Self {
        Self {
            object: "app_key",
            id: Shown(key.id),
            name: &key.name,
            key_suffix: &key.key_suffix,
            key: None,
            created_at: Shown(key.created_at),
            expires_at: key.expires_at.map(Shown),
            last_used_at: key.last_used_at.map(Shown),
        }
    }
}

impl<'a> AppKey<'a> {
    pub fn with_secret(self, secret: &'a Secret) -> Self {
        Self { key: Some(secret.reveal()), ..self }
    }
}
