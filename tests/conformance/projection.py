"""`attributes` and `excludedAttributes` on every operation (RFC 7644 §3.9)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lib.suite import Case, equal, true
from lib.world import ENTERPRISE, PATCH_OP, SEARCH, Directory, World, expect, is_error, user

Json = Any


def someone(directory: Directory) -> str:
    """The path of a user to project."""
    made = directory.create_user(title="T", name={"givenName": "A", "familyName": "B"}, nickName="N",
                                 emails=[{"value": "a@x.example", "type": "work"}],
                                 **{ENTERPRISE: {"department": "D", "costCenter": "C"}})
    return f"/Users/{made['id']}"


def cases_attributes(world: World) -> Iterator[Case]:
    """Just those asked for, with id and schemas always."""
    directory = world.directory()
    path = someone(directory)
    rows: list[tuple[str, set[str], Json]] = [
        ("userName", {"userName"}, None),
        ("USERNAME", {"userName"}, None),
        ("userName,title", {"userName", "title"}, None),
        ("%20userName%20,%20title", {"userName", "title"}, None),
        ("name.givenName", {"name"}, {"name": {"givenName": "A"}}),
        ("name", {"name"}, {"name": {"givenName": "A", "familyName": "B"}}),
        ("emails.value", {"emails"}, {"emails": [{"value": "a@x.example"}]}),
        ("nosuch", set(), None),
        (f"{ENTERPRISE}:department", {ENTERPRISE}, {ENTERPRISE: {"department": "D"}}),
        (ENTERPRISE, {ENTERPRISE}, {ENTERPRISE: {"department": "D", "costCenter": "C"}}),
        ("urn:ietf:params:scim:schemas:core:2.0:User:title", {"title"}, None),
        ("meta.version", {"meta"}, None), ("password", set(), None), ("id", set(), None),
    ]
    for text, wanted, values in rows:
        def test(text: str = text, wanted: set[str] = wanted, values: Json = values) -> None:
            got = directory.get(f"{path}?attributes={text}")
            true("id" in got, "id is always returned")
            equal(set(got) - {"id", "schemas"}, wanted)
            for name, value in (values or {}).items():
                equal(got[name], value, name)
        yield text, test


def cases_excluded_attributes(world: World) -> Iterator[Case]:
    """All but those."""
    directory = world.directory()
    path = someone(directory)
    whole = directory.get(path)
    for text, gone in (("title", {"title"}), ("TITLE,emails", {"title", "emails"}), ("id,schemas", set()),
                       (ENTERPRISE, {ENTERPRISE}), ("nosuch", set()), ("meta", {"meta"})):
        def test(text: str = text, gone: set[str] = gone) -> None:
            got = directory.get(f"{path}?excludedAttributes={text}")
            equal(set(whole) - set(got), gone)
        yield text, test

    def test_sub() -> None:
        equal(directory.get(f"{path}?excludedAttributes=name.givenName")["name"], {"familyName": "B"})
    yield "name.givenName", test_sub


def test_both_at_once_are_refused(world: World) -> None:
    directory = world.directory()
    path = someone(directory)
    is_error(directory.ask("GET", f"{path}?attributes=title&excludedAttributes=name"), 400)


def test_writes_are_projected_too(world: World) -> None:
    directory = world.directory()
    made = expect(directory.ask("POST", "/Users?attributes=userName", user(title="T")), 201).json
    equal(set(made) - {"schemas"}, {"id", "userName"})
    path = f"/Users/{made['id']}?attributes=title"
    equal(set(expect(directory.ask("PUT", path, user(made["userName"], title="U")), 200).json) - {"schemas"},
          {"id", "title"})
    body = {"schemas": [PATCH_OP], "Operations": [{"op": "replace", "path": "title", "value": "V"}]}
    equal(set(expect(directory.ask("PATCH", path, body), 200).json) - {"schemas"}, {"id", "title"})


def test_lists_and_search_are_projected_too(world: World) -> None:
    directory = world.directory()
    someone(directory)
    for listed in (directory.get("/Users?attributes=userName,name.familyName"),
                   directory.ask("POST", "/Users/.search", {"schemas": [SEARCH], "attributes": [
                       "userName", "name.familyName"]}).json):
        item = listed["Resources"][0]
        equal(set(item) - {"schemas"}, {"id", "userName", "name"})
        equal(item["name"], {"familyName": "B"})


def test_projection_is_a_projection_of_the_whole(world: World) -> None:
    directory = world.directory()
    path = someone(directory)
    whole = directory.get(path)
    for name in whole:
        got = directory.get(f"{path}?attributes={name}")
        equal(got[name], whole[name], name)
