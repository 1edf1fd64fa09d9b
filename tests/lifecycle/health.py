"""How a directory is doing, in one answer and one table."""

from __future__ import annotations

import json
import subprocess

from lib.daemon import binary
from lib.suite import equal, true
from lib.world import World, expect


def test_health_counts_requests_errors_users_and_what_waits(world: World) -> None:
    directory = world.directory()
    fresh = world.app.get(f"/directories/{directory.id}/health")
    equal((fresh["last_request_at"], fresh["status"], fresh["alarms"]), (None, "ok", []))
    one = directory.create_user()
    directory.create_user(active=False)
    directory.create_group("G", [one["id"], "nobody"])
    expect(directory.ask("POST", "/Users", {"userName": one["userName"]}), 409)
    expect(directory.ask("GET", "/Users/nosuch"), 404)
    health = world.app.get(f"/directories/{directory.id}/health")
    equal(health["users"], {"active": 1, "inactive": 1, "held": 0, "denied": 0})
    equal((health["groups"], health["pending_members"], health["tokens"]), (1, 1, 1))
    equal(health["errors_24h"], {"404": 1, "uniqueness": 1})
    true(health["last_success_at"] <= health["last_request_at"], f"{health}")
    equal(health["requests_24h"], 5)


def test_health_by_the_command_line(world: World) -> None:
    directory = world.directory()
    key = directory.about["external_key"]

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([binary(), *words, "--data", world.daemon.data], capture_output=True, text=True, timeout=60)
    table = run("directory", "health").stdout
    true(key in table and "HEALTH" in table, table)
    shown = json.loads(run("directory", "health", key, "--json").stdout)
    equal([item["directory_id"] for item in shown], [directory.id])
    true("HEALTH" in run("directory", "list").stdout, "a column of the list")
    equal(run("directory", "health", "nosuch").returncode, 6)
