"""A wave of deprovisioning that is held: no access at once, no event until someone approves."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Iterator
from typing import Any

from lib.daemon import Daemon, binary
from lib.fold import check_log, compare, fold
from lib.suite import Case, equal, seed
from lib.world import BULK, Directory, World, expect, is_error
from lifecycle.scene import succeeded

Json = Any
BRAKE = {"mode": "hold", "threshold_percent": 0, "threshold_min": 1, "window": "1h"}
OFF = {"op": "replace", "path": "active", "value": False}


class Wave:
    """Five users in one group, of a directory that holds from the second one on."""

    def __init__(self, world: World, **options: Json) -> None:
        self.world = world
        self.directory: Directory = world.directory(**{"brake": BRAKE, **options})
        self.ids = [self.directory.create_user(f"{name}@x.example", externalId=name, emails=[
            {"value": f"{name}@x.example", "primary": True}])["id"] for name in "abcde"]
        self.group = self.directory.create_group("Team", self.ids)["id"]
        self.seen = len(world.app.events(self.directory.id))

    def news(self) -> list[tuple[str, str]]:
        """Event names and causes since the last look; the whole log is folded each time."""
        events = check_log(self.world.app, self.directory.id)
        fresh, self.seen = events[self.seen:], len(events)
        return [(event["event"], event["context"]["cause"]) for event in fresh]

    def held(self) -> list[str]:
        """Ids of those who wait."""
        listed = self.world.app.pages(f"/directories/{self.directory.id}/held")
        return [item["id"] for item in listed if item["decision"] is None]

    def decide(self, verb: str, body: Json = None) -> Json:
        """Approves or denies."""
        return expect(self.world.app.ask("POST", f"/directories/{self.directory.id}/held/{verb}", body or {}), 200).json

    def reason(self, index: int) -> str:
        """Why somebody may come in or not."""
        return self.world.app.access(user=self.ids[index])["reason"]


def off_by_patch(wave: Wave, index: int) -> None:
    succeeded(wave.directory.patch(f"/Users/{wave.ids[index]}", OFF))


def off_by_put(wave: Wave, index: int) -> None:
    now = wave.directory.get(f"/Users/{wave.ids[index]}")
    body = {name: now[name] for name in ("schemas", "userName", "externalId", "emails")}
    succeeded(wave.directory.ask("PUT", f"/Users/{wave.ids[index]}", {**body, "active": False}))


def off_by_delete(wave: Wave, index: int) -> None:
    expect(wave.directory.ask("DELETE", f"/Users/{wave.ids[index]}"), 204)


def off_by_bulk(wave: Wave, index: int) -> None:
    operation = {"method": "PATCH", "path": f"/Users/{wave.ids[index]}", "data": {"Operations": [OFF]}}
    answer = expect(wave.directory.ask("POST", "/Bulk", {"schemas": [BULK], "Operations": [operation]}), 200)
    equal(answer.json["Operations"][0]["status"], "200")


def off_despite_error(wave: Wave, index: int) -> None:
    bad = {"op": "replace", "path": "emails", "value": 5}
    succeeded(wave.directory.patch(f"/Users/{wave.ids[index]}", OFF, bad))


WAYS = {"PATCH": off_by_patch, "PUT": off_by_put, "DELETE": off_by_delete, "Bulk": off_by_bulk,
        "PATCH with something invalid": off_despite_error}


def check_way(world: World, label: str, on_deactivate: str) -> None:
    """The second one is held: the provider sees what it did, the app nothing, the door says no."""
    wave = Wave(world, on_deactivate=on_deactivate)
    is_gone = label == "DELETE" or on_deactivate == "delete"
    told = ("dsync.user.deleted" if is_gone else "dsync.user.updated", "deleted" if label == "DELETE" else "deactivated")
    WAYS[label](wave, 0)
    equal(wave.news(), [told], "the first one is told of")
    for _ in range(1 if label == "DELETE" else 2):
        WAYS[label](wave, 1)
    equal((wave.news(), wave.held(), wave.reason(1)), ([], [wave.ids[1]], "held"))
    if label == "DELETE":
        is_error(wave.directory.ask("GET", f"/Users/{wave.ids[1]}"), 404)
    else:
        equal(wave.directory.get(f"/Users/{wave.ids[1]}")["active"], False, "the provider reads what it wrote")
    seen = world.app.get(f"/directory_users/{wave.ids[1]}")
    equal((seen["state"], [group["id"] for group in seen["groups"]]), ("active", [wave.group]))
    equal(wave.decide("approve")["users"], 1)
    equal((wave.news(), wave.held()), ([told], []))
    equal(wave.reason(1), "unknown_user" if label == "DELETE" else "inactive")


def cases_every_way_out(world: World) -> Iterator[Case]:
    """By whatever request access is lost."""
    for on_deactivate in ("keep", "delete"):
        for label in WAYS:
            yield f"{label}, {on_deactivate}", lambda label=label, what=on_deactivate: check_way(world, label, what)


def test_nothing_of_a_held_user_is_told_until_it_is_approved(world: World) -> None:
    wave = Wave(world)
    for index in (0, 1, 2):
        off_by_patch(wave, index)
    wave.news()
    other = wave.directory.create_group("Other")["id"]
    equal(wave.news(), [("dsync.group.created", "created")])
    succeeded(wave.directory.patch(f"/Users/{wave.ids[1]}", {"op": "replace", "path": "title", "value": "Gone"}))
    succeeded(wave.directory.patch(f"/Groups/{wave.group}", {"op": "remove", "path": f'members[value eq "{wave.ids[1]}"]'}))
    succeeded(wave.directory.patch(f"/Groups/{other}", {"op": "add", "path": "members", "value": [{"value": wave.ids[1]}]}))
    equal(wave.news(), [], "title and memberships wait too")
    equal(wave.decide("approve", {"users": [wave.ids[1]]})["remaining"], 1)
    equal(wave.news(), [("dsync.user.updated", "deactivated"), ("dsync.group.user_removed", "member_removed"),
                        ("dsync.group.user_added", "member_added")])
    equal(wave.held(), [wave.ids[2]])


def test_who_is_sent_as_active_again_was_never_gone_for_the_app(world: World) -> None:
    wave = Wave(world)
    for index in range(5):
        off_by_patch(wave, index)
    wave.news()
    for index in range(1, 5):
        succeeded(wave.directory.patch(f"/Users/{wave.ids[index]}", {**OFF, "value": True}))
    equal((wave.news(), wave.held(), wave.reason(3)), ([], [], "active"))


def test_denial_leaves_the_app_as_it_is(world: World) -> None:
    wave = Wave(world)
    for index in range(3):
        off_by_patch(wave, index)
    wave.news()
    equal(wave.decide("deny"), {"object": "held_decision", "decision": "denied", "users": 2, "remaining": 0})
    equal((wave.news(), wave.held(), wave.reason(1)), ([], [], "active"))
    about = world.app.get(f"/directories/{wave.directory.id}")
    equal((about["held_users"], about["denied_users"]), (0, 2))
    wave.decide("approve", {"users": [wave.ids[1]]})
    equal((wave.news(), wave.reason(1)), ([("dsync.user.updated", "deactivated")], "inactive"))


def test_holds_survive_kill_9(world: World) -> None:
    with Daemon() as daemon:
        own = World(daemon)
        wave = Wave(own)
        for index in range(4):
            off_by_patch(wave, index)
        wave.news()
        daemon.kill()
        daemon.start()
        again = World(daemon)
        wave.world = again
        wave.directory = Directory(daemon.ready["scim_url"].replace("/acme", f"/{wave.directory.about['external_key']}"),
                                   wave.directory.token, again.ca_cert, wave.directory.about)
        equal((wave.held(), wave.reason(2)), (wave.ids[1:4], "held"))
        off_by_patch(wave, 4)
        equal((wave.news(), wave.held()), ([], wave.ids[1:5]), "the wave goes on")


def test_a_small_directory_and_a_usual_day_are_no_wave(world: World) -> None:
    directory = world.directory(brake={"mode": "hold"})
    ids = [directory.create_user()["id"] for _ in range(6)]
    for one in ids[:5]:
        succeeded(directory.patch(f"/Users/{one}", OFF))
    about = world.app.get(f"/directories/{directory.id}")
    equal((about["held_users"], about["alarms"]), (0, []), "five are no wave")
    succeeded(directory.patch(f"/Users/{ids[5]}", OFF))
    about = world.app.get(f"/directories/{directory.id}")
    equal((about["held_users"], about["alarms"]), (1, ["deprovisioning_wave", "users_held"]), "six are one")


def test_by_the_command_line(world: World) -> None:
    wave = Wave(world)
    for index in range(4):
        off_by_patch(wave, index)
    key = wave.directory.about["external_key"]

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [binary(), *words, "--data", world.daemon.data, "--json"]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    listed = run("directory", "held", key)
    equal([item["id"] for item in json.loads(listed.stdout)], wave.ids[1:4])
    equal(run("directory", "held", key, "--approve").returncode, 2, "nobody is there to be asked")
    done = run("directory", "held", key, "--deny", "--user", wave.ids[1], "--yes")
    equal((done.returncode, json.loads(done.stdout)["users"]), (0, 1), done.stderr)
    done = run("directory", "held", key, "--approve", "--yes")
    equal((done.returncode, json.loads(done.stdout)), (0, {"decision": "approve", "users": 2, "remaining": 0}))
    equal(run("directory", "held", "nosuch").returncode, 6)


def test_random_days_fold(world: World) -> None:
    dice = random.Random(seed())
    for _ in range(6):
        wave = Wave(world, on_deactivate=dice.choice(["keep", "delete"]))
        for _ in range(30):
            step(wave, dice)
            before = set(wave.held())
            check_log(world.app, wave.directory.id)
            for one in before:
                equal(world.app.access(user=one)["reason"], "held")
        wave.decide("approve")
        denied = [item["id"] for item in world.app.pages(f"/directories/{wave.directory.id}/held")]
        if denied:
            wave.decide("approve", {"users": denied})
        check_log(world.app, wave.directory.id)
        present = {item["id"]: item["active"] for item in wave.directory.get("/Users?count=100").get("Resources", [])}
        shown = {item["id"]: item["state"] for item in world.app.pages(f"/directory_users?directory={wave.directory.id}")}
        hides = wave.directory.about["on_deactivate"] == "delete"
        wanted = {one: "active" if active else "inactive" for one, active in present.items() if active or not hides}
        equal(shown, wanted, "with nobody held the app sees what the provider sees")


def step(wave: Wave, dice: random.Random) -> None:
    """Something that a provider or an operator does; refusals are part of the day."""
    one, path = dice.choice(wave.ids), "/Users/"
    kind = dice.randrange(8)
    if kind in (0, 1, 2):
        wave.directory.patch(path + one, {**OFF, "value": kind == 2})
    elif kind == 3:
        wave.directory.ask("DELETE", path + one)
    elif kind == 4:
        name = "abcde"[wave.ids.index(one)]
        wave.directory.ask("POST", "/Users", {"userName": f"{name}@x.example", "externalId": name})
    elif kind == 5:
        op = dice.choice(["add", "remove"])
        wave.directory.patch(f"/Groups/{wave.group}", {"op": op, "path": "members", "value": [{"value": one}]})
    else:
        wave.decide(dice.choice(["approve", "deny"]), {"users": [one]} if dice.random() < 0.8 else {})


def test_control_a_log_with_the_held_event_in_it_is_refused(world: World) -> None:
    wave = Wave(world)
    for index in range(2):
        off_by_patch(wave, index)
    wave.news()
    events = world.app.events(wave.directory.id)
    users = {item["id"]: item for item in world.app.pages(f"/directory_users?directory={wave.directory.id}")}
    users[wave.ids[1]]["state"] = "inactive"
    try:
        compare(fold(events).users, users, "users")
    except AssertionError:
        return
    raise AssertionError("a held user that is shown as inactive must be found")
