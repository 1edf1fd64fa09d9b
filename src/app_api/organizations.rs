//! Routes of organizations.

use http::StatusCode;
use serde_json::Value;

use crate::base::id::{OrganizationId, kind};
use crate::base::limits;
use crate::base::text::fold;
use crate::model;
use crate::model::organization::DomainState;
use crate::model::page::Order;
use crate::service::app::organizations::{self, MetadataChange, NewOrganization, OrganizationChange};
use crate::store::app::organizations::OrganizationFilter;
use crate::web::{Response, empty};

use super::answer::{Refused, json, list, ok};
use super::fields::Fields;
use super::wire::organization::Organization;
use super::{AppApi, Call};

const WHAT: &str = "organization";

impl AppApi {
    pub(super) async fn list_organizations(&self, call: &Call) -> Result<Response, Refused> {
        let query = call.query()?;
        let paging = query.paging::<kind::Organization>(Order::NewestFirst)?;
        let filter = OrganizationFilter {
            search: query.text("search").map(fold),
            domains: query.words("domains").into_iter().map(fold).collect(),
        };
        let page =
            organizations::list_organizations(&self.context, &call.caller, filter, paging.request).await?;
        Ok(list(&paging, &page, |found| found.id.to_string(), Organization::from))
    }

    pub(super) fn read_organization(&self, call: &Call) -> Result<Response, Refused> {
        let id = call.id("id", WHAT)?;
        Ok(sent(StatusCode::OK, &organizations::read_organization(&self.context, &call.caller, id)?))
    }

    pub(super) fn read_organization_by_external_id(&self, call: &Call) -> Result<Response, Refused> {
        let external_id = call.params.get("external_id");
        let found =
            organizations::read_organization_by_external_id(&self.context, &call.caller, external_id)?;
        Ok(sent(StatusCode::OK, &found))
    }

    pub(super) async fn create_organization(&self, call: &mut Call) -> Result<Response, Refused> {
        let mut fields = Fields::read(&mut call.request).await?;
        let new = NewOrganization {
            name: fields.required_name("name"),
            external_id: fields.text("external_id", limits::KEY_STRING_BYTES_MAX),
            domains: domains(&mut fields).unwrap_or_default(),
            metadata: match metadata(&mut fields) {
                Some(MetadataChange::Merge(pairs)) => {
                    pairs.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
                }
                Some(MetadataChange::Clear) | None => Vec::new(),
            },
            allow_profiles_outside_organization: fields
                .flag("allow_profiles_outside_organization")
                .unwrap_or(false),
        };
        fields.finish()?;
        let made = organizations::create_organization(&self.context, &call.caller, new).await?;
        Ok(sent(StatusCode::CREATED, &made))
    }

    pub(super) async fn update_organization(&self, call: &mut Call) -> Result<Response, Refused> {
        let id: OrganizationId = call.id("id", WHAT)?;
        let mut fields = Fields::read(&mut call.request).await?;
        let change = OrganizationChange {
            name: fields.text("name", limits::NAME_BYTES_MAX),
            external_id: fields.nullable_text("external_id", limits::KEY_STRING_BYTES_MAX),
            domains: domains(&mut fields),
            metadata: metadata(&mut fields),
            stripe_customer_id: fields.nullable_text("stripe_customer_id", limits::NAME_BYTES_MAX),
            allow_profiles_outside_organization: fields.flag("allow_profiles_outside_organization"),
        };
        fields.finish()?;
        let changed = organizations::update_organization(&self.context, &call.caller, id, change).await?;
        Ok(sent(StatusCode::OK, &changed))
    }

    pub(super) async fn delete_organization(&self, call: &Call) -> Result<Response, Refused> {
        let id = call.id("id", WHAT)?;
        organizations::delete_organization(&self.context, &call.caller, id).await?;
        Ok(empty(StatusCode::ACCEPTED))
    }
}

fn sent(status: StatusCode, organization: &model::organization::Organization) -> Response {
    match status {
        StatusCode::OK => ok(&Organization::from(organization)),
        _ => json(status, &Organization::from(organization)),
    }
}

/// `domain_data` with its states, else `domains`, which the app vouches for.
fn domains(fields: &mut Fields) -> Option<Vec<(String, DomainState)>> {
    let named = fields.value("domains").filter(|value| !value.is_null());
    let with_state = fields.value("domain_data").filter(|value| !value.is_null());
    let (field, value) = match (with_state, named) {
        (Some(value), _) => ("domain_data", value),
        (None, Some(value)) => ("domains", value),
        (None, None) => return None,
    };
    let read = match &value {
        Value::Array(values) if values.len() <= limits::DOMAINS_PER_ORGANIZATION_MAX => {
            values.iter().map(domain).collect::<Option<Vec<_>>>()
        }
        _ => None,
    };
    if read.is_none() {
        let message = format!(
            "write a list of up to {} domains; in domain_data objects of domain and state, pending or verified",
            limits::DOMAINS_PER_ORGANIZATION_MAX
        );
        fields.fault(field, "invalid", message);
    }
    read
}

fn domain(value: &Value) -> Option<(String, DomainState)> {
    let (domain, state) = match value {
        Value::String(domain) => (domain.as_str(), DomainState::Verified),
        Value::Object(object) => {
            let state = object
                .get("state")
                .map_or(Some(DomainState::Pending), |state| state.as_str().and_then(DomainState::from_name));
            (object.get("domain")?.as_str()?, state?)
        }
        _ => return None,
    };
    let is_domain = !domain.is_empty()
        && domain.len() <= limits::NAME_BYTES_MAX
        && !domain.contains(|letter: char| letter.is_whitespace() || letter.is_control() || letter == '@');
    is_domain.then(|| (domain.to_owned(), state))
}

fn metadata(fields: &mut Fields) -> Option<MetadataChange> {
    let pairs = match fields.value("metadata")? {
        Value::Null => return Some(MetadataChange::Clear),
        Value::Object(object) => object
            .into_iter()
            .map(|(key, value)| match value {
                Value::String(text) => Some((key, Some(text))),
                Value::Null => Some((key, None)),
                _ => None,
            })
            .collect::<Option<Vec<_>>>(),
        _ => None,
    };
    if pairs.is_none() {
        fields.fault("metadata", "invalid", "write an object whose values are texts, or null to remove one");
    }
    pairs.map(MetadataChange::Merge)
}
