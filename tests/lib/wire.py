"""A raw HTTP/1.1 client: sends targets, headers and bodies exactly as given."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

Json = Any
TIMEOUT_SECS = 60.0


@dataclass
class Answer:
    """One HTTP answer, headers by lower-case name."""

    status: int
    headers: dict[str, str]
    body: bytes
    asked: str = ""

    @property
    def json(self) -> Json:
        """The body as JSON."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise AssertionError(f"{self.asked} answered no JSON: {self!s}") from error

    def __str__(self) -> str:
        return f"{self.status} {self.headers.get('content-type', '')} {self.body[:600]!r}"


def tls_context(ca_cert: str) -> ssl.SSLContext:
    """A client context that trusts only the daemon's own authority."""
    return ssl.create_default_context(cafile=ca_cert)


class Connection:
    """One kept-alive connection; opened again when the other side has closed it."""

    def __init__(self, base_url: str, context: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(base_url)
        self.host = parts.hostname or "127.0.0.1"
        self.port = parts.port or (443 if parts.scheme == "https" else 80)
        self.context = context if parts.scheme == "https" else None
        self.socket: socket.socket | None = None

    def open(self) -> socket.socket:
        """Connects, and shakes hands where TLS is spoken."""
        plain = socket.create_connection((self.host, self.port), timeout=TIMEOUT_SECS)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.context is None:
            return plain
        return self.context.wrap_socket(plain, server_hostname=self.host)

    def close(self) -> None:
        """Closes the socket, if any."""
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def head(self, method: str, target: str, headers: dict[str, str], body: bytes | None) -> bytes:
        """The bytes before the body."""
        names = {name.lower() for name in headers}
        lines = [f"{method} {target} HTTP/1.1"]
        if "host" not in names:
            lines.append(f"Host: {self.host}:{self.port}")
        lines += [f"{name}: {value}" for name, value in headers.items()]
        has_length = "content-length" in names or "transfer-encoding" in names
        if body is not None and not has_length:
            lines.append(f"Content-Length: {len(body)}")
        elif body is None and method in ("POST", "PUT", "PATCH") and not has_length:
            lines.append("Content-Length: 0")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")

    def request(
        self, method: str, target: str, headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """Sends one request and reads its answer; tries once more on a connection that had gone stale."""
        data = self.head(method, target, headers or {}, body) + (body or b"")
        was_open = self.socket is not None
        try:
            return self.exchange(method, data, target)
        except (ConnectionError, http.client.BadStatusLine, ssl.SSLError):
            self.close()
            if not was_open:
                raise
            return self.exchange(method, data, target)

    def exchange(self, method: str, data: bytes, target: str) -> Answer:
        """One round trip on the open socket."""
        if self.socket is None:
            self.socket = self.open()
        refused: OSError | None = None
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError) as error:
            refused = error  # An early answer (413) may stand in the buffer.
        response = http.client.HTTPResponse(self.socket, method=method)
        try:
            response.begin()
            body = response.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        headers: dict[str, str] = {}
        for name, value in response.getheaders():
            lower = name.lower()
            headers[lower] = f"{headers[lower]}, {value}" if lower in headers else value
        if response.will_close or refused is not None:
            self.close()
        return Answer(response.status, headers, body, f"{method} {target}")
