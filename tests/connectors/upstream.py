"""Starts an upstream with a fake customer, changes that customer, and makes the upstream go wrong."""

from __future__ import annotations

import json
import select
import shutil
import subprocess
import tempfile
import threading
import time
from typing import Any

from lib.daemon import binary
from lib.suite import equal
from lib.wire import Connection

Json = Any
READY_SECS_MAX = 30.0


class Upstream:
    """One `rosterd idp run` of a provider that is pulled from."""

    def __init__(self, provider: str, people: int = 20, groups: int = 6, **options: Json) -> None:
        self.provider, self.folder = provider, tempfile.mkdtemp(prefix="rosterd-upstream-")
        words = [binary(), "idp", "run", provider, "--json", "--users", str(people), "--groups", str(groups)]
        for name, value in {"page_size": 8, "scenario": "first-sync", **options}.items():
            words += [f"--{name.replace('_', '-')}", str(value)]
        self.process = subprocess.Popen(words + ["--folder", self.folder], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], READY_SECS_MAX)
        line = self.process.stdout.readline() if ready else b""
        if not line:
            self.stop()
            raise RuntimeError(f"{words} did not say that it is ready")
        self.about: Json = json.loads(line)
        # What it tells later is not read here, and must not fill the pipe.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        self.local = threading.local()

    def connector(self, **changes: Json) -> Json:
        """The settings of a connector to it, with these changes; None takes a setting out."""
        settings = {**json.loads(json.dumps(self.about["connector"])), "every": "1h", **changes}
        return {name: value for name, value in settings.items() if value is not None}

    def control(self, method: str, path: str, body: Json = None) -> Json:
        """One control, answered 200."""
        if not hasattr(self.local, "connection"):
            self.local.connection = Connection(self.about["url"])
        data = None if body is None else json.dumps(body).encode()
        answer = self.local.connection.request(method, f"/_control{path}", {}, data)
        equal(answer.status, 200, f"{method} {path}: {answer}")
        return answer.json

    def truth(self) -> Json:
        """Everyone and every group, and how it was pulled."""
        return self.control("GET", "")

    def person(self, number: int) -> Json:
        """One person as the customer knows them."""
        return next(person for person in self.truth()["persons"] if person["number"] == number)

    def change(self, *changes: Json) -> None:
        """What somebody at the customer does."""
        self.control("POST", "/changes", {"changes": list(changes)})

    def fault(self, *faults: Json) -> None:
        """What goes wrong from now on; nothing, without any."""
        self.control("PUT", "/faults", {"faults": list(faults)})

    def requests(self) -> list[Json]:
        """What it was asked."""
        return self.control("GET", "/requests")["requests"]

    def forget_requests(self) -> None:
        """Begins the list of requests anew."""
        self.control("DELETE", "/requests")

    def stop(self) -> None:
        """Ends it."""
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Upstream:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def until(what: str, seconds: float, look: Any) -> Any:
    """Looks again and again until there is something, or the deadline has passed."""
    ends = time.monotonic() + seconds
    pause = threading.Event()
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > ends:
            raise AssertionError(f"after {seconds:.0f} s still not: {what}")
        pause.wait(0.05)
