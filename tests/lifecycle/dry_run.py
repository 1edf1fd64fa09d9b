"""A dry run takes everything in and tells nothing, shows what would come, and then tells exactly that."""

from __future__ import annotations

import json
import subprocess

from lib.daemon import binary
from lib.fold import check_log
from lib.suite import equal, true
from lib.world import World, expect


def test_a_dry_run_is_previewed_and_activated(world: World) -> None:
    directory = world.directory(state="validating")
    path = f"/directories/{directory.id}"
    equal([problem["kind"] for problem in world.app.get(f"{path}/preview")["problems"]], ["no_users"])
    people = [directory.create_user(emails=[{"value": "same@x.example", "primary": True}])["id"] for _ in range(2)]
    people.append(directory.create_user("plain", emails=[])["id"])
    directory.create_group("G", [*people, "nobody"])
    directory.patch(f"/Users/{people[0]}", {"op": "Replace", "path": "active", "value": "False"})
    expect(directory.ask("POST", "/Users", {}), 400)
    preview = world.app.get(f"{path}/preview")
    equal((preview["users"], preview["groups"], preview["memberships"]), ({"active": 2, "inactive": 1}, 1, 3))
    problems = {problem["kind"]: problem for problem in preview["problems"]}
    equal(problems["duplicate_emails"]["count"], 2)
    equal(problems["pending_members"]["count"], 1)
    true({"name": "patch.op_case", "count": 1} in preview["deviations"], f"{preview['deviations']}")
    true(preview["errors"], "the refused request is shown")
    equal(world.app.events(directory.id), [])
    equal(world.app.access(user=people[1])["reason"], "directory_validating")
    equal(len(world.app.pages(f"/directory_users?directory={directory.id}")), 3, "the users can be looked at")
    equal(expect(world.app.ask("PATCH", path, {"state": "linked"}), 200).json["state"], "linked")
    events = check_log(world.app, directory.id)
    equal(len(events), preview["events"], "exactly what was shown")
    expect(world.app.ask("GET", f"{path}/preview"), 409)
    equal(world.app.access(user=people[1])["allowed"], True)


def test_a_wave_in_a_dry_run_is_nobodys_concern(world: World) -> None:
    directory = world.directory(state="validating", brake={"mode": "hold", "threshold_percent": 0, "threshold_min": 0})
    one = directory.create_user()
    directory.patch(f"/Users/{one['id']}", {"op": "replace", "path": "active", "value": False})
    about = world.app.get(f"/directories/{directory.id}")
    equal((about["held_users"], about["alarms"]), (0, []))


def test_a_dry_run_by_the_command_line(world: World) -> None:
    directory = world.directory(state="validating")
    key = directory.about["external_key"]
    directory.create_user("a", emails=[{"value": "a@x.example", "primary": True}])

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([binary(), *words, "--data", world.daemon.data], capture_output=True, text=True, timeout=60)
    shown = json.loads(run("directory", "preview", key, "--json").stdout)
    equal(shown["events"], 3, "the directory, its token, one user")
    true("events to be written" in run("directory", "preview", key).stdout, "a table")
    equal(run("directory", "activate", key).returncode, 0)
    equal(len(check_log(world.app, directory.id)), 3)
    equal(run("directory", "preview", key).returncode, 1, "it is no dry run any more")
