"""One bound of time for all that a query asks of a cluster, however its answers come."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.discord_app.replies import SEARCH_LATE, explain
from bot.errors import SearchLateError, SearchUnusableError
from bot.papers.results import SearchRequest
from bot.papers.search import every_match, find_paper, search, search_page, suggest_titles
from bot.search import patience
from bot.search.opensearch.cluster import Cluster
from bot.search.opensearch.index import ClusterIndex
from bot.search.patience import within
from bot.search.snapshot import StoreState
from tests.apps import close_app, open_app
from tests.search.test_opensearch import BUSY, OPENSEARCH, Answers, answering

SECONDS = 0.4
MOST = 2.0
"""On a busy machine; without a bound it takes ten and more."""

Answering = Callable[[Answers], None]


class Server:
    """Answers searches one after the other as it is told, the last way for ever; and all else at once."""

    def __init__(self, *ways: Answering, mapping: Any = None) -> None:
        self.ways = list(ways)
        self.asked = 0
        self.over = threading.Event()

        def asked(handler: Answers) -> None:
            handler.rfile.read(int(handler.headers["content-length"]))
            way = self.ways[min(self.asked, len(self.ways) - 1)]
            self.asked += 1
            way(handler)

        def looked(handler: Answers) -> None:
            handler.answer(200, OPENSEARCH if handler.path == "/" else mapping)

        self.handler = type("Says", (Answers,), {"do_GET": looked, "do_POST": asked})

    def never(self, _: Answers) -> None:
        self.over.wait(10)

    def busy(self, handler: Answers) -> None:
        handler.answer(200, {"responses": [{"status": 429, "error": BUSY}]})

    def away(self, handler: Answers) -> None:
        handler.answer(503, {"error": {"type": "no_shard", "reason": "shards are away"}, "status": 503})

    def in_pieces(self, handler: Answers) -> None:
        """An answer whose pieces each come soon."""
        handler.send_response(200)
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", "1000")
        handler.end_headers()
        self._piecewise(handler)

    def heads_in_pieces(self, handler: Answers) -> None:
        """So with the answer's first line."""
        handler.wfile.write(b"HTTP/1.1 200 O")
        self._piecewise(handler)

    def _piecewise(self, handler: Answers) -> None:
        for _ in range(400):
            if self.over.wait(0.02):
                return
            try:
                handler.wfile.write(b" ")
            except OSError:
                return


Started = Callable[[Server], str]


@pytest.fixture
def started() -> Iterator[Started]:
    """Starts servers, and gives their addresses."""
    with ExitStack() as stack:

        def start(server: Server) -> str:
            port = stack.enter_context(answering(server.handler)).server_port
            stack.callback(server.over.set)
            return f"http://127.0.0.1:{port}"

        yield start


def seconds_of(cluster: Cluster, error: type[Exception] = SearchLateError) -> float:
    """How long a search takes until it says that it is not answered."""
    began = time.monotonic()
    with within(SECONDS), pytest.raises(error):
        cluster.search("papers", [{"size": 0}])
    cluster.close()
    return time.monotonic() - began


@pytest.mark.parametrize("way", ["never", "in_pieces", "heads_in_pieces"])
def test_a_node_that_answers_slowly_is_not_waited_for(way: str, started: Started):
    server = Server()
    server.ways = [getattr(server, way)]
    assert 0.9 * SECONDS < seconds_of(Cluster(started(server))) < MOST


@pytest.mark.parametrize("first", ["busy", "away"])
def test_what_fails_and_is_slow_then_has_the_time_of_one_query(first: str, started: Started):
    server = Server()
    server.ways = [getattr(server, first), server.never]
    assert 0.9 * SECONDS < seconds_of(Cluster(started(server))) < MOST
    assert server.asked == 2


def test_what_is_always_busy_is_asked_again_within_the_time(started: Started):
    server = Server()
    server.ways = [server.busy]
    assert seconds_of(Cluster(started(server)), SearchUnusableError) < MOST
    assert server.asked == 2  # the second pause would be too long


def test_another_node_is_asked_in_the_time_that_is_left(started: Started):
    good = Server(lambda handler: handler.answer(200, {"responses": []}))
    for bad in ("never", "in_pieces"):
        slow = Server()
        slow.ways = [getattr(slow, bad)]
        for addresses in ([started(slow), started(good)], [started(good), started(slow)]):
            cluster = Cluster(",".join(addresses))
            with within(8 * SECONDS):
                assert cluster.search("papers", []) == []
            cluster.close()


def test_nodes_that_take_no_connection_have_the_time_of_one_query():
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        ports = [each.getsockname()[1] for each in (one, other)]
        cluster = Cluster(",".join(f"http://127.0.0.1:{port}" for port in ports))
        assert seconds_of(cluster) < MOST


def mapping(revision: int = 0) -> Any:
    return {"index-000001": {"mappings": {"_meta": {"shown": [revision, 0, 0]}}}}


def test_whole_questions_have_one_bound(tmp_path: Path, started: Started):
    """The look at the revision is answered; the searches are not."""
    server = Server(mapping=mapping())
    server.ways = [server.never]
    app = open_app(tmp_path / "data", search={"PAPERCORD_SEARCH_URL": SecretStr(started(server))})
    for ask in (
        lambda: search(app, SearchRequest("quokka")),
        lambda: search_page(app, SearchRequest("quokka")),
        lambda: suggest_titles(app, "quokka"),
        lambda: find_paper(app, "quokka"),
        lambda: every_match(app, SearchRequest("quokka")),
    ):
        began = time.monotonic()
        with within(SECONDS), pytest.raises(SearchLateError, match="did not answer in time") as raised:
            ask()
        assert time.monotonic() - began < MOST
        assert explain(raised.value) == SEARCH_LATE
    close_app(app)


def test_a_revision_that_does_not_come_leaves_the_papers_that_were_seen(tmp_path: Path, started: Started):
    """Somebody looks for a new revision, and gets no answer."""
    found: Any = {"_shards": {"total": 1, "successful": 1}, "hits": {"total": {"value": 0}, "hits": []}}
    server = Server(lambda handler: handler.answer(200, {"responses": [found]}), mapping=mapping())
    app = open_app(tmp_path / "data", search={"PAPERCORD_SEARCH_URL": SecretStr(started(server))})
    index = app.index
    assert isinstance(index, ClusterIndex)
    seen = index.snapshot()
    assert seen is not None
    assert seen.state == StoreState()
    index._seen_at = 0
    began = time.monotonic()
    with index._looking, within(SECONDS):
        assert index.snapshot() is seen
        taken = time.monotonic() - began
        assert index.snapshot() is seen  # for a second it is not tried again
        assert time.monotonic() - began < taken + SECONDS / 2
    assert taken < MOST
    close_app(app)


def test_a_new_revision_that_was_not_read_whole_is_not_seen(tmp_path: Path, started: Started):
    found: Any = {"_shards": {"total": 1, "successful": 1}, "hits": {"total": {"value": 0}, "hits": []}}
    seen = mapping(0)
    server = Server(lambda handler: handler.answer(200, {"responses": [found]}), mapping=seen)
    app = open_app(tmp_path / "data", search={"PAPERCORD_SEARCH_URL": SecretStr(started(server))})
    index = app.index
    assert isinstance(index, ClusterIndex)
    index.snapshot()
    ways, server.ways = server.ways, [server.never]
    seen |= mapping(7)
    for _ in range(2):
        index._seen_at = index._failed_at = 0
        with within(SECONDS):
            assert index.snapshot().state.revision == 0
    server.ways = ways
    index._seen_at = index._failed_at = 0
    assert index.snapshot().state.revision == 7
    close_app(app)


def test_a_lock_is_waited_for_as_long_as_there_is_patience():
    lock = threading.Lock()
    with patience.held(lock), within(0.01), pytest.raises(SearchLateError), patience.held(lock):
        pass
    assert not lock.locked()


def test_time_in_which_papers_are_written_does_not_count(monkeypatch: pytest.MonkeyPatch):
    now = 100.0
    monkeypatch.setattr(patience.time, "monotonic", lambda: now)
    with within(10):
        now += 2
        with within(100):
            assert patience.left(100) == 8
        with within(1):
            assert patience.left(100) == 1
        with patience.uncounted():
            assert not patience.is_limited()
            assert patience.left(100) == 100
            now += 50
        assert patience.left(100) == 8
        now += 9
        assert patience.left(100) == 0
    assert not patience.is_limited()
