"""Runs the connectors against upstreams that behave, change, fail and lie."""

from __future__ import annotations

import sys

from connectors import bounds, changes, controls, faults, first_pull, guard, refusals
from lib.daemon import Daemon
from lib.suite import run_modules
from lib.world import World

if __name__ == "__main__":
    with Daemon(plain_http=True) as daemon:
        modules = [first_pull, changes, faults, guard, refusals, controls, bounds]
        sys.exit(run_modules("connectors", modules, World(daemon)))
