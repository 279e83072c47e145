"""What monitoring is answered over HTTP, and that the alert rules ask for what is there."""

from __future__ import annotations

import re
import socket
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bot.app import App
from bot.errors import ConfigurationError, DatabaseUnusableError
from cogs.families import create_bot
from tests.apps import close_app, open_app
from tests.conftest import ROOT
from tests.discord_app.running_bot import TOKEN, living, until

ALERTS = ROOT / "deploy" / "alerts.yml"


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def app(tmp_path, prepared_databases, clock, port: int) -> Iterator[App]:
    app = open_app(tmp_path, clock)
    object.__setattr__(app, "settings", app.settings.model_copy(update={"http_port": port}))
    yield app
    close_app(app)


@pytest.fixture
async def http(port: int) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        yield session


async def get(http: aiohttp.ClientSession, path: str) -> tuple[int, str]:
    async with http.get(path) as response:
        return response.status, await response.text()


def values(text: str) -> dict[str, float]:
    """Of each sample, such as `papercord_outbox_messages{state="held"}`."""
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f'{key}="{value}"' for key, value in sample.labels.items())
            found[sample.name + (f"{{{labels}}}" if labels else "")] = sample.value
    return found


async def test_a_running_bot_is_alive_and_ready_and_counts(loopback, app, http, monkeypatch):
    async with living(app) as bot:
        await until(bot.is_ready)
        assert await get(http, "/healthz") == (200, "alive\n")
        assert await get(http, "/readyz") == (200, "ready\n")
        found = values((await get(http, "/metrics"))[1])
        assert found["papercord_gateway_up"] == found["papercord_database_up"] == 1
        assert found["papercord_index_behind"] == 0
        assert found['papercord_outbox_messages{state="held"}'] == 0
        assert found['papercord_discord_answers_total{code="200"}'] >= 2
        assert found['papercord_service_seconds_count{service="figures"}'] >= 1

        named = set(re.findall(r"\bpapercord_\w+", ALERTS.read_text(encoding="utf-8")))
        assert named
        assert named <= {name.partition("{")[0] for name in found} | {
            "papercord_announcer_last_round_timestamp_seconds",
            "papercord_outbox_oldest_timestamp_seconds",
        }

        monkeypatch.setattr(app.store, "_connect", _is_away)
        assert await get(http, "/readyz") == (503, "The database does not answer.\n")
        assert await get(http, "/healthz") == (200, "alive\n")
        assert values((await get(http, "/metrics"))[1])["papercord_database_up"] == 0
        monkeypatch.undo()


def _is_away():
    raise DatabaseUnusableError("The database is away.")


async def test_a_bot_without_a_gateway_is_not_ready(loopback, app, http):
    loopback.gateway.refusals.extend([502] * 100)
    async with living(app):
        await until(lambda: loopback.gateway.seen["connect"])
        status, words = await get(http, "/readyz")
    assert (status, words) == (503, "The gateway of Discord is not connected.\n")


async def test_a_port_that_is_taken_is_named(loopback, app, port: int):
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        async with create_bot(app) as bot:
            with pytest.raises(ConfigurationError, match=rf"127\.0\.0\.1:{port} .*PAPERCORD_HTTP_PORT"):
                await bot.start(TOKEN)


def test_every_alert_says_what_to_do():
    rules = [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]
    assert len({rule["alert"] for rule in rules}) == len(rules) >= 8
    for rule in rules:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["action"]
