"""A fresh directory whose mapping is changed; its events are counted from here on."""

from __future__ import annotations

import time
from typing import Any

from lib.fold import check_log
from lib.suite import equal, true
from lib.world import App, Directory, World, expect

Json = Any
SETTLED_SECS_MAX = 60.0


def settle(app: App, directory_id: str) -> Json:
    """The mapping once all users are mapped again."""
    deadline = time.monotonic() + SETTLED_SECS_MAX
    last = app.get("/events?order=desc&limit=1")["data"]
    while True:
        seen = app.get(f"/directories/{directory_id}/mapping")
        if seen["remap"]["state"] != "running":
            return seen
        true(time.monotonic() < deadline, f"users are still mapped again: {seen['remap']}")
        # The long poll ends with the next event, or after a second without one.
        after = f"&after={last[0]['id']}" if last else ""
        last = app.get(f"/events?wait=1&limit=1{after}")["data"] or last


class Scene:
    """Arranges the directory; says what happened since the last look."""

    def __init__(self, world: World, provider: str = "generic", **options: Json) -> None:
        self.world, self.app = world, world.app
        self.directory: Directory = world.directory(provider, **options)
        self.path = f"/directories/{self.directory.id}/mapping"
        self.seen = 0
        self.skip()

    def skip(self) -> None:
        """Forgets the events so far."""
        self.seen = len(self.app.events(self.directory.id))

    def put(self, document: Json) -> Json:
        """Puts a document in force, and waits until everyone is mapped by it."""
        expect(self.app.ask("PUT", self.path, document), 200)
        return settle(self.app, self.directory.id)

    def preview(self, document: Json, query: str = "") -> Json:
        """What a document would change."""
        return expect(self.app.ask("POST", f"{self.path}/preview{query}", document), 200).json

    def user(self, user_id: str) -> Json:
        """A user as the app sees it."""
        return self.app.get(f"/directory_users/{user_id}")

    def role(self, user_id: str) -> str | None:
        """The slug of the user's first role; the list, the single field and /access must agree."""
        user = self.user(user_id)
        slugs = [role["slug"] for role in user["roles"]]
        equal(user.get("role", {}).get("slug"), slugs[0] if slugs else None, "role and roles")
        access = self.app.access(user=user_id)
        equal([role["slug"] for role in access["roles"]], slugs, "roles of /access")
        return slugs[0] if slugs else None

    def news(self) -> list[Json]:
        """The events since the last look; the whole log is checked each time."""
        events = check_log(self.app, self.directory.id)
        fresh, self.seen = events[self.seen:], len(events)
        return fresh

    def told(self, *wanted: tuple[str, str]) -> list[Json]:
        """Exactly these events with these causes since the last look."""
        events = self.news()
        got = [(event["event"].removeprefix("dsync."), event["context"]["cause"]) for event in events]
        equal(got, list(wanted), "events and their causes")
        return events
