"""Roles by group and by condition; they follow every change of what they depend on, with its event."""

from __future__ import annotations

from lib.suite import equal
from lib.world import PATCH_OP, World, expect, user
from mapping.scene import Scene

RULES = {"roles": {"mode": "single", "default": "member", "rules": [
    {"group": "Administrators", "role": "admin"},
    {"when": "title co \"Manager\" and userType ne \"Contractor\"", "role": "manager"},
    {"group": "ext-7", "role": "seven"},
]}}


def arranged(world: World, document=RULES) -> Scene:
    scene = Scene(world)
    scene.put(document)
    return scene


def test_the_highest_rule_wins(world: World) -> None:
    scene = arranged(world)
    manager = scene.directory.create_user(title="Sales Manager", userType="Employee")["id"]
    contractor = scene.directory.create_user(title="Sales Manager", userType="contractor")["id"]
    equal((scene.role(manager), scene.role(contractor)), ("manager", "member"), "by condition")
    scene.directory.create_group("administrators", [manager])
    equal(scene.role(manager), "admin", "by group, in any case")


def test_membership_comes_and_goes_with_the_role(world: World) -> None:
    scene = arranged(world)
    one = scene.directory.create_user()["id"]
    group = scene.directory.create_group("Administrators")["id"]
    scene.skip()
    expect(scene.directory.patch(f"/Groups/{group}", {"op": "add", "path": "members", "value": [{"value": one}]}), 200, 204)
    added, updated = scene.told(("group.user_added", "member_added"), ("user.updated", "member_added"))
    equal(added["data"]["user"]["role"], {"slug": "member"}, "before")
    equal(updated["data"]["role"], {"slug": "admin"}, "after")
    equal(updated["data"]["previous_attributes"], {"role": {"slug": "member"}, "roles": [{"slug": "member"}]}, "previous")
    equal(added["context"]["request_id"], updated["context"]["request_id"], "one request")
    remove = {"op": "remove", "path": f"members[value eq \"{one}\"]"}
    expect(scene.directory.patch(f"/Groups/{group}", remove), 200, 204)
    scene.told(("group.user_removed", "member_removed"), ("user.updated", "member_removed"))
    equal(scene.role(one), "member", "role")


def test_a_group_that_no_rule_names_costs_no_event(world: World) -> None:
    scene = arranged(world)
    one = scene.directory.create_user()["id"]
    scene.skip()
    group = scene.directory.create_group("Others", [one])["id"]
    scene.told(("group.created", "created"), ("group.user_added", "member_added"))
    expect(scene.directory.patch(f"/Groups/{group}", {"op": "replace", "path": "displayName", "value": "Else"}), 200, 204)
    scene.told(("group.updated", "updated"))


def test_a_rename_gives_and_takes_the_role(world: World) -> None:
    scene = arranged(world)
    one = scene.directory.create_user()["id"]
    group = scene.directory.create_group("Others", [one])["id"]
    scene.skip()
    for name, role in (("Administrators", "admin"), ("Others", "member")):
        expect(scene.directory.patch(f"/Groups/{group}", {"op": "replace", "path": "displayName", "value": name}), 200, 204)
        scene.told(("group.updated", "updated"), ("user.updated", "updated"))
        equal(scene.role(one), role, name)


def test_an_external_id_that_arrives_gives_the_role(world: World) -> None:
    scene = arranged(world)
    one = scene.directory.create_user()["id"]
    group = scene.directory.create_group("Others", [one])["id"]
    scene.skip()
    expect(scene.directory.patch(f"/Groups/{group}", {"op": "replace", "path": "externalId", "value": "ext-7"}), 200, 204)
    scene.told(("group.updated", "updated"), ("user.updated", "updated"))
    equal(scene.role(one), "seven", "by idp_id")


def test_a_group_that_ends_takes_its_role(world: World) -> None:
    scene = arranged(world)
    one = scene.directory.create_user()["id"]
    group = scene.directory.create_group("Administrators", [one])["id"]
    scene.skip()
    expect(scene.directory.ask("DELETE", f"/Groups/{group}"), 204)
    scene.told(("group.deleted", "deleted"), ("user.updated", "member_removed"))
    equal(scene.role(one), "member", "role")


def test_a_waiting_member_comes_with_its_role(world: World) -> None:
    scene = arranged(world)
    body = user("back@x.example", externalId="back")
    one = expect(scene.directory.ask("POST", "/Users", body), 201).json["id"]
    group = scene.directory.create_group("Administrators")["id"]
    expect(scene.directory.ask("DELETE", f"/Users/{one}"), 204)
    expect(scene.directory.patch(f"/Groups/{group}", {"op": "add", "path": "members", "value": [{"value": one}]}), 200, 204)
    scene.skip()
    equal(expect(scene.directory.ask("POST", "/Users", body), 201).json["id"], one, "the same person")
    created, _ = scene.told(("user.created", "reprovisioned"), ("group.user_added", "reprovisioned"))
    equal(created["data"]["role"], {"slug": "admin"}, "role of the one who came")


def test_a_user_who_leaves_has_no_role_when_it_returns(world: World) -> None:
    scene = arranged(world)
    body = user("gone@x.example", externalId="gone")
    one = expect(scene.directory.ask("POST", "/Users", body), 201).json["id"]
    scene.directory.create_group("Administrators", [one])
    equal(scene.role(one), "admin", "role")
    expect(scene.directory.ask("DELETE", f"/Users/{one}"), 204)
    expect(scene.directory.ask("POST", "/Users", body), 201)
    equal(scene.role(one), "member", "its groups ended with it")
    scene.news()


def test_deactivation_keeps_group_and_role(world: World) -> None:
    scene = arranged(world)
    one = scene.directory.create_user()["id"]
    scene.directory.create_group("Administrators", [one])
    scene.skip()
    expect(scene.directory.patch(f"/Users/{one}", {"op": "replace", "path": "active", "value": False}), 200)
    scene.told(("user.updated", "deactivated"))
    equal((scene.role(one), world.app.access(user=one)["allowed"]), ("admin", False), "role and access")


def test_several_roles_in_order_of_rank(world: World) -> None:
    scene = arranged(world, {"roles": {**RULES["roles"], "mode": "multiple"}})
    one = scene.directory.create_user(title="Manager")["id"]
    scene.directory.create_group("Administrators", [one])
    equal([role["slug"] for role in scene.user(one)["roles"]], ["admin", "manager"], "roles")


def test_group_and_condition_must_both_hold(world: World) -> None:
    scene = arranged(world, {"roles": {"rules": [{"group": "Ops", "when": "userType eq \"Employee\"", "role": "ops"}]}})
    one = scene.directory.create_user(userType="Contractor")["id"]
    scene.directory.create_group("Ops", [one])
    equal(scene.role(one), None, "half a rule")
    expect(scene.directory.patch(f"/Users/{one}", {"op": "replace", "path": "userType", "value": "Employee"}), 200)
    equal(scene.role(one), "ops", "the whole rule")
    scene.news()


def test_indirect_membership_gives_no_role(world: World) -> None:
    scene = arranged(world)
    one = scene.directory.create_user()["id"]
    inner = scene.directory.create_group("Inner", [one])["id"]
    scene.directory.create_group("Administrators", [inner])
    equal(scene.role(one), "member", "role")


def test_bulk_moves_roles_too(world: World) -> None:
    scene = arranged(world)
    one = scene.directory.create_user()["id"]
    operations = [{"method": "POST", "path": "/Groups", "bulkId": "g",
                   "data": {"displayName": "Administrators", "members": [{"value": one}]}},
                  {"method": "PATCH", "path": "/Groups/bulkId:g", "data": {
                      "schemas": [PATCH_OP], "Operations": [{"op": "replace", "path": "displayName", "value": "No"}]}}]
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations}
    expect(scene.directory.ask("POST", "/Bulk", body), 200)
    equal(scene.role(one), "member", "given and taken")
    scene.news()
