//! What a directory's resources really carry, so that mapping is choosing and not guessing; and
//! registering the schema of an extension from it.

use std::ops::ControlFlow;

use crate::base::id::DirectoryId;
use crate::base::limits;
use crate::model::catalogue::Catalogue;
use crate::model::mapping::ReadAttribute;
use crate::scim::schema::{Registry, ResourceType};
use crate::service::authenticate_app::AppCaller;
use crate::service::context::Context;
use crate::service::resources::from_stored;
use crate::store::app::AppView;
use crate::store::app::directories::StoredSchema;

use super::directories::found;
use super::failure::AppFailure;
use super::schemas::put_schema;

/// What has been seen of one resource type.
pub struct SeenResources {
    pub resource_type: ResourceType,
    pub catalogue: Catalogue,
    pub total: usize,
}

/// What has been seen in a directory, with what is needed to say what it means.
pub struct SeenInDirectory {
    pub resources: Vec<SeenResources>,
    pub registry: Registry,
    /// What the mapping in force reads of users.
    pub reads: Vec<ReadAttribute>,
}

/// Looks at the newest users and groups, up to a bound.
///
/// # Errors
///
/// No such directory; [`AppFailure`] of the store.
pub async fn read_catalogue(
    context: &Context,
    caller: &AppCaller,
    id: DirectoryId,
) -> Result<SeenInDirectory, AppFailure> {
    let owned = context.clone();
    let read = move |view: &AppView<'_>| read(&owned, view, id);
    Ok(context.store.scan_app(caller.scope(), read).await?)
}

fn read(context: &Context, view: &AppView<'_>, id: DirectoryId) -> Result<SeenInDirectory, AppFailure> {
    let directory = found(view, id)?;
    let (version, schemas) = (view.schemas_version(id)?, view.extension_schemas(id)?);
    let schemas = schemas.into_iter().map(|schema| (schema.resource_type, schema.body));
    let registry = context.registries.of(id, version, || Ok::<_, AppFailure>(schemas.collect()))?;
    let view = view.directory_view(id);
    let mapping = context.mappings.in_force(&view, directory.provider)?;
    let mut users = Catalogue::default();
    view.scan_newest_users(limits::CATALOGUE_USERS_MAX, |row| {
        let user = from_stored(&row.document, row.extra.as_deref());
        users.add(&user.attributes, &user.extra);
        ControlFlow::Continue(())
    })?;
    let mut groups = Catalogue::default();
    view.scan_groups(|row| -> Result<_, AppFailure> {
        let group = from_stored(&row.document, row.extra.as_deref());
        groups.add(&group.attributes, &group.extra);
        Ok(match groups.examined < limits::CATALOGUE_GROUPS_MAX {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        })
    })?;
    Ok(SeenInDirectory {
        resources: vec![
            SeenResources { resource_type: ResourceType::User, catalogue: users, total: view.count_users()? },
            SeenResources {
                resource_type: ResourceType::Group,
                catalogue: groups,
                total: view.count_groups()?,
            },
        ],
        registry,
        reads: mapping.reads(),
    })
}

/// Registers a schema for an extension that users, or else groups, have been seen with.
///
/// # Errors
///
/// Nothing was seen under that URN, or nothing that has one type; it is registered already; what
/// [`put_schema`] refuses.
pub async fn register_schema(
    context: &Context,
    caller: &AppCaller,
    id: DirectoryId,
    urn: &str,
) -> Result<StoredSchema, AppFailure> {
    let seen = read_catalogue(context, caller, id).await?;
    for resources in &seen.resources {
        let resource_type = resources.resource_type;
        if seen.registry.of(resource_type).extension(urn).is_some() {
            return Err(AppFailure::Conflict {
                code: "schema_already_registered",
                message: format!(
                    "a schema is registered as {urn} already; PUT …/schemas/{{urn}} replaces it"
                ),
            });
        }
        if let Some(schema) = resources.catalogue.infer_schema(urn) {
            return put_schema(context, caller, id, urn, resource_type, schema).await;
        }
    }
    let message =
        "no attribute of one type has been seen under this URN; GET …/attributes shows what has been seen";
    Err(AppFailure::invalid("urn", "not_seen", message))
}
