"""Replacing a resource with PUT (RFC 7644 §3.5.1)."""

from __future__ import annotations

from lib.suite import equal, true
from lib.world import CORE_GROUP, CORE_USER, ENTERPRISE, World, expect, is_error, user


def test_put_replaces_what_it_can(world: World) -> None:
    directory = world.directory()
    made = directory.create_user("a1", title="T", nickName="N", emails=[{"value": "a@x.example", "type": "work"}],
                                 **{ENTERPRISE: {"department": "D"}})
    answer = expect(directory.ask("PUT", f"/Users/{made['id']}", user("a1", title="U")), 200)
    now = answer.json
    equal(now, directory.get(f"/Users/{made['id']}"), "PUT answers what GET gives")
    equal(now["title"], "U")
    true(not {"nickName", "emails", ENTERPRISE} & now.keys(), "what PUT leaves out is gone")
    true(ENTERPRISE not in now["schemas"], "schemas name only what has data")
    equal(now["meta"]["created"], made["meta"]["created"])
    true(now["meta"]["version"] != made["meta"]["version"], "a new version")


def test_put_of_what_get_gave_changes_nothing(world: World) -> None:
    directory = world.directory()
    made = directory.create_user(externalId="e", title="T", emails=[{"value": "a@x.example", "primary": True}],
                                 name={"givenName": "A", "familyName": "B"}, **{ENTERPRISE: {"costCenter": "7"}})
    group = directory.create_group(members=[made["id"]], externalId="g")
    before = len(world.app.events(directory.id))
    for path in (f"/Users/{made['id']}", f"/Groups/{group['id']}"):
        seen = directory.get(path)
        expect(directory.ask("PUT", path, seen), 200, 204)
        equal(directory.get(path), seen, path)
    equal(len(world.app.events(directory.id)), before, "events")


def test_put_without_active_keeps_it(world: World) -> None:
    directory = world.directory()
    for state in (True, False):
        made = directory.create_user(active=state)
        now = expect(directory.ask("PUT", f"/Users/{made['id']}", user(made["userName"])), 200).json
        equal(now["active"], state)


def test_put_without_external_id_keeps_it_and_null_clears_it(world: World) -> None:
    directory = world.directory()
    made = directory.create_user(externalId="e-1")
    group = directory.create_group(externalId="g-1")
    for path, body in ((f"/Users/{made['id']}", user(made["userName"])),
                       (f"/Groups/{group['id']}", {"schemas": [CORE_GROUP], "displayName": group["displayName"]})):
        expect(directory.ask("PUT", path, body), 200, 204)
        equal(directory.get(path)["externalId"], "e-1" if "Users" in path else "g-1", path)
        expect(directory.ask("PUT", path, {**body, "externalId": None}), 200, 204)
        true("externalId" not in directory.get(path), f"{path}: null clears it")


def test_put_without_external_id_clears_it_when_strict(world: World) -> None:
    directory = world.directory(strict=True)
    made = directory.create_user(externalId="e-1")
    now = expect(directory.ask("PUT", f"/Users/{made['id']}", user(made["userName"])), 200).json
    true("externalId" not in now, "the RFC alone decides")


def test_somebody_put_without_external_id_is_the_same_person_on_return(world: World) -> None:
    directory = world.directory("okta")
    made = directory.create_user("leaver", externalId="00u1")
    path = f"/Users/{made['id']}"
    expect(directory.ask("PUT", path, user("leaver", active=False)), 200)
    back = expect(directory.ask("POST", "/Users", user("leaver", externalId="00u1", active=True)), 201).json
    equal(back["id"], made["id"])


def test_put_cannot_change_the_id(world: World) -> None:
    directory = world.directory()
    made = directory.create_user()
    now = expect(directory.ask("PUT", f"/Users/{made['id']}", user(made["userName"], id="other")), 200, 400)
    if now.status == 200:
        equal(now.json["id"], made["id"])


def test_put_on_something_unknown_is_404_before_the_body_is_judged(world: World) -> None:
    directory = world.directory()
    is_error(directory.ask("PUT", "/Users/none", user()), 404)
    is_error(directory.ask("PUT", "/Users/none", {"emails": 5}), 404)
    equal(directory.get("/Users")["totalResults"], 0, "PUT never creates")


def test_put_of_a_taken_user_name_is_a_conflict(world: World) -> None:
    directory = world.directory()
    directory.create_user("first")
    made = directory.create_user("second")
    is_error(directory.ask("PUT", f"/Users/{made['id']}", user("FIRST")), 409, "uniqueness")
    equal(directory.get(f"/Users/{made['id']}"), made)


def test_put_may_change_the_case_of_the_own_user_name(world: World) -> None:
    directory = world.directory()
    made = directory.create_user("someone")
    equal(expect(directory.ask("PUT", f"/Users/{made['id']}", user("SomeOne")), 200).json["userName"], "SomeOne")


def test_put_of_an_invalid_body_changes_nothing(world: World) -> None:
    directory = world.directory()
    made = directory.create_user(title="T")
    is_error(directory.ask("PUT", f"/Users/{made['id']}", user(made["userName"], emails=5)), 400, "invalidValue")
    is_error(directory.ask("PUT", f"/Users/{made['id']}", {"schemas": [CORE_USER]}), 400)
    equal(directory.get(f"/Users/{made['id']}"), made)


def test_put_of_a_group_sets_its_members(world: World) -> None:
    directory = world.directory()
    people = [directory.create_user()["id"] for _ in range(4)]
    group = directory.create_group("G", people[:3])
    body = {"schemas": [CORE_GROUP], "displayName": "G2", "members": [{"value": member} for member in people[2:]]}
    expect(directory.ask("PUT", f"/Groups/{group['id']}", body), 200, 204)
    equal(directory.members(group["id"]), set(people[2:]))
    equal(directory.get(f"/Groups/{group['id']}")["displayName"], "G2")
    body["members"] = []
    expect(directory.ask("PUT", f"/Groups/{group['id']}", body), 200, 204)
    equal(directory.members(group["id"]), set())
