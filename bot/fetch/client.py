"""Fetches answers of hosts within their rate limits, each within a deadline; public addresses only."""

from __future__ import annotations

import datetime as dt
import ipaddress
import random
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Self, TypeVar
from urllib.parse import SplitResult, urljoin, urlsplit

import tenacity
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import DecodeError, HTTPError, ProtocolError

from bot.fetch.errors import (
    ClosedError,
    CutAnswerError,
    FetchError,
    ForbiddenAddressError,
    HostRestingError,
    NotFoundError,
    RequestFailedError,
    TransientFetchError,
    reason_of,
)
from bot.fetch.politeness import Host, HostPermits, HostRateLimit

Resolve = Callable[[str, int], Sequence[str]]
"""(host, port) -> addresses."""


def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise TransientFetchError(f"The name {host} cannot be resolved; is there a network?") from None
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


_INTERNET = ipaddress.ip_network("2000::/3")
"""What of IPv6 is given out to hosts; the rest is local, reserved, or an IPv4 address in disguise."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""How hosts without IPv4 reach one that has nothing else (RFC 6052)."""
_NO_HOSTS = tuple(
    ipaddress.ip_network(network)
    for network in (
        "2001::/23",  # protocols: Teredo, ORCHID, benchmarks (RFC 2928)
        "2001:db8::/32",  # documentation (RFC 3849)
        "2002::/16",  # 6to4, which leads to an IPv4 address (RFC 3056)
        "3fff::/20",  # documentation (RFC 9637)
        "192.0.0.0/24",  # protocols (RFC 6890)
        "192.88.99.0/24",  # relays of 6to4 (RFC 7526)
    )
)
_ISATAP = (0x00005EFE, 0x02005EFE)
"""Before the IPv4 address that a tunnel within a site leads to (RFC 5214)."""


def is_public(address: str) -> bool:
    """Whether an address lies in the public internet, also where it holds an IPv4 address of another."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if any(parsed.version == network.version and parsed in network for network in _NO_HOSTS):
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        last = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        if parsed.ipv4_mapped is not None or parsed in _NAT64:
            return is_public(str(last))
        if parsed not in _INTERNET or (int(parsed) >> 32 & 0xFFFFFFFF) in _ISATAP:
            return False
    return parsed.is_global and not parsed.is_multicast


def public_address(host: str, addresses: Sequence[str], allowed: Callable[[str], bool]) -> str:
    """The address to connect to; raises `ForbiddenAddressError` where any of them is not public."""
    if not addresses:
        raise TransientFetchError(f"{host} has no address.")
    if not all(allowed(address) for address in addresses):
        raise ForbiddenAddressError(f"{host} leads into a private network; it is not asked.")
    # IPv4 first: name servers answer IPv6 addresses also to machines without IPv6.
    return min(addresses, key=lambda address: ":" in address)


PIECE_BYTES = 64 * 1024

_GZIP = {"gzip", "x-gzip"}
_DEFLATE = "deflate"
_GZIP_START = b"\x1f"
_AS_GZIP, _AS_ZLIB, _AS_DEFLATE = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
_MOST_CODINGS = 5


def unpacked(pieces: Iterator[bytes], content_encoding: str) -> Iterator[bytes]:
    """Unpack pieces of a body as the header Content-Encoding says; unknown codings are left as they are.

    Raises:
        CutAnswerError: the packed body ends too early.
        DecodeError: it is damaged.

    """
    codings = [one.strip().lower() for one in content_encoding.split(",")]
    if len(codings) > _MOST_CODINGS:
        raise DecodeError(f"{len(codings)} codings on top of each other")
    for coding in reversed(codings):
        if coding in _GZIP:
            pieces = _from_gzip(pieces)
        elif coding == _DEFLATE:
            pieces = _from_deflate(pieces)
    return pieces


def _from_gzip(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """One or several gzip members; other bytes after them are ignored, as browsers do."""
    member: _Member | None = None
    ended_once = False
    for piece in pieces:
        data = piece
        while data:
            if member is None:
                if ended_once and not data.startswith(_GZIP_START):
                    yield from _nothing_of(pieces)
                    return
                member = _Member(_AS_GZIP)
            yield from member.unpack(data)
            data = member.unused
            if member.ended:
                member, ended_once = None, True
    if member is not None:
        raise CutAnswerError("the gzip data end too early")


def _from_deflate(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The zlib format, or raw deflate as some servers send it."""
    start = b""
    member: _Member | None = None
    for piece in pieces:
        data = piece
        if member is None:
            start += piece
            if len(start) < 2:
                continue
            is_zlib = start[0] & 0x0F == zlib.DEFLATED and int.from_bytes(start[:2], "big") % 31 == 0
            member = _Member(_AS_ZLIB if is_zlib else _AS_DEFLATE)
            data = start
        if not member.ended:
            yield from member.unpack(data)
    if start and (member is None or not member.ended):
        raise CutAnswerError("the deflate data end too early")


class _Member:
    """One stream of packed data."""

    def __init__(self, form: int) -> None:
        self._unpacker = zlib.decompressobj(form)

    @property
    def ended(self) -> bool:
        return self._unpacker.eof

    @property
    def unused(self) -> bytes:
        """What came after its end."""
        return self._unpacker.unused_data

    def unpack(self, data: bytes) -> Iterator[bytes]:
        """Unpack a piece of it, at most `PIECE_BYTES` at once."""
        try:
            while piece := self._unpacker.decompress(data, PIECE_BYTES):
                yield piece
                data = self._unpacker.unconsumed_tail
        except zlib.error as error:
            raise DecodeError(str(error)) from None


def _nothing_of(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Read the rest and drop it, so that an answer that breaks off is noticed."""
    for _ in pieces:
        yield from ()


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request to an address that was checked."""

    url: str
    address: str
    """Of the host. Connecting by name would resolve it again, perhaps to an address that was not checked."""
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
        """Shut this connection at the deadline; a duplicated handle stays valid when TLS wraps the socket."""
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


def send_request(
    request: HttpRequest, timeout: urllib3.Timeout, whole_seconds: float
) -> tuple[int, dict[str, str], bytes]:
    """(status, headers by names in lower case, body) of the answer.

    Raises:
        TransientFetchError: the host cannot be reached, the answer broke off, or it was not whole in time.
        FetchError: the answer is too large.

    """
    name = urlsplit(request.url).netloc
    with Deadline(whole_seconds) as deadline:
        too_slow = TransientFetchError(f"{name} answers too slowly.")
        try:
            answer = _send(request, timeout, deadline)
        except (HTTPError, OSError) as error:
            if deadline.is_over:
                raise too_slow from None
            if isinstance(error, CutAnswerError):
                raise TransientFetchError(f"{name} answered only in part: {reason_of(error)}.") from None
            raise TransientFetchError(f"{name} cannot be reached ({reason_of(error)}).") from None
        if deadline.is_over:  # it only looks whole: a connection that is shut ends a body of unknown length
            raise too_slow
        return answer


def _send(
    request: HttpRequest, timeout: urllib3.Timeout, deadline: Deadline
) -> tuple[int, dict[str, str], bytes]:
    parts = urlsplit(request.url)
    options: dict[str, Any] = {"timeout": timeout, "deadline": deadline}
    if parts.scheme == "https":
        names = {"server_hostname": parts.hostname, "assert_hostname": parts.hostname}
        pool = _EncryptedPool(request.address, parts.port or 443, **names, **options)
    else:
        pool = _PlainPool(request.address, parts.port or 80, **options)
    with pool:
        response = pool.urlopen(
            "GET" if request.body is None else "POST",
            f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/",
            body=request.body,
            headers={"Host": parts.netloc, **request.headers},
            retries=False,
            redirect=False,
            preload_content=False,
        )
        try:
            body = _read_all(parts.netloc, response, request.max_bytes)
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


CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 10.0, 30.0, 90.0
"""How long a connection, one piece of an answer, and the whole answer may take."""

TRIES = 4
QUESTION_SECONDS = 180.0
"""After so long no further try begins: a host that answers slowly is asked again later."""
FIRST_PAUSE_SECONDS = 2.0
LONGEST_ASKED_SECONDS = 24 * 3600.0
"""A longer Retry-After counts as a day: it may be a mistake."""
LONGEST_WAIT_SECONDS = 60.0
"""A longer Retry-After is not waited for: the host rests, and its sources are checked later."""

_USUAL_PORTS = {"http": 80, "https": 443}
_MAX_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OVERLOADED = frozenset({408, 425, 429, 500, 502, 503, 504})

_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host answered."""

    url: str
    status: int
    """200, or 304 where nothing changed since the validators were given."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = field(repr=False)

    @property
    def validators(self) -> dict[str, str]:
        """The headers of a later conditional request: a 304 answers it where nothing changed."""
        names = {
            "if-none-match": "etag",
            "if-modified-since": "last-modified",
            "if-modified-since-version": "last-modified-version",  # Zotero's own
        }
        return {name: self.headers[origin] for name, origin in names.items() if origin in self.headers}


class Fetcher:
    """Fetches from listed hosts; thread-safe: threads wait for each other at each host.

    Where `others` has limits, it also fetches from hosts that are not listed, at their usual ports.
    """

    def __init__(
        self,
        user_agent: str,
        *,
        hosts: Mapping[str, Host],
        others: Host | None = None,
        resolve: Resolve = resolve,
        is_allowed_address: Callable[[str], bool] = is_public,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] | None = None,
        jitter: Callable[[], float] = random.random,
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
        read_seconds: float = READ_SECONDS,
        whole_seconds: float = WHOLE_SECONDS,
        permits: HostPermits | None = None,
    ) -> None:
        self._user_agent = user_agent
        self._hosts = hosts
        self._others = others
        self._resolve = resolve
        self._is_allowed_address = is_allowed_address
        self._clock = clock
        self._closed = threading.Event()
        self._sleep = sleep or self._sleep_until_closed
        self._jitter = jitter
        self._now = now
        self._timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=read_seconds)
        self._whole_seconds = whole_seconds
        self._permits = permits
        self._adding = threading.Lock()
        self._rate_limits: dict[str, HostRateLimit] = {}

    def fetch(
        self,
        url: str,
        read: Callable[[Answer], _Read],
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        retry_on: tuple[type[Exception], ...] = (),
    ) -> _Read:
        """Fetch an address and read the answer.

        Args:
            url: On a listed host.
            read: Parses the answer, which may also be a 304 where `headers` had validators.
            headers: Beside those that every request has.
            body: JSON to post; without it the request is a GET.
            retry_on: Errors of `read` that mean that the answer is damaged.

        Raises:
            FetchError: it could not be fetched, also when tried several times.

        """
        rate_limit = self._rate_limit(self._listed(url))

        def once() -> _Read:
            answer = self._fetch_redirected(url, headers or {}, body)
            return read(answer)

        last_try_at = self._clock() + QUESTION_SECONDS
        retrying = tenacity.Retrying(
            stop=lambda state: state.attempt_number >= TRIES or self._clock() >= last_try_at,
            wait=self._pause,
            retry=tenacity.retry_if_exception_type((TransientFetchError, *retry_on)),
            sleep=self._sleep,
            reraise=True,
        )
        try:
            result = retrying(once)
        except TransientFetchError as error:
            rate_limit.failed()
            if error.retry_after is not None:
                rate_limit.rest(error.retry_after)
            raise
        except retry_on:
            rate_limit.failed()
            raise
        rate_limit.succeeded()
        return result

    def close(self) -> None:
        """End every pause; requests under way end within their deadline."""
        self._closed.set()

    def _pause(self, state: tenacity.RetryCallState) -> float:
        """Seconds before the next retry: doubled each time, and at least as many as the host asks for."""
        error = state.outcome.exception() if state.outcome is not None else None
        asked = error.retry_after if isinstance(error, TransientFetchError) else None
        doubled = FIRST_PAUSE_SECONDS * 2 ** (state.attempt_number - 1) * (1 + self._jitter())
        return max(asked or 0.0, doubled)

    def _fetch_redirected(self, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        for _ in range(_MAX_REDIRECTS + 1):
            answer = self._request(url, headers, body)
            if answer.status not in _REDIRECTS:
                return answer
            goal = _redirect_target(url, answer.headers.get("location", ""))
            if self._listed(goal, f"{urlsplit(url).hostname} sends us elsewhere") != self._listed(url):
                # A key is for the host that it was given for.
                headers = {name: value for name, value in headers.items() if "key" not in name.lower()}
            url = goal
        raise FetchError(f"{urlsplit(url).hostname} sends us in a circle.")

    def _request(self, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        name = self._listed(url)
        rate_limit = self._rate_limit(name)
        with rate_limit.request_slot():
            if self._closed.is_set():
                raise ClosedError("Papercord is being closed.")
            status, answered, content = self._send(name, url, headers, body)
        retry_after = self._retry_after(answered)
        is_long = retry_after is not None and retry_after > LONGEST_WAIT_SECONDS
        if retry_after is not None:  # also for the next request to something else
            (rate_limit.rest if is_long else rate_limit.delay_next)(retry_after)
        if status in {200, 304} or status in _REDIRECTS:
            return Answer(url, status, answered, content)
        if status in _OVERLOADED:
            said = f"{name} is overloaded or asks for patience (status {status})."
            if retry_after is not None and is_long:
                raise HostRestingError(said, retry_after)
            raise TransientFetchError(said, retry_after)
        if status in {404, 410}:
            raise NotFoundError(f"{name} does not know it (status {status}).")
        raise RequestFailedError(f"{name} refuses the request (status {status}).", status, content)

    def _send(
        self, name: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, dict[str, str], bytes]:
        """One request on a connection of its own, to an address that was checked."""
        max_bytes = self._limits(name).max_bytes
        parts = urlsplit(url)
        hostname = parts.hostname or ""
        port = parts.port or _USUAL_PORTS[parts.scheme]
        sent = {
            "User-Agent": self._user_agent,
            "Accept-Encoding": "gzip",
            **({"Content-Type": "application/json"} if body is not None else {}),
            **headers,
        }
        address = public_address(hostname, self._resolve(hostname, port), self._is_allowed_address)
        question = HttpRequest(url, address, sent, body, max_bytes)
        return send_request(question, self._timeout, self._whole_seconds)

    def _listed(self, url: str, why: str | None = None) -> str:
        """The name of the host of an address; raises `ForbiddenAddressError` where it is not asked."""
        try:
            parts = urlsplit(url)
            is_asked = self._is_asked(parts)
        except ValueError:
            is_asked, parts = False, urlsplit("")
        if not is_asked or parts.username is not None:
            said = why or f"{parts.hostname or 'This'} is no host that Papercord asks"
            raise ForbiddenAddressError(f"{said}; that is not followed." if why else f"{said}.")
        return parts.netloc

    def _is_asked(self, parts: SplitResult) -> bool:
        host = self._hosts.get(parts.netloc)
        if host is not None:
            return parts.scheme == host.scheme
        if self._others is None or not parts.hostname or parts.scheme not in _USUAL_PORTS:
            return False
        return parts.port in {None, _USUAL_PORTS[parts.scheme]}

    def _limits(self, name: str) -> Host:
        return self._hosts.get(name) or self._others or Host(0.0)

    def _rate_limit(self, name: str) -> HostRateLimit:
        with self._adding:
            if name not in self._rate_limits:
                seconds = self._limits(name).seconds_between
                self._rate_limits[name] = HostRateLimit(
                    name, seconds, self._clock, self._sleep, self._jitter, self._permits
                )
            return self._rate_limits[name]

    def _retry_after(self, headers: Mapping[str, str]) -> float | None:
        """Seconds until the host wants the next request; None where it says nothing that can be read."""
        written = headers.get("retry-after", headers.get("backoff", "")).strip()
        if written.isascii() and written.isdigit():
            return min(float(written), LONGEST_ASKED_SECONDS)
        try:
            moment = parsedate_to_datetime(written)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=dt.UTC)
            seconds = (moment - self._now()).total_seconds()
        except (ValueError, OverflowError):
            return None
        return min(max(seconds, 0.0), LONGEST_ASKED_SECONDS)

    def _sleep_until_closed(self, seconds: float) -> None:
        if self._closed.wait(seconds):
            raise ClosedError("Papercord is being closed.")


def _redirect_target(url: str, location: str) -> str:
    """Where a redirect leads; empty where that is no address."""
    try:
        return urljoin(url, location)
    except ValueError:
        return ""
