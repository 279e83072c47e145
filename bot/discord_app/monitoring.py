"""What monitoring asks over HTTP: whether the bot lives, whether it is ready, and metrics for Prometheus."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Iterator, Mapping

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from bot.discord_app.client import Papercord
from bot.errors import ConfigurationError, DatabaseUnusableError
from bot.health import Figures, figures

PATIENCE = 10.0
"""Seconds for what is asked of the database."""

_log = logging.getLogger(__name__)


class Monitoring:
    """Answers `/healthz`, `/readyz` and `/metrics` while the bot runs."""

    def __init__(self, bot: Papercord) -> None:
        self._bot = bot
        self._runner: web.AppRunner | None = None

    async def start(self, address: str, port: int) -> None:
        """Listen.

        Raises:
            ConfigurationError: The port cannot be listened on.

        """
        app = web.Application()
        app.add_routes(
            [
                web.get("/healthz", self._alive),
                web.get("/readyz", self._ready),
                web.get("/metrics", self._metrics),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, address, port).start()
        except OSError as error:
            raise ConfigurationError(
                f"Nothing can listen on {address}:{port} ({error.strerror}): change PAPERCORD_HTTP_PORT or "
                "PAPERCORD_HTTP_ADDRESS."
            ) from None
        _log.info("Monitoring is answered on http://%s:%d.", address, port)

    async def close(self) -> None:
        """Listen no more."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _alive(self, _request: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def _ready(self, _request: web.Request) -> web.Response:
        """Whether commands are answered now; else why not, in a line each."""
        reasons = [] if self._is_connected() else ["The gateway of Discord is not connected."]
        if await self._figures() is None:
            reasons.append("The database does not answer.")
        if reasons:
            return web.Response(text="\n".join(reasons) + "\n", status=503)
        return web.Response(text="ready\n")

    async def _metrics(self, _request: web.Request) -> web.Response:
        found = await self._figures()
        registry = CollectorRegistry()
        registry.register(
            _Collected([*_of_bot(self._bot, connected=self._is_connected()), *_of_database(found)])
        )
        body = generate_latest(registry) + generate_latest(self._bot.metrics.registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    def _is_connected(self) -> bool:
        return not self._bot.is_closed() and self._bot.has_gateway

    async def _figures(self) -> Figures | None:
        """None where the database does not answer in time."""
        try:
            return await asyncio.wait_for(self._bot.call(figures), PATIENCE)
        except (DatabaseUnusableError, TimeoutError):
            return None


class _Collected:
    """Metrics that were read for one answer."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        """Give them out."""
        yield from self._metrics


def _of_bot(bot: Papercord, *, connected: bool) -> Iterator[Metric]:
    yield _gauge("papercord_gateway_up", "Whether the gateway of Discord is connected.", connected)
    # A process that has no shards has no latency either.
    if connected and not math.isnan(bot.latency):
        yield _gauge("papercord_gateway_latency_seconds", "The time of a heartbeat's answer.", bot.latency)
    yield _gauge("papercord_servers", "Servers that the bot is in.", len(bot.guilds))
    yield _gauge("papercord_shards", "Connections to the gateway.", bot.connections)
    yield _gauge("papercord_processes", "Processes that serve the bot.", bot.processes)
    switches = CounterMetricFamily(
        "papercord_database_switches", "How often another server took over as the database."
    )
    switches.add_metric([], bot.app.store.switches)
    yield switches


def _of_database(found: Figures | None) -> Iterator[Metric]:
    yield _gauge("papercord_database_up", "Whether the database answers.", found is not None)
    if found is None:
        return
    yield _gauge("papercord_papers", "Papers of the corpus.", found.papers)
    yield _gauge("papercord_revision", "The revision of the corpus.", found.revision)
    yield _gauge("papercord_index_behind", "Revisions that the search index lacks.", found.index_behind)
    yield _gauge("papercord_announcer_up", "Whether some process announces.", found.announces)
    if found.last_round is not None:
        yield _gauge(
            "papercord_announcer_last_round_timestamp_seconds",
            "The last round that ended well.",
            found.last_round,
        )
    if found.oldest_planned is not None:
        yield _gauge(
            "papercord_outbox_oldest_timestamp_seconds",
            "When the oldest message that is still on its way was planned.",
            found.oldest_planned,
        )
    yield _by_state("papercord_outbox_messages", "Messages by state.", found.messages)
    yield _by_state("papercord_sources", "Sources that are followed, by state.", found.sources)
    yield _by_state("papercord_imports", "Imports that need a person, by state.", found.imports)
    if found.last_import is not None:
        yield _gauge(
            "papercord_last_import_timestamp_seconds", "The end of the newest import.", found.last_import
        )
    yield _gauge("papercord_disk_free_bytes", "Free under the data folder.", found.disk_free)


def _gauge(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, help_text, value=value)


def _by_state(name: str, help_text: str, counts: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(name, help_text, labels=["state"])
    for state, number in counts.items():
        family.add_metric([state], number)
    return family
