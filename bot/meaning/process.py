"""The process that makes vectors beside a running bot: it gives way to everything else."""

from __future__ import annotations

import datetime as dt
import os
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from threading import Lock

from sqlalchemy.engine import URL

from bot.child_process import begin, start_process
from bot.errors import ConfigurationError, PapercordError, one_line
from bot.meaning.maker import make_vectors
from bot.meaning.state import VectorsState
from bot.store.engine import Store

STARTED_EVERY = 60.0
"""Seconds; a start takes a second of the processor, also where a revision changed no text."""
_LOWEST_PRIORITY = 19


class VectorProcess:
    """Runs while there are vectors to make."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._started = -STARTED_EVERY

    @property
    def is_running(self) -> bool:
        """Whether vectors are made."""
        return self._process is not None and self._process.is_alive()

    def start(self, url: URL, folder: Path) -> None:
        """Start it, unless it runs or ran just now.

        Raises:
            ConfigurationError: the last one could not do its work; says why.

        """
        with self._lock:
            if self.is_running:
                return
            self._collect()
            if time.monotonic() - self._started >= STARTED_EVERY:
                self._started = time.monotonic()
                self._process, self._pipe = start_process(_run, url, folder)

    def close(self) -> None:
        """End it; what is made is kept."""
        with self._lock:
            if self._process is not None:
                self._process.kill()
                self._process.join()
            self._process = self._pipe = None

    def _collect(self) -> None:
        """Take notice of how the last one ended."""
        process, pipe = self._process, self._pipe
        if process is None or pipe is None:
            return
        self._process = self._pipe = None
        said = ""
        with suppress(EOFError, OSError):
            said = pipe.recv_bytes().decode()
        pipe.close()
        if said or process.exitcode:
            raise ConfigurationError(said or f"The process ended with exit code {process.exitcode}.")


def _run(url: URL, folder: Path, pipe: Connection) -> None:
    """Make what is missing, until nothing is, or the bot ends."""
    begin()
    with suppress(OSError, AttributeError):
        os.nice(_LOWEST_PRIORITY)
    store = Store(url)
    try:
        make_vectors(store, folder, pipe.poll, _report_nothing, _now)
    except PapercordError as error:
        pipe.send_bytes(one_line(error).encode())
    finally:
        store.close()


def _report_nothing(state: VectorsState) -> None:
    """The state is in its file already."""


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
