//! OAuth 2.0 client credentials: an access token for an hour, which ends with the token it was got with.

use crate::base::secret::{self, Secret, TokenHash};
use crate::model::scope::DirectoryScope;
use crate::store::directory::DirectoryTransaction;

use super::authenticate::{ACCESS_TOKEN_PREFIX, Denied, authenticate_client};
use super::context::Context;

/// Seconds for which an access token is good.
pub const ACCESS_TOKEN_SECS: u32 = 3_600;

/// An access token, shown this once.
#[derive(Debug)]
pub struct Granted {
    pub token: Secret,
    pub expires_in_secs: u32,
}

/// Gives an access token for a directory's id and one of its tokens.
///
/// # Errors
///
/// [`Denied`].
pub async fn grant(context: &Context, client_id: &str, client_secret: &str) -> Result<Granted, Denied> {
    let found = authenticate_client(context, client_id, client_secret)?;
    let token = secret::new_token(ACCESS_TOKEN_PREFIX);
    let hash = TokenHash::of(token.reveal());
    let scope = DirectoryScope::new(found.directory.id);
    let write = move |tx: &mut DirectoryTransaction<'_, '_>| -> Result<(), crate::store::Error> {
        let now = tx.now();
        tx.insert_access_token(found.token_id, &hash, now.plus_millis(i64::from(ACCESS_TOKEN_SECS) * 1_000), now)
    };
    context.store.write_directory(&scope, write).await.map_err(|_| Denied::Unavailable)?;
    Ok(Granted { token, expires_in_secs: ACCESS_TOKEN_SECS })
}
