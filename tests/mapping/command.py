"""`rosterd mapping`, as somebody types it."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile

from lib.daemon import binary
from lib.suite import equal, true
from lib.world import World
from mapping.scene import Scene

TOML = """[attributes]
full_title = { template = '{title}!' }

[roles]
default = 'member'
rules = [
  { when = 'title eq "Boss"', role = 'boss' },
]
"""


def run(world: World, *words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "ROSTERD_URL": world.daemon.ready["app_url"], "ROSTERD_API_KEY": world.daemon.ready["api_key"]}
    return subprocess.run([binary(), "mapping", *words], input=given, env=env, capture_output=True, text=True, timeout=60)


def test_preview_set_and_show(world: World) -> None:
    scene = Scene(world)
    made = scene.directory.create_user("ada@x.example", title="Boss")
    directory = scene.directory.about["external_key"]
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
        file.write(TOML)
        file.flush()
        preview = run(world, "preview", directory, file.name)
        equal(preview.returncode, 0, preview.stderr)
        true("Boss!" in preview.stdout and "1 of 1 users change" in preview.stderr, f"{preview}")
        done = run(world, "set", directory, file.name)
        equal((done.returncode, done.stdout), (0, ""), done.stderr)
        true("1 users changed" in done.stderr, done.stderr)
    equal(scene.role(made["id"]), "boss", "role")
    shown = run(world, "show", directory, "--json")
    equal(json.loads(shown.stdout)["document"]["roles"]["default"], "member", "shown")
    again = run(world, "set", directory, "-", "--json", given=shown.stdout)
    equal((again.returncode, json.loads(again.stdout)["version"]), (0, 1), again.stderr)
    true("full_title" in run(world, "show", directory).stdout, "as a table")
    true("title" in run(world, "attributes", directory).stdout, "attributes")
    equal(run(world, "set", directory, "--defaults").returncode, 0, "defaults")
    equal(scene.role(made["id"]), None, "role")


def test_a_wrong_file_is_told_with_its_lines(world: World) -> None:
    directory = Scene(world).directory.about["external_key"]
    for text, words in (
        (TOML.replace("eq", "is"), ["line 7", "roles.rules[0].when"]),
        (TOML.replace("{title}", "{title"), ["line 2", "attributes.full_title.template"]),
        ("[attributes]\na = 'title'\na = 'userName'\n", ["line 3"]),
        ("{\"attributes\": {\"a\": 7}}", ["attributes.a"]),
    ):
        failed = run(world, "set", directory, "-", given=text)
        equal(failed.returncode, 2, failed.stderr)
        true(all(word in failed.stderr for word in words), failed.stderr)
