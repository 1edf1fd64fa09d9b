//! Lists and `.search` (RFC 7644 §3.4.2 and §3.4.3).

use crate::base::limits;
use crate::scim::list::ListQuery;
use crate::scim::schema::ResourceType;
use crate::service::list::{self, ListRequest};

use super::answer::Answer;
use super::error::Refused;
use super::{At, Exchange, body};

pub async fn list(at: &At<'_>, exchange: &Exchange, types: &[ResourceType]) -> Result<Answer, Refused> {
    let query = ListQuery::from_pairs(&body::pairs(exchange)?)?;
    answer(at, types, query).await
}

pub async fn search(at: &At<'_>, exchange: &mut Exchange, types: &[ResourceType]) -> Result<Answer, Refused> {
    let body = body::read(exchange, limits::BULK_BODY_BYTES_MAX).await??;
    answer(at, types, ListQuery::from_search(&body)?).await
}

async fn answer(at: &At<'_>, types: &[ResourceType], query: ListQuery) -> Result<Answer, Refused> {
    let request = ListRequest::parse(at.caller, types, query)?;
    let projections: Vec<_> =
        request.types.iter().map(|query| (query.resource_type, query.projection.clone())).collect();
    let listed = list::list(at.context, at.caller, request).await?;
    Ok(Answer::list(at, &listed, |loaded| {
        let of_type = projections.iter().find(|(resource_type, _)| *resource_type == loaded.resource_type());
        of_type.map(|(_, projection)| projection)
    }))
}
