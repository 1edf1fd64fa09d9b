//! What a first start makes, and where `dev` keeps its clear text: `dev.json`, mode 0600.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::base::secret::{Secret, TokenHash};
use crate::model::directory::Directory;
use crate::service::Context;
use crate::service::app::AppFailure;
use crate::service::app::directories::{NewDirectory, create_directory, directory_by_external_key};
use crate::service::app::keys::{add_key, create_key};
use crate::service::app::tokens::create_token;
use crate::service::authenticate_app::AppCaller;

use super::AppError;

/// The key of the directory that `dev` makes.
pub const EXTERNAL_KEY: &str = "acme";
const KEPT_IN: &str = "dev.json";

/// What `dev` made on its first start.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct First {
    pub scim_token: String,
    pub api_key: String,
    pub directory_id: String,
    pub organization_id: String,
}

/// Reads what the first start made, or makes it now: an organization with a directory, its token,
/// and a key for the app.
pub async fn first(context: &Context, data: &Path) -> Result<First, AppError> {
    let caller = AppCaller::operator();
    let path = data.join(KEPT_IN);
    let kept = fs::read(&path).ok().and_then(|bytes| serde_json::from_slice::<First>(&bytes).ok());
    let directory = directory_by_external_key(context, &caller, EXTERNAL_KEY).map_err(failed)?;
    if let (Some(first), Some(directory)) = (&kept, &directory)
        && first.directory_id == directory.id.to_string()
    {
        return Ok(first.clone());
    }
    let first = match directory {
        // The clear text is lost: new credentials take its place, the old ones stay good.
        Some(directory) => {
            let (_, token) = create_token(context, &caller, directory.id, None).await.map_err(failed)?;
            of(context, &caller, &directory, &token).await?
        }
        None => {
            let mut new = NewDirectory::named("Acme");
            new.external_key = Some(EXTERNAL_KEY.to_owned());
            let created = create_directory(context, &caller, new).await.map_err(failed)?;
            of(context, &caller, &created.directory, &created.secret).await?
        }
    };
    keep(&path, &first)?;
    Ok(first)
}

/// Lets a key that the configuration names be used.
pub async fn preset_key(context: &Context, key: &Secret) -> Result<(), AppError> {
    let caller = AppCaller::operator();
    let is_known = context
        .store
        .read_credentials(|credentials| credentials.app_key(&TokenHash::of(key.reveal())))
        .map_err(|_| AppError::FirstStart { reason: "the store can't be read".to_owned() })?
        .is_some();
    if !is_known {
        add_key(context, &caller, "configuration".to_owned(), None, key).await.map_err(failed)?;
    }
    Ok(())
}

async fn of(
    context: &Context,
    caller: &AppCaller,
    directory: &Directory,
    token: &Secret,
) -> Result<First, AppError> {
    let (_, key) = create_key(context, caller, "dev".to_owned(), None).await.map_err(failed)?;
    Ok(First {
        scim_token: token.reveal().to_owned(),
        api_key: key.reveal().to_owned(),
        directory_id: directory.id.to_string(),
        organization_id: directory.organization_id.to_string(),
    })
}

fn failed(failure: AppFailure) -> AppError {
    AppError::FirstStart { reason: failure.to_string() }
}

fn keep(path: &Path, first: &First) -> Result<(), AppError> {
    let system = |doing| move |source| AppError::System { doing, source };
    let text = serde_json::to_string_pretty(first).unwrap_or_default();
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(path).map_err(system("keeping the token and key in dev.json"))?;
    file.write_all(text.as_bytes()).map_err(system("keeping the token and key in dev.json"))
}
