//! The attributes that every resource has (RFC 7643 §3 and §3.1).

use super::Attribute;
use super::build::{complex, date_time, reference, string};

/// `schemas`, `id`, `externalId`, `meta`.
pub(super) fn attributes() -> Vec<Attribute> {
    vec![
        reference("schemas", "URNs of the schemas whose attributes this resource holds.", &["uri"])
            .many()
            .required()
            .always_returned(),
        string("id", "Identifier given by this server; it never changes and is never used again.")
            .case_exact()
            .read_only()
            .unique()
            .always_returned(),
        string("externalId", "Identifier under which the provisioning client knows the resource.")
            .case_exact(),
        complex("meta", "What this server records about the resource.", meta()).read_only(),
    ]
}

fn meta() -> Vec<Attribute> {
    vec![
        string("resourceType", "Name of the resource's type.").case_exact(),
        date_time("created", "When the resource was created here."),
        date_time("lastModified", "When the resource last changed here."),
        reference("location", "Address of the resource.", &["uri"]),
        string("version", "Entity tag of this state of the resource.").case_exact(),
    ]
}
