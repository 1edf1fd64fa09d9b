//! The enterprise extension of User (RFC 7643 §4.3).

use super::build::{complex, reference, string};
use super::{Schema, urn};

pub(super) fn schema() -> Schema {
    Schema {
        id: urn::ENTERPRISE_USER.to_owned(),
        name: "EnterpriseUser".to_owned(),
        description: "What an employer knows about a user".to_owned(),
        attributes: vec![
            string("employeeNumber", "Number or code by which the employer knows the user."),
            string("costCenter", "Cost center."),
            string("organization", "Organization."),
            string("division", "Division."),
            string("department", "Department."),
            complex(
                "manager",
                "The user's manager.",
                vec![
                    string("value", "Identifier of the manager's own user."),
                    reference("$ref", "Address of the manager's own user.", &["User"]),
                    string("displayName", "Name of the manager.").read_only(),
                ],
            ),
        ],
    }
}
