"""Whatever goes wrong upstream, nobody is deactivated, the run says what was wrong, the next good one repairs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from connectors.pulled import Pulled, equals, nobody_deactivated
from connectors.upstream import Upstream
from lib.suite import equal, true
from lib.world import World

Json = Any
HARMLESS = "complete"
BAD = "partial or failed"
# A page of 8 people: more than may go without approval.
GUARDED = "held back"


@dataclass
class Case:
    """A fault, and how a run with it must end."""

    label: str
    fault: Json
    ends: str = BAD
    alarms: set[str] = field(default_factory=set)


REFUSED = {"connector_credentials"}
GOOGLE = [
    Case("page missing", {"kind": "page_missing", "on": "users", "page": 2}),
    Case("page of groups missing", {"kind": "page_missing", "on": "groups"}),
    Case("page of members missing", {"kind": "page_missing", "on": "members"}),
    Case("page skipped", {"kind": "page_skipped", "on": "users", "page": 2}, GUARDED),
    Case("page repeated", {"kind": "page_repeated", "on": "users", "page": 2}),
    Case("next token loops", {"kind": "token_loops", "on": "users", "page": 2}),
    Case("next token of members loops", {"kind": "token_loops", "on": "members"}),
    Case("token expires between pages", {"kind": "token_expired", "on": "users", "page": 2, "times": 1}, HARMLESS),
    Case("token expires at once, always", {"kind": "token_expired", "on": "users"}, BAD, REFUSED),
    Case("quota for a moment", {"kind": "quota", "times": 2}, HARMLESS),
    Case("quota with Retry-After", {"kind": "quota", "times": 1, "retry_after": 1}, HARMLESS),
    Case("429 once", {"kind": "status", "status": 429, "times": 1}, HARMLESS),
    Case("500 once", {"kind": "status", "status": 500, "on": "users", "page": 2, "times": 1}, HARMLESS),
    Case("403 for another reason", {"kind": "quota", "reason": "forbidden", "on": "users"}),
    Case("credentials refused", {"kind": "refused", "on": "token"}, BAD, REFUSED),
    Case("scopes taken away", {"kind": "scope_missing", "on": "token"}, BAD, REFUSED),
    Case("clocks differ", {"kind": "clock_skew", "on": "token"}, BAD),
    Case("token endpoint answers HTML", {"kind": "wrong_type", "on": "token"}),
    Case("truncated JSON", {"kind": "truncated", "on": "users"}),
    Case("truncated JSON on the last page", {"kind": "truncated", "on": "users", "page": 3}),
    Case("cut connection", {"kind": "cut", "on": "users", "page": 2}),
    Case("empty 200", {"kind": "empty", "on": "users"}),
    Case("empty 200 for groups", {"kind": "empty", "on": "groups"}),
    Case("nobody listed", {"kind": "empty_listing", "on": "users"}),
    Case("no group listed", {"kind": "empty_listing", "on": "groups"}),
    Case("HTML", {"kind": "wrong_type", "on": "users"}),
    Case("garbage", {"kind": "garbage", "on": "users"}),
    Case("redirect inside", {"kind": "redirect", "on": "users"}),
    Case("the same person twice, with other data", {"kind": "duplicate_ids", "on": "users"}),
    Case("the same person twice", {"kind": "duplicate_rows", "on": "users"}, "anything"),
    Case("another order", {"kind": "reordered", "on": "users"}, HARMLESS),
    Case("half of the people missing", {"kind": "absent", "count": 12}, GUARDED),
    Case("half of the people missing from the list alone", {"kind": "absent", "count": 12, "on": "users"}),
]


def reports(on: str, rename: str) -> list[Case]:
    """Faults of reports and files."""
    return [
        Case("401", {"kind": "status", "status": 401, "on": on}, BAD, REFUSED),
        Case("404", {"kind": "page_missing", "on": on}),
        Case("500 once", {"kind": "status", "status": 500, "on": on, "times": 1}, HARMLESS),
        Case("429 once", {"kind": "status", "status": 429, "on": on, "times": 1}, HARMLESS),
        Case("truncated", {"kind": "truncated", "on": on}),
        Case("connection cut once", {"kind": "cut", "on": on, "times": 1}, HARMLESS),
        Case("empty 200", {"kind": "empty", "on": on}),
        Case("no row", {"kind": "empty_listing", "on": on}),
        Case("HTML", {"kind": "wrong_type", "on": on}),
        Case("garbage", {"kind": "garbage", "on": on}),
        Case("redirect inside", {"kind": "redirect", "on": on}),
        Case("renamed id column", {"kind": "renamed_column", "on": on, "column": rename}),
        Case("the same id twice", {"kind": "duplicate_ids", "on": on}),
        Case("the same row twice", {"kind": "duplicate_rows", "on": on}, "anything"),
        Case("another order", {"kind": "reordered", "on": on}, HARMLESS),
        Case("half of the people missing", {"kind": "absent", "on": on, "count": 12}, GUARDED),
    ]


def status_column(on: str, column: str) -> Case:
    """The column that says who is active has another name."""
    return Case("renamed status column", {"kind": "renamed_column", "on": on, "column": column}, "anything")


def plans() -> Iterator[tuple[str, str, Json, list[Case]]]:
    """Upstream, form, changes of the connector, and the faults it meets."""
    yield "google", "", {}, GOOGLE
    workday = [*reports("report", "Employee_ID"), status_column("report", "Worker_Status")]
    # One run is as patient as all: half a minute of attempts for each form would show nothing more.
    always_cut = Case("cut connection", {"kind": "cut", "on": "report"})
    yield "workday", "json", {"format": "json"}, [*workday, always_cut]
    yield "workday", "csv", {"format": "csv"}, workday
    file = [*reports("file", "id"), status_column("file", "status")]
    yield "file", "csv", {}, file
    yield "file", "json", {"format": "json", "url": "json"}, file
    yield "file", "ndjson", {"format": "ndjson", "url": "ndjson"}, file


def cases_fault(world: World) -> Iterator[tuple[str, Callable[[], None]]]:
    """Every fault of every upstream, at one directory for each form."""
    for provider, form, changes, cases in plans():
        with Upstream(provider, people=24, groups=9) as upstream:
            if "url" in changes:
                changes = {**changes, "url": f"{upstream.about['url']}/people.{form}"}
            pulled = Pulled(world, upstream, upstream.connector(**changes))
            pulled.first()
            equals(pulled, upstream)
            for at, case in enumerate(cases):
                yield f"{provider} {form} {case.label}".replace("  ", " "), lambda c=case, n=at: check(pulled, upstream, c, n)


def check(pulled: Pulled, upstream: Upstream, case: Case, number: int) -> None:
    """A pull with the fault, and one without."""
    before = pulled.active()
    # Something true is there to be pulled besides, so that the repair has to bring it.
    upstream.change({"do": "retitle", "person": 2, "title": f"Title {number}"})
    upstream.forget_requests()
    upstream.fault(case.fault)
    try:
        run = pulled.sync()
        true(any(asked["has_fault"] for asked in upstream.requests()), "the fault was met by no request")
        nobody_deactivated(pulled, before)
        alarms = pulled.alarms()
    finally:
        upstream.fault()
    if case.ends == HARMLESS:
        equal(run["outcome"], "complete", f"outcome of {run}")
    elif case.ends == BAD:
        true(run["outcome"] in ("partial", "failed"), f"outcome of {run}")
        true(run.get("error") and run.get("hint"), f"the run must say what was wrong and what to do: {run}")
        true(case.alarms <= alarms and alarms, f"alarms: {alarms}, wanted {case.alarms or 'one'}")
    elif case.ends == GUARDED:
        waits = run["counts"]["waiting"] > 0 and "connector_removals_waiting" in alarms
        true(waits or run["outcome"] != "complete", f"removals must wait or the run be partial: {run}, {alarms}")
    pulled.complete()
    equals(pulled, upstream)
    left = pulled.alarms() & {"connector_failed", "connector_incomplete", "connector_credentials", "connector_removals_waiting"}
    equal(left, set(), "alarms after a good pull")
