"""Shows that matchers, the fold and the order check can fail, and that every transcript is readable."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lib.fold import State, check_order, compare
from lib.match import ABSENT, matches, same, select
from lib.suite import Report, equal, true

Json = Any
PERSON = {"id": "u1", "state": "active"}


def fails(check: Callable[[], Any]) -> None:
    """The check must raise."""
    try:
        check()
    except AssertionError:
        return
    raise AssertionError("a check that must fail did not")


def event(number: int, name: str, data: Json, sequence: int | None = None) -> Json:
    """An event as the log has it."""
    return {"id": f"event_{number:03}", "event": name, "data": data, "epoch": 1, "directory_sequence": sequence or number}


def matchers() -> None:
    """Each says yes and no."""
    rows: list[tuple[Json, Json, bool]] = [
        (1, 1, True), (True, 1, False), (1, True, False), ("a", "A", False), (ABSENT, {"$exists": True}, False),
        (None, {"$exists": True}, True), (None, {"$absent": True}, True), ("", {"$empty": True}, True),
        ("x", {"$empty": True}, False), ([1], {"$len": 2}, False), ([{"a": 1, "b": 2}], {"$contains": {"a": 1}}, True),
        ([{"a": 1}], {"$contains": {"a": 2}}, False), ([], {"$not_contains": 1}, True), ([1], {"$not_contains": 1}, False),
        ("ABC", {"$ieq": "abc"}, True), (5, {"$type": "number"}, True), ("5", {"$type": "number"}, False),
        (True, {"$type": "number"}, False), (3, {"$any_of": [1, 2]}, False), ("application/json", {"$prefix": "app"}, True),
        (ABSENT, {"$prefix": "x"}, False), ([1, 2], [1, 2], True), ([1, True], [1, 1], False),
    ]
    for actual, wanted, outcome in rows:
        equal(matches(actual, wanted), outcome, f"{actual!r} against {wanted!r}")
    true(same({"a": [1]}, {"a": [1]}) and not same({"a": 1}, {"a": 1, "b": 2}), "same")


def paths() -> None:
    """The JSONPath subset."""
    document = {"urn:x:U": {"a": [{"b": 1}]}, "$ref": 2}
    equal(select(document, "$['urn:x:U'].a[0].b"), 1)
    equal(select(document, "$.$ref"), 2)
    for path in ("$.a", "$['urn:x:U'].a[1]", "$['urn:x:U'].b.c"):
        equal(select(document, path), ABSENT, path)


def folds() -> None:
    """Events that can't follow are found out."""
    rows = [("dsync.user.updated", PERSON), ("dsync.user.deleted", PERSON), ("dsync.group.updated", {"id": "g"}),
            ("dsync.group.user_added", {"user": PERSON, "group": {"id": "g"}}),
            ("dsync.group.user_removed", {"user": PERSON, "group": {"id": "g"}})]
    for name, data in rows:
        fails(lambda name=name, data=data: State().apply(event(1, name, data)))
    state = State()
    state.apply(event(1, "dsync.user.created", PERSON))
    fails(lambda: state.apply(event(2, "dsync.user.created", PERSON)))
    fails(lambda: compare(state.users, {}, "users"))
    fails(lambda: compare(state.users, {"u1": {**PERSON, "state": "inactive"}}, "users"))


def orders() -> None:
    """Gaps, repeats and a wrong beginning are found out."""
    first, second = event(1, "dsync.activated", {}), event(2, "dsync.user.created", PERSON)
    check_order([first, second])
    for rows in ([second], [first, event(3, "x", {})], [first, event(2, "x", {}, 1)], [event(2, "dsync.activated", {}, 1),
                 event(1, "x", {}, 2)], [event(1, "dsync.user.created", PERSON)]):
        fails(lambda rows=rows: check_order(rows))


def transcripts() -> None:
    """All are there, and each expectation is one that the runner knows."""
    files = sorted((Path(__file__).parents[1] / "providers" / "transcripts").glob("*.json"))
    true(len(files) >= 52, f"{len(files)} transcripts")
    for file in files:
        for step in json.loads(file.read_text())["steps"]:
            for wanted in [step["expect"], *(read["expect"] for read in step.get("then", []))]:
                for path, matcher in wanted.get("body", {}).items():
                    select({}, path)
                    matches(ABSENT, matcher)


def main() -> int:
    """All controls."""
    report = Report("self")
    for check in (matchers, paths, folds, orders, transcripts):
        report.run(check.__name__, check)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
