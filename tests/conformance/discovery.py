"""Service provider configuration, resource types, schemas (RFC 7644 §4, RFC 7643 §5 to §7)."""

from __future__ import annotations

from typing import Any

from lib.suite import equal, true
from lib.world import CORE_GROUP, CORE_USER, ENTERPRISE, World, expect, is_error

Json = Any
CONFIG = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
CHARACTERISTICS = {"name", "type", "multiValued", "description", "required", "mutability", "returned"}
TYPES = {"string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"}


def test_service_provider_config_names_what_is_supported(world: World) -> None:
    config = world.acme().get("/ServiceProviderConfig")
    equal(config["schemas"], [CONFIG])
    for feature in ("patch", "bulk", "filter", "sort", "etag"):
        true(config[feature]["supported"] is True, f"{feature} is supported")
    true(config["changePassword"]["supported"] is False, "changePassword is not supported")
    true(config["bulk"]["maxOperations"] > 1, "bulk.maxOperations is never 0 or 1")
    true(config["bulk"]["maxPayloadSize"] >= 1_048_576, "bulk.maxPayloadSize")
    true(config["filter"]["maxResults"] >= 100, "filter.maxResults is at least 100")
    true(config["documentationUri"].startswith("http"), "documentationUri")


def test_service_provider_config_describes_authentication_and_paging(world: World) -> None:
    config = world.acme().get("/ServiceProviderConfig")
    kinds = {scheme["type"] for scheme in config["authenticationSchemes"]}
    true({"oauthbearertoken", "httpbasic"} <= kinds, f"authenticationSchemes are {kinds}")
    for scheme in config["authenticationSchemes"]:
        true(scheme["name"] and scheme["description"], "each scheme has a name and a description")
    paging = config["pagination"]
    true(paging["cursor"] is True and paging["index"] is True, "both ways of paging (RFC 9865)")


def test_resource_types_are_user_and_group(world: World) -> None:
    directory = world.acme()
    listed = directory.get("/ResourceTypes")
    equal({item["id"] for item in listed["Resources"]}, {"User", "Group"})
    equal(listed["totalResults"], 2)
    for item in listed["Resources"]:
        equal(directory.get(f"/ResourceTypes/{item['id']}"), item, "by id as in the list")
        equal(item["meta"]["resourceType"], "ResourceType")
        true(item["meta"]["location"].endswith(f"/ResourceTypes/{item['id']}"), "location")
    by_id = {item["id"]: item for item in listed["Resources"]}
    equal((by_id["User"]["endpoint"], by_id["User"]["schema"]), ("/Users", CORE_USER))
    equal((by_id["Group"]["endpoint"], by_id["Group"]["schema"]), ("/Groups", CORE_GROUP))
    true({"schema": ENTERPRISE, "required": False} in by_id["User"]["schemaExtensions"], "the enterprise extension")


def test_schemas_are_listed_and_found_by_urn(world: World) -> None:
    directory = world.acme()
    listed = directory.get("/Schemas")["Resources"]
    true({CORE_USER, CORE_GROUP, ENTERPRISE} <= {item["id"] for item in listed}, "the three standard schemas")
    for item in listed:
        equal(directory.get(f"/Schemas/{item['id']}"), item, "by URN as in the list")


def check_attribute(attribute: Json, path: str) -> None:
    """Every characteristic of RFC 7643 §7 is there and legal."""
    true(CHARACTERISTICS <= attribute.keys(), f"{path} lacks {CHARACTERISTICS - attribute.keys()}")
    true(attribute["type"] in TYPES, f"{path}: type {attribute['type']}")
    true(attribute["mutability"] in {"readOnly", "readWrite", "immutable", "writeOnly"}, f"{path}: mutability")
    true(attribute["returned"] in {"always", "never", "default", "request"}, f"{path}: returned")
    if attribute["type"] == "string":
        true({"caseExact", "uniqueness"} <= attribute.keys(), f"{path}: caseExact and uniqueness")
    if attribute["type"] == "reference":
        true(attribute["referenceTypes"], f"{path}: referenceTypes")
    equal("subAttributes" in attribute, attribute["type"] == "complex", f"{path}: subAttributes")
    for sub in attribute.get("subAttributes", []):
        check_attribute(sub, f"{path}.{sub['name']}")


def test_every_attribute_has_every_characteristic(world: World) -> None:
    for schema in world.acme().get("/Schemas")["Resources"]:
        for attribute in schema["attributes"]:
            check_attribute(attribute, f"{schema['name']}.{attribute['name']}")


def test_known_characteristics_are_those_of_the_rfc(world: World) -> None:
    attributes = {item["name"]: item for item in world.acme().get(f"/Schemas/{CORE_USER}")["attributes"]}
    name = attributes["userName"]
    equal((name["required"], name["caseExact"], name["uniqueness"]), (True, False, "server"), "userName")
    equal((attributes["password"]["mutability"], attributes["password"]["returned"]), ("writeOnly", "never"))
    equal(attributes["groups"]["mutability"], "readOnly", "groups")
    equal(attributes["active"]["type"], "boolean")
    equal(attributes["emails"]["multiValued"], True)


def test_unknown_discovery_resources_are_404(world: World) -> None:
    directory = world.acme()
    is_error(directory.ask("GET", "/Schemas/urn:none"), 404)
    is_error(directory.ask("GET", "/ResourceTypes/None"), 404)


def test_a_filter_on_discovery_is_forbidden_or_ignored(world: World) -> None:
    directory = world.acme()
    is_error(directory.ask("GET", "/Schemas?filter=id%20pr"), 403)
    is_error(directory.ask("GET", "/ResourceTypes?filter=id%20pr"), 403)
    expect(directory.ask("GET", "/ServiceProviderConfig?filter=id%20pr"), 200)


def test_discovery_is_read_only(world: World) -> None:
    directory = world.acme()
    for path in ("/ServiceProviderConfig", "/ResourceTypes", "/Schemas"):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            answer = directory.ask(method, path, {} if method != "DELETE" else None)
            is_error(answer, 405)
            true("GET" in answer.headers.get("allow", ""), f"{method} {path}: Allow names GET")


def test_meta_has_absolute_locations(world: World) -> None:
    directory = world.acme()
    config = directory.get("/ServiceProviderConfig")
    equal(config["meta"]["resourceType"], "ServiceProviderConfig")
    equal(config["meta"]["location"], f"{directory.base_url}/ServiceProviderConfig")
    for schema in directory.get("/Schemas")["Resources"]:
        equal(schema["meta"]["location"], f"{directory.base_url}/Schemas/{schema['id']}")
        equal(schema["meta"]["resourceType"], "Schema")


def undeclared(resource: Json, schemas: dict[str, Json]) -> list[str]:
    """Attributes of a resource that no published schema declares."""
    common = {"schemas", "id", "externalId", "meta"}
    core = {item["name"]: item for urn in resource["schemas"] if ":core:" in urn
            for item in schemas[urn]["attributes"]}
    found = []
    for name, value in resource.items():
        if name.startswith("urn:"):
            known = {item["name"] for item in schemas[name]["attributes"]}
            found += [f"{name}:{sub}" for sub in value if sub not in known]
        elif name not in common and name not in core:
            found.append(name)
        elif name in core and core[name]["multiValued"] != isinstance(value, list):
            found.append(f"{name} (multiValued is {core[name]['multiValued']})")
    return found


def test_answers_hold_only_what_the_schemas_declare(world: World) -> None:
    directory = world.directory()
    schemas = {item["id"]: item for item in directory.get("/Schemas")["Resources"]}
    extension = {"department": "R&D", "manager": {"value": "1"}, "employeeNumber": "7"}
    made = directory.create_user(emails=[{"value": "a@x.example", "type": "work"}], name={"familyName": "A"},
                                 unknownThing=5, **{ENTERPRISE: extension})
    group = directory.create_group(members=[made["id"]])
    for resource in (made, directory.get(f"/Users/{made['id']}"), group, directory.get(f"/Groups/{group['id']}")):
        equal(undeclared(resource, schemas), [], "undeclared attributes")
