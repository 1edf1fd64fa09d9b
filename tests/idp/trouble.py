"""Answers that come late or not at all, and a daemon that is killed in the middle."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from idp.between import Line
from idp.providers import directory_provider, names
from lib.daemon import Daemon
from lib.fold import check_log
from lib.idp import Idp, play, same_directory
from lib.suite import true
from lib.world import World

Case = tuple[str, Callable[[], None]]
WAIT_SECS_MAX = 60.0


def delayed(piece: int) -> str | float:
    """Every answer takes from 0 to 30 ms longer, so that they overtake one another."""
    return (piece * 7 % 31) / 1000


def cut(piece: int) -> str | float:
    """Of forty pieces one never arrives, and one arrives in half."""
    return {13: "cut", 29: "half"}.get(piece % 40, "pass")


def cases_answers_are_delayed_and_cut(world: World) -> Iterator[Case]:
    """The provider comes through, and nobody is there twice."""
    for name in names():
        yield f"{name} delayed", lambda name=name: through(world, name, delayed, scenario="lifecycle")
        yield f"{name} cut", lambda name=name: through(world, name, cut, scenario="first-sync", users=150, groups=12)
        yield f"{name} cut day", lambda name=name: through(world, name, cut, scenario="day")


def through(world: World, name: str, rule: Callable[[int], str | float], **options: object) -> None:
    """A run over a bad line."""
    directory = world.directory(directory_provider(name))
    with Line(directory.base_url, rule) as line:
        ended = play(name, directory, line.url, **options).clean()
        true(rule is not cut or line.cuts >= 5, f"the line must have been cut, was {line.cuts} times")
    same_directory(world.app, directory.id, ended.export)
    check_log(world.app, directory.id)


class Again(Daemon):
    """A daemon that comes back where it was."""

    def command(self) -> list[str]:
        """With the ports of the first start."""
        words = super().command()
        if self.ready:
            ports = [self.ready[name].split("//")[1].split("/")[0] for name in ("scim_url", "app_url")]
            words[words.index("--scim-listen") + 1], words[words.index("--app-listen") + 1] = ports
        return words


def cases_killed_in_the_middle(_: World) -> Iterator[Case]:
    """kill -9 and a new start, three times in one run."""
    for name in names():
        yield name, lambda name=name: killed(name)


def killed(name: str) -> None:
    """Every change that the provider was told is done is there in the end, and the others too."""
    with Again() as daemon:
        world = World(daemon)
        directory = world.directory(directory_provider(name))
        # Slow enough that a restart fits into the attempts that a provider makes.
        options = {"scenario": "day", "users": 200, "groups": 10, "speed": 4800}
        run = Idp(name, directory.base_url, directory.token, world.ca_cert, **options)
        for steps in (3, 25, 60):
            reached(run, steps)
            daemon.kill()
            daemon.start()
        ended = run.wait().clean()
        world = World(daemon)
        same_directory(world.app, directory.id, ended.export)
        check_log(world.app, directory.id)


def reached(run: Idp, steps: int) -> None:
    """Waits until the provider has told so many steps."""
    deadline = time.monotonic() + WAIT_SECS_MAX
    while run.steps() < steps:
        if run.process.poll() is not None:
            raise AssertionError(f"the provider ended before step {steps}: {run.wait().words[-600:]}")
        true(time.monotonic() < deadline, f"no step {steps} in time")
        time.sleep(0.005)
