//! The answer to whether somebody may come in.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Shown;
use super::directory_user::Role;
use crate::base::id::{DirectoryId, EventId, GroupId, OrganizationId, UserId};
use crate::model;

/// Roles, groups and attributes on top are those of the only user that matched, or, when several
/// did, what all of them have together.
#[derive(Debug, Serialize)]
pub struct Access<'a> {
    object: &'static str,
    allowed: bool,
    reason: &'static str,
    roles: Vec<Role<'a>>,
    groups: Vec<Group<'a>>,
    attributes: Option<&'a Map<String, Value>>,
    users: Vec<User<'a>>,
    as_of_event: Option<Shown<EventId>>,
}

#[derive(Debug, Serialize)]
struct User<'a> {
    object: &'static str,
    id: Shown<UserId>,
    directory_id: Shown<DirectoryId>,
    organization_id: Shown<OrganizationId>,
    directory_state: &'static str,
    idp_id: &'a str,
    email: Option<&'a str>,
    name: Option<&'a str>,
    state: &'static str,
    held: bool,
    roles: Vec<Role<'a>>,
    groups: Vec<Group<'a>>,
    attributes: &'a Map<String, Value>,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Group<'a> {
    id: Shown<GroupId>,
    idp_id: &'a str,
    name: &'a str,
}

impl<'a> From<&'a model::access::AccessAnswer> for Access<'a> {
    fn from(answer: &'a model::access::AccessAnswer) -> Self {
        let users: Vec<User<'a>> = answer.users.iter().map(User::from).collect();
        let mut roles: Vec<Role<'a>> = Vec::new();
        for role in users.iter().flat_map(|user| &user.roles) {
            if !roles.iter().any(|known| known.slug == role.slug) {
                roles.push(*role);
            }
        }
        Self {
            object: "access",
            allowed: answer.is_allowed,
            reason: answer.reason.name(),
            roles,
            groups: users.iter().flat_map(|user| user.groups.iter().copied()).collect(),
            attributes: match answer.users.as_slice() {
                [only] => Some(&only.custom_attributes),
                _ => None,
            },
            users,
            as_of_event: answer.as_of.map(Shown),
        }
    }
}

impl<'a> From<&'a model::access::AccessUser> for User<'a> {
    fn from(user: &'a model::access::AccessUser) -> Self {
        Self {
            object: "access_user",
            id: Shown(user.id),
            directory_id: Shown(user.directory_id),
            organization_id: Shown(user.organization_id),
            directory_state: user.directory_state.name(),
            idp_id: &user.idp_id,
            email: user.email.as_deref(),
            name: user.name.as_deref(),
            state: user.state.name(),
            held: user.is_held,
            roles: user.roles.iter().map(|slug| Role { slug }).collect(),
            groups: user.groups.iter().map(Group::from).collect(),
            attributes: &user.custom_attributes,
        }
    }
}

impl<'a> From<&'a model::access::AccessGroup> for Group<'a> {
    fn from(group: &'a model::access::AccessGroup) -> Self {
        Self { id: Shown(group.id), idp_id: &group.idp_id, name: &group.name }
    }
}
