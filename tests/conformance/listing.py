"""Lists: envelope, index paging, sorting (RFC 7644 §3.4.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lib.suite import Case, equal, true
from lib.world import LIST, Directory, World, is_error

Json = Any


def people(world: World, count: int = 23) -> tuple[Directory, list[str]]:
    """A directory with so many users, and their ids."""
    directory = world.directory()
    return directory, [directory.create_user(f"user{n:03}", title=f"t{n % 5}")["id"] for n in range(count)]


def test_an_empty_list_has_all_its_numbers(world: World) -> None:
    for kind in ("Users", "Groups"):
        listed = world.directory().get(f"/{kind}")
        equal(listed, {"schemas": [LIST], "totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": []})


def test_pages_by_index_make_the_whole(world: World) -> None:
    directory, ids = people(world)
    whole = [item["id"] for item in directory.get("/Users?count=200")["Resources"]]
    equal(sorted(whole), sorted(ids))
    paged: list[str] = []
    while len(paged) < len(ids):
        page = directory.get(f"/Users?startIndex={len(paged) + 1}&count=5")
        equal((page["totalResults"], page["startIndex"]), (len(ids), len(paged) + 1))
        equal(page["itemsPerPage"], len(page["Resources"]))
        paged += [item["id"] for item in page["Resources"]]
        true(page["Resources"], "no page before the end is empty")
    equal(paged, whole, "the same order, nothing twice")


def cases_odd_numbers(world: World) -> Iterator[Case]:
    """startIndex below 1 is 1, count below 0 is 0, past the end is empty."""
    directory, ids = people(world, 3)
    rows = [("startIndex=0", 1, 3), ("startIndex=-7", 1, 3), ("count=0", 1, 0), ("count=-1", 1, 0),
            ("startIndex=4", 4, 0), ("startIndex=99&count=5", 99, 0), ("startIndex=3&count=5", 3, 1), ("count=2", 1, 2)]
    for query, start, items in rows:
        def test(query: str = query, start: int = start, items: int = items) -> None:
            page = directory.get(f"/Users?{query}")
            equal((page["totalResults"], page["startIndex"], page["itemsPerPage"], len(page["Resources"])),
                  (3, start, items, items))
        yield query, test
    for query in ("count=x", "startIndex=1.5"):
        yield query, lambda query=query: is_error(directory.ask("GET", f"/Users?{query}"), 400)


def test_a_large_count_is_capped_not_refused(world: World) -> None:
    directory, ids = people(world, 3)
    equal(len(directory.get("/Users?count=100000000000")["Resources"]), 3)


def test_spaces_may_be_plus_or_percent_twenty(world: World) -> None:
    directory, ids = people(world, 3)
    for text in ("userName+eq+%22user001%22", "userName%20eq%20%22user001%22&", "userName+eq+%22user001%22&&count=5"):
        equal(directory.get(f"/Users?filter={text}")["totalResults"], 1, text)


def names(directory: Directory, query: str, attribute: str = "userName") -> list[Json]:
    """One attribute of each user listed."""
    return [item.get(attribute) for item in directory.get(f"/Users?count=200&{query}")["Resources"]]


def test_sorting_by_a_text_ignores_case_unless_exact(world: World) -> None:
    directory = world.directory()
    for name in ("beta", "Alpha", "GAMMA", "delta"):
        directory.create_user(name, externalId=name)
    equal(names(directory, "sortBy=userName"), ["Alpha", "beta", "delta", "GAMMA"])
    equal(names(directory, "sortBy=userName&sortOrder=descending"), ["GAMMA", "delta", "beta", "Alpha"])
    equal(names(directory, "sortBy=externalId"), ["Alpha", "GAMMA", "beta", "delta"])


def test_missing_values_sort_last_when_ascending(world: World) -> None:
    directory = world.directory()
    for name, title in (("a", "z"), ("b", None), ("c", "m")):
        directory.create_user(name, title=title)
    equal(names(directory, "sortBy=title"), ["c", "a", "b"])
    equal(names(directory, "sortBy=title&sortOrder=descending"), ["b", "a", "c"])


def test_sorting_by_multi_valued_takes_the_primary_or_first(world: World) -> None:
    directory = world.directory()
    directory.create_user("a", emails=[{"value": "x@x.example"}, {"value": "a@x.example", "primary": True}])
    directory.create_user("b", emails=[{"value": "c@x.example"}, {"value": "z@x.example"}])
    directory.create_user("c", emails=[{"value": "b@x.example"}])
    equal(names(directory, "sortBy=emails.value"), ["a", "c", "b"])
    equal(names(directory, "sortBy=emails"), ["a", "c", "b"])


def test_sorting_by_sub_attributes_dates_and_booleans(world: World) -> None:
    directory = world.directory()
    for name, family in (("a", "Zed"), ("b", "able"), ("c", "Moe")):
        directory.create_user(name, name={"familyName": family}, active=name != "b")
    equal(names(directory, "sortBy=name.familyName"), ["b", "c", "a"])
    equal(names(directory, "sortBy=meta.created"), ["a", "b", "c"])
    equal(names(directory, "sortBy=meta.created&sortOrder=descending"), ["c", "b", "a"])
    equal(names(directory, "sortBy=active", "active"), [False, True, True])


def test_paging_a_sorted_and_filtered_list(world: World) -> None:
    directory, ids = people(world)
    query = "filter=title%20ne%20%22t0%22&sortBy=title&sortOrder=descending"
    whole = names(directory, query)
    paged = []
    for start in range(1, len(whole) + 1, 4):
        page = directory.get(f"/Users?{query}&startIndex={start}&count=4")
        paged += [item["userName"] for item in page["Resources"]]
        equal(page["totalResults"], len(whole))
    equal(paged, whole)


def test_an_unknown_sort_attribute_is_ignored_or_refused(world: World) -> None:
    directory, ids = people(world, 2)
    answer = directory.ask("GET", "/Users?sortBy=nosuch")
    true(answer.status in (200, 400), f"{answer}")
    is_error(directory.ask("GET", "/Users?sortBy=userName&sortOrder=sideways"), 400)


def test_groups_can_be_listed_without_members(world: World) -> None:
    directory = world.directory()
    directory.create_group("G", [directory.create_user()["id"]])
    listed = directory.filter("Groups", 'displayName eq "g"', "&excludedAttributes=members")
    equal(listed["totalResults"], 1)
    true("members" not in listed["Resources"][0], "no members")
    true("members" in directory.get("/Groups")["Resources"][0], "members by default")


def test_groups_are_found_by_member(world: World) -> None:
    directory = world.directory()
    one, two = directory.create_user()["id"], directory.create_user()["id"]
    first = directory.create_group("A", [one])["id"]
    second = directory.create_group("B", [one, two])["id"]
    for text, wanted in ((f'members.value eq "{one}"', {first, second}), (f'members[value eq "{two}"]', {second}),
                         (f'members eq "{two}"', {second})):
        equal({item["id"] for item in directory.filter("Groups", text)["Resources"]}, wanted, text)
    text = f'groups.value eq "{second}"'
    equal({item["id"] for item in directory.filter("Users", text)["Resources"]}, {one, two}, text)
