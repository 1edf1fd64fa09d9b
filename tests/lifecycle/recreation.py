"""Who a POST meets: the same person comes back under the same id, a namesake never does."""

from __future__ import annotations

from typing import Any

from lib.fold import check_log
from lib.suite import equal, true
from lib.world import Directory, World, expect, is_error, user

Json = Any


def off(directory: Directory, made: Json) -> None:
    """Deactivates."""
    expect(directory.patch(f"/Users/{made['id']}", {"op": "replace", "path": "active", "value": False}), 200)


def gone(directory: Directory, made: Json) -> None:
    """Deletes."""
    expect(directory.ask("DELETE", f"/Users/{made['id']}"), 204)


def again(directory: Directory, *arguments: str, **attributes: Json) -> Json:
    """A POST that must be answered 201."""
    return expect(directory.ask("POST", "/Users", user(*arguments, **attributes)), 201).json


def told(world: World, directory: Directory, since: int) -> list[tuple[str, str]]:
    """Events and causes since so many."""
    return [(event["event"], event["context"]["cause"]) for event in check_log(world.app, directory.id)[since:]]


def count(world: World, directory: Directory) -> int:
    """Events so far."""
    return len(world.app.events(directory.id))


def test_an_active_user_is_a_conflict(world: World) -> None:
    directory = world.directory()
    directory.create_user("kim", externalId="k1")
    since = count(world, directory)
    for body in (user("kim", externalId="k1"), user("KIM"), user("kim", externalId="other"), user("new", externalId="k1"),
                 user("kim", externalId="k1", active=False)):
        is_error(directory.ask("POST", "/Users", body), 409, "uniqueness")
    equal(told(world, directory, since), [])


def test_an_inactive_user_of_the_same_external_id_comes_back(world: World) -> None:
    directory = world.directory()
    made = directory.create_user("kim", externalId="k1", title="old")
    off(directory, made)
    since = count(world, directory)
    now = again(directory, "kim.new", externalId="k1", title="new")
    equal((now["id"], now["active"], now["userName"], now["title"]), (made["id"], True, "kim.new", "new"))
    equal(told(world, directory, since), [("dsync.user.updated", "reprovisioned")])
    equal(world.app.access(user=made["id"])["allowed"], True)


def test_a_deleted_user_of_the_same_external_id_comes_back_without_groups(world: World) -> None:
    directory = world.directory()
    made = directory.create_user("kim", externalId="k1")
    group = directory.create_group("G", [made["id"]])
    gone(directory, made)
    since = count(world, directory)
    now = again(directory, "kim", externalId="k1")
    equal(now["id"], made["id"])
    equal(now.get("groups", []), [])
    equal(directory.members(group["id"]), set())
    equal(told(world, directory, since), [("dsync.user.created", "reprovisioned")])


def test_a_deleted_user_may_come_back_inactive(world: World) -> None:
    directory = world.directory()
    made = directory.create_user("kim", externalId="k1")
    gone(directory, made)
    now = again(directory, "kim", externalId="k1", active=False)
    equal((now["id"], now["active"]), (made["id"], False))
    equal(world.app.access(user=made["id"])["allowed"], False)
    check_log(world.app, directory.id)


def test_inactive_meets_inactive_as_a_conflict(world: World) -> None:
    directory = world.directory()
    made = directory.create_user("kim", externalId="k1")
    off(directory, made)
    is_error(directory.ask("POST", "/Users", user("kim", externalId="k1", active=False)), 409, "uniqueness")
    other = directory.create_user("lee")
    off(directory, other)
    is_error(directory.ask("POST", "/Users", user("lee", active=False)), 409, "uniqueness")


def test_without_external_ids_an_inactive_user_comes_back_by_name(world: World) -> None:
    directory = world.directory()
    made = directory.create_user("kim")
    off(directory, made)
    since = count(world, directory)
    now = again(directory, "KIM")
    equal((now["id"], now["active"], now["userName"]), (made["id"], True, "KIM"))
    equal(told(world, directory, since), [("dsync.user.updated", "reprovisioned")])


def test_without_external_ids_a_deleted_user_does_not_come_back(world: World) -> None:
    directory = world.directory()
    made = directory.create_user("kim")
    gone(directory, made)
    since = count(world, directory)
    now = again(directory, "kim")
    true(now["id"] != made["id"], "another id")
    equal(told(world, directory, since), [("dsync.user.created", "created")])


def namesake(world: World, old: Json, new: Json, deactivate: bool = True) -> None:
    """Another person of the same name: a new id, the old one is retired."""
    directory = world.directory()
    made = directory.create_user("kim", **old)
    group = directory.create_group("G", [made["id"]])
    off(directory, made)
    since = count(world, directory)
    now = again(directory, "kim", **new)
    true(now["id"] != made["id"], "a namesake gets another id")
    equal(now.get("groups", []), [], "and none of the groups")
    equal(directory.members(group["id"]), set())
    is_error(directory.ask("GET", f"/Users/{made['id']}"), 404)
    names = [name for name, _ in told(world, directory, since)]
    equal(names, ["dsync.user.deleted", "dsync.user.created"])
    equal(world.app.access(user=made["id"])["allowed"], False)


def test_a_namesake_with_another_external_id_is_another_person(world: World) -> None:
    namesake(world, {"externalId": "old"}, {"externalId": "new"})


def test_an_external_id_on_one_side_only_is_another_person(world: World) -> None:
    namesake(world, {"externalId": "old"}, {})
    namesake(world, {}, {"externalId": "new"})


def test_external_ids_differ_by_case(world: World) -> None:
    namesake(world, {"externalId": "abc"}, {"externalId": "ABC"})


def test_a_retired_user_hidden_from_the_app_is_not_deleted_twice(world: World) -> None:
    directory = world.directory(on_deactivate="delete")
    made = directory.create_user("kim", externalId="old")
    off(directory, made)
    since = count(world, directory)
    now = again(directory, "kim", externalId="new")
    true(now["id"] != made["id"], "another id")
    equal([name for name, _ in told(world, directory, since)], ["dsync.user.created"])


def test_reprovisioning_a_hidden_user_announces_it_with_its_groups(world: World) -> None:
    directory = world.directory(on_deactivate="delete")
    made = directory.create_user("kim", externalId="k1")
    group = directory.create_group("G", [made["id"]])
    off(directory, made)
    since = count(world, directory)
    equal(again(directory, "kim", externalId="k1")["id"], made["id"])
    rows = told(world, directory, since)
    equal(rows[0], ("dsync.user.created", "reprovisioned"))
    wanted = ["dsync.group.user_added"] if directory.members(group["id"]) else []
    equal([name for name, _ in rows[1:]], wanted, "announced again with each current membership")


def test_the_external_id_decides_before_the_name(world: World) -> None:
    directory = world.directory()
    first = directory.create_user("kim", externalId="k1")
    second = directory.create_user("lee", externalId="l1")
    off(directory, first)
    is_error(directory.ask("POST", "/Users", user("lee", externalId="k1")), 409, "uniqueness")
    equal(directory.get(f"/Users/{first['id']}")["active"], False)
    off(directory, second)
    now = again(directory, "LEE", externalId="k1")
    equal(now["id"], first["id"], "the person of k1")
    is_error(directory.ask("GET", f"/Users/{second['id']}"), 404)
    check_log(world.app, directory.id)


def test_no_provider_is_stuck(world: World) -> None:
    directory = world.directory()
    ids = []
    for turn in range(6):
        now = again(directory, "kim", externalId=f"k{turn % 2}")
        ids.append(now["id"])
        off(directory, now)
    check_log(world.app, directory.id)
    equal(len(directory.filter("Users", 'userName eq "kim"')["Resources"]), 1, "one user of a name")


def test_strict_knows_no_coming_back(world: World) -> None:
    directory = world.directory(strict=True)
    made = directory.create_user("kim", externalId="k1")
    off(directory, made)
    for body in (user("kim", externalId="k1"), user("KIM"), user("kim", externalId="other")):
        is_error(directory.ask("POST", "/Users", body), 409, "uniqueness")
    equal(directory.get(f"/Users/{made['id']}")["active"], False)


def test_an_external_id_that_comes_later_becomes_the_idp_id(world: World) -> None:
    directory = world.directory()
    made = directory.create_user("kim")
    equal(world.app.get(f"/directory_users/{made['id']}")["idp_id"], made["id"])
    since = count(world, directory)
    expect(directory.patch(f"/Users/{made['id']}", {"op": "add", "path": "externalId", "value": "late"}), 200)
    equal(world.app.get(f"/directory_users/{made['id']}")["idp_id"], "late")
    equal([name for name, _ in told(world, directory, since)], ["dsync.user.updated"])
