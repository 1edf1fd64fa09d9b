"""An upstream that stalls, trickles or never ends costs little time and memory; kill -9 costs nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

from connectors.pulled import Pulled, equals, nobody_deactivated
from connectors.upstream import Upstream, until
from lib.daemon import Daemon
from lib.suite import equal, true
from lib.world import World, expect

Json = Any
MIB = 1024 * 1024
# What an answer of 64 MiB may cost while it is read: its bytes, and once more as text.
RSS_GROWTH_BYTES_MAX = 256 * MIB
# One request's time at most and some.
SLOW_SECS_MAX = 420.0

FAULTS: list[tuple[str, str, Json]] = [
    ("google", "10 GB of users", {"kind": "endless", "on": "users"}),
    ("google", "10 GB of a token", {"kind": "endless", "on": "token"}),
    ("workday", "10 GB of a report", {"kind": "endless", "on": "report"}),
    ("file", "10 GB of a file", {"kind": "endless", "on": "file"}),
    ("google", "stalled users", {"kind": "stall", "on": "users"}),
    ("file", "stalled in the middle", {"kind": "stall_body", "on": "file"}),
    ("workday", "a trickle", {"kind": "trickle", "on": "report"}),
]


def cases_bounded(world: World) -> Iterator[tuple[str, Callable[[], None]]]:
    """Each at a daemon of its own, all at once, since most of it is waiting."""
    outcomes: dict[str, BaseException | None] = {}

    def run(label: str, provider: str, fault: Json) -> None:
        try:
            bounded(provider, fault)
            outcomes[label] = None
        except BaseException as error:  # It is raised again in the test's own thread.
            outcomes[label] = error

    threads = {label: threading.Thread(target=run, args=(label, provider, fault)) for provider, label, fault in FAULTS}
    for thread in threads.values():
        thread.start()
    for label, thread in threads.items():
        yield label, lambda label=label, thread=thread: result(label, thread, outcomes)


def result(label: str, thread: threading.Thread, outcomes: dict[str, BaseException | None]) -> None:
    """What became of one of them."""
    thread.join()
    error = outcomes[label]
    if error is not None:
        raise error


def bounded(provider: str, fault: Json) -> None:
    """A run with the fault ends in time and in little memory, and changes nothing."""
    with Daemon(plain_http=True) as daemon, Upstream(provider, people=20, groups=3) as upstream:
        pulled = Pulled(World(daemon), upstream)
        pulled.first()
        before, events, rss = pulled.active(), len(pulled.events()), daemon.rss_bytes()
        peak = Peak(daemon)
        upstream.control("POST", "/expire-tokens")
        upstream.fault(fault)
        run = pulled.sync(SLOW_SECS_MAX)
        highest = peak.stop()
        true(run["outcome"] != "complete" and run.get("error"), f"the run must say what was wrong: {run}")
        true(pulled.alarms(), "an alarm")
        nobody_deactivated(pulled, before)
        equal(len(pulled.events()), events, "events")
        true(highest - rss < RSS_GROWTH_BYTES_MAX, f"resident memory grew from {rss // MIB} to {highest // MIB} MiB")
        upstream.fault()
        pulled.complete()
        equals(pulled, upstream)


class Peak:
    """Looks at the resident memory all the while."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon, self.highest, self.ends = daemon, 0, threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()

    def look(self) -> None:
        """Until told to stop."""
        while not self.ends.wait(0.02):
            self.highest = max(self.highest, self.daemon.rss_bytes())

    def stop(self) -> int:
        """The highest that was seen."""
        self.ends.set()
        self.thread.join()
        return self.highest


def test_the_daemon_serves_others_while_an_upstream_stalls(world: World) -> None:
    with Upstream("google", people=5, groups=1) as upstream:
        pulled = Pulled(world, upstream)
        pulled.first()
        upstream.fault({"kind": "stall", "on": "users", "times": 1})
        expect(world.app.ask("POST", f"/directories/{pulled.id}/connector/sync", {}), 202)
        until("it stalls", 20, lambda: [asked for asked in upstream.requests() if asked["has_fault"]])
        directory = world.directory()
        directory.create_user()
        with Upstream("file", people=5) as other:
            equal(Pulled(world, other).first()["outcome"], "complete", "another directory's pull")
        upstream.fault()


def cases_killed(world: World) -> Iterator[tuple[str, Callable[[], None]]]:
    """kill -9 at several moments of the first pull."""
    for moment in ("the first page of users", "a page in the middle", "while it is applied"):
        yield moment, lambda moment=moment: killed(moment)


def killed(moment: str) -> None:
    """Starts a pull of many, kills the daemon in it, starts it again: the next pull ends right."""
    with Upstream("google", people=400, groups=12, page_size=20) as upstream:
        daemon = Daemon(plain_http=True)
        try:
            daemon.start()
            pulled = Pulled(World(daemon), upstream, check=False)
            until(moment, 30, lambda: is_moment(moment, pulled, upstream))
            daemon.kill()
            daemon.start()
            again = Pulled.__new__(Pulled)
            again.__dict__.update(pulled.__dict__)
            again.world = World(daemon)
            again.app, again.seen = again.world.app, None
            again.about = {name: value for name, value in pulled.about.items() if name != "scim_url"}
            again.about["external_key"] = again.app.get(f"/directories/{pulled.id}")["external_key"]
            until("a complete run", 90, lambda: again.sync(90)["outcome"] == "complete")
            equals(again, upstream)
            events = again.events()
            created = [event["data"]["id"] for event in events if event["event"] == "dsync.user.created"]
            equal(len(created), len(set(created)), "users announced once each")
            equal(len(created), 400, "users announced")
        finally:
            daemon.__exit__(None)


def is_moment(moment: str, pulled: Pulled, upstream: Upstream) -> bool:
    """Whether it is time to kill."""
    pages = len([asked for asked in upstream.requests() if asked["asked"] == "users"])
    if moment == "the first page of users":
        return pages >= 1
    if moment == "a page in the middle":
        return pages >= 8
    return len(pulled.app.get(f"/directory_users?directory={pulled.id}&limit=20")["data"]) >= 10
