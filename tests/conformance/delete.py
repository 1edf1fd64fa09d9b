"""Deleting resources (RFC 7644 §3.6)."""

from __future__ import annotations

from lib.suite import equal
from lib.world import World, expect, is_error


def test_a_deleted_user_is_gone(world: World) -> None:
    directory = world.directory()
    made = directory.create_user(externalId="e")
    path = f"/Users/{made['id']}"
    answer = expect(directory.ask("DELETE", path), 204)
    equal(answer.body, b"")
    is_error(directory.ask("GET", path), 404)
    is_error(directory.ask("PUT", path, {"userName": "x"}), 404)
    is_error(directory.patch(path, {"op": "replace", "path": "active", "value": True}), 404)
    is_error(directory.ask("DELETE", path), 404)
    equal(directory.get("/Users")["totalResults"], 0)
    equal(directory.filter("Users", f'id eq "{made["id"]}"')["totalResults"], 0)
    equal(directory.filter("Users", 'externalId eq "e"')["totalResults"], 0)


def test_deleting_a_user_takes_it_out_of_groups(world: World) -> None:
    directory = world.directory()
    people = [directory.create_user()["id"] for _ in range(2)]
    group = directory.create_group(members=people)
    expect(directory.ask("DELETE", f"/Users/{people[0]}"), 204)
    equal(directory.members(group["id"]), {people[1]})


def test_deleting_a_group_leaves_its_members(world: World) -> None:
    directory = world.directory()
    person = directory.create_user()["id"]
    group = directory.create_group(members=[person])
    expect(directory.ask("DELETE", f"/Groups/{group['id']}"), 204)
    is_error(directory.ask("GET", f"/Groups/{group['id']}"), 404)
    equal(directory.get(f"/Users/{person}").get("groups", []), [])


def test_deleting_the_unknown_is_404(world: World) -> None:
    directory = world.directory()
    is_error(directory.ask("DELETE", "/Users/none"), 404)
    is_error(directory.ask("DELETE", "/Groups/none"), 404)
