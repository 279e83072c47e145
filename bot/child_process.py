"""Processes that work for another one: started apart from its signals, they end when it does."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from multiprocessing.resource_tracker import ensure_running
from typing import Any

from bot.garbage import loading

_ENDING = {signal.SIGINT, signal.SIGTERM}
"""Signals that end a process."""


def start_process(target: Callable[..., None], *arguments: Any) -> tuple[SpawnProcess, Connection]:
    """Start a process that runs a function with these arguments and one end of a pipe; answers the other end.

    The pipe is closed when either ends. The function begins with `begin`.
    """
    # Spawned, not forked: threads of a bot would leave their locks behind.
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    wanted = pickle.dumps((target, arguments))
    process = context.Process(target=_run, args=(wanted, theirs), daemon=True)
    with _signals_wait():
        process.start()
    theirs.close()
    return process, ours


def _run(wanted: bytes, pipe: Connection) -> None:
    """Load what is wanted, and run it."""
    with loading():
        target, arguments = pickle.loads(wanted)  # noqa: S301 - from the process that started this one
    target(*arguments, pipe)


def begin() -> None:
    """Listen to signals; Ctrl-C reaches all processes of a terminal, but this one ends with its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if os.name != "nt":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)


def end_with_parent() -> None:
    """End this process at once when its parent does, whatever it is doing: for work that may be cut off."""

    def wait_for_parent() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            with suppress(OSError):
                wait([parent.sentinel])
            os._exit(1)

    threading.Thread(target=wait_for_parent, name="end with parent", daemon=True).start()


def usable_cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _signals_wait() -> Generator[None]:
    """Block signals during the start of the process; the process begins with them blocked."""
    if os.name == "nt":
        yield
        return
    ensure_running()  # else the start does it, and unblocks signals
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
