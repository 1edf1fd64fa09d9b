//! The core Group schema (RFC 7643 §4.2).

use super::build::{complex, reference, string};
use super::{Attribute, Schema, urn};

pub(super) fn schema() -> Schema {
    Schema {
        id: urn::GROUP.to_owned(),
        name: "Group".to_owned(),
        description: "A set of users and of other groups".to_owned(),
        attributes: vec![
            // Required by the text of §4.2; the listing in §8.7.1 disagrees with it.
            string("displayName", "Name of the group.").required(),
            complex("members", "Users and groups in this group.", members()).many(),
        ],
    }
}

fn members() -> Vec<Attribute> {
    vec![
        string("value", "Identifier of the member.").case_exact().immutable(),
        reference("$ref", "Address of the member.", &["User", "Group"]).immutable(),
        string("type", "Whether the member is a user or a group.").suggested(&["User", "Group"]).immutable(),
        string("display", "Name of the member.").read_only(),
    ]
}
