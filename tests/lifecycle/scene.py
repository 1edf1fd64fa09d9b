"""One user of a fresh directory in two groups, with its events counted from here on."""

from __future__ import annotations

from typing import Any

from lib.fold import check_log
from lib.suite import equal, true
from lib.wire import Answer
from lib.world import PATCH_OP, World, expect, is_error, user

Json = Any


class Scene:
    """Arranges the user; says what happened since."""

    def __init__(self, world: World, provider: str = "generic", active: bool = True, **options: Json) -> None:
        self.world = world
        self.directory = world.directory(provider, **options)
        attributes = {"externalId": "ext-1", "title": "T", "active": active,
                      "emails": [{"value": "pat@x.example", "type": "work", "primary": True}]}
        self.made = self.directory.create_user("Pat@x.example", **attributes)
        self.id = self.made["id"]
        self.path = f"/Users/{self.id}"
        self.groups = [self.directory.create_group(name, [self.id])["id"] for name in ("One", "Two")]
        self.seen = len(world.app.events(self.directory.id))

    def patch_body(self, *operations: Json) -> Json:
        """A PatchOp."""
        return {"schemas": [PATCH_OP], "Operations": list(operations)}

    def put_body(self, **attributes: Json) -> Json:
        """A whole user for PUT, as the scene has it but for these."""
        return user("Pat@x.example", externalId="ext-1", title="T", **{"emails": self.made["emails"], **attributes})

    def news(self) -> list[Json]:
        """The events since the last look; the whole log is checked each time."""
        events = check_log(self.world.app, self.directory.id)
        fresh, self.seen = events[self.seen:], len(events)
        return fresh

    def state(self) -> str:
        """The state of the user as the app sees it, `gone` when it doesn't."""
        answer = self.world.app.ask("GET", f"/directory_users/{self.id}")
        return "gone" if answer.status == 404 else expect(answer, 200).json["state"]

    def must_be(self, active: bool) -> None:
        """Active or not: for the provider, for the app, and at the door."""
        equal(self.directory.get(self.path)["active"], active, "SCIM's active")
        equal(self.state(), "active" if active else "inactive", "the app's state")
        equal(self.world.app.access(user=self.id)["allowed"], active, "access")

    def told_only(self, *wanted: tuple[str, str]) -> list[Json]:
        """Exactly these events with these causes since the last look."""
        events = self.news()
        got = [(event["event"], event["context"]["cause"]) for event in events]
        equal(got, list(wanted), "events and their causes")
        return events


def succeeded(answer: Answer) -> Answer:
    """Any 2xx."""
    true(200 <= answer.status < 300, f"{answer.asked}: wanted 2xx, got {answer}")
    return answer


def refused(answer: Answer, status: int) -> None:
    """A SCIM error."""
    is_error(answer, status)
