"""A provider on loopback that answers what a test tells it to, faults included."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bot.fetch.client import Fetcher
from bot.fetch.politeness import Host


@dataclass
class Reply:
    """One answer; `fault` makes it go wrong on the way."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    fault: str | None = None
    """reset (no answer), cut (half of the body), drip (a byte at a time), hang (no answer until the end),
    headers (which come a byte at a time and never end), unended (a body of unknown length, and no end),
    raw (the body is the answer as it goes over the wire, head included), flood (the body again and again, as
    fast as it is read, up to 10 GB)."""


@dataclass
class Seen:
    """A request as it arrived."""

    target: str
    headers: dict[str, str]
    body: bytes
    method: str


class Loopback:
    """The server, what it was asked, and what it answers next."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.replies: list[Reply] = []
        self.answer: Callable[[Seen], Reply] | None = None
        """Answers where no reply waits."""
        self.open_connections = self.most_connections = 0
        self.ending = threading.Event()
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer._serve(self)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *_arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.netloc = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.netloc}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def close(self) -> None:
        self.ending.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("content-length") or 0)
        seen = Seen(
            handler.path,
            {key.lower(): value for key, value in handler.headers.items()},
            handler.rfile.read(length),
            handler.command,
        )
        with self._lock:
            self.seen.append(seen)
            self.open_connections += 1
            self.most_connections = max(self.most_connections, self.open_connections)
            reply = self.replies.pop(0) if self.replies else None
        if reply is None:
            reply = self.answer(seen) if self.answer is not None else Reply(status=404)
        with contextlib.suppress(OSError):  # the client had enough
            self._send(handler, reply)
        handler.close_connection = True

    def _leave(self) -> None:
        """Count the connection as ended: before its last byte, after which the client may open the next."""
        with self._lock:
            self.open_connections -= 1

    def _send(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:  # noqa: C901 - a fault each
        if reply.fault == "reset":
            self._leave()
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.close()
            return
        if reply.fault == "hang":
            self.ending.wait(10)
            return
        if reply.fault in {"headers", "unended"}:
            self._drip(handler, b"X-Slow: " if reply.fault == "headers" else b"Connection: close\r\n\r\n")
            return
        if reply.fault == "flood":
            self._flood(handler, reply)
            return
        if reply.fault == "raw":
            self._leave()
            handler.wfile.write(reply.body)
            return
        handler.send_response(reply.status)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(reply.body)))
        handler.send_header("Connection", "close")
        handler.end_headers()
        if reply.fault == "drip":
            for place, byte in enumerate(reply.body, start=1):
                if place == len(reply.body):
                    self._leave()
                handler.wfile.write(bytes([byte]))
                if self.ending.wait(0.01):
                    return
            return
        self._leave()
        handler.wfile.write(reply.body[: len(reply.body) // 2] if reply.fault == "cut" else reply.body)

    def _flood(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        head = "".join(f"{name}: {value}\r\n" for name, value in reply.headers.items())
        handler.wfile.write(f"HTTP/1.1 200 OK\r\nConnection: close\r\n{head}\r\n".encode())
        for _ in range(10**10 // len(reply.body)):
            if self.ending.is_set():
                return
            handler.wfile.write(reply.body)

    def _drip(self, handler: BaseHTTPRequestHandler, beginning: bytes) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + beginning)
        while not self.ending.wait(0.01):
            handler.wfile.write(b"x")


class Ticks:
    """Time that passes only in sleep."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@contextmanager
def loopback() -> Iterator[Loopback]:
    server = Loopback()
    try:
        yield server
    finally:
        server.close()


def fetcher_for(
    server: Loopback, clock: Ticks, /, *, seconds_between: float = 0.0, **options: Any
) -> Fetcher:
    """Make a fetcher that may ask the server, and waits on the clock only."""
    host = Host(seconds_between, max_bytes=2**20, scheme="http")
    defaults: dict[str, Any] = {
        "hosts": {server.netloc: host},
        "is_allowed_address": lambda address: address == "127.0.0.1",
        "clock": clock,
        "sleep": clock.sleep,
        "jitter": lambda: 0.0,
        "read_seconds": 2.0,
    }
    return Fetcher("Papercord/test (app@example.org)", **defaults | options)
