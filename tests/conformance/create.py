"""Creating resources (RFC 7644 §3.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lib.suite import Case, equal, true
from lib.world import CORE_GROUP, CORE_USER, ENTERPRISE, SCIM_JSON, World, expect, is_error, unique, user

Json = Any


def test_a_new_user_is_answered_with_location_and_etag(world: World) -> None:
    directory = world.directory()
    answer = expect(directory.ask("POST", "/Users", user("Bjensen", externalId="e1")), 201)
    made = answer.json
    equal(answer.headers["location"], f"{directory.base_url}/Users/{made['id']}")
    equal(made["meta"]["location"], answer.headers["location"])
    equal(made["meta"]["resourceType"], "User")
    equal(answer.headers["etag"], made["meta"]["version"])
    equal(made["meta"]["created"], made["meta"]["lastModified"])
    true(answer.headers["content-type"].startswith(SCIM_JSON), "content type")
    true(made["id"].startswith("directory_user_"), "the id is the directory user's id")
    equal(directory.get(f"/Users/{made['id']}"), made, "GET gives what POST gave")


def test_a_new_user_is_active_unless_it_says_otherwise(world: World) -> None:
    directory = world.directory()
    equal(directory.create_user()["active"], True)
    equal(directory.create_user(active=False)["active"], False)


def test_a_new_group_holds_its_members(world: World) -> None:
    directory = world.directory()
    person = directory.create_user(displayName="Pat")
    group = directory.create_group("Team", [person["id"]])
    true(group["id"].startswith("directory_group_"), "the id is the directory group's id")
    member = group["members"][0]
    equal(member["value"], person["id"])
    equal(member["$ref"], f"{directory.base_url}/Users/{person['id']}")
    equal(member.get("type"), "User")
    seen = directory.get(f"/Users/{person['id']}")["groups"]
    equal([(item["value"], item["display"], item.get("type")) for item in seen], [(group["id"], "Team", "direct")])


def test_nested_groups_are_seen_as_indirect(world: World) -> None:
    directory = world.directory()
    person = directory.create_user()
    inner = directory.create_group("Inner", [person["id"]])
    outer = directory.create_group("Outer", [inner["id"]])
    equal(outer["members"][0].get("type"), "Group")
    equal(outer["members"][0]["$ref"], f"{directory.base_url}/Groups/{inner['id']}")
    kinds = {item["value"]: item.get("type") for item in directory.get(f"/Users/{person['id']}")["groups"]}
    equal(kinds, {inner["id"]: "direct", outer["id"]: "indirect"})


def test_groups_in_a_circle_terminate(world: World) -> None:
    directory = world.directory()
    person = directory.create_user()
    first = directory.create_group("A", [person["id"]])
    second = directory.create_group("B", [first["id"]])
    expect(directory.patch(f"/Groups/{first['id']}", {"op": "add", "path": "members",
                                                       "value": [{"value": second["id"]}]}), 200, 204)
    seen = {item["value"] for item in directory.get(f"/Users/{person['id']}")["groups"]}
    equal(seen, {first["id"], second["id"]})


def test_read_only_attributes_are_ignored(world: World) -> None:
    made = world.directory().create_user(id="mine", meta={"resourceType": "Chair", "version": "W/\"9\""},
                                         groups=[{"value": "x"}])
    true(made["id"] != "mine" and made["meta"]["resourceType"] == "User", "id and meta are the server's")
    true(not made.get("groups"), "groups is read only")


def test_the_password_is_never_returned(world: World) -> None:
    directory = world.directory()
    answer = expect(directory.ask("POST", "/Users", user(password="Secret-77")), 201)
    seen = directory.ask("GET", f"/Users/{answer.json['id']}?attributes=password,userName")
    true(b"Secret-77" not in answer.body + seen.body and b"password" not in answer.body + seen.body, "password")


def test_a_taken_user_name_is_a_conflict_without_regard_to_case(world: World) -> None:
    directory = world.directory()
    directory.create_user("Kim@Example.com")
    for name in ("Kim@Example.com", "kIM@eXAMPLE.COM"):
        is_error(directory.ask("POST", "/Users", user(name)), 409, "uniqueness")
    equal(directory.filter("Users", 'userName eq "KIM@EXAMPLE.COM"')["Resources"][0]["userName"], "Kim@Example.com")


def test_schemas_may_be_missing(world: World) -> None:
    directory = world.directory()
    equal(expect(directory.ask("POST", "/Users", {"userName": unique()}), 201).json["schemas"], [CORE_USER])
    equal(expect(directory.ask("POST", "/Groups", {"displayName": unique()}), 201).json["schemas"], [CORE_GROUP])


def test_an_extension_used_is_added_to_schemas(world: World) -> None:
    made = world.directory().create_user(**{ENTERPRISE: {"department": "X"}})
    true(ENTERPRISE in made["schemas"], "enterprise schema is named")
    equal(made[ENTERPRISE]["department"], "X")


def test_unknown_extensions_are_kept_and_returned(world: World) -> None:
    directory = world.directory()
    urn = "urn:example:params:scim:schemas:extension:acme:2.0:User"
    extra = {"shoeSize": 43, "badges": [{"value": "a"}]}
    made = directory.create_user(schemas=[CORE_USER, urn], **{urn: extra, ENTERPRISE: {"clearance": "high"}})
    equal(directory.get(f"/Users/{made['id']}")[urn], extra)
    equal(directory.get(f"/Users/{made['id']}")[ENTERPRISE]["clearance"], "high")


def test_unknown_core_attributes_are_not_returned(world: World) -> None:
    made = world.directory().create_user(favouriteColour="green")
    true("favouriteColour" not in made, "unknown core attributes are kept for mapping, not returned")


def test_attribute_names_are_case_insensitive(world: World) -> None:
    directory = world.directory()
    body = {"SCHEMAS": [CORE_USER], "USERNAME": unique(), "Name": {"FamilyName": "X"}, "EMAILS": [{"VALUE": "a@b.c"}]}
    made = expect(directory.ask("POST", "/Users", body), 201).json
    equal((made["name"]["familyName"], made["emails"][0]["value"]), ("X", "a@b.c"))


def test_null_and_empty_array_are_unassigned(world: World) -> None:
    made = world.directory().create_user(title=None, emails=[], phoneNumbers=None)
    true(not {"title", "emails", "phoneNumbers"} & made.keys(), "nothing is stored of null and []")


def test_equal_values_are_collapsed_and_one_is_primary(world: World) -> None:
    made = world.directory().create_user(emails=[
        {"value": "a@x.example", "type": "work"}, {"value": "a@x.example", "type": "work"},
        {"value": "b@x.example", "type": "home", "primary": True}])
    equal(sorted(item["value"] for item in made["emails"]), ["a@x.example", "b@x.example"])


def cases_bodies_that_are_refused(world: World) -> Iterator[Case]:
    """What is missing or of a wrong type is 400."""
    directory = world.directory(strict=True)
    rows: list[tuple[str, str, Json]] = [
        ("/Users", "no userName", {"schemas": [CORE_USER]}),
        ("/Users", "userName null", {"schemas": [CORE_USER], "userName": None}),
        ("/Users", "userName blank", user(" ")),
        ("/Users", "userName a number", {"schemas": [CORE_USER], "userName": 5}),
        ("/Users", "active a word", user(active="perhaps")),
        ("/Users", "emails a number", user(emails=5)),
        ("/Users", "emails of numbers", user(emails=[5])),
        ("/Users", "email value a number", user(emails=[{"value": 5}])),
        ("/Users", "name a list", user(name=["x"])),
        ("/Users", "title an object", user(title={"x": 1})),
        ("/Users", "schemas a word", {"schemas": CORE_USER + "x", "userName": unique()}),
        ("/Groups", "no displayName", {"schemas": [CORE_GROUP]}),
        ("/Groups", "members a number", {"schemas": [CORE_GROUP], "displayName": unique(), "members": 5}),
        ("/Groups", "a member that is a number", {"schemas": [CORE_GROUP], "displayName": unique(), "members": [5]}),
        ("/Groups", "a member without value", {"schemas": [CORE_GROUP], "displayName": unique(),
                                               "members": [{"display": "x"}]}),
    ]
    for path, label, body in rows:
        yield label, lambda path=path, body=body: is_error(directory.ask("POST", path, body), 400)


def cases_refusals_name_the_fault(world: World) -> Iterator[Case]:
    """scimType and a detail that names the attribute."""
    directory = world.directory(strict=True)
    for body, word in ((user(emails=5), "emails"), ({"schemas": [CORE_USER]}, "userName"), (user(active=7), "active")):
        def test(body: Json = body, word: str = word) -> None:
            error = is_error(directory.ask("POST", "/Users", body), 400, "invalidValue")
            true(word in error["detail"], f"detail {error['detail']!r} names {word}")
        yield word, test
