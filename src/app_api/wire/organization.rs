//! Organizations as they are sent.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Shown;
use crate::base::id::{OrganizationDomainId, OrganizationId};
use crate::base::time::Timestamp;
use crate::model;

#[derive(Debug, Serialize)]
pub struct Organization<'a> {
    object: &'static str,
    id: Shown<OrganizationId>,
    name: &'a str,
    allow_profiles_outside_organization: bool,
    domains: Vec<Domain<'a>>,
    metadata: BTreeMap<&'a str, &'a str>,
    external_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stripe_customer_id: Option<&'a str>,
    created_at: Shown<Timestamp>,
    updated_at: Shown<Timestamp>,
}

#[derive(Debug, Serialize)]
struct Domain<'a> {
    object: &'static str,
    id: Shown<OrganizationDomainId>,
    organization_id: Shown<OrganizationId>,
    domain: &'a str,
    state: &'static str,
    verification_strategy: &'static str,
    created_at: Shown<Timestamp>,
    updated_at: Shown<Timestamp>,
}

impl<'a> From<&'a model::organization::Organization> for Organization<'a> {
    fn from(organization: &'a model::organization::Organization) -> Self {
        Self {
            object: "organization",
            id: Shown(organization.id),
            name: &organization.name,
            allow_profiles_outside_organization: organization.allow_profiles_outside_organization,
            domains: organization.domains.iter().map(Domain::from).collect(),
            metadata: organization.metadata.iter().map(|(key, value)| (&**key, &**value)).collect(),
            external_id: organization.external_id.as_deref(),
            stripe_customer_id: organization.stripe_customer_id.as_deref(),
            created_at: Shown(organization.created_at),
            updated_at: Shown(organization.updated_at),
        }
    }
}

impl<'a> From<&'a model::organization::OrganizationDomain> for Domain<'a> {
    fn from(domain: &'a model::organization::OrganizationDomain) -> Self {
        Self {
            object: "organization_domain",
            id: Shown(domain.id),
            organization_id: Shown(domain.organization_id),
            domain: &domain.domain,
            state: domain.state.name(),
            // The app says what is verified; nothing is looked up in the DNS.
            verification_strategy: "manual",
            created_at: Shown(domain.created_at),
            updated_at: Shown(domain.updated_at),
        }
    }
}
