"""PATCH beyond the vectors: atomicity, versions, laws between operations (RFC 7644 §3.5.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lib.suite import Case, equal, true
from lib.world import ENTERPRISE, PATCH_OP, Directory, World, expect, is_error

Json = Any
WORK = {"value": "work@x.example", "type": "work", "primary": True}
HOME = {"value": "home@x.example", "type": "home"}


def person(directory: Directory) -> str:
    """The path of a user with a little of everything."""
    made = directory.create_user(title="T", name={"givenName": "A", "familyName": "B"}, emails=[WORK, HOME],
                                 **{ENTERPRISE: {"department": "D"}})
    return f"/Users/{made['id']}"


def test_a_patch_answers_the_whole_user(world: World) -> None:
    directory = world.directory()
    path = person(directory)
    answer = expect(directory.patch(path, {"op": "replace", "path": "title", "value": "U"}), 200)
    equal(answer.json, directory.get(path))
    equal(answer.headers["etag"], answer.json["meta"]["version"])


def test_the_status_for_groups_is_an_option_of_the_provider(world: World) -> None:
    for provider, status in (("generic", 200), ("okta", 204), ("entra", 204)):
        directory = world.directory(provider)
        group = directory.create_group()
        answer = directory.patch(f"/Groups/{group['id']}", {"op": "replace", "path": "displayName", "value": "N"})
        equal(answer.status, status, f"PATCH of a group by {provider}")
        if status == 204:
            equal(answer.body, b"")
        asked = directory.ask("PATCH", f"/Groups/{group['id']}?attributes=displayName", {
            "schemas": [PATCH_OP], "Operations": [{"op": "replace", "path": "displayName", "value": "M"}]})
        equal(expect(asked, 200).json["displayName"], "M", "with attributes always 200 and a body")


def test_a_failing_operation_undoes_all(world: World) -> None:
    directory = world.directory()
    path = person(directory)
    before = directory.get(path)
    answer = directory.patch(path, {"op": "replace", "path": "title", "value": "U"},
                             {"op": "add", "path": "nickName", "value": "N"},
                             {"op": "replace", "path": "emails", "value": 5})
    is_error(answer, 400)
    equal(directory.get(path), before)


def test_what_is_already_true_changes_nothing(world: World) -> None:
    directory = world.directory()
    path = person(directory)
    before, events = directory.get(path), len(world.app.events(directory.id))
    rows: list[Json] = [
        {"op": "replace", "path": "title", "value": "T"}, {"op": "add", "path": "title", "value": "T"},
        {"op": "add", "path": "emails", "value": [HOME]}, {"op": "replace", "path": "emails", "value": [WORK, HOME]},
        {"op": "replace", "path": "active", "value": True}, {"op": "remove", "path": "nickName"},
        {"op": "replace", "value": {"title": "T", "active": True}},
        {"op": "remove", "path": 'phoneNumbers[type eq "fax"]'},
        {"op": "replace", "path": f"{ENTERPRISE}:department", "value": "D"},
    ]
    for row in rows:
        answer = directory.patch(path, row)
        if answer.status == 400:
            is_error(answer, 400, "noTarget")
        equal(directory.get(path), before, f"{row}")
    equal(len(world.app.events(directory.id)), events, "events")


def test_operations_are_applied_in_order(world: World) -> None:
    directory = world.directory()
    path = person(directory)
    expect(directory.patch(path, {"op": "add", "path": "nickName", "value": "one"},
                           {"op": "replace", "path": "nickName", "value": "two"},
                           {"op": "remove", "path": "title"},
                           {"op": "add", "path": "title", "value": "new"}), 200)
    now = directory.get(path)
    equal((now["nickName"], now["title"]), ("two", "new"))


def test_add_then_remove_restores(world: World) -> None:
    directory = world.directory()
    path = person(directory)
    before = directory.get(path)
    fresh = {"value": "new@x.example", "type": "other"}
    expect(directory.patch(path, {"op": "add", "path": "emails", "value": [fresh]}), 200)
    expect(directory.patch(path, {"op": "remove", "path": 'emails[value eq "new@x.example"]'}), 200)
    now = directory.get(path)
    equal(now["emails"], before["emails"])


def test_there_are_never_two_primaries(world: World) -> None:
    directory = world.directory()
    path = person(directory)
    new = {"value": "p@x.example", "type": "other", "primary": True}
    expect(directory.patch(path, {"op": "add", "path": "emails", "value": [new]}), 200)
    equal([item["value"] for item in directory.get(path)["emails"] if item.get("primary")], ["p@x.example"])
    expect(directory.patch(path, {"op": "replace", "path": 'emails[type eq "home"].primary', "value": True}), 200)
    equal([item["value"] for item in directory.get(path)["emails"] if item.get("primary")], ["home@x.example"])


def test_with_and_without_path_are_the_same(world: World) -> None:
    results = []
    for operation in ({"op": "replace", "path": "name", "value": {"givenName": "Z"}},
                      {"op": "replace", "value": {"name": {"givenName": "Z"}}},
                      {"op": "replace", "path": "name.givenName", "value": "Z"},
                      {"op": "replace", "path": "urn:ietf:params:scim:schemas:core:2.0:User:name.givenName",
                       "value": "Z"}):
        directory = world.directory()
        path = person(directory)
        expect(directory.patch(path, operation), 200)
        results.append(directory.get(path)["name"])
    equal(results, [results[0]] * 4)


def test_required_attributes_survive(world: World) -> None:
    directory = world.directory()
    path = person(directory)
    before = directory.get(path)
    for operation in ({"op": "remove", "path": "userName"}, {"op": "replace", "path": "userName", "value": None},
                      {"op": "replace", "path": "userName", "value": ""},
                      {"op": "replace", "path": "id", "value": "x"}, {"op": "remove", "path": "id"},
                      {"op": "replace", "path": "meta.created", "value": "2020-01-01T00:00:00Z"},
                      {"op": "replace", "value": {"userName": ""}}):
        expect(directory.patch(path, operation), 400)
        equal(directory.get(path), before, f"{operation}")


def test_schemas_follow_the_data(world: World) -> None:
    directory = world.directory()
    path = person(directory)
    expect(directory.patch(path, {"op": "remove", "path": ENTERPRISE}), 200)
    true(ENTERPRISE not in directory.get(path)["schemas"], "the extension is gone from schemas")
    expect(directory.patch(path, {"op": "add", "path": f"{ENTERPRISE}:costCenter", "value": "1"}), 200)
    true(ENTERPRISE in directory.get(path)["schemas"], "and back with data")


def test_remove_by_filter_removes_what_the_filter_selects(world: World) -> None:
    directory = world.directory()
    people = [directory.create_user()["id"] for _ in range(5)]
    group = directory.create_group(members=people)
    text = f'value eq "{people[0]}" or value eq "{people[3]}"'
    expect(directory.patch(f"/Groups/{group['id']}", {"op": "remove", "path": f"members[{text}]"}), 200, 204)
    equal(directory.members(group["id"]), {people[1], people[2], people[4]})


def test_members_equal_a_model_after_a_sequence(world: World) -> None:
    directory = world.directory()
    people = [directory.create_user()["id"] for _ in range(6)]
    path = f"/Groups/{directory.create_group()['id']}"
    model: set[str] = set()
    steps: list[tuple[Json, set[str]]] = [
        ({"op": "add", "path": "members", "value": [{"value": people[0]}, {"value": people[1]}]}, set(people[:2])),
        ({"op": "add", "path": "members", "value": {"value": people[1]}}, set(people[:2])),
        ({"op": "add", "value": {"members": [{"value": people[2]}]}}, set(people[:3])),
        ({"op": "remove", "path": f'members[value eq "{people[0]}"]'}, set(people[1:3])),
        ({"op": "replace", "path": "members", "value": [{"value": people[4]}, {"value": people[5]}]}, set(people[4:])),
        ({"op": "remove", "path": "members", "value": [{"value": people[4]}]}, {people[5]}),
        ({"op": "remove", "path": "members"}, set()),
        ({"op": "remove", "path": "members"}, set()),
    ]
    for operation, wanted in steps:
        answer = directory.patch(path, operation)
        if answer.status == 400:
            is_error(answer, 400, "noTarget")
        model = directory.members(path.rsplit("/", 1)[1])
        equal(model, wanted, f"{operation}")
        for one in people:
            has = bool(directory.get(f"/Users/{one}").get("groups"))
            equal(has, one in wanted, "User.groups is the inverse of members")


def cases_messages_that_are_refused(world: World) -> Iterator[Case]:
    """Broken PatchOps are 400 and change nothing, also where providers are met halfway."""
    directory = world.directory()
    path = person(directory)
    before = directory.get(path)
    rows: list[tuple[str, Json]] = [
        ("no Operations", {"schemas": [PATCH_OP]}),
        ("Operations a word", {"schemas": [PATCH_OP], "Operations": "x"}),
        ("an operation that is a number", {"schemas": [PATCH_OP], "Operations": [5]}),
        ("no op", {"schemas": [PATCH_OP], "Operations": [{"path": "title", "value": "x"}]}),
        ("unknown op", {"schemas": [PATCH_OP], "Operations": [{"op": "move", "path": "title", "value": "x"}]}),
        ("op a number", {"schemas": [PATCH_OP], "Operations": [{"op": 1, "path": "title", "value": "x"}]}),
        ("add without value", {"schemas": [PATCH_OP], "Operations": [{"op": "add", "path": "title"}]}),
        ("remove without path", {"schemas": [PATCH_OP], "Operations": [{"op": "remove"}]}),
        ("path a number", {"schemas": [PATCH_OP], "Operations": [{"op": "add", "path": 5, "value": "x"}]}),
        ("path unreadable", {"schemas": [PATCH_OP], "Operations": [{"op": "add", "path": "a[b", "value": "x"}]}),
        ("path with a bad filter", {"schemas": [PATCH_OP], "Operations": [
            {"op": "remove", "path": "emails[type zz 5]"}]}),
        ("no-path value a word", {"schemas": [PATCH_OP], "Operations": [{"op": "add", "value": "x"}]}),
        ("wrong type", {"schemas": [PATCH_OP], "Operations": [{"op": "add", "path": "title", "value": {"a": 1}}]}),
        ("body a list", [{"op": "add", "path": "title", "value": "x"}]),
    ]
    for label, body in rows:
        def test(body: Json = body) -> None:
            is_error(directory.ask("PATCH", path, body), 400)
            equal(directory.get(path), before, "unchanged")
        yield label, test


def test_unknown_targets_are_404(world: World) -> None:
    directory = world.directory()
    is_error(directory.patch("/Users/none", {"op": "replace", "path": "title", "value": "x"}), 404)
    is_error(directory.ask("PATCH", "/Groups/none", {"broken": True}), 404)
