"""Members that name nobody present: kept, not shown, joined when the user comes."""

from __future__ import annotations

from typing import Any

from lib.fold import check_log
from lib.suite import equal
from lib.world import CORE_GROUP, Directory, World, expect, user

Json = Any


def absent(world: World) -> tuple[Directory, str]:
    """A directory, and the id of a user who was deleted and may come back."""
    directory = world.directory()
    made = directory.create_user("kim", externalId="k1")
    expect(directory.ask("DELETE", f"/Users/{made['id']}"), 204)
    return directory, made["id"]


def come_back(directory: Directory, wanted: str) -> Json:
    """The user is created again, under the same id."""
    now = expect(directory.ask("POST", "/Users", user("kim", externalId="k1")), 201).json
    equal(now["id"], wanted, "the same person")
    return now


def names(world: World, directory: Directory) -> list[str]:
    """The directory's events by name; the log is checked."""
    return [event["event"] for event in check_log(world.app, directory.id)]


def test_a_pending_member_is_not_shown_and_joins_later(world: World) -> None:
    directory, one = absent(world)
    group = directory.create_group("G", [one])
    equal(group.get("members", []), [], "not returned")
    equal(directory.members(group["id"]), set())
    equal(world.app.get(f"/directory_groups/{group['id']}/members")["data"], [])
    before = len(names(world, directory))
    come_back(directory, one)
    equal(directory.members(group["id"]), {one})
    equal(names(world, directory)[before:], ["dsync.user.created", "dsync.group.user_added"])


def test_added_by_patch_after_the_deletion(world: World) -> None:
    directory, one = absent(world)
    group = directory.create_group("G")
    expect(directory.patch(f"/Groups/{group['id']}", {"op": "add", "path": "members", "value": [{"value": one}]}), 200)
    equal(directory.members(group["id"]), set())
    come_back(directory, one)
    equal(directory.members(group["id"]), {one})


def removed_again(world: World, operation: Json) -> None:
    """Pending, removed, back: not a member."""
    directory, one = absent(world)
    group = directory.create_group("G", [one])
    filled = {name: value.replace("$", one) if isinstance(value, str) else value for name, value in operation.items()}
    if filled.get("value") == "list":
        filled["value"] = [{"value": one}]
    expect(directory.patch(f"/Groups/{group['id']}", filled), 200)
    come_back(directory, one)
    equal(directory.members(group["id"]), set())
    names(world, directory)


def test_a_remove_ends_a_pending_membership(world: World) -> None:
    removed_again(world, {"op": "remove", "path": 'members[value eq "$"]'})
    removed_again(world, {"op": "remove", "path": "members", "value": "list"})
    removed_again(world, {"op": "remove", "path": "members"})
    removed_again(world, {"op": "replace", "path": "members", "value": []})


def test_a_put_that_leaves_it_out_ends_it(world: World) -> None:
    directory, one = absent(world)
    group = directory.create_group("G", [one])
    body = {"schemas": [CORE_GROUP], "displayName": "G", "members": []}
    expect(directory.ask("PUT", f"/Groups/{group['id']}", body), 200)
    come_back(directory, one)
    equal(directory.members(group["id"]), set())


def test_a_membership_from_before_the_deletion_does_not_come_back(world: World) -> None:
    directory = world.directory()
    made = directory.create_user("kim", externalId="k1")
    group = directory.create_group("G", [made["id"]])
    expect(directory.ask("DELETE", f"/Users/{made['id']}"), 204)
    come_back(directory, made["id"])
    equal(directory.members(group["id"]), set())
    names(world, directory)


def test_an_id_that_was_never_seen_is_no_error(world: World) -> None:
    directory = world.directory()
    present = directory.create_user()["id"]
    group = directory.create_group("G", ["nobody", present])
    equal(directory.members(group["id"]), {present})
    expect(directory.patch(f"/Groups/{group['id']}", {"op": "add", "path": "members", "value": [{"value": "ghost"}]}), 200)
    equal(directory.members(group["id"]), {present})
    names(world, directory)


def test_a_pending_member_makes_no_event(world: World) -> None:
    directory, one = absent(world)
    group = directory.create_group("G")
    before = len(names(world, directory))
    for _ in range(2):
        expect(directory.patch(f"/Groups/{group['id']}", {"op": "add", "path": "members", "value": [{"value": one}]}), 200)
    equal(names(world, directory)[before:], [])
