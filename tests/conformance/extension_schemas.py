"""A directory's own extension schemas (RFC 7643 §7): registered by the app, enforced, published."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from lib.suite import equal, true
from lib.world import CORE_USER, PATCH_OP, Directory, World, expect, is_error

Json = Any
URN = "urn:example:params:scim:schemas:badge:1.0:User"
SCHEMA = {"name": "Badge", "description": "What opens doors.", "attributes": [
    {"name": "number", "type": "string", "caseExact": True},
    {"name": "floor", "type": "integer"},
    {"name": "pin", "type": "string", "mutability": "writeOnly", "returned": "never"},
    {"name": "since", "type": "dateTime", "mutability": "immutable"},
    {"name": "doors", "type": "complex", "multiValued": True, "subAttributes": [
        {"name": "value", "type": "string"}, {"name": "primary", "type": "boolean"}]},
]}


def register(world: World, directory: Directory, schema: Json = None) -> Json:
    """Registers the schema; what the app is answered."""
    path = f"/directories/{directory.id}/schemas/{quote(URN, safe='')}"
    return expect(world.app.ask("PUT", path, schema or SCHEMA), 200, 201).json


def user(directory: Directory, name: str, badge: Json) -> Json:
    body = {"schemas": [CORE_USER, URN], "userName": name, URN: badge}
    return expect(directory.ask("POST", "/Users", body), 201).json


def patch(directory: Directory, made: Json, *operations: Json) -> Any:
    return directory.ask("PATCH", f"/Users/{made['id']}", {"schemas": [PATCH_OP], "Operations": list(operations)})


def test_a_registered_schema_is_published_for_its_directory_alone(world: World) -> None:
    directory, other = world.directory(), world.directory()
    register(world, directory)
    published = directory.get(f"/Schemas/{URN}")
    equal([item["name"] for item in published["attributes"]], [item["name"] for item in SCHEMA["attributes"]])
    extensions = directory.get("/ResourceTypes/User")["schemaExtensions"]
    true({"schema": URN, "required": False} in extensions, f"{extensions}")
    is_error(other.ask("GET", f"/Schemas/{URN}"), 404)


def test_types_are_enforced_once_registered(world: World) -> None:
    directory = world.directory(strict=True)
    made = user(directory, "before@example.com", {"floor": "ground"})
    equal(made[URN], {"floor": "ground"}, "kept as it came while nobody knows the schema")
    register(world, directory)
    body = {"schemas": [CORE_USER, URN], "userName": "after@example.com", URN: {"floor": "ground"}}
    is_error(directory.ask("POST", "/Users", body), 400, "invalidValue")
    is_error(patch(directory, made, {"op": "replace", "path": f"{URN}:floor", "value": "up"}), 400, "invalidValue")
    done = expect(patch(directory, made, {"op": "replace", "path": f"{URN}:floor", "value": 2}), 200).json
    equal(done[URN]["floor"], 2)


def test_its_characteristics_are_honoured(world: World) -> None:
    directory = world.directory(strict=True)
    register(world, directory)
    badge = {"Number": "B-7", "pin": "1234", "since": "2026-01-01T00:00:00Z",
             "doors": [{"value": "a", "primary": True}, {"value": "b", "primary": True}]}
    made = user(directory, "badge@example.com", badge)
    equal(made[URN]["number"], "B-7", "names are canonical")
    true("pin" not in made[URN], "what is never returned is not")
    equal(sum(1 for door in made[URN]["doors"] if door.get("primary")), 1, "primary at most once")
    is_error(patch(directory, made, {"op": "replace", "path": f"{URN}:since", "value": "2027-01-01T00:00:00Z"}),
             400, "mutability")
    for text, hits in (('"B-7"', 1), ('"b-7"', 0)):
        found = directory.get(f"/Users?filter={quote(f'{URN}:number eq {text}')}")
        equal(found["totalResults"], hits, f"caseExact: {text}")
    is_error(directory.ask("GET", f"/Users?filter={quote(f'{URN}:pin eq 1234')}"), 400, "invalidFilter")


def test_a_deleted_schema_leaves_what_was_written(world: World) -> None:
    directory = world.directory()
    register(world, directory)
    made = user(directory, "left@example.com", {"number": "B-9"})
    path = f"/directories/{directory.id}/schemas/{quote(URN, safe='')}"
    expect(world.app.ask("DELETE", path), 204)
    is_error(directory.ask("GET", f"/Schemas/{URN}"), 404)
    equal(directory.get(f"/Users/{made['id']}")[URN], {"number": "B-9"})


def test_a_bad_schema_is_refused_with_the_place(world: World) -> None:
    directory = world.directory()
    path = f"/directories/{directory.id}/schemas/{quote(URN, safe='')}"
    for attributes in ([{"type": "string"}], [{"name": "a", "type": "text"}], [{"name": "a"}, {"name": "A"}],
                       [{"name": "1a", "type": "string"}]):
        answer = world.app.ask("PUT", path, {"name": "x", "attributes": attributes})
        true(answer.status in (400, 422) and answer.json["message"], f"{attributes}: {answer}")
