"""Servers that get one thing wrong: each fault must be found, under its own name."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from idp.between import Liar, Lie, Reply, Request
from idp.providers import directory_provider
from lib.daemon import Daemon
from lib.idp import FOUND, Ended, play
from lib.suite import equal, true
from lib.world import World

HandOn = Callable[[Request], Reply]
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


def error(status: int, **more: str) -> Reply:
    """A right SCIM error."""
    body = {"schemas": [ERROR], "status": str(status), "detail": "no"}
    return Reply(status, {"content-type": "application/scim+json", **more}, json.dumps(body).encode())


def numbers_as_text(request: Request, hand_on: HandOn) -> Reply:
    """totalResults is text."""
    reply = hand_on(request)
    body = reply.json
    return reply.with_json({**body, "totalResults": str(body["totalResults"])}) if is_list(request, reply) else reply


def is_list(request: Request, reply: Reply) -> bool:
    """Whether that is an answered list."""
    return request.method == "GET" and reply.status == 200 and "totalResults" in reply.json


def html(request: Request, hand_on: HandOn) -> Reply:
    """Everything is called a page."""
    reply = hand_on(request)
    return Reply(reply.status, {**reply.headers, "content-type": "text/html"}, reply.body) if reply.body else reply


def no_body_of_creation(request: Request, hand_on: HandOn) -> Reply:
    """201 and nothing else."""
    reply = hand_on(request)
    return Reply(201, {}, b"") if request.method == "POST" and "/Users" in request.path else reply


def nobody_is_404(request: Request, hand_on: HandOn) -> Reply:
    """A search without a hit is an error."""
    reply = hand_on(request)
    return error(404) if is_list(request, reply) and reply.json["totalResults"] == 0 else reply


def number_as_error_status(request: Request, hand_on: HandOn) -> Reply:
    """The status in the error is a number."""
    reply = hand_on(request)
    return reply.with_json({**reply.json, "status": reply.status}) if reply.status >= 400 else reply


def plain_errors(request: Request, hand_on: HandOn) -> Reply:
    """An error is a word."""
    reply = hand_on(request)
    return Reply(reply.status, {"content-type": "text/plain"}, b"nope") if reply.status >= 400 else reply


def drops_a_member(request: Request, hand_on: HandOn) -> Reply:
    """The last of several members that are sent never arrives."""
    body = request.json if request.method == "PATCH" and "/Groups/" in request.path else None
    for operation in (body or {}).get("Operations", []):
        value = operation.get("value")
        if operation["op"].lower() in ("add", "replace") and isinstance(value, list) and len(value) > 1:
            value.pop()
    return hand_on(Request(request.method, request.path, request.headers, json.dumps(body).encode()) if body else request)


def forgets_deactivation(request: Request, hand_on: HandOn) -> Reply:
    """204, and the user stays active."""
    is_deactivation = request.method == "PATCH" and b'"active":false' in request.body
    return Reply(204, {}, b"") if is_deactivation else hand_on(request)


def deletes_instead(request: Request, hand_on: HandOn) -> Reply:
    """A deactivated user is deleted."""
    if request.method == "PATCH" and b'"active":false' in request.body:
        return hand_on(Request("DELETE", request.path, request.headers, b""))
    return hand_on(request)


def loses_memberships(request: Request, hand_on: HandOn) -> Reply:
    """Whoever is deactivated leaves all groups."""
    reply = hand_on(request)
    if request.method == "PATCH" and b'"False"' in request.body:
        user = request.path.rsplit("/", 1)[1]
        for group in hand_on(Request("GET", "/Groups?count=100", request.headers, b"")).json["Resources"]:
            operation = {"op": "remove", "path": f'members[value eq "{user}"]'}
            body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]}
            hand_on(Request("PATCH", f"/Groups/{group['id']}", request.headers, json.dumps(body).encode()))
    return reply


def repeats_a_page(request: Request, hand_on: HandOn) -> Reply:
    """Every page is the first."""
    request.path = re.sub(r"startIndex=\d+", "startIndex=1", request.path)
    return hand_on(request)


def deletes_twice(request: Request, hand_on: HandOn) -> Reply:
    """A second DELETE is answered as the first."""
    reply = hand_on(request)
    return Reply(204, {}, b"") if request.method == "DELETE" else reply


def knows_case(request: Request, hand_on: HandOn) -> Reply:
    """A search finds only what is written the same way."""
    reply = hand_on(request)
    wanted = re.search(r'userName eq "(.+?)"', unquote(request.path.replace("+", " ")))
    if wanted and is_list(request, reply):
        hits = [user for user in reply.json["Resources"] if user["userName"] == wanted[1]]
        return reply.with_json({**reply.json, "Resources": hits, "totalResults": len(hits)})
    return reply


def knows_no_token(request: Request, hand_on: HandOn) -> Reply:
    """Anybody may read."""
    reply = hand_on(request)
    return Reply(200, {"content-type": "application/scim+json"}, b"{}") if reply.status == 401 else reply


def ignores_updates(request: Request, hand_on: HandOn) -> Reply:
    """A PUT is answered with what was there."""
    return hand_on(Request("GET", request.path, request.headers, b"")) if request.method == "PUT" else hand_on(request)


def answers_another(request: Request, hand_on: HandOn) -> Reply:
    """A read shows another resource."""
    reply = hand_on(request)
    is_read = request.method == "GET" and re.fullmatch(r"/Users/[^?]+", request.path) and reply.status == 200
    return reply.with_json({**reply.json, "id": "another"}) if is_read else reply


def garbage(request: Request, hand_on: HandOn) -> Reply:
    """The answers to creations are cut JSON."""
    reply = hand_on(request)
    return Reply(reply.status, reply.headers, reply.body[:-5]) if request.method == "POST" else reply


def hides_a_user(request: Request, hand_on: HandOn) -> Reply:
    """One user is in no list without a filter."""
    reply = hand_on(request)
    if "filter" in request.path or "/Users" not in request.path or not is_list(request, reply):
        return reply
    return reply.with_json({**reply.json, "Resources": reply.json["Resources"][1:], "totalResults": max(0, reply.json["totalResults"] - 1)})


def ignores_filters(request: Request, hand_on: HandOn) -> Reply:
    """A search shows everybody: whoever adopts the first hit gives one person's rights to another."""
    return hand_on(Request(request.method, request.path.split("?")[0], request.headers, request.body))


def refuses_the_test(request: Request, hand_on: HandOn) -> Reply:
    """The address is wrong."""
    return error(404)


def takes_text_for_true(request: Request, hand_on: HandOn) -> Reply:
    """Any text is true."""
    return hand_on(Request(request.method, request.path, request.headers, request.body.replace(b'"value":"false"', b'"value":"true"')))


def removes_everybody(request: Request, hand_on: HandOn) -> Reply:
    """A removal by a list of values takes out all members."""
    body = request.json if request.method == "PATCH" and "/Groups/" in request.path else None
    for operation in (body or {}).get("Operations", []):
        if operation["op"] == "remove":
            operation.pop("value", None)
    return hand_on(Request(request.method, request.path, request.headers, json.dumps(body).encode()) if body else request)


def keeps_the_last_operation(request: Request, hand_on: HandOn) -> Reply:
    """Of several operations only the last is done."""
    body = request.json if request.method == "PATCH" else None
    if body:
        body["Operations"] = body["Operations"][-1:]
    return hand_on(Request(request.method, request.path, request.headers, json.dumps(body).encode()) if body else request)


def counts_nothing(request: Request, hand_on: HandOn) -> Reply:
    """Lists lack itemsPerPage, which RFC 7644 wants for a page alone."""
    reply = hand_on(request)
    if not is_list(request, reply):
        return reply
    return reply.with_json({name: value for name, value in reply.json.items() if name != "itemsPerPage"})


def hides_groups_of_users(request: Request, hand_on: HandOn) -> Reply:
    """A user shows no groups."""
    reply = hand_on(request)
    is_read = request.method == "GET" and re.fullmatch(r"/Users/[^?]+", request.path) and reply.status == 200
    return reply.with_json({**reply.json, "groups": []}) if is_read else reply


def knows_no_resource_type(request: Request, hand_on: HandOn) -> Reply:
    """Single documents of discovery are missing."""
    return error(404) if request.path.startswith("/ResourceTypes/") else hand_on(request)


def says_little_of_itself(request: Request, hand_on: HandOn) -> Reply:
    """ServiceProviderConfig has no numbers."""
    reply = hand_on(request)
    if request.path != "/ServiceProviderConfig":
        return reply
    return reply.with_json({**reply.json, "bulk": {"supported": True}, "patch": {"supported": "yes"}})


def makes_a_second_user(request: Request, hand_on: HandOn) -> Reply:
    """A repeated creation makes another user."""
    reply = hand_on(request)
    if request.method != "POST" or reply.status != 409:
        return reply
    body = {**request.json, "userName": f"{request.json['userName']}.again", "externalId": "again"}
    return hand_on(Request("POST", request.path, request.headers, json.dumps(body).encode()))


def refuses_patches(request: Request, hand_on: HandOn) -> Reply:
    """Nothing can be changed."""
    return error(400) if request.method == "PATCH" else hand_on(request)


LIES: list[tuple[str, Lie, str, dict[str, object]]] = [
    ("okta", numbers_as_text, "numeric_lists", {}),
    ("okta", html, "content_type", {}),
    ("okta", no_body_of_creation, "created_body", {}),
    ("entra", nobody_is_404, "empty_list", {}),
    ("okta", number_as_error_status, "error_body", {}),
    ("okta", plain_errors, "error_body", {}),
    ("okta", drops_a_member, "same_groups", {}),
    ("entra", drops_a_member, "same_groups", {}),
    ("okta", forgets_deactivation, "deactivated", {}),
    ("okta", deletes_instead, "status", {}),
    ("entra", loses_memberships, "members_kept", {}),
    ("okta", repeats_a_page, "stable_pages", {"scenario": "first-sync", "users": 150}),
    ("entra", deletes_twice, "gone_after_delete", {}),
    ("okta", knows_case, "filter_finds", {}),
    ("entra", knows_case, "filter_finds", {}),
    ("okta", knows_no_token, "unauthorised", {}),
    ("okta", ignores_updates, "reads_back", {}),
    ("okta", answers_another, "same_resource", {}),
    ("okta", garbage, "json_body", {}),
    ("okta", hides_a_user, "same_users", {}),
    ("okta", ignores_filters, "filter_finds", {}),
    ("entra", ignores_filters, "filter_finds", {}),
    ("okta", refuses_the_test, "empty_list", {}),
    ("onelogin", no_body_of_creation, "created_body", {}),
    ("jumpcloud", ignores_updates, "deactivated", {}),
    ("jumpcloud", removes_everybody, "members_pushed", {}),
    ("ping", repeats_a_page, "stable_pages", {"scenario": "first-sync", "users": 150}),
    ("ping", hides_a_user, "same_users", {}),
    ("cyberark", knows_no_resource_type, "status", {}),
    ("cyberark", says_little_of_itself, "json_body", {}),
    ("sailpoint", keeps_the_last_operation, "reads_back", {}),
    ("rippling", makes_a_second_user, "same_users", {}),
    ("authentik", says_little_of_itself, "json_body", {}),
    ("keycloak", takes_text_for_true, "deactivated", {}),
    ("rauthy", counts_nothing, "list_response", {}),
    ("rauthy", hides_groups_of_users, "reads_back", {}),
    ("entra", refuses_patches, "quarantine", {"scenario": "first-sync", "users": 150}),
]


class Scene:
    """A daemon without TLS, so that what goes through can be changed."""

    def __init__(self) -> None:
        self.daemon = Daemon(plain_http=True).start()
        self.world = World(self.daemon)

    def played(self, name: str, lie: Lie, **options: object) -> Ended:
        """A run through the liar."""
        directory = self.world.directory(directory_provider(name))
        with Liar(directory.base_url, lie) as liar:
            return play(name, directory, liar.url, **options)


def cases_a_fault_is_found(_: World) -> Iterator[tuple[str, Callable[[], None]]]:
    """Each lie under its name."""
    scene = Scene()
    for name, lie, need, options in LIES:
        yield f"{name} {lie.__name__.replace('_', ' ')}", lambda case=(name, lie, need, options): found(scene, *case)
    yield "who tells the truth is not accused", lambda: honest(scene)
    yield "who was lost is made anew", lambda: made_anew(scene)
    yield "a 429 is waited out", lambda: waits(scene)
    scene.daemon.__exit__(None)


def found(scene: Scene, name: str, lie: Lie, need: str, options: dict[str, object]) -> None:
    """The run ends with 7 and names the need."""
    ended = scene.played(name, lie, **options)
    true(need in ended.needs(), f"wanted {need}, found {ended.needs()}: {ended.words[-400:]}")
    equal(ended.code, FOUND, "exit code")
    first = next(finding for finding in ended.report["findings"] if finding["need"] == need)
    true(all(first[name] for name in ("step", "expected", "came", "why")), f"a finding says everything: {first}")


def honest(scene: Scene) -> None:
    """The same way without a lie: the faults above are the lies' own."""
    for name in dict.fromkeys(name for name, *_ in LIES):
        scene.played(name, lambda request, hand_on: hand_on(request)).clean()


def made_anew(scene: Scene) -> None:
    """authentik creates the user again whose PUT is answered 404, and goes on with its new id."""
    lost: list[str] = []

    def loses_one(request: Request, hand_on: HandOn) -> Reply:
        if request.method == "PUT" and not lost:
            lost.append(request.path)
            hand_on(Request("DELETE", request.path, request.headers, b""))
        return hand_on(request)

    ended = scene.played("authentik", loses_one, scenario="rename", users=6, groups=2)
    equal(set(ended.needs()) - {"same_groups", "members_pushed"}, set(), f"only memberships may be missing: {ended.words[-400:]}")
    posts = [row for row in ended.report["requests"] if row["request"] == "POST /Users" and row["status"] == "201"]
    equal([row["count"] for row in posts], [7], "creations of six people")
    equal(len(lost), 1, "users that were lost")


def waits(scene: Scene) -> None:
    """Refusals with Retry-After are waited for in full, those without as the provider does; nothing is lost."""
    lock, refused, early = threading.Lock(), {}, []

    def busy(request: Request, hand_on: HandOn) -> Reply:
        with lock:
            key = (request.method, request.path, request.body)
            if key in refused and time.monotonic() - refused[key] < 0.95:
                early.append(key)
            is_refused = request.method != "GET" and key not in refused and len(refused) < 4
            if is_refused:
                refused[key] = time.monotonic()
        return error(429, **{"retry-after": "1"}) if is_refused else hand_on(request)

    scene.played("okta", busy, scenario="rename", users=6, groups=2).clean()
    true(refused, "something must have been refused")
    equal(early, [], "asked again before the time")


def test_exit_codes_say_who_is_not_there(world: World) -> None:
    """4 without a server, 5 with a wrong token."""
    directory = world.directory("okta")
    nobody = play("okta", directory, "http://127.0.0.1:9/scim/v2/x")
    equal(nobody.code, 4, f"no server: {nobody.words}")
    directory.token = "rosterd_scim_wrong"
    refused = play("okta", directory)
    equal(refused.code, 5, f"wrong token: {refused.words}")
