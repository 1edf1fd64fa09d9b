//! The default mappings: from which SCIM attributes each target is taken, per provider. They are
//! written as documents, so that they can be shown, copied and edited.

use std::sync::{Arc, LazyLock};

use serde_json::{Map, Value, json};

use super::{Document, Mapping, Roles, Target};
use crate::model::provider::Provider;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:";

impl Mapping {
    /// The default mapping of a provider as a document.
    pub fn default_document(provider: Provider) -> Value {
        let mut attributes = common();
        for (target, sources) in particular(provider) {
            if let Some(Value::Array(known)) = attributes.get_mut(target) {
                known.splice(0..0, sources);
            }
        }
        json!({"attributes": attributes, "roles": {"mode": "single", "rules": []}})
    }

    /// A document with the provider's defaults for all targets that it doesn't name, to be edited.
    pub fn whole_document(provider: Provider, document: &Value) -> Value {
        let mut whole = Self::default_document(provider);
        if let (Some(targets), Some(own)) =
            (whole["attributes"].as_object_mut(), document["attributes"].as_object())
        {
            targets.extend(own.clone());
        }
        if let Some(roles) = document.get("roles") {
            whole["roles"] = roles.clone();
        }
        whole
    }
}

/// What all providers fill under these names. The names on the left are those of WorkOS.
fn common() -> Map<String, Value> {
    let e = |name: &str| format!("{ENTERPRISE}{name}");
    let attributes = json!({
        "email": [
            "emails[primary eq true].value",
            "emails[type eq \"work\"].value",
            "emails.value",
            {"from": "userName", "transform": ["address"]},
        ],
        "first_name": "name.givenName",
        "last_name": "name.familyName",
        "name": ["name.formatted", {"template": "{name.givenName} {name.familyName}"}, "displayName"],
        "username": "userName",
        "job_title": "title",
        "display_name": "displayName",
        "employee_number": [e("employeeNumber"), "employeeNumber", "employeeId"],
        "employee_type": ["userType", "employeeType"],
        "employment_start_date": [
            e("startDate"), e("hireDate"), "employmentStartDate", "startDate", "hireDate", "employeeHireDate",
        ],
        "department_name": [e("department"), "department"],
        "division_name": [e("division"), "division"],
        "cost_center_name": [e("costCenter"), "costCenter"],
        "organization": [e("organization"), "organization"],
        "manager_id": [e("manager.value"), "managerId"],
        "manager_name": [e("manager.displayName"), "managerName"],
        "manager_email": ["managerEmail", {"from": e("manager.value"), "transform": ["address"]}],
        "addresses": "addresses",
        "emails": "emails",
    });
    match attributes {
        Value::Object(attributes) => attributes,
        _ => Map::new(),
    }
}

/// What a provider's own attributes give; tried before what all have in common. Most need nothing:
/// the dialect puts their forms where the RFC has them, and connectors fill core and enterprise.
fn particular(provider: Provider) -> Vec<(&'static str, Vec<Value>)> {
    match provider {
        // Okta's profile editor names these so when an app's schema is extended by them; `manager`
        // in its profile is a name, `managerId` an id that many set to the address.
        Provider::Okta => {
            vec![("manager_email", vec![json!({"from": "managerId", "transform": ["address"]})])]
        }
        _ => Vec::new(),
    }
}

/// The default mapping of a provider, compiled once.
pub(super) fn compiled(provider: Provider) -> Arc<Mapping> {
    static BY_PROVIDER: LazyLock<Vec<(Provider, Arc<Mapping>)>> =
        LazyLock::new(|| Provider::ALL.map(|provider| (provider, Arc::new(build(provider)))).into());
    let found = BY_PROVIDER.iter().find(|(named, _)| *named == provider);
    found.map_or_else(|| Arc::new(build(provider)), |(_, mapping)| Arc::clone(mapping))
}

/// # Panics
///
/// When a default is no document: a test builds all of them.
fn build(provider: Provider) -> Mapping {
    match Document::parse(&Mapping::default_document(provider)) {
        Ok(document) => Mapping {
            targets: document
                .targets
                .into_iter()
                .map(|(name, rule)| (Target::from_name(&name), rule))
                .collect(),
            roles: Roles::default(),
        },
        Err(faults) => panic!("the default mapping of {} is wrong: {faults:?}", provider.name()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_a_document_that_compiles_to_itself() {
        for provider in Provider::ALL {
            let document = Mapping::default_document(provider);
            let parsed = Document::parse(&document).expect("a document");
            let own = Mapping::compile(provider, &parsed);
            let mut names: Vec<&str> = own.targets.iter().map(|(target, _)| target.name()).collect();
            names.sort_unstable();
            assert_eq!(names.len(), Mapping::default_of(provider).targets.len(), "{names:?}");
            assert_eq!(Mapping::whole_document(provider, &json!({})), document);
        }
    }
}
