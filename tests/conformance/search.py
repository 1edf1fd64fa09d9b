"""Querying with POST: /.search on a type and on the root (RFC 7644 §3.4.3)."""

from __future__ import annotations

from lib.suite import equal, true
from lib.world import SEARCH, World, expect, is_error


def test_search_agrees_with_get(world: World) -> None:
    directory = world.directory()
    for n in range(9):
        directory.create_user(f"user{n}", title=f"t{n % 3}")
    body = {"schemas": [SEARCH], "filter": 'title eq "t1"', "sortBy": "userName", "sortOrder": "descending",
            "startIndex": 2, "count": 1, "attributes": ["userName"]}
    found = expect(directory.ask("POST", "/Users/.search", body), 200).json
    query = "filter=title%20eq%20%22t1%22&sortBy=userName&sortOrder=descending&startIndex=2&count=1&attributes=userName"
    equal(found, directory.get(f"/Users?{query}"))
    equal([item["userName"] for item in found["Resources"]], ["user4"])


def test_search_of_the_root_finds_all_types(world: World) -> None:
    directory = world.directory()
    one = directory.create_user("x", displayName="Same")["id"]
    two = directory.create_group("Same")["id"]
    directory.create_group("Other")
    body = {"schemas": [SEARCH], "filter": 'displayName eq "same"'}
    found = expect(directory.ask("POST", "/.search", body), 200).json
    equal({item["id"] for item in found["Resources"]}, {one, two})
    equal(found["totalResults"], 2)


def test_a_get_on_the_root_is_answered_or_refused_clearly(world: World) -> None:
    answer = world.directory().ask("GET", "/?filter=id%20pr")
    true(answer.status in (200, 400, 403, 404, 501), f"{answer}")


def test_broken_searches_are_refused(world: World) -> None:
    directory = world.directory()
    for body in ({"schemas": [SEARCH], "filter": 5}, {"schemas": [SEARCH], "filter": "userName zz"},
                 {"schemas": [SEARCH], "count": "x"}, {"schemas": [SEARCH], "attributes": 5}, []):
        is_error(directory.ask("POST", "/Users/.search", body), 400)


def test_search_is_post_only(world: World) -> None:
    directory = world.directory()
    answer = directory.ask("PUT", "/Users/.search", {})
    true(answer.status in (404, 405), f"{answer}")
