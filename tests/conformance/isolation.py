"""Nothing of one directory is visible, countable, filterable or conflicting in another."""

from __future__ import annotations

from typing import Any

from conformance.auth import fingerprint
from lib.suite import equal, true
from lib.world import PATCH_OP, Directory, World, expect, is_error, user

Json = Any


def pair(world: World) -> tuple[Directory, Directory, Json, Json]:
    """Ours, theirs, and a user and group of theirs that hold a canary."""
    ours, theirs = world.directory(), world.directory()
    person = theirs.create_user("canary-user", externalId="canary-ext", title="canary-title")
    group = theirs.create_group("canary-group", [person["id"]])
    return ours, theirs, person, group


def test_ids_of_another_directory_look_like_unknown_ids(world: World) -> None:
    ours, theirs, person, group = pair(world)
    body = {"schemas": [PATCH_OP], "Operations": [{"op": "replace", "path": "displayName", "value": "x"}]}
    for kind, real in (("Users", person["id"]), ("Groups", group["id"])):
        fake = real[:-6] + "000000"
        for method, data in (("GET", None), ("DELETE", None), ("PATCH", body), ("PUT", {"userName": "x", "displayName": "x"})):
            seen = fingerprint(ours.ask(method, f"/{kind}/{real}", data))
            equal(seen[0], 404)
            wanted = fingerprint(ours.ask(method, f"/{kind}/{fake}", data))
            equal(seen[1].replace(real.encode(), b"ID"), wanted[1].replace(fake.encode(), b"ID"), f"{method} {kind}")
    equal(theirs.get(f"/Users/{person['id']}")["title"], "canary-title")


def test_lists_and_filters_show_only_our_own(world: World) -> None:
    ours, theirs, person, group = pair(world)
    for path in ("/Users", "/Groups", f"/Users?filter=id%20eq%20%22{person['id']}%22", "/Users?filter=userName%20pr",
                 "/Users?filter=externalId%20eq%20%22canary-ext%22", "/Groups?filter=displayName%20sw%20%22canary%22",
                 f"/Groups?filter=members.value%20eq%20%22{person['id']}%22"):
        answer = ours.ask("GET", path)
        equal(answer.json["totalResults"], 0, path)
        true(b"canary" not in answer.body, path)


def test_names_do_not_conflict_across_directories(world: World) -> None:
    ours, theirs, person, group = pair(world)
    mine = expect(ours.ask("POST", "/Users", user("canary-user", externalId="canary-ext")), 201).json
    true(mine["id"] != person["id"], "another id")


def test_members_of_another_directory_are_never_members(world: World) -> None:
    ours, theirs, person, group = pair(world)
    answer = ours.ask("POST", "/Groups", {"displayName": "mixed", "members": [{"value": person["id"]}, {"value": group["id"]}]})
    true(answer.status in (201, 400), f"{answer}")
    if answer.status == 201:
        equal(answer.json.get("members", []), [])
        equal(ours.members(answer.json["id"]), set())
    true(b"canary" not in answer.body, "nothing leaks")
    equal([item["value"] for item in theirs.get(f"/Users/{person['id']}")["groups"]], [group["id"]])
    listed = world.app.get(f"/directory_groups?directory={theirs.id}&user={person['id']}")["data"]
    equal([item["id"] for item in listed], [group["id"]], "the app sees the same")


def test_a_manager_of_another_directory_tells_nothing(world: World) -> None:
    ours, theirs, person, group = pair(world)
    urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    made = ours.create_user(**{urn: {"manager": {"value": person["id"]}}})
    true("canary" not in str(ours.get(f"/Users/{made['id']}")), "no display name of theirs")


def test_events_and_lists_of_the_app_are_per_directory(world: World) -> None:
    ours, theirs, person, group = pair(world)
    mine = ours.create_user()
    equal({item["id"] for item in world.app.pages(f"/directory_users?directory={ours.id}")}, {mine["id"]})
    equal({item["directory_id"] for item in world.app.pages(f"/directory_users?directory={theirs.id}")}, {theirs.id})
    for event in world.app.events(ours.id):
        equal(event["directory_id"], ours.id)
        true("canary" not in str(event), "no event of theirs")


def test_an_email_proves_nothing_without_its_directory(world: World) -> None:
    ours, theirs = world.directory(), world.directory()
    ours.create_user(emails=[{"value": "boss@x.example", "primary": True}], externalId="boss")
    for query in ("email=boss@x.example", "idp_id=boss"):
        equal(world.app.ask("GET", f"/access?{query}").status, 422, query)
        equal(world.app.get(f"/access?{query}&directory={ours.id}")["allowed"], True, query)
        equal(world.app.get(f"/access?{query}&directory={theirs.id}")["allowed"], False, query)
        path = f"/directory_users?{query}"
        equal(world.app.ask("GET", path).status, 422, path)


def test_a_deleted_directory_answers_like_an_unknown_one(world: World) -> None:
    ours, theirs, person, group = pair(world)
    wanted = fingerprint(ours.raw("GET", "/Users", {}))
    expect(world.app.ask("DELETE", f"/directories/{theirs.id}"), 200, 202, 204)
    equal(fingerprint(theirs.ask("GET", "/Users")), wanted)
    equal(world.app.get(f"/access?user={person['id']}")["allowed"], False)
    is_error(theirs.ask("GET", f"/Users/{person['id']}"), 401)
