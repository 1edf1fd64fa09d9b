"""Versions and preconditions (RFC 7644 §3.14, RFC 7232)."""

from __future__ import annotations

from lib.suite import equal, true
from lib.world import World, expect, is_error, user

TITLE = {"op": "replace", "path": "title", "value": "new"}


def test_if_match_guards_every_write(world: World) -> None:
    directory = world.directory()
    made = directory.create_user(title="old")
    path, stale = f"/Users/{made['id']}", {"If-Match": 'W/"no-such-version"'}
    is_error(directory.ask("PUT", path, user(made["userName"], title="new"), stale), 412)
    is_error(directory.patch(path, TITLE, headers=stale), 412)
    is_error(directory.ask("DELETE", path, None, stale), 412)
    equal(directory.get(path), made)
    good = {"If-Match": made["meta"]["version"]}
    now = expect(directory.patch(path, TITLE, headers=good), 200).json
    is_error(directory.patch(path, TITLE, headers=good), 412)
    expect(directory.ask("DELETE", path, None, {"If-Match": now["meta"]["version"]}), 204)


def test_if_match_takes_lists_and_a_star(world: World) -> None:
    directory = world.directory()
    made = directory.create_user()
    path = f"/Users/{made['id']}"
    expect(directory.patch(path, TITLE, headers={"If-Match": "*"}), 200)
    version = directory.get(path)["meta"]["version"]
    many = {"If-Match": f'W/"x", {version} , "y"'}
    expect(directory.patch(path, {**TITLE, "value": "newer"}, headers=many), 200)
    is_error(directory.patch("/Users/none", TITLE, headers={"If-Match": "*"}), 404)


def test_if_none_match_gives_304_while_nothing_changed(world: World) -> None:
    directory = world.directory()
    group = directory.create_group()
    path = f"/Groups/{group['id']}"
    answer = directory.ask("GET", path, None, {"If-None-Match": group["meta"]["version"]})
    equal((answer.status, answer.body), (304, b""))
    equal(answer.headers.get("etag"), group["meta"]["version"])
    expect(directory.ask("GET", path, None, {"If-None-Match": 'W/"other"'}), 200)
    expect(directory.patch(path, {"op": "replace", "path": "displayName", "value": "N"}), 200)
    expect(directory.ask("GET", path, None, {"If-None-Match": group["meta"]["version"]}), 200)


def test_a_user_with_groups_is_never_304(world: World) -> None:
    directory = world.directory()
    made = directory.create_user()
    path, known = f"/Users/{made['id']}", {"If-None-Match": made["meta"]["version"]}
    directory.create_group(members=[made["id"]])
    expect(directory.ask("GET", path, None, known), 200)
    equal(directory.ask("GET", f"{path}?excludedAttributes=groups", None, known).status, 304)


def test_a_version_changes_with_every_change_and_never_without(world: World) -> None:
    directory = world.directory()
    made = directory.create_user(title="a")
    path = f"/Users/{made['id']}"
    versions = [made["meta"]["version"]]
    for value in ("b", "b", "a", "a", "b"):
        now = expect(directory.patch(path, {"op": "replace", "path": "title", "value": value}), 200).json
        versions.append(now["meta"]["version"])
    equal(versions[1], versions[2], "no change, no new version")
    equal(versions[3], versions[4])
    equal(len(set(versions)), 4, f"back to the same value is still a new version: {versions}")


def test_last_modified_moves_only_forward(world: World) -> None:
    directory = world.directory()
    made = directory.create_user()
    path, last = f"/Users/{made['id']}", made["meta"]["lastModified"]
    for n in range(5):
        now = expect(directory.patch(path, {"op": "replace", "path": "title", "value": str(n)}), 200).json
        true(now["meta"]["lastModified"] > last, "lastModified grows with every change")
        last = now["meta"]["lastModified"]
        equal(now["meta"]["created"], made["meta"]["created"])


def test_versions_in_lists_are_those_of_the_resources(world: World) -> None:
    directory = world.directory()
    made = directory.create_user()
    equal(directory.get("/Users")["Resources"][0]["meta"], made["meta"])
    true(made["meta"]["version"].startswith(('W/"', '"')), "an entity tag")
