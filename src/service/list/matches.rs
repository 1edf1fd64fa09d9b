//! Finds what a list asks for in one snapshot of a directory.

use std::ops::ControlFlow;

use crate::base::id::{GroupId, UserId};
use crate::base::time::Timestamp;
use crate::scim::filter::{self, IndexKey};
use crate::scim::list::Page;
use crate::scim::schema::ResourceType;
use crate::scim::sort::SortKey;
use crate::service::failure::Failure;
use crate::service::resources::{Loaded, groups_of_user};
use crate::store::directory::{DirectoryView, GroupRow, Member, UserRow};

use super::cursor::{Place, position_of, read_position};
use super::{ListRequest, Listed, TypeQuery};

/// One snapshot being read.
pub struct Reading<'v, 'c> {
    pub view: &'v DirectoryView<'c>,
    pub scim_url: &'v str,
    pub now: Timestamp,
}

/// A resource that matches, in the order of the list.
pub struct Hit {
    pub place: Place,
    id: ResourceId,
}

#[derive(Clone, Copy)]
enum ResourceId {
    User(UserId),
    Group(GroupId),
}

impl Reading<'_, '_> {
    pub fn page(&self, request: &ListRequest) -> Result<Listed, Failure> {
        match &request.page {
            Page::Index(start) => self.by_index(request, *start),
            Page::FirstOfCursor => self.by_cursor(request, None),
            Page::Cursor(token) => {
                let after = read_position(self.view.id(), request, token, self.now)?;
                self.by_cursor(request, Some(after))
            }
        }
    }

    fn by_index(&self, request: &ListRequest, start: usize) -> Result<Listed, Failure> {
        let (total, resources) = match plain(request) {
            Some(query) => (self.count(query)?, self.rows_page(query, start - 1, request.count)?),
            None => {
                let hits = self.hits(request)?;
                let page = hits.iter().skip(start - 1).take(request.count);
                (hits.len(), self.load_hits(request, page)?)
            }
        };
        Ok(Listed { total, start_index: Some(start), next_cursor: None, resources, rules: request.rules.clone() })
    }

    fn by_cursor(&self, request: &ListRequest, after: Option<Place>) -> Result<Listed, Failure> {
        if let Some(query) = plain(request) {
            return self.plain_by_cursor(request, query, after);
        }
        let hits = self.hits(request)?;
        let order = |hit: &Hit, place: &Place| hit.place.compare(place, request);
        let first = match &after {
            Some(place) => hits.partition_point(|hit| order(hit, place).is_le()),
            None => 0,
        };
        let page = &hits[first..(first + request.count).min(hits.len())];
        let is_last = hits.len() <= first + page.len();
        let next = page.last().filter(|_| !is_last);
        Ok(Listed {
            total: hits.len(),
            start_index: None,
            next_cursor: next.map(|hit| position_of(self.view.id(), request, &hit.place, self.now)),
            resources: self.load_hits(request, page.iter())?,
            rules: request.rules.clone(),
        })
    }

    /// A page of a list that neither filters nor sorts: its cost doesn't grow with the distance.
    fn plain_by_cursor(
        &self,
        request: &ListRequest,
        query: &TypeQuery,
        after: Option<Place>,
    ) -> Result<Listed, Failure> {
        // One more than the page tells whether there is a next one.
        let mut resources = self.rows_after(query, after, request.count + 1)?;
        let has_more = request.count < resources.len();
        resources.truncate(request.count);
        let last = resources.last().filter(|_| has_more);
        let next = last.map(|last| {
            let place = Place { rank: 0, key: None, id: last.id() };
            position_of(self.view.id(), request, &place, self.now)
        });
        Ok(Listed {
            total: self.count(query)?,
            start_index: None,
            next_cursor: next,
            resources,
            rules: request.rules.clone(),
        })
    }

    fn rows_after(&self, query: &TypeQuery, after: Option<Place>, count: usize) -> Result<Vec<Loaded>, Failure> {
        let id = after.map(|place| place.id);
        match query.resource_type {
            ResourceType::User => {
                let after = id.and_then(|id| id.parse().ok());
                let with_groups = query.projection.needs("groups");
                let rows = self.view.users_after(after, count)?;
                rows.into_iter().map(|row| self.user(row, with_groups)).collect()
            }
            ResourceType::Group => {
                let after = id.and_then(|id| id.parse().ok());
                let with_members = query.projection.needs("members");
                let rows = self.view.groups_after(after, count)?;
                rows.into_iter().map(|row| self.group(row, with_members)).collect()
            }
        }
    }

    /// All that matches, in order.
    fn hits(&self, request: &ListRequest) -> Result<Vec<Hit>, Failure> {
        let mut hits = Vec::new();
        for (rank, query) in request.types.iter().enumerate() {
            self.each_candidate(query, |resource| {
                hits.extend(self.hit(query, rank, resource));
                Ok(ControlFlow::Continue(()))
            })?;
        }
        hits.sort_by(|left: &Hit, right| left.place.compare(&right.place, request));
        Ok(hits)
    }

    fn hit(&self, query: &TypeQuery, rank: usize, resource: Loaded) -> Option<Hit> {
        let id = match &resource {
            Loaded::User { row, .. } => ResourceId::User(row.id),
            Loaded::Group { row, .. } => ResourceId::Group(row.id),
        };
        let text = resource.id();
        let mut key = None;
        if query.filter.is_some() || query.sort.is_some() {
            let map = resource.map(self.scim_url);
            if query.filter.as_ref().is_some_and(|filter| !filter::matches(filter, &map)) {
                return None;
            }
            key = query.sort.as_ref().map(|sort| sort.key(&map));
        }
        Some(Hit { place: Place { rank, key, id: text }, id })
    }

    /// Every resource that can match, with what the filter and the sorting look at.
    fn each_candidate(
        &self,
        query: &TypeQuery,
        mut visit: impl FnMut(Loaded) -> Result<ControlFlow<()>, Failure>,
    ) -> Result<(), Failure> {
        let derived = match query.resource_type {
            ResourceType::User => "groups",
            ResourceType::Group => "members",
        };
        let is_mentioned = query.filter.as_ref().is_some_and(|filter| filter.mentions(derived))
            || query.sort.as_ref().is_some_and(|sort| sort.mentions(derived));
        let keys = query.filter.as_ref().and_then(filter::candidates);
        match (query.resource_type, keys) {
            (ResourceType::User, Some(keys)) => {
                for row in self.users_by_keys(&keys)? {
                    let _ = visit(self.user(row, is_mentioned)?)?;
                }
                Ok(())
            }
            (ResourceType::User, None) => self.view.scan_users(|row| visit(self.user(row, is_mentioned)?)),
            (ResourceType::Group, Some(keys)) => {
                for row in self.groups_by_keys(&keys)? {
                    let _ = visit(self.group(row, is_mentioned)?)?;
                }
                Ok(())
            }
            (ResourceType::Group, None) => self.view.scan_groups(|row| visit(self.group(row, is_mentioned)?)),
        }
    }

    fn users_by_keys(&self, keys: &[IndexKey]) -> Result<Vec<UserRow>, Failure> {
        let mut rows = Vec::new();
        for key in keys {
            match key {
                IndexKey::Id(id) => rows.extend(self.user_by_id(id)?),
                IndexKey::UserName(name) => rows.extend(self.view.user_by_user_name(name)?),
                IndexKey::ExternalId(id) => {
                    let found = self.view.users_by_external_id(id)?;
                    rows.extend(found.into_iter().filter(|row| row.status.is_present()));
                }
                IndexKey::Email(email) => rows.extend(self.view.users_by_email(email)?),
                IndexKey::DisplayName(name) => rows.extend(self.view.users_by_display_name(name)?),
                IndexKey::GroupOf(group) => {
                    for member in self.users_under(group)? {
                        rows.extend(self.view.present_user(member)?);
                    }
                }
                // A user has no members.
                IndexKey::Member(_) => {}
            }
        }
        rows.sort_by_key(|row| row.id);
        rows.dedup_by_key(|row| row.id);
        Ok(rows)
    }

    fn groups_by_keys(&self, keys: &[IndexKey]) -> Result<Vec<GroupRow>, Failure> {
        let mut rows = Vec::new();
        for key in keys {
            match key {
                IndexKey::Id(id) => {
                    if let Ok(id) = id.parse() {
                        rows.extend(self.view.group(id)?);
                    }
                }
                IndexKey::ExternalId(id) => rows.extend(self.view.groups_by_external_id(id)?),
                IndexKey::DisplayName(name) => rows.extend(self.view.groups_by_display_name(name)?),
                IndexKey::Member(value) => {
                    let member = Member::from_value_in_any_case(value);
                    for (group, _) in member.map_or(Ok(Vec::new()), |member| self.view.groups_of(member))? {
                        rows.extend(self.view.group(group)?);
                    }
                }
                // A group has none of these.
                IndexKey::UserName(_) | IndexKey::Email(_) | IndexKey::GroupOf(_) => {}
            }
        }
        rows.sort_by_key(|row| row.id);
        rows.dedup_by_key(|row| row.id);
        Ok(rows)
    }

    fn user_by_id(&self, id: &str) -> Result<Option<UserRow>, Failure> {
        match id.parse() {
            Ok(id) => Ok(self.view.present_user(id)?),
            Err(_) => Ok(None),
        }
    }

    /// The users of a group and of the groups nested in it.
    fn users_under(&self, group: &str) -> Result<Vec<UserId>, Failure> {
        let Some(Member::Group(top)) = Member::from_value_in_any_case(group) else { return Ok(Vec::new()) };
        let (mut users, mut seen, mut level) = (Vec::new(), std::collections::HashSet::from([top]), vec![top]);
        for _ in 0..=crate::base::limits::GROUP_NESTING_MAX {
            let mut next = Vec::new();
            for id in level {
                for member in self.view.members(id)? {
                    match member {
                        Member::User(user) => users.push(user),
                        Member::Group(nested) if seen.insert(nested) => next.push(nested),
                        Member::Group(_) => {}
                    }
                }
            }
            level = next;
        }
        users.sort_unstable();
        users.dedup();
        Ok(users)
    }

    fn user(&self, row: UserRow, with_groups: bool) -> Result<Loaded, Failure> {
        let groups = with_groups.then(|| groups_of_user(self.view, &row)).transpose()?;
        Ok(Loaded::User { row, groups })
    }

    fn group(&self, row: GroupRow, with_members: bool) -> Result<Loaded, Failure> {
        let members = with_members.then(|| self.view.members(row.id)).transpose()?;
        Ok(Loaded::Group { row, members })
    }

    fn count(&self, query: &TypeQuery) -> Result<usize, Failure> {
        Ok(match query.resource_type {
            ResourceType::User => self.view.count_users()?,
            ResourceType::Group => self.view.count_groups()?,
        })
    }

    fn rows_page(&self, query: &TypeQuery, offset: usize, count: usize) -> Result<Vec<Loaded>, Failure> {
        match query.resource_type {
            ResourceType::User => {
                let with_groups = query.projection.needs("groups");
                let rows = self.view.users_page(offset, count)?;
                rows.into_iter().map(|row| self.user(row, with_groups)).collect()
            }
            ResourceType::Group => {
                let with_members = query.projection.needs("members");
                let rows = self.view.groups_page(offset, count)?;
                rows.into_iter().map(|row| self.group(row, with_members)).collect()
            }
        }
    }

    fn load_hits<'h>(
        &self,
        request: &ListRequest,
        hits: impl Iterator<Item = &'h Hit>,
    ) -> Result<Vec<Loaded>, Failure> {
        let needs = |resource_type, attribute| {
            request.projection(resource_type).is_some_and(|projection| projection.needs(attribute))
        };
        let with_groups = needs(ResourceType::User, "groups");
        let with_members = needs(ResourceType::Group, "members");
        let mut loaded = Vec::new();
        for hit in hits {
            match hit.id {
                ResourceId::User(id) => {
                    let row = self.view.present_user(id)?;
                    loaded.extend(row.map(|row| self.user(row, with_groups)).transpose()?);
                }
                ResourceId::Group(id) => {
                    let row = self.view.group(id)?;
                    loaded.extend(row.map(|row| self.group(row, with_members)).transpose()?);
                }
            }
        }
        Ok(loaded)
    }
}

/// The one type of a list that neither filters nor sorts: its pages are read directly.
fn plain(request: &ListRequest) -> Option<&TypeQuery> {
    match request.types.as_slice() {
        [query] if query.filter.is_none() && query.sort.is_none() => Some(query),
        _ => None,
    }
}

/// The sort key of a hit, for the order of the list.
pub fn key_or_missing(key: Option<&SortKey>) -> &SortKey {
    key.unwrap_or(&SortKey::Missing)
}
