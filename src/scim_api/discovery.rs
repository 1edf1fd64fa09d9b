//! What the service can do (RFC 7644 §4): made of the schemas and limits that the code enforces.

use serde_json::{Map, Value};

use crate::scim::discovery;

use super::answer::Answer;
use super::error::{Refused, filter_on_discovery};
use super::{At, Exchange, body};

/// Where an admin reads on.
const DOCUMENTATION_URI: &str = "https://github.com/rosterd/rosterd#readme";

pub fn service_provider_config(at: &At<'_>) -> Answer {
    found(discovery::service_provider_config(&at.scim_url(), DOCUMENTATION_URI))
}

pub fn resource_types(at: &At<'_>, exchange: &Exchange) -> Result<Answer, Refused> {
    refuse_filter(exchange)?;
    Ok(found(discovery::resource_types(&at.caller.registry, &at.scim_url())))
}

pub fn resource_type(at: &At<'_>) -> Result<Answer, Refused> {
    let document = discovery::resource_type(&at.caller.registry, &at.scim_url(), at.id);
    document.map(found).ok_or_else(|| Refused::new(404, "there is no such resource type: User and Group are"))
}

pub fn schemas(at: &At<'_>, exchange: &Exchange) -> Result<Answer, Refused> {
    refuse_filter(exchange)?;
    Ok(found(discovery::schemas(&at.caller.registry, &at.scim_url())))
}

pub fn schema(at: &At<'_>) -> Result<Answer, Refused> {
    let document = discovery::schema(&at.caller.registry, &at.scim_url(), at.id);
    document.map(found).ok_or_else(|| Refused::new(404, "there is no such schema: /Schemas lists all"))
}

fn found(document: Map<String, Value>) -> Answer {
    Answer::json(200, Value::Object(document).to_string())
}

fn refuse_filter(exchange: &Exchange) -> Result<(), Refused> {
    match body::pairs(exchange)?.iter().any(|(name, _)| name.eq_ignore_ascii_case("filter")) {
        true => Err(filter_on_discovery()),
        false => Ok(()),
    }
}
