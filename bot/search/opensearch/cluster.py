"""The connection to the cluster: addresses, credentials, and errors as a person reads them."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from ipaddress import ip_address
from itertools import count
from pathlib import Path
from threading import BoundedSemaphore, Thread
from typing import Any, TypeVar, cast
from urllib.parse import unquote, urlsplit

import orjson
from opensearchpy import ConnectionSelector, OpenSearch
from opensearchpy.exceptions import (
    AuthenticationException,
    AuthorizationException,
    ConnectionTimeout,
    NotFoundError,
    OpenSearchException,
    SerializationError,
    SSLError,
    TransportError,
)
from opensearchpy.exceptions import ConnectionError as NoConnectionError
from pydantic import BaseModel, ValidationError

from bot.errors import ConfigurationError, SearchLateError, SearchUnusableError, one_line
from bot.search import patience
from bot.search.opensearch.queries import Dsl

_ASKING = 10.0
"""Seconds for an answer where nobody waits for less, with all tries."""
_WRITING = 120.0
"""Seconds for writing, where nobody waits."""
_SHARD_WITHIN = "10s"
"""So long it is waited for a shard that is away, such as while a copy takes over."""
_TRIES = 3
_PASSING = {429, 502, 503, 504}
"""Statuses of a node that another one, or the same at once, may not answer."""
_OF_SHARE = 0.95
_MOST_WAITING = 64
"""Requests of people that wait for an answer at once."""
_SEARCH_PAUSES, _WRITE_PAUSES = (0.1, 0.5, 2.0), (0.5, 2.0, 8.0)
"""Seconds after which it is asked again where that may pass."""
BLOCKED = (
    "its index is read-only, as where its disk is full; free some space or add a node, and lift the block "
    "where the cluster does not do it by itself"
)
"""What a block of an index means."""
_NONE_LOST = "No papers are lost; what it lacks is completed once this is over."
_OPENSEARCH, _SERIES = "opensearch", "2."
"""Of OpenSearch; another one may answer otherwise."""
_WANTED = ",".join(
    f"responses.{path}"
    for path in (
        "status",
        "error",
        "_shards.total",
        "_shards.successful",
        "hits.total.value",
        "hits.hits._score",
        "hits.hits.fields",
        "hits.hits.sort",
        "hits.hits.matched_queries",
        "aggregations",
    )
)
"""What is read of the answers to searches."""


Answer = TypeVar("Answer")


class _Version(BaseModel):
    """What a node says of itself."""

    number: str
    distribution: str = "Elasticsearch"

    @property
    def is_known(self) -> bool:
        """Whether it answers as it is asked here."""
        return self.distribution == _OPENSEARCH and self.number.startswith(_SERIES)

    def __str__(self) -> str:
        """As people call it."""
        name = "OpenSearch" if self.distribution == _OPENSEARCH else self.distribution
        return f"{name} {self.number}"


class _Node(BaseModel):
    version: _Version


class _BusyError(SearchUnusableError):
    """The cluster has too much to do."""


class _ChangingError(SearchUnusableError):
    """Shards are away, perhaps until other nodes have taken over."""


# Its errors are raised as well, and their words are in the log of whoever meets them.
logging.getLogger("opensearch").setLevel(logging.CRITICAL)


class _InTurn(ConnectionSelector):
    """Takes nodes in turn over all threads, so that a request is tried with another one."""

    def __init__(self, opts: Any) -> None:
        super().__init__(opts)
        self._numbers = count()

    def select(self, connections: Sequence[Any]) -> Any:
        """The next node of those that work."""
        return connections[next(self._numbers) % len(connections)]


class Cluster:
    """A cluster by the addresses of one or more of its nodes; safe for many threads."""

    def __init__(self, addresses: str, ca_file: Path | None = None) -> None:
        """Take addresses, separated by commas: `https://user:password@host:9200`."""
        hosts = [_host(address.strip()) for address in addresses.split(",") if address.strip()]
        self.places = ", ".join(f"{host['host']}:{host['port']}" for host in hosts)
        """The addresses as they may be shown."""
        self.requests = 0
        """How many were sent."""
        self._is_known = False
        """Whether its version was looked at."""
        self._has_others = len(hosts) > 1
        """Whether another node may answer where one hangs."""
        self._tries = max(_TRIES, len(hosts))
        self._waiting = BoundedSemaphore(_MOST_WAITING)
        secure: dict[str, Any] = {"verify_certs": True, "ca_certs": str(ca_file)} if ca_file else {}
        if all(host["use_ssl"] for host in hosts):
            secure |= {"verify_certs": True}
        self._client = OpenSearch(
            hosts,
            http_compress=any(host["use_ssl"] for host in hosts),
            # It is tried again here, where all tries share the time; the client only learns which nodes fail.
            max_retries=0,
            selector_class=_InTurn,
            retry_on_timeout=True,
            retry_on_status=_PASSING,
            pool_maxsize=16,
            **secure,
        )

    def search(self, index: str, bodies: Sequence[Dsl], seconds: float = _ASKING) -> list[Dsl]:
        """The answers to searches, in one request; within some seconds."""
        # Scores of all shards are comparable only where each knows the frequencies of all.
        head = orjson.dumps({"index": index, "search_type": "dfs_query_then_fetch"})
        counts = orjson.dumps({"index": index})
        lines = (
            line for body in bodies for line in (head if body["size"] else counts, orjson.dumps(body), b"")
        )
        content = b"\n".join(line for line in lines if line) + b"\n"

        def ask() -> list[Dsl]:
            found = self._request("POST", "/_msearch", content, {"filter_path": _WANTED}, seconds)
            responses = cast("list[Dsl]", found["responses"])
            if failed := next((response for response in responses if "error" in response), None):
                raise self._refused(failed["error"], int(failed.get("status", 500)))
            return responses

        return _patiently(ask, _SEARCH_PAUSES, (_BusyError, _ChangingError))

    def write(self, index: str, lines: Sequence[bytes]) -> None:
        """Write papers, as the lines of a bulk request; newer versions of them are left as they are."""
        path = f"/{index}/_bulk"
        params = {"filter_path": "errors,items.*.error,items.*.status", "timeout": _SHARD_WITHIN}

        def ask() -> None:
            found = self._request("POST", path, b"\n".join(lines) + b"\n", params, _WRITING)
            for item in found["items"] if found["errors"] else ():
                [done] = item.values()
                # 409: a newer version is there; 404: what is deleted was gone.
                if done["status"] not in {200, 201, 404, 409}:
                    raise self._refused(done.get("error", {}), done["status"])

        _patiently(ask, _WRITE_PAUSES, (_BusyError,))

    def get(self, path: str) -> Dsl | None:
        """What the cluster says of something; None where it has no such thing."""
        return self._request("GET", path, none_is_known=True) or None

    def put(self, path: str, body: Dsl) -> None:
        """Make or set something."""
        self._request("PUT", path, orjson.dumps(body), seconds=_WRITING)

    def post(self, path: str, body: Dsl | None = None) -> Dsl:
        """Have something done."""
        return self._request("POST", path, orjson.dumps(body) if body is not None else None, seconds=_WRITING)

    def delete(self, path: str) -> None:
        """Delete something that may be gone."""
        self._request("DELETE", path, seconds=_WRITING, none_is_known=True)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        params: Mapping[str, Any] | None = None,
        seconds: float = _ASKING,
        *,
        none_is_known: bool = False,
    ) -> Any:
        if not self._is_known:
            self._look_at_version()
        self.requests += 1
        kind = "application/x-ndjson" if path.endswith(("_bulk", "_msearch")) else "application/json"
        with self._explained(none_is_known=none_is_known):
            return self._tried(
                partial(
                    self._client.transport.perform_request,
                    method,
                    path,
                    params=params,
                    body=body.decode() if body is not None else None,
                    headers={"content-type": kind},
                ),
                seconds,
            )
        return None

    def _tried(self, ask: Callable[..., Any], seconds: float) -> Any:
        """Ask one node, or another one where it fails; all tries together have so many seconds at most."""
        until = time.monotonic() + patience.left(seconds)
        for tries_left in reversed(range(self._tries)):
            share = until - time.monotonic()
            if tries_left and self._has_others:
                share /= 2
            if share <= 0:
                break
            try:
                # Somewhat less, so that the client itself notes which node was late.
                return self._in_time(partial(ask, timeout=share * _OF_SHARE), share)
            except TransportError as error:
                if isinstance(error, ConnectionTimeout):
                    may_pass = self._has_others
                else:
                    may_pass = isinstance(error, NoConnectionError) or error.status_code in _PASSING
                if not (may_pass and tries_left):
                    raise
        raise SearchLateError(self.places)

    def _in_time(self, ask: Callable[[], Any], seconds: float) -> Any:
        """What is answered in time: the client limits each piece that comes, not the whole."""
        if not patience.is_limited():
            return ask()
        until = time.monotonic() + seconds
        if not self._waiting.acquire(timeout=seconds):
            raise SearchLateError(self.places)
        answer: Future[Any] = Future()

        def run() -> None:
            try:
                answer.set_result(ask())
            except BaseException as error:  # noqa: BLE001 - it is raised where the answer is waited for
                answer.set_exception(error)
            finally:
                self._waiting.release()

        Thread(target=run, name="asking", daemon=True).start()
        try:
            return answer.result(max(0.0, until - time.monotonic()))
        except TimeoutError as error:
            raise ConnectionTimeout("TIMEOUT", "no whole answer", error) from None

    def _look_at_version(self) -> None:
        """Refuse what is no OpenSearch of the series; whoever may not ask for the version is believed."""
        with self._explained(none_is_known=False):
            try:
                found = self._tried(partial(self._client.transport.perform_request, "GET", "/"), _ASKING)
                version = _Node.model_validate(found).version
            except AuthorizationException:
                version = _Version(number=_SERIES, distribution=_OPENSEARCH)
            except (NotFoundError, SerializationError, ValidationError):
                version = None
        if version is None or not version.is_known:
            raise SearchUnusableError(
                f"PAPERCORD_SEARCH_URL: at {self.places} is {version or 'no OpenSearch'}; Papercord needs "
                "OpenSearch 2.19 or a later 2.x."
            )
        self._is_known = True

    @contextmanager
    def _explained(self, *, none_is_known: bool) -> Generator[None]:
        """Turn errors of the client into one that says what to do."""
        try:
            yield
        except NotFoundError as error:
            if not none_is_known:
                raise self._refused(error.info, 404) from error
        except (AuthenticationException, AuthorizationException) as error:
            if _type_of(error.info) == "cluster_block_exception":
                raise self._refused(error.info, error.status_code) from error
            raise SearchUnusableError(
                f"The search cluster at {self.places} refuses the user or password "
                f"({error.status_code}); set them in PAPERCORD_SEARCH_URL."
            ) from error
        except SSLError as error:
            raise SearchUnusableError(
                f"The search cluster at {self.places} has no certificate that can be trusted "
                f"({_reason(error)}); name its authority's file in PAPERCORD_SEARCH_CA."
            ) from error
        except TransportError as error:
            status = error.status_code
            if isinstance(error, ConnectionTimeout):
                raise SearchLateError(self.places) from error
            if isinstance(status, int):
                raise self._refused(error.info, status) from error
            raise self._away(_reason(error)) from error
        except OpenSearchException as error:
            raise self._away(one_line(error)) from error

    def _away(self, reason: str) -> SearchUnusableError:
        return SearchUnusableError(
            f"The search cluster at {self.places} does not answer ({reason}). {_NONE_LOST}"
        )

    def _refused(self, error: Any, status: int | str) -> SearchUnusableError:
        """The error that says what the cluster answered."""
        where, said = f"The search cluster at {self.places}", f"({status}: {one_line(_said(error))})"
        if _type_of(error) == "cluster_block_exception":
            return SearchUnusableError(f"{where} takes no papers: {BLOCKED} {said}. {_NONE_LOST}")
        if status == 429:
            return _BusyError(f"{where} has too much to do {said}. {_NONE_LOST}")
        if status == 503:
            return _ChangingError(
                f"A part of the search cluster at {self.places} is away {said}. {_NONE_LOST}"
            )
        return SearchUnusableError(f"{where} refused a request {said}. {_NONE_LOST}")


def _patiently(
    ask: Callable[[], Answer], pauses: Sequence[float], passing: tuple[type[SearchUnusableError], ...]
) -> Answer:
    """What is answered, perhaps after some pauses for which there is the time."""
    for pause in pauses:
        try:
            return ask()
        except passing:
            if patience.left(pause) < pause:
                raise
            time.sleep(pause)
    return ask()


def _type_of(error: object) -> object:
    """What kind of error was answered."""
    found: object = error
    while isinstance(found, dict):
        said = cast("Dsl", found)
        if "type" in said:
            return said["type"]
        found = said.get("error")
    return None


def _reason(error: TransportError) -> str:
    cause: object = error.info
    return type(cause).__name__ if isinstance(cause, Exception) else type(error).__name__


def _said(error: Any) -> str:
    """What is at the root of an answered error."""
    while isinstance(error, dict):
        said = cast("Dsl", error)
        error = said.get("error") or said.get("caused_by") or said.get("reason") or said.get("type")
    return str(error)


def _host(address: str) -> dict[str, Any]:
    """An address as the client takes it; without TLS only this machine is trusted."""
    try:
        parts = urlsplit(address)
        port = parts.port or 9200
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigurationError(
            "PAPERCORD_SEARCH_URL is no address of a cluster; write https://user:password@host:9200, "
            "and more of them separated by commas."
        )
    if parts.scheme == "http" and not _is_this_machine(parts.hostname):
        raise ConfigurationError(
            f"PAPERCORD_SEARCH_URL: {parts.hostname} would be asked without encryption; write https://."
        )
    host: dict[str, Any] = {"host": parts.hostname, "port": port, "use_ssl": parts.scheme == "https"}
    if parts.path.strip("/"):
        host["url_prefix"] = parts.path.strip("/")
    if parts.username is not None:
        host["http_auth"] = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return host


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
