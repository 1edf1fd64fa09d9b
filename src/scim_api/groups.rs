//! `/Groups` and `/Groups/{id}`.

use http::header;
use serde_json::{Map, Value};

use crate::base::limits;
use crate::scim::dialect::{self, Rule};
use crate::scim::patch;
use crate::scim::resource::{self, MemberRef, Resource};
use crate::scim::schema::ResourceType;
use crate::scim::{self, Strictness};
use crate::service::Failure;
use crate::service::changes::{IfMatch, Replacement, Written, parse_etag};
use crate::service::groups::{
    CreateGroup, DeleteGroup, PatchGroup, ReplaceGroup, create_group, delete_group, patch_group, read_group,
    replace_group,
};
use crate::service::record::Origin;
use crate::service::users::Derived;

use super::answer::Answer;
use super::body::{self, Parsed};
use super::error::Refused;
use super::users::wanted;
use super::{At, Exchange, distinct};

pub async fn create(at: &At<'_>, exchange: &mut Exchange) -> Result<Answer, Refused> {
    let projection = body::projection(at, exchange, ResourceType::Group)?;
    let body = body::read(exchange, limits::RESOURCE_BODY_BYTES_MAX).await??;
    let written = create_from(at, body, wanted(&projection, "members"), exchange.origin()).await?;
    Ok(Answer::resource(at, 201, &written.resource, &projection).recorded(written.rules))
}

/// Creates a group from a body, by itself or out of a Bulk request.
pub async fn create_from(
    at: &At<'_>,
    mut body: Map<String, Value>,
    answer_members: Derived,
    origin: Origin,
) -> Result<Written, Failure> {
    let rules = rewrite(at, &mut body);
    let (resource, members) = parse(at, &body)?;
    let request = CreateGroup { resource, members, answer_members, rules, origin };
    create_group(at.context, at.caller, request).await
}

pub fn read(at: &At<'_>, exchange: &Exchange) -> Result<Answer, Refused> {
    let projection = body::projection(at, exchange, ResourceType::Group)?;
    let loaded = read_group(at.context, at.caller, at.id, wanted(&projection, "members"))?;
    let status = if is_known(exchange, loaded.version()) { 304 } else { 200 };
    Ok(Answer::resource(at, status, &loaded, &projection))
}

pub async fn replace(at: &At<'_>, exchange: &mut Exchange) -> Result<Answer, Refused> {
    let projection = body::projection(at, exchange, ResourceType::Group)?;
    let if_match = IfMatch::parse(exchange.header(header::IF_MATCH));
    let body = body::read(exchange, limits::RESOURCE_BODY_BYTES_MAX).await?;
    let members = wanted(&projection, "members");
    let written = replace_from(at, at.id, body, if_match, members, exchange.origin()).await?;
    Ok(Answer::resource(at, 200, &written.resource, &projection).recorded(written.rules))
}

/// Replaces a group, by itself or out of a Bulk request.
pub async fn replace_from(
    at: &At<'_>,
    id: &str,
    body: Parsed,
    if_match: IfMatch,
    answer_members: Derived,
    origin: Origin,
) -> Result<Written, Failure> {
    let mut rules = Vec::new();
    let resource = body.and_then(|mut body| {
        rules = rewrite(at, &mut body);
        let unmentioned_external_id = body::unmentioned_external_id(at, &body);
        Ok(Replacement { body: parse(at, &body)?, unmentioned_external_id })
    });
    let request = ReplaceGroup { id: id.to_owned(), if_match, resource, answer_members, rules, origin };
    replace_group(at.context, at.caller, request).await
}

/// A PATCH is answered 200 with the group or 204, as the directory's provider expects; always 200
/// where the request names attributes.
pub async fn patch(at: &At<'_>, exchange: &mut Exchange) -> Result<Answer, Refused> {
    let projection = body::projection(at, exchange, ResourceType::Group)?;
    let if_match = IfMatch::parse(exchange.header(header::IF_MATCH));
    let body = body::read(exchange, limits::RESOURCE_BODY_BYTES_MAX).await?;
    let status = if projection.is_default() { at.caller.directory.group_patch_status() } else { 200 };
    let members = if status == 204 { Derived::NotWanted } else { wanted(&projection, "members") };
    let written = patch_from(at, at.id, body, if_match, (status, members), exchange.origin()).await?;
    Ok(Answer::resource(at, status, &written.resource, &projection).recorded(written.rules))
}

/// Changes a group, by itself or out of a Bulk request.
pub async fn patch_from(
    at: &At<'_>,
    id: &str,
    body: Parsed,
    if_match: IfMatch,
    (status, answer_members): (u16, Derived),
    origin: Origin,
) -> Result<Written, Failure> {
    let schema = &at.caller.registry.group;
    let strictness = at.caller.strictness();
    let mut rules = Vec::new();
    let patch = body.and_then(|mut body| {
        if strictness == Strictness::Lenient {
            rules = dialect::rewrite_patch(&mut body, schema);
        }
        patch::parse(&body, schema, strictness)
    });
    let rules = distinct(rules);
    let request = PatchGroup { id: id.to_owned(), if_match, patch, status, answer_members, rules, origin };
    patch_group(at.context, at.caller, request).await
}

pub async fn delete(at: &At<'_>, exchange: &Exchange) -> Result<Answer, Refused> {
    let if_match = IfMatch::parse(exchange.header(header::IF_MATCH));
    let request = DeleteGroup { id: at.id.to_owned(), if_match, origin: exchange.origin() };
    delete_group(at.context, at.caller, request).await?;
    Ok(Answer::empty(204).recorded(Vec::new()))
}

/// Whether `If-None-Match` names this version.
pub fn is_known(exchange: &Exchange, version: u64) -> bool {
    let Some(tags) = exchange.header(header::IF_NONE_MATCH) else { return false };
    tags.trim() == "*" || tags.split(',').any(|tag| parse_etag(tag) == Some(version))
}

fn rewrite(at: &At<'_>, body: &mut Map<String, Value>) -> Vec<Rule> {
    match at.caller.strictness() {
        Strictness::Lenient => distinct(dialect::rewrite_resource(body, &at.caller.registry.group)),
        Strictness::Strict => Vec::new(),
    }
}

fn parse(at: &At<'_>, body: &Map<String, Value>) -> Result<(Resource, Vec<MemberRef>), scim::Error> {
    let schema = &at.caller.registry.group;
    let mut parsed = resource::parse(body, schema)?;
    resource::check(schema, &mut parsed.resource)?;
    Ok((parsed.resource, parsed.members.unwrap_or_default()))
}
