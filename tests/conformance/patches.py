"""Every PATCH vector, live: strict as the RFC says, lenient as large clients need (RFC 7644 §3.5.2)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from conformance.filters import fill
from lib.suite import Case, equal, true
from lib.world import PATCH_OP, Directory, World, expect, is_error

Json = Any
VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "patches.json").read_text())
SERVER_OWNED = ("id", "meta", "groups")


def normal(resource: Json) -> Json:
    """A resource without what the server adds, with values in an order of their own."""
    plain = {name: value for name, value in resource.items() if name not in SERVER_OWNED}
    plain.setdefault("active", True)
    if "members" in plain or plain.get("displayName") is not None and "userName" not in plain:
        plain.pop("active", None)
    if "members" in plain:
        plain["members"] = [{"value": member["value"]} for member in plain["members"]]
        if not plain["members"]:
            del plain["members"]
    plain["schemas"] = sorted(schemas_with_data(plain))
    return {name: ordered(value) for name, value in plain.items()}


def schemas_with_data(resource: Json) -> list[str]:
    """`schemas` names an extension when it has data; whether it may when it has none is left open."""
    return [urn for urn in resource.get("schemas", []) if ":core:" in urn] + \
        [name for name in resource if name.startswith("urn:")]


def ordered(value: Json) -> Json:
    """Multi-valued attributes have no order; $ref and type of a manager or member may be added."""
    if isinstance(value, list):
        return sorted((ordered(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    if isinstance(value, dict):
        return {name: ordered(item) for name, item in value.items() if name != "$ref"}
    return value


class Row:
    """One vector on a directory of its own."""

    def __init__(self, directory: Directory, row: Json) -> None:
        self.directory, self.row = directory, row
        self.kind = "Groups" if "roup" in row["before"] else "Users"
        people = [directory.create_user(f"member{n}")["id"] for n in (1, 2, 3)]
        self.words = dict(zip(("u1", "u2", "u3"), people))
        before = self.filled(VECTORS["before"][row["before"]])
        self.before = expect(directory.ask("POST", f"/{self.kind}", before), 201).json
        self.path = f"/{self.kind}/{self.before['id']}"
        self.words |= {"id": self.before["id"], "gid": self.before["id"], "created": self.before["meta"]["created"]}

    def filled(self, value: Json) -> Json:
        """With ids filled in."""
        return json.loads(fill(json.dumps(value), self.words))

    def outcome(self) -> str:
        """Sends it: `applied`, `unchanged`, `wrong result`, or a scimType."""
        row = self.row
        body = row.get("body") or {"schemas": [PATCH_OP], "Operations": row["ops"]}
        answer = self.directory.ask("PATCH", self.path, self.filled(body))
        now = self.directory.get(self.path)
        if answer.status == 400:
            error = is_error(answer, 400)
            equal(now, self.before, "a refused PATCH leaves the resource as it was")
            return error.get("scimType", "400 without scimType")
        expect(answer, 200, 204)
        if answer.status == 200:
            equal(answer.json, now, "the PATCH's answer against a GET")
        if now == self.before:
            return "unchanged"
        wanted = normal(self.filled(row["after"])) if "after" in row else None
        if wanted is not None:
            equal(normal(now), wanted, f"{row['ops']} ({row['reason']})")
            true(now["meta"]["version"] != self.before["meta"]["version"], "a change makes a new version")
            return "applied"
        return f"applied something: {normal(now)}"


def check(directory: Directory, row: Json, accepted: set[str]) -> None:
    """The outcome is one of those."""
    got = Row(directory, row).outcome()
    true(got in accepted, f"{row['ops'] or row.get('body')}: got {got}, wanted {accepted} ({row['reason']})")


def cases_vectors(world: World) -> Iterator[Case]:
    """Strict: the RFC alone decides."""
    for row in VECTORS["patches"]:
        accepted = set(row.get("accept", [])) | {row["expect"]}
        yield row["id"], lambda row=row, accepted=accepted: check(world.directory(strict=True), row, accepted)


def cases_preferences_on_a_lenient_directory(world: World) -> Iterator[Case]:
    """What large clients need, where a directory is not strict."""
    for row in VECTORS["patches"]:
        if "prefer" in row:
            yield row["id"], lambda row=row: check(world.directory(), row, {row["prefer"]})
        elif row["strength"] == "must" and row["expect"] in ("applied", "unchanged"):
            yield row["id"], lambda row=row: check(world.directory(), row, set(row.get("accept", [])) | {row["expect"]})
