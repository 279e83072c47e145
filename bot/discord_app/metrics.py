"""What the running bot counts of itself: how long its services take, and what Discord answers."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from types import SimpleNamespace

import aiohttp
from prometheus_client import CollectorRegistry, Counter, Histogram

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
NO_ANSWER = "none"


class Metrics:
    """Counts of one bot."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._services = Histogram(
            "papercord_service_seconds",
            "How long a service took, such as a search (search_page), without waiting for its turn.",
            ["service"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self._answers = Counter(
            "papercord_discord_answers",
            "Answers of Discord by status; none where the request ended without an answer.",
            ["code"],
            registry=self.registry,
        )

    @contextmanager
    def timing(self, service: str) -> Generator[None]:
        """Measure a service."""
        with self._services.labels(service).time():
            yield

    def count_answers(self, trace: aiohttp.TraceConfig) -> aiohttp.TraceConfig:
        """Count the answers of a session, too."""

        async def ended(
            _session: aiohttp.ClientSession, _context: SimpleNamespace, end: aiohttp.TraceRequestEndParams
        ) -> None:
            self._answers.labels(str(end.response.status)).inc()

        async def failed(
            _session: aiohttp.ClientSession,
            _context: SimpleNamespace,
            _end: aiohttp.TraceRequestExceptionParams,
        ) -> None:
            self._answers.labels(NO_ANSWER).inc()

        trace.on_request_end.append(ended)
        trace.on_request_exception.append(failed)
        return trace
