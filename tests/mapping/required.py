"""What a mapping requires: nobody becomes active without it, and nobody is kept from leaving."""

from __future__ import annotations

from lib.suite import equal, true
from lib.world import World, expect, is_error, user
from mapping.scene import Scene

REQUIRED = {"attributes": {"cost_center": {"from": ["costCenter", "cc"], "required": True}}}


def test_creating_without_it_is_refused_and_says_what_to_send(world: World) -> None:
    scene = Scene(world)
    scene.put(REQUIRED)
    error = is_error(scene.directory.ask("POST", "/Users", user("a@x.example")), 400, "invalidValue")
    true("costCenter" in error["detail"] and "cc" in error["detail"], f"the attributes are named: {error}")
    scene.directory.create_user("a@x.example", cc="7")
    expect(scene.directory.ask("POST", "/Users", user("b@x.example", active=False)), 201)


def test_activation_and_loss_are_refused_and_leaving_never(world: World) -> None:
    scene = Scene(world)
    scene.put(REQUIRED)
    inactive = expect(scene.directory.ask("POST", "/Users", user("b@x.example", active=False)), 201).json["id"]
    replace = {"op": "replace", "path": "active", "value": True}
    is_error(scene.directory.patch(f"/Users/{inactive}", replace), 400, "invalidValue")
    one = scene.directory.create_user("a@x.example", cc="7")["id"]
    is_error(scene.directory.patch(f"/Users/{one}", {"op": "remove", "path": "cc"}), 400, "invalidValue")
    off = [{"op": "remove", "path": "cc"}, {"op": "replace", "path": "active", "value": False}]
    expect(scene.directory.patch(f"/Users/{one}", *off), 200)
    equal(world.app.access(user=one)["allowed"], False, "access")
    for gone in (one, inactive):
        expect(scene.directory.ask("DELETE", f"/Users/{gone}"), 204)


def test_whoever_lacked_it_before_is_not_held_up(world: World) -> None:
    scene = Scene(world)
    one = scene.directory.create_user("a@x.example")["id"]
    preview = scene.preview(REQUIRED)
    equal((preview["users_missing_required"], preview["data"][0]["missing_required"]), (1, ["cost_center"]), "preview")
    scene.put(REQUIRED)
    equal(scene.user(one)["state"], "active", "nobody is removed")
    expect(scene.directory.patch(f"/Users/{one}", {"op": "replace", "path": "title", "value": "T"}), 200)
    expect(scene.directory.patch(f"/Users/{one}", {"op": "replace", "path": "active", "value": False}), 200)
    equal(world.app.access(user=one)["allowed"], False, "access")


def test_a_default_is_a_value(world: World) -> None:
    scene = Scene(world)
    scene.put({"attributes": {"cost_center": {"from": "costCenter", "required": True, "default": "none"}}})
    scene.directory.create_user("a@x.example")
