//! The schemas of the discovery resources themselves (RFC 7643 §5, §6, §7; RFC 9865 §4). They are
//! published only: nothing of them can be written.

use super::build::{boolean, complex, integer, reference, string};
use super::{Attribute, Schema, urn};

/// ServiceProviderConfig, ResourceType and Schema.
pub fn schemas() -> [Schema; 3] {
    [
        schema(
            urn::SERVICE_PROVIDER_CONFIG,
            "ServiceProviderConfig",
            "What this server can do",
            service_provider_config(),
        ),
        schema(
            urn::RESOURCE_TYPE,
            "ResourceType",
            "A kind of resource and where it is found",
            resource_type(),
        ),
        schema(urn::SCHEMA, "Schema", "The attributes of a kind of resource", schema_attributes()),
    ]
}

fn schema(id: &str, name: &str, description: &str, attributes: Vec<Attribute>) -> Schema {
    Schema {
        id: id.to_owned(),
        name: name.to_owned(),
        description: description.to_owned(),
        attributes: attributes.into_iter().map(Attribute::read_only).collect(),
    }
}

fn service_provider_config() -> Vec<Attribute> {
    let supported = || boolean("supported", "Whether it can be used.").required();
    let feature = |name: &str, description: &str, mut limits: Vec<Attribute>| {
        limits.insert(0, supported());
        complex(name, description, limits).required()
    };
    vec![
        reference("documentationUri", "Address of help for people.", &["external"]),
        feature("patch", "PATCH requests.", Vec::new()),
        feature(
            "bulk",
            "Bulk requests.",
            vec![
                integer("maxOperations", "Operations that one request may have.").required(),
                integer("maxPayloadSize", "Bytes that one request may have.").required(),
            ],
        ),
        feature(
            "filter",
            "Filters.",
            vec![integer("maxResults", "Resources that one answer has at most.").required()],
        ),
        feature("changePassword", "Setting passwords.", Vec::new()),
        feature("sort", "Sorted lists.", Vec::new()),
        feature("etag", "Entity tags.", Vec::new()),
        complex("pagination", "How lists are divided into pages.", pagination()),
        complex("authenticationSchemes", "Ways in which a client can prove who it is.", schemes())
            .many()
            .required(),
    ]
}

fn pagination() -> Vec<Attribute> {
    vec![
        boolean("cursor", "Whether pages can be asked for with a cursor.").required(),
        boolean("index", "Whether pages can be asked for with startIndex.").required(),
        string("defaultPaginationMethod", "What is used when the request doesn't say.")
            .suggested(&["cursor", "index"]),
        integer("defaultPageSize", "Resources on a page when the request doesn't say."),
        integer("maxPageSize", "Resources on a page at most."),
        integer("cursorTimeout", "Seconds for which a cursor works at least."),
    ]
}

fn schemes() -> Vec<Attribute> {
    vec![
        string("type", "Kind of the scheme.").required().suggested(&[
            "oauth",
            "oauth2",
            "oauthbearertoken",
            "httpbasic",
            "httpdigest",
        ]),
        string("name", "Name of the scheme.").required(),
        string("description", "What the scheme is.").required(),
        reference("specUri", "Address of its specification.", &["external"]),
        reference("documentationUri", "Address of help for people.", &["external"]),
        boolean("primary", "Whether it is the preferred one."),
    ]
}

fn resource_type() -> Vec<Attribute> {
    vec![
        string("id", "Identifier of the resource type."),
        string("name", "Name of the resource type.").required(),
        string("description", "What the resources are."),
        reference("endpoint", "Where the resources are found, relative to the base address.", &["uri"])
            .required(),
        reference("schema", "URN of the core schema.", &["uri"]).required(),
        complex(
            "schemaExtensions",
            "Extensions that the resources may have.",
            vec![
                reference("schema", "URN of the extension.", &["uri"]).required(),
                boolean("required", "Whether every resource must have it.").required(),
            ],
        )
        .many(),
    ]
}

fn schema_attributes() -> Vec<Attribute> {
    let mut attributes = attribute();
    attributes.push(complex("subAttributes", "The parts of a complex attribute.", attribute()).many());
    vec![
        string("id", "URN of the schema.").required(),
        string("name", "Name of the schema."),
        string("description", "What the schema is for."),
        complex("attributes", "The attributes of the schema.", attributes).many().required(),
    ]
}

fn attribute() -> Vec<Attribute> {
    let exact = |name: &str, description: &str| string(name, description).case_exact();
    vec![
        exact("name", "Name of the attribute.").required(),
        exact("type", "Data type of the attribute.").required().suggested(&[
            "string",
            "complex",
            "boolean",
            "decimal",
            "integer",
            "dateTime",
            "reference",
            "binary",
        ]),
        boolean("multiValued", "Whether it can have several values.").required(),
        exact("description", "What the attribute is for."),
        boolean("required", "Whether every resource must have it."),
        exact("canonicalValues", "Values that are suggested.").many(),
        boolean("caseExact", "Whether upper and lower case differ."),
        exact("mutability", "Who may write it, and when.").suggested(&[
            "readOnly",
            "readWrite",
            "immutable",
            "writeOnly",
        ]),
        exact("returned", "When it is sent.").suggested(&["always", "never", "default", "request"]),
        exact("uniqueness", "Where a value must be the only one.").suggested(&["none", "server", "global"]),
        exact("referenceTypes", "What a reference may lead to.").many(),
    ]
}
