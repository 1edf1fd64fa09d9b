//! Finds the directory that a person means: by its id or by its external key.

use serde_json::Value;

use crate::base::id::DirectoryId;

use super::client::{ApiPath, Client, Wanted};
use super::error::CliError;

/// The id of the directory of that id or external key.
///
/// # Errors
///
/// [`CliError::NoDirectory`] when none has that key.
pub fn resolve(client: &Client, name: &str) -> Result<String, CliError> {
    if name.parse::<DirectoryId>().is_ok() {
        return Ok(name.to_owned());
    }
    let directories = client.list(&ApiPath::new("/directories"), Wanted::All)?.objects;
    let is_meant = |directory: &&Value| directory.get("external_key").and_then(Value::as_str) == Some(name);
    directories
        .iter()
        .find(is_meant)
        .and_then(|directory| directory.get("id").and_then(Value::as_str))
        .map(str::to_owned)
        .ok_or_else(|| CliError::NoDirectory { name: name.to_owned() })
}

/// As [`resolve`], when a directory is named at all.
///
/// # Errors
///
/// As [`resolve`].
pub fn resolve_some(client: &Client, name: Option<&String>) -> Result<Option<String>, CliError> {
    name.map(|name| resolve(client, name)).transpose()
}
