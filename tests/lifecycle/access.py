"""The access check: what it wants, what it says, and when it says no."""

from __future__ import annotations

from lib.suite import equal, true
from lib.world import World, expect
from lifecycle.scene import Scene, succeeded


def test_an_active_user_may_come_in(world: World) -> None:
    scene = Scene(world)
    for query in ({"user": scene.id}, {"email": "pat@x.example", "directory": scene.directory.id},
                  {"idp_id": "ext-1", "directory": scene.directory.id},
                  {"email": "PAT@X.example", "organization_id": scene.directory.about["organization_id"]}):
        answer = world.app.access(**query)
        equal(answer["allowed"], True, f"{query}")
        true("reason" in answer and "groups" in answer, f"{answer}")
    groups = {item["id"] if isinstance(item, dict) else item for item in world.app.access(user=scene.id)["groups"]}
    equal(groups, set(scene.groups))


def test_the_answer_names_the_event_it_is_as_of(world: World) -> None:
    scene = Scene(world)
    last = world.app.events(scene.directory.id)[-1]["id"]
    true(last in str(world.app.access(user=scene.id)), "as of the last event")


def test_the_unknown_are_refused_not_errors(world: World) -> None:
    scene = Scene(world)
    for query in ({"user": "directory_user_01HQ0000000000000000000000"}, {"user": "x"},
                  {"email": "nobody@x.example", "directory": scene.directory.id},
                  {"idp_id": "none", "directory": "directory_01HQ0000000000000000000000"}):
        answer = world.app.access(**query)
        equal(answer["allowed"], False, f"{query}")
        true(answer["reason"], "a reason")


def test_questions_without_a_scope_are_422(world: World) -> None:
    for query in ("email=a@b.c", "idp_id=x", "", "directory=x"):
        equal(world.app.ask("GET", f"/access?{query}").status, 422, query)


def test_one_inactive_match_is_enough_to_refuse(world: World) -> None:
    scene = Scene(world)
    other = scene.directory.create_user(emails=[{"value": "pat@x.example", "primary": True}])
    query = {"email": "pat@x.example", "directory": scene.directory.id}
    answer = world.app.access(**query)
    equal(answer["allowed"], True)
    true(other["id"] in str(answer) and scene.id in str(answer), "both are listed")
    succeeded(scene.directory.patch(f"/Users/{other['id']}", {"op": "replace", "path": "active", "value": False}))
    equal(world.app.access(**query)["allowed"], False)


def test_a_deleted_directory_lets_nobody_in(world: World) -> None:
    scene = Scene(world)
    expect(world.app.ask("DELETE", f"/directories/{scene.directory.id}"), 200, 202, 204)
    equal(world.app.access(user=scene.id)["allowed"], False)
    equal(world.app.access(idp_id="ext-1", directory=scene.directory.id)["allowed"], False)
