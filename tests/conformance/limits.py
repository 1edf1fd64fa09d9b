"""Sizes at n and n+1, and requests that want to be large (RFC 7644 §7.7 and product limits)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from lib.suite import equal, true
from lib.world import CORE_GROUP, PATCH_OP, World, expect, is_error, unique, user

Json = Any
BODY_BYTES_MAX = 1024 * 1024


def test_the_limit_of_a_body_is_exact(world: World) -> None:
    directory = world.directory()
    for extra, status in ((0, 201), (1, 413)):
        body = json.dumps(user(unique())).encode()
        answer = directory.ask("POST", "/Users", body + b" " * (BODY_BYTES_MAX + extra - len(body)))
        if status == 413:
            is_error(answer, 413)
        else:
            expect(answer, status)


def test_long_names_are_refused_not_cut(world: World) -> None:
    directory = world.directory()
    expect(directory.ask("POST", "/Users", user("a" * 1_024)), 201)
    is_error(directory.ask("POST", "/Users", user("b" * 1_025)), 400, "invalidValue")
    is_error(directory.ask("POST", "/Users", user(externalId="c" * 1_025)), 400, "invalidValue")
    is_error(directory.ask("POST", "/Users", user(title="d" * 65_537)), 400, "invalidValue")


def test_many_operations_are_limited(world: World) -> None:
    directory = world.directory()
    path = f"/Users/{directory.create_user()['id']}"
    rows = [{"op": "replace", "path": "title", "value": str(n)} for n in range(1_001)]
    expect(directory.patch(path, *rows[:1_000]), 200)
    expect(directory.patch(path, *rows), 400, 413)
    equal(directory.get(path)["title"], "999")


def test_many_members_in_one_request(world: World) -> None:
    directory = world.directory()
    body: Json = {"schemas": [CORE_GROUP], "displayName": "Big", "members": [{"value": f"x{n}"} for n in range(10_001)]}
    expect(directory.ask("POST", "/Groups", body), 400, 413)
    body["members"] = body["members"][:10_000]
    expect(directory.ask("POST", "/Groups", body), 201)


def test_a_thousand_values_of_an_attribute(world: World) -> None:
    directory = world.directory()
    values = [{"value": f"{n}@x.example", "type": "other"} for n in range(1_001)]
    expect(directory.ask("POST", "/Users", user(emails=values[:1_000])), 201)
    is_error(directory.ask("POST", "/Users", user(emails=values)), 400, "invalidValue")


def test_a_filter_of_a_mebibyte_is_refused(world: World) -> None:
    directory = world.directory()
    answer = directory.ask("GET", "/Users?filter=" + quote('userName eq "' + "x" * 1_048_576 + '"', safe=""))
    true(answer.status in (400, 413, 414, 431), f"{answer}")
    expect(directory.ask("GET", "/Users"), 200)


def test_a_filter_at_its_limit(world: World) -> None:
    directory = world.directory()
    text = 'userName eq "'
    expect(directory.ask("GET", f"/Users?filter={quote(text + 'x' * (8_192 - len(text) - 1) + chr(34), safe='')}"), 200)
    is_error(directory.ask("GET", f"/Users?filter={quote(text + 'x' * (8_193 - len(text) - 1) + chr(34), safe='')}"),
             400, "invalidFilter")


def test_depth_and_terms_of_a_filter(world: World) -> None:
    directory = world.directory()
    for depth, status in ((32, 200), (33, 400)):
        text = "(" * depth + "title pr" + ")" * depth
        equal(directory.ask("GET", f"/Users?filter={quote(text, safe='')}").status, status, f"depth {depth}")
    for terms, status in ((100, 200), (101, 400)):
        text = " or ".join(["title pr"] * terms)
        equal(directory.ask("GET", f"/Users?filter={quote(text, safe='')}").status, status, f"{terms} terms")


def test_values_that_look_like_sql_and_patterns(world: World) -> None:
    directory = world.directory()
    nasty = ["'; DROP TABLE users; --", '" OR 1=1 --', "%", "_", "\\", "${jndi:x}", "{{7*7}}", "../../etc/passwd", "\u202e"]
    for text in nasty:
        made = directory.create_user(f"{unique()} {text}", displayName=text)
        operand = json.dumps(made["userName"])
        equal(directory.filter("Users", f"userName eq {operand}")["Resources"][0]["displayName"], text)
    equal(directory.get("/Users")["totalResults"], len(nasty))


def test_a_patch_path_that_is_too_long_is_refused(world: World) -> None:
    directory = world.directory(strict=True)
    path = f"/Users/{directory.create_user()['id']}"
    for text in ("a" * 100_000, "emails[" + "(" * 10_000 + "type pr" + ")" * 10_000 + "]", "a." * 50_000):
        body = {"schemas": [PATCH_OP], "Operations": [{"op": "remove", "path": text}]}
        is_error(directory.ask("PATCH", path, body), 400)
