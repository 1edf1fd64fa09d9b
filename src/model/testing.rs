//! Sample values for tests.

use serde_json::{Map, Value, json};

use crate::base::id::{DirectoryId, GroupId, OrganizationDomainId, OrganizationId, TokenId, UserId};
use crate::base::time::Timestamp;

use super::credential::DirectoryToken;
use super::directory::{Directory, DirectoryState, OnDeactivate};
use super::directory_group::DirectoryGroup;
use super::directory_user::{DirectoryUser, DirectoryUserView, UserState};
use super::organization::{DomainState, Organization, OrganizationDomain};
use super::provider::Provider;

const THEN: Timestamp = Timestamp::from_millis(1_768_478_400_000);

fn ulid() -> ulid::Ulid {
    ulid::Ulid::from_parts(1_768_478_400_000, 1)
}

fn map(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

pub fn organization() -> Organization {
    Organization {
        id: OrganizationId::from_ulid(ulid()),
        name: "Acme".to_owned(),
        external_id: None,
        domains: vec![domain()],
        metadata: vec![("tier".to_owned(), "gold".to_owned())],
        stripe_customer_id: None,
        allow_profiles_outside_organization: false,
        created_at: THEN,
        updated_at: THEN,
    }
}

pub fn domain() -> OrganizationDomain {
    OrganizationDomain {
        id: OrganizationDomainId::from_ulid(ulid()),
        organization_id: OrganizationId::from_ulid(ulid()),
        domain: "example.com".to_owned(),
        state: DomainState::Verified,
        created_at: THEN,
        updated_at: THEN,
    }
}

pub fn directory() -> Directory {
    Directory {
        id: DirectoryId::from_ulid(ulid()),
        organization_id: OrganizationId::from_ulid(ulid()),
        external_key: "acme".to_owned(),
        name: "Acme".to_owned(),
        provider: Provider::Okta,
        state: DirectoryState::Linked,
        strict: false,
        on_deactivate: OnDeactivate::Keep,
        group_patch_status: None,
        unique_group_names: None,
        domain: None,
        created_at: THEN,
        updated_at: THEN,
    }
}

pub fn user() -> DirectoryUser {
    DirectoryUser {
        id: UserId::from_ulid(ulid()),
        directory_id: DirectoryId::from_ulid(ulid()),
        organization_id: OrganizationId::from_ulid(ulid()),
        idp_id: "00u1".to_owned(),
        state: UserState::Active,
        view: DirectoryUserView {
            email: Some("jane@example.com".to_owned()),
            first_name: Some("Jane".to_owned()),
            last_name: Some("Doe".to_owned()),
            name: Some("Jane Doe".to_owned()),
            username: Some("jane@example.com".to_owned()),
            job_title: Some("Engineer".to_owned()),
            emails: vec![json!({"primary": true, "type": "work", "value": "jane@example.com"})],
            custom_attributes: map(json!({"department_name": "R&D"})),
            raw_attributes: map(json!({"userName": "jane@example.com"})),
        },
        roles: vec!["admin".to_owned()],
        created_at: THEN,
        updated_at: THEN,
    }
}

pub fn group() -> DirectoryGroup {
    DirectoryGroup {
        id: GroupId::from_ulid(ulid()),
        directory_id: DirectoryId::from_ulid(ulid()),
        organization_id: OrganizationId::from_ulid(ulid()),
        idp_id: "00g1".to_owned(),
        name: "Developers".to_owned(),
        raw_attributes: map(json!({"displayName": "Developers"})),
        created_at: THEN,
        updated_at: THEN,
    }
}

pub fn token() -> DirectoryToken {
    DirectoryToken {
        id: TokenId::from_ulid(ulid()),
        directory_id: DirectoryId::from_ulid(ulid()),
        organization_id: OrganizationId::from_ulid(ulid()),
        token_suffix: "wxyz".to_owned(),
        created_at: THEN,
        expires_at: None,
        last_used_at: None,
    }
}
