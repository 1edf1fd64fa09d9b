"""Runs the races over plain HTTP, and the slow clients over TLS."""

from __future__ import annotations

import sys

from lib.daemon import Daemon
from lib.suite import run_modules
from lib.world import World
from races import callers, slow_clients

if __name__ == "__main__":
    with Daemon(plain_http=True) as daemon:
        sys.exit(run_modules("races", [callers, slow_clients], World(daemon)))
