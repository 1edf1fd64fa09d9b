"""A directory that pulls from an upstream: runs it, and compares what came with what is true there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from connectors.upstream import Upstream, until
from lib.suite import equal, true
from lib.wire import Answer
from lib.world import Directory, World, expect, unique

Json = Any
RUN_SECS_MAX = 60.0
PROVIDERS = {"google": "google", "workday": "workday", "file": "generic"}


def ask_create(world: World, upstream_provider: str, connector: Json, **more: Json) -> Answer:
    """Asks for a directory with a connector, whatever the answer."""
    body = {"name": f"Pulled {unique()}", "provider": PROVIDERS[upstream_provider], "connector": connector, **more}
    return world.app.ask("POST", "/directories", body)


class Pulled:
    """The directory and its connector."""

    def __init__(self, world: World, upstream: Upstream, connector: Json = None, **more: Json) -> None:
        self.world, self.app, self.upstream = world, world.app, upstream
        answer = ask_create(world, upstream.provider, connector or upstream.connector(), **more)
        self.about = expect(answer, 201).json
        self.id = self.about["id"]
        self.seen: Directory | None = None

    def scim(self) -> Directory:
        """The same directory through SCIM, with one token made for looking."""
        if self.seen is not None:
            return self.seen
        token = expect(self.app.ask("POST", f"/directories/{self.id}/tokens", {}), 201).json["bearer_token"]
        root = self.world.daemon.ready["scim_url"].rsplit("/", 1)[0]
        key = self.about.get("external_key") or urlsplit(self.about["scim_url"]).path.rsplit("/", 1)[1]
        self.seen = Directory(self.about.get("scim_url") or f"{root}/{key}", token, self.world.ca_cert, self.about)
        return self.seen

    def connector(self) -> Json:
        """The connector as the API shows it."""
        return self.app.get(f"/directories/{self.id}/connector")

    def last_run(self) -> Json:
        """The report of the run that ended last, if any has."""
        return self.connector().get("last_run")

    def sync(self, seconds: float = RUN_SECS_MAX) -> Json:
        """Runs it now; the report of that run."""
        # A run that had begun before may have read what was true before.
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        expect(self.app.ask("POST", f"/directories/{self.id}/connector/sync", {}), 202)
        return self.ended(now, seconds)

    def first(self, seconds: float = RUN_SECS_MAX) -> Json:
        """The report of the first run, which begins by itself."""
        return self.ended("", seconds)

    def ended(self, since: str, seconds: float) -> Json:
        """The report of a run that began no earlier than that."""

        def look() -> Json:
            run = self.last_run()
            return run if run and run["started_at"] >= since else None

        return until("a run has ended", seconds, look)

    def complete(self) -> Json:
        """Runs it; it must be complete."""
        run = self.sync()
        equal(run["outcome"], "complete", f"outcome of {run}")
        return run

    def users(self) -> list[Json]:
        """Everyone, as the app sees them."""
        return self.app.pages(f"/directory_users?directory={self.id}")

    def active(self) -> set[str]:
        """The upstream's ids of those who are let in."""
        return {user["idp_id"] for user in self.users() if user["state"] == "active"}

    def events(self) -> list[Json]:
        """All events."""
        return self.app.events(self.id)

    def events_after(self, act: Any) -> list[Json]:
        """The events that something caused."""
        before = len(self.events())
        act()
        return self.events()[before:]

    def alarms(self) -> set[str]:
        """Kinds of the alarms that are open."""
        found = self.app.get(f"/alarms?directory={self.id}")["data"]
        return {alarm["kind"] for alarm in found if not alarm.get("cleared_at")}

    def resources(self, kind: str) -> list[Json]:
        """All SCIM resources of a kind."""
        scim, found = self.scim(), []
        while True:
            page = scim.get(f"/{kind}?count=100&startIndex={len(found) + 1}")
            found += page.get("Resources", [])
            if len(found) >= page["totalResults"] or not page.get("Resources"):
                return found


def is_in(upstream: Upstream, person: Json) -> bool:
    """Whether this person is to be let in; at Workday those on leave are still employed."""
    on_leave = upstream.provider == "workday" and person["standing"] in ("suspended", "archived")
    return person["standing"] == "active" or on_leave


def key_of(upstream: Upstream) -> str:
    """Which of a person's ids is the externalId."""
    return "google_id" if upstream.provider == "google" else "employee_id"


def listed(upstream: Upstream) -> dict[str, Json]:
    """Those who are in the upstream's listing, by the id that becomes the externalId."""
    persons = [person for person in upstream.truth()["persons"] if person["standing"] != "deleted"]
    return {person[key_of(upstream)]: person for person in persons}


def equals(pulled: Pulled, upstream: Upstream) -> None:
    """What was pulled is what is true, user by user and group by group."""
    wanted = listed(upstream)
    users = {user["idp_id"]: user for user in pulled.users()}
    # Those who were terminated before anybody heard of them need not be there.
    gone = {key for key, person in wanted.items() if not is_in(upstream, person)}
    true(set(users) <= set(wanted), f"users that are not there: {set(users) - set(wanted)}")
    true(set(wanted) - gone <= set(users), f"users that are missing: {set(wanted) - gone - set(users)}")
    for key, user in users.items():
        person = wanted[key]
        equal(user["state"], "active" if is_in(upstream, person) else "inactive", f"state of {person}")
        equal(user["first_name"], person["given_name"], f"first name of {person}")
        equal(user["last_name"], person["family_name"], f"last name of {person}")
        equal(user["email"], person["email"], f"e-mail of {person}")
    names = {user["externalId"]: user for user in pulled.resources("Users")}
    for key, user in names.items():
        equal(user["userName"], wanted[key]["email"], "userName")
        equal(user.get("title"), wanted[key]["title"], "title")
    if upstream.provider == "google":
        groups_equal(pulled, upstream, names)


def groups_equal(pulled: Pulled, upstream: Upstream, users: dict[str, Json]) -> None:
    """Groups, their names and their members, nested groups among them."""
    wanted = {group["google_id"]: group for group in upstream.truth()["groups"]}
    groups = {group["externalId"]: group for group in pulled.resources("Groups")}
    equal(set(groups), set(wanted), "groups")
    outside = {resource["id"]: key for key, resource in {**users, **groups}.items()}
    for key, group in groups.items():
        equal(group["displayName"], wanted[key]["name"], "name of a group")
        members = {outside[member["value"]] for member in group.get("members", [])}
        # An outsider has no user here and waits.
        equal(members, {member for member in wanted[key]["members"] if "@" not in member}, f"members of {wanted[key]['name']}")


def nobody_deactivated(pulled: Pulled, before: set[str]) -> None:
    """Everyone who was let in before still is."""
    lost = before - pulled.active()
    true(not lost, f"deactivated or gone: {sorted(lost)}")
