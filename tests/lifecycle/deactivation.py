"""Every wording of `active: false`: inactive after one request, one event, a 2xx, whatever stands beside it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from lib.suite import Case, equal, true
from lib.world import BULK, CORE_USER, ENTERPRISE, PATCH_OP, World, expect, is_error
from lifecycle.scene import Scene, succeeded

Json = Any
DEACTIVATED = ("dsync.user.updated", "deactivated")


def operations() -> list[tuple[str, list[Json]]]:
    """Ways in which a PATCH turns a user off."""
    rows: list[tuple[str, list[Json]]] = []
    for value in (False, "False", "false", "FALSE", 0, "0", [False], ["False"], {"value": False}):
        rows.append((f"path active, value {value!r}", [{"op": "replace", "path": "active", "value": value}]))
    rows.append(("path empty", [{"op": "replace", "path": "", "value": {"active": False}}]))
    for path in ("Active", "ACTIVE", f"{CORE_USER}:active", f"{CORE_USER.lower()}:Active"):
        rows.append((f"path {path}", [{"op": "replace", "path": path, "value": False}]))
    for op in ("Replace", "REPLACE", "add", "Add"):
        rows.append((f"op {op}", [{"op": op, "path": "active", "value": "False"}]))
    for key, value in (("active", False), ("active", "False"), ("Active", False), (f"{CORE_USER}:active", False)):
        rows.append((f"no path, key {key}, value {value!r}", [{"op": "replace", "value": {key: value}}]))
    rows += [
        ("path null", [{"op": "replace", "path": None, "value": {"active": False}}]),
        ("value is JSON in a string", [{"op": "replace", "value": '{"active":false}'}]),
        ("with its schemas in the value", [{"op": "replace", "value": {"schemas": [CORE_USER], "active": False}}]),
        ("true, then false", [{"op": "replace", "path": "active", "value": True},
                              {"op": "replace", "path": "active", "value": False}]),
        ("after create-on-absent", [
            {"op": "Replace", "path": 'phoneNumbers[type eq "work"].value', "value": "1"},
            {"op": "Replace", "path": "active", "value": "False"}]),
        ("beside a manager as text", [{"op": "Add", "path": f"{ENTERPRISE}:manager", "value": "m-1"},
                                      {"op": "Replace", "path": "active", "value": "False"}]),
        ("beside an attribute that no schema has", [{"op": "Replace", "path": "favouriteColour", "value": "red"},
                                                    {"op": "Replace", "path": "active", "value": "False"}]),
        ("no path, dotted keys beside", [
            {"op": "replace", "value": {"name.givenName": "P", f"{ENTERPRISE}:department": "D", "active": False}}]),
        ("among other changes", [{"op": "replace", "path": "nickName", "value": "N"},
                                 {"op": "replace", "path": "active", "value": False}]),
    ]
    return rows


def bodies(scene: Scene) -> list[tuple[str, str, Json]]:
    """Every request that turns the user off: a label, a method, a body."""
    rows = [(f"PATCH {label}", "PATCH", scene.patch_body(*ops)) for label, ops in operations()]
    whole = {"op": "replace", "path": "active", "value": False}
    rows += [
        ("PATCH without schemas", "PATCH", {"Operations": [whole]}),
        ("PATCH with lower-case operations", "PATCH", {"schemas": [PATCH_OP], "operations": [whole]}),
        ("PUT false", "PUT", scene.put_body(active=False)),
        ("PUT 'False'", "PUT", scene.put_body(active="False")),
        ("PUT 'false'", "PUT", scene.put_body(active="false")),
        ("PUT Active", "PUT", scene.put_body(Active=False)),
        ("PUT with id, meta and groups", "PUT", scene.put_body(
            active=False, id=scene.id, meta={"resourceType": "User"}, groups=[])),
        ("PUT without schemas", "PUT", without(scene.put_body(active=False), "schemas")),
        ("PUT with an extension's schema unused", "PUT", {**scene.put_body(active=False), "schemas": [CORE_USER, ENTERPRISE]}),
        ("PUT with a manager as text", "PUT", scene.put_body(active=False, **{ENTERPRISE: {"manager": "m-1"}})),
        ("PUT with a password", "PUT", scene.put_body(active=False, password="hush")),
    ]
    return rows


def spoiled(method: str, body: Json) -> list[tuple[str, Json]]:
    """The same with something invalid beside it."""
    if method == "PUT":
        return [("emails 5", {**body, "emails": 5}), ("userName missing", without(body, "userName")),
                ("name a list", {**body, "name": [7]}), ("title an object", {**body, "title": {"a": 1}})]
    key = "Operations" if "Operations" in body else "operations"
    rows = []
    for label, bad in (("emails 5", {"op": "replace", "path": "emails", "value": 5}),
                       ("readOnly", {"op": "replace", "path": "id", "value": "x"}),
                       ("bad path", {"op": "replace", "path": "emails[", "value": "x"}),
                       ("unknown op", {"op": "frobnicate", "path": "title", "value": "x"}),
                       ("userName removed", {"op": "remove", "path": "userName"})):
        for at, where in ((0, "before"), (len(body[key]), "after")):
            mixed = copy.deepcopy(body)
            mixed[key].insert(at, bad)
            rows.append((f"{label} {where}", mixed))
    return rows


def without(body: Json, name: str) -> Json:
    """The body less one member."""
    return {key: value for key, value in body.items() if key != name}


def turn_off(scene: Scene, method: str, body: Json) -> None:
    """One request, one event; once more, none; after DELETE 404."""
    succeeded(scene.directory.ask(method, scene.path, body))
    scene.must_be(active=False)
    events = scene.told_only(DEACTIVATED)
    equal(events[0]["data"]["state"], "inactive", "the event's state")
    equal(events[0]["data"]["previous_attributes"].get("state"), "active", "previous_attributes.state")
    succeeded(scene.directory.ask(method, scene.path, body))
    scene.must_be(active=False)
    true(all(event["context"]["cause"] != "deactivated" for event in scene.news()), "no second deactivation")
    succeeded(scene.directory.ask(method, scene.path, body))
    scene.told_only()
    expect(scene.directory.ask("DELETE", scene.path), 204)
    scene.news()
    is_error(scene.directory.ask(method, scene.path, body), 404)
    equal(scene.news(), [], "events after deletion")


def cases_every_wording(world: World) -> Iterator[Case]:
    """Alone."""
    for label, method, body in bodies(Scene(world)):
        yield label, lambda method=method, body=body: turn_off(Scene(world), method, body)


# What clients do around the body: query strings left open, types of content, how they prove who they are.
WRAPPINGS: list[tuple[str, str, dict[str, str]]] = [
    ("a dangling ?", "?", {}),
    ("a dangling &", "?attributes=userName&", {}),
    ("application/json", "", {"Content-Type": "application/json"}),
    ("a charset", "", {"Content-Type": "application/scim+json; charset=utf-8"}),
    ("no User-Agent", "", {"User-Agent": ""}),
    ("an Accept of its own", "", {"Accept": "application/json, text/plain, */*"}),
]


def cases_whatever_is_around_the_body(world: World) -> Iterator[Case]:
    """The same request in the manners of several clients."""
    for label, query, headers in WRAPPINGS:
        for method in ("PUT", "PATCH"):
            def test(method: str = method, query: str = query, headers: dict[str, str] = headers) -> None:
                scene = Scene(world)
                body = scene.put_body(active=False) if method == "PUT" else scene.patch_body(
                    {"op": "replace", "path": "active", "value": False})
                for _ in range(2):
                    succeeded(scene.directory.ask(method, scene.path + query, body, headers))
                    scene.must_be(active=False)
                scene.told_only(DEACTIVATED)
            yield f"{method}, {label}", test


def turn_off_despite(scene: Scene, method: str, body: Json) -> None:
    """The deactivation is applied, nothing else of the request, and the record says so."""
    answer = succeeded(scene.directory.ask(method, scene.path, body))
    scene.must_be(active=False)
    scene.told_only(DEACTIVATED)
    succeeded(scene.directory.ask(method, scene.path, body))
    scene.told_only()
    now = scene.directory.get(scene.path)
    for name in ("userName", "title", "emails", "externalId"):
        equal(now.get(name), scene.made[name], f"{name} stays")
    records = scene.world.app.get(f"/requests?directory={scene.directory.id}&limit=10")["data"]
    record = next((item for item in records if item["id"] == answer.headers["x-request-id"]), None)
    true(record is not None, "the request is recorded")
    true("lifecycle.deactivate_despite_error" in str(record), f"the record names the rule: {record}")


def cases_with_something_invalid_beside_it(world: World) -> Iterator[Case]:
    """Every wording with every fault."""
    for label, method, body in bodies(Scene(world)):
        for fault, mixed in spoiled(method, body):
            yield f"{label}, {fault}", lambda method=method, mixed=mixed: turn_off_despite(Scene(world), method, mixed)


def test_faults_after_a_deletion_are_404(world: World) -> None:
    scene = Scene(world)
    expect(scene.directory.ask("DELETE", scene.path), 204)
    scene.news()
    for label, method, body in bodies(scene):
        for _, mixed in spoiled(method, body):
            is_error(scene.directory.ask(method, scene.path, mixed), 404)
    scene.told_only()


def cases_in_bulk(world: World) -> Iterator[Case]:
    """Every wording within a Bulk request, alone and after an operation that fails."""
    def test(method: str, body: Json) -> None:
        scene = Scene(world)
        broken = {"method": "POST", "path": "/Users", "bulkId": "b", "data": {"userName": 5}}
        off = {"method": method, "path": scene.path, "data": body}
        for operations in ([broken, off], [off]):
            answer = expect(scene.directory.ask("POST", "/Bulk", {"schemas": [BULK], "Operations": operations}), 200)
            equal(answer.json["Operations"][-1]["status"], "200", f"{answer}")
            scene.must_be(active=False)
        deactivated = [event for event in scene.news() if event["context"]["cause"] == "deactivated"]
        equal(len(deactivated), 1, "one event")
    for label, method, body in bodies(Scene(world)):
        yield label, lambda method=method, body=body: test(method, body)


def test_a_taken_user_name_beside_it_does_not_stop_it(world: World) -> None:
    for method in ("PUT", "PATCH"):
        scene = Scene(world)
        scene.directory.create_user("taken")
        scene.news()
        body = scene.put_body(active=False) | {"userName": "taken"} if method == "PUT" else scene.patch_body(
            {"op": "replace", "value": {"userName": "taken", "active": False}})
        turn_off_despite(scene, method, body)


def test_a_stale_version_stops_it(world: World) -> None:
    scene = Scene(world)
    stale = {"If-Match": 'W/"never"'}
    is_error(scene.directory.patch(scene.path, {"op": "replace", "path": "active", "value": False}, headers=stale), 412)
    is_error(scene.directory.ask("PUT", scene.path, scene.put_body(active=False), stale), 412)
    scene.must_be(active=True)
    scene.told_only()


def test_strict_is_all_or_nothing(world: World) -> None:
    scene = Scene(world, strict=True)
    off = {"op": "replace", "path": "active", "value": False}
    for method, body in (("PUT", scene.put_body(active=False, emails=5)),
                         ("PATCH", scene.patch_body(off, {"op": "replace", "path": "emails", "value": 5})),
                         ("PATCH", scene.patch_body({"op": "replace", "path": "active", "value": "False"}))):
        is_error(scene.directory.ask(method, scene.path, body), 400)
        scene.must_be(active=True)
    scene.told_only()
    succeeded(scene.directory.patch(scene.path, off))
    scene.must_be(active=False)
    scene.told_only(DEACTIVATED)


def test_memberships_outlast_a_deactivation(world: World) -> None:
    scene = Scene(world, "entra")
    succeeded(scene.directory.patch(scene.path, {"op": "Replace", "path": "active", "value": "False"}))
    scene.told_only(DEACTIVATED)
    for group in scene.groups:
        equal(scene.directory.members(group), {scene.id})
    succeeded(scene.directory.patch(scene.path, {"op": "Replace", "path": "active", "value": "True"}))
    scene.told_only(("dsync.user.updated", "reactivated"))
    equal({item["value"] for item in scene.directory.get(scene.path)["groups"]}, set(scene.groups))


def cases_on_deactivate_delete(world: World) -> Iterator[Case]:
    """The app no longer sees an inactive user; the provider does."""
    for label, method, body in bodies(Scene(world)):
        if label not in ("PATCH path active, value 'False'", "PUT false"):
            continue

        def test(method: str = method, body: Json = body) -> None:
            scene = Scene(world, on_deactivate="delete")
            succeeded(scene.directory.ask(method, scene.path, body))
            scene.told_only(("dsync.user.deleted", "deactivated"))
            equal((scene.state(), scene.directory.get(scene.path)["active"]), ("gone", False))
            equal(world.app.access(user=scene.id)["allowed"], False)
            succeeded(scene.directory.ask(method, scene.path, body))
            scene.told_only()
            succeeded(scene.directory.patch(scene.path, {"op": "replace", "path": "active", "value": True}))
            names = [event["event"] for event in scene.news()]
            equal(names, ["dsync.user.created"] + ["dsync.group.user_added"] * 2)
            scene.must_be(active=True)
        yield label, test


def test_deletion_is_told_once(world: World) -> None:
    scene = Scene(world)
    expect(scene.directory.ask("DELETE", scene.path), 204)
    scene.told_only(("dsync.user.deleted", "deleted"))
    equal((scene.state(), world.app.access(user=scene.id)["allowed"]), ("gone", False))
    is_error(scene.directory.ask("DELETE", scene.path), 404)
    scene.told_only()


def test_deleting_an_inactive_user_is_told(world: World) -> None:
    scene = Scene(world)
    succeeded(scene.directory.patch(scene.path, {"op": "replace", "path": "active", "value": False}))
    expect(scene.directory.ask("DELETE", scene.path), 204)
    scene.told_only(DEACTIVATED, ("dsync.user.deleted", "deleted"))
