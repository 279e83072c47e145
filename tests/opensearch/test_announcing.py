"""New papers are announced while the search cluster is away; what needs its words waits for it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.announcements.results import Filters
from bot.app import App
from bot.reading.votes import vote
from bot.search.opensearch.cluster import Cluster
from tests.announcements.announcer import GUILD, Office, papers
from tests.announcements.conftest import clock, discord_server, office  # noqa: F401 - fixtures
from tests.apps import Clock, close_app, open_app
from tests.loopback_discord.reading import text_of
from tests.opensearch.nodes import node_of_run
from tests.reading.test_taste import BY_TASTE
from tests.relay import Relay


@pytest.fixture
def relay() -> Iterator[Relay]:
    """The way to the cluster."""
    relay = Relay(int(node_of_run().rpartition(":")[2]))
    yield relay
    relay.cut()


@pytest.fixture
def app(tmp_path: Path, clock: Clock, relay: Relay) -> Iterator[App]:  # noqa: F811
    name = f"test-{secrets.token_hex(4)}"
    search = {
        "PAPERCORD_SEARCH_URL": SecretStr(f"http://127.0.0.1:{relay.port}"),
        "PAPERCORD_SEARCH_NAME": name,
    }
    app = open_app(tmp_path / "data", clock, search=search)
    yield app
    close_app(app)
    cluster = Cluster(node_of_run())
    cluster.delete(f"/{name}-*")
    cluster.close()


async def test_a_digest_by_taste_waits_for_the_cluster_and_all_else_goes_on(
    office: Office,  # noqa: F811
    relay: Relay,
    caplog: pytest.LogCaptureFixture,
):
    [liked] = office.bring(papers(1))
    vote(office.app, GUILD, liked, 1)
    office.digest(1, BY_TASTE)
    office.subscribe(1, Filters(query="quokka"))
    office.subscribe(2)
    relay.cut()
    [quokka] = office.bring(papers(1, title="A quokka"))
    others = office.bring(papers(3))
    office.clock.move(days=1)
    await office.settle()
    assert office.seen(1) == {quokka: 1}
    assert office.seen(2) == dict.fromkeys([quokka, *others], 1)
    more = office.bring(papers(1))
    await office.settle()
    assert (office.seen(1), office.seen(2)[more[0]]) == ({quokka: 1}, 1)
    [said] = [each for each in caplog.messages if each.startswith("Digests that are ranked")]
    assert "does not answer" in said
    relay.mend()
    office.clock.move(minutes=2)
    await office.settle()
    assert office.seen(1) == dict.fromkeys([quokka, *others, *more], 1)
    assert "by the group’s taste" in text_of(office.discord.visible(1)[-1])
