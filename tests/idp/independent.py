"""The fake providers against a server that is not ours: scim2-server, in memory, from PyPI."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

from idp.providers import names
from lib.idp import FOUND, Idp
from lib.suite import equal, true
from lib.world import World

START_SECS_MAX = 30.0
TOKEN = "independent"
# What that server, which takes RFC 7643 and 7644 at their word, refuses: for Entra a manager as bare text, and groups with
# Microsoft's marker among their schemas; OneLogin's URIs; removals by a list of values; Rauthy's attribute of its own.
# The differences at the end follow from these.
REFUSED = {
    "entra": {"Input should be a valid dictionary or instance of Manager", "Unknown extension schemas"},
    "entra-compliant": {"Input should be a valid dictionary or instance of Manager", "Unknown extension schemas"},
    "onelogin": {"schemas must contain the base schema"},
    "jumpcloud": {"a remove operation carries no value"},
    "authentik": {"a remove operation carries no value"},
    "rauthy": {"Extra inputs are not permitted: custom"},
}
# What follows from a refusal.
CONSEQUENCES = {
    "entra": {"reads_back", "same_users", "same_groups"},
    "entra-compliant": {"reads_back", "same_users", "same_groups"},
    "onelogin": {"same_users"},
    "jumpcloud": {"members_pushed", "same_groups"},
    "authentik": {"members_pushed", "same_groups"},
    "rauthy": {"same_users"},
}
CLEAN = {"okta", "okta-aiw", "ping", "cyberark", "sailpoint", "rippling", "keycloak"}


class Independent:
    """A running scim2-server; every tenant is a directory of its own."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        program = os.path.join(os.path.dirname(sys.executable), "scim2-server")
        words = [program, "--port", str(port), "--bearer-token", TOKEN, "--dynamic-tenants"]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONUNBUFFERED": "1"})
        assert self.process.stdout is not None
        deadline, said = time.monotonic() + START_SECS_MAX, b""
        while b"Serving SCIM" not in said:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            piece = os.read(self.process.stdout.fileno(), 4096) if ready else b""
            true(piece, f"scim2-server did not start: {said!r}")
            said += piece
        self.url = f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        """Ends it."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


def cases_another_server(_: World) -> Iterator[tuple[str, Callable[[], None]]]:
    """The lifecycle of each provider."""
    server = Independent()
    for name in names():
        yield name, lambda name=name: driven(server, name)
    server.stop()


def driven(server: Independent, name: str) -> None:
    """A whole run with a report; the findings are that server's own."""
    ended = Idp(name, f"{server.url}/{name}/v2", TOKEN, scenario="lifecycle").wait()
    true(ended.code in (0, FOUND), f"exit code {ended.code}: {ended.words[-600:]}")
    true(len(ended.steps) > 20, f"{len(ended.steps)} steps")
    if name in CLEAN:
        ended.clean()
    if name in REFUSED:
        refused = [finding for finding in ended.report["findings"] if finding["need"] == "status"]
        for words in REFUSED[name]:
            true(any(words in finding["came"] for finding in refused), f"{words!r} is not among {json.dumps(refused)[:600]}")
        for finding in refused:
            true(any(words in finding["came"] for words in REFUSED[name]), f"a refusal of another kind: {finding}")
        equal(set(ended.needs()) - {"status"}, CONSEQUENCES[name], "what follows from the refusals")
