"""Runs every client, or those named on the command line, against one daemon."""

from __future__ import annotations

import sys

from clients import acme, quick_start, scim_tester, tls, workos_node, workos_python
from lib.daemon import Daemon
from lib.suite import run_modules
from lib.world import World

MODULES = [scim_tester, workos_python, workos_node, tls, acme, quick_start]

if __name__ == "__main__":
    with Daemon() as daemon:
        sys.exit(run_modules("clients", MODULES, World(daemon)))
