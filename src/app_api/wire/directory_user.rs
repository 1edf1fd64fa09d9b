//! Directory users as they are sent; the same shape as in events, with the groups besides.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Shown;
use super::directory_group::DirectoryGroup;
use crate::base::id::{DirectoryId, OrganizationId, UserId};
use crate::base::time::Timestamp;
use crate::model;

#[derive(Debug, Serialize)]
pub struct DirectoryUser<'a> {
    object: &'static str,
    id: Shown<UserId>,
    directory_id: Shown<DirectoryId>,
    organization_id: Shown<OrganizationId>,
    idp_id: &'a str,
    email: Option<&'a str>,
    first_name: Option<&'a str>,
    last_name: Option<&'a str>,
    name: Option<&'a str>,
    emails: &'a [Value],
    job_title: Option<&'a str>,
    username: Option<&'a str>,
    state: &'static str,
    raw_attributes: &'a Map<String, Value>,
    custom_attributes: &'a Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Role<'a>>,
    roles: Vec<Role<'a>>,
    created_at: Shown<Timestamp>,
    updated_at: Shown<Timestamp>,
}

/// A role by its slug.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Role<'a> {
    pub slug: &'a str,
}

impl<'a> From<&'a model::directory_user::DirectoryUser> for DirectoryUser<'a> {
    fn from(user: &'a model::directory_user::DirectoryUser) -> Self {
        let view = &user.view;
        let roles: Vec<Role<'a>> = user.roles.iter().map(|slug| Role { slug }).collect();
        Self {
            object: "directory_user",
            id: Shown(user.id),
            directory_id: Shown(user.directory_id),
            organization_id: Shown(user.organization_id),
            idp_id: &user.idp_id,
            email: view.email.as_deref(),
            first_name: view.first_name.as_deref(),
            last_name: view.last_name.as_deref(),
            name: view.name.as_deref(),
            emails: &view.emails,
            job_title: view.job_title.as_deref(),
            username: view.username.as_deref(),
            state: user.state.name(),
            raw_attributes: &view.raw_attributes,
            custom_attributes: &view.custom_attributes,
            role: roles.first().copied(),
            roles,
            created_at: Shown(user.created_at),
            updated_at: Shown(user.updated_at),
        }
    }
}

/// A user with the groups it is a direct member of.
#[derive(Debug, Serialize)]
pub struct DirectoryUserWithGroups<'a> {
    #[serde(flatten)]
    user: DirectoryUser<'a>,
    groups: Vec<DirectoryGroup<'a>>,
}

impl<'a> DirectoryUserWithGroups<'a> {
    pub fn new(
        user: &'a model::directory_user::DirectoryUser,
        groups: &'a [model::directory_group::DirectoryGroup],
    ) -> Self {
        Self { user: DirectoryUser::from(user), groups: groups.iter().map(DirectoryGroup::from).collect() }
    }
}
