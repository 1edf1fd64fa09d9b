//! Reads request bodies: media type, size, strict JSON, and what of them goes into the record.

use serde_json::{Map, Value};

use crate::base::{json, limits};
use crate::scim::field::describe;
use crate::scim::list::ListQuery;
use crate::scim::projection::Projection;
use crate::scim::schema::ResourceType;
use crate::scim::{self, Error, Strictness};
use crate::service::changes::Unmentioned;
use crate::service::record::recorded_body;
use crate::web::{Request, query_pairs};

use super::error::{Refused, unsupported_media_type};
use super::{At, Exchange};

/// A body that may be of no use: some errors weigh more than that of the body.
pub type Parsed = Result<Map<String, Value>, scim::Error>;

/// Reads a JSON object. What is wrong with the JSON itself comes back inside, so that an unknown id
/// can be answered first.
///
/// # Errors
///
/// 413, 408, 415 at once.
pub async fn read(exchange: &mut Exchange, bytes_max: usize) -> Result<Parsed, Refused> {
    check_media_type(&exchange.request)?;
    let bytes = exchange.request.read_body(bytes_max).await?;
    if bytes.is_empty() {
        return Ok(Err(Error::invalid_syntax("the request has no body; send a JSON object")));
    }
    match json::parse(&bytes, limits::JSON_DEPTH_MAX) {
        Ok(value) => {
            if exchange.keeps_bodies {
                exchange.record.request_body = Some(recorded_body(&value, bytes.len()));
            }
            match value {
                Value::Object(object) => Ok(Ok(object)),
                other => Ok(Err(Error::invalid_syntax(format!(
                    "the body must be a JSON object, not {}",
                    describe(&other)
                )))),
            }
        }
        Err(error) => Ok(Err(Error::invalid_syntax(error.to_string()))),
    }
}

/// Some clients name no type at all, and some the type of plain JSON.
fn check_media_type(request: &Request) -> Result<(), Refused> {
    match request.content_type().as_deref() {
        None | Some("application/scim+json" | "application/json") => Ok(()),
        Some(_) => Err(unsupported_media_type()),
    }
}

/// The query, decoded.
pub fn pairs(exchange: &Exchange) -> Result<Vec<(String, String)>, Error> {
    query_pairs(exchange.request.query()).map_err(|error| Error::invalid_value(error.to_string()))
}

/// Which attributes the answer to a request for one resource shall have.
pub fn projection(at: &At<'_>, exchange: &Exchange, resource_type: ResourceType) -> Result<Projection, Error> {
    let schema = at.caller.registry.of(resource_type);
    if exchange.request.query().is_empty() {
        return Ok(Projection::default_of(schema));
    }
    let query = ListQuery::from_pairs(&pairs(exchange)?)?;
    Projection::parse(query.attributes.as_deref(), query.excluded_attributes.as_deref(), schema)
}

/// What becomes of an `externalId` that a PUT of this body doesn't mention.
pub fn unmentioned_external_id(at: &At<'_>, body: &Map<String, Value>) -> Unmentioned {
    let is_mentioned = body.keys().any(|name| name.eq_ignore_ascii_case("externalId"));
    match at.caller.strictness() {
        Strictness::Lenient if !is_mentioned => Unmentioned::Kept,
        Strictness::Lenient | Strictness::Strict => Unmentioned::Cleared,
    }
}
