"""Replays every transcript on a fresh directory: as its own provider, and as `generic`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from lib.daemon import Daemon
from lib.match import ABSENT, matches, select, shown
from lib.suite import Report
from lib.wire import Answer
from lib.world import SCIM_JSON, Directory, World

Json = Any
TRANSCRIPTS = Path(__file__).parent / "transcripts"
# Names of the transcripts that are not names of providers.
PROVIDERS = {"ping": "pingfederate", "keycloak-mitodl": "keycloak", "aws-ssosync": "generic"}


class Replay:
    """One transcript against one directory."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self.names = {"token": directory.token, "base": directory.base_url}
        self.preferred = 0
        self.choices = 0

    def fill(self, value: Json) -> Json:
        """The value with every `{name}` that is known replaced."""
        if isinstance(value, str):
            for name, text in self.names.items():
                value = value.replace("{" + name + "}", text)
            return value
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        if isinstance(value, dict):
            return {self.fill(name): self.fill(item) for name, item in value.items()}
        return value

    def run(self, transcript: Json) -> None:
        """Every step and what must be seen after it."""
        for number, step in enumerate(transcript["steps"], 1):
            what = f"step {number} {step['method']} {step['path']} ({step.get('note', '')[:70]})"
            answer = self.send(step)
            self.check(step["expect"], answer, what)
            for name, path in step.get("capture", {}).items():
                captured = select(answer.json, path)
                if captured is ABSENT:
                    raise AssertionError(f"{what}: nothing to capture at {path}")
                self.names[name] = captured
            for read in step.get("then", []):
                seen = self.read(read)
                self.check(read["expect"], seen, f"{what}, then {read['method']} {read['path']}")

    def send(self, step: Json) -> Answer:
        """The step as the provider sends it."""
        body = json.dumps(self.fill(step["body"])).encode() if "body" in step else None
        return self.directory.raw(step["method"], self.fill(step["path"]), self.fill(step["headers"]), body)

    def read(self, step: Json) -> Answer:
        """A read of the test's own."""
        headers = {"Authorization": f"Bearer {self.directory.token}", "Accept": SCIM_JSON}
        return self.directory.raw(step["method"], self.fill(step["path"]), headers)

    def check(self, wanted: Json, answer: Answer, what: str) -> None:
        """Status, headers and body."""
        statuses = wanted["status"]
        if answer.status not in statuses:
            raise AssertionError(f"{what}: wanted {statuses}, got {answer}")
        if len(statuses) > 1:
            self.choices += 1
            self.preferred += answer.status == statuses[0]
        for name, matcher in wanted.get("headers", {}).items():
            value = answer.headers.get(name.lower(), ABSENT)
            if not matches(value, self.fill(matcher)):
                raise AssertionError(f"{what}: header {name} is {shown(value)}, wanted {matcher}")
        if answer.body:
            self.check_body(wanted.get("body", {}), answer, what)

    def check_body(self, wanted: Json, answer: Answer, what: str) -> None:
        """Each path of the expectation."""
        for path, matcher in wanted.items():
            value, operand = select(answer.json, self.fill(path)), self.fill(matcher)
            if not matches(value, operand):
                raise AssertionError(f"{what}: {path} is {shown(value)}, wanted {operand}; answer {answer}")


def replay(world: World, transcript: Json, provider: str, counts: dict[str, int]) -> None:
    """Replays a transcript on a fresh directory of that provider, with the one option that Entra has of its own."""
    options = {"unique_group_names": True} if provider == "generic" and transcript["idp"] == "entra" else {}
    run = Replay(world.directory(provider, **options))
    run.run(transcript)
    counts["preferred"] += run.preferred
    counts["choices"] += run.choices


def main() -> int:
    """All transcripts, twice."""
    report = Report("providers")
    counts = {"preferred": 0, "choices": 0}
    chosen = sys.argv[1:]
    with Daemon() as daemon:
        world = World(daemon)
        for path in sorted(TRANSCRIPTS.glob("*.json")):
            if chosen and not any(word in path.name for word in chosen):
                continue
            transcript = json.loads(path.read_text())
            own = PROVIDERS.get(transcript["idp"], transcript["idp"])
            for provider in dict.fromkeys([own, "generic"]):
                name = f"{path.stem} as {provider}"
                report.run(name, lambda: replay(world, transcript, provider, counts))
    print(f"providers: the preferred status came {counts['preferred']} of {counts['choices']} times")
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
