"""The first pull brings all there is; a pull of the same again writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from connectors.pulled import Pulled, equals, listed
from connectors.upstream import Upstream
from lib.suite import equal, true
from lib.world import World

Json = Any
TITLES = {"workday": "Business_Title", "file": "title"}


def sources(upstream: Upstream) -> Iterator[tuple[str, Json]]:
    """Every way in which this upstream can be pulled from."""
    about = upstream.about
    if upstream.provider == "google":
        yield "customer", upstream.connector()
        yield "domain", upstream.connector(customer=None, domain="upstream.example")
        return
    formats = {"workday": ["json", "csv"], "file": ["csv", "json", "ndjson"]}[upstream.provider]
    for form in formats:
        changes: Json = {"format": form}
        if upstream.provider == "file":
            changes["url"] = f"{about['url']}/people.{form}"
        yield form, upstream.connector(**changes)
    if about.get("oauth"):
        yield "json by OAuth", upstream.connector(basic=None, oauth=about["oauth"])


def cases_first_pull(world: World) -> Iterator[tuple[str, Callable[[], None]]]:
    """Each upstream, each way: equal, and the second pull leaves everything as it is."""
    for provider in ("google", "workday", "file"):
        with Upstream(provider, people=20, groups=6) as upstream:
            upstream.change({"do": "suspend", "person": 3}, {"do": "archive", "person": 4}, {"do": "terminate", "person": 5})
            if provider == "google":
                upstream.change({"do": "add_member", "group": 0, "member": {"outsider": "guest@elsewhere.example"}})
            for label, connector in sources(upstream):
                yield f"{provider} {label}", lambda connector=connector: check(world, upstream, connector)


def check(world: World, upstream: Upstream, connector: Json) -> None:
    """First pull, then the same again."""
    pulled = Pulled(world, upstream, connector)
    run = pulled.first()
    equal(run["outcome"], "complete", f"outcome of {run}")
    equals(pulled, upstream)
    versions = {resource["id"]: resource["meta"] for kind in ("Users", "Groups") for resource in pulled.resources(kind)}
    events = pulled.events()
    again = pulled.complete()
    equal(pulled.events(), events, "events after an unchanged pull")
    after = {resource["id"]: resource["meta"] for kind in ("Users", "Groups") for resource in pulled.resources(kind)}
    equal(after, versions, "versions after an unchanged pull")
    writes = {name: count for name, count in again["counts"].items() if not name.endswith("_listed") and count}
    equal(writes, {}, "what an unchanged pull did")


def test_many_pages_of_users_groups_and_members_arrive_whole(world: World) -> None:
    with Upstream("google", people=300, groups=30, page_size=7) as upstream:
        pulled = Pulled(world, upstream)
        equal(pulled.first()["outcome"], "complete", "outcome")
        equals(pulled, upstream)
        true(len([asked for asked in upstream.requests() if asked["asked"] == "users"]) >= 300 // 7, "it was paged")


def test_only_members_of_a_group_are_pulled_when_the_scope_is_a_group(world: World) -> None:
    with Upstream("google", people=20, groups=3) as upstream:
        group = next(group for group in upstream.truth()["groups"] if group["number"] == 2)
        pulled = Pulled(world, upstream, upstream.connector(groups=[group["email"]]))
        pulled.first()
        truth = upstream.truth()
        by_id = {found["google_id"]: found for found in truth["groups"]}
        wanted, open_groups = set(), [group["google_id"]]
        while open_groups:
            for member in by_id[open_groups.pop()]["members"]:
                (open_groups.append if member in by_id else wanted.add)(member)
        equal({user["idp_id"] for user in pulled.users()}, wanted, "members of the group and of the one nested in it")


def test_only_a_unit_and_those_below_it_are_pulled_when_the_scope_is_a_unit(world: World) -> None:
    with Upstream("google", people=30, groups=0) as upstream:
        pulled = Pulled(world, upstream, upstream.connector(org_units=["/Engineering"]))
        pulled.first()
        people = listed(upstream).values()
        wanted = {person["google_id"] for person in people if person["org_unit"].startswith("/Engineering")}
        equal({user["idp_id"] for user in pulled.users()}, wanted, "people of the unit")


def test_fields_of_an_own_schema_are_kept(world: World) -> None:
    with Upstream("google", people=3, groups=0) as upstream:
        pulled = Pulled(world, upstream)
        pulled.first()
        user = pulled.resources("Users")[0]
        found = [value for name, value in user.items() if name.startswith("urn:") and "schema:Work" in name]
        true(found and found[0]["badge"].startswith("B0"), f"no badge in {user}")


def cases_layouts_of_files(world: World) -> Iterator[tuple[str, Callable[[], None]]]:
    """Encodings and delimiters are found out."""
    layouts = [("utf-8-mark", ","), ("utf-16", ","), ("utf-8", ";"), ("utf-8", "\t")]
    for encoding, delimiter in layouts:
        yield f"{encoding} {delimiter!r}", lambda e=encoding, d=delimiter: layout(world, {"encoding": e, "delimiter": d})


def layout(world: World, wire: Json) -> None:
    """One file in that layout."""
    with Upstream("file", people=12) as upstream:
        upstream.control("PUT", "/layout", wire)
        pulled = Pulled(world, upstream)
        equal(pulled.first()["outcome"], "complete", "outcome")
        equals(pulled, upstream)
