"""Runs `rosterd idp run` and compares the customer's own directory with what the app sees."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from typing import Any

from lib.daemon import binary
from lib.suite import equal
from lib.world import App, Directory

Json = Any
RUN_SECS_MAX = 180.0
FOUND = 7


@dataclass
class Ended:
    """How a run ended, and what it said."""

    code: int
    lines: list[Json]
    words: str
    export: Json

    @property
    def report(self) -> Json:
        """The last object."""
        assert self.lines and self.lines[-1]["object"] == "idp_report", f"no report: {self.words[-2000:]}"
        return self.lines[-1]

    @property
    def steps(self) -> list[Json]:
        """Every step."""
        return [line for line in self.lines if line["object"] == "idp_step"]

    def needs(self) -> list[str]:
        """The names of what was found wrong."""
        return sorted({finding["need"] for finding in self.report["findings"]})

    def clean(self) -> Ended:
        """Fails unless nothing was found and no step failed."""
        findings = self.lines[-1].get("findings", []) if self.lines else []
        shown = json.dumps(findings[:4], ensure_ascii=False, indent=1)
        equal(self.code, 0, f"exit code with {len(findings)} findings {shown} and the words {self.words[-600:]!r}")
        equal([step["title"] for step in self.steps if step["failures"]], [], "steps that failed")
        return self


class Idp:
    """A fake provider at work; several may be at a time."""

    def __init__(self, provider: str, url: str, token: str, ca_cert: str | None = None, **options: Json) -> None:
        self.export_path = tempfile.mktemp(prefix="idp-export-", suffix=".json")
        words = [binary(), "idp", "run", provider, "--json", "--url", url, "--export", self.export_path]
        # Waits are shortened so that a test does not take a cycle of 40 minutes.
        for name, value in {"speed": 28800, **options}.items():
            words += [f"--{name.replace('_', '-')}", str(value)]
        if ca_cert:
            words += ["--ca", ca_cert]
        with tempfile.NamedTemporaryFile("w", suffix=".token", delete=False) as file:
            file.write(token)
            self.token_path = file.name
        words += ["--token-file", self.token_path]
        self.out = tempfile.TemporaryFile("w+")
        self.err = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(words, stdout=self.out, stderr=self.err, stdin=subprocess.DEVNULL)

    def steps(self) -> int:
        """How many steps it has told so far."""
        return os.pread(self.out.fileno(), 1 << 24, 0).count(b"\n")

    def wait(self) -> Ended:
        """Until its end."""
        try:
            code = self.process.wait(RUN_SECS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            code = -9
        self.out.seek(0)
        self.err.seek(0)
        lines = [json.loads(line) for line in self.out.read().splitlines()]
        words = self.err.read()
        export = None
        if os.path.exists(self.export_path):
            with open(self.export_path, encoding="utf-8") as file:
                export = json.load(file)
            os.unlink(self.export_path)
        os.unlink(self.token_path)
        self.out.close()
        self.err.close()
        return Ended(code, lines, words, export)


def play(provider: str, directory: Directory, url: str | None = None, **options: Json) -> Ended:
    """Runs a fake provider towards a directory, or towards what stands before it."""
    target = url or directory.base_url
    ca_cert = directory.ca_cert if target.startswith("https") else None
    return Idp(provider, target, directory.token, ca_cert, **options).wait()


def same_directory(app: App, directory_id: str, export: Json) -> None:
    """User by user, group by group, member by member: what the app's API shows is what the customer has."""
    users = {user["id"]: user for user in app.pages(f"/directory_users?directory={directory_id}", 1000)}
    seen = sorted(map(seen_user, users.values()))
    equal(seen, sorted(map(wanted_user, export["users"])), "users")
    groups = {}
    for group in app.pages(f"/directory_groups?directory={directory_id}", 1000):
        members = app.pages(f"/directory_users?directory={directory_id}&group={group['id']}", 1000)
        groups[group["name"]] = sorted(raw(user)["userName"] for user in members)
    wanted = {group["name"]: sorted(group["members"]) for group in export["groups"]}
    equal(sorted(groups), sorted(wanted), "groups")
    for name, members in wanted.items():
        equal(groups[name], members, f"members of {name!r}")


def raw(user: Json) -> Json:
    """The user as the provider wrote it."""
    return user["raw_attributes"]


def seen_user(user: Json) -> tuple[Json, ...]:
    """What the app's API says of a user."""
    return (
        user["idp_id"], raw(user)["userName"], user["email"], user["state"], user["first_name"], user["last_name"],
    )


def wanted_user(user: Json) -> tuple[Json, ...]:
    """The same of the customer's own."""
    state = "active" if user["active"] else "inactive"
    idp_id = user["externalId"] or user["id"]
    return (idp_id, user["userName"], user["email"], state, user["givenName"], user["familyName"])
