"""CRASH_ROUNDS (200) times: load, kill -9 shortly after the first acknowledgement, check, start again."""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
import threading
import time

from crash.load import Caller, Ledger, Person
from crash.verify import check_file, check_independently, check_ledgers
from lib.daemon import Daemon
from lib.suite import Report, equal, seed, true
from lib.world import World

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "200"))
CALLERS = 16
FIRST_SECS_MAX = 20.0


class Crashes:
    """One folder that is crashed again and again."""

    def __init__(self) -> None:
        self.dice = random.Random(seed())
        self.data = tempfile.mkdtemp(prefix="rosterd-crash-")
        self.daemon = Daemon(self.data, plain_http=True).start()
        self.group_id = World(self.daemon).acme().create_group("Crowd")["id"]
        self.acknowledged = 0
        self.starts: list[float] = []
        self.last: list[Ledger] = []

    def round(self, number: int) -> None:
        """Load, kill, check the file, start, check the promises."""
        first = threading.Event()
        directory = World(self.daemon).acme
        callers = [Caller(directory(), self.group_id, f"r{number}c{n}", random.Random(self.dice.random()), first)
                   for n in range(CALLERS)]
        for caller in callers:
            caller.start()
        true(first.wait(FIRST_SECS_MAX), f"no acknowledgement at all; log: {self.daemon.log()[-1500:]}")
        time.sleep(self.dice.uniform(0.003, 0.060))  # The moment of the crash is random; nothing is waited for.
        self.daemon.kill()
        for caller in callers:
            caller.join()
        faults = [caller.fault for caller in callers if caller.fault]
        equal(faults, [], "answers under load")
        self.last = [caller.ledger for caller in callers]
        self.acknowledged += sum(ledger.acknowledged for ledger in self.last)
        if number % 5 == 0:
            check_file(self.data)
        self.restart()
        equal(check_ledgers(World(self.daemon).acme(), self.group_id, self.last), [], "broken promises")
        if number % 20 == 0 or number == ROUNDS:
            check_independently(World(self.daemon).app, self.daemon.ready["directory_id"])

    def restart(self) -> None:
        """A new daemon on the same folder."""
        self.daemon = Daemon(self.data, plain_http=True).start()
        self.starts.append(self.daemon.ready_secs)

    def ensure_running(self) -> None:
        """After a failed round: so that the next can be tried."""
        if self.daemon.process is None:
            self.restart()

    def control(self) -> None:
        """A forged promise must be found out: else the check is blind."""
        directory = World(self.daemon).acme()
        real = directory.create_user("control")
        forged = [Ledger([Person("directory_user_01HQ0000000000000000000000", "never-made")]),
                  Ledger([Person(real["id"], "control", title="never-set")]),
                  Ledger([Person(real["id"], "control", member=True)]),
                  Ledger([Person(real["id"], "control", gone=True)])]
        for ledger in forged:
            true(check_ledgers(directory, self.group_id, [ledger]), f"the check missed a forged {ledger}")

    def close(self) -> None:
        """Stops and tidies up."""
        self.daemon.kill()
        shutil.rmtree(self.data, ignore_errors=True)


def main() -> int:
    """All rounds and the control."""
    report = Report("crash")
    crashes = Crashes()
    for number in range(1, ROUNDS + 1):
        report.run(f"round {number}", lambda: crashes.round(number))
        crashes.ensure_running()
        if len(report.failures) >= 3:
            break
    report.run("control: a forged acknowledgement is found out", crashes.control)
    starts = sorted(crashes.starts) or [0.0]
    print(f"crash: {crashes.acknowledged} acknowledged writes over {ROUNDS} kills; restart to ready "
          f"p50 {starts[len(starts) // 2] * 1000:.0f} ms, max {starts[-1] * 1000:.0f} ms")
    crashes.close()
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
