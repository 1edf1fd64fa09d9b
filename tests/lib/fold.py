"""Folds a directory's events into its state and compares that with what the app's lists say."""

from __future__ import annotations

from typing import Any

from lib.suite import equal, true
from lib.world import App

Json = Any
# `groups` is only in lists; times of a membership change are told by its own event.
NOT_COMPARED = {"groups", "previous_attributes", "updated_at"}


class State:
    """Users, groups and memberships as the events tell them."""

    def __init__(self) -> None:
        self.users: dict[str, Json] = {}
        self.groups: dict[str, Json] = {}
        self.members: set[tuple[str, str]] = set()
        self.active = False

    def apply(self, event: Json) -> None:
        """One event; an event that can't follow from the state is a fault."""
        name, data = event["event"], event["data"]
        kind = name.removeprefix("dsync.").replace(".", "_")
        getattr(self, f"on_{kind}")(data, f"{name} {event['id']}")

    def on_activated(self, data: Json, what: str) -> None:
        true(not self.active and not self.users, f"{what} must come first")
        self.active = True

    def on_deleted(self, data: Json, what: str) -> None:
        self.__init__()

    def on_user_created(self, data: Json, what: str) -> None:
        true(data["id"] not in self.users, f"{what}: {data['id']} is already there")
        self.users[data["id"]] = data

    def on_user_updated(self, data: Json, what: str) -> None:
        true(data["id"] in self.users, f"{what}: {data['id']} is not there")
        self.users[data["id"]] = data

    def on_user_deleted(self, data: Json, what: str) -> None:
        true(self.users.pop(data["id"], None), f"{what}: {data['id']} is not there")
        self.members = {pair for pair in self.members if pair[1] != data["id"]}

    def on_group_created(self, data: Json, what: str) -> None:
        true(data["id"] not in self.groups, f"{what}: {data['id']} is already there")
        self.groups[data["id"]] = data

    def on_group_updated(self, data: Json, what: str) -> None:
        true(data["id"] in self.groups, f"{what}: {data['id']} is not there")
        self.groups[data["id"]] = data

    def on_group_deleted(self, data: Json, what: str) -> None:
        true(self.groups.pop(data["id"], None), f"{what}: {data['id']} is not there")
        self.members = {pair for pair in self.members if pair[0] != data["id"]}

    def on_group_user_added(self, data: Json, what: str) -> None:
        pair = (data["group"]["id"], data["user"]["id"])
        true(pair not in self.members, f"{what}: {pair} is already there")
        true(pair[0] in self.groups and pair[1] in self.users, f"{what}: {pair} names something unknown")
        self.members.add(pair)

    def on_group_user_removed(self, data: Json, what: str) -> None:
        pair = (data["group"]["id"], data["user"]["id"])
        true(pair in self.members, f"{what}: {pair} is not there")
        self.members.discard(pair)

    def on_token_created(self, data: Json, what: str) -> None:
        """Tokens are no part of the state."""

    on_token_revoked = on_token_created


def check_order(events: list[Json]) -> None:
    """Ids ascend, sequences have no gap, the first event is the activation."""
    ids = [event["id"] for event in events]
    equal(ids, sorted(set(ids)), "event ids ascend")
    epochs: dict[int, list[int]] = {}
    for event in events:
        epochs.setdefault(event.get("epoch", 0), []).append(event["directory_sequence"])
    for epoch, sequences in epochs.items():
        first = sequences[0]
        wanted = list(range(first, first + len(sequences)))
        if sequences != wanted:
            at = next(i for i, pair in enumerate(zip(sequences, wanted)) if pair[0] != pair[1])
            raise AssertionError(f"directory_sequence of epoch {epoch} has a gap at {at}: {sequences[at - 2:at + 3]}")
    if events:
        equal(events[0]["event"], "dsync.activated", "a directory's first event")
        equal(events[0]["directory_sequence"], 1, "the first directory_sequence")


def fold(events: list[Json]) -> State:
    """The state after all events."""
    state = State()
    for event in events:
        state.apply(event)
    return state


def check_log(app: App, directory_id: str) -> list[Json]:
    """The log is in order and folds to exactly what the lists show; gives the events."""
    events = app.events(directory_id)
    check_order(events)
    state = fold(events)
    users = {item["id"]: item for item in app.pages(f"/directory_users?directory={directory_id}")}
    groups = {item["id"]: item for item in app.pages(f"/directory_groups?directory={directory_id}")}
    compare(state.users, users, "users")
    compare(state.groups, groups, "groups")
    members = {(group["id"], user_id) for user_id, item in users.items() for group in item["groups"]}
    equal(state.members ^ members, set(), "memberships of the fold against those of the list")
    return events


def compare(folded: dict[str, Json], listed: dict[str, Json], what: str) -> None:
    """Same ids, and each attribute that an event carries is as the list has it."""
    equal(set(folded) ^ set(listed), set(), f"{what} of the fold against those of the list")
    for key, data in folded.items():
        for name, value in data.items():
            if name not in NOT_COMPARED:
                equal(listed[key].get(name), value, f"{what}: {key}.{name} in the list against the fold")
