"""Alarms that the watch raises: it looks at the start and once a minute, so a restart makes it look."""

from __future__ import annotations

import json
import subprocess
import time
from typing import Any

from lib.daemon import Daemon, binary
from lib.suite import equal, true
from lib.world import Directory, World, expect

Json = Any
DEADLINE_SECS = 20.0


class Watched:
    """A daemon of its own that is started again when something must have been noticed."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon
        self.world = World(daemon)

    def directory(self, **options: Json) -> Directory:
        """A fresh directory."""
        return self.world.directory(**options)

    def again(self, directory: Directory) -> Directory:
        """Restarts the daemon; the same directory at its new address."""
        self.daemon.stop()
        self.daemon.start()
        self.world = World(self.daemon)
        url = self.daemon.ready["scim_url"].replace("/acme", f"/{directory.about['external_key']}")
        return Directory(url, directory.token, self.world.ca_cert, directory.about)

    def await_alarms(self, directory: Directory, wanted: list[str]) -> list[Json]:
        """Waits for exactly these open alarms; the deadline is for slow machines."""
        until = time.monotonic() + DEADLINE_SECS
        while True:
            found = self.world.app.get(f"/alarms?directory={directory.id}&open=true&order=asc")["data"]
            if sorted(item["kind"] for item in found) == sorted(wanted) or until < time.monotonic():
                equal(sorted(item["kind"] for item in found), sorted(wanted), "open alarms")
                return found
            self.world.app.get(f"/events?directory={directory.id}&wait=1&after=event_7ZZZZZZZZZZZZZZZZZZZZZZZZZ")


def test_errors_without_a_success_are_an_alarm_that_survives_a_restart_and_ends_with_a_success(_: World) -> None:
    with Daemon() as daemon:
        watched = Watched(daemon)
        directory = watched.directory()
        for _number in range(19):
            expect(directory.ask("POST", "/Users", {"userName": 5}), 400)
        directory = watched.again(directory)
        watched.await_alarms(directory, [])
        expect(directory.ask("POST", "/Users", {"userName": 5}), 400)
        directory = watched.again(directory)
        alarm = watched.await_alarms(directory, ["error_streak"])[0]
        equal(alarm["detail"], {"requests": 20, "last_status": 400})
        for name in ("message", "next_step", "raised_at"):
            true(alarm[name], name)
        directory.create_user()
        directory = watched.again(directory)
        watched.await_alarms(directory, [])
        equal(len(watched.world.app.get(f"/alarms?directory={directory.id}&open=false")["data"]), 1)


def test_refused_credentials_are_an_alarm_of_their_own(_: World) -> None:
    with Daemon() as daemon:
        watched = Watched(daemon)
        directory = watched.directory()
        directory.create_user()
        for _number in range(20):
            expect(directory.ask("GET", "/Users", headers={"Authorization": "Bearer rosterd_scim_wrong"}), 401)
        directory = watched.again(directory)
        equal(watched.await_alarms(directory, ["credentials_refused"])[0]["detail"], {"requests": 20})


def test_a_provider_that_stops_calling_is_an_alarm(_: World) -> None:
    with Daemon() as daemon:
        watched = Watched(daemon)
        quiet, fresh = watched.directory(silence_after="1s"), watched.directory(silence_after="1s")
        never = watched.directory(silence_after="never")
        quiet.create_user()
        never.create_user()
        began = time.monotonic()
        while time.monotonic() - began < 1.1:
            watched.world.app.get(f"/events?directory={fresh.id}&wait=1&after=event_7ZZZZZZZZZZZZZZZZZZZZZZZZZ")
        quiet = watched.again(quiet)
        alarm = watched.await_alarms(quiet, ["provider_silent"])[0]
        equal(alarm["detail"]["silence_after_secs"], 1)
        watched.await_alarms(fresh, [])
        watched.await_alarms(never, [])


def test_tokens_that_end_are_alarms_and_metrics_count_them(_: World) -> None:
    with Daemon() as daemon:
        watched = Watched(daemon)
        directory = watched.directory()
        first = watched.world.app.get(f"/directories/{directory.id}/tokens")["data"][0]["id"]
        soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 20 * 86400))
        made = expect(watched.world.app.ask("POST", f"/directories/{directory.id}/tokens", {"expires_at": soon}), 201).json
        expect(watched.world.app.ask("DELETE", f"/directories/{directory.id}/tokens/{first}"), 204)
        directory = Directory(directory.base_url, made["bearer_token"], watched.world.ca_cert, directory.about)
        directory.create_user()
        directory = watched.again(directory)
        alarm = watched.await_alarms(directory, ["token_expiring"])[0]
        equal((alarm["detail"]["token_id"], alarm["detail"]["within_days"]), (made["id"], 30))
        true(made["bearer_token"] not in json.dumps(alarm) and made["bearer_token"] not in daemon.log(), "no secret")
        metrics = expect(watched.world.app.ask("GET", "/metrics"), 200).body.decode()
        true('rosterd_alarms{kind="token_expiring"} 1' in metrics, metrics[:4000])
        true('rosterd_alarms{kind="provider_silent"} 0' in metrics, "a kind without an alarm is shown")
        done = subprocess.run([binary(), "alarms", "--data", daemon.data, "--json"], capture_output=True, text=True,
                              timeout=60)
        equal((done.returncode, [item["kind"] for item in json.loads(done.stdout)]), (0, ["token_expiring"]))
        done = subprocess.run([binary(), "alarms", "ack", alarm["id"], "--data", daemon.data], capture_output=True,
                              text=True, timeout=60)
        equal(done.returncode, 0, done.stderr)
        seen = watched.world.app.get(f"/alarms?directory={directory.id}")["data"][0]
        equal((seen["acknowledged_by"], seen["open"]), ("operator", True))


def test_an_alarm_in_the_log_names_nobody(world: World) -> None:
    directory = world.directory(brake={"threshold_percent": 0, "threshold_min": 0})
    one = directory.create_user("secretive.person@x.example")
    directory.patch(f"/Users/{one['id']}", {"op": "replace", "path": "active", "value": False})
    true("deprovisioning_wave" in world.daemon.log(), "one line at the level of warnings")
    true("secretive" not in world.daemon.log(), "no personal data")
