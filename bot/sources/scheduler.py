"""Schedules checks and sweeps: one worker for each provider, its due sources in turn, one page each."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from bot.app import App
from bot.fetch.errors import ClosedError
from bot.lease import Lease
from bot.sources.crawler import StepReport, check_page
from bot.sources.library import Library
from bot.sources.providers.kinds import Provider
from bot.sources.providers.table import KINDS, PROVIDERS
from bot.sources.sweeper import sweep_page
from bot.store.sources import SourceRow, due_sources


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a round of checks did."""

    pages: int
    added: int
    updated: int
    errors: tuple[str, ...]
    held_elsewhere: tuple[str, ...] = ()
    """Providers whose sources another process is checking."""


@dataclass(slots=True)
class _Round:
    """The reports of the workers of one round."""

    steps: list[StepReport] = field(default_factory=list[StepReport])
    held_elsewhere: list[str] = field(default_factory=list[str])


class SourceWorkers:
    """Checks sources in the background, one thread for each provider that has something due."""

    def __init__(self, app: App, library: Library) -> None:
        self._app = app
        self._library = library
        self._stop = threading.Event()
        self._starting = threading.Lock()
        self._threads: dict[Provider, threading.Thread] = {}

    def wake(self) -> None:
        """Begin what is due and not under way; does not wait for it."""
        with self._starting:
            if self._stop.is_set():
                return
            for provider in PROVIDERS:
                thread = self._threads.get(provider)
                if (thread is not None and thread.is_alive()) or not _due(self._app, provider):
                    continue
                self._threads[provider] = threading.Thread(
                    target=self._work, args=[provider], name=f"sources {provider.name}", daemon=True
                )
                self._threads[provider].start()

    def close(self, timeout: float = 10.0) -> None:
        """End after the pages under way, waiting `timeout` seconds in all; the library stays open."""
        self._stop.set()
        until = time.monotonic() + timeout
        with self._starting:
            threads = list(self._threads.values())
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _work(self, provider: Provider) -> None:
        with self._app.outages.watching(f"Checking the sources of {provider.name}", once=True):
            _check_provider(self._app, self._library, provider, _Round(), self._stop, _ignore_step)


def check_due_sources(
    app: App,
    library: Library,
    *,
    stop: threading.Event | None = None,
    report: Callable[[StepReport], None] | None = None,
) -> CheckReport:
    """Check every source whose time has come, until each check ends.

    Args:
        app: The parts to work with.
        library: The providers.
        stop: Ends the round after the pages under way.
        report: Called with each page, in the worker's thread.

    """
    ending = stop or threading.Event()
    round_ = _Round()
    providers = [provider for provider in PROVIDERS if _due(app, provider)]
    if not providers:
        return CheckReport(0, 0, 0, ())

    def work(provider: Provider) -> None:
        _check_provider(app, library, provider, round_, ending, report or _ignore_step)

    with ThreadPoolExecutor(len(providers), thread_name_prefix="sources") as pool:
        try:
            list(pool.map(work, providers))
        except BaseException:
            # Also at the person's interruption: the pool waits for its threads, which wait for providers.
            ending.set()
            library.close()
            raise
    return CheckReport(
        pages=len(round_.steps),
        added=sum(step.added for step in round_.steps),
        updated=sum(step.updated for step in round_.steps),
        errors=tuple(dict.fromkeys(step.error for step in round_.steps if step.error is not None)),
        held_elsewhere=tuple(round_.held_elsewhere),
    )


def _check_provider(
    app: App,
    library: Library,
    provider: Provider,
    round_: _Round,
    stop: threading.Event,
    report: Callable[[StepReport], None],
) -> None:
    """Check the sources of a provider until none is due: each in turn, so that none waits for a long one.

    Sweeps come after all checks, a page at a time.
    """
    with Lease(app, f"sources {provider.name}") as lease:
        if not lease.is_held:
            round_.held_elsewhere.append(provider.name)
            return
        turns: dict[int, int] = {}
        while lease.is_held and not stop.is_set() and (due := _due(app, provider)):
            now = app.clock()
            checks = [row for row in due if row.next_check_at <= now]
            source = min(checks or due, key=lambda row: turns.get(row.id, 0))
            turns[source.id] = turns.get(source.id, 0) + 1
            try:
                step = (check_page if checks else sweep_page)(app, library, source)
            except ClosedError:
                return
            round_.steps.append(step)
            report(step)


def _due(app: App, provider: Provider) -> Sequence[SourceRow]:
    kinds = [kind.name for kind in KINDS.values() if kind.provider is provider]
    if not kinds:
        return []
    with app.store.reading() as session:
        return due_sources(session, kinds, app.clock())


def _ignore_step(_step: StepReport) -> None:
    """Where nobody reads the reports of steps."""
