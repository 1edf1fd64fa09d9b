//! Tests of the discovery resources.

use serde_json::{Map, Value, json};

use super::{resource_type, resource_types, schema, schemas, service_provider_config};
use crate::base::limits::{BULK_OPERATIONS_MAX, PAGE_RESOURCES_MAX};
use crate::scim::resource::normalize_value;
use crate::scim::schema::{Attribute, ResourceType, Schema, extension, service, standard, urn};

const BASE: &str = "https://sync.example.com/scim/v2/acme";

/// Checks a discovery resource against the schema that describes it: all it sends is described, of
/// the right type, and nothing required is missing.
fn conforms(sent: &Map<String, Value>, schema: &Schema) {
    for (name, value) in sent {
        if ["schemas", "id", "meta"].contains(&name.as_str()) {
            continue;
        }
        let attribute = schema.attribute(name).unwrap_or_else(|| panic!("{name} is not described"));
        let writable = writable(attribute);
        assert_eq!(normalize_value(&writable, value.clone()), Ok(Some(value.clone())), "{name}");
    }
    for attribute in schema.attributes.iter().filter(|attribute| attribute.required) {
        assert!(sent.contains_key(&attribute.name), "{} is missing", attribute.name);
    }
}

// Read-only sub-attributes would be dropped by normalising, and we want to see them checked.
fn writable(attribute: &Attribute) -> Attribute {
    let sub_attributes = attribute.sub_attributes.iter().map(writable).collect();
    Attribute { mutability: crate::scim::schema::Mutability::ReadWrite, sub_attributes, ..attribute.clone() }
}

fn resources(list: &Map<String, Value>) -> Vec<Map<String, Value>> {
    let resources = list["Resources"].as_array().expect("an array");
    assert_eq!(list["schemas"], json!([urn::LIST_RESPONSE]));
    assert_eq!(list["totalResults"], json!(resources.len()));
    assert_eq!(list["itemsPerPage"], json!(resources.len()));
    assert_eq!(list["startIndex"], json!(1));
    resources.iter().map(|resource| resource.as_object().cloned().expect("an object")).collect()
}

#[test]
fn all_that_discovery_sends_is_described_by_its_schema() {
    let [config, resource_type_schema, schema_schema] = service::schemas();
    conforms(&service_provider_config(BASE, "https://docs.example.com"), &config);
    for resource_type in resources(&resource_types(&standard(), BASE)) {
        conforms(&resource_type, &resource_type_schema);
    }
    for schema in
        resources(&schemas(&standard(), BASE)).iter().filter(|sent| sent["id"] != json!(urn::SCHEMA))
    {
        conforms(schema, &schema_schema);
    }
}

#[test]
fn the_config_publishes_the_limits_in_force() {
    let config = service_provider_config(BASE, "https://docs.example.com");
    assert_eq!(config["bulk"]["maxOperations"], json!(BULK_OPERATIONS_MAX));
    assert_eq!(config["filter"], json!({"supported": true, "maxResults": PAGE_RESOURCES_MAX}));
    assert_eq!(config["changePassword"], json!({"supported": false}));
    assert_eq!(config["pagination"]["cursor"], json!(true));
    assert_eq!(
        config["meta"]["location"],
        json!("https://sync.example.com/scim/v2/acme/ServiceProviderConfig")
    );
    let kinds: Vec<&Value> = config["authenticationSchemes"]
        .as_array()
        .expect("an array")
        .iter()
        .map(|scheme| &scheme["type"])
        .collect();
    assert_eq!(kinds, ["oauthbearertoken", "httpbasic", "oauth2"]);
}

#[test]
fn every_listed_resource_is_found_by_its_id_and_location() {
    let registry = standard();
    for listed in resources(&resource_types(&registry, BASE)) {
        let id = listed["id"].as_str().expect("an id");
        assert_eq!(listed["meta"]["location"], json!(format!("{BASE}/ResourceTypes/{id}")));
        assert_eq!(resource_type(&registry, BASE, id), Some(listed.clone()));
        let core = listed["schema"].as_str().expect("a schema");
        assert!(schema(&registry, BASE, core).is_some());
    }
    for listed in resources(&schemas(&registry, BASE)) {
        let id = listed["id"].as_str().expect("an id");
        assert_eq!(listed["meta"]["location"], json!(format!("{BASE}/Schemas/{id}")));
        assert_eq!(schema(&registry, BASE, &id.to_ascii_uppercase()), Some(listed.clone()));
    }
    assert_eq!(resource_type(&registry, BASE, "Device"), None);
    assert_eq!(schema(&registry, BASE, "urn:none"), None);
}

#[test]
fn extensions_are_published_with_the_types_they_extend() {
    let own = json!({"id": "urn:example:Own", "name": "Own", "attributes": [{"name": "a"}]});
    let own = extension::parse(&own, ResourceType::User).expect("good");
    let registry = standard().with_extensions(vec![own.clone()], vec![own]);
    let extensions = |name: &str| {
        resource_type(&registry, BASE, name).map(|sent| sent.get("schemaExtensions").cloned()).expect("known")
    };
    let entry = |urn: &str| json!({"schema": urn, "required": false});
    assert_eq!(extensions("User"), Some(json!([entry(urn::ENTERPRISE_USER), entry("urn:example:Own")])));
    assert_eq!(extensions("Group"), Some(json!([entry("urn:example:Own")])));
    let ids: Vec<Value> =
        resources(&schemas(&registry, BASE)).iter().map(|schema| schema["id"].clone()).collect();
    let expected = [
        urn::USER,
        urn::GROUP,
        urn::ENTERPRISE_USER,
        "urn:example:Own",
        urn::SERVICE_PROVIDER_CONFIG,
        urn::RESOURCE_TYPE,
        urn::SCHEMA,
    ];
    assert_eq!(ids, expected);
}
