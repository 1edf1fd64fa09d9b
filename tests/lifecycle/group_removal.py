"""Taking members out: never more than a request names, also when it is malformed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lib.fold import check_log
from lib.suite import Case, equal, true
from lib.world import CORE_GROUP, Directory, World, expect, is_error

Json = Any


class Team:
    """A group of a, b and c, and x who is not in it."""

    def __init__(self, world: World, strict: bool) -> None:
        self.world = world
        self.directory: Directory = world.directory(strict=strict)
        self.ids = {name: self.directory.create_user(name)["id"] for name in "abcx"}
        self.group = self.directory.create_group("Team", [self.ids[name] for name in "abc"])["id"]

    def fill(self, value: Json) -> Json:
        """`$a` stands for the id of a."""
        if isinstance(value, str):
            for name, one in self.ids.items():
                value = value.replace(f"${name}", one)
            return value
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        if isinstance(value, dict):
            return {name: self.fill(item) for name, item in value.items()}
        return value

    def members(self) -> str:
        """Who is in it, as letters."""
        present = self.directory.members(self.group)
        return "".join(name for name, one in self.ids.items() if one in present)


# label, operation, who may be left, whether the request must be answered 2xx where it is not strict
ROWS: list[tuple[str, Json, set[str], bool]] = [
    ("filter path", {"op": "remove", "path": 'members[value eq "$a"]'}, {"bc"}, True),
    ("filter path, op Remove", {"op": "Remove", "path": 'members[value eq "$a"]'}, {"bc"}, True),
    ("filter path, other case", {"op": "remove", "path": 'Members[Value EQ "$a"]'}, {"bc"}, True),
    ("filter path, or", {"op": "remove", "path": 'members[value eq "$a" or value eq "$c"]'}, {"b"}, True),
    ("filter path unmatched", {"op": "remove", "path": 'members[value eq "$x"]'}, {"abc"}, False),
    ("filter path, empty operand", {"op": "remove", "path": 'members[value eq ""]'}, {"abc"}, False),
    ("value list", {"op": "remove", "path": "members", "value": [{"value": "$a"}]}, {"bc"}, True),
    ("value list of two", {"op": "Remove", "path": "members", "value": [{"value": "$a"}, {"value": "$b"}]}, {"c"}, True),
    ("value list, $ref null", {"op": "Remove", "path": "members", "value": [{"$ref": None, "value": "$a"}]}, {"bc"}, True),
    ("value list with a stranger", {"op": "remove", "path": "members", "value": [{"value": "$a"}, {"value": "$x"}]}, {"bc"}, True),
    ("value list of a stranger", {"op": "remove", "path": "members", "value": [{"value": "$x"}]}, {"abc"}, True),
    ("value object", {"op": "remove", "path": "members", "value": {"value": "$a"}}, {"bc"}, True),
    ("filter path and value", {"op": "remove", "path": 'members[value eq "$a"]', "value": [{"value": "$a"}]}, {"bc"}, True),
    ("filter path and another value", {"op": "remove", "path": 'members[value eq "$a"]', "value": [{"value": "$b"}]},
     {"abc", "bc", "ac"}, False),
    ("value list empty", {"op": "remove", "path": "members", "value": []}, {"abc"}, False),
    ("value object empty", {"op": "remove", "path": "members", "value": {}}, {"abc"}, False),
    ("value list without value", {"op": "remove", "path": "members", "value": [{"display": "a"}]}, {"abc"}, False),
    ("value list of null", {"op": "remove", "path": "members", "value": [{"value": None}]}, {"abc"}, False),
    ("value list of nulls", {"op": "remove", "path": "members", "value": [None]}, {"abc"}, False),
    ("value list of empty text", {"op": "remove", "path": "members", "value": [{"value": ""}]}, {"abc"}, False),
    ("value a text", {"op": "remove", "path": "members", "value": "$a"}, {"abc", "bc"}, False),
    ("value a list of texts", {"op": "remove", "path": "members", "value": ["$a"]}, {"abc", "bc"}, False),
    ("value empty text", {"op": "remove", "path": "members", "value": ""}, {"abc"}, False),
    ("value a number", {"op": "remove", "path": "members", "value": 5}, {"abc"}, False),
    ("value a number in the list", {"op": "remove", "path": "members", "value": [{"value": 5}]}, {"abc"}, False),
    ("value false", {"op": "remove", "path": "members", "value": False}, {"abc"}, False),
    ("half a list", {"op": "remove", "path": "members", "value": [{"value": "$a"}, {"display": "?"}]}, {"abc", "bc"}, False),
    ("path unquoted", {"op": "remove", "path": "members[value eq $a]"}, {"abc", "bc"}, False),
    ("path unclosed", {"op": "remove", "path": 'members[value eq "$a"'}, {"abc"}, False),
    ("path empty filter", {"op": "remove", "path": "members[]"}, {"abc"}, False),
    ("path unknown attribute", {"op": "remove", "path": 'members[nosuch eq "$a"]'}, {"abc"}, False),
    ("path of another attribute", {"op": "remove", "path": 'members[display eq "nobody"]'}, {"abc"}, False),
    ("path members.value", {"op": "remove", "path": "members.value"}, {"abc"}, False),
    ("path members[..].value", {"op": "remove", "path": 'members[value eq "$a"].value'}, {"abc", "bc"}, False),
    ("no path", {"op": "remove", "value": {"members": [{"value": "$a"}]}}, {"abc", "bc"}, False),
    ("no path, nothing", {"op": "remove"}, {"abc"}, False),
    ("path empty", {"op": "remove", "path": ""}, {"abc"}, False),
    ("path null", {"op": "remove", "path": None, "value": [{"value": "$a"}]}, {"abc"}, False),
    ("path member", {"op": "remove", "path": "member", "value": [{"value": "$a"}]}, {"abc"}, False),
    ("all, in words", {"op": "remove", "path": "members"}, {""}, True),
    ("replace by some", {"op": "replace", "path": "members", "value": [{"value": "$b"}]}, {"b"}, True),
    ("replace by none", {"op": "replace", "path": "members", "value": []}, {""}, True),
    ("replace, no path", {"op": "replace", "value": {"members": [{"value": "$c"}]}}, {"c"}, True),
    ("replace by rubbish", {"op": "replace", "path": "members", "value": 5}, {"abc"}, False),
    ("replace by a list of rubbish", {"op": "replace", "path": "members", "value": [5]}, {"abc"}, False),
    ("replace by a member without value", {"op": "replace", "path": "members", "value": [{"display": "x"}]}, {"abc"}, False),
]


def check(world: World, operation: Json, wanted: set[str], must: bool, strict: bool) -> None:
    """Sends it; only those may be left, and the events say who went."""
    team = Team(world, strict)
    before = len(world.app.events(team.directory.id))
    answer = team.directory.patch(f"/Groups/{team.group}", team.fill(operation))
    if must and not strict:
        true(answer.status in (200, 204), f"wanted 2xx, got {answer}")
    elif answer.status not in (200, 204):
        is_error(answer, 400)
    left = team.members()
    true(left in wanted | ({"abc"} if strict else set()), f"left {left!r}, wanted {wanted}, answered {answer}")
    if answer.status == 400:
        equal(left, "abc", "a refused request changes nothing")
    events = check_log(world.app, team.directory.id)[before:]
    equal(sorted(event["data"]["user"]["id"] for event in events if event["event"] == "dsync.group.user_removed"),
          sorted(one for name, one in team.ids.items() if name in "abc" and name not in left), "who was told as removed")
    equal(len(events), 3 - len(left), "nothing else is told")


def cases_shapes(world: World) -> Iterator[Case]:
    """Lenient, as providers are met."""
    for label, operation, wanted, must in ROWS:
        yield label, lambda operation=operation, wanted=wanted, must=must: check(world, operation, wanted, must, False)


def cases_shapes_on_a_strict_directory(world: World) -> Iterator[Case]:
    """Strict: refused or the same, never more."""
    for label, operation, wanted, must in ROWS:
        yield label, lambda operation=operation, wanted=wanted, must=must: check(world, operation, wanted, must, True)


def cases_with_something_invalid_beside_it(world: World) -> Iterator[Case]:
    """A request about a group is all or nothing; put right, it does what it says, once."""
    faults = [("bad path", {"op": "replace", "path": "displayName[", "value": "x"}),
              ("unknown op", {"op": "frobnicate", "path": "displayName", "value": "x"}),
              ("name removed", {"op": "remove", "path": "displayName"})]

    def test(operation: Json, wanted: set[str], bad: Json, before: bool) -> None:
        team = Team(world, False)
        path, good = f"/Groups/{team.group}", team.fill(operation)
        seen = len(world.app.events(team.directory.id))
        is_error(team.directory.patch(path, *([bad, good] if before else [good, bad])), 400)
        equal(team.members(), "abc", "a refused request changes nothing")
        for _ in range(3):
            expect(team.directory.patch(path, good), 200, 204)
            true(team.members() in wanted, f"{team.members()} is left, {wanted} may be")
        told = check_log(world.app, team.directory.id)[seen:]
        equal(len(told), 3 - len(team.members()), "each removal is told once")
        expect(team.directory.ask("DELETE", path), 204)
        is_error(team.directory.patch(path, good), 404)
    for label, operation, wanted, must in ROWS:
        for fault, bad in faults if must else []:
            for before in (True, False):
                yield (f"{label}, {fault} {'before' if before else 'after'}",
                       lambda operation=operation, wanted=wanted, bad=bad, before=before:
                       test(operation, wanted, bad, before))


def removals() -> list[tuple[str, Json, set[str]]]:
    """The shapes that take somebody out of the group."""
    return [(label, operation, wanted) for label, operation, wanted, must in ROWS if must and wanted != {"abc"}]


def cases_twice_and_after_a_delete(world: World) -> Iterator[Case]:
    """Once more tells nothing; the same for a group that is gone is 404 and brings nobody back."""
    for label, operation, wanted in removals():
        def test(operation: Json = operation, wanted: set[str] = wanted) -> None:
            team = Team(world, False)
            path, filled = f"/Groups/{team.group}", team.fill(operation)
            for _ in range(2):
                expect(team.directory.patch(path, filled), 200, 204)
                true(team.members() in wanted, f"left {team.members()!r}, wanted {wanted}")
            gone = 3 - len(team.members())
            names = [event["event"] for event in check_log(world.app, team.directory.id)]
            equal(names.count("dsync.group.user_removed"), gone, "each removal is told once")
            expect(team.directory.ask("DELETE", path), 204)
            told = len(check_log(world.app, team.directory.id))
            is_error(team.directory.patch(path, filled), 404)
            equal(len(check_log(world.app, team.directory.id)), told, "events after the group's end")
        yield label, test


def cases_a_user_who_is_gone(world: World) -> Iterator[Case]:
    """Taking out somebody who was deleted, or deactivated, first."""
    for label, operation, wanted in removals():
        if "$a" not in str(operation) or "a" in "".join(wanted):
            continue

        def test(operation: Json = operation, wanted: set[str] = wanted) -> None:
            for method, body in (("DELETE", None), ("PATCH", {"Operations": [{"op": "replace", "value": {"active": False}}]})):
                team = Team(world, False)
                answer = team.directory.ask(method, f"/Users/{team.ids['a']}", body)
                true(200 <= answer.status < 300, f"{answer}")
                expect(team.directory.patch(f"/Groups/{team.group}", team.fill(operation)), 200, 204)
                true(team.members() in wanted, f"after {method} left {team.members()!r}, wanted {wanted}")
                check_log(world.app, team.directory.id)
        yield label, test


def test_a_refused_removal_is_in_the_records_with_a_hint(world: World) -> None:
    team = Team(world, False)
    gone = team.fill({"op": "remove", "path": 'members[value eq "$a"]'})
    is_error(team.directory.patch(f"/Groups/{team.group}", gone, {"op": "remove", "path": "displayName"}), 400)
    records = world.app.get(f"/requests?directory={team.directory.id}&status=400")["data"]
    true(any(item["detail"] and item["hint"] for item in records), f"detail and hint: {records}")


def test_put_takes_out_whom_it_leaves_out(world: World) -> None:
    team = Team(world, False)
    body = {"schemas": [CORE_GROUP], "displayName": "Team", "members": team.fill([{"value": "$b"}])}
    expect(team.directory.ask("PUT", f"/Groups/{team.group}", body), 200, 204)
    equal(team.members(), "b")


def test_a_broken_put_takes_out_nobody(world: World) -> None:
    team = Team(world, False)
    for members in (5, [5], [{"display": "b"}], "$b", {"value": 5}):
        body = {"schemas": [CORE_GROUP], "displayName": "Team", "members": team.fill(members)}
        answer = team.directory.ask("PUT", f"/Groups/{team.group}", body)
        if answer.status == 400:
            equal(team.members(), "abc", f"{members}")
        else:
            expect(answer, 200, 204)
            equal(team.members(), "b", f"{members} was understood")
            break


def test_removing_twice_is_removing_once(world: World) -> None:
    team = Team(world, False)
    operation = team.fill({"op": "remove", "path": "members", "value": [{"value": "$a"}]})
    for _ in range(2):
        expect(team.directory.patch(f"/Groups/{team.group}", operation), 200, 204)
    equal(team.members(), "bc")
    events = check_log(world.app, team.directory.id)
    equal([event["event"] for event in events].count("dsync.group.user_removed"), 1)


def test_adding_and_removing_in_one_request(world: World) -> None:
    team = Team(world, False)
    expect(team.directory.patch(
        f"/Groups/{team.group}", team.fill({"op": "remove", "path": 'members[value eq "$a"]'}),
        team.fill({"op": "add", "path": "members", "value": [{"value": "$x"}, {"value": "$b"}]})), 200, 204)
    equal(team.members(), "bcx")
    expect(team.directory.patch(
        f"/Groups/{team.group}", team.fill({"op": "add", "path": "members", "value": [{"value": "$a"}]}),
        team.fill({"op": "remove", "path": "members", "value": [{"value": "$a"}]})), 200, 204)
    equal(team.members(), "bcx")
    check_log(world.app, team.directory.id)
