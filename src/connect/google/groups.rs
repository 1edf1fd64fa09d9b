//! Groups and their members, nested ones included.

use std::collections::{HashMap, HashSet};

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use serde_json::{Map, Value, json};

use crate::base::limits;
use crate::connect::listing::{ListedGroup, Listing};
use crate::connect::trouble::{Trouble, TroubleKind};

use super::api::{Api, Pages, segment};

/// Groups whose members are asked for at a time: within the quota, which counts per minute.
const AT_ONCE: usize = 4;
const PAGE: &str = "200";

/// A group without its members.
pub struct Named {
    id: String,
    name: String,
    email: String,
    description: Option<String>,
}

/// The members of each group, by its id.
pub type Members = HashMap<String, MembersOf>;

#[derive(Debug, Default)]
pub struct MembersOf {
    /// Users and groups, by id; None when they could not be read whole.
    ids: Option<Vec<String>>,
    pub groups: Vec<String>,
    pub users: Vec<String>,
    /// Everybody of the customer is a member.
    has_everybody: bool,
}

pub fn members_path(group: &str) -> String {
    format!("/admin/directory/v1/groups/{}/members", segment(group))
}

fn path(group: &str) -> String {
    format!("/admin/directory/v1/groups/{}", segment(group))
}

/// # Errors
///
/// When there is no such group.
pub async fn check(api: &Api<'_>, group: &str) -> Result<(), Trouble> {
    read(api, group).await.map(drop)
}

async fn read(api: &Api<'_>, group: &str) -> Result<Map<String, Value>, Trouble> {
    match api.find(&path(group), &[]).await? {
        Some(Value::Object(object)) => Ok(object),
        _ => Err(Trouble::settings(
            "groups",
            format!("there is no group {group:?}"),
            "write the addresses or ids of groups as Google has them",
        )),
    }
}

/// The groups that are pulled, but for those that are found nested in them.
///
/// # Errors
///
/// When they can't be listed.
pub async fn list(api: &Api<'_>, listing: &mut Listing) -> Result<Vec<Named>, Trouble> {
    let objects = match api.source.groups.is_empty() {
        true => {
            let (whose, name) = api.source.whose();
            let Pages { items, gap } = api
                .pages("/admin/directory/v1/groups", &[(whose, name), ("maxResults", PAGE)], "groups")
                .await?;
            if let Some(gap) = gap {
                listing.gap(gap);
            }
            items
        }
        false => {
            let mut objects = Vec::new();
            for group in &api.source.groups {
                objects.push(read(api, group).await?);
            }
            objects
        }
    };
    Ok(objects.iter().filter_map(|object| named(object, listing)).collect())
}

fn named(object: &Map<String, Value>, listing: &mut Listing) -> Option<Named> {
    let text = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
    let (id, email) = (text("id"), text("email"));
    if id.is_empty() {
        listing.gap(Trouble::content("a group has no id", "it is tried again at the next run"));
        return None;
    }
    let name = Some(text("name")).filter(|name| !name.is_empty()).unwrap_or_else(|| email.clone());
    let name = if name.is_empty() { id.clone() } else { name };
    let description = Some(text("description")).filter(|text| !text.is_empty());
    Some(Named { id, name, email, description })
}

/// The members of these groups and, when the scope is groups, of those nested in them.
///
/// # Errors
///
/// When Google refuses altogether; one group whose members can't be read is a gap.
pub async fn members(api: &Api<'_>, groups: &[Named], listing: &mut Listing) -> Result<Members, Trouble> {
    let mut found = Members::new();
    let mut wanted: Vec<String> = groups.iter().map(|group| group.id.clone()).collect();
    let mut seen: HashSet<String> = wanted.iter().cloned().collect();
    while !wanted.is_empty() {
        let asked = std::mem::take(&mut wanted);
        let asking: Vec<BoxFuture<'_, _>> = asked
            .into_iter()
            .map(|group| async move { (members_of(api, &group).await, group) }.boxed())
            .collect();
        let mut answers = stream::iter(asking).buffer_unordered(AT_ONCE);
        while let Some((answer, group)) = answers.next().await {
            let (members, gap) = match answer {
                Ok(answer) => answer,
                Err(trouble) if trouble.kind == TroubleKind::Credentials => return Err(trouble),
                Err(trouble) => (MembersOf::default(), Some(trouble)),
            };
            if let Some(gap) = gap {
                listing.gap(gap);
            }
            if !api.source.groups.is_empty() {
                let nested = members.groups.iter().filter(|id| seen.insert((*id).clone()));
                wanted.extend(nested.cloned());
            }
            found.insert(group, members);
            if limits::CONNECTOR_GROUPS_MAX < found.len() {
                return Err(Trouble::content(
                    "there are too many nested groups",
                    "narrow the scope of the connector",
                ));
            }
        }
    }
    Ok(found)
}

async fn members_of(api: &Api<'_>, group: &str) -> Result<(MembersOf, Option<Trouble>), Trouble> {
    let Pages { items, gap } = api.pages(&members_path(group), &[("maxResults", PAGE)], "members").await?;
    let mut members = MembersOf::default();
    let mut ids = Vec::new();
    for item in &items {
        let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
        let id = text("id").to_owned();
        match text("type") {
            "CUSTOMER" => members.has_everybody = true,
            "GROUP" => {
                ids.push(id.clone());
                members.groups.push(id);
            }
            _ if id.is_empty() => {}
            _ => {
                ids.push(id.clone());
                members.users.push(id);
            }
        }
    }
    members.ids = gap.is_none().then_some(ids);
    Ok((members, gap))
}

/// Adds groups with their members to the listing, after its users.
///
/// # Errors
///
/// More than are taken.
pub fn add(groups: Vec<Named>, mut members: Members, listing: &mut Listing) -> Result<(), Trouble> {
    for group in groups {
        let MembersOf { mut ids, has_everybody, .. } = members.remove(&group.id).unwrap_or_default();
        if let Some(ids) = ids.as_mut().filter(|_| has_everybody) {
            ids.extend(listing.users.iter().map(|user| user.external_id.clone()));
        }
        let mut attributes = Map::new();
        attributes.insert(
            "urn:rosterd:google:group".to_owned(),
            json!({ "email": group.email, "description": group.description }),
        );
        listing.add_group(ListedGroup {
            external_id: group.id,
            name: group.name,
            attributes,
            members: ids,
        })?;
    }
    Ok(())
}
