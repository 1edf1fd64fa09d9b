"""Checks of this suite that must fail: an upstream that lies well, and a comparison that is wrong."""

from __future__ import annotations

from connectors.pulled import Pulled, equals, nobody_deactivated
from connectors.upstream import Upstream
from lib.suite import equal, true
from lib.world import World


def fails(check: object) -> bool:
    """Whether an assertion fails in it."""
    try:
        check()  # type: ignore[operator]
    except AssertionError:
        return True
    return False


def test_a_listing_that_lies_in_every_total_is_noticed_by_the_check_that_nobody_was_deactivated(world: World) -> None:
    with Upstream("google", people=20, groups=3) as upstream:
        pulled = Pulled(world, upstream)
        pulled.first()
        before = pulled.active()
        # Four are few enough for the guard, and no total, page or question for one of them tells of the lie.
        upstream.fault({"kind": "absent", "count": 4})
        pulled.sync()
        upstream.fault()
        true(fails(lambda: nobody_deactivated(pulled, before)), "the check must notice four who are gone")
        true(fails(lambda: equals(pulled, upstream)), "the comparison must notice them too")
        pulled.complete()
        nobody_deactivated(pulled, before)
        equals(pulled, upstream)


def test_a_change_that_was_not_pulled_is_noticed_by_the_comparison(world: World) -> None:
    with Upstream("google", people=6, groups=2) as upstream:
        pulled = Pulled(world, upstream)
        pulled.first()
        for change in (
            {"do": "rename", "person": 5, "given_name": "Other", "family_name": "Name"},
            {"do": "retitle", "person": 5, "title": "Other"},
            {"do": "suspend", "person": 5},
            {"do": "delete", "person": 5},
            {"do": "hire", "person": 60},
            {"do": "group_rename", "group": 0, "name": "Other"},
            {"do": "add_member", "group": 1, "member": {"group": 0}},
        ):
            upstream.change(change)
            true(fails(lambda: equals(pulled, upstream)), f"not noticed: {change}")
            pulled.complete()
            equals(pulled, upstream)


def test_the_upstream_checks_who_asks(world: World) -> None:
    with Upstream("google", people=2, groups=0) as upstream:
        pulled = Pulled(world, upstream)
        pulled.first()
        asked = upstream.requests()
        true(any(request["asked"] == "token" and request["status"] == 200 for request in asked), "a token was given")
        equal([request for request in asked if request["status"] >= 400], [], "requests that were refused")
