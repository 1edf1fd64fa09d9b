"""Starts many callers at the same moment and gives back what each got."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")
START_SECS_MAX = 60.0


def at_once(callers: int, call: Callable[[int], Result]) -> list[Result]:
    """Runs `call(0)` to `call(callers - 1)`, each in its own thread, released together."""
    results: dict[int, Result] = {}
    failures: list[BaseException] = []
    gate = threading.Barrier(callers)

    def run(number: int) -> None:
        try:
            gate.wait(START_SECS_MAX)
            results[number] = call(number)
        except BaseException as error:
            failures.append(error)

    size = threading.stack_size(256 * 1024)
    try:
        threads = [threading.Thread(target=run, args=(number,)) for number in range(callers)]
        for thread in threads:
            thread.start()
    finally:
        threading.stack_size(size)
    for thread in threads:
        thread.join()
    if failures:
        raise AssertionError(f"{len(failures)} of {callers} callers failed, the first with {failures[0]!r}")
    return [results[number] for number in range(callers)]
