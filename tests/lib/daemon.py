"""Starts the real binary in `dev` mode on free ports, waits for its line, stops or kills it."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from lib.wire import Connection, tls_context

ROOT = Path(__file__).resolve().parents[2]
READY_SECS_MAX = 30.0
STOP_SECS_MAX = 20.0


def binary() -> str:
    """The daemon under test: ROSTERD_BIN, else what `cargo build` made."""
    return os.environ.get("ROSTERD_BIN") or str(ROOT / "target" / "debug" / "rosterd")


class Daemon:
    """One `rosterd dev` process and the folder it keeps."""

    def __init__(self, data: str | None = None, plain_http: bool = False, env: dict[str, str] | None = None) -> None:
        self.owns_data = data is None
        self.data = data or tempfile.mkdtemp(prefix="rosterd-test-")
        self.plain_http = plain_http
        self.env = env or {}
        self.log_path = os.path.join(tempfile.gettempdir(), f"rosterd-test-{os.getpid()}-{id(self)}.log")
        self.process: subprocess.Popen[bytes] | None = None
        self.ready: dict[str, str] = {}
        self.ready_secs = 0.0

    def command(self) -> list[str]:
        """The command line."""
        words = [binary(), "dev", "--json", "--data", self.data]
        words += ["--scim-listen", "127.0.0.1:0", "--app-listen", "127.0.0.1:0"]
        return words + (["--plain-http"] if self.plain_http else [])

    def start(self) -> Daemon:
        """Starts it and waits for the one line that says both listeners accept."""
        began = time.monotonic()
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL,
                env={**os.environ, **self.env},
            )
        line = self.read_line(began + READY_SECS_MAX)
        self.ready_secs = time.monotonic() - began
        self.ready = json.loads(line)
        return self

    def read_line(self, deadline: float) -> bytes:
        """The first line on stdout, or an error that shows the log."""
        assert self.process is not None and self.process.stdout is not None
        out, text = self.process.stdout, b""
        while not text.endswith(b"\n"):
            ready, _, _ = select.select([out], [], [], max(0.0, deadline - time.monotonic()))
            piece = os.read(out.fileno(), 65536) if ready else b""
            if not piece:
                self.kill()
                raise RuntimeError(f"no ready line from {self.command()}; log:\n{self.log()[-3000:]}")
            text += piece
        return text

    def connection(self) -> Connection:
        """A connection to the SCIM listener."""
        url = self.ready["scim_url"]
        return Connection(url, tls_context(self.ready["ca_cert"]) if url.startswith("https") else None)

    def app_connection(self) -> Connection:
        """A connection to the app listener."""
        return Connection(self.ready["app_url"])

    def stop(self) -> int:
        """Asks it to stop and gives its exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_SECS_MAX)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"rosterd did not stop within {STOP_SECS_MAX} s of SIGTERM")
        self.release()
        return code

    def kill(self) -> None:
        """kill -9, and waits until it is gone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.release()

    def release(self) -> None:
        """Closes our end of its stdout."""
        if self.process is not None and self.process.stdout is not None:
            self.process.stdout.close()
        self.process = None

    def log(self) -> str:
        """What it wrote to stderr."""
        return Path(self.log_path).read_text(errors="replace") if os.path.exists(self.log_path) else ""

    def rss_bytes(self) -> int:
        """Its resident memory."""
        assert self.process is not None
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        return 0

    def __enter__(self) -> Daemon:
        return self.start()

    def __exit__(self, kind: object, *_: object) -> None:
        self.kill()
        if self.owns_data:
            shutil.rmtree(self.data, ignore_errors=True)
        if kind is None and os.path.exists(self.log_path):
            os.unlink(self.log_path)
