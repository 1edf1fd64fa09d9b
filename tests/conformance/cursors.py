"""Cursor paging (RFC 9865)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from lib.suite import equal, true
from lib.world import SEARCH, Directory, World, expect, is_error

Json = Any


def walk(directory: Directory, query: str, count: int = 4) -> list[str]:
    """The user names of every page from an empty cursor on."""
    found: list[str] = []
    cursor = ""
    for _ in range(200):
        page = directory.get(f"/Users?{query}&count={count}&cursor={quote(cursor, safe='')}")
        found += [item["userName"] for item in page["Resources"]]
        true(len(page["Resources"]) <= count, "no page is larger than asked for")
        if "nextCursor" not in page:
            return found
        cursor = page["nextCursor"]
    raise AssertionError("a cursor walk without end")


def crowd(world: World, count: int = 17) -> Directory:
    """A directory with so many users."""
    directory = world.directory()
    for n in range(count):
        directory.create_user(f"user{n:03}", title=f"t{n % 3}")
    return directory


def test_pages_by_cursor_are_pages_by_index(world: World) -> None:
    directory = crowd(world)
    for query in ("", "sortBy=userName&sortOrder=descending", "sortBy=title", "filter=title%20eq%20%22t1%22"):
        whole = [item["userName"] for item in directory.get(f"/Users?count=200&{query}")["Resources"]]
        equal(walk(directory, query), whole, query)
        equal(walk(directory, query, 1), whole, f"{query} one by one")


def test_the_last_page_has_no_next_cursor(world: World) -> None:
    directory = crowd(world, 4)
    page = directory.get("/Users?count=10&cursor=")
    true("nextCursor" not in page, "one page is all")
    equal(page["totalResults"], 4)


def test_a_walk_meets_once_all_that_was_there_throughout(world: World) -> None:
    directory = crowd(world)
    stays = [f"user{n:03}" for n in range(1, 17, 2)]
    there = {item["userName"]: item["id"] for item in directory.get("/Users?count=50")["Resources"]}
    goes = [one for name, one in there.items() if name not in stays]
    first = f"/Users/{there[stays[0]]}"
    found: list[str] = []
    cursor, number = "", 0
    while True:
        page = directory.get(f"/Users?count=3&cursor={quote(cursor, safe='')}")
        found += [item["userName"] for item in page["Resources"]]
        if "nextCursor" not in page:
            break
        cursor, number = page["nextCursor"], number + 1
        directory.create_user(f"new{number:03}")
        if goes:
            expect(directory.ask("DELETE", f"/Users/{goes.pop()}"), 204)
        expect(directory.patch(first, {"op": "replace", "path": "nickName", "value": str(number)}), 200)
    equal([name for name in found if name in stays], stays, "each once")
    equal(len(found), len(set(found)), "nothing twice")


def test_broken_cursors_are_refused(world: World) -> None:
    directory = crowd(world, 9)
    cursor = directory.get("/Users?count=2&cursor=")["nextCursor"]
    flipped = ("A" if cursor[5] != "A" else "B").join([cursor[:5], cursor[6:]])
    for broken in ("x", "%00", "!!!", quote(cursor[:-3], safe="") or "x", flipped, "A" * 5000):
        answer = directory.ask("GET", f"/Users?count=2&cursor={broken}")
        is_error(answer, 400, "invalidCursor")


def test_a_cursor_holds_only_for_its_own_query(world: World) -> None:
    directory = crowd(world, 9)
    cursor = quote(directory.get("/Users?count=2&cursor=")["nextCursor"], safe="")
    is_error(directory.ask("GET", f"/Users?count=2&cursor={cursor}&filter=title%20pr"), 400, "invalidCursor")
    is_error(directory.ask("GET", f"/Users?count=2&cursor={cursor}&sortBy=title"), 400, "invalidCursor")
    is_error(directory.ask("GET", f"/Groups?count=2&cursor={cursor}"), 400, "invalidCursor")


def test_a_cursor_of_another_directory_is_refused(world: World) -> None:
    first, second = crowd(world, 5), crowd(world, 5)
    cursor = quote(first.get("/Users?count=2&cursor=")["nextCursor"], safe="")
    is_error(second.ask("GET", f"/Users?count=2&cursor={cursor}"), 400, "invalidCursor")


def test_cursor_and_start_index_exclude_each_other(world: World) -> None:
    directory = crowd(world, 3)
    is_error(directory.ask("GET", "/Users?cursor=&startIndex=2"), 400)


def test_search_takes_cursors_in_its_body(world: World) -> None:
    directory = crowd(world)
    found: list[str] = []
    cursor = ""
    while True:
        body = {"schemas": [SEARCH], "count": 5, "cursor": cursor}
        page = expect(directory.ask("POST", "/Users/.search", body), 200).json
        found += [item["userName"] for item in page["Resources"]]
        if "nextCursor" not in page:
            break
        cursor = page["nextCursor"]
    equal(sorted(found), [f"user{n:03}" for n in range(17)])
