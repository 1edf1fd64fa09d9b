//! Who asks: a credential becomes a [`Caller`], and only here.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::base::id::{DirectoryId, TokenId};
use crate::base::secret::{self, TokenHash};
use crate::base::time::Timestamp;
use crate::model::credential::DIRECTORY_TOKEN_PREFIX;
use crate::model::directory::{Directory, DirectoryState};
use crate::model::mapping::Mapping;
use crate::model::scope::DirectoryScope;
use crate::scim::Strictness;
use crate::scim::schema::Registry;
use crate::store::credentials::{Credentials, FoundToken};

use super::context::Context;
use super::failure::Failure;

/// The prefix of OAuth access tokens got with a directory's token.
pub const ACCESS_TOKEN_PREFIX: &str = "rosterd_access_";

/// How often the last use of a token is written down.
const LAST_USE_MILLIS: i64 = 60_000;

/// A provider that has proved which directory it writes to. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Caller {
    pub directory: Arc<Directory>,
    pub registry: Registry,
    /// The mapping in force; within a change it is that of the change's transaction.
    pub mapping: Arc<Mapping>,
    /// Absent for a connector, which needs no token.
    pub token_id: Option<TokenId>,
    /// Whether the directory has extension schemas of its own.
    pub has_extensions: bool,
    /// Whether the token was never used before.
    pub is_first_use: bool,
    scope: DirectoryScope,
}

impl Caller {
    pub fn scope(&self) -> &DirectoryScope {
        &self.scope
    }

    /// The caller with the directory, and its mapping, as they are now.
    ///
    /// # Errors
    ///
    /// [`Failure::Paused`] when it takes nothing any more.
    pub(super) fn with(&self, directory: Directory, mapping: Arc<Mapping>) -> Result<Self, Failure> {
        match takes_changes(&directory) {
            true => Ok(Self { directory: Arc::new(directory), mapping, ..self.clone() }),
            false => Err(Failure::Paused),
        }
    }

    pub fn strictness(&self) -> Strictness {
        match self.directory.strict {
            true => Strictness::Strict,
            false => Strictness::Lenient,
        }
    }
}

/// Why someone is not let in. All that is unauthorized looks the same from outside.
#[derive(Debug, Clone, PartialEq)]
pub enum Denied {
    /// 401; the directory that the address names, if there is one, and the cause, for its records.
    Unauthorized { directory: Option<DirectoryId>, cause: &'static str },
    /// 403: the credential is right, but the directory takes nothing now.
    Paused { directory: DirectoryId, token: TokenId },
    /// 503: the store can't say.
    Unavailable,
}

/// A token that was looked up, with what every request of it needs.
#[derive(Debug)]
pub struct KnownToken {
    token: FoundToken,
    directory: Arc<Directory>,
    registry: Registry,
}

/// Checks the `Authorization` header of a request to a directory's address: a bearer token, an
/// OAuth access token, or HTTP Basic with a token as password.
///
/// # Errors
///
/// [`Denied`]; a token of another directory, an unknown directory and no token at all are one.
pub fn authenticate(
    context: &Context,
    external_key: &str,
    authorization: Option<&str>,
) -> Result<Caller, Denied> {
    let now = context.clock.now();
    let known = match presented(authorization) {
        Ok(token) => known_token(context, &token, now)?,
        Err(cause) => Err(cause),
    };
    let known = match known {
        Ok(known) if known.directory.external_key == external_key => known,
        Ok(_) => return Err(unauthorized(context, external_key, "the token belongs to another directory")),
        Err(cause) => return Err(unauthorized(context, external_key, cause)),
    };
    let KnownToken { token, directory, registry } = known.as_ref();
    if token.last_used_at.is_some_and(|used| used.plus_millis(LAST_USE_MILLIS) <= now) {
        context.recorder.token_used(directory.id, token.token_id, now);
    }
    if !takes_changes(directory) {
        return Err(Denied::Paused { directory: directory.id, token: token.token_id });
    }
    Ok(Caller {
        directory: Arc::clone(directory),
        registry: registry.clone(),
        mapping: Mapping::default_of(directory.provider),
        token_id: Some(token.token_id),
        has_extensions: 0 < token.schemas_version,
        is_first_use: token.last_used_at.is_none(),
        scope: DirectoryScope::new(directory.id),
    })
}

/// Looks a token up, or finds what is remembered of it.
fn known_token(
    context: &Context,
    token: &str,
    now: Timestamp,
) -> Result<Result<Arc<KnownToken>, &'static str>, Denied> {
    let hash = TokenHash::of(token);
    // Before the look-up: what changes meanwhile makes the number another one.
    let version = context.store.credentials_version().ok_or(Denied::Unavailable)?;
    if let Some(known) = context.known_tokens.find(version, &hash) {
        return Ok(not_expired(known.token.expires_at, now).map(|()| known));
    }
    let found = context.store.read_credentials(|credentials| -> Result<_, crate::store::Error> {
        let token = match find_token(credentials, token, now)? {
            Ok(token) => token,
            Err(cause) => return Ok(Err(cause)),
        };
        let load = || credentials.extension_schemas(token.directory.id);
        let registry = context.registries.of(token.directory.id, token.schemas_version, load)?;
        Ok(Ok(KnownToken { directory: Arc::new(token.directory.clone()), token, registry }))
    });
    let found = found.map_err(|_| Denied::Unavailable)?;
    Ok(found.map(|known| {
        let known = Arc::new(known);
        context.known_tokens.keep(version, hash, Arc::clone(&known));
        known
    }))
}

fn not_expired(expires_at: Option<Timestamp>, now: Timestamp) -> Result<(), &'static str> {
    match expires_at.is_some_and(|expires_at| expires_at <= now) {
        true => Err("the token has expired"),
        false => Ok(()),
    }
}

fn takes_changes(directory: &Directory) -> bool {
    !matches!(directory.state, DirectoryState::Unlinked | DirectoryState::Deleting)
}

/// The caller that a directory's own connector is: the daemon itself pulls, nobody proves anything.
///
/// # Errors
///
/// [`Denied`]; a directory that takes nothing now is [`Denied::Unauthorized`] with that cause.
pub fn connector(context: &Context, directory: DirectoryId) -> Result<Caller, Denied> {
    let found = context.store.read_credentials(|credentials| -> Result<_, crate::store::Error> {
        let Some((found, version)) = credentials.directory(directory)? else { return Ok(None) };
        let registry = context.registries.of(directory, version, || credentials.extension_schemas(directory))?;
        Ok(Some((found, version, registry)))
    });
    let refused = |cause| Denied::Unauthorized { directory: Some(directory), cause };
    let (found, version, registry) = match found {
        Ok(Some(found)) => found,
        Ok(None) => return Err(refused("there is no such directory")),
        Err(_) => return Err(Denied::Unavailable),
    };
    if !takes_changes(&found) {
        return Err(refused("the directory is paused"));
    }
    Ok(Caller {
        mapping: Mapping::default_of(found.provider),
        directory: Arc::new(found),
        registry,
        token_id: None,
        has_extensions: 0 < version,
        is_first_use: false,
        scope: DirectoryScope::new(directory),
    })
}

/// Checks a directory's id and one of its tokens, as OAuth client credentials.
///
/// # Errors
///
/// [`Denied`].
pub fn authenticate_client(context: &Context, client_id: &str, client_secret: &str) -> Result<FoundToken, Denied> {
    let now = context.clock.now();
    let refused = |cause| Denied::Unauthorized { directory: None, cause };
    let Ok(directory) = client_id.parse::<DirectoryId>() else {
        return Err(refused("the client id is not a directory's id"));
    };
    let found = context.store.read_credentials(|credentials| match is_directory_token(client_secret) {
        true => find_token(credentials, client_secret, now),
        false => Ok(Err("the client secret is not a token of a directory")),
    });
    let token = found.map_err(|_| Denied::Unavailable)?.map_err(refused)?;
    match token.directory.id == directory {
        true => Ok(token),
        false => Err(refused("the token belongs to another directory")),
    }
}

/// The token in an `Authorization` header.
fn presented(authorization: Option<&str>) -> Result<String, &'static str> {
    let Some(header) = authorization else { return Err("the request has no Authorization header") };
    let (scheme, rest) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
    let token = match scheme.to_ascii_lowercase().as_str() {
        "bearer" => rest.trim().to_owned(),
        "basic" => basic_password(rest.trim()).ok_or("the Basic credentials can't be read")?,
        _ => return Err("the Authorization header is neither Bearer nor Basic"),
    };
    match is_directory_token(&token) || secret::is_well_formed(&token, ACCESS_TOKEN_PREFIX) {
        true => Ok(token),
        false => Err("the token is not one of ours, or was not copied whole"),
    }
}

fn is_directory_token(token: &str) -> bool {
    secret::is_well_formed(token, DIRECTORY_TOKEN_PREFIX)
}

fn basic_password(encoded: &str) -> Option<String> {
    let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    decoded.split_once(':').map(|(_, password)| password.to_owned())
}

fn find_token(
    credentials: &Credentials<'_>,
    token: &str,
    now: Timestamp,
) -> Result<Result<FoundToken, &'static str>, crate::store::Error> {
    let hash = TokenHash::of(token);
    let found = match token.starts_with(ACCESS_TOKEN_PREFIX) {
        true => credentials.access_token(&hash)?,
        false => credentials.token(&hash)?,
    };
    let Some(found) = found.filter(|found| hash.matches(&found.hash)) else {
        return Ok(Err("the token is unknown or was revoked"));
    };
    Ok(not_expired(found.expires_at, now).map(|()| found))
}

/// All that is unauthorized looks the same from outside; the directory's records tell them apart.
fn unauthorized(context: &Context, external_key: &str, cause: &'static str) -> Denied {
    match context.store.read_credentials(|credentials| credentials.directory_by_external_key(external_key)) {
        Ok(directory) => Denied::Unauthorized { directory, cause },
        Err(_) => Denied::Unavailable,
    }
}
