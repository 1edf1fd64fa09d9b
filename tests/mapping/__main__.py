"""Runs every module, or those named on the command line, against one daemon."""

from __future__ import annotations

import sys

from lib.daemon import Daemon
from lib.suite import run_modules
from lib.world import World
from mapping import catalogue, command, crash, required, roles, saving

MODULES = [saving, roles, required, catalogue, command, crash]

if __name__ == "__main__":
    with Daemon() as daemon:
        sys.exit(run_modules("mapping", MODULES, World(daemon)))
