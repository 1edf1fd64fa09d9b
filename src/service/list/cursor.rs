//! Where a list goes on after a page.

use std::cmp::Ordering;

use crate::base::id::DirectoryId;
use crate::base::time::Timestamp;
use crate::scim::Error;
use crate::scim::cursor::{self, Position, Query};
use crate::scim::sort::SortKey;

use super::ListRequest;
use super::matches::key_or_missing;

/// The place of a resource in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Of its type among those listed.
    pub rank: usize,
    pub key: Option<SortKey>,
    pub id: String,
}

impl Place {
    /// The order of a list: by what it is sorted by, else by type; then by id, which is by age.
    pub fn compare(&self, other: &Self, request: &ListRequest) -> Ordering {
        let sort = request.types.first().and_then(|query| query.sort.as_ref());
        match sort {
            Some(sort) => sort.compare(
                (key_or_missing(self.key.as_ref()), &self.id),
                (key_or_missing(other.key.as_ref()), &other.id),
            ),
            None => self.rank.cmp(&other.rank).then_with(|| self.id.cmp(&other.id)),
        }
    }
}

/// The cursor of the page after a place.
pub fn position_of(directory: DirectoryId, request: &ListRequest, place: &Place, now: Timestamp) -> String {
    let scope = scope(directory, request);
    let position = Position { key: place.key.clone(), id: place.id.clone() };
    cursor::encode(&position, query(request, &scope), now)
}

/// # Errors
///
/// `invalidCursor`, `expiredCursor`.
pub fn read_position(
    directory: DirectoryId,
    request: &ListRequest,
    token: &str,
    now: Timestamp,
) -> Result<Place, Error> {
    let scope = scope(directory, request);
    let position = cursor::decode(token, query(request, &scope), now)?;
    let of_type = |id: &str| {
        let starts = |query: &super::TypeQuery| match query.resource_type {
            crate::scim::schema::ResourceType::User => id.starts_with("directory_user_"),
            crate::scim::schema::ResourceType::Group => id.starts_with("directory_group_"),
        };
        request.types.iter().position(starts).unwrap_or(0)
    };
    Ok(Place { rank: of_type(&position.id), key: position.key, id: position.id })
}

fn scope(directory: DirectoryId, request: &ListRequest) -> String {
    format!("{directory} {}", request.types.len())
}

fn query<'a>(request: &'a ListRequest, scope: &'a str) -> Query<'a> {
    Query {
        resource_type: request.types.first().map_or(crate::scim::schema::ResourceType::User, |query| query.resource_type),
        filter: request.filter.as_deref(),
        sort_by: request.sort_by.as_deref(),
        sort_order: request.sort_order.as_deref(),
        scope,
    }
}
