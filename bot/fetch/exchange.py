"""One request and its whole answer, within one deadline: connection, encryption, headers and body.

A time-out of a socket bounds one piece. Whoever sends a byte now and then, in headers too, could hold a place
for hours: at the deadline the connection is shut from this side, wherever the exchange stands.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, ProtocolError

from bot.fetch.errors import CutAnswerError, FetchError, TransientFetchError, reason_of
from bot.fetch.unpacking import PIECE_BYTES, unpacked


@dataclass(frozen=True, slots=True)
class Question:
    """A request to an address that was checked."""

    url: str
    address: str
    """Of the host. To connect to it by name would look the name up again, and could lead elsewhere."""
    headers: Mapping[str, str]
    body: bytes | None
    max_bytes: int
    """Of the answer's body, once unpacked."""


class Deadline:
    """Shuts a connection once its time is over."""

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._connection: socket.socket | None = None
        self._changing = threading.Lock()
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def watch(self, connection: socket.socket) -> None:
        """Shut this one; its encryption may take it over meanwhile, so it is known by a handle of its own."""
        with self._changing:
            self._connection = connection.dup()
            if self.is_over:
                self._shut()

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._timer.cancel()
        with self._changing:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _end(self) -> None:
        with self._changing:
            self.is_over = True
            self._shut()

    def _shut(self) -> None:
        if self._connection is not None:
            with suppress(OSError):  # the other side was faster
                self._connection.shutdown(socket.SHUT_RDWR)


class _Plain(HTTPConnection):
    def __init__(self, *, deadline: Deadline, **options: Any) -> None:
        super().__init__(**options)
        self._deadline = deadline

    def _new_conn(self) -> socket.socket:
        connection = super()._new_conn()
        self._deadline.watch(connection)
        return connection


class _Encrypted(HTTPSConnection):
    def __init__(self, *, deadline: Deadline, **options: Any) -> None:
        super().__init__(**options)  # pyright: ignore[reportUnknownMemberType] - its ssl_context
        self._deadline = deadline

    def _new_conn(self) -> socket.socket:
        connection = super()._new_conn()
        self._deadline.watch(connection)
        return connection


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Plain  # pyright: ignore[reportAssignmentType] - as its own class is


class _EncryptedPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Encrypted  # pyright: ignore[reportAssignmentType] - as its own class is


def exchange(
    question: Question, timeout: urllib3.Timeout, whole_seconds: float
) -> tuple[int, dict[str, str], bytes]:
    """(status, headers by names in lower case, body) of the answer.

    Raises:
        TransientFetchError: the host cannot be reached, the answer broke off, or it was not whole in time.
        FetchError: the answer is too large.

    """
    name = urlsplit(question.url).netloc
    with Deadline(whole_seconds) as deadline:
        too_slow = TransientFetchError(f"{name} answers too slowly.")
        try:
            answer = _ask(question, timeout, deadline)
        except (HTTPError, OSError) as error:
            if deadline.is_over:
                raise too_slow from None
            if isinstance(error, CutAnswerError):
                raise TransientFetchError(f"{name} answered only in part: {reason_of(error)}.") from None
            raise TransientFetchError(f"{name} cannot be reached ({reason_of(error)}).") from None
        if deadline.is_over:  # it only looks whole: a connection that is shut ends a body of unknown length
            raise too_slow
        return answer


def _ask(
    question: Question, timeout: urllib3.Timeout, deadline: Deadline
) -> tuple[int, dict[str, str], bytes]:
    parts = urlsplit(question.url)
    options: dict[str, Any] = {"timeout": timeout, "deadline": deadline}
    if parts.scheme == "https":
        names = {"server_hostname": parts.hostname, "assert_hostname": parts.hostname}
        pool = _EncryptedPool(question.address, parts.port or 443, **names, **options)
    else:
        pool = _PlainPool(question.address, parts.port or 80, **options)
    with pool:
        response = pool.urlopen(
            "GET" if question.body is None else "POST",
            f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/",
            body=question.body,
            headers={"Host": parts.netloc, **question.headers},
            retries=False,
            redirect=False,
            preload_content=False,
        )
        try:
            body = _read_all(parts.netloc, response, question.max_bytes)
        finally:
            response.close()
    return response.status, {key.lower(): value for key, value in response.headers.items()}, body


def _read_all(name: str, response: urllib3.BaseHTTPResponse, max_bytes: int) -> bytes:
    """The whole body, unpacked piece by piece: a small one may unpack to a very large one."""
    pieces: list[bytes] = []
    size = 0
    for piece in unpacked(_received(response), response.headers.get("content-encoding", "")):
        size += len(piece)
        if size > max_bytes:
            raise FetchError(f"{name} answered more than {max_bytes // 2**20} MiB; it was not read.")
        pieces.append(piece)
    return b"".join(pieces)


def _received(response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    """The body as it comes, still packed."""
    try:
        while piece := response.read1(PIECE_BYTES, decode_content=False):
            yield piece
    except ProtocolError as error:
        raise CutAnswerError(str(error)) from None
