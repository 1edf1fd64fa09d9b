"""Clients that say nothing, or too little: each is closed within its deadline, and others never notice."""

from __future__ import annotations

import json
import select
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from lib.daemon import Daemon
from lib.suite import Case, true
from lib.world import Directory, World, expect, user

CLOSED_SECS_MAX = 45.0
QUIET_ATTACKERS = 60


def client_hello_half() -> bytes:
    """The first bytes of a TLS handshake that never goes on."""
    return bytes.fromhex("16030100c8010000c40303") + b"\x11" * 20


def scripts(directory: Directory) -> list[tuple[str, bytes, bool]]:
    """What each sends before it falls silent, and whether that goes inside TLS."""
    head = f"POST {directory.prefix}/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {directory.token}\r\n"
    body = json.dumps(user()).encode()
    return [
        ("silent TCP", b"", False), ("half a ClientHello", client_hello_half(), False),
        ("plain HTTP on the TLS port, unfinished", b"GET / HT", False),
        ("silent after the handshake", b"", True), ("half an HTTP/2 preface", b"PRI * HT", True),
        ("half a request line", b"GET /scim", True), ("half the headers", head.encode(), True),
        ("half a body", f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:5], True),
    ]


def watch(directory: Directory, data: bytes, tls: bool) -> float:
    """Opens, sends, and waits to be closed; gives the seconds it took."""
    parts = urlsplit(directory.base_url)
    began = time.monotonic()
    link: socket.socket = socket.create_connection((parts.hostname, parts.port), timeout=10)
    if tls:
        link.close()
        link = directory.connection().open()
        began = time.monotonic()
    link.sendall(data)
    while time.monotonic() - began < CLOSED_SECS_MAX:
        ready, _, _ = select.select([link], [], [], CLOSED_SECS_MAX - (time.monotonic() - began))
        try:
            if ready and not link.recv(65536):
                break
        except OSError:
            break
    link.close()
    return time.monotonic() - began


def slow_reader(directory: Directory) -> float:
    """Asks for much and reads nothing: the seconds until the daemon gives up."""
    parts = urlsplit(directory.base_url)
    link = socket.socket()
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    link.connect((parts.hostname, parts.port))
    request = f"GET {directory.prefix}/Schemas HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {directory.token}\r\n\r\n"
    began = time.monotonic()
    link.setblocking(False)
    while time.monotonic() - began < CLOSED_SECS_MAX:
        _, writable, _ = select.select([], [link], [], 1.0)
        try:
            if writable:
                link.send(request.encode() * 50)
        except BlockingIOError:
            continue
        except OSError:
            break
    link.close()
    return time.monotonic() - began


def cases_slow_clients_are_closed(world: World) -> Iterator[Case]:
    """All at the same time, while an honest client goes on."""
    with Daemon() as daemon:
        own = World(daemon)
        directory = own.directory()
        rows = scripts(directory)
        with ThreadPoolExecutor(len(rows) + 1 + QUIET_ATTACKERS) as pool:
            waits = {label: pool.submit(watch, directory, data, tls) for label, data, tls in rows}
            crowd = [pool.submit(watch, directory, b"", False) for _ in range(QUIET_ATTACKERS)]
            slow = []
            while not all(wait.done() for wait in waits.values()):
                began = time.monotonic()
                expect(directory.ask("GET", "/Users"), 200)
                slow.append(time.monotonic() - began)
            for label, wait in waits.items():
                yield label, lambda took=wait.result(): true(took < CLOSED_SECS_MAX, f"still open after {took:.0f} s")
            worst = sorted(slow)[int(len(slow) * 0.99)]
            yield "an honest client's p99", lambda: true(worst < 0.25, f"{worst * 1000:.0f} ms")
            quick = sum(wait.result() < CLOSED_SECS_MAX for wait in crowd)
            yield "the crowd is closed", lambda: true(quick == QUIET_ATTACKERS, f"{quick} of {QUIET_ATTACKERS}")


def test_a_client_that_reads_nothing_is_closed(world: World) -> None:
    took = slow_reader(world.directory())
    true(took < CLOSED_SECS_MAX, f"still open after {took:.0f} s")
