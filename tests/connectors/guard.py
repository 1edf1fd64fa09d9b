"""Absence and the guard: a few go, many wait for a person; what is said in so many words passes."""

from __future__ import annotations

from typing import Any

from connectors.pulled import Pulled, equals, nobody_deactivated
from connectors.upstream import Upstream
from lib.suite import equal, true
from lib.world import World, expect

Json = Any


def start(world: World, upstream: Upstream) -> Pulled:
    """A directory with twenty people."""
    pulled = Pulled(world, upstream)
    pulled.first()
    equal(len(pulled.active()), 20, "people at first")
    return pulled


def delete(upstream: Upstream, count: int) -> set[str]:
    """So many are deleted upstream; their ids."""
    numbers = range(8, 8 + count)
    ids = {upstream.person(number)["google_id"] for number in numbers}
    upstream.change(*({"do": "delete", "person": number} for number in numbers))
    return ids


def decide(pulled: Pulled, word: str) -> Json:
    """Approves or denies what waits."""
    return expect(pulled.app.ask("POST", f"/directories/{pulled.id}/connector/removals/{word}", {}), 200, 202).json


def test_four_of_twenty_absent_are_removed(world: World) -> None:
    with Upstream("google", people=20, groups=3) as upstream:
        pulled = start(world, upstream)
        gone = delete(upstream, 4)
        pulled.complete()
        true(not gone & pulled.active(), "the four are gone")
        equals(pulled, upstream)


def test_two_in_five_absent_wait_and_approval_lets_them_go(world: World) -> None:
    with Upstream("google", people=20, groups=3) as upstream:
        pulled = start(world, upstream)
        before = pulled.active()
        gone = delete(upstream, 8)
        run = pulled.complete()
        equal(run["counts"]["waiting"], 8, f"waiting in {run}")
        nobody_deactivated(pulled, before)
        true("connector_removals_waiting" in pulled.alarms(), "an alarm")
        pulled.complete()
        nobody_deactivated(pulled, before)
        decide(pulled, "approve")
        pulled.complete()
        true(not gone & pulled.active(), "the eight are gone")
        equals(pulled, upstream)
        true("connector_removals_waiting" not in pulled.alarms(), "the alarm has ended")


def test_approval_counts_for_those_alone_who_waited(world: World) -> None:
    with Upstream("google", people=20, groups=3) as upstream:
        pulled = start(world, upstream)
        gone = delete(upstream, 8)
        pulled.complete()
        back = upstream.person(8)["google_id"]
        upstream.change({"do": "rehire", "person": 8})
        decide(pulled, "approve")
        before = pulled.active() - gone
        upstream.change(*({"do": "delete", "person": number} for number in range(1, 7)))
        pulled.complete()
        true(back in pulled.active(), "who came back stays, approved or not")
        true(not (gone - {back}) & pulled.active(), "those approved are gone")
        nobody_deactivated(pulled, before)


def test_denial_keeps_them_pull_after_pull(world: World) -> None:
    with Upstream("google", people=20, groups=3) as upstream:
        pulled = start(world, upstream)
        before = pulled.active()
        delete(upstream, 8)
        pulled.complete()
        decide(pulled, "deny")
        for _ in range(2):
            pulled.complete()
            nobody_deactivated(pulled, before)
        true("connector_removals_waiting" not in pulled.alarms(), "decided, so nothing waits")


def test_small_waves_add_up_to_a_large_one(world: World) -> None:
    with Upstream("google", people=20, groups=0) as upstream:
        pulled = start(world, upstream)
        for number in range(1, 16):
            upstream.change({"do": "delete", "person": number})
            pulled.complete()
        true(len(pulled.active()) >= 14, f"fifteen went one by one, {len(pulled.active())} of twenty are left")


def test_terminations_in_so_many_words_pass_the_guard(world: World) -> None:
    with Upstream("workday", people=20) as upstream:
        pulled = start(world, upstream)
        upstream.change(*({"do": "terminate", "person": number} for number in range(8, 16)))
        run = pulled.complete()
        equal((len(pulled.active()), run["counts"]["waiting"]), (12, 0), "active and waiting")
        equals(pulled, upstream)


def test_suspensions_pass_even_when_the_listing_is_incomplete(world: World) -> None:
    with Upstream("google", people=20, groups=3) as upstream:
        pulled = start(world, upstream)
        person = upstream.person(1)["google_id"]
        upstream.change({"do": "suspend", "person": 1})
        upstream.fault({"kind": "page_missing", "on": "users", "page": 3})
        run = pulled.sync()
        equal(run["outcome"], "partial", f"outcome of {run}")
        true(person not in pulled.active(), "who is suspended on a page that came is out at once")
        equal(len(pulled.active()), 19, "everyone else is still in")


def test_groups_absent_in_a_wave_take_no_membership_away(world: World) -> None:
    with Upstream("google", people=20, groups=9) as upstream:
        pulled = start(world, upstream)
        before = len(pulled.resources("Groups"))
        upstream.fault({"kind": "page_missing", "on": "groups", "page": 2})
        pulled.sync()
        equal(len(pulled.resources("Groups")), before, "groups after half a listing")
