//! Extension schemas of a directory's own (RFC 7643 §7).

use serde_json::Value;

use crate::base::id::DirectoryId;
use crate::base::limits;
use crate::scim::schema::{ResourceType, extension};
use crate::service::authenticate_app::AppCaller;
use crate::service::context::Context;
use crate::store::app::AppTransaction;
use crate::store::app::directories::StoredSchema;

use super::directories::found;
use super::failure::AppFailure;

/// Registers a schema under its URN, or replaces the one that is there.
///
/// # Errors
///
/// A schema that can't be kept; too many; no such directory; [`AppFailure`] of the store.
pub async fn put_schema(
    context: &Context,
    caller: &AppCaller,
    directory: DirectoryId,
    urn: &str,
    resource_type: ResourceType,
    body: Value,
) -> Result<StoredSchema, AppFailure> {
    let schema = extension::parse(&body, resource_type)
        .map_err(|error| AppFailure::invalid("schema", error.scim_type.keyword(), error.detail))?;
    if !schema.id.eq_ignore_ascii_case(urn) {
        let message = format!("the schema's id is {:?}, but the address names {urn:?}", schema.id);
        return Err(AppFailure::invalid("id", "mismatch", message));
    }
    let stored = StoredSchema {
        urn: schema.id,
        resource_type: resource_type.name().to_owned(),
        body: body.to_string(),
    };
    let put = move |tx: &mut AppTransaction<'_, '_>| -> Result<_, AppFailure> {
        found(tx.view(), directory)?;
        let present = tx.view().extension_schemas(directory)?;
        let is_new = !present.iter().any(|known| known.urn.eq_ignore_ascii_case(&stored.urn));
        if is_new && limits::EXTENSION_SCHEMAS_MAX <= present.len() {
            return Err(AppFailure::Conflict {
                code: "too_many_schemas",
                message: format!("the directory has {} schemas, which is the most", present.len()),
            });
        }
        tx.put_extension_schema(directory, &stored)?;
        Ok(stored)
    };
    Ok(context.store.write_app(caller.scope(), put).await?)
}

/// The schemas of a directory, by URN.
///
/// # Errors
///
/// No such directory; [`AppFailure`] of the store.
pub fn list_schemas(
    context: &Context,
    caller: &AppCaller,
    directory: DirectoryId,
) -> Result<Vec<StoredSchema>, AppFailure> {
    Ok(context.store.read_app(caller.scope(), |view| -> Result<_, AppFailure> {
        found(view, directory)?;
        Ok(view.extension_schemas(directory)?)
    })?)
}

/// # Errors
///
/// No such directory or schema; [`AppFailure`] of the store.
pub fn read_schema(
    context: &Context,
    caller: &AppCaller,
    directory: DirectoryId,
    urn: &str,
) -> Result<StoredSchema, AppFailure> {
    let mut schemas = list_schemas(context, caller, directory)?.into_iter();
    schemas
        .find(|schema| schema.urn.eq_ignore_ascii_case(urn))
        .ok_or_else(|| AppFailure::not_found("schema", urn))
}

/// Removes a schema. Values that resources have under its URN stay, as those of an unregistered one.
///
/// # Errors
///
/// No such directory or schema; [`AppFailure`] of the store.
pub async fn delete_schema(
    context: &Context,
    caller: &AppCaller,
    directory: DirectoryId,
    urn: String,
) -> Result<(), AppFailure> {
    let delete = move |tx: &mut AppTransaction<'_, '_>| -> Result<(), AppFailure> {
        found(tx.view(), directory)?;
        match tx.delete_extension_schema(directory, &urn)? {
            true => Ok(()),
            false => Err(AppFailure::not_found("schema", urn)),
        }
    };
    Ok(context.store.write_app(caller.scope(), delete).await?)
}
