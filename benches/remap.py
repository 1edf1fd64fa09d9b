#!/usr/bin/env python3
"""Maps everyone of a large directory again while requests go on; prints their p99 against the quiet case.

`benches/remap.py [--users 100000] [--rate 50] [--seconds 20]`; ROSTERD_BIN names the daemon, which
should be built for speed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from lib.daemon import Daemon  # noqa: E402
from lib.world import BULK, PATCH_OP, Directory, World, expect  # noqa: E402

Json = Any
BULK_AT_A_TIME = 1_000
CALLERS = 8
DOCUMENT = {
    "attributes": {"full_title": {"template": "{title}, {userName}"}},
    "roles": {"default": "member", "rules": [{"group": "Admins", "role": "admin"},
                                             {"when": "title ew \"7\"", "role": "seven"}]},
}


def fill(directory: Directory, count: int) -> list[str]:
    """Makes the users; their ids."""
    ids: list[str] = []
    for start in range(0, count, BULK_AT_A_TIME):
        numbers = range(start, min(start + BULK_AT_A_TIME, count))
        operations = [{"method": "POST", "path": "/Users", "bulkId": str(n), "data": {
            "userName": f"u{n}@x.example", "externalId": f"e{n}", "title": f"T{n}",
            "name": {"givenName": "Given", "familyName": f"Family {n}"},
            "emails": [{"value": f"u{n}@x.example", "type": "work", "primary": True}]}} for n in numbers]
        answer = expect(directory.ask("POST", "/Bulk", {"schemas": [BULK], "Operations": operations}), 200).json
        ids += [item["location"].rsplit("/", 1)[1] for item in answer["Operations"]]
    return ids


class Requests:
    """A steady rate of requests, half reads, half writes, by a few callers."""

    def __init__(self, directory: Directory, ids: list[str], rate: int) -> None:
        self.directory, self.ids, self.rate = directory, ids, rate
        self.lock = threading.Lock()
        self.times: list[float] = []
        self.failed = 0
        self.number = 0

    def call(self, number: int) -> None:
        """One request: from the moment when it was due to its answer."""
        path = f"/Users/{self.ids[number * 7919 % len(self.ids)]}"
        if number % 2:
            answer = self.directory.ask("GET", path)
        else:
            patch = {"op": "replace", "path": "nickName", "value": f"n{number}-{time.monotonic()}"}
            answer = self.directory.ask("PATCH", path, {"schemas": [PATCH_OP], "Operations": [patch]})
        if answer.status != 200:
            with self.lock:
                self.failed += 1

    def run(self, goes_on: Any) -> dict[str, float]:
        """Asks while `goes_on()`; what it took, in milliseconds."""
        self.times, began = [], time.monotonic()
        first = self.number

        def caller() -> None:
            while goes_on():
                with self.lock:
                    number, self.number = self.number, self.number + 1
                due = began + (number - first) / self.rate
                time.sleep(max(0.0, due - time.monotonic()))
                self.call(number)
                with self.lock:
                    self.times.append((time.monotonic() - due) * 1000)

        threads = [threading.Thread(target=caller) for _ in range(CALLERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        cuts = statistics.quantiles(self.times, n=1000)
        return {"requests": len(self.times), "p50_ms": cuts[499], "p99_ms": cuts[989], "max_ms": max(self.times)}


def main() -> None:
    """Fills, measures quiet, measures while everyone is mapped again."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--rate", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    with Daemon(plain_http=True) as daemon:
        world = World(daemon)
        directory = world.acme()
        ids = fill(directory, options.users)
        requests = Requests(directory, ids, options.rate)
        until = time.monotonic() + options.seconds
        quiet = requests.run(lambda: time.monotonic() < until)
        path = f"/directories/{directory.id}/mapping"
        began = time.monotonic()
        expect(world.app.ask("PUT", path, DOCUMENT), 200)
        is_running = threading.Event()
        is_running.set()
        watched: dict[str, Json] = {}

        def watch() -> None:
            app = World(daemon).app
            while True:
                watched["remap"] = app.get(path)["remap"]
                if watched["remap"]["state"] == "done":
                    is_running.clear()
                    return
                time.sleep(0.1)

        watcher = threading.Thread(target=watch)
        watcher.start()
        busy = requests.run(is_running.is_set)
        watcher.join()
        print(json.dumps({
            "users": options.users, "rate": options.rate, "quiet": quiet, "while_mapping_again": busy,
            "failed": requests.failed, "run_secs": time.monotonic() - began, "remap": watched["remap"],
            "p99_ratio": busy["p99_ms"] / quiet["p99_ms"],
        }, indent=1))


if __name__ == "__main__":
    main()
