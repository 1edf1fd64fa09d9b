"""Callers that write and note each acknowledgement, until their daemon dies."""

from __future__ import annotations

import http.client
import json
import random
import threading
from dataclasses import dataclass, field
from typing import Any

from lib.world import Directory, user

Json = Any
GONE = object()


@dataclass
class Person:
    """One user of one caller: its state as acknowledged, and as it may be besides."""

    id: str
    name: str
    title: Json = None
    member: bool = False
    gone: bool = False
    doubtful: list[tuple[str, Json]] = field(default_factory=list)


@dataclass
class Ledger:
    """What one caller was promised in one round."""

    people: list[Person] = field(default_factory=list)
    unsure_names: list[str] = field(default_factory=list)
    acknowledged: int = 0


class Caller(threading.Thread):
    """One caller with a connection of its own; ends when the daemon does."""

    def __init__(self, directory: Directory, group_id: str, label: str, dice: random.Random, first: threading.Event) -> None:
        super().__init__(daemon=True)
        self.directory, self.group_id, self.label, self.dice, self.first = directory, group_id, label, dice, first
        self.ledger = Ledger()
        self.fault: str | None = None

    def run(self) -> None:
        """Writes until the connection breaks."""
        turn = 0
        try:
            while True:
                self.step(turn)
                turn += 1
        except (OSError, http.client.HTTPException, AssertionError) as error:
            if isinstance(error, AssertionError) and "answered no JSON" not in str(error):
                self.fault = str(error)

    def step(self, turn: int) -> None:
        """One write of a random kind."""
        alive = [person for person in self.ledger.people if not person.gone]
        kind = self.dice.choice(["create", "create", "title", "join", "leave", "delete"]) if alive else "create"
        if kind == "create":
            return self.create(f"{self.label}-{turn}")
        person = self.dice.choice(alive)
        path = f"/Users/{person.id}"
        if kind == "title":
            value = f"t{turn}"
            body = {"op": "replace", "path": "title", "value": value}
            return self.change(person, ("title", value), "PATCH", path, operations(body))
        if kind == "delete":
            return self.change(person, ("gone", True), "DELETE", path, None)
        op = "add" if kind == "join" else "remove"
        body = operations({"op": op, "path": "members", "value": [{"value": person.id}]})
        self.change(person, ("member", op == "add"), "PATCH", f"/Groups/{self.group_id}", body)

    def create(self, name: str) -> None:
        """A new user; unsure until it is answered."""
        self.ledger.unsure_names.append(name)
        answer = self.directory.ask("POST", "/Users", user(name, externalId=name))
        assert answer.status in (201, 429, 503), f"POST: {answer}"
        self.ledger.unsure_names.pop()
        if answer.status == 201:
            self.ledger.people.append(Person(answer.json["id"], name))
            self.acknowledge()

    def change(self, person: Person, doubt: tuple[str, Json], method: str, path: str, body: Json) -> None:
        """A change of one field; doubtful until it is answered."""
        person.doubtful.append(doubt)
        answer = self.directory.ask(method, path, body)
        assert answer.status in (200, 204, 429, 503), f"{method}: {answer}"
        person.doubtful.pop()
        if answer.status in (200, 204):
            setattr(person, *doubt)
            self.acknowledge()

    def acknowledge(self) -> None:
        """Counts, and lets the killer know of the first."""
        self.ledger.acknowledged += 1
        self.first.set()


def operations(*rows: Json) -> Json:
    """A PatchOp."""
    return json.loads(json.dumps({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": rows}))
