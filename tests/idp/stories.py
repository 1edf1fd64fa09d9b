"""Every provider through the stories: nothing wrong, and the app sees the customer's directory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from idp.providers import directory_provider, names
from lib.daemon import Daemon
from lib.fold import check_log
from lib.idp import Idp, play, same_directory
from lib.suite import equal, true
from lib.world import World

Case = tuple[str, Callable[[], None]]
BESIDE_SECS_MAX = 60.0


def story(world: World, name: str, **options: object) -> None:
    """One run on a fresh directory."""
    directory = world.directory(directory_provider(name))
    ended = play(name, directory, **options).clean()
    same_directory(world.app, directory.id, ended.export)
    check_log(world.app, directory.id)


def cases_lifecycle(world: World) -> Iterator[Case]:
    """All of the small scenarios, twice on one directory: the second time everybody is there already."""
    for name in names():
        yield name, lambda name=name: twice(world, name)


def twice(world: World, name: str) -> None:
    """A provider that is set up again finds its users and adopts them."""
    directory = world.directory(directory_provider(name))
    first = play(name, directory, scenario="lifecycle").clean()
    same_directory(world.app, directory.id, first.export)
    second = play(name, directory, scenario="lifecycle").clean()
    true(len(second.steps) > 20, "the second run must play everything again")


def cases_lifecycle_with_another_seed(world: World) -> Iterator[Case]:
    """Other people, other choices."""
    for name in names():
        for seed in (2, 3, 4):
            yield f"{name} {seed}", lambda name=name, seed=seed: story(world, name, scenario="lifecycle", seed=seed)


def cases_first_sync(world: World) -> Iterator[Case]:
    """2,000 people and 50 groups."""
    for name in names():
        yield name, lambda name=name: story(world, name, scenario="first-sync", users=2000, groups=50)


def cases_long_stories(world: World) -> Iterator[Case]:
    """A working day, a big group, a great offboarding."""
    for name in names():
        for scenario in ("day", "big-group", "mass-offboard"):
            yield f"{name} {scenario}", lambda name=name, scenario=scenario: story(world, name, scenario=scenario)


def test_two_customers_at_once_never_meet(world: World) -> None:
    """Two providers with the same people, each towards its own directory."""
    okta, entra = world.directory("okta"), world.directory("entra")
    runs = [
        (directory, Idp(name, directory.base_url, directory.token, world.ca_cert, scenario="day", seed=7))
        for name, directory in (("okta", okta), ("entra", entra))
    ]
    for directory, run in runs:
        same_directory(world.app, directory.id, run.wait().clean().export)


def test_the_same_seed_sends_the_same(world: World) -> None:
    """The requests of two runs on two directories differ in ids alone."""
    traffic = [play("okta", world.directory("okta"), scenario="lifecycle").clean().report for _ in range(2)]
    equal(traffic[0]["requests"], traffic[1]["requests"], "requests")


class Beside(Daemon):
    """`rosterd dev` with a fake provider."""

    def command(self) -> list[str]:
        """One that plays all of the small scenarios."""
        return super().command() + ["--idp", "entra:lifecycle"]


def test_dev_plays_a_provider_beside(_: World) -> None:
    """Its steps go to stderr, and its customer is in the directory that dev makes."""
    with Beside() as daemon:
        deadline = time.monotonic() + BESIDE_SECS_MAX
        while "as entra, seed 1" not in daemon.log():
            true(time.monotonic() < deadline, f"no end of the run: {daemon.log()[-600:]}")
            time.sleep(0.02)
        log = daemon.log()
        true("nothing wrong" in log and " leaves: PATCH /Users/… 200" in log, log[-600:])
        app = World(daemon).app
        users = app.pages(f"/directory_users?directory={daemon.ready['directory_id']}", 1000)
        equal({user["state"] for user in users}, {"active", "inactive"}, "states")
