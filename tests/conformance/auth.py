"""Who may come in: bearer, Basic, client credentials; every refusal looks the same (RFC 7644 §2, RFC 6750)."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

from lib.suite import Case, equal, true
from lib.wire import Answer
from lib.world import Directory, World, expect, is_error, user

Json = Any
ROUTES = [("GET", "/Users"), ("POST", "/Users"), ("GET", "/Users/x"), ("PUT", "/Users/x"), ("PATCH", "/Users/x"),
          ("DELETE", "/Users/x"), ("GET", "/Groups"), ("POST", "/Bulk"), ("POST", "/.search"), ("GET", "/Me"),
          ("GET", "/ServiceProviderConfig"), ("GET", "/Schemas"), ("GET", "/ResourceTypes"), ("GET", "/Nothing")]


def fingerprint(answer: Answer) -> tuple[int, bytes, tuple[tuple[str, str], ...]]:
    """All of an answer but what must differ: the request id and the time."""
    body = re.sub(rb"request_[0-9A-Za-z]{20,}", b"request", answer.body)
    headers = tuple(sorted((name, value) for name, value in answer.headers.items()
                           if name not in ("date", "x-request-id", "traceparent")))
    return answer.status, body, headers


def basic(user_name: str, password: str) -> str:
    """A Basic header's value."""
    return "Basic " + base64.b64encode(f"{user_name}:{password}".encode()).decode()


def refusals(world: World) -> dict[str, tuple[Directory, str | None]]:
    """Directories and Authorization headers that must all be refused alike."""
    here, there = world.directory(), world.directory()
    unknown = Directory(re.sub(r"/v2/.*", "/v2/no-such-directory", here.base_url), here.token, here.ca_cert, {"id": "x"})
    wrong = here.token[:-1] + ("A" if here.token[-1] != "A" else "B")
    long_gone = expired(world, here)
    return {
        "missing": (here, None), "empty": (here, ""), "no scheme": (here, here.token), "unknown scheme": (here, f"Digest {here.token}"),
        "wrong": (here, f"Bearer {wrong}"), "non-token": (here, "Bearer non-token"), "empty bearer": (here, "Bearer "),
        "two words": (here, f"Bearer {here.token} x"), "another directory's": (here, f"Bearer {there.token}"),
        "revoked": (here, f"Bearer {revoked(world, here)}"), "expired": (here, f"Bearer {long_gone}"),
        "unknown directory": (unknown, f"Bearer {here.token}"), "unknown directory, none": (unknown, None),
        "the app's key": (here, f"Bearer {world.app.key}"), "a bad basic": (here, "Basic !!!"),
        "a wrong basic": (here, basic("x", wrong)), "basic of another": (here, basic("x", there.token)),
        "very long": (here, "Bearer " + "A" * 8_000), "not ASCII": (here, "Bearer ü"),
    }


def revoked(world: World, directory: Directory) -> str:
    """A token that was good and is revoked."""
    made = expect(world.app.ask("POST", f"/directories/{directory.id}/tokens", {}), 201).json
    link = Directory(directory.base_url, made["bearer_token"], directory.ca_cert, directory.about)
    expect(link.ask("GET", "/Users"), 200)
    expect(world.app.ask("DELETE", f"/directories/{directory.id}/tokens/{made['id']}"), 204)
    is_error(link.ask("GET", "/Users"), 401)
    return made["bearer_token"]


def expired(world: World, directory: Directory) -> str:
    """A token that lives for a moment and is dead when this returns."""
    ends = (datetime.now(timezone.utc) + timedelta(milliseconds=700)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    made = expect(world.app.ask("POST", f"/directories/{directory.id}/tokens", {"expires_at": ends}), 201).json
    link = Directory(directory.base_url, made["bearer_token"], directory.ca_cert, directory.about)
    deadline = datetime.now(timezone.utc) + timedelta(seconds=10)
    while link.ask("GET", "/Users").status != 401:
        true(datetime.now(timezone.utc) < deadline, "an expired token still works")
    return made["bearer_token"]


def cases_refusals_are_the_same(world: World) -> Iterator[Case]:
    """Byte for byte, whatever was wrong."""
    rows = refusals(world)
    wanted = fingerprint(ask(*rows["missing"]))
    for label, (directory, header) in rows.items():
        def test(directory: Directory = directory, header: str | None = header) -> None:
            answer = ask(directory, header)
            is_error(answer, 401)
            true("bearer" in answer.headers.get("www-authenticate", "").lower(), "WWW-Authenticate names Bearer")
            equal(fingerprint(answer), wanted)
        yield label, test


def ask(directory: Directory, header: str | None, method: str = "GET", path: str = "/Users") -> Answer:
    """A request with that Authorization."""
    return directory.raw(method, path, {"Authorization": header} if header is not None else {})


def cases_every_route_needs_a_token(world: World) -> Iterator[Case]:
    """Also those that are unknown."""
    directory = world.directory()
    wanted = fingerprint(ask(directory, None))
    for method, path in ROUTES:
        yield f"{method} {path}", lambda method=method, path=path: equal(
            fingerprint(ask(directory, None, method, path)), wanted)


def test_a_token_in_the_query_is_nothing(world: World) -> None:
    directory = world.directory()
    is_error(directory.raw("GET", f"/Users?access_token={directory.token}&token={directory.token}"), 401)


def test_basic_takes_a_token_as_password(world: World) -> None:
    directory = world.directory()
    for name in ("", "anything", directory.id):
        expect(ask(directory, basic(name, directory.token)), 200)


def test_the_scheme_is_case_insensitive(world: World) -> None:
    directory = world.directory()
    for scheme in ("bearer", "BEARER"):
        expect(ask(directory, f"{scheme} {directory.token}"), 200)


def oauth(directory: Directory, body: str, header: str | None = None) -> Answer:
    """A request for an access token."""
    fields = {"Content-Type": "application/x-www-form-urlencoded"} | ({"Authorization": header} if header else {})
    return directory.connection().request("POST", "/oauth/token", fields, body.encode())


def test_client_credentials_give_an_access_token(world: World) -> None:
    directory = world.directory()
    words = f"grant_type=client_credentials&client_id={directory.id}&client_secret={directory.token}"
    for answer in (oauth(directory, words),
                   oauth(directory, "grant_type=client_credentials", basic(directory.id, directory.token))):
        given = expect(answer, 200).json
        equal((given["token_type"].lower(), given["expires_in"]), ("bearer", 3600))
        true("no-store" in answer.headers.get("cache-control", ""), "Cache-Control: no-store")
        expect(ask(directory, f"Bearer {given['access_token']}"), 200)
        is_error(ask(world.directory(), f"Bearer {given['access_token']}"), 401)


def test_an_access_token_ends_with_its_token(world: World) -> None:
    directory = world.directory()
    made = expect(world.app.ask("POST", f"/directories/{directory.id}/tokens", {}), 201).json
    words = f"grant_type=client_credentials&client_id={directory.id}&client_secret={made['bearer_token']}"
    access = expect(oauth(directory, words), 200).json["access_token"]
    expect(ask(directory, f"Bearer {access}"), 200)
    expect(world.app.ask("DELETE", f"/directories/{directory.id}/tokens/{made['id']}"), 204)
    is_error(ask(directory, f"Bearer {access}"), 401)


def test_bad_client_credentials_are_refused(world: World) -> None:
    here, there = world.directory(), world.directory()
    rows = [(f"grant_type=client_credentials&client_id={here.id}&client_secret=x", "invalid_client", (401, 400)),
            (f"grant_type=client_credentials&client_id={here.id}&client_secret={there.token}", "invalid_client", (401, 400)),
            (f"grant_type=client_credentials&client_id=none&client_secret={here.token}", "invalid_client", (401, 400)),
            (f"grant_type=password&client_id={here.id}&client_secret={here.token}", "unsupported_grant_type", (400,)),
            ("", "invalid_request", (400, 401))]
    for body, error, statuses in rows:
        answer = expect(oauth(here, body), *statuses)
        true(answer.json["error"] in (error, "invalid_client", "invalid_request"), f"{body}: {answer}")
        true("access_token" not in answer.json, "no token")


def test_several_tokens_work_at_once_and_tell_their_use(world: World) -> None:
    directory = world.directory()
    made = [expect(world.app.ask("POST", f"/directories/{directory.id}/tokens", {}), 201).json for _ in range(2)]
    for item in made:
        expect(ask(directory, f"Bearer {item['bearer_token']}"), 200)
        equal((item["object"], item["bearer_token"].startswith("rosterd_scim_")), ("directory_token", True))
    listed = world.app.get(f"/directories/{directory.id}/tokens")
    rows = {item["id"]: item for item in listed["data"]}
    true({item["id"] for item in made} < set(rows), "both are listed, with the first one")
    for item in rows.values():
        true("bearer_token" not in item and "token_suffix" in item and "last_used_at" in item, f"{item}")
    true(rows[made[0]["id"]]["last_used_at"], "last use is told")


def test_many_bad_requests_do_not_hurt_the_good(world: World) -> None:
    directory = world.directory()
    for n in range(300):
        answer = ask(directory, f"Bearer rosterd_scim_{n:043}")
        true(answer.status in (401, 429), f"{answer}")
        if n % 30 == 0:
            expect(directory.ask("GET", "/Users"), 200)
    expect(directory.ask("POST", "/Users", user()), 201)


def test_the_app_needs_its_key(world: World) -> None:
    directory = world.directory()
    for path in ("/directories", "/directory_users", "/events", "/access?user=x", "/organizations", "/requests", "/nothing"):
        for header in (None, "Bearer sk_wrong", f"Bearer {directory.token}", world.app.key):
            fields = {"Authorization": header} if header else {}
            answer = world.app.connection().request("GET", path, fields)
            equal(answer.status, 401, f"{path} with {header and header[:12]}")
            true({"message", "code"} <= answer.json.keys(), f"{answer}")


def test_browsers_cannot_be_led_to_the_app(world: World) -> None:
    good = {"Authorization": f"Bearer {world.app.key}"}
    port = urlsplit(world.app.url).port
    for extra, statuses in (({"Host": "evil.example"}, (400, 403, 421)), ({"Host": f"evil.example:{port}"}, (400, 403, 421)),
                            ({"Origin": "https://evil.example"}, (403,)), ({"Sec-Fetch-Site": "cross-site"}, (403,)),
                            ({"Host": f"localhost:{port}"}, (200,)), ({"Host": f"127.0.0.1:{port}"}, (200,))):
        answer = world.app.connection().request("GET", "/directories", good | extra)
        true(answer.status in statuses, f"{extra}: {answer}")
