"""A mapping is previewed, saved, applied to everyone, refused with its places, and taken back."""

from __future__ import annotations

from lib.suite import equal, true
from lib.world import World, expect
from mapping.scene import Scene

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
DOCUMENT = {
    "attributes": {
        "email": ["emails[primary eq true].value", "emails[type eq \"work\"].value", "userName"],
        "department_name": f"{ENTERPRISE}:department",
        "full_title": {"template": "{title}, {name.formatted}", "transform": ["trim"]},
        "cost_center": {"from": ["costCenter"], "default": "none", "required": False},
        "username": [],
    },
}


def test_the_worked_example_is_previewed_saved_and_taken_back(world: World) -> None:
    scene = Scene(world)
    made = scene.directory.create_user("ada@x.example", title="CTO", name={"formatted": "Ada L"},
                                       **{ENTERPRISE: {"department": "R&D", "costCenter": "7"}})
    before = scene.user(made["id"])
    scene.skip()
    preview = scene.preview(DOCUMENT)
    equal((preview["object"], preview["users_total"], preview["users_changed"]), ("mapping_preview", 1, 1), "counts")
    changes = preview["data"][0]["changes"]
    equal(changes["custom_attributes.full_title"], {"from": None, "to": "CTO, Ada L"}, "the template")
    equal(changes["custom_attributes.cost_center"], {"from": None, "to": "7"}, "from the extension")
    equal(changes["custom_attributes.username"], {"from": "ada@x.example", "to": None}, "left out")
    scene.told()
    mapping = scene.put(DOCUMENT)
    equal((mapping["is_default"], mapping["document"], mapping["remap"]["state"]), (False, DOCUMENT, "done"), "mapping")
    event, = scene.told(("user.updated", "remapped"))
    previous = event["data"]["previous_attributes"]["custom_attributes"]
    equal({f"custom_attributes.{name}" for name in previous} | {"username"}, set(changes), "preview and event")
    equal(scene.directory.get(f"/Users/{made['id']}")["meta"]["version"], made["meta"]["version"], "the SCIM version")
    expect(world.app.ask("DELETE", scene.path), 200)
    equal(scene.put({})["is_default"], True, "defaults again")
    scene.told(("user.updated", "remapped"))
    after = scene.user(made["id"])
    for name in ("updated_at",):
        before.pop(name), after.pop(name)
    equal(after, before, "the user as it was")


def test_a_user_written_later_is_mapped_at_once(world: World) -> None:
    scene = Scene(world)
    scene.put(DOCUMENT)
    made = scene.directory.create_user("bo@x.example")
    equal(scene.user(made["id"])["custom_attributes"]["cost_center"], "none", "the default value")


def test_types_of_values_are_kept(world: World) -> None:
    scene = Scene(world)
    scene.put({"attributes": {"shoe": "shoe", "tags": {"from": "tags", "transform": "list"}, "first": "tags",
                              "level": {"from": "level", "transform": ["digits", "number"]}, "car": "car", "on": "active"}})
    made = scene.directory.create_user("bo@x.example", shoe=44, tags=["a", {"b": 1}], level="L-7", car={"plate": "X"})
    custom = scene.user(made["id"])["custom_attributes"]
    wanted = {"shoe": 44, "tags": ["a", {"b": 1}], "first": "a", "level": 7, "car": {"plate": "X"}, "on": True}
    equal({name: custom.get(name) for name in wanted}, wanted, "values")


def test_saving_the_same_again_is_nothing_new(world: World) -> None:
    scene = Scene(world)
    version = scene.put(DOCUMENT)["version"]
    equal(scene.put(DOCUMENT)["version"], version, "version")


def test_another_provider_maps_everyone_again(world: World) -> None:
    scene = Scene(world)
    made = scene.directory.create_user("bo@x.example", managerId="boss@x.example")
    scene.skip()
    expect(world.app.ask("PATCH", f"/directories/{scene.directory.id}", {"provider": "okta"}), 200)
    true(scene.put({})["is_default"], "still the defaults")
    scene.told(("user.updated", "remapped"))
    equal(scene.user(made["id"])["custom_attributes"]["manager_email"], "boss@x.example", "by the new provider's defaults")


def test_a_dry_run_is_mapped_in_silence(world: World) -> None:
    scene = Scene(world, state="validating")
    made = scene.directory.create_user("bo@x.example", title="T")
    scene.put({"attributes": {"t": "title"}})
    equal(world.app.events(scene.directory.id), [], "events of a dry run")
    equal(scene.user(made["id"])["custom_attributes"]["t"], "T", "mapped all the same")


def test_the_defaults_can_be_edited_and_saved(world: World) -> None:
    scene = Scene(world, "entra")
    scene.directory.create_user("bo@x.example", title="T", name={"givenName": "B", "familyName": "O"})
    scene.skip()
    document = world.app.get(scene.path)["document"]
    equal(scene.preview(document)["users_changed"], 0, "the defaults as a document change nobody")
    scene.put(document)
    scene.told()


def test_a_preview_has_pages(world: World) -> None:
    scene = Scene(world)
    made = [scene.directory.create_user(f"p{number}@x.example")["id"] for number in range(5)]
    document = {"attributes": {"x": {"from": "userName"}}}
    found, after = [], ""
    while True:
        page = scene.preview(document, f"?limit=2{after}")
        equal((page["users_total"], page["users_changed"]), (5, 5), "counts of each page")
        found += [user["id"] for user in page["data"]]
        if not page["list_metadata"]["after"]:
            break
        after = f"&after={page['list_metadata']['after']}"
    equal(found, made, "users on the pages")
    for query in ("?limit=0", "?limit=1001", "?after=x"):
        expect(world.app.ask("POST", f"{scene.path}/preview{query}", document), 422)


def cases_wrong_mappings_are_refused_with_their_places(world: World):
    scene = Scene(world)
    table = [
        ("a path", {"attributes": {"a": "b c"}}, ["attributes.a"]),
        ("a sub-attribute", {"attributes": {"a": ["title", "name.nosuch"]}}, ["attributes.a[1]"]),
        ("a template", {"attributes": {"a": {"template": "{title"}}}, ["attributes.a.template"]),
        ("a template as a path", {"attributes": {"a": "{title}"}}, ["attributes.a"]),
        ("a transform", {"attributes": {"a": {"from": "title", "transform": ["reverse"]}}}, ["attributes.a.transform"]),
        ("twins", {"attributes": {"A": "title", "a": "title"}}, ["attributes.a"]),
        ("a key", {"attributes": {"a": {"form": "title"}}, "role": {}}, ["role", "attributes.a.form"]),
        ("a filter", {"roles": {"rules": [{"when": "title is \"x\"", "role": "r"}]}}, ["roles.rules[0].when"]),
        ("a slug", {"roles": {"default": "a b"}}, ["roles.default"]),
        ("an empty rule", {"roles": {"rules": [{"role": "r"}]}}, ["roles.rules[0]"]),
        ("a mode", {"roles": {"mode": "many"}}, ["roles.mode"]),
        ("too many targets", {"attributes": {f"t{n}": "title" for n in range(201)}}, ["attributes"]),
    ]

    def check(document, places):
        for method, path in (("PUT", scene.path), ("POST", f"{scene.path}/preview")):
            errors = expect(world.app.ask(method, path, document), 422).json["errors"]
            equal([error["field"] for error in errors], places, f"{method}: {errors}")

    for name, document, places in table:
        yield name, lambda document=document, places=places: check(document, places)

    def twice():
        raw = b'{"attributes": {"a": "title", "a": "userName"}}'
        fields = {"Authorization": f"Bearer {world.app.key}", "Content-Type": "application/json"}
        answer = expect(world.app.connection().request("PUT", scene.path, fields, raw), 400)
        true("twice" in answer.json["message"] and "line 1" in answer.json["message"], f"the place: {answer}")

    yield "a key twice", twice
    yield "nothing was saved", lambda: equal(world.app.get(scene.path)["version"], 0, "version")
