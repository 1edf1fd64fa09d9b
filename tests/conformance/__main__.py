"""Runs every section, or those named on the command line, against one daemon."""

from __future__ import annotations

import sys

from conformance import (
    auth, bulk, choices, create, cursors, delete, discovery, errors, etags, extension_schemas, filters, isolation,
    json_text, limits, listing, patch_rules, patches, projection, read, replace, search,
)
from lib.daemon import Daemon
from lib.suite import run_modules
from lib.world import World

MODULES = [
    discovery, extension_schemas, create, read, replace, patch_rules, patches, delete, filters, listing, cursors, projection,
    search, bulk, etags, errors, choices, json_text, limits, auth, isolation,
]

if __name__ == "__main__":
    with Daemon() as daemon:
        sys.exit(run_modules("conformance", MODULES, World(daemon)))
