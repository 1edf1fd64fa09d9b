"""Bodies that are no JSON, or no JSON that one should accept (RFC 8259, RFC 7493)."""

from __future__ import annotations

import json
from collections.abc import Iterator

from lib.suite import Case, equal, true
from lib.world import CORE_USER, PATCH_OP, Directory, World, expect, is_error, unique, user

HEAD = b'{"schemas":["' + CORE_USER.encode() + b'"],"userName":"%s",'
# Each row completes an object after `HEAD`; all are malformed or ambiguous.
REFUSED: list[tuple[str, bytes]] = [
    ("nothing after the comma", b""), ("unclosed", b'"title":"x"'), ("trailing comma", b'"title":"x",}'),
    ("two commas", b'"title":"x",,"nickName":"y"}'), ("colon missing", b'"title" "x"}'), ("bare key", b'title:"x"}'),
    ("single quotes", b"'title':'x'}"), ("comment", b'/* c */"title":"x"}'), ("line comment", b'"title":"x"//c\n}'),
    ("NaN", b'"x":NaN}'), ("Infinity", b'"x":Infinity}'), ("-Infinity", b'"x":-Infinity}'), ("leading zero", b'"x":01}'),
    ("leading plus", b'"x":+1}'), ("hex", b'"x":0x1}'), ("dot first", b'"x":.5}'), ("dot last", b'"x":1.}'),
    ("exponent bare", b'"x":1e}'), ("lone minus", b'"x":-}'), ("True", b'"active":True}'), ("nul", b'"x":nul}'),
    ("raw newline in a string", b'"title":"a\nb"}'), ("raw tab in a string", b'"title":"a\tb"}'),
    ("raw NUL in a string", b'"title":"a\x00b"}'), ("bad escape", b'"title":"\\x41"}'), ("short \\u", b'"title":"\\u12"}'),
    ("lone high surrogate", b'"title":"\\ud800"}'), ("lone low surrogate", b'"title":"\\udc00"}'),
    ("invalid UTF-8", b'"title":"\xff\xfe"}'), ("overlong UTF-8", b'"title":"\xc0\xaf"}'),
    ("encoded surrogate", b'"title":"\xed\xa0\x80"}'), ("cut UTF-8", b'"title":"\xe2\x82"}'),
    ("something after the end", b'"title":"x"} x'), ("two objects", b'"title":"x"}{}'), ("NUL after the end", b'"title":"x"}\x00'),
    ("duplicate key", b'"active":false,"active":true}'), ("duplicate key nested", b'"name":{"givenName":"a","givenName":"b"}}'),
    ("duplicate key by case", b'"active":false,"ACTIVE":true}'), ("duplicate userName", b'"userName":"other"}'),
    ("unbalanced", b'"emails":[{"value":"x"]}'), ("number too large", b'"x":1e999}'),
]


def cases_bodies_that_are_refused(world: World) -> Iterator[Case]:
    """400 invalidSyntax, and nothing is made."""
    directory = world.directory()
    for label, rest in REFUSED:
        def test(rest: bytes = rest) -> None:
            name = unique()
            answer = directory.ask("POST", "/Users", HEAD % name.encode() + rest)
            is_error(answer, 400, "invalidSyntax")
            equal(directory.filter("Users", f'userName eq "{name}"')["totalResults"], 0)
        yield label, test


def cases_bodies_that_are_no_object(world: World) -> Iterator[Case]:
    """A body must be one object."""
    directory = world.directory()
    for body in (b"", b" ", b"null", b"true", b"5", b'"x"', b"[]", b"[{}]", b"\xef\xbb\xbf", b"\x00", b"{", b"}", b"<x/>"):
        yield repr(body), lambda body=body: is_error(directory.ask("POST", "/Users", body), 400, "invalidSyntax")


def test_what_is_legal_is_kept_to_the_letter(world: World) -> None:
    directory = world.directory()
    text = 'Zoë \u2028 \U0001f600 \\ " / \u007f é vs e\u0301'
    made = directory.create_user(title=text, displayName=text.replace("\u007f", ""))
    equal(directory.get(f"/Users/{made['id']}")["title"], text)
    raw = HEAD % unique().encode() + b' \r\n\t"title" : "\\u005a\\ud83d\\ude00\\/" , "nickName":"\xc3\xab" } \n'
    now = expect(directory.ask("POST", "/Users", raw), 201).json
    equal((now["title"], now["nickName"]), ("Z\U0001f600/", "ë"))


def test_duplicate_keys_in_a_patch_change_nothing(world: World) -> None:
    directory = world.directory()
    made = directory.create_user()
    path = f"/Users/{made['id']}"
    for value in (b'{"active":false,"active":true}', b'{"title":"a","TITLE":"b"}'):
        body = b'{"schemas":["' + PATCH_OP.encode() + b'"],"Operations":[{"op":"replace","value":' + value + b"}]}"
        is_error(directory.ask("PATCH", path, body), 400)
        equal(directory.get(path), made)


def nested(depth: int, open_with: str, close_with: str) -> str:
    """Something nested so deep."""
    return open_with * depth + close_with * depth


def test_depth_is_limited_and_never_kills(world: World) -> None:
    directory = world.directory()
    for depth in (17, 100, 1_000, 100_000):
        for text in (nested(depth, "[", "]"), nested(depth, '{"a":', "").replace('{"a":' * depth, '{"a":' * depth + "1") + "}" * depth):
            body = (HEAD % unique().encode()) + b'"urn:x:y":{"z":' + text.encode() + b"}}"
            is_error(directory.ask("POST", "/Users", body), 400, "invalidSyntax")
    expect(directory.ask("GET", "/Users"), 200)


def test_truncated_bodies_do_nothing(world: World) -> None:
    directory = world.directory()
    whole = json.dumps(user("cut")).encode()
    for length in range(0, len(whole), 9):
        is_error(directory.ask("POST", "/Users", whole[:length]), 400)
    equal(directory.get("/Users")["totalResults"], 0)


def broken_off(directory: Directory) -> None:
    """A connection that ends in the middle of a body."""
    link = directory.connection()
    data = json.dumps(user("half")).encode()
    head = link.head("POST", f"{directory.prefix}/Users", {
        "Authorization": f"Bearer {directory.token}", "Content-Length": str(len(data))}, data)
    link.close()
    socket = link.open()
    socket.sendall(head + data[:-5])
    socket.close()


def test_a_connection_cut_within_a_body_does_nothing(world: World) -> None:
    directory = world.directory()
    for _ in range(5):
        broken_off(directory)
    equal(directory.get("/Users")["totalResults"], 0)
    true(directory.create_user("half")["id"], "the name is still free")
