"""Every filter vector, live: GET ?filter= and POST /.search, on a strict directory (RFC 7644 §3.4.2.2)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lib.suite import Case, equal, true
from lib.world import SEARCH, Directory, World, expect, is_error, user

Json = Any
VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "filters.json").read_text())


class Fixture:
    """The vectors' resources on a directory, and the words that stand for their ids and times."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        people = [directory.create_user(f"member{n}") for n in (1, 2, 3)]
        self.words = {f"u{n}": person["id"] for n, person in enumerate(people, 1)}
        self.resources = {name: self.create(name, body) for name, body in VECTORS["resources"].items()}

    def create(self, name: str, body: Json) -> Json:
        """One resource as the vectors have it, without what the server assigns."""
        body = json.loads(fill(json.dumps(body), self.words))
        body.pop("id"), body.pop("meta")
        kind = "Groups" if name == "group" else "Users"
        return expect(self.directory.ask("POST", f"/{kind}", body), 201).json

    def filter_of(self, row: Json) -> str:
        """The row's filter with ids and times filled in."""
        resource = self.resources[row["resource"]]
        return fill(row["filter"], {**self.words, "gid": self.resources["group"]["id"], **moments(resource)})


def moments(resource: Json) -> dict[str, str]:
    """Ids and times of a resource, in the forms that the vectors name."""
    created = datetime.fromisoformat(resource["meta"]["created"].replace("Z", "+00:00"))
    shifted = created.astimezone(timezone(timedelta(hours=2)))
    hour = timedelta(hours=1)
    return {
        "id": resource["id"], "idUPPER": resource["id"].upper(), "created": resource["meta"]["created"],
        "createdOffset": shifted.isoformat(timespec="microseconds"),
        "before": (created - hour).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "after": (created + hour).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def fill(text: str, words: dict[str, str]) -> str:
    """The text with `${name}` replaced."""
    for name, value in words.items():
        text = text.replace("${" + name + "}", value)
    return text


def outcome(fixture: Fixture, row: Json, searched: bool) -> str:
    """`yes`, `no` or `invalid`, as the server sees the row."""
    kind, text = ("Groups" if row["resource"] == "group" else "Users"), fixture.filter_of(row)
    directory = fixture.directory
    if searched:
        answer = directory.ask("POST", f"/{kind}/.search", {"schemas": [SEARCH], "filter": text, "count": 200})
    else:
        answer = directory.ask("GET", f"/{kind}?count=200&filter={quote(text, safe='')}")
    if answer.status == 400:
        is_error(answer, 400, "invalidFilter")
        return "invalid"
    expect(answer, 200)
    found = [item["id"] for item in answer.json["Resources"]]
    equal(len(found), answer.json["totalResults"], "totalResults")
    return "yes" if fixture.resources[row["resource"]]["id"] in found else "no"


def check_row(fixture: Fixture, row: Json) -> None:
    """The outcome is one that the vector accepts, the same by GET and by .search."""
    got = outcome(fixture, row, searched=False)
    accepted = set(row.get("accept", [])) | {row["expect"]}
    true(got in accepted, f"{row['filter']!r}: got {got}, wanted {accepted} ({row['reason']})")
    equal(outcome(fixture, row, searched=True), got, f"{row['filter']!r} by .search")


def cases_vectors(world: World) -> Iterator[Case]:
    """One test per row."""
    fixture = Fixture(world.directory(strict=True))
    for row in VECTORS["filters"]:
        yield row["id"], lambda row=row: check_row(fixture, row)


def cases_vectors_on_a_lenient_directory(world: World) -> Iterator[Case]:
    """What the standard demands holds without `strict` as well."""
    fixture = Fixture(world.directory())
    for row in VECTORS["filters"]:
        if row["strength"] == "must":
            yield row["id"], lambda row=row: check_row(fixture, row)


def ids(directory: Directory, text: str, kind: str = "Users") -> set[str]:
    """The ids that a filter selects."""
    return {item["id"] for item in directory.filter(kind, text)["Resources"]}


def test_operands_match_literally(world: World) -> None:
    directory = world.directory()
    names = ["per%cent", "under_score", "star*", "dot.", "back\\slash", 'quo"te', "percent", "underXscore", "dotX"]
    made = {name: directory.create_user(name, displayName=name)["id"] for name in names}
    for name in names:
        operand = json.dumps(name)
        equal(ids(directory, f"userName eq {operand}"), {made[name]}, f"userName eq {operand}")
        for operator in ("co", "sw", "ew"):
            equal(ids(directory, f"displayName {operator} {operand}"), {made[name]}, f"{operator} {operand}")


def test_not_is_an_involution_and_de_morgan_holds(world: World) -> None:
    directory = world.directory()
    for n in range(8):
        directory.create_user(title="a" if n & 1 else "b", nickName="x" if n & 2 else "y", active=bool(n & 4))
    first, second = 'title eq "a"', 'nickName eq "x"'
    everyone = ids(directory, "userName pr")
    equal(ids(directory, f"not (not ({first}))"), ids(directory, first), "not not")
    equal(ids(directory, f"not ({first} and {second})"), ids(directory, f"not ({first}) or not ({second})"), "and")
    equal(ids(directory, f"not ({first} or {second})"), ids(directory, f"not ({first}) and not ({second})"), "or")
    equal(ids(directory, f"{first} or not ({first})"), everyone, "excluded middle")
    equal(ids(directory, f"active eq true or {first} and {second}"),
          ids(directory, f"active eq true or ({first} and {second})"), "and binds tighter than or")


def test_indexed_and_scanned_plans_agree(world: World) -> None:
    directory = world.directory()
    for n in range(12):
        directory.create_user(f"Ümläut{n}@Example.com", externalId=f"X{n % 12}", displayName=f"Name {n % 3}",
                              emails=[{"value": f"Mail{n}@x.example", "type": "work"}])
    for text in ('userName eq "üMLÄUT3@example.COM"', 'externalId eq "X5"', 'externalId eq "x5"',
                 'emails.value eq "MAIL7@X.example"', 'emails eq "mail7@x.example"', 'displayName eq "name 1"'):
        scanned = f"not (not ({text})) and userName pr"
        equal(ids(directory, text), ids(directory, scanned), text)


def test_password_cannot_be_probed(world: World) -> None:
    directory = world.directory()
    expect(directory.ask("POST", "/Users", user(password="Abcdef-123")), 201)
    for text in ('password sw "A"', 'password eq "Abcdef-123"', "password pr", 'not (password eq "x")',
                 'userName pr and password co "b"'):
        answer = directory.ask("GET", f"/Users?filter={quote(text, safe='')}")
        if answer.status == 200:
            equal(answer.json["totalResults"], 0, text)
        else:
            is_error(answer, 400)


def test_date_times_compare_as_moments(world: World) -> None:
    directory = world.directory()
    made = directory.create_user()
    words = moments(made)
    for text in (f'meta.created ge "{words["createdOffset"]}"', f'meta.lastModified gt "{words["before"]}"',
                 f'meta.lastModified lt "{words["after"]}"', 'meta.created gt "2011-05-13T04:42:34Z"'):
        equal(ids(directory, text), {made["id"]}, text)


def test_bombs_are_refused_quickly(world: World) -> None:
    directory = world.directory()
    deep = "(" * 100_000 + "title pr" + ")" * 100_000
    wide = " or ".join(["title pr"] * 100_000)
    nots = "not (" * 5_000 + "title pr" + ")" * 5_000
    for text in (deep, wide, nots, "a" * 1_000_000, 'userName eq "' + "x" * 1_000_000 + '"'):
        answer = directory.ask("POST", "/Users/.search", {"schemas": [SEARCH], "filter": text})
        expect(answer, 400, 413)


def cases_mutants(world: World) -> Iterator[Case]:
    """Broken filters are 400 invalidFilter, never 5xx, never a list."""
    directory = world.directory(strict=True)
    directory.create_user()
    broken = ["", " ", "userName", "userName eq", 'userName eq "', "userName eq x'", 'eq "x"', 'userName zz "x"',
              '(userName eq "x"', 'userName eq "x")', 'not userName eq "x"', 'userName eq "x" and', "and", "()",
              "emails[", "emails[]", 'emails[type eq "work"', 'userName eq "\\x"', 'userName eq "\\ud800"',
              'userName eq "x" xor title pr', "userName pr pr", "userName eq {}", "userName eq [1]", "userName eq 1e",
              'urn:x eq "y', "[type pr]", 'emails[emails[type eq "x"]]', "userName eq 01", "active gt true"]
    for text in broken[1:]:
        yield repr(text), lambda text=text: is_error(
            directory.ask("GET", f"/Users?filter={quote(text, safe='')}"), 400, "invalidFilter")
