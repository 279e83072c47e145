"""A process that follows sources, keeps the index up and plans announcements: to be killed."""

from __future__ import annotations

import datetime as dt
import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import event

from bot.announcements.outbox import LEASE
from bot.announcements.planner import Planner
from bot.app import App
from bot.fetch.client import Fetcher
from bot.fetch.politeness import Host
from bot.ingest import importer
from bot.lease import Lease
from bot.permits import SharedRateLimit
from bot.search import changes
from bot.search.tantivy.index import Generation
from bot.sources import crawler
from bot.sources.library import Library
from bot.sources.providers.kinds import Provider
from bot.sources.registry import source_statuses
from bot.sources.scheduler import check_due_sources
from cogs.notify.announcement_cards import compose
from tests.apps import open_app

CONTEXT = multiprocessing.get_context("forkserver")
INDEX = "index"
WAKE_SECONDS = 300.0


@dataclass(frozen=True)
class Life:
    """What a process has to know."""

    folder: Path
    urls: Mapping[Provider, str]
    ahead: Any
    """How many seconds its clock is moved: shared memory, which outlives it."""
    dies_at: tuple[str, int] | None = None
    """The n-th statement that begins so, or the n-th step of the index, is its end."""
    until_idle: bool = False
    """It ends where every source is up to date; otherwise it lives until it is killed."""
    not_before: float = 0.0
    """It does not end before its clock is moved so far."""
    wake_seconds: float = WAKE_SECONDS
    place_before_papers: bool = False
    forget_cut_off: bool = False


class Clock:
    """The present and more: whoever sleeps moves it."""

    def __init__(self, ahead: Any) -> None:
        self._ahead = ahead
        self._moving = threading.Lock()

    def __call__(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=self._ahead.value)

    def seconds(self) -> float:
        return time.monotonic() + self._ahead.value

    def sleep(self, seconds: float) -> None:
        with self._moving:
            self._ahead.value += seconds


def open_library(life: Life, app: App, clock: Clock) -> Library:
    """Return the providers on loopback, asked with all manners, on a clock that does not wait."""
    fetcher = Fetcher(
        "Papercord/drill (app@example.org)",
        hosts={urlsplit(url).netloc: Host(3.0, scheme="http") for url in life.urls.values()},
        is_allowed_address=lambda address: address == "127.0.0.1",
        clock=clock.seconds,
        sleep=clock.sleep,
        permits=SharedRateLimit(app),
    )
    return Library(fetcher, life.urls)


def is_idle(app: App) -> bool:
    """Whether every source is up to date."""
    now = app.clock()
    return all(
        one.error is None and not one.checking and not one.is_new and (one.next_check_at or now) > now
        for one in source_statuses(app)
    )


def work(life: Life) -> None:
    """Check, follow and plan; a kill ends it."""
    clock = Clock(life.ahead)
    app = open_app(life.folder, clock)
    if life.dies_at is not None:
        die_at(app, *life.dies_at)
    library = open_library(life, app, clock)
    lease = Lease(app, LEASE)
    planner = Planner(app, lease, compose)
    parent = multiprocessing.parent_process()
    while parent is not None and parent.is_alive():
        check_due_sources(app, library)
        app.index.catch_up(app.store)
        if lease.take():
            planner.plan_due()
        if life.until_idle and is_idle(app) and life.ahead.value >= life.not_before:
            break
        clock.sleep(life.wake_seconds)
    lease.release()
    app.index.close()
    app.store.close()


def die_at(app: App, moment: str, times: int) -> None:
    """Arrange the end: SIGKILL, from which nothing can be saved."""
    left = [times]

    def step(*_arguments: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(_connection: object, _cursor: object, sql: str, *_more: object) -> None:
        if sql.startswith(moment):
            step()

    if moment == INDEX:
        before(step, changes, "paper_fields")
        before(step, Generation, "seal")
        before(step, Generation, "reload")
    else:
        event.listen(app.store.engine, "before_cursor_execute", statement)


def before(step: Callable[[], None], place: Any, name: str) -> None:
    """Take a step before each call."""
    function = getattr(place, name)

    def stepping(*arguments: Any, **options: Any) -> Any:
        step()
        return function(*arguments, **options)

    setattr(place, name, stepping)


def place_before_papers() -> None:
    """Break a rule: where the check goes on is written before the papers of its page."""
    imported = crawler.import_records

    def too_early(
        app: App, *arguments: Any, write_last: Callable[..., None], **options: Any
    ) -> importer.ImportedRecords:
        with app.store.writing() as session:
            write_last(session, importer.ImportedRecords(added=1))
        return imported(app, *arguments, **options)

    crawler.import_records = too_early  # type: ignore[assignment]


def forget_cut_off() -> None:
    """Break another rule: what a killed process had written is known, and nobody is told of it."""
    importer.cut_off_imports = lambda *_arguments: []


def _live(life: Life) -> None:
    logging.getLogger().addHandler(logging.NullHandler())  # faults are what it is here for
    if life.place_before_papers:
        place_before_papers()
    if life.forget_cut_off:
        forget_cut_off()
    work(life)


def start(life: Life) -> BaseProcess:
    """Bring a process to life, forked from one that has loaded everything and done nothing yet."""
    CONTEXT.set_forkserver_preload(["tests.drills.announcer_process", __name__])
    process = CONTEXT.Process(target=_live, args=(life,), daemon=True)
    process.start()
    return process
