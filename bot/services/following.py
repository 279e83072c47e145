"""The search index follows a long import in a process of its own, so that both are at work at once."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path

from sqlalchemy.engine import URL

from bot.search.index import SearchIndex
from bot.services.desk import Desk
from bot.store.engine import Store

LONG_IMPORT = 5_000
"""Papers; starting the process would take longer than indexing fewer."""

PAPERS_BETWEEN_LOOKS, LOOKS_OF_ONE_COMMIT = 2_000, 50


@contextmanager
def followed_by_index(desk: Desk, papers: int) -> Generator[Callable[[int], None]]:
    """Let the index follow while so many papers are written; call with how many were written.

    When the block has ended well, the index is up to date.
    """
    if papers < LONG_IMPORT:
        yield lambda _written: None
        desk.index.follow(desk.store)
        return
    waiting = 0
    # Spawned, not forked: threads of a bot that imports would leave their locks behind.
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    arguments = (desk.store.url, desk.settings.index_dir, theirs)
    follower = context.Process(target=_follow, args=arguments, daemon=True)
    follower.start()
    theirs.close()

    def written(count: int) -> None:
        nonlocal waiting
        waiting += count
        if waiting >= PAPERS_BETWEEN_LOOKS:
            waiting = 0
            # Where the follower has ended before its time, the index catches up at the end.
            with suppress(OSError):
                ours.send_bytes(b"more")

    try:
        yield written
        ours.close()
        desk.index.follow(desk.store)
    finally:
        ours.close()
        follower.join()


def _follow(url: URL, index_dir: Path, pipe: Connection) -> None:
    """Follow as long as the other end of the pipe is open; the process that imports may die."""
    # Ctrl-C reaches all processes of a terminal; this one ends when the import does.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    store, index = Store(url), SearchIndex(index_dir)
    ended = False
    looks = 0

    def more() -> bool:
        nonlocal ended, looks
        if ended:
            return False
        looks += 1
        try:
            pipe.recv_bytes()
            while pipe.poll():
                pipe.recv_bytes()
        except EOFError:
            # What was written last still goes into this commit.
            ended = True
            return True
        return looks % LOOKS_OF_ONE_COMMIT != 0

    try:
        while not ended:
            index.follow(store, more)
    finally:
        index.close()
        store.close()
