"""Bulk: references by bulkId, failOnErrors, limits (RFC 7644 §3.7)."""

from __future__ import annotations

import itertools
import json
from typing import Any

from lib.suite import equal, true
from lib.wire import Answer
from lib.world import BULK, CORE_GROUP, ENTERPRISE, PATCH_OP, Directory, World, expect, is_error, unique, user

Json = Any
RESPONSE = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"


def send(directory: Directory, operations: list[Json], **options: Json) -> Answer:
    """One Bulk request."""
    return directory.ask("POST", "/Bulk", {"schemas": [BULK], **options, "Operations": operations})


def done(directory: Directory, operations: list[Json], **options: Json) -> list[Json]:
    """Its operations' results, 200."""
    answer = expect(send(directory, operations, **options), 200)
    equal(answer.json["schemas"], [RESPONSE])
    return answer.json["Operations"]


def post_user(bulk_id: str, **attributes: Json) -> Json:
    """An operation that creates a user."""
    return {"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": user(**attributes)}


def post_group(bulk_id: str, *members: str) -> Json:
    """An operation that creates a group of such members."""
    data = {"schemas": [CORE_GROUP], "displayName": f"G {unique()}", "members": [{"value": one} for one in members]}
    return {"method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": data}


def id_of(result: Json) -> str:
    """The id at the end of a result's location."""
    return result["location"].rsplit("/", 1)[1]


def test_all_methods_in_one_request(world: World) -> None:
    directory = world.directory()
    put, patch, gone = (directory.create_user(f"bulk{n}") for n in range(3))
    results = done(directory, [
        post_user("a"),
        {"method": "PUT", "path": f"/Users/{put['id']}", "data": user("bulk0", title="P")},
        {"method": "PATCH", "path": f"/Users/{patch['id']}", "data": {
            "schemas": [PATCH_OP], "Operations": [{"op": "add", "path": "title", "value": "Q"}]}},
        {"method": "DELETE", "path": f"/Users/{gone['id']}"},
    ])
    equal([item["method"] for item in results], ["POST", "PUT", "PATCH", "DELETE"])
    equal([item["status"] for item in results], ["201", "200", "200", "204"], "statuses are strings")
    equal(results[0]["bulkId"], "a")
    true(results[0]["location"].startswith(f"{directory.base_url}/Users/"), "an absolute location")
    equal(results[0]["version"], directory.get(f"/Users/{id_of(results[0])}")["meta"]["version"])
    equal(directory.get(f"/Users/{put['id']}")["title"], "P")
    equal(directory.get(f"/Users/{patch['id']}")["title"], "Q")
    is_error(directory.ask("GET", f"/Users/{gone['id']}"), 404)


def test_references_forward_and_back(world: World) -> None:
    for order in itertools.permutations(range(3)):
        directory = world.directory()
        operations = [post_user("one"), post_user("two"), post_group("g", "bulkId:one", "bulkId:two")]
        results = {item["bulkId"]: item for item in done(directory, [operations[n] for n in order])}
        equal({item["status"] for item in results.values()}, {"201"}, f"order {order}")
        equal(directory.members(id_of(results["g"])), {id_of(results["one"]), id_of(results["two"])})


def test_circular_references(world: World) -> None:
    directory = world.directory()
    results = {item["bulkId"]: item for item in done(directory, [
        post_group("a", "bulkId:b"), post_group("b", "bulkId:c"), post_group("c", "bulkId:a")])}
    equal({item["status"] for item in results.values()}, {"201"})
    for one, other in (("a", "b"), ("b", "c"), ("c", "a")):
        equal(directory.members(id_of(results[one])), {id_of(results[other])}, f"{one} holds {other}")


def test_a_reference_in_a_path_and_in_a_manager(world: World) -> None:
    directory = world.directory()
    staff = post_user("staff", **{ENTERPRISE: {"manager": {"value": "bulkId:boss"}}})
    results = {item["bulkId"]: item for item in done(directory, [staff, post_user("boss")])}
    equal(directory.get(f"/Users/{id_of(results['staff'])}")[ENTERPRISE]["manager"]["value"], id_of(results["boss"]))
    made = done(directory, [post_user("x"), {"method": "PATCH", "path": "/Users/bulkId:x", "bulkId": "p", "data": {
        "schemas": [PATCH_OP], "Operations": [{"op": "add", "path": "title", "value": "set"}]}}])
    equal([item["status"] for item in made], ["201", "200"])
    equal(directory.get(f"/Users/{id_of(made[0])}")["title"], "set")


def test_what_depends_on_a_failure_fails(world: World) -> None:
    directory = world.directory()
    bad = {"method": "POST", "path": "/Users", "bulkId": "bad", "data": {"emails": 5}}
    results = {item["bulkId"]: item for item in done(directory, [bad, post_group("g", "bulkId:bad")])}
    equal(results["bad"]["status"], "400")
    equal(results["bad"]["response"]["status"], "400", "an error's body is in the response")
    true(results["g"]["status"].startswith("4"), f"the dependent failed: {results['g']}")
    equal(directory.get("/Groups")["totalResults"], 0)


def test_unknown_references_fail_alone(world: World) -> None:
    directory = world.directory()
    results = done(directory, [post_group("g", "bulkId:none"), post_user("u")])
    equal([item["status"] for item in results], ["400", "201"])


def test_fail_on_errors_stops(world: World) -> None:
    directory = world.directory()
    bad = {"method": "DELETE", "path": "/Users/none"}
    for limit, wanted in ((1, 1), (2, 3)):
        results = done(directory, [bad, post_user("a"), bad, post_user("b")][:: 1], failOnErrors=limit)
        equal(len(results), wanted, f"failOnErrors {limit}")
    results = done(directory, [bad, post_user("a"), bad, post_user("b")])
    equal([item["status"] for item in results], ["404", "201", "404", "201"], "without it all are tried")


def test_operations_are_independent(world: World) -> None:
    directory = world.directory()
    directory.create_user("taken")
    results = done(directory, [post_user("a"), {"method": "POST", "path": "/Users", "bulkId": "b",
                                                "data": user("taken")}, post_user("c")])
    equal([item["status"] for item in results], ["201", "409", "201"])
    equal(results[1]["response"]["scimType"], "uniqueness")


def test_versions_are_compared(world: World) -> None:
    directory = world.directory()
    made = directory.create_user()
    operation = {"method": "PATCH", "path": f"/Users/{made['id']}", "version": 'W/"999"', "data": {
        "schemas": [PATCH_OP], "Operations": [{"op": "add", "path": "title", "value": "x"}]}}
    equal(done(directory, [operation])[0]["status"], "412")
    operation["version"] = made["meta"]["version"]
    equal(done(directory, [operation])[0]["status"], "200")


def test_broken_operations_are_refused(world: World) -> None:
    directory = world.directory()
    for body in ({"schemas": [BULK]}, {"schemas": [BULK], "Operations": 5}):
        is_error(directory.ask("POST", "/Bulk", body), 400)
    rows = [5, {"method": "GET", "path": "/Users"}, {"method": "POST", "path": "/Users", "data": user()},
            {"method": "POST", "path": "/Nothing", "bulkId": "a", "data": {}}, {"method": "DELETE"},
            {"method": "PUT", "path": "/Users", "data": user()}]
    for row in rows:
        answer = send(directory, [row])
        if answer.status == 200:
            true(answer.json["Operations"][0]["status"].startswith("4"), f"{row}: {answer}")
        else:
            is_error(answer, 400)
    answer = send(directory, [post_user("same"), post_user("same")])
    true(answer.status == 400 or any(item["status"] == "400" for item in answer.json["Operations"]),
         "a bulkId is unique")


def test_the_limit_of_operations_is_exact(world: World) -> None:
    directory = world.directory()
    limit = directory.get("/ServiceProviderConfig")["bulk"]["maxOperations"]
    row = {"method": "DELETE", "path": "/Users/none"}
    equal(len(done(directory, [row] * limit)), limit)
    is_error(send(directory, [row] * (limit + 1)), 413)


def test_the_limit_of_bytes_is_exact(world: World) -> None:
    directory = world.directory()
    limit = directory.get("/ServiceProviderConfig")["bulk"]["maxPayloadSize"]
    body = json.dumps({"schemas": [BULK], "Operations": [{"method": "DELETE", "path": "/Users/none"}]}).encode()
    expect(directory.ask("POST", "/Bulk", body + b" " * (limit - len(body))), 200)
    is_error(directory.ask("POST", "/Bulk", body + b" " * (limit + 1 - len(body))), 413)


def test_a_hundred_users_and_their_group(world: World) -> None:
    directory = world.directory()
    names = [f"u{n}" for n in range(100)]
    results = done(directory, [post_group("g", *(f"bulkId:{name}" for name in names))] +
                   [post_user(name) for name in names])
    equal({item["status"] for item in results}, {"201"})
    group = next(item for item in results if item["bulkId"] == "g")
    equal(len(directory.members(id_of(group))), 100)
