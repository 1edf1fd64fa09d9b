"""Collects a suite's tests from its modules, runs them, prints what failed and how many passed."""

from __future__ import annotations

import inspect
import os
import random
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

Case = tuple[str, Callable[[], object]]


class Report:
    """Counts, with the details of every failure."""

    def __init__(self, suite: str) -> None:
        self.suite = suite
        self.passed = 0
        self.failures: list[str] = []
        self.began = time.monotonic()

    def run(self, name: str, test: Callable[[], object]) -> None:
        """Runs one test; an exception is its failure."""
        wanted = os.environ.get("TEST_FILTER", "")
        if wanted and wanted not in name:
            return
        try:
            test()
            self.passed += 1
        except AssertionError as error:
            self.fail(name, f"{error}{where(error)}")
        except Exception:
            self.fail(name, traceback.format_exc(limit=-6))

    def fail(self, name: str, why: str) -> None:
        """Notes and prints a failure at once."""
        self.failures.append(name)
        print(f"FAILED {self.suite}: {name}\n    {why.strip()}".replace("\n", "\n    "), flush=True)

    def finish(self) -> int:
        """Prints the suite's line; the exit code."""
        took = time.monotonic() - self.began
        print(f"{self.suite}: {self.passed} passed, {len(self.failures)} failed ({took:.1f} s)", flush=True)
        return 1 if self.failures else 0


def where(error: AssertionError) -> str:
    """The place in a test's module at which an assertion failed."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/lib/" not in frame.filename]
    return f"  [{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}]" if frames else ""


def cases(module: ModuleType, world: Any) -> Iterator[Case]:
    """`test_…` functions, and the rows that `cases_…` functions yield, in the order of the file."""
    prefix = module.__name__.rsplit(".", 1)[-1]
    for name, function in list(vars(module).items()):
        if not inspect.isfunction(function) or function.__module__ != module.__name__:
            continue
        if name.startswith("test_"):
            yield f"{prefix}: {name[5:].replace('_', ' ')}", lambda function=function: function(world)
        elif name.startswith("cases_"):
            for label, test in function(world):
                yield f"{prefix}: {name[6:].replace('_', ' ')}: {label}", test


def run_modules(suite: str, modules: list[ModuleType], world: Any) -> int:
    """Runs every module's tests; words on the command line choose modules."""
    report = Report(suite)
    chosen = set(sys.argv[1:])
    for module in modules:
        short = module.__name__.rsplit(".", 1)[-1]
        if chosen and short not in chosen:
            continue
        try:
            for name, test in cases(module, world):
                report.run(name, test)
        except Exception:
            report.fail(f"{short}: cannot set up", traceback.format_exc(limit=-6))
    return report.finish()


def seed() -> int:
    """The seed of this run: TEST_SEED, else a new one; always printed."""
    value = int(os.environ.get("TEST_SEED") or random.SystemRandom().getrandbits(32))
    print(f"seed: {value} (TEST_SEED={value} repeats it)", flush=True)
    return value


def equal(actual: Any, wanted: Any, what: str = "") -> None:
    """Fails unless both are the same."""
    if actual != wanted:
        raise AssertionError(f"{what or 'value'}: got {actual!r}, wanted {wanted!r}")


def true(condition: Any, what: str) -> None:
    """Fails unless the condition holds."""
    if not condition:
        raise AssertionError(what)
