"""Directories and organizations through the app's API."""

from __future__ import annotations

from lib.suite import equal, true
from lib.world import World, expect, unique

TYPES = {"okta": "okta scim v2.0", "entra": "azure scim v2.0", "google": "gsuite directory",
         "onelogin": "onelogin scim v2.0", "jumpcloud": "jump cloud scim v2.0", "pingone": "pingfederate scim v2.0",
         "pingfederate": "pingfederate scim v2.0", "cyberark": "cyberark scim v2.0", "sailpoint": "sailpoint scim v2.0",
         "rippling": "rippling scim v2.0", "workday": "workday", "generic": "generic scim v2.0"}


def test_each_provider_has_its_type(world: World) -> None:
    for provider, wanted in TYPES.items():
        about = world.directory(provider).about
        equal((about["provider"], about["type"], about["state"]), (provider, wanted, "linked"))


def test_only_a_name_is_required(world: World) -> None:
    about = expect(world.app.ask("POST", "/directories", {"name": "Solo Ltd"}), 201).json
    organization = world.app.get(f"/organizations/{about['organization_id']}")
    equal(organization["name"], "Solo Ltd")
    true(about["bearer_token"].startswith("rosterd_scim_"), "a token")
    true(f"/scim/v2/{about['external_key']}" in about["scim_url"], "the address")
    for body in ({}, {"name": 5}, {"name": ""}, {"name": "x", "provider": 5}, {"name": "x", "organization_id": "org_none"}):
        answer = world.app.ask("POST", "/directories", body)
        true(answer.status in (400, 404, 422), f"{body}: {answer}")
        true({"message", "code"} <= answer.json.keys(), f"{answer}")


def test_an_external_key_is_taken_once(world: World) -> None:
    key = f"key-{unique()}"
    equal(world.directory(external_key=key).about["external_key"], key)
    expect(world.app.ask("POST", "/directories", {"name": "x", "external_key": key}), 409, 422)


def test_a_token_is_shown_once(world: World) -> None:
    directory = world.directory()
    for path in (f"/directories/{directory.id}", "/directories?limit=100", f"/directories/{directory.id}/tokens",
                 f"/events?directory={directory.id}", f"/requests?directory={directory.id}"):
        true(directory.token not in expect(world.app.ask("GET", path), 200).body.decode(), path)


def test_a_directory_counts_its_users_and_groups(world: World) -> None:
    directory = world.directory()
    people = [directory.create_user(active=n > 0)["id"] for n in range(3)]
    directory.create_group("G", people)
    counts = world.app.get(f"/directories/{directory.id}")["metadata"]
    equal(counts, {"users": {"active": 2, "inactive": 1}, "groups": 1})


def test_options_are_changed_by_patch(world: World) -> None:
    directory = world.directory()
    for name, value in (("strict", True), ("on_deactivate", "delete"), ("name", "Renamed")):
        now = expect(world.app.ask("PATCH", f"/directories/{directory.id}", {name: value}), 200).json
        equal(now[name], value)
        equal(world.app.get(f"/directories/{directory.id}")[name], value)


def test_a_deletion_is_told_and_final(world: World) -> None:
    directory = world.directory()
    one = directory.create_user()
    expect(world.app.ask("DELETE", f"/directories/{directory.id}"), 200, 202, 204)
    names = [event["event"] for event in world.app.events(directory.id)]
    equal(names[-1], "dsync.deleted")
    equal(world.app.ask("GET", f"/directories/{directory.id}").status, 404)
    equal(world.app.ask("GET", f"/directory_users/{one['id']}").status, 404)


def test_lists_are_newest_first_and_searchable(world: World) -> None:
    word = unique()
    made = [world.directory(name=f"{word} {n}").id for n in range(3)]
    listed = world.app.get(f"/directories?search={word}")
    equal([item["id"] for item in listed["data"]], made[::-1])
    equal(listed["object"], "list")
    page = world.app.get(f"/directories?search={word}&limit=2")
    equal([item["id"] for item in page["data"]], made[:0:-1])
    page = world.app.get(f"/directories?search={word}&limit=2&after={page['list_metadata']['after']}")
    equal([item["id"] for item in page["data"]], made[:1])


def test_users_are_listed_by_what_the_app_asks(world: World) -> None:
    directory = world.directory()
    one = directory.create_user(externalId="x1", emails=[{"value": "A@x.example", "primary": True}],
                                name={"givenName": "Ada", "familyName": "L"})
    two = directory.create_user(active=False)
    group = directory.create_group("G", [two["id"]])
    base = f"/directory_users?directory={directory.id}"
    rows = [("", [two, one]), ("&order=asc", [one, two]), (f"&group={group['id']}", [two]), ("&idp_id=x1", [one]),
            ("&email=a@X.example", [one]), ("&state=inactive", [two]), ("&search=ada", [one])]
    for query, wanted in rows:
        listed = world.app.get(base + query)["data"]
        equal([item["id"] for item in listed], [item["id"] for item in wanted], query)
    seen = world.app.get(f"/directory_users/{one['id']}")
    equal((seen["first_name"], seen["last_name"], seen["email"], seen["idp_id"], seen["groups"]),
          ("Ada", "L", "A@x.example", "x1", []))
    equal([item["id"] for item in world.app.get(f"/directory_users/{two['id']}")["groups"]], [group["id"]])


def test_only_direct_memberships_reach_the_app(world: World) -> None:
    directory = world.directory()
    one = directory.create_user()["id"]
    inner = directory.create_group("Inner", [one])["id"]
    outer = directory.create_group("Outer", [inner])["id"]
    equal([item["id"] for item in world.app.get(f"/directory_users/{one}")["groups"]], [inner])
    equal(world.app.get(f"/directory_users?directory={directory.id}&group={outer}")["data"], [])


def test_unknown_things_are_404_with_a_code(world: World) -> None:
    for path in ("/directories/x", "/directory_users/x", "/directory_groups/x", "/organizations/x",
                 "/organizations/external_id/x", "/nothing"):
        answer = expect(world.app.ask("GET", path), 404)
        true({"message", "code"} <= answer.json.keys(), f"{answer}")


def test_probes_need_no_key(world: World) -> None:
    for path in ("/livez", "/readyz", "/healthz"):
        expect(world.app.connection().request("GET", path), 200)
