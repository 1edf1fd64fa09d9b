//! Organizations: make, read, change, delete with all their directories.

use crate::base::id::OrganizationId;
use crate::base::limits;
use crate::base::text::fold;
use crate::model::event::Cause;
use crate::model::organization::{DomainState, Organization, OrganizationDomain};
use crate::model::page::{Page, PageRequest};
use crate::service::authenticate_app::AppCaller;
use crate::service::context::Context;
use crate::store::app::AppTransaction;
use crate::store::app::organizations::OrganizationFilter;

use super::directories;
use super::failure::AppFailure;

/// What an organization is made of.
#[derive(Debug, Clone, Default)]
pub struct NewOrganization {
    pub name: String,
    pub external_id: Option<String>,
    pub domains: Vec<(String, DomainState)>,
    pub metadata: Vec<(String, String)>,
    pub allow_profiles_outside_organization: bool,
}

/// What is to change; None leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct OrganizationChange {
    pub name: Option<String>,
    pub external_id: Option<Option<String>>,
    pub domains: Option<Vec<(String, DomainState)>>,
    pub metadata: Option<MetadataChange>,
    pub stripe_customer_id: Option<Option<String>>,
    pub allow_profiles_outside_organization: Option<bool>,
}

/// What becomes of an organization's metadata.
#[derive(Debug, Clone)]
pub enum MetadataChange {
    Clear,
    /// Keys with a value are set, those without are removed, the others stay.
    Merge(Vec<(String, Option<String>)>),
}

/// Makes an organization.
///
/// # Errors
///
/// A taken `external_id`; [`AppFailure`] of the store.
pub async fn create_organization(
    context: &Context,
    caller: &AppCaller,
    new: NewOrganization,
) -> Result<Organization, AppFailure> {
    Ok(context.store.write_app(caller.scope(), move |tx| insert(tx, new)).await?)
}

/// Makes an organization in a running transaction.
pub(super) fn insert(
    tx: &mut AppTransaction<'_, '_>,
    new: NewOrganization,
) -> Result<Organization, AppFailure> {
    let now = tx.now();
    check_external_id(tx, new.external_id.as_deref(), None)?;
    let mut organization = Organization {
        id: tx.new_id(),
        name: new.name,
        external_id: new.external_id,
        domains: Vec::new(),
        metadata: new.metadata,
        stripe_customer_id: None,
        allow_profiles_outside_organization: new.allow_profiles_outside_organization,
        created_at: now,
        updated_at: now,
    };
    check_metadata(&organization.metadata)?;
    set_domains(tx, &mut organization, new.domains);
    tx.insert_organization(&organization)?;
    Ok(organization)
}

/// Changes an organization.
///
/// # Errors
///
/// As [`create_organization`], and when there is none.
pub async fn update_organization(
    context: &Context,
    caller: &AppCaller,
    id: OrganizationId,
    change: OrganizationChange,
) -> Result<Organization, AppFailure> {
    Ok(context.store.write_app(caller.scope(), move |tx| update(tx, id, change)).await?)
}

fn update(
    tx: &mut AppTransaction<'_, '_>,
    id: OrganizationId,
    change: OrganizationChange,
) -> Result<Organization, AppFailure> {
    let mut organization =
        tx.view().organization(id)?.ok_or_else(|| AppFailure::not_found("organization", id))?;
    if let Some(name) = change.name {
        organization.name = name;
    }
    if let Some(external_id) = change.external_id {
        check_external_id(tx, external_id.as_deref(), Some(id))?;
        organization.external_id = external_id;
    }
    if let Some(stripe_customer_id) = change.stripe_customer_id {
        organization.stripe_customer_id = stripe_customer_id;
    }
    if let Some(allow) = change.allow_profiles_outside_organization {
        organization.allow_profiles_outside_organization = allow;
    }
    match change.metadata {
        Some(MetadataChange::Clear) => organization.metadata.clear(),
        Some(MetadataChange::Merge(pairs)) => merge(&mut organization.metadata, pairs),
        None => {}
    }
    check_metadata(&organization.metadata)?;
    if let Some(domains) = change.domains {
        set_domains(tx, &mut organization, domains);
    }
    organization.updated_at = tx.now().max(organization.updated_at);
    tx.update_organization(&organization)?;
    Ok(organization)
}

/// Deletes an organization and its directories, each with its event.
///
/// # Errors
///
/// When there is none; [`AppFailure`] of the store.
pub async fn delete_organization(
    context: &Context,
    caller: &AppCaller,
    id: OrganizationId,
) -> Result<(), AppFailure> {
    let owned = caller.clone();
    let delete = move |tx: &mut AppTransaction<'_, '_>| -> Result<(), AppFailure> {
        if tx.view().organization(id)?.is_none() {
            return Err(AppFailure::not_found("organization", id));
        }
        for directory in tx.view().directories_of(id)? {
            directories::delete(tx, &owned, &directory, Cause::DirectoryDeleted)?;
        }
        Ok(tx.delete_organization(id)?)
    };
    Ok(context.store.write_app(caller.scope(), delete).await?)
}

/// # Errors
///
/// When there is none.
pub fn read_organization(
    context: &Context,
    caller: &AppCaller,
    id: OrganizationId,
) -> Result<Organization, AppFailure> {
    Ok(context.store.read_app(caller.scope(), |view| -> Result<_, AppFailure> {
        view.organization(id)?.ok_or_else(|| AppFailure::not_found("organization", id))
    })?)
}

/// # Errors
///
/// When there is none with the app's key for it.
pub fn read_organization_by_external_id(
    context: &Context,
    caller: &AppCaller,
    external_id: &str,
) -> Result<Organization, AppFailure> {
    Ok(context.store.read_app(caller.scope(), |view| -> Result<_, AppFailure> {
        let found = view.organization_by_external_id(external_id)?;
        found.ok_or_else(|| AppFailure::not_found("organization with the external_id", external_id))
    })?)
}

/// # Errors
///
/// [`AppFailure`] of the store.
pub async fn list_organizations(
    context: &Context,
    caller: &AppCaller,
    filter: OrganizationFilter,
    page: PageRequest,
) -> Result<Page<Organization>, AppFailure> {
    let list = move |view: &crate::store::app::AppView<'_>| -> Result<_, AppFailure> {
        Ok(view.organizations(&filter, &page)?)
    };
    Ok(context.store.scan_app(caller.scope(), list).await?)
}

fn check_external_id(
    tx: &AppTransaction<'_, '_>,
    external_id: Option<&str>,
    own: Option<OrganizationId>,
) -> Result<(), AppFailure> {
    let Some(external_id) = external_id else { return Ok(()) };
    match tx.view().organization_by_external_id(external_id)? {
        Some(other) if Some(other.id) != own => Err(AppFailure::BadRequest {
            code: "external_id_already_used",
            message: format!("the external_id {external_id:?} belongs to another organization"),
        }),
        Some(_) | None => Ok(()),
    }
}

fn check_metadata(metadata: &[(String, String)]) -> Result<(), AppFailure> {
    let is_valid = metadata.len() <= limits::METADATA_KEYS_MAX
        && metadata.iter().all(|(key, value)| {
            !key.is_empty()
                && key.len() <= limits::METADATA_KEY_BYTES_MAX
                && value.len() <= limits::METADATA_VALUE_BYTES_MAX
        });
    match is_valid {
        true => Ok(()),
        false => Err(AppFailure::BadRequest {
            code: "invalid_metadata",
            message: format!(
                "metadata takes up to {} pairs, keys of up to {} bytes and values of up to {}",
                limits::METADATA_KEYS_MAX,
                limits::METADATA_KEY_BYTES_MAX,
                limits::METADATA_VALUE_BYTES_MAX
            ),
        }),
    }
}

fn merge(metadata: &mut Vec<(String, String)>, pairs: Vec<(String, Option<String>)>) {
    for (key, value) in pairs {
        let known = metadata.iter().position(|(name, _)| *name == key);
        match (known, value) {
            (Some(index), Some(value)) => metadata[index].1 = value,
            (Some(index), None) => drop(metadata.remove(index)),
            (None, Some(value)) => metadata.push((key, value)),
            (None, None) => {}
        }
    }
}

/// Gives an organization these domains; one that it has already keeps its id.
fn set_domains(
    tx: &mut AppTransaction<'_, '_>,
    organization: &mut Organization,
    domains: Vec<(String, DomainState)>,
) {
    let now = tx.now();
    let before = std::mem::take(&mut organization.domains);
    for (domain, state) in domains {
        let domain = fold(domain.trim());
        if organization.domains.iter().any(|known| known.domain == domain) {
            continue;
        }
        let known = before.iter().find(|known| known.domain == domain);
        let is_same = known.is_some_and(|known| known.state == state);
        organization.domains.push(OrganizationDomain {
            id: known.map_or_else(|| tx.new_id(), |known| known.id),
            organization_id: organization.id,
            domain,
            state,
            created_at: known.map_or(now, |known| known.created_at),
            updated_at: known.filter(|_| is_same).map_or(now, |known| known.updated_at),
        });
    }
}
