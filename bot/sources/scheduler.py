"""Rounds of checks: every provider by a worker of its own, its sources in turn, one page each."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from bot.app import App
from bot.fetch.errors import ClosedError
from bot.lease import Lease
from bot.sources.crawler import check_page
from bot.sources.providers import KINDS, Library, Provider
from bot.sources.results import CheckReport, StepReport
from bot.sources.sweeper import sweep_page
from bot.store.sources import SourceRow, due_sources


@dataclass(slots=True)
class _Round:
    """What the workers of a round found."""

    steps: list[StepReport] = field(default_factory=list[StepReport])
    held_elsewhere: list[str] = field(default_factory=list[str])


class SourceWorkers:
    """Checks sources in the background, one thread for each provider that has something due."""

    def __init__(self, app: App, library: Library) -> None:
        self._app = app
        self._library = library
        self._stop = threading.Event()
        self._waking = threading.Lock()
        self._threads: dict[Provider, threading.Thread] = {}

    def wake(self) -> None:
        """Begin what is due and not under way; does not wait for it."""
        with self._waking:
            if self._stop.is_set():
                return
            for provider in Provider:
                thread = self._threads.get(provider)
                if (thread is not None and thread.is_alive()) or not _due(self._app, provider):
                    continue
                self._threads[provider] = threading.Thread(
                    target=self._work, args=[provider], name=f"sources {provider.value}", daemon=True
                )
                self._threads[provider].start()

    def close(self, patience: float = 10.0) -> None:
        """End after the pages under way; the library stays open, for others use it too.

        What takes longer than the patience, in seconds for all together, ends by itself.
        """
        self._stop.set()
        until = time.monotonic() + patience
        with self._waking:
            threads = list(self._threads.values())
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _work(self, provider: Provider) -> None:
        with self._app.outages.watching(f"Checking the sources of {provider.value}", once=True):
            _check_provider(self._app, self._library, provider, _Round(), self._stop, _say_nothing)


def check_due_sources(
    app: App,
    library: Library,
    *,
    stop: threading.Event | None = None,
    told: Callable[[StepReport], None] | None = None,
) -> CheckReport:
    """Check every source whose time has come, until each check ends.

    Args:
        app: The parts to work with.
        library: The providers.
        stop: Ends the round after the pages under way.
        told: Is told of each page, from the worker's thread.

    """
    ending = stop or threading.Event()
    found = _Round()
    providers = [provider for provider in Provider if _due(app, provider)]
    if not providers:
        return CheckReport(0, 0, 0, ())

    def work(provider: Provider) -> None:
        _check_provider(app, library, provider, found, ending, told or _say_nothing)

    with ThreadPoolExecutor(len(providers), thread_name_prefix="sources") as pool:
        try:
            list(pool.map(work, providers))
        except BaseException:
            # Also at the person's interruption: the pool waits for its threads, which wait for providers.
            ending.set()
            library.fetcher.close()
            raise
    return CheckReport(
        pages=len(found.steps),
        added=sum(step.added for step in found.steps),
        updated=sum(step.updated for step in found.steps),
        errors=tuple(dict.fromkeys(step.error for step in found.steps if step.error is not None)),
        held_elsewhere=tuple(found.held_elsewhere),
    )


def _check_provider(
    app: App,
    library: Library,
    provider: Provider,
    found: _Round,
    stop: threading.Event,
    told: Callable[[StepReport], None],
) -> None:
    """Check the sources of a provider until none is due: each in turn, so that a long one holds up none.

    Sweeps come after all checks, a page at a time.
    """
    with Lease(app, f"sources {provider.value}") as lease:
        if not lease.is_held:
            found.held_elsewhere.append(provider.value)
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
            found.steps.append(step)
            told(step)


def _due(app: App, provider: Provider) -> Sequence[SourceRow]:
    kinds = [kind.name for kind in KINDS.values() if kind.provider is provider]
    if not kinds:
        return []
    with app.store.reading() as session:
        return due_sources(session, kinds, app.clock())


def _say_nothing(_step: StepReport) -> None:
    """Nobody watches."""
