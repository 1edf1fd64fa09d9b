"""Points on which clients and suites disagree, as this product decides them."""

from __future__ import annotations

from typing import Any

from lib.suite import equal, true
from lib.world import CORE_USER, PATCH_OP, World, expect, is_error, unique, user

Json = Any


def test_group_names_are_unique_for_entra_only_or_by_option(world: World) -> None:
    for directory, status in ((world.directory("entra"), 409), (world.directory("okta"), 201),
                              (world.directory(unique_group_names=True), 409),
                              (world.directory("entra", unique_group_names=False), 201)):
        directory.create_group("Sales")
        answer = directory.ask("POST", "/Groups", {"displayName": "SALES"})
        equal(answer.status, status, f"{directory.about.get('provider')}: {answer}")


def test_a_value_that_repeats_what_the_server_owns_is_taken_when_equal(world: World) -> None:
    directory = world.directory()
    made = directory.create_user()
    value = {"id": made["id"], "schemas": made["schemas"], "meta": made["meta"], "title": "T"}
    now = expect(directory.patch(f"/Users/{made['id']}", {"op": "replace", "value": value}), 200).json
    equal((now["title"], now["id"]), ("T", made["id"]))


def test_a_patch_without_schemas_is_a_deviation(world: World) -> None:
    body = {"Operations": [{"op": "replace", "path": "title", "value": "T"}]}
    for strict, status in ((False, 200), (True, 400)):
        directory = world.directory(strict=strict)
        path = f"/Users/{directory.create_user()['id']}"
        equal(directory.ask("PATCH", path, body).status, status, f"strict {strict}")


def test_locations_come_from_the_public_url_never_from_host(world: World) -> None:
    directory = world.directory()
    answer = directory.ask("POST", "/Users", user(), {"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    if answer.status != 421:
        true(b"evil.example" not in answer.body and "evil" not in expect(answer, 201).headers["location"], f"{answer}")


def test_a_missing_user_agent_and_dangling_marks_are_fine(world: World) -> None:
    directory = world.directory()
    made = directory.create_user()
    for path in ("/Users?", "/Users?&", f"/Users/{made['id']}?", "/Users?filter=userName+eq+%22x%22&"):
        expect(directory.ask("GET", path), 200)


def test_a_filter_on_a_value_path_makes_the_value_unless_strict(world: World) -> None:
    operation = {"op": "replace", "path": 'emails[type eq "work"].value', "value": "w@x.example"}
    lenient, strict = world.directory(), world.directory(strict=True)
    made = lenient.create_user()
    now = expect(lenient.patch(f"/Users/{made['id']}", operation), 200).json
    equal([(item["type"], item["value"]) for item in now["emails"]], [("work", "w@x.example")])
    made = strict.create_user()
    is_error(strict.patch(f"/Users/{made['id']}", operation), 400, "noTarget")


def test_empty_operations_are_nothing_unless_strict(world: World) -> None:
    directory = world.directory()
    made = directory.create_user()
    answer = directory.ask("PATCH", f"/Users/{made['id']}", {"schemas": [PATCH_OP], "Operations": []})
    expect(answer, 200, 204)
    equal(directory.get(f"/Users/{made['id']}"), made)


def test_deviations_in_a_resource_are_met_halfway(world: World) -> None:
    directory = world.directory()
    body = user(unique(), active="True", emails={"value": "a@x.example", "primary": "true"}, manager="m-1",
                department="D", schemas=["urn:scim:schemas:core:2.0", CORE_USER])
    made = expect(directory.ask("POST", "/Users", body), 201).json
    equal((made["active"], made["emails"]), (True, [{"value": "a@x.example", "primary": True}]))
    expect(world.directory(strict=True).ask("POST", "/Users", body), 400)


def test_dates_of_any_form_are_kept(world: World) -> None:
    directory = world.directory()
    urn = "urn:example:dates:1.0:User"
    values = {"a": "0001-01-01T00:00:00Z", "b": "9999-12-31T23:59:59.9999999Z", "c": "2024-02-29T12:00:00.1234567+05:30"}
    made = directory.create_user(**{urn: values})
    equal(directory.get(f"/Users/{made['id']}")[urn], values)
