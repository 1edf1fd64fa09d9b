"""Each change at the upstream arrives with exactly its events, and they name the pull that brought them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from connectors.pulled import Pulled, equals
from connectors.upstream import Upstream
from lib.suite import equal, true
from lib.world import World

Json = Any
USER = "dsync.user."
GROUP = "dsync.group."
MEMBER = {"group": 9, "member": {"person": 11}}

# What happens one after the other, and the events it has: kind and cause.
PEOPLE: list[tuple[str, Json, list[tuple[str, str]]]] = [
    ("hire", {"do": "hire", "person": 50}, [(USER + "created", "created")]),
    ("rename", {"do": "rename", "person": 10, "given_name": "Zoë", "family_name": "Nuñez"}, [(USER + "updated", "updated")]),
    ("new title", {"do": "retitle", "person": 11, "title": "Chief"}, [(USER + "updated", "updated")]),
    ("e-mail change", {"do": "email_change", "person": 12, "email": "new.12@upstream.example"}, [(USER + "updated", "updated")]),
    ("terminate", {"do": "terminate", "person": 13}, [(USER + "updated", "deactivated")]),
    ("rehire", {"do": "rehire", "person": 13}, [(USER + "updated", "reactivated")]),
    ("delete", {"do": "delete", "person": 14}, [(USER + "deleted", "deleted")]),
]
ON_GOOGLE: list[tuple[str, Json, list[tuple[str, str]]]] = [
    ("suspend", {"do": "suspend", "person": 15}, [(USER + "updated", "deactivated")]),
    ("archive", {"do": "archive", "person": 16}, [(USER + "updated", "deactivated")]),
    # Inactive before and after; but the data that the app sees says another reason.
    ("suspend one who is archived", {"do": "suspend", "person": 16}, [(USER + "updated", "updated")]),
    ("back", {"do": "rehire", "person": 16}, [(USER + "updated", "reactivated")]),
    ("group", {"do": "group_create", "group": 9, "name": "Night shift"}, [(GROUP + "created", "created")]),
    ("member", {"do": "add_member", **MEMBER}, [(GROUP + "user_added", "")]),
    ("nested group", {"do": "add_member", "group": 9, "member": {"group": 0}}, []),
    ("outsider", {"do": "add_member", "group": 9, "member": {"outsider": "x@elsewhere.example"}}, []),
    ("group rename", {"do": "group_rename", "group": 9, "name": "Late shift"}, [(GROUP + "updated", "updated")]),
    ("member leaves", {"do": "remove_member", **MEMBER}, [(GROUP + "user_removed", "")]),
    ("group delete", {"do": "group_delete", "group": 9}, [(GROUP + "deleted", "deleted")]),
]


def cases_change(world: World) -> Iterator[tuple[str, Callable[[], None]]]:
    """Every change of every upstream, in order, at one directory each."""
    for provider, changes in (("google", PEOPLE + ON_GOOGLE), ("workday", PEOPLE), ("file", PEOPLE)):
        with Upstream(provider, people=24, groups=3) as upstream:
            pulled = Pulled(world, upstream)
            pulled.first()
            for label, change, events in changes:
                yield f"{provider} {label}", lambda c=change, e=events: check(pulled, upstream, c, e)


def check(pulled: Pulled, upstream: Upstream, change: Json, wanted: list[tuple[str, str]]) -> None:
    """One change and the pull after it."""
    upstream.change(change)
    events = pulled.events_after(pulled.complete)
    found = [(event["event"], event["context"]["cause"]) for event in events]
    equal([name for name, _ in found], [name for name, _ in wanted], f"events of {change}")
    for (name, cause), (_, expected) in zip(found, wanted, strict=True):
        true(not expected or cause == expected, f"{name}: cause {cause}, wanted {expected}")
    equals(pulled, upstream)
    for event in events:
        record = pulled.app.get(f"/requests/{event['context']['request_id']}")
        equal(record["method"], "PULL", f"method of the record of {event['event']}")


def test_all_changes_between_two_pulls_arrive_together(world: World) -> None:
    with Upstream("google", people=24, groups=3) as upstream:
        pulled = Pulled(world, upstream)
        pulled.first()
        upstream.change(*(change for _, change, _ in PEOPLE + ON_GOOGLE))
        pulled.complete()
        equals(pulled, upstream)


def test_an_address_that_goes_to_another_person_goes_with_no_data(world: World) -> None:
    with Upstream("google", people=24, groups=1) as upstream:
        pulled = Pulled(world, upstream)
        pulled.first()
        old = upstream.person(10)["email"]
        upstream.change(
            {"do": "email_change", "person": 10, "email": "free@upstream.example"},
            {"do": "email_change", "person": 11, "email": old},
        )
        pulled.complete()
        equals(pulled, upstream)


def test_two_who_swap_their_addresses_are_never_taken_for_each_other(world: World) -> None:
    with Upstream("google", people=24, groups=1) as upstream:
        pulled = Pulled(world, upstream)
        pulled.first()
        ids = {user["idp_id"]: user["id"] for user in pulled.users()}
        ten, eleven = upstream.person(10), upstream.person(11)
        upstream.change(
            {"do": "email_change", "person": 10, "email": "between@upstream.example"},
            {"do": "email_change", "person": 11, "email": ten["email"]},
            {"do": "email_change", "person": 10, "email": eleven["email"]},
        )
        run = pulled.sync()
        equal({user["idp_id"]: user["id"] for user in pulled.users()}, ids, "who is who")
        # Each address is taken while the other has it: that is said, if it was not mended.
        if run["counts"]["refused"] == 0:
            equals(pulled, upstream)
        else:
            equal(len(run["refused"]), 2, f"both are named: {run}")


def test_one_who_leaves_may_not_come_in_from_the_moment_of_the_pull(world: World) -> None:
    with Upstream("workday", people=10) as upstream:
        pulled = Pulled(world, upstream)
        pulled.first()
        person = upstream.person(6)
        asked = {"idp_id": person["employee_id"], "directory": pulled.id}
        true(world.app.access(**asked)["allowed"], "allowed before")
        upstream.change({"do": "terminate", "person": 6})
        pulled.complete()
        true(not world.app.access(**asked)["allowed"], "not allowed after")


def test_one_hired_for_a_later_day_is_not_let_in_before_it(world: World) -> None:
    with Upstream("workday", people=10) as upstream:
        upstream.change({"do": "expect", "person": 30})
        pulled = Pulled(world, upstream)
        pulled.first()
        equals(pulled, upstream)
        upstream.change({"do": "rehire", "person": 30})
        pulled.complete()
        true("E000031" in pulled.active(), "let in on the first day")
