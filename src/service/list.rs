//! Lists resources: filter, sort, pages by index and by cursor (RFC 7644 §3.4.2, RFC 9865).
//!
//! A filter that names an indexed value looks at the rows found by it alone; any other filter looks
//! at all of them. Either way the same evaluator decides, so that an index can't change the answer.

mod cursor;
mod matches;

use crate::base::limits;
use crate::scim::filter::{self, Filter};
use crate::scim::list::{ListQuery, Page};
use crate::scim::projection::Projection;
use crate::scim::schema::ResourceType;
use crate::scim::sort::SortBy;
use crate::scim::dialect::Rule;

use super::authenticate::Caller;
use super::context::Context;
use super::failure::Failure;
use super::resources::Loaded;
use crate::store::directory::DirectoryView;
use matches::Reading;

/// A list that was asked for, checked.
pub struct ListRequest {
    pub types: Vec<TypeQuery>,
    pub page: Page,
    pub count: usize,
    /// The texts that a cursor belongs to.
    pub filter: Option<String>,
    pub sort_by: Option<String>,
    pub sort_order: Option<String>,
    pub rules: Vec<Rule>,
}

/// What is looked for among the resources of one type.
#[derive(Clone)]
pub struct TypeQuery {
    pub resource_type: ResourceType,
    pub filter: Option<Filter>,
    pub sort: Option<SortBy>,
    pub projection: Projection,
}

/// One page.
pub struct Listed {
    pub total: usize,
    pub start_index: Option<usize>,
    pub next_cursor: Option<String>,
    pub resources: Vec<Loaded>,
    pub rules: Vec<Rule>,
}

impl ListRequest {
    /// Reads filter, sort and projection against the schemas of the types asked for. Where both
    /// are, a filter that makes sense for one alone finds nothing of the other.
    ///
    /// # Errors
    ///
    /// `invalidFilter`, `invalidValue`.
    pub fn parse(caller: &Caller, types: &[ResourceType], query: ListQuery) -> Result<Self, Failure> {
        let mut rules = Vec::new();
        let mut parsed = Vec::new();
        let mut first_error = None;
        for resource_type in types {
            match type_query(caller, *resource_type, &query, &mut rules) {
                Ok(one) => parsed.push(one),
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        if let Some(error) = first_error.filter(|_| parsed.is_empty()) {
            return Err(error);
        }
        Ok(Self {
            types: parsed,
            page: query.page,
            count: query.count.min(limits::PAGE_RESOURCES_MAX),
            filter: query.filter,
            sort_by: query.sort_by,
            sort_order: query.sort_order,
            rules,
        })
    }

    /// How a resource of that type is to be sent.
    pub fn projection(&self, resource_type: ResourceType) -> Option<&Projection> {
        let query = self.types.iter().find(|query| query.resource_type == resource_type);
        query.map(|query| &query.projection)
    }
}

fn type_query(
    caller: &Caller,
    resource_type: ResourceType,
    query: &ListQuery,
    rules: &mut Vec<Rule>,
) -> Result<TypeQuery, Failure> {
    let schema = caller.registry.of(resource_type);
    let filter = match &query.filter {
        Some(text) => {
            Some(filter::parse_noting(text, schema, caller.strictness(), rules)?)
        }
        None => None,
    };
    let sort = SortBy::parse(query.sort_by.as_deref(), query.sort_order.as_deref(), schema)?;
    let projection =
        Projection::parse(query.attributes.as_deref(), query.excluded_attributes.as_deref(), schema)?;
    Ok(TypeQuery { resource_type, filter, sort, projection })
}

/// Lists one page.
///
/// # Errors
///
/// `invalidCursor`, `expiredCursor`; [`Failure`] of the store.
pub async fn list(context: &Context, caller: &Caller, request: ListRequest) -> Result<Listed, Failure> {
    let scim_url = context.scim_url(&caller.directory.external_key);
    let now = context.clock.now();
    if is_look_up(&request) {
        let read = |view: &DirectoryView<'_>| Reading { view, scim_url: &scim_url, now }.page(&request);
        return Ok(context.store.read_directory(caller.scope(), read)?);
    }
    let read = move |view: &DirectoryView<'_>| Reading { view, scim_url: &scim_url, now }.page(&request);
    Ok(context.store.scan_directory(caller.scope(), read).await?)
}

/// Whether a list touches a handful of rows: then it needs no thread of its own.
fn is_look_up(request: &ListRequest) -> bool {
    let by_index = |query: &TypeQuery| {
        query.filter.as_ref().and_then(filter::candidates).is_some_and(|keys| keys.len() <= 4)
    };
    request.types.iter().all(by_index)
}
