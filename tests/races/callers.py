"""N callers, one thing: creations, patches, If-Match, members, and the events of each."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

from lib.fold import check_log
from lib.suite import equal, true
from lib.wire import Answer
from lib.world import ENTERPRISE, SCIM_JSON, Directory, World, expect, user
from races.crowd import at_once

Json = Any
TRIES_MAX = 200


def names(events: list[Json]) -> Counter[str]:
    """How often each kind of event was told."""
    return Counter(event["event"] for event in events)


def until_taken(directory: Directory, method: str, path: str, body: Json, headers: dict[str, str] | None = None) -> Answer:
    """Asks again while the queue is full (429 or 503 with Retry-After)."""
    for _ in range(TRIES_MAX):
        answer = directory.ask(method, path, body, headers)
        if answer.status not in (429, 503):
            return answer
        true("retry-after" in answer.headers, f"{answer.status} without Retry-After")
    raise AssertionError(f"still refused after {TRIES_MAX} tries: {answer}")


def patch_body(*operations: Json) -> Json:
    """A PatchOp."""
    return {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": list(operations)}


def test_64_callers_create_one_user(world: World) -> None:
    for round_number in range(5):
        directory = world.directory()
        answers = at_once(64, lambda n: until_taken(directory, "POST", "/Users", user("Same@x.example", externalId="e")))
        equal(Counter(answer.status for answer in answers), Counter({409: 63, 201: 1}), f"round {round_number}")
        equal(directory.get("/Users")["totalResults"], 1)
        equal(names(check_log(world.app, directory.id))["dsync.user.created"], 1)


def test_64_callers_bring_one_user_back(world: World) -> None:
    directory = world.directory()
    made = directory.create_user("kim", externalId="k")
    expect(directory.ask("DELETE", f"/Users/{made['id']}"), 204)
    answers = at_once(64, lambda n: until_taken(directory, "POST", "/Users", user("kim", externalId="k")))
    equal(Counter(answer.status for answer in answers), Counter({409: 63, 201: 1}))
    check_log(world.app, directory.id)


ATTRIBUTES = ["displayName", "nickName", "title", "userType", "preferredLanguage", "locale", "timezone",
              "name.givenName", "name.familyName", "name.middleName", "name.honorificPrefix", "name.honorificSuffix",
              f"{ENTERPRISE}:department", f"{ENTERPRISE}:costCenter", f"{ENTERPRISE}:division", f"{ENTERPRISE}:organization"]


def addition(number: int) -> Json:
    """The n-th caller's own change."""
    if number < len(ATTRIBUTES):
        return {"op": "add", "path": ATTRIBUTES[number], "value": "en-US" if "L" in ATTRIBUTES[number][:12] else f"v{number}"}
    return {"op": "add", "path": "emails", "value": [{"value": f"e{number}@x.example", "type": "other"}]}


def test_64_patches_of_different_attributes_all_survive(world: World) -> None:
    directory = world.directory()
    path = f"/Users/{directory.create_user()['id']}"
    answers = at_once(64, lambda n: until_taken(directory, "PATCH", path, patch_body(addition(n))))
    equal(Counter(answer.status for answer in answers), Counter({200: 64}))
    now = directory.get(path)
    equal({item["value"] for item in now["emails"]}, {f"e{n}@x.example" for n in range(len(ATTRIBUTES), 64)})
    for name in ATTRIBUTES:
        value: Json = now
        for part in name.rsplit(":", 1) if name.startswith("urn:") else name.split("."):
            value = value.get(part, {})
        true(value, f"{name} was lost")
    equal(len({answer.json["meta"]["version"] for answer in answers}), 64, "each made a version of its own")
    equal(names(check_log(world.app, directory.id))["dsync.user.updated"], 64)


def test_of_64_if_match_patches_one_wins_each_round(world: World) -> None:
    directory = world.directory()
    path = f"/Users/{directory.create_user(title='0')['id']}"
    for round_number in range(8):
        known = {"If-Match": directory.get(path)["meta"]["version"]}
        answers = at_once(64, lambda n: until_taken(
            directory, "PATCH", path, patch_body({"op": "replace", "path": "title", "value": f"{round_number}-{n}"}), known))
        equal(Counter(answer.status for answer in answers), Counter({412: 63, 200: 1}), f"round {round_number}")
        winner = next(answer for answer in answers if answer.status == 200)
        equal(directory.get(path), winner.json)
    equal(names(check_log(world.app, directory.id))["dsync.user.updated"], 8)


def count_up(directory: Directory, path: str) -> int:
    """Adds one under If-Match, trying until it holds; gives the number of tries."""
    for tries in range(1, 10_000):
        seen = directory.get(path)
        body = patch_body({"op": "replace", "path": "title", "value": str(int(seen["title"]) + 1)})
        if until_taken(directory, "PATCH", path, body, {"If-Match": seen["meta"]["version"]}).status == 200:
            return tries
    raise AssertionError("starved")


def test_a_counter_with_retries_loses_nothing(world: World) -> None:
    directory = world.directory()
    path = f"/Users/{directory.create_user(title='0')['id']}"
    at_once(16, lambda n: [count_up(directory, path) for _ in range(5)])
    equal(directory.get(path)["title"], "80")
    equal(names(check_log(world.app, directory.id))["dsync.user.updated"], 80)


def bulk_people(directory: Directory, count: int) -> list[str]:
    """So many users, by Bulk."""
    ids: list[str] = []
    for start in range(0, count, 100):
        operations = [{"method": "POST", "path": "/Users", "bulkId": str(n), "data": user(f"m{start + n}")} for n in range(100)]
        body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations}
        results = expect(directory.ask("POST", "/Bulk", body), 200).json["Operations"]
        ids += [item["location"].rsplit("/", 1)[1] for item in results]
    return ids[:count]


def members_race(world: World, callers: int) -> None:
    """Each caller adds one member; all are there, each told once."""
    directory = world.directory()
    people = bulk_people(directory, callers)
    path = f"/Groups/{directory.create_group()['id']}"
    answers = at_once(callers, lambda n: until_taken(
        directory, "PATCH", path, patch_body({"op": "add", "path": "members", "value": [{"value": people[n]}]}),
        {"Accept": SCIM_JSON, "Connection": "close"}))
    equal(set(answer.status for answer in answers) <= {200, 204}, True, f"{Counter(a.status for a in answers)}")
    equal(directory.members(path.rsplit("/", 1)[1]), set(people))
    equal(names(check_log(world.app, directory.id))["dsync.group.user_added"], callers)


def test_1000_callers_add_a_member_each(world: World) -> None:
    members_race(world, 1_000)


def test_adding_and_removing_at_once_keeps_events_and_state_in_step(world: World) -> None:
    directory = world.directory()
    people = bulk_people(directory, 100)[:8]
    path = f"/Groups/{directory.create_group(members=people)['id']}"

    def call(number: int) -> None:
        for turn in range(10):
            op = "remove" if (number + turn) % 2 else "add"
            body = patch_body({"op": op, "path": "members", "value": [{"value": people[number % 8]}]})
            true(until_taken(directory, "PATCH", path, body).status in (200, 204), "taken")

    at_once(32, call)
    check_log(world.app, directory.id)


def test_deactivation_beats_nothing_but_is_never_lost(world: World) -> None:
    directory = world.directory()
    path = f"/Users/{directory.create_user()['id']}"

    def call(number: int) -> int:
        change = {"active": False} if number == 31 else {"title": f"t{number}"}
        return until_taken(directory, "PATCH", path, patch_body({"op": "replace", "value": change})).status

    equal(set(at_once(64, call)), {200})
    equal(directory.get(path)["active"], False)
    causes = [event["context"]["cause"] for event in check_log(world.app, directory.id)]
    equal(causes.count("deactivated"), 1)


def test_readers_never_see_half_of_a_write(world: World) -> None:
    directory = world.directory()
    path = f"/Users/{directory.create_user(title='0', nickName='0')['id']}"
    done = threading.Event()

    def call(number: int) -> None:
        if number:
            while not done.is_set():
                seen = directory.get(path)
                equal(seen["title"], seen["nickName"], "both change together")
            return
        for turn in range(200):
            body = patch_body({"op": "replace", "value": {"title": str(turn)}}, {"op": "replace", "value": {"nickName": str(turn)}})
            expect(until_taken(directory, "PATCH", path, body), 200)
            equal(directory.get(path)["title"], str(turn), "a read after a 2xx sees that write")
        done.set()

    at_once(5, call)
