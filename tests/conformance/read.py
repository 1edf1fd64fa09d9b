"""Reading a resource by id, HEAD, /Me (RFC 7644 §3.4.1, §3.11)."""

from __future__ import annotations

from lib.suite import equal, true
from lib.world import World, expect, is_error


def test_a_user_is_read_by_its_id(world: World) -> None:
    directory = world.directory()
    made = directory.create_user()
    answer = expect(directory.ask("GET", f"/Users/{made['id']}"), 200)
    equal(answer.json, made)
    equal(answer.headers["etag"], made["meta"]["version"])
    equal(answer.headers.get("location", made["meta"]["location"]), made["meta"]["location"])


def test_unknown_ids_of_any_form_are_404(world: World) -> None:
    directory = world.directory()
    for name in ("x", "0", "2819c223-7f76-453a-919d-413861904646", "directory_user_01HQ0000000000000000000000",
                 "%20", "a%2Fb", "%00", "a" * 1000, "..", "%C3%A9", "directory_group_01HQ0000000000000000000000"):
        for kind in ("Users", "Groups"):
            is_error(directory.ask("GET", f"/{kind}/{name}"), 404)


def test_a_users_id_is_no_groups_id(world: World) -> None:
    directory = world.directory()
    is_error(directory.ask("GET", f"/Groups/{directory.create_user()['id']}"), 404)
    is_error(directory.ask("GET", f"/Users/{directory.create_group()['id']}"), 404)


def test_head_answers_like_get_without_a_body(world: World) -> None:
    directory = world.directory()
    path = f"/Users/{directory.create_user()['id']}"
    got, head = directory.ask("GET", path), directory.ask("HEAD", path)
    equal((head.status, head.body), (200, b""))
    for name in ("etag", "content-type"):
        equal(head.headers.get(name), got.headers.get(name), name)
    equal(head.headers.get("content-length", str(len(got.body))), str(len(got.body)), "content-length")
    equal(directory.ask("HEAD", "/Users").status, 200)
    equal(directory.ask("HEAD", "/Users/none").status, 404)


def test_me_is_not_implemented(world: World) -> None:
    directory = world.directory()
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        is_error(directory.ask(method, "/Me", {} if method in ("POST", "PUT", "PATCH") else None), 501)


def test_groups_of_a_user_do_not_move_its_etag(world: World) -> None:
    directory = world.directory()
    made = directory.create_user()
    directory.create_group(members=[made["id"]])
    now = directory.get(f"/Users/{made['id']}")
    equal(now["meta"], made["meta"], "meta")
    equal(len(now["groups"]), 1)


def test_every_answer_has_a_request_id(world: World) -> None:
    directory = world.directory()
    ids = [directory.ask("GET", path).headers.get("x-request-id", "") for path in ("/Users", "/Users/none", "/x")]
    true(all(value.startswith("request_") for value in ids) and len(set(ids)) == 3, f"request ids {ids}")


def test_a_slash_too_many_after_the_base_url_is_forgiven(world: World) -> None:
    directory = world.directory()
    made = directory.create_user()
    for path in ("//Users", f"//Users/{made['id']}", "///ServiceProviderConfig"):
        expect(directory.ask("GET", path), 200)
    is_error(directory.ask("GET", f"/Users//{made['id']}"), 404)
