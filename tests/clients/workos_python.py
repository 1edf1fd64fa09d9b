"""The published `workos` package for Python, with its base URL changed."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from clients.crowd import USERS, crowd
from lib.suite import equal, true
from lib.world import World, expect, unique

CACHE: dict[int, Any] = {}


def client(world: World) -> Any:
    """A client of theirs that speaks to us."""
    from workos import WorkOSClient

    return WorkOSClient(api_key=world.app.key, client_id="client_x", base_url=world.app.url, max_retries=0)


def shared(world: World) -> Any:
    """The crowd, made once."""
    if id(world) not in CACHE:
        CACHE[id(world)] = crowd(world)
    return CACHE[id(world)]


def test_organizations_are_made_read_changed_and_deleted(world: World) -> None:
    from workos import NotFoundError

    api, key = client(world).organizations, unique()
    made = api.create_organization(name="Foo Corp", external_id=key, metadata={"tier": "gold"})
    equal((made.object, made.name, made.external_id, made.metadata), ("organization", "Foo Corp", key, {"tier": "gold"}))
    true(made.id.startswith("org_") and isinstance(made.created_at, datetime), f"{made}")
    equal(api.get_organization(made.id).id, made.id)
    equal(api.get_organization_by_external_id(key).id, made.id)
    changed = api.update_organization(made.id, name="Bar Corp", external_id=f"{key}-2")
    equal((changed.name, changed.external_id), ("Bar Corp", f"{key}-2"))
    true(made.id in [item.id for item in api.list_organizations(search="Bar Corp", limit=100)], "found by name")
    api.delete_organization(made.id)
    try:
        api.get_organization(made.id)
    except NotFoundError:
        return
    raise AssertionError("a deleted organization is still there")


def test_a_taken_external_id_is_refused_as_theirs_is(world: World) -> None:
    from workos import BadRequestError

    api, key = client(world).organizations, unique()
    api.create_organization(name="One", external_id=key)
    try:
        api.create_organization(name="Two", external_id=key)
    except BadRequestError as error:
        true("external_id_already_used" in str(error), "their code")
        return
    raise AssertionError("two organizations of one external id")


def test_a_wrong_key_is_an_authentication_error(world: World) -> None:
    from workos import AuthenticationError, WorkOSClient

    api = WorkOSClient(api_key="sk_wrong", client_id="x", base_url=world.app.url, max_retries=0)
    try:
        api.directory_sync.list_directories()
    except AuthenticationError:
        return
    raise AssertionError("a wrong key was accepted")


def test_directories_are_listed_read_and_deleted(world: World) -> None:
    directory, _, _ = shared(world)
    api = client(world).directory_sync
    seen = api.get_directory(directory.id)
    equal((seen.object, seen.type.value, seen.state.value), ("directory", "okta scim v2.0", "linked"))
    equal((seen.metadata.users.active, seen.metadata.users.inactive, seen.metadata.groups), (270, 30, 3))
    listed = api.list_directories(organization_id=directory.about["organization_id"])
    equal([item.id for item in listed], [directory.id])
    other = world.directory()
    api.delete_directory(other.id)
    equal(world.app.ask("GET", f"/directories/{other.id}").status, 404)


def test_users_are_paged_to_the_end(world: World) -> None:
    directory, ids, _ = shared(world)
    api = client(world).directory_sync
    for limit in (None, 7, 100):
        listed = api.list_users(directory=directory.id, limit=limit)
        equal([item.id for item in listed.auto_paging_iter()], ids[::-1], f"newest first, limit {limit}")
    forward = api.list_users(directory=directory.id, limit=50, order="asc")
    equal([item.id for item in forward.auto_paging_iter()], ids, "oldest first")


def test_users_are_paged_backwards(world: World) -> None:
    directory, ids, _ = shared(world)
    api = client(world).directory_sync
    page = api.list_users(directory=directory.id, limit=100, after=ids[150])
    equal([item.id for item in page], ids[149:49:-1])
    page = api.list_users(directory=directory.id, limit=100, before=page.before)
    equal([item.id for item in page], ids[249:149:-1], "the page before it")


def test_a_user_has_their_type(world: World) -> None:
    directory, ids, groups = shared(world)
    seen = client(world).directory_sync.get_user(ids[4])
    equal((seen.object, seen.idp_id, seen.email, seen.first_name, seen.last_name, seen.username, seen.job_title),
          ("directory_user", "ext-004", "user004@acme.example", "Given", "Family004", "user004@acme.example", "Engineer"))
    equal((seen.state.value, seen.directory_id, seen.organization_id),
          ("active", directory.id, directory.about["organization_id"]))
    equal([item.id for item in seen.groups], [groups[1]])
    equal([(item.value, item.type, item.primary) for item in seen.emails], [("user004@acme.example", "work", True)])
    true(isinstance(seen.custom_attributes, dict) and isinstance(seen.raw_attributes, dict), "attributes")
    true(isinstance(seen.created_at, datetime) and seen.created_at.tzinfo is not None, "a time with its zone")
    equal(client(world).directory_sync.get_user(ids[9]).state.value, "inactive")


def test_users_and_groups_are_filtered(world: World) -> None:
    directory, ids, groups = shared(world)
    api = client(world).directory_sync
    members = [item.id for item in api.list_users(group=groups[2], limit=40).auto_paging_iter()]
    equal(members, ids[2::3][::-1])
    equal([item.id for item in api.list_users(directory=directory.id, idp_id="ext-123")], [ids[123]])
    equal([item.id for item in api.list_users(directory=directory.id, email="user077@acme.example")], [ids[77]])
    equal({item.id for item in api.list_groups(directory=directory.id)}, set(groups))
    equal([item.id for item in api.list_groups(user=ids[5])], [groups[2]])
    seen = api.get_group(groups[0])
    equal((seen.object, seen.name, seen.directory_id), ("directory_group", "Group 0", directory.id))


def test_events_are_read_by_cursor_and_kind(world: World) -> None:
    from workos.common.models.dsync_group_user_added import DsyncGroupUserAdded
    from workos.common.models.dsync_user_created import DsyncUserCreated

    directory, ids, _ = shared(world)
    api, organization = client(world).events, directory.about["organization_id"]
    listed = api.list_events(events=["dsync.user.created"], organization_id=organization, limit=100)
    events = list(listed.auto_paging_iter())
    equal([event.data.id for event in events], ids, "oldest first, all of them")
    true(all(isinstance(event, DsyncUserCreated) for event in events), "in their type")
    added = list(api.list_events(events=["dsync.group.user_added"], organization_id=organization,
                                 limit=100).auto_paging_iter())
    equal(len(added), USERS)
    true(isinstance(added[0], DsyncGroupUserAdded) and added[0].data.user.id in ids, "in their type")
    kinds = {event.event for event in api.list_events(
        events=["dsync.activated", "dsync.group.created"], organization_id=organization).auto_paging_iter()}
    equal(kinds, {"dsync.activated", "dsync.group.created"})


def test_events_are_read_from_a_time_and_newest_first(world: World) -> None:
    directory, ids, _ = shared(world)
    api, organization = client(world).events, directory.about["organization_id"]
    newest = api.list_events(events=["dsync.user.created"], organization_id=organization, order="desc", limit=5)
    equal([event.data.id for event in newest], ids[:-6:-1])
    none = api.list_events(events=["dsync.user.created"], organization_id=organization,
                           range_start=datetime(2100, 1, 1, tzinfo=timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"))
    equal(len(none.data), 0)


def test_every_kind_of_event_is_in_their_type(world: World) -> None:
    from workos.events.models import EventSchema

    directory = world.directory()
    made = directory.create_user()
    group = directory.create_group("G", [made["id"]])
    path = f"/Groups/{group['id']}"
    expect(directory.patch(path, {"op": "replace", "path": "displayName", "value": "H"}), 200)
    expect(directory.patch(path, {"op": "remove", "path": "members"}), 200)
    expect(directory.patch(f"/Users/{made['id']}", {"op": "replace", "path": "title", "value": "x"}), 200)
    expect(directory.ask("DELETE", path), 204)
    expect(directory.ask("DELETE", f"/Users/{made['id']}"), 204)
    token = expect(world.app.ask("POST", f"/directories/{directory.id}/tokens", {}), 201).json
    expect(world.app.ask("DELETE", f"/directories/{directory.id}/tokens/{token['id']}"), 204)
    expect(world.app.ask("DELETE", f"/directories/{directory.id}"), 200, 202, 204)
    events = world.app.events(directory.id)
    for event in events:
        typed = EventSchema.from_dict(event)
        true("Unknown" not in type(typed).__name__, event["event"])
        equal(typed.to_dict()["data"].get("id"), event["data"].get("id"), event["event"])
    equal(len({event["event"] for event in events if not event["event"].startswith("dsync.token")}), 10)
