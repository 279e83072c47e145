"""The indexer: a process beside a long import that reads some of its lines and keeps the index up to date."""

from __future__ import annotations

import gc
import pickle
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from sqlalchemy.engine import URL

from bot.app import App
from bot.child_process import begin, start_process
from bot.config import Settings
from bot.corpus.formats.json_lines import Block, BlockRead, read_block
from bot.corpus.formats.jsonl import forget_people
from bot.corpus.formats.opening import PaperRead
from bot.errors import ConfigurationError
from bot.garbage import collect_young
from bot.ingest.spool import packed
from bot.search.opening import open_index
from bot.store.engine import Store

LONG_IMPORT = 5_000
"""Papers; for fewer, starting the process takes longer than indexing them."""

PAPERS_BETWEEN_REPORTS, REPORTS_OF_ONE_COMMIT = 2_000, 50

_READY, _MORE = b"ready", b"more"


class Indexer:
    """Updates the index during one import, in a process of its own where the import is long.

    Until the first papers are written, that process reads some of the lines.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._waiting = 0
        self._block: Block | None = None
        """What the process reads."""
        self._is_ready = False
        """Whether it reads what it is given."""

    def expect(self, papers: int) -> None:
        """Announce that at least so many papers will be written; starts the process where they are many."""
        if papers < LONG_IMPORT or self._process is not None:
            return
        arguments = self._app.store.url, self._app.settings
        self._process, self._pipe = start_process(_run_indexer, *arguments)

    def take(self, block: Block) -> bool:
        """Let the process read a block; False while it starts, or where there is none."""
        if self._pipe is None or self._block is not None:
            return False
        try:
            self._is_ready = self._is_ready or (self._pipe.poll() and self._pipe.recv_bytes() == _READY)
            if self._is_ready:
                self._pipe.send_bytes(pickle.dumps(block, pickle.HIGHEST_PROTOCOL))
                self._block = block
        except (EOFError, OSError):
            self._give_up()
        return self._block is not None

    def done(self, *, wait: bool) -> BlockRead | None:
        """What the process read of its block; where it has ended before its time, that is read here."""
        block, pipe = self._block, self._pipe
        if block is None:
            return None
        read: BlockRead | None = None
        try:
            if pipe is not None and (wait or pipe.poll()):
                read = pickle.loads(pipe.recv_bytes())  # noqa: S301 - from the process that was started here
        except (EOFError, OSError):
            self._give_up()
        except BaseException:
            # Interrupted in the middle of an answer.
            self._give_up()
            raise
        if read is not None or pipe is None or self._pipe is None:
            self._block = None
            return read or read_block(block)
        return None

    def _give_up(self) -> None:
        """Do without the process: it ends where its pipe does."""
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None

    def written(self, count: int) -> None:
        """Report that so many papers were written."""
        self._waiting += count
        if self._pipe is not None and self._waiting >= PAPERS_BETWEEN_REPORTS:
            self._waiting = 0
            # Where the process has ended before its time, the index catches up at the end.
            with suppress(OSError):
                self._pipe.send_bytes(_MORE)

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
            ended = not _read_blocks(pipe)
            forget_people()
            while not ended:
                index.catch_up_papers(store, more)  # names wait for the end of the import
                ended = ended or not _wait_for_more(pipe)
    finally:
        index.close()
        store.close()


def _read_blocks(pipe: Connection) -> bool:
    """Read what is given until papers are written; False once nothing more can come."""
    try:
        pipe.send_bytes(_READY)
        while (given := pipe.recv_bytes()) != _MORE:
            read = read_block(pickle.loads(given))  # noqa: S301 - from the process that started this one
            items = [packed(item) if isinstance(item, PaperRead) else item for item in read.items]
            answer = BlockRead(items, read.report, read.is_blank)
            pipe.send_bytes(pickle.dumps(answer, pickle.HIGHEST_PROTOCOL))
            collect_young()
    except (EOFError, OSError):
        return False
    return True


def _wait_for_more(pipe: Connection) -> bool:
    """Wait until more is written; False once nothing more can come."""
    try:
        pipe.recv_bytes()
        while pipe.poll():
            pipe.recv_bytes()
    except EOFError:
        return False
    return True
