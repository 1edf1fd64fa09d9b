"""Runs the fake providers over TLS, as they go in production."""

from __future__ import annotations

import sys

from idp import controls, independent, stories, trouble
from lib.daemon import Daemon
from lib.suite import run_modules
from lib.world import World

if __name__ == "__main__":
    with Daemon() as daemon:
        sys.exit(run_modules("idp", [stories, trouble, controls, independent], World(daemon)))
