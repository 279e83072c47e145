"""The index in a cluster: how it follows the database, and what is said where it cannot."""

from __future__ import annotations

import http.server
import secrets
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import SecretStr

from bot.app import App, corpus_status
from bot.errors import ConfigurationError, SearchUnusableError
from bot.health import Level, health
from bot.ingest.undo import undo_import
from bot.papers.results import SearchRequest
from bot.papers.search import search, suggest_titles
from bot.search.fields import SCHEMA_VERSION
from bot.search.opensearch import cluster as cluster_module
from bot.search.opensearch import index as index_module
from bot.search.opensearch.cluster import Cluster
from bot.search.opensearch.index import ClusterIndex
from tests.apps import DECENTRALIZED, add, close_app, open_app, shipped_app
from tests.opensearch.nodes import free_port, node_of_run
from tests.relay import Relay


@pytest.fixture
def url() -> str:
    return node_of_run()


@pytest.fixture
def name(url: str) -> Iterator[str]:
    """What the names of this test's indexes begin with; they are deleted at its end."""
    name = f"test-{secrets.token_hex(4)}"
    yield name
    cluster = Cluster(url)
    cluster.delete(f"/{name}-*")
    cluster.close()


def settings(url: str, name: str) -> dict[str, Any]:
    return {"PAPERCORD_SEARCH_URL": SecretStr(url), "PAPERCORD_SEARCH_NAME": name}


@pytest.fixture
def app(tmp_path: Path, url: str, name: str) -> Iterator[App]:
    """The shipped corpus, its index in the cluster."""
    close_app(shipped_app(tmp_path / "data"))
    app = open_app(tmp_path / "data", search=settings(url, name))
    yield app
    close_app(app)


def total(app: App, query: str) -> int:
    return search(app, SearchRequest(query)).total


def index_of(app: App) -> ClusterIndex:
    assert isinstance(app.index, ClusterIndex)
    return app.index


def indexes(app: App) -> dict[str, Any]:
    """The indexes of an app in the cluster, with what is noted in them."""
    found = index_of(app).cluster.get(f"/{index_of(app)._layout.name}-*/_mapping") or {}
    return {name: index["mappings"]["_meta"] for name, index in found.items()}


def test_the_cluster_follows_the_database(app: App):
    assert app.index.revision is None
    assert total(app, "decentralized") == len(DECENTRALIZED)
    [(made, meta)] = indexes(app).items()
    assert made.endswith(f"-papers-{SCHEMA_VERSION}-000001")
    assert meta["shown"][0] == app.index.revision
    add(app, {"id": "1", "title": "Decentralized quokkas", "authors": ["Ada Quokka"], "score": 9})
    assert total(app, "decentralized") == len(DECENTRALIZED) + 1
    assert next(iter(suggest_titles(app, "Decentralized quo"))).label == "Decentralized quokkas"
    add(app, {"id": "1", "title": "Decentralized quokkas", "authors": ["Ada Wombat"], "score": 9})
    assert (total(app, "wombat"), total(app, 'author:"Ada Quokka"')) == (1, 0)
    add(app, {"id": "2", "title": "Wombats and other quokkas"})
    assert total(app, "wombat") == total(app, "quokka") == 2
    undo_import(app, 4)
    assert total(app, "quokka") == total(app, "wombat") == 1
    assert list(indexes(app)) == [made]


def test_a_query_takes_two_requests(app: App):
    cluster = index_of(app).cluster
    search(app, SearchRequest("anything"))
    for text in ("decentralized deep training", "Vasw et al. 2021", "graph netwroks", "an unseen quokka"):
        index_of(app).snapshot()
        before = cluster.requests
        search(app, SearchRequest(text))
        assert cluster.requests - before <= 2, text


def test_a_build_goes_on_where_it_was_killed(app: App, monkeypatch: pytest.MonkeyPatch):
    """It dies at each of its requests, one after the other, and hardly a paper is written again."""
    monkeypatch.setattr("bot.search.changes._PAGE", 4)
    monkeypatch.setattr(index_module, "_BATCHES_BETWEEN_NOTES", 1)
    request, write = Cluster._request, Cluster.write
    allowed, left, written = 0, 0, 0

    def dying(cluster: Cluster, *given: Any, **options: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        return request(cluster, *given, **options)

    def counted(cluster: Cluster, index: str, lines: list[bytes]) -> None:
        nonlocal written
        write(cluster, index, lines)
        written += len(lines) // 2

    monkeypatch.setattr(Cluster, "_request", dying)
    monkeypatch.setattr(Cluster, "write", counted)
    while True:
        allowed += 1
        left = allowed
        try:
            app.index.catch_up(app.store)
            break
        except KeyboardInterrupt:
            index_of(app)._seen_at = 0
    monkeypatch.undo()
    assert allowed > 5
    assert total(app, "decentralized") == len(DECENTRALIZED)
    assert [each[-6:] for each in indexes(app)] == ["000001"]
    assert written < 2 * 26


def test_another_history_is_built_beside_and_then_shown(app: App, tmp_path: Path, url: str, name: str):
    app.index.catch_up(app.store)
    other = open_app(tmp_path / "other", search=settings(url, name))
    add(other, {"id": "1", "title": "Quokkas"})
    assert total(other, "quokkas") == 1
    assert total(other, "decentralized") == 0
    assert [each[-6:] for each in indexes(app)] == ["000002"]
    close_app(other)


def test_a_cluster_that_is_away_is_said_and_no_paper_is_lost(tmp_path: Path, url: str, name: str):
    relay = Relay(int(url.rpartition(":")[2]))
    app = open_app(tmp_path / "data", search=settings(f"http://127.0.0.1:{relay.port}", name))
    add(app, {"id": "1", "title": "Quokka graphs"})
    assert total(app, "quokka") == 1
    relay.cut()
    index_of(app)._seen_at = 0
    with pytest.raises(SearchUnusableError, match=r"does not answer .* No papers are lost"):
        total(app, "graphs")
    assert app.index.revision is None
    add(app, {"id": "2", "title": "Quokka networks"})
    with pytest.raises(SearchUnusableError):
        app.index.catch_up(app.store, wait=False)
    relay.mend()
    app.index.catch_up(app.store, wait=False)
    assert total(app, "quokka") == 2
    close_app(app)
    relay.cut()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("localhost:9200", "is no address of a cluster"),
        ("https://", "is no address of a cluster"),
        ("https://one:port", "is no address of a cluster"),
        ("http://search.example.org:9200", "without encryption; write https://"),
    ],
)
def test_addresses_are_checked(address: str, said: str):
    with pytest.raises(ConfigurationError, match=said):
        Cluster(address)


def test_a_password_is_never_shown():
    port = free_port()
    cluster = Cluster(f"http://ada:secret%20word@127.0.0.1:{port}")
    with pytest.raises(SearchUnusableError) as raised:
        cluster.get("/")
    assert str(port) in str(raised.value)
    assert "secret" not in str(raised.value)
    cluster.close()


OPENSEARCH = {"version": {"distribution": "opensearch", "number": "2.19.6"}}


class Answers(http.server.BaseHTTPRequestHandler):
    """Refuses who gives no password."""

    def do_GET(self) -> None:
        self.answer(200 if self.headers["Authorization"] else 401, OPENSEARCH)

    def answer(self, status: int, body: Any, kind: str = "application/json") -> None:
        content = orjson.dumps(body)
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def answering(handler: type[Answers]) -> Iterator[http.server.ThreadingHTTPServer]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_certificates_are_checked(tmp_path: Path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"https://{{}}localhost:{server.server_port}"
    untrusting, known, named = (
        Cluster(address.format("")),
        Cluster(address.format(""), certificate),
        Cluster(address.format("ada:word@"), certificate),
    )
    with pytest.raises(
        SearchUnusableError, match=r"no certificate that can be trusted .*PAPERCORD_SEARCH_CA"
    ):
        untrusting.get("/")
    with pytest.raises(SearchUnusableError, match=r"refuses the user or password .*PAPERCORD_SEARCH_URL"):
        known.get("/")
    assert named.get("/") == OPENSEARCH
    for each in (untrusting, known, named):
        each.close()
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            {"version": {"distribution": "opensearch", "number": "3.1.0"}},
            "is OpenSearch 3.1.0; Papercord needs",
        ),
        (
            {"version": {"number": "8.15.0", "build_flavor": "default"}},
            "is Elasticsearch 8.15.0; Papercord needs",
        ),
        ({"hello": "world"}, "is no OpenSearch; Papercord needs OpenSearch 2.19"),
        ([], "is no OpenSearch"),
    ],
)
def test_what_is_no_opensearch_2_is_refused_in_a_line(answer: Any, said: str):
    class Says(Answers):
        def do_GET(self) -> None:
            self.answer(200, answer)

    with answering(Says) as server:
        cluster = Cluster(f"http://127.0.0.1:{server.server_port}")
        for _ in range(2):
            with pytest.raises(SearchUnusableError, match=said) as raised:
                cluster.get("/papercord-papers")
            assert "\n" not in str(raised.value)
        cluster.close()


def test_a_page_of_a_proxy_is_no_opensearch_and_who_may_not_ask_is_believed():
    class Says(Answers):
        def do_GET(self) -> None:
            if self.path != "/":
                self.answer(200, {"found": True})
            else:
                self.answer(*pages.pop())

    pages: list[tuple[Any, ...]] = [
        (403, {"error": {"type": "security_exception", "reason": "no permissions"}}),
        (404, "nothing", "text/html"),
        (200, "<html>", "text/html"),
    ]
    with answering(Says) as server:
        cluster = Cluster(f"http://127.0.0.1:{server.server_port}")
        for _ in range(2):
            with pytest.raises(SearchUnusableError, match="is no OpenSearch"):
                cluster.get("/it")
        assert cluster.get("/it") == {"found": True}
        cluster.close()


def test_a_node_that_hangs_is_passed_over():
    with answering(Answers) as server, socket.create_server(("127.0.0.1", 0)) as hanging:
        ports = (hanging.getsockname()[1], server.server_port)
        cluster = Cluster(",".join(f"http://ada:word@127.0.0.1:{port}" for port in ports))
        for _ in range(4):
            assert cluster._request("GET", "/it", seconds=2) == OPENSEARCH
        cluster.close()


BUSY = {"type": "rejected_execution_exception", "reason": "rejected execution of coordinating operation"}


def test_a_cluster_with_too_much_to_do_is_asked_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cluster_module, "_SEARCH_PAUSES", (0.01, 0.01))
    monkeypatch.setattr(cluster_module, "_WRITE_PAUSES", (0.01, 0.01))
    rejected = {"items": [{"index": {"status": 429, "error": BUSY}}], "errors": True}
    refused = {"status": 429, "error": BUSY}
    left: list[tuple[int, Any]] = []

    class Says(Answers):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.answer(*(left.pop(0) if left else (200, {"errors": False, "items": [], "responses": []})))

        def do_GET(self) -> None:
            self.answer(200, OPENSEARCH)

    with answering(Says) as server:
        cluster = Cluster(f"http://127.0.0.1:{server.server_port}")
        left += [(200, rejected), (200, rejected)]
        cluster.write("papers", [b"{}"])
        left += [(200, {"responses": [refused]})] * 2
        assert cluster.search("papers", []) == []
        assert not left
        left += [(200, rejected)] * 3
        with pytest.raises(
            SearchUnusableError, match=r"has too much to do \(429: rejected execution.*No papers are"
        ):
            cluster.write("papers", [b"{}"])
        left += [(429, {"error": BUSY, "status": 429})] * 99
        with pytest.raises(SearchUnusableError, match="has too much to do"):
            cluster.search("papers", [])
        cluster.close()


@pytest.mark.parametrize("block", ["read_only_allow_delete", "read_only", "write"])
def test_an_index_that_takes_no_papers_is_said_and_goes_on(
    app: App, block: str, caplog: pytest.LogCaptureFixture
):
    app.index.catch_up(app.store)
    [made] = indexes(app)
    blocks = f"/{made}/_settings"
    index_of(app).cluster.put(blocks, {f"index.blocks.{block}": True})
    add(app, {"id": "1", "title": "Quokka graphs"})
    assert "takes no papers: its index is read-only, as where its disk is full" in caplog.text
    assert total(app, "decentralized") == len(DECENTRALIZED)
    with pytest.raises(SearchUnusableError, match="takes no papers"):
        app.index.catch_up(app.store, wait=False)
    assert "takes no papers: its index is read-only" in str(corpus_status(app).trouble)
    [said] = [check for check in health(app) if check.name == "index"]
    assert (said.level, "takes no papers" in said.words) == (Level.WARNING, True)
    index_of(app).cluster.put(blocks, {f"index.blocks.{block}": None})
    app.index.catch_up(app.store, wait=False)
    assert total(app, "quokka") == 1
    assert corpus_status(app).trouble is None


def test_a_cluster_that_is_away_is_in_the_status(tmp_path: Path, name: str):
    app = open_app(tmp_path / "data", search=settings(f"http://127.0.0.1:{free_port()}", name))
    status = corpus_status(app)
    assert "does not answer" in str(status.trouble)
    assert status.index_revision is None
    close_app(app)


def test_what_others_made_under_the_name_is_said(app: App, name: str):
    alias = f"{name}-papers-{SCHEMA_VERSION}"
    index_of(app).cluster.put(f"/{alias}", {})
    assert f"leads to {alias}, which Papercord did not make" in str(app.index.trouble())
    with pytest.raises(SearchUnusableError, match="Delete the alias, or choose another"):
        total(app, "decentralized")
    index_of(app).cluster.delete(f"/{alias}")
    assert total(app, "decentralized") == len(DECENTRALIZED)


def test_the_index_of_a_newer_version_is_left_alone(app: App, name: str):
    newer = f"{name}-papers-{SCHEMA_VERSION + 1}-000001"
    alias = {newer.removesuffix("-000001"): {}}
    index_of(app).cluster.put(f"/{newer}", {"aliases": alias, "mappings": {"_meta": {"shown": "otherwise"}}})
    assert total(app, "decentralized") == len(DECENTRALIZED)
    add(app, {"id": "1", "title": "Quokka graphs"})
    assert total(app, "quokka") == 1
    assert newer in indexes(app)


def test_an_index_that_lost_papers_is_made_anew(app: App, tmp_path: Path, url: str, name: str, caplog: Any):
    app.index.catch_up(app.store)
    [made] = indexes(app)
    index_of(app).cluster.delete(f"/{made}/_doc/7?refresh=true")
    caplog.set_level("INFO")
    again = open_app(tmp_path / "data", search=settings(url, name))
    again.index.catch_up(again.store, wait=False)
    assert "The search index was made anew: it lacked 1 of 26 papers." in caplog.messages
    assert total(again, "decentralized") == len(DECENTRALIZED)
    assert index_of(again).snapshot().engine.papers == 26
    assert [each[-6:] for each in indexes(again)] == ["000002"]
    close_app(again)
