"""The index in a cluster: how it follows the database, and what is said where it cannot."""

from __future__ import annotations

import http.server
import secrets
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.app import App
from bot.errors import ConfigurationError, SearchUnusableError
from bot.ingest.undo import undo_import
from bot.papers.results import SearchRequest
from bot.papers.search import search, suggest_titles
from bot.search.fields import SCHEMA_VERSION
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


class Answers(http.server.BaseHTTPRequestHandler):
    """Refuses who gives no password."""

    def do_GET(self) -> None:
        self.send_response(200 if self.headers["Authorization"] else 401)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: Any) -> None:
        pass


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
    assert named.get("/") is None
    for each in (untrusting, known, named):
        each.close()
    server.shutdown()
    server.server_close()
