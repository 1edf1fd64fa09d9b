"""What turns a user on again, and what never does: no absence is a true."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lib.suite import Case, equal
from lib.world import World, is_error
from lifecycle.scene import Scene, succeeded

Json = Any
REACTIVATED = ("dsync.user.updated", "reactivated")
# Requests that say nothing of `active`, or take it away.
SILENT: list[tuple[str, str, Json]] = [
    ("remove", "PATCH", {"op": "remove", "path": "active"}),
    ("replace by null", "PATCH", {"op": "replace", "path": "active", "value": None}),
    ("replace by []", "PATCH", {"op": "replace", "path": "active", "value": []}),
    ("replace by ''", "PATCH", {"op": "replace", "path": "active", "value": ""}),
    ("no path, null", "PATCH", {"op": "replace", "value": {"active": None}}),
    ("PUT without", "PUT", {}), ("PUT null", "PUT", {"active": None}), ("PUT []", "PUT", {"active": []}),
    ("PUT ''", "PUT", {"active": ""}),
]


def keeps(scene: Scene, method: str, change: Json, active: bool) -> None:
    """Sends it; `active` stays as it was, and no event says otherwise."""
    body = scene.put_body(**change) if method == "PUT" else scene.patch_body(change)
    answer = scene.directory.ask(method, scene.path, body)
    if answer.status >= 300:
        is_error(answer, 400)
    scene.must_be(active)
    scene.told_only()


def cases_absence_keeps_active(world: World) -> Iterator[Case]:
    """On an active and on an inactive user, lenient and strict."""
    for strict in (False, True):
        for active in (True, False):
            for label, method, change in SILENT:
                name = f"{label}, {'active' if active else 'inactive'}{', strict' if strict else ''}"
                yield name, lambda method=method, change=change, active=active, strict=strict: keeps(
                    Scene(world, active=active, strict=strict), method, change, active)


def cases_every_wording_of_true(world: World) -> Iterator[Case]:
    """One request, one event."""
    rows: list[tuple[str, Json]] = [
        (f"{value!r}", {"op": "replace", "path": "active", "value": value}) for value in (True, "True", "true", [True])]
    rows += [("no path", {"op": "replace", "value": {"active": True}}), ("add", {"op": "add", "path": "active", "value": True})]
    for label, operation in rows:
        def test(operation: Json = operation) -> None:
            scene = Scene(world, active=False)
            succeeded(scene.directory.patch(scene.path, operation))
            scene.must_be(active=True)
            scene.told_only(REACTIVATED)
        yield label, test

    def test_put() -> None:
        scene = Scene(world, active=False)
        succeeded(scene.directory.ask("PUT", scene.path, scene.put_body(active=True)))
        scene.must_be(active=True)
        scene.told_only(REACTIVATED)
    yield "PUT", test_put


def test_an_activation_is_all_or_nothing(world: World) -> None:
    scene = Scene(world, active=False)
    on, bad = ({"op": "replace", "path": "active", "value": True}, {"op": "replace", "path": "emails", "value": 5})
    is_error(scene.directory.patch(scene.path, on, bad), 400)
    is_error(scene.directory.patch(scene.path, bad, on), 400)
    is_error(scene.directory.ask("PUT", scene.path, scene.put_body(active=True, emails=5)), 400)
    scene.must_be(active=False)
    scene.told_only()


def test_words_that_are_no_boolean_are_refused(world: World) -> None:
    for active in (True, False):
        scene = Scene(world, active=active)
        for value in ("yes", "off", 7, {"a": True}, ["x"], "maybe"):
            is_error(scene.directory.patch(scene.path, {"op": "replace", "path": "active", "value": value}), 400)
        scene.must_be(active)
        scene.told_only()


def test_other_changes_are_told_as_updated(world: World) -> None:
    scene = Scene(world)
    succeeded(scene.directory.patch(scene.path, {"op": "replace", "path": "title", "value": "New"}))
    event = scene.told_only(("dsync.user.updated", "updated"))[0]
    equal(event["data"]["previous_attributes"].get("state", "absent"), "absent", "only what changed")
    scene.must_be(active=True)


def test_an_inactive_user_can_be_changed_and_stays_inactive(world: World) -> None:
    scene = Scene(world, active=False)
    succeeded(scene.directory.patch(scene.path, {"op": "replace", "path": "title", "value": "New"}))
    scene.must_be(active=False)
    scene.told_only(("dsync.user.updated", "updated"))
