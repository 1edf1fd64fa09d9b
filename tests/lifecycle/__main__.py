"""Runs every table, or those named on the command line, against one daemon."""

from __future__ import annotations

import sys

from lib.daemon import Daemon
from lib.suite import run_modules
from lib.world import World
from lifecycle import (
    access, alarms, canaries, deactivation, directories, dry_run, event_log, group_removal, health, hold,
    pending_members, reactivation, recreation, request_records,
)

MODULES = [
    deactivation, reactivation, recreation, group_removal, pending_members, event_log, access, directories,
    hold, alarms, health, dry_run, request_records, canaries,
]

if __name__ == "__main__":
    with Daemon() as daemon:
        sys.exit(run_modules("lifecycle", MODULES, World(daemon)))
