"""Schedules checks and sweeps: one worker for each host, its due sources in turn, one page each."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bot.app import App
from bot.fetch.errors import ClosedError
from bot.lease import Lease
from bot.sources.crawler import StepReport, check_page
from bot.sources.library import Library
from bot.sources.providers.kinds import Provider
from bot.sources.providers.table import KINDS
from bot.sources.sweeper import sweep_page
from bot.store.sources import SourceRow, due_sources

MOST_HOSTS = 8
"""So many hosts of sources that may be anywhere are asked at once: all workers share fifteen connections to
the database with searches. Each other provider has a worker of its own."""


@dataclass(frozen=True, slots=True)
class Lane:
    """The sources that are asked one after the other: those of a provider, or of a host anywhere."""

    provider: Provider
    host: str = ""

    @property
    def name(self) -> str:
        """Such as "arXiv", or "feeds journal.example.org"."""
        return f"{self.provider.name} {self.host}".strip()

    @classmethod
    def of(cls, source: SourceRow) -> Lane:
        """The lane of a source."""
        provider = KINDS[source.kind].provider
        return cls(provider, (urlsplit(source.value).hostname or "") if provider.is_anywhere else "")


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a round of checks did."""

    pages: int
    added: int
    updated: int
    errors: tuple[str, ...]
    held_elsewhere: tuple[str, ...] = ()
    """Providers, or hosts of sources anywhere, that another process is checking."""


@dataclass(slots=True)
class _Round:
    """The reports of the workers of one round."""

    steps: list[StepReport] = field(default_factory=list[StepReport])
    held_elsewhere: list[str] = field(default_factory=list[str])


class SourceWorkers:
    """Checks sources in the background, one thread for each host that has something due.

    The index follows by itself where these work.
    """

    def __init__(self, app: App, library: Library) -> None:
        self._app = app
        self._library = library
        self._stop = threading.Event()
        self._starting = threading.Lock()
        self._threads: dict[Lane, threading.Thread] = {}

    def wake(self) -> None:
        """Begin what is due and not under way; does not wait for it."""
        with self._starting:
            for lane in () if self._stop.is_set() else self._waiting():
                hosts = sum(bool(one.host) and thread.is_alive() for one, thread in self._threads.items())
                if lane.host and hosts >= MOST_HOSTS:
                    continue
                self._threads[lane] = threading.Thread(
                    target=self._work, args=[lane], name=f"sources {lane.name}", daemon=True
                )
                self._threads[lane].start()

    def close(self, timeout: float = 10.0) -> None:
        """End after the pages under way, waiting `timeout` seconds in all; the library stays open."""
        self._stop.set()
        until = time.monotonic() + timeout
        with self._starting:
            threads = list(self._threads.values())
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _waiting(self) -> Sequence[Lane]:
        """Lanes with something due that no thread works on."""
        working = {lane for lane, thread in self._threads.items() if thread.is_alive()}
        return [lane for lane in _due_lanes(self._app) if lane not in working]

    def _work(self, lane: Lane) -> None:
        """Check the sources of a lane, then those of other hosts that have waited for a thread."""
        following: Lane | None = lane
        done: set[Lane] = set()
        while following is not None:
            lane = following
            with self._app.outages.watching(f"Checking the sources of {lane.name}", once=True):
                _check_lane(self._app, self._library, lane, _Round(), self._stop, _ignore_step)
            done.add(lane)
            following = self._next(lane, done)

    def _next(self, lane: Lane, done: Collection[Lane]) -> Lane | None:
        """The next host for the thread of a lane that came to its end; None where none waits."""
        with self._starting:
            thread = self._threads.pop(lane)
            if not lane.host or self._stop.is_set():
                return None
            waiting = (one for one in self._waiting() if one.host and one not in done)
            following = next(waiting, None)
            if following is not None:
                self._threads[following] = thread
            return following


def check_due_sources(
    app: App,
    library: Library,
    *,
    stop: threading.Event | None = None,
    report: Callable[[StepReport], None] | None = None,
) -> CheckReport:
    """Check every source whose time has come, until each check ends; what is new can be searched then.

    Args:
        app: The parts to work with.
        library: The providers.
        stop: Ends the round after the pages under way.
        report: Called with each page, in the worker's thread.

    """
    ending = stop or threading.Event()
    round_ = _Round()
    lanes = sorted(_due_lanes(app), key=lambda lane: bool(lane.host))
    if not lanes:
        return CheckReport(0, 0, 0, ())

    def work(lane: Lane) -> None:
        _check_lane(app, library, lane, round_, ending, report or _ignore_step)

    hosts = sum(bool(lane.host) for lane in lanes)
    workers = len(lanes) - max(hosts - MOST_HOSTS, 0)
    with ThreadPoolExecutor(workers, thread_name_prefix="sources") as pool:
        try:
            list(pool.map(work, lanes))
        except BaseException:
            # Also at the person's interruption: the pool waits for its threads, which wait for providers.
            ending.set()
            library.close()
            raise
    app.index.catch_up(app.store)  # once, for each commit takes as long as many papers
    return CheckReport(
        pages=len(round_.steps),
        added=sum(step.added for step in round_.steps),
        updated=sum(step.updated for step in round_.steps),
        errors=tuple(dict.fromkeys(step.error for step in round_.steps if step.error is not None)),
        held_elsewhere=tuple(round_.held_elsewhere),
    )


def _check_lane(
    app: App,
    library: Library,
    lane: Lane,
    round_: _Round,
    stop: threading.Event,
    report: Callable[[StepReport], None],
) -> None:
    """Check the sources of a lane until none is due: each in turn, so that none waits for a long one.

    Sweeps come after all checks, a page at a time.
    """
    with Lease(app, f"sources {lane.name}") as lease:
        if not lease.is_held:
            round_.held_elsewhere.append(lane.name)
            return
        turns: dict[int, int] = {}
        while lease.is_held and not stop.is_set() and (due := _due(app, lane)):
            now = app.clock()
            checks = [row for row in due if row.next_check_at <= now]
            # Of sweeps the one that waits longest: else rounds that are cut short begin with the same one.
            waiting = checks or sorted(due, key=lambda row: row.sweep_at or now)
            source = min(waiting, key=lambda row: turns.get(row.id, 0))
            turns[source.id] = turns.get(source.id, 0) + 1
            try:
                step = (check_page if checks else sweep_page)(app, library, source)
            except ClosedError:
                return
            round_.steps.append(step)
            report(step)


def _due(app: App, lane: Lane) -> Sequence[SourceRow]:
    kinds = [kind.name for kind in KINDS.values() if kind.provider is lane.provider]
    with app.store.reading() as session:
        found = due_sources(session, kinds, app.clock(), containing=lane.host)
    return [row for row in found if Lane.of(row) == lane]


def _due_lanes(app: App) -> Sequence[Lane]:
    """The lanes with something due, the one first whose source waits longest."""
    with app.store.reading() as session:
        return list(dict.fromkeys(map(Lane.of, due_sources(session, list(KINDS), app.clock()))))


def _ignore_step(_step: StepReport) -> None:
    """Where nobody reads the reports of steps."""
