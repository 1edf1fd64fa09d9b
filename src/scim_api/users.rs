//! `/Users` and `/Users/{id}`.

use http::header;
use serde_json::{Map, Value};

use crate::base::limits;
use crate::scim::dialect::{self, Rule};
use crate::scim::patch;
use crate::scim::projection::Projection;
use crate::scim::resource::{self, Resource};
use crate::scim::schema::ResourceType;
use crate::scim::{self, Strictness};
use crate::service::changes::{IfMatch, Replacement, Written};
use crate::service::record::Origin;
use crate::service::users::{
    CreateUser, DeleteUser, Derived, UpdateUser, create_user, delete_user, patch_user, read_user,
    replace_user,
};
use crate::service::Failure;

use super::answer::Answer;
use super::body::{self, Parsed};
use super::error::Refused;
use super::{At, Exchange, distinct};

pub async fn create(at: &At<'_>, exchange: &mut Exchange) -> Result<Answer, Refused> {
    let projection = body::projection(at, exchange, ResourceType::User)?;
    let body = body::read(exchange, limits::RESOURCE_BODY_BYTES_MAX).await??;
    let written = create_from(at, body, exchange.origin()).await?;
    Ok(Answer::resource(at, 201, &written.resource, &projection).recorded(written.rules))
}

/// Creates a user from a body, by itself or out of a Bulk request.
pub async fn create_from(at: &At<'_>, mut body: Map<String, Value>, origin: Origin) -> Result<Written, Failure> {
    let rules = rewrite(at, &mut body);
    let resource = parse(at, &body)?;
    create_user(at.context, at.caller, CreateUser { resource, rules, origin }).await
}

pub fn read(at: &At<'_>, exchange: &Exchange) -> Result<Answer, Refused> {
    let projection = body::projection(at, exchange, ResourceType::User)?;
    let groups = wanted(&projection, "groups");
    let loaded = read_user(at.context, at.caller, at.id, groups)?;
    // What is derived from groups doesn't move the version: an answer with it is never "not modified".
    let is_known = groups == Derived::NotWanted && super::groups::is_known(exchange, loaded.version());
    let status = if is_known { 304 } else { 200 };
    Ok(Answer::resource(at, status, &loaded, &projection))
}

/// What a PUT or PATCH of a user is made of.
pub struct UserChange<'a> {
    pub id: &'a str,
    pub body: Parsed,
    /// What is wrong with the request beside its body: said in place of what the body asks for,
    /// unless that is a deactivation.
    pub fault: Option<scim::Error>,
    pub if_match: IfMatch,
    pub origin: Origin,
}

/// Reads a change from a request, and what of the user is to be answered.
async fn change<'a>(at: &At<'a>, exchange: &mut Exchange) -> Result<(UserChange<'a>, Projection), Refused> {
    let (projection, fault) = match body::projection(at, exchange, ResourceType::User) {
        Ok(projection) => (projection, None),
        Err(fault) => (Projection::default_of(&at.caller.registry.user), Some(fault)),
    };
    let if_match = IfMatch::parse(exchange.header(header::IF_MATCH));
    let body = body::read(exchange, limits::RESOURCE_BODY_BYTES_MAX).await?;
    Ok((UserChange { id: at.id, body, fault, if_match, origin: exchange.origin() }, projection))
}

pub async fn replace(at: &At<'_>, exchange: &mut Exchange) -> Result<Answer, Refused> {
    let (change, projection) = change(at, exchange).await?;
    let written = replace_from(at, change).await?;
    Ok(Answer::resource(at, 200, &written.resource, &projection).recorded(written.rules))
}

/// Replaces a user, by itself or out of a Bulk request.
pub async fn replace_from(at: &At<'_>, change: UserChange<'_>) -> Result<Written, Failure> {
    let UserChange { id, body, fault, if_match, origin } = change;
    let mut rules = Vec::new();
    let mut deactivates = false;
    let resource = body.and_then(|mut body| {
        rules = rewrite(at, &mut body);
        deactivates = patch::deactivates_by_put(&body);
        let unmentioned_external_id = body::unmentioned_external_id(at, &body);
        let resource = fault.map_or_else(|| parse(at, &body), Err)?;
        Ok(Replacement { body: resource, unmentioned_external_id })
    });
    let request = UpdateUser { id: id.to_owned(), if_match, body: resource, deactivates, rules, origin };
    replace_user(at.context, at.caller, request).await
}

pub async fn patch(at: &At<'_>, exchange: &mut Exchange) -> Result<Answer, Refused> {
    let (change, projection) = change(at, exchange).await?;
    let written = patch_from(at, change).await?;
    Ok(Answer::resource(at, 200, &written.resource, &projection).recorded(written.rules))
}

/// Changes a user, by itself or out of a Bulk request.
pub async fn patch_from(at: &At<'_>, change: UserChange<'_>) -> Result<Written, Failure> {
    let UserChange { id, body, fault, if_match, origin } = change;
    let schema = &at.caller.registry.user;
    let strictness = at.caller.strictness();
    let mut rules = Vec::new();
    let mut deactivates = false;
    let patch = body.and_then(|mut body| {
        if strictness == Strictness::Lenient {
            rules = dialect::rewrite_patch(&mut body, schema);
        }
        deactivates = patch::deactivates_by_patch(&body);
        fault.map_or_else(|| patch::parse(&body, schema, strictness), Err)
    });
    let rules = distinct(rules);
    let request = UpdateUser { id: id.to_owned(), if_match, body: patch, deactivates, rules, origin };
    patch_user(at.context, at.caller, request).await
}

pub async fn delete(at: &At<'_>, exchange: &Exchange) -> Result<Answer, Refused> {
    let if_match = IfMatch::parse(exchange.header(header::IF_MATCH));
    let request = DeleteUser { id: at.id.to_owned(), if_match, origin: exchange.origin() };
    delete_user(at.context, at.caller, request).await?;
    Ok(Answer::empty(204).recorded(Vec::new()))
}

fn rewrite(at: &At<'_>, body: &mut Map<String, Value>) -> Vec<Rule> {
    match at.caller.strictness() {
        Strictness::Lenient => distinct(dialect::rewrite_resource(body, &at.caller.registry.user)),
        Strictness::Strict => Vec::new(),
    }
}

fn parse(at: &At<'_>, body: &Map<String, Value>) -> Result<Resource, scim::Error> {
    let schema = &at.caller.registry.user;
    let mut parsed = resource::parse(body, schema)?;
    resource::check(schema, &mut parsed.resource)?;
    Ok(parsed.resource)
}

/// Whether an answer needs what is kept apart from the resource.
pub fn wanted(projection: &Projection, attribute: &str) -> Derived {
    match projection.needs(attribute) {
        true => Derived::Wanted,
        false => Derived::NotWanted,
    }
}
