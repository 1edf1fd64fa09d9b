"""What has been seen in traffic, and registering an extension from it."""

from __future__ import annotations

import json

from lib.suite import equal, true
from lib.world import World, expect
from mapping.scene import Scene

URN = "urn:acme:params:scim:2.0:User"


def test_attributes_are_listed_with_share_types_and_shapes(world: World) -> None:
    scene = Scene(world)
    scene.directory.create_user("zoe.secret@mail.example", title="Boss", shoe=44,
                                emails=[{"value": "zoe.secret@mail.example", "type": "work"}], **{URN: {"badge": "Quixote"}})
    scene.directory.create_user("bo@x.example")
    scene.directory.create_group("Team", externalId="g-1")
    answer = world.app.ask("GET", f"/directories/{scene.directory.id}/attributes")
    seen = {(item["resource_type"], item["path"]): item for item in expect(answer, 200).json["data"]}
    wanted = {
        ("User", "userName"): ("core", 2, True), ("User", "title"): ("core", 1, True),
        ("User", "emails[type eq \"work\"].value"): ("core", 1, True), ("User", "shoe"): ("unknown_core", 1, False),
        ("User", f"{URN}:badge"): ("unregistered", 1, False), ("Group", "externalId"): ("core", 1, False),
    }
    for key, (schema, count, mapped) in wanted.items():
        item = seen[key]
        equal((item["schema"], item["count"], item["is_mapped"]), (schema, count, mapped), str(key))
    equal(seen["User", "title"]["share"], 0.5, "share")
    for secret in ("secret", "Quixote", "Boss"):
        true(secret not in json.dumps(answer.json), f"{secret} is shown")
    equal([part["examined"] for part in answer.json["examined"]], [2, 1], "examined")
    scene.put({"attributes": {"badge": f"{URN}:badge"}})
    after = world.app.get(f"/directories/{scene.directory.id}/attributes")["data"]
    true(next(item for item in after if item["path"] == f"{URN}:badge")["is_mapped"], "mapped by now")


def test_an_extension_is_registered_and_published(world: World) -> None:
    scene = Scene(world)
    extension = {"badge": "A", "level": 3, "on": True, "desks": [{"value": "1", "type": "left"}], "odd": "x"}
    scene.directory.create_user(**{URN: extension})
    scene.directory.create_user(**{URN: {**extension, "odd": 7}})
    path = f"/directories/{scene.directory.id}/attributes/register"
    expect(world.app.ask("POST", path, {"urn": URN}), 201)
    published = scene.directory.get(f"/Schemas/{URN}")
    kinds = {item["name"]: (item["type"], item["multiValued"]) for item in published["attributes"]}
    equal(kinds, {"badge": ("string", False), "level": ("integer", False), "on": ("boolean", False),
                  "desks": ("complex", True)}, "types")
    again = scene.directory.create_user(**{URN: extension})
    equal(again[URN], extension, "kept as before, what has no one type too")
    expect(world.app.ask("POST", path, {"urn": URN}), 409)
    expect(world.app.ask("POST", path, {"urn": "urn:acme:nothing:1.0"}), 422)
    expect(world.app.ask("POST", path, {}), 422)
