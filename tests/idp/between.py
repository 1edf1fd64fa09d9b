"""What can stand between a provider and the server: a line that delays and cuts, a server that lies."""

from __future__ import annotations

import http.client
import itertools
import json
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

Json = Any
# Server bytes are looked at in pieces of this size.
PIECE = 65536


class Line:
    """A TCP proxy; `rule` is told the number of each piece that the server sends and says what becomes of it."""

    def __init__(self, url: str, rule: Callable[[int], str | float]) -> None:
        parts = urlsplit(url)
        self.target = (parts.hostname or "127.0.0.1", parts.port or 443)
        self.rule = rule
        self.pieces = itertools.count(1)
        self.cuts = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = parts._replace(netloc=f"127.0.0.1:{self.listener.getsockname()[1]}").geturl()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        """Takes connections until it is closed."""
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self.target)
            except OSError:
                client.close()
                continue
            for source, drain, is_answer in ((client, server, False), (server, client, True)):
                threading.Thread(target=self.pump, args=(source, drain, is_answer), daemon=True).start()

    def pump(self, source: socket.socket, drain: socket.socket, is_answer: bool) -> None:
        """Carries one direction."""
        try:
            while piece := source.recv(PIECE):
                what = self.rule(next(self.pieces)) if is_answer else "pass"
                if what == "cut":
                    self.cuts += 1
                    break
                if what == "half":
                    self.cuts += 1
                    drain.sendall(piece[: len(piece) // 2])
                    break
                if isinstance(what, float):
                    threading.Event().wait(what)
                drain.sendall(piece)
        except OSError:
            pass
        for end in (source, drain):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.close()


class Request:
    """A request as it passes."""

    def __init__(self, method: str, path: str, headers: dict[str, str], body: bytes) -> None:
        self.method, self.path, self.headers, self.body = method, path, headers, body

    @property
    def json(self) -> Json:
        """Its body."""
        return json.loads(self.body) if self.body else None


class Reply:
    """An answer as it passes."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self) -> Json:
        """Its body."""
        return json.loads(self.body) if self.body else None

    def with_json(self, body: Json) -> Reply:
        """The same with another body."""
        return Reply(self.status, self.headers, json.dumps(body).encode())


Lie = Callable[[Request, Callable[[Request], Reply]], Reply]


class Liar:
    """An HTTP server that hands requests on and lets `lie` change what goes through."""

    def __init__(self, url: str, lie: Lie) -> None:
        parts = urlsplit(url)
        liar, self.lie = self, lie
        self.target = (parts.hostname or "127.0.0.1", parts.port or 80)
        self.prefix = parts.path

        class Handler(BaseHTTPRequestHandler):
            """One connection."""

            protocol_version = "HTTP/1.1"
            # Small answers must not wait for one another.
            disable_nagle_algorithm = True
            wbufsize = -1

            def answer(self) -> None:
                """One request."""
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length) if length else b""
                path = self.path.removeprefix(liar.prefix)
                reply = liar.lie(Request(self.command, path, dict(self.headers), body), liar.hand_on)
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    if name.lower() not in ("content-length", "connection", "transfer-encoding", "date"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)
                self.wfile.flush()

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}{self.prefix}"
        self.local = threading.local()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def hand_on(self, request: Request) -> Reply:
        """Asks the server behind."""
        connection = http.client.HTTPConnection(*self.target, timeout=60)
        headers = {name: value for name, value in request.headers.items() if name.lower() not in ("host", "content-length")}
        connection.request(request.method, self.prefix + request.path, request.body or None, headers)
        response = connection.getresponse()
        fields = {name.lower(): value for name, value in response.getheaders()}
        reply = Reply(response.status, fields, response.read())
        connection.close()
        return reply

    def __enter__(self) -> Liar:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
