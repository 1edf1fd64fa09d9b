"""Secrets that went through the daemon are nowhere on disk, in its log, its records or its metrics."""

from __future__ import annotations

import json
import os
import uuid

from lib.daemon import Daemon
from lib.suite import equal, true
from lib.world import SEARCH, Directory, World, expect, user


def places(daemon: Daemon) -> list[tuple[str, bytes]]:
    """Every byte it keeps or wrote."""
    found = [("log", daemon.log().encode())]
    for folder, _, files in os.walk(daemon.data):
        for name in files:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                found.append((path, file.read()))
    return found


def test_no_secret_is_kept_in_clear(world: World) -> None:
    with Daemon(env={"ROSTERD_LOG__LEVEL": "trace"}) as daemon:
        own = World(daemon)
        directory = own.directory()
        password = f"pw-{uuid.uuid4().hex}"
        made = expect(directory.ask("POST", "/Users", user(password=password)), 201).json
        expect(directory.patch(f"/Users/{made['id']}", {"op": "replace", "path": "password", "value": password}), 200, 204)
        expect(directory.patch(f"/Users/{made['id']}", {"op": "replace", "value": {"password": password, "title": "x"}}), 200)
        expect(directory.ask("POST", "/Users", user(password=password, emails=5)), 400)
        in_text = json.dumps({"password": password})
        expect(directory.patch(f"/Users/{made['id']}", {"op": "replace", "value": in_text}), 200)
        expect(directory.patch(f"/Users/{made['id']}", {"op": "replace", "value": in_text[:-1]}), 400)
        expect(directory.ask("GET", f"/Users?filter=password%20eq%20%22{password}%22"), 400)
        expect(directory.ask("POST", "/Users/.search", {"schemas": [SEARCH], "filter": f'password eq "{password}"'}), 400)
        token = expect(own.app.ask("POST", f"/directories/{directory.id}/tokens", {}), 201).json["bearer_token"]
        expect(Directory(directory.base_url, token, directory.ca_cert, directory.about).ask("GET", "/Users"), 200)
        words = f"grant_type=client_credentials&client_id={directory.id}&client_secret={token}"
        access = directory.connection().request("POST", "/oauth/token", {
            "Content-Type": "application/x-www-form-urlencoded"}, words.encode())
        secrets = {"password": password, "token": token, "first token": directory.token}
        if access.status == 200:
            secrets["access token"] = access.json["access_token"]
        answers = [("metrics", own.app.connection().request("GET", "/metrics").body),
                   ("requests", own.app.ask("GET", "/requests?limit=100").body),
                   ("events", own.app.ask("GET", "/events?limit=100").body)]
        equal(daemon.stop(), 0, "exit code")
        for where, data in places(daemon) + answers:
            for what, secret in secrets.items():
                true(secret.encode() not in data, f"the {what} stands in {where}")


def test_files_are_only_the_owners(world: World) -> None:
    for folder, _, files in os.walk(world.daemon.data):
        for name in files:
            path = os.path.join(folder, name)
            mode = os.stat(path).st_mode & 0o777
            true(mode & 0o007 == 0 or name == "ca.pem", f"{path} has mode {mode:o}")
            if name.endswith((".db", ".key", "-wal")) or "key" in name or "token" in name:
                equal(mode & 0o077, 0, f"{path} has mode {mode:o}")
