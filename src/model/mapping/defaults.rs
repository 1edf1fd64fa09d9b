//! The default mappings: from which SCIM attributes each target is taken, per provider.

use std::sync::LazyLock;

use crate::model::provider::Provider;

use super::{Rule, Source, Target};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:";

/// Sources in order; `E:` stands for the enterprise extension, `address(…)` takes the value only
/// if it is an e-mail address. The names on the left of a custom attribute are those of WorkOS.
const COMMON: &[(Target, &[&str])] = &[
    (
        Target::Email,
        &[
            "emails[primary eq true].value",
            "emails[type eq \"work\"].value",
            "emails.value",
            "address(userName)",
        ],
    ),
    (Target::FirstName, &["name.givenName"]),
    (Target::LastName, &["name.familyName"]),
    (Target::Name, &["name.formatted", "{name.givenName} {name.familyName}", "displayName"]),
    (Target::Username, &["userName"]),
    (Target::JobTitle, &["title"]),
    (Target::Custom("display_name"), &["displayName"]),
    (Target::Custom("employee_number"), &["E:employeeNumber", "employeeNumber", "employeeId"]),
    (Target::Custom("employee_type"), &["userType", "employeeType"]),
    (
        Target::Custom("employment_start_date"),
        &["E:startDate", "E:hireDate", "employmentStartDate", "startDate", "hireDate", "employeeHireDate"],
    ),
    (Target::Custom("department_name"), &["E:department", "department"]),
    (Target::Custom("division_name"), &["E:division", "division"]),
    (Target::Custom("cost_center_name"), &["E:costCenter", "costCenter"]),
    (Target::Custom("organization"), &["E:organization", "organization"]),
    (Target::Custom("manager_id"), &["E:manager.value", "manager.value", "E:manager.managerId", "managerId"]),
    (Target::Custom("manager_name"), &["E:manager.displayName", "manager.displayName", "managerName"]),
    (
        Target::Custom("manager_email"),
        &["E:manager.email", "manager.email", "managerEmail", "address(E:manager.value)"],
    ),
];

/// What a provider does differently; tried before the common sources of the same target.
fn particular(provider: Provider, target: Target) -> &'static [&'static str] {
    match (provider, target) {
        // Entra's old sample and OneLogin's stock template put the manager's id here as bare text.
        (Provider::Entra | Provider::OneLogin, Target::Custom("manager_id")) => &["E:manager", "manager"],
        _ => &[],
    }
}

/// The default mapping of a provider.
pub(super) fn rules(provider: Provider) -> &'static [Rule] {
    static BY_PROVIDER: LazyLock<Vec<(Provider, Vec<Rule>)>> =
        LazyLock::new(|| Provider::ALL.map(|provider| (provider, build(provider))).into());
    BY_PROVIDER.iter().find(|(named, _)| *named == provider).map_or(&[], |(_, rules)| rules)
}

fn build(provider: Provider) -> Vec<Rule> {
    COMMON
        .iter()
        .map(|(target, sources)| Rule {
            target: *target,
            sources: particular(provider, *target)
                .iter()
                .chain(sources.iter())
                .filter_map(|text| Source::parse(&text.replace("E:", ENTERPRISE)).ok())
                .collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_source_is_well_formed() {
        for provider in Provider::ALL {
            for ((target, sources), rule) in COMMON.iter().zip(rules(provider)) {
                let expected = sources.len() + particular(provider, *target).len();
                assert_eq!(rule.sources.len(), expected, "{target:?}");
            }
        }
    }
}
