"""The indexer: a process that keeps the search index up to date while a long import writes."""

from __future__ import annotations

import gc
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from sqlalchemy.engine import URL

from bot.app import App
from bot.child_process import begin, start_process
from bot.config import Settings
from bot.errors import ConfigurationError
from bot.search.opening import open_index
from bot.store.engine import Store

LONG_IMPORT = 5_000
"""Papers; for fewer, starting the process takes longer than indexing them."""

PAPERS_BETWEEN_REPORTS, REPORTS_OF_ONE_COMMIT = 2_000, 50


class Indexer:
    """Updates the index during one import, in a process of its own where the import is long."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._waiting = 0

    def expect(self, papers: int) -> None:
        """Announce that at least so many papers will be written; starts the process where they are many."""
        if papers < LONG_IMPORT or self._process is not None:
            return
        arguments = self._app.store.url, self._app.settings
        self._process, self._pipe = start_process(_run_indexer, *arguments)

    def written(self, count: int) -> None:
        """Report that so many papers were written."""
        self._waiting += count
        if self._pipe is not None and self._waiting >= PAPERS_BETWEEN_REPORTS:
            self._waiting = 0
            # Where the process has ended before its time, the index catches up at the end.
            with suppress(OSError):
                self._pipe.send_bytes(b"more")

    def catch_up(self) -> None:
        """After the last paper is written: wait until the index is up to date."""
        if self._pipe is not None:
            self._pipe.close()
        self._app.index.catch_up(self._app.store)

    def close(self) -> None:
        """End the process and wait for it."""
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.join()


def _run_indexer(url: URL, settings: Settings, pipe: Connection) -> None:
    """Index what is written until the importing process closes the pipe, or dies."""
    begin()
    gc.disable()  # rows and documents come by the thousand, and none of them is part of a cycle
    store, index = Store(url), open_index(settings)
    ended = False
    reports = 0

    def more() -> bool:
        nonlocal ended, reports
        if ended:
            return False
        reports += 1
        ended = not _wait_for_more(pipe)
        # What was written last still goes into this commit.
        return ended or reports % REPORTS_OF_ONE_COMMIT != 0

    try:
        # Where the database is gone, with the process that imported, there is nothing to index. Where
        # the index cannot be written, the import meets the same when it catches up, and says so.
        with suppress(ConfigurationError):
            while not ended and _wait_for_more(pipe):
                index.catch_up_papers(store, more)  # names wait for the end of the import
    finally:
        index.close()
        store.close()


def _wait_for_more(pipe: Connection) -> bool:
    """Wait until more is written; False once nothing more can come."""
    try:
        pipe.recv_bytes()
        while pipe.poll():
            pipe.recv_bytes()
    except EOFError:
        return False
    return True
