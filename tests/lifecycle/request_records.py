"""What came in and what was answered, with the events that followed, secrets removed."""

from __future__ import annotations

from typing import Any

from lib.suite import equal, true
from lib.world import World, expect, user

Json = Any


def record_of(world: World, directory_id: str, request_id: str) -> Json:
    """The record of a request."""
    records = world.app.get(f"/requests?directory={directory_id}&limit=50")["data"]
    found = [item for item in records if item["id"] == request_id]
    true(found, f"{request_id} is recorded")
    return found[0]


def test_a_request_is_recorded_with_its_events(world: World) -> None:
    directory = world.directory()
    answer = expect(directory.ask("POST", "/Users", user()), 201)
    record = record_of(world, directory.id, answer.headers["x-request-id"])
    equal((record["method"], record["status"]), ("POST", 201))
    true(world.app.events(directory.id)[-1]["id"] in str(record), "the event it caused")


def test_a_refusal_is_recorded_with_its_reason(world: World) -> None:
    directory = world.directory()
    answer = expect(directory.ask("POST", "/Users", {"emails": 5}), 400)
    record = record_of(world, directory.id, answer.headers["x-request-id"])
    equal(record["status"], 400)


def test_a_deviation_is_named(world: World) -> None:
    directory = world.directory("entra")
    made = directory.create_user()
    answer = directory.patch(f"/Users/{made['id']}", {"op": "Replace", "path": "active", "value": "False"})
    record = record_of(world, directory.id, answer.headers["x-request-id"])
    for rule in ("patch.op_case", "patch.boolean_string"):
        true(rule in str(record), f"{rule} in {record}")


def test_records_hold_no_secrets(world: World) -> None:
    directory = world.directory()
    expect(directory.ask("POST", "/Users", user(password="Hidden-Secret-1")), 201)
    text = world.app.ask("GET", f"/requests?directory={directory.id}&limit=50").body
    true(b"Hidden-Secret-1" not in text and directory.token.encode() not in text, "no password, no token")
