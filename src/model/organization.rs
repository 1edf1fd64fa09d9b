//! Organizations: the customers of the app, with the app's own key for each.

use crate::base::id::{OrganizationDomainId, OrganizationId};
use crate::base::time::Timestamp;

/// One customer of the app.
#[derive(Debug, Clone, PartialEq)]
pub struct Organization {
    pub id: OrganizationId,
    pub name: String,
    /// The app's own key for this customer; unique when there is one.
    pub external_id: Option<String>,
    pub domains: Vec<OrganizationDomain>,
    /// The app's notes, in the order they were given.
    pub metadata: Vec<(String, String)>,
    pub stripe_customer_id: Option<String>,
    pub allow_profiles_outside_organization: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A mail domain that belongs to an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationDomain {
    pub id: OrganizationDomainId,
    pub organization_id: OrganizationId,
    pub domain: String,
    pub state: DomainState,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Whether the app says that the organization owns the domain; nothing is verified by DNS here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DomainState {
    Pending,
    Verified,
}

impl DomainState {
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Verified => "verified",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "pending" => Some(Self::Pending),
            "verified" => Some(Self::Verified),
            _ => None,
        }
    }
}
