//! What can be asked of a directory: a closed enum, and the table that leads to it.

use http::Method;

use crate::scim::schema::ResourceType;

use super::{DELETE, GET, PATCH, POST, PUT};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    RootList,
    RootSearch,
    UsersList,
    UsersSearch,
    UserCreate,
    UserRead,
    UserReplace,
    UserPatch,
    UserDelete,
    GroupsList,
    GroupsSearch,
    GroupCreate,
    GroupRead,
    GroupReplace,
    GroupPatch,
    GroupDelete,
    Bulk,
    Me,
    ServiceProviderConfig,
    ResourceTypes,
    ResourceType,
    Schemas,
    Schema,
}

impl Route {
    /// The resource types that a list covers.
    pub fn types(self) -> &'static [ResourceType] {
        match self {
            Self::UsersList | Self::UsersSearch => &[ResourceType::User],
            Self::GroupsList | Self::GroupsSearch => &[ResourceType::Group],
            _ => &[ResourceType::User, ResourceType::Group],
        }
    }
}

/// Paths below `/scim/v2/{external_key}`.
pub const TABLE: &[(Method, &str, Route)] = &[
    (GET, "/", Route::RootList),
    (POST, "/.search", Route::RootSearch),
    (GET, "/Users", Route::UsersList),
    (POST, "/Users", Route::UserCreate),
    (POST, "/Users/.search", Route::UsersSearch),
    (GET, "/Users/{id}", Route::UserRead),
    (PUT, "/Users/{id}", Route::UserReplace),
    (PATCH, "/Users/{id}", Route::UserPatch),
    (DELETE, "/Users/{id}", Route::UserDelete),
    (GET, "/Groups", Route::GroupsList),
    (POST, "/Groups", Route::GroupCreate),
    (POST, "/Groups/.search", Route::GroupsSearch),
    (GET, "/Groups/{id}", Route::GroupRead),
    (PUT, "/Groups/{id}", Route::GroupReplace),
    (PATCH, "/Groups/{id}", Route::GroupPatch),
    (DELETE, "/Groups/{id}", Route::GroupDelete),
    (POST, "/Bulk", Route::Bulk),
    (GET, "/Me", Route::Me),
    (POST, "/Me", Route::Me),
    (PUT, "/Me", Route::Me),
    (PATCH, "/Me", Route::Me),
    (DELETE, "/Me", Route::Me),
    (GET, "/ServiceProviderConfig", Route::ServiceProviderConfig),
    (GET, "/ResourceTypes", Route::ResourceTypes),
    (GET, "/ResourceTypes/{id}", Route::ResourceType),
    (GET, "/Schemas", Route::Schemas),
    (GET, "/Schemas/{id}", Route::Schema),
];
