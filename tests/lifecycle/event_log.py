"""The log: shapes, order, cursors, filters, and that it folds to what the lists show."""

from __future__ import annotations

import random
from typing import Any
from urllib.parse import quote

from lib.fold import check_log
from lib.suite import equal, seed, true
from lib.world import Directory, World, expect, user

Json = Any
NAMES = ["dsync.activated", "dsync.deleted", "dsync.group.created", "dsync.group.deleted", "dsync.group.updated",
         "dsync.group.user_added", "dsync.group.user_removed", "dsync.user.created", "dsync.user.deleted",
         "dsync.user.updated", "dsync.token.created", "dsync.token.revoked"]
USER_KEYS = {"object", "id", "directory_id", "organization_id", "idp_id", "email", "first_name", "last_name", "state",
             "raw_attributes", "custom_attributes", "created_at", "updated_at"}
GROUP_KEYS = {"object", "id", "directory_id", "organization_id", "idp_id", "name", "created_at", "updated_at"}


def busy(world: World) -> Directory:
    """A directory that has had most kinds of event."""
    directory = world.directory()
    one, two = directory.create_user(name={"givenName": "A"}), directory.create_user()
    group = directory.create_group("G", [one["id"]])
    expect(directory.patch(f"/Groups/{group['id']}", {"op": "add", "path": "members", "value": [{"value": two["id"]}]}), 200)
    expect(directory.patch(f"/Groups/{group['id']}", {"op": "replace", "path": "displayName", "value": "H"}), 200)
    expect(directory.patch(f"/Users/{one['id']}", {"op": "replace", "path": "name.givenName", "value": "B"}), 200)
    expect(directory.patch(f"/Groups/{group['id']}", {"op": "remove", "path": f'members[value eq "{one["id"]}"]'}), 200)
    expect(directory.ask("DELETE", f"/Users/{two['id']}"), 204)
    expect(directory.ask("DELETE", f"/Groups/{group['id']}"), 204)
    return directory


def without_tokens(events: list[Json]) -> list[str]:
    """Names of the events that tell of resources."""
    return [event["event"] for event in events if not event["event"].startswith("dsync.token")]


def test_every_change_is_told_in_order(world: World) -> None:
    events = check_log(world.app, busy(world).id)
    equal(without_tokens(events), [
        "dsync.activated", "dsync.user.created", "dsync.user.created", "dsync.group.created", "dsync.group.user_added",
        "dsync.group.user_added", "dsync.group.updated", "dsync.user.updated", "dsync.group.user_removed",
        "dsync.user.deleted", "dsync.group.deleted"])


def test_every_event_has_its_shape(world: World) -> None:
    directory = busy(world)
    for event in world.app.events(directory.id):
        true({"object", "id", "event", "data", "created_at", "context"} <= event.keys(), f"{event}")
        equal((event["object"], event["directory_id"]), ("event", directory.id))
        true(event["event"] in NAMES and event["id"].startswith("event_"), f"{event['event']} {event['id']}")
        true(event["created_at"].endswith("Z"), "a UTC time")
        check_data(event["event"], event["data"])


def check_data(name: str, data: Json) -> None:
    """Required keys are always sent."""
    if name.startswith("dsync.user."):
        true(USER_KEYS <= data.keys(), f"{name} lacks {USER_KEYS - data.keys()}")
        equal(data["object"], "directory_user")
    elif name in ("dsync.group.user_added", "dsync.group.user_removed"):
        true({"directory_id", "user", "group"} <= data.keys(), f"{name}: {data.keys()}")
        true(USER_KEYS <= data["user"].keys() and GROUP_KEYS <= data["group"].keys(), name)
    elif name.startswith("dsync.group."):
        true(GROUP_KEYS <= data.keys(), f"{name} lacks {GROUP_KEYS - data.keys()}")
        equal(data["object"], "directory_group")
    elif name == "dsync.activated":
        true({"object", "id", "external_key", "type", "state", "name", "organization_id", "domains", "created_at",
              "updated_at"} <= data.keys(), f"{name}: {data.keys()}")
        equal(data["state"], "active")
    if name.endswith(".updated"):
        true("previous_attributes" in data, f"{name} has previous_attributes")


def test_previous_attributes_hold_what_changed(world: World) -> None:
    events = {event["event"]: event for event in world.app.events(busy(world).id)}
    equal(events["dsync.group.updated"]["data"]["previous_attributes"].get("name"), "G")
    changed = events["dsync.user.updated"]["data"]["previous_attributes"]
    equal(changed.get("first_name"), "A")
    true("last_name" not in changed and "state" not in changed and "updated_at" not in changed, f"{changed}")


def test_each_event_names_its_request(world: World) -> None:
    directory = world.directory()
    answer = expect(directory.ask("POST", "/Users", user()), 201)
    event = world.app.events(directory.id)[-1]
    equal(event["context"]["request_id"], answer.headers["x-request-id"])


def test_cursors_walk_both_ways(world: World) -> None:
    directory = busy(world)
    whole = [event["id"] for event in world.app.events(directory.id)]
    base = f"/events?directory={directory.id}"
    for order, wanted in (("asc", whole), ("desc", whole[::-1])):
        walked: list[str] = []
        after = ""
        while True:
            page = world.app.get(f"{base}&order={order}&limit=3" + (f"&after={after}" if after else ""))
            walked += [event["id"] for event in page["data"]]
            true(len(page["data"]) <= 3, "limit")
            after = page["list_metadata"]["after"]
            if not after:
                break
        equal(walked, wanted, order)
    equal([event["id"] for event in world.app.get(f"{base}&limit=100")["data"]], whole, "asc is the default")
    page = world.app.get(f"{base}&after={whole[4]}&limit=100")
    equal([event["id"] for event in page["data"]], whole[5:], "after an event's own id")
    page = world.app.get(f"{base}&before={whole[4]}&limit=100")
    equal([event["id"] for event in page["data"]], whole[:4], "before an event's own id")


def test_events_are_chosen_by_name_time_and_organization(world: World) -> None:
    directory = busy(world)
    whole = world.app.events(directory.id)
    base = f"/events?directory={directory.id}&limit=100"
    for query in ("events=dsync.user.created,dsync.user.deleted", "events=dsync.user.created&events=dsync.user.deleted",
                  "events[]=dsync.user.created&events[]=dsync.user.deleted"):
        names = [event["event"] for event in world.app.get(f"{base}&{query}")["data"]]
        equal(names, ["dsync.user.created", "dsync.user.created", "dsync.user.deleted"], query)
    equal(world.app.ask("GET", f"{base}&events=nosuch.event").status in (400, 422), True)
    start = quote(whole[5]["created_at"], safe="")
    ids = [event["id"] for event in world.app.get(f"{base}&range_start={start}")["data"]]
    true(ids == [event["id"] for event in whole if event["created_at"] >= whole[5]["created_at"]], "range_start")
    organization = directory.about["organization_id"]
    equal(len(world.app.get(f"/events?organization_id={organization}&limit=100")["data"]), len(whole))


def test_bad_cursors_and_limits_are_refused(world: World) -> None:
    for query in ("after=nosuch", "limit=0", "limit=x", "order=sideways", "range_start=yesterday"):
        answer = world.app.ask("GET", f"/events?{query}")
        true(answer.status in (400, 404, 422), f"{query}: {answer}")


def test_a_long_poll_answers_when_something_happens(world: World) -> None:
    directory = world.directory()
    last = world.app.events(directory.id)[-1]["id"]
    link = world.daemon.app_connection()
    socket = link.open()
    socket.sendall(link.head("GET", f"/events?directory={directory.id}&after={last}&wait=30",
                             {"Authorization": f"Bearer {world.app.key}"}, None))
    made = directory.create_user()
    text = b""
    while made["id"].encode() not in text:
        piece = socket.recv(65536)
        true(piece, f"the poll ended without the event: {text!r}")
        text += piece
    socket.close()


def test_the_stream_sends_events_as_they_come(world: World) -> None:
    directory = world.directory()
    link = world.daemon.app_connection()
    socket = link.open()
    last = world.app.events(directory.id)[-1]["id"]
    socket.sendall(link.head("GET", f"/events/stream?directory={directory.id}", {
        "Authorization": f"Bearer {world.app.key}", "Last-Event-ID": last}, None))
    for _ in range(3):
        made, text = directory.create_user(), b""
        while made["id"].encode() not in text:
            piece = socket.recv(65536)
            true(piece, "the stream ended")
            text += piece
        true(b"id: event_" in text or b"id:event_" in text, "each has its id")
    socket.close()


def random_step(dice: random.Random, directory: Directory, users: list[str], groups: list[str]) -> None:
    """One request that may or may not change something."""
    one, group = dice.choice(users or ["none"]), dice.choice(groups or ["none"])
    match dice.randrange(9):
        case 0 | 1:
            answer = directory.ask("POST", "/Users", user(f"u{dice.randrange(12)}", externalId=f"e{dice.randrange(12)}"))
            if answer.status == 201 and answer.json["id"] not in users:
                users.append(answer.json["id"])
        case 2:
            if len(groups) < 5:
                groups.append(directory.create_group(None, dice.sample(users, min(3, len(users))))["id"])
        case 3:
            directory.patch(f"/Groups/{group}", {"op": "add", "path": "members", "value": [{"value": one}]})
        case 4:
            directory.patch(f"/Groups/{group}", {"op": "remove", "path": "members", "value": [{"value": one}]})
        case 5:
            directory.patch(f"/Users/{one}", {"op": "replace", "path": "active", "value": dice.random() < 0.5})
        case 6:
            directory.patch(f"/Users/{one}", {"op": "replace", "path": "title", "value": f"t{dice.randrange(3)}"})
        case 7:
            directory.ask("DELETE", f"/Users/{one}")
        case 8:
            if dice.random() < 0.2:
                directory.ask("DELETE", f"/Groups/{group}")


def test_random_traffic_folds_to_the_state(world: World) -> None:
    dice = random.Random(seed())
    for on_deactivate in ("keep", "delete"):
        directory = world.directory(on_deactivate=on_deactivate)
        users: list[str] = []
        groups: list[str] = []
        for step in range(300):
            random_step(dice, directory, users, groups)
            if step % 50 == 49:
                check_log(world.app, directory.id)
