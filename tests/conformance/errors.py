"""Error bodies, methods, content types (RFC 7644 §3.12, §3.1, RFC 9110)."""

from __future__ import annotations

import json
from collections.abc import Iterator

from lib.suite import Case, equal, true
from lib.world import SCIM_JSON, World, expect, is_error, unique, user


def test_unknown_paths_are_404(world: World) -> None:
    directory = world.directory()
    for path in ("/Nothing", "/users", "/Users/a/b", "/Bulk/x", "/.search/x", "/%2e%2e/Users", "/%ff"):
        answer = directory.ask("GET", path)
        if path == "/%ff" and answer.status == 400:
            is_error(answer, 400)
        else:
            is_error(answer, 404)


def cases_wrong_methods(world: World) -> Iterator[Case]:
    """405 with Allow."""
    directory = world.directory()
    path = f"/Users/{directory.create_user()['id']}"
    rows = [("PUT", "/Users", "POST"), ("PATCH", "/Users", "GET"), ("DELETE", "/Users", "GET"), ("POST", path, "PUT"),
            ("GET", "/Bulk", "POST"), ("GET", "/Users/.search", "POST"), ("DELETE", "/Groups", "POST"),
            ("BREW", "/Users", "GET"), ("DELETE", "/ServiceProviderConfig", "GET")]
    for method, target, allowed in rows:
        def test(method: str = method, target: str = target, allowed: str = allowed) -> None:
            answer = directory.ask(method, target)
            if target == "/Users/.search" and answer.status == 404:
                return
            is_error(answer, 405)
            true(allowed in answer.headers.get("allow", ""), f"Allow is {answer.headers.get('allow')!r}")
        yield f"{method} {target.split('_')[0]}", test


def cases_content_types_that_are_taken(world: World) -> Iterator[Case]:
    """scim+json, json, with charset, in any case, or none at all."""
    directory = world.directory()
    for kind in (SCIM_JSON, "application/json", "application/scim+json; charset=utf-8", "Application/JSON;charset=UTF-8",
                 'application/json; charset="utf-8"', None):
        def test(kind: str | None = kind) -> None:
            answer = directory.ask("POST", "/Users", user(unique()), {"Content-Type": kind})  # type: ignore[dict-item]
            expect(answer, 201)
            true(answer.headers["content-type"].startswith(SCIM_JSON), "answered as scim+json")
        yield str(kind), test


def cases_content_types_that_are_refused(world: World) -> Iterator[Case]:
    """Anything else is 415."""
    directory = world.directory()
    for kind in ("text/plain", "application/xml", "multipart/form-data; boundary=x"):
        yield kind, lambda kind=kind: is_error(
            directory.ask("POST", "/Users", user(unique()), {"Content-Type": kind}), 415)
    yield "Content-Encoding gzip", lambda: is_error(
        directory.ask("POST", "/Users", user(unique()), {"Content-Encoding": "gzip"}), 415)


def test_json_is_answered_when_only_json_is_accepted(world: World) -> None:
    directory = world.directory()
    answer = expect(directory.ask("GET", "/Users", None, {"Accept": "application/json"}), 200)
    true(answer.headers["content-type"].startswith(("application/json", SCIM_JSON)), f"{answer}")
    for accept in ("*/*", "application/*", "application/scim+json, application/json;q=0.5", "text/html,*/*;q=0.1"):
        expect(directory.ask("GET", "/Users", None, {"Accept": accept}), 200)


def test_details_do_not_end_in_a_full_stop(world: World) -> None:
    directory = world.directory()
    for answer in (directory.ask("GET", "/Users/none"), directory.ask("POST", "/Users", {}),
                   directory.ask("GET", "/Users?filter=x"), directory.ask("GET", "/Nothing")):
        detail = answer.json["detail"]
        true(len(detail) > 10 and not detail.endswith("."), f"detail {detail!r}")


def test_a_404_comes_before_a_broken_body(world: World) -> None:
    directory = world.directory()
    is_error(directory.ask("PATCH", "/Users/none", {"x": 1}), 404)
    is_error(directory.ask("PUT", "/Groups/none", {"displayName": 7}), 404)


def test_a_body_on_get_is_harmless(world: World) -> None:
    directory = world.directory()
    expect(directory.ask("GET", "/Users", {"x": 1}), 200)
    expect(directory.ask("GET", "/Users"), 200)


def test_chunked_bodies_are_read(world: World) -> None:
    directory = world.directory()
    data = json.dumps(user(unique())).encode()
    pieces = b"".join(b"%x\r\n%s\r\n" % (len(data[n:n + 7]), data[n:n + 7]) for n in range(0, len(data), 7)) + b"0\r\n\r\n"
    answer = directory.ask("POST", "/Users", pieces, {"Transfer-Encoding": "chunked"})
    equal(expect(answer, 201).json["userName"], json.loads(data)["userName"])
