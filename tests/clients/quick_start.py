"""What a newcomer types: curl against both sides, the command line, and sqlite3 on the file."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from typing import Any

from lib.daemon import Daemon, binary
from lib.suite import equal, true
from lib.world import World, unique, user

Json = Any


def run(*words: str, code: int = 0, env: dict[str, str] | None = None) -> str:
    """A command that must end with that code; its stdout."""
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, env={**os.environ, **(env or {})},
                          stdin=subprocess.DEVNULL)
    equal(done.returncode, code, f"{' '.join(words)[:200]}: {done.stdout[-500:]} {done.stderr[-1500:]}")
    return done.stdout


def curl(world: World, *words: str) -> str:
    """curl that trusts our authority and fails on an HTTP error."""
    return run("curl", "-sS", "--fail-with-body", "--cacert", world.daemon.ready["ca_cert"], *words)


def test_curl_creates_by_scim_and_reads_on_the_app_side(world: World) -> None:
    ready = world.daemon.ready
    for version in ("--http1.1", "--http2"):
        made = json.loads(curl(world, version, "-H", f"Authorization: Bearer {ready['scim_token']}", "-H",
                               "Content-Type: application/scim+json", "-d", json.dumps(user(unique())),
                               f"{ready['scim_url']}/Users"))
        seen = json.loads(curl(world, "-H", f"Authorization: Bearer {ready['api_key']}",
                               f"{ready['app_url']}/directory_users/{made['id']}"))
        equal((seen["id"], seen["directory_id"]), (made["id"], ready["directory_id"]), version)


def test_curl_speaks_basic(world: World) -> None:
    ready = world.daemon.ready
    listed = json.loads(curl(world, "-u", f"x:{ready['scim_token']}", f"{ready['scim_url']}/Users"))
    true("totalResults" in listed, f"{listed}")


def test_the_ready_line_has_all_its_parts(world: World) -> None:
    ready = world.daemon.ready
    equal(set(ready) ^ {"scim_url", "scim_token", "app_url", "api_key", "directory_id", "organization_id", "ca_cert",
                        "console_url", "data"}, set())
    true(ready["api_key"].startswith("sk_") and ready["scim_url"].endswith("/scim/v2/acme"), f"{ready}")
    true(os.path.samefile(ready["data"], world.daemon.data) and os.path.isfile(ready["ca_cert"]), "paths")


def test_a_restart_keeps_everything(world: World) -> None:
    data = tempfile.mkdtemp(prefix="rosterd-test-")
    try:
        first = Daemon(data).start()
        made = World(first).acme().create_user()
        before = first.ready
        equal(first.stop(), 0, "exit code after SIGTERM")
        second = Daemon(data).start()
        same = ("scim_token", "api_key", "directory_id", "organization_id")
        equal([second.ready[name] for name in same], [before[name] for name in same])
        equal(World(second).acme().get(f"/Users/{made['id']}")["userName"], made["userName"])
        equal(second.stop(), 0)
        check_file(data)
    finally:
        shutil.rmtree(data, ignore_errors=True)


def check_file(data: str) -> None:
    """sqlite3 finds nothing wrong, nor does `rosterd check`."""
    files = [name for name in os.listdir(data) if name.endswith((".db", ".sqlite", ".sqlite3"))]
    equal(len(files), 1, f"one database file in {os.listdir(data)}")
    path = os.path.join(data, files[0])
    equal(run("sqlite3", path, "PRAGMA integrity_check; PRAGMA foreign_key_check;").strip(), "ok")
    equal(run("sqlite3", path, "PRAGMA journal_mode;").strip(), "wal")
    run(binary(), "check", "--json", "--data", data)


def test_two_daemons_never_share_a_folder(world: World) -> None:
    done = subprocess.run([binary(), "dev", "--json", "--data", world.daemon.data, "--scim-listen", "127.0.0.1:0",
                           "--app-listen", "127.0.0.1:0"], capture_output=True, text=True, timeout=30)
    true(done.returncode not in (0,), "a second daemon on the same data must refuse")
    true(done.stderr.strip(), "and say why")


def test_the_command_line_reads_through_the_operators_socket(world: World) -> None:
    made = world.acme().create_user()
    data = world.daemon.data
    listed = json.loads(run(binary(), "users", "list", "--json", "--data", data))
    true(made["id"] in json.dumps(listed), "users list")
    for words in (["directory", "list"], ["events", "list"], ["requests", "list"], ["token", "list", "acme"],
                  ["key", "list"], ["groups", "list"], ["access", made["id"]]):
        json.loads(run(binary(), *words, "--json", "--data", data) or "null")
    shown = json.loads(run(binary(), "users", "show", made["id"], "--json", "--data", data))
    equal(shown["id"], made["id"])


def pairs(text: str) -> dict[str, str]:
    """The rows of a table with a name and a value each."""
    rows = [line.split("  ", 1) for line in text.splitlines() if "  " in line]
    return {name.strip(): value.strip() for name, value in rows}


def test_what_the_command_line_makes_can_be_used(world: World) -> None:
    data, url = world.daemon.data, world.daemon.ready["app_url"]
    for name, extra in (("cli-table", []), ("cli-json", ["--json"])):
        def made(*words: str) -> dict[str, str]:
            text = run(binary(), *words, *extra, "--data", data)
            return json.loads(text) if extra else pairs(text)
        key = made("key", "create", name)
        run(binary(), "users", "list", "--url", url, "--key", key["key"])
        run(binary(), "key", "revoke", key["id"], "--data", data)
        run(binary(), "users", "list", "--url", url, "--key", key["key"], code=5)
        directory = made("directory", "create", name, "--external-key", name, "--provider", "okta")
        scim_url = directory["scim_url"] if extra else directory["SCIM URL"]
        first = directory["bearer_token"] if extra else directory["token"]
        token = made("token", "create", name)
        second = token["bearer_token"] if extra else token["token"]
        for secret in (first, second):
            provider_gets(world, scim_url, secret, 200)
        run(binary(), "token", "revoke", name, token["id"], "--data", data)
        provider_gets(world, scim_url, second, 401)
        provider_gets(world, scim_url, first, 200)
        run(binary(), "directory", "update", name, "--state", "unlinked", "--data", data)
        provider_gets(world, scim_url, first, 403)
        run(binary(), "directory", "delete", name, "--yes", "--data", data)
        provider_gets(world, scim_url, first, 401)


def provider_gets(world: World, scim_url: str, secret: str, status: int) -> None:
    """Lists users as a provider would, and looks at the status."""
    words = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", f"Authorization: Bearer {secret}"]
    ca = world.daemon.ready.get("ca_cert")
    words += ["--cacert", ca] if ca else []
    got = subprocess.run([*words, f"{scim_url}/Users"], capture_output=True, text=True, timeout=30).stdout
    equal(got, str(status), scim_url)


def test_the_exit_codes_are_those_documented(world: World) -> None:
    empty = tempfile.mkdtemp(prefix="rosterd-test-")
    data, url = world.daemon.data, world.daemon.ready["app_url"]
    run(binary(), "nosuchcommand", code=2)
    run(binary(), "users", "list", "--data", empty, code=4)
    run(binary(), "users", "list", "--url", url, "--key", "sk_wrong", code=5)
    run(binary(), "users", "show", "directory_user_01HQ0000000000000000000000", "--data", data, code=6)
    bad = os.path.join(empty, "config.toml")
    with open(bad, "w") as file:
        file.write("[scim]\nlisten = 5\nnosuch = true\n")
    run(binary(), "config", "check", "--config", bad, code=3)
    run(binary(), "serve", "--config", bad, code=3)
    shutil.rmtree(empty)


def test_it_describes_itself(world: World) -> None:
    for words in (["--help"], ["--version"], ["serve", "--help"], ["completions", "bash"], ["man"]):
        true(run(binary(), *words), " ".join(words))
    openapi = json.loads(run(binary(), "openapi"))
    true("/directory_users" in openapi["paths"], "openapi")
    served = world.app.connection().request("GET", "/openapi.json", {"Authorization": f"Bearer {world.app.key}"})
    equal(served.json["paths"].keys(), openapi["paths"].keys())
