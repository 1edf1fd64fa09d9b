"""The published `@workos-inc/node` package, with its host changed; the checks are in node/workos.mjs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from clients.crowd import crowd
from lib.daemon import ROOT
from lib.suite import Case, true
from lib.world import World

HERE = Path(__file__).parent / "node"
INSTALLED = ROOT / "target" / "node"


def install() -> None:
    """`npm ci` beside the build, so that the tree stays clean."""
    INSTALLED.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", "workos.mjs"):
        shutil.copy(HERE / name, INSTALLED / name)
    if not (INSTALLED / "node_modules" / "@workos-inc" / "node").exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=INSTALLED, check=True)


def cases_checks(world: World) -> Iterator[Case]:
    """One test per line of the script."""
    install()
    directory, users, groups = crowd(world)
    scene = {"url": world.app.url, "key": world.app.key, "directory": directory.id, "users": users, "groups": groups,
             "organization": directory.about["organization_id"], "doomed": world.directory().id}
    run = subprocess.run(["node", "workos.mjs"], cwd=INSTALLED, env={**os.environ, "SCENE": json.dumps(scene)},
                         capture_output=True, text=True, timeout=300)
    rows = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    yield "the script ran to its end", lambda: true(run.returncode == 0 and rows, run.stderr[-2000:])
    for row in rows:
        yield row["name"], lambda row=row: true(row["ok"], row.get("why", ""))
