//! Schemas (RFC 7643 §7): what attributes there are and what may be done with them. The same
//! values are enforced and published by the discovery endpoints.

mod build;
mod common;
mod enterprise;
pub mod extension;
mod group;
pub mod service;
mod user;

use std::sync::{Arc, LazyLock};

/// URNs that the RFCs define.
pub mod urn {
    pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
    pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
    pub const ENTERPRISE_USER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    pub const SERVICE_PROVIDER_CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
    pub const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
    pub const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
    pub const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
    pub const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
    pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    pub const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
    pub const BULK_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
    pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
}

/// The two resource types that a directory has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ResourceType {
    User,
    Group,
}

impl ResourceType {
    /// The name in `meta.resourceType`: `User`.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }

    /// The endpoint relative to the base: `/Users`.
    pub fn endpoint(self) -> &'static str {
        match self {
            Self::User => "/Users",
            Self::Group => "/Groups",
        }
    }
}

/// The data type of an attribute (RFC 7643 §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    String,
    Boolean,
    Decimal,
    Integer,
    DateTime,
    Binary,
    Reference,
    Complex,
}

impl Type {
    /// The keyword as it is published.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Boolean => "boolean",
            Self::Decimal => "decimal",
            Self::Integer => "integer",
            Self::DateTime => "dateTime",
            Self::Binary => "binary",
            Self::Reference => "reference",
            Self::Complex => "complex",
        }
    }
}

/// Who may write an attribute, and when (RFC 7643 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutability {
    ReadOnly,
    ReadWrite,
    Immutable,
    WriteOnly,
}

impl Mutability {
    /// The keyword as it is published.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::ReadOnly => "readOnly",
            Self::ReadWrite => "readWrite",
            Self::Immutable => "immutable",
            Self::WriteOnly => "writeOnly",
        }
    }
}

/// When an attribute is sent (RFC 7643 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returned {
    Always,
    Never,
    Default,
    Request,
}

impl Returned {
    /// The keyword as it is published.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Never => "never",
            Self::Default => "default",
            Self::Request => "request",
        }
    }
}

/// Where a value must be the only one (RFC 7643 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uniqueness {
    None,
    Server,
    Global,
}

impl Uniqueness {
    /// The keyword as it is published.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Server => "server",
            Self::Global => "global",
        }
    }
}

/// One attribute or sub-attribute with its characteristics (RFC 7643 §7).
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    pub name: String,
    pub kind: Type,
    pub multi_valued: bool,
    pub description: String,
    pub required: bool,
    /// The server gives it a value where a request doesn't, so that it is never without: published as
    /// required, but not demanded.
    pub has_default: bool,
    pub canonical_values: Vec<String>,
    pub case_exact: bool,
    pub mutability: Mutability,
    pub returned: Returned,
    pub uniqueness: Uniqueness,
    /// For references: `User`, `Group`, `external`, `uri`.
    pub reference_types: Vec<String>,
    /// For complex attributes; empty otherwise.
    pub sub_attributes: Vec<Attribute>,
}

impl Attribute {
    /// The sub-attribute of that name, without regard to case.
    pub fn sub_attribute(&self, name: &str) -> Option<&Attribute> {
        self.sub_attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }

    pub fn is_complex(&self) -> bool {
        self.kind == Type::Complex
    }
}

/// A schema: a URN and its attributes.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    pub id: String,
    pub name: String,
    pub description: String,
    pub attributes: Vec<Attribute>,
}

impl Schema {
    /// The attribute of that name, without regard to case.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }
}

/// What a resource of one type may hold in one directory: the core schema, the attributes common
/// to all resources (`id`, `externalId`, `meta`, `schemas`; RFC 7643 §3.1), and the extensions.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeSchema {
    pub resource_type: ResourceType,
    /// `schemas`, `id`, `externalId`, `meta`.
    pub common: Vec<Attribute>,
    pub core: Schema,
    pub extensions: Vec<Schema>,
}

impl TypeSchema {
    /// A core or common attribute by name, without regard to case.
    pub fn core_attribute(&self, name: &str) -> Option<&Attribute> {
        self.core
            .attribute(name)
            .or_else(|| self.common.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name)))
    }

    /// A registered extension by its URN, without regard to case.
    pub fn extension(&self, urn: &str) -> Option<&Schema> {
        self.extensions.iter().find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }
}

/// The schemas of one directory: those of the RFC and its own extensions. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Registry {
    pub user: Arc<TypeSchema>,
    pub group: Arc<TypeSchema>,
}

/// The schemas of a directory without extensions of its own: User with the enterprise extension,
/// and Group. Made once; every call shares it.
pub fn standard() -> Registry {
    static STANDARD: LazyLock<Registry> = LazyLock::new(|| Registry {
        user: Arc::new(TypeSchema {
            resource_type: ResourceType::User,
            common: common::attributes(),
            core: user::schema(),
            extensions: vec![enterprise::schema()],
        }),
        group: Arc::new(TypeSchema {
            resource_type: ResourceType::Group,
            common: common::attributes(),
            core: group::schema(),
            extensions: Vec::new(),
        }),
    });
    STANDARD.clone()
}

impl Registry {
    pub fn of(&self, resource_type: ResourceType) -> &TypeSchema {
        match resource_type {
            ResourceType::User => &self.user,
            ResourceType::Group => &self.group,
        }
    }
    /// These schemas with a directory's own extensions. One whose URN is there already is left out.
    pub fn with_extensions(&self, user: Vec<Schema>, group: Vec<Schema>) -> Self {
        Self { user: extended(&self.user, user), group: extended(&self.group, group) }
    }
}

fn extended(schema: &Arc<TypeSchema>, extensions: Vec<Schema>) -> Arc<TypeSchema> {
    if extensions.is_empty() {
        return Arc::clone(schema);
    }
    let mut extended = TypeSchema::clone(schema);
    for extension in extensions {
        if extended.extension(&extension.id).is_none() {
            extended.extensions.push(extension);
        }
    }
    Arc::new(extended)
}

#[cfg(test)]
mod tests;
