"""The providers that push, and how the daemon's directories of theirs are called."""

from __future__ import annotations

import json
import subprocess

from lib.daemon import binary

# Names of the fakes that are not names of providers of a directory.
DIRECTORY_PROVIDER = {"okta-aiw": "okta", "entra-compliant": "entra", "ping": "pingfederate"}


def names() -> list[str]:
    """Every provider that `idp list` knows."""
    listed = subprocess.run([binary(), "idp", "list", "--json"], capture_output=True, check=True, timeout=30)
    return [provider["name"] for provider in json.loads(listed.stdout)["providers"]]


def directory_provider(name: str) -> str:
    """What the operator would choose for this customer."""
    return DIRECTORY_PROVIDER.get(name, name)
