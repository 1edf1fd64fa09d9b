"""Checks a ledger against what the daemon has after its restart."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from crash.load import Ledger, Person
from lib.daemon import binary
from lib.fold import check_order, compare, fold
from lib.suite import equal
from lib.world import App, Directory

Json = Any


def check_ledgers(directory: Directory, group_id: str, ledgers: list[Ledger]) -> list[str]:
    """Every broken promise, in words."""
    members = directory.members(group_id)
    faults: list[str] = []
    for ledger in ledgers:
        for person in ledger.people:
            faults += check_person(directory, person, members)
    return faults


def check_person(directory: Directory, person: Person, members: set[str]) -> list[str]:
    """Each field is as acknowledged, or as an unanswered request would have it."""
    answer = directory.ask("GET", f"/Users/{person.id}")
    doubts = dict(person.doubtful)
    gone = answer.status == 404
    if gone:
        allowed = person.gone or doubts.get("gone", False)
        return [] if allowed else [f"{person.name} ({person.id}) was acknowledged and is not there"]
    if answer.status != 200:
        return [f"{person.name}: {answer}"]
    faults = [] if not person.gone else [f"{person.name}: its deletion was acknowledged and it is there"]
    title = answer.json.get("title")
    if title != person.title and title != doubts.get("title", person.title):
        faults.append(f"{person.name}: title is {title!r}, acknowledged {person.title!r}, doubtful {doubts}")
    member = person.id in members
    if not person.gone and member != person.member and member != doubts.get("member", person.member):
        faults.append(f"{person.name}: member is {member}, acknowledged {person.member}, doubtful {doubts}")
    return faults


def check_file(data: str) -> None:
    """`rosterd check`: integrity, gaps, and the fold against the tables."""
    run = subprocess.run([binary(), "check", "--json", "--data", data], capture_output=True, text=True, timeout=120)
    equal(run.returncode, 0, f"rosterd check: {run.stdout[-1500:]} {run.stderr[-1500:]}")
    json.loads(run.stdout)


def check_independently(app: App, directory_id: str) -> int:
    """From the app's side alone: order, gaps, and the fold against the lists; gives the number of events."""
    events = app.pages(f"/events?directory={directory_id}&order=asc", 1_000)
    check_order(events)
    state = fold(events)
    users = {item["id"]: item for item in app.pages(f"/directory_users?directory={directory_id}", 1_000)}
    groups = {item["id"]: item for item in app.pages(f"/directory_groups?directory={directory_id}", 1_000)}
    compare(state.users, users, "users")
    compare(state.groups, groups, "groups")
    members = {(group["id"], user_id) for user_id, item in users.items() for group in item["groups"]}
    equal(state.members ^ members, set(), "memberships")
    return len(events)
