"""An index derived from the store, and how it catches up or is rebuilt."""

from __future__ import annotations

import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from filelock import FileLock, Timeout

from bot.errors import ConfigurationError, is_full
from bot.store.engine import Store
from bot.store.imports import revision_stamp

_NO_ROOM = 1 << 20
"""Bytes free; with fewer an error counts as a full disk, because Tantivy does not always name the cause."""


Update = Callable[[Store], None]
Rebuild = Callable[[Store, str | None], None]
"""Is given the reason; None where there is no index yet."""


@dataclass(frozen=True)
class ShownRevision:
    """The revision of the store that an index shows, and the stamp that distinguishes histories."""

    revision: int = 0
    stamp: int = 0


class DerivedIndex(ABC):
    """An index in a folder that shows the store at one revision; safe for many threads and processes.

    Of all threads and processes one writes at a time; the others read its commits.
    """

    def __init__(self, folder: Path, lock: Path) -> None:
        self._folder = folder
        self._lock = lock
        self._catching_up = Lock()
        self._writing = FileLock(lock, thread_local=False)
        self._damage: str | None = None
        """Why the index must be rebuilt; found at opening or by a later check."""

    @property
    def revision(self) -> int | None:
        """The revision of the store that the index shows; None where there is no usable index."""
        shown = self._shown()
        return shown.revision if shown is not None else None

    def _catch_up(
        self,
        store: Store,
        update: Update,
        rebuild: Rebuild,
        wait: bool,
    ) -> bool:
        """Bring the index to the store's revision by an update, or by a rebuild where no update can.

        Answers False where another thread or process writes and `wait` is false.
        """
        with errors_explained(self._folder):
            if not self._catching_up.acquire(blocking=wait):
                return False
            try:
                # No transaction is open while the lock is waited for: it would hold back the
                # checkpoint of the database.
                return self._is_current(store) or self._write_alone(store, update, rebuild, wait)
            finally:
                self._catching_up.release()

    def _write_alone(
        self,
        store: Store,
        update: Update,
        rebuild: Rebuild,
        wait: bool,
    ) -> bool:
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        try:
            writing = self._writing.acquire(blocking=wait)
        except Timeout:
            return False
        with writing:
            self._reopen()
            # Another process may have caught up, or rebuilt the index, meanwhile.
            if not self._is_current(store):
                reason = self._damage or self._other_history(store)
                if self._shown() is None or reason is not None:
                    rebuild(store, reason)
                else:
                    update(store)
        return True

    def _other_history(self, store: Store) -> str | None:
        """Why the index cannot reach the store's revision by an update; None where it can."""
        shown = self._shown()
        if shown is None or shown.revision == 0:
            return None
        with store.reading() as session:
            known = revision_stamp(session, shown.revision) == shown.stamp
        return None if known else "the database has another history"

    @abstractmethod
    def _shown(self) -> ShownRevision | None:
        """What the open index shows; None where there is no usable one."""

    @abstractmethod
    def _is_current(self, store: Store) -> bool:
        """Whether the index is sound and there is nothing to write now."""

    @abstractmethod
    def _reopen(self) -> None:
        """Open the newest files, checked; called by the one that may write."""


@contextmanager
def errors_explained(folder: Path) -> Generator[None]:
    """Turn errors of files and of Tantivy (OSError, ValueError) into one that says what to do.

    Raises:
        ConfigurationError: The index cannot be written; says why.

    """
    try:
        yield
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"The search index in {folder} cannot be written ({_reason(folder, error)}). "
            "The papers are in the database all the same; once this is mended, the next search completes "
            "the index."
        ) from error


def _reason(folder: Path, error: OSError | ValueError) -> str:
    said = (isinstance(error, OSError) and error.strerror) or str(error).strip().partition("\n")[0].rstrip(
        "."
    )
    full = is_full(error) if isinstance(error, OSError) else "(os error 28)" in said
    if full or _free_bytes(folder) < _NO_ROOM:
        return "the disk is full"
    return said


def _free_bytes(folder: Path) -> float:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return float("inf")


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file so that a reader finds the old or the new content, never a part."""
    beside = path.with_name(path.name + ".new")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
