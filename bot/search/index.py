"""The search index: derived from the store, follows it by revision, and mends itself.

The folder holds one generation (a Tantivy index in a folder of its own), the file `current` that
names it, and a lock file. A rebuild writes a new generation beside the old one and then changes the
name, so that reading never stops. Of all processes one writes at a time; the others read its commits.
"""

from __future__ import annotations

import logging
import secrets
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock, Timeout

from bot.search.generation import Generation
from bot.search.index_seal import (
    DamagedIndexError,
    check_contents,
    check_seal,
    sealed_size,
    trouble_told,
    write_whole,
)
from bot.search.index_writer import write_changes
from bot.search.names_index import NamesIndex
from bot.search.schema import SCHEMA_VERSION
from bot.search.snapshot import Snapshot
from bot.store.engine import Store
from bot.store.imports import latest_revision, revision_stamp

_LOGGER = logging.getLogger(__name__)

_PAPERS = "papers-"
"""The names of generations begin with it."""
_VERSION = f"{_PAPERS}{SCHEMA_VERSION}-{'.'.join(version('tantivy').split('.')[:2])}-"
"""And go on with the version of the schema and of Tantivy's files."""

_PEOPLE = "people"
"""The folder of the index of names, which follows beside the generations of the index of papers."""

_CHECK_AT_ONCE = 64 << 20
"""Bytes; the files of a larger index are read and checked in the background, not at the start."""


def _no_more() -> bool:
    """Nothing is waited for."""
    return False


class SearchIndex:
    """The index in a folder; made when it is first followed, and safe for many threads and processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._current = folder / "current"
        self._name = (0, 0), ""
        self.people = NamesIndex(folder / _PEOPLE)
        self._following = threading.Lock()
        self._opening = threading.RLock()
        self._writing = FileLock(folder / "writer.lock", thread_local=False)
        self._generation: Generation | None = None
        self.checking: threading.Thread | None = None
        """The check of a large index, in the background."""
        self._trouble: str | None = None
        """Why the index has to be made anew; found at opening, or later by the check in the background."""
        self._open()

    @property
    def revision(self) -> int | None:
        """The revision of the store that the index shows; None where there is no usable index."""
        generation = self._generation
        return generation.snapshot.state.revision if generation is not None else None

    def snapshot(self) -> Snapshot | None:
        """The newest commit, also of another process; None where there is no usable index yet."""
        self._refresh()
        generation = self._generation
        return generation.snapshot if generation is not None else None

    def catch_up(self, store: Store, *, wait: bool = True) -> int:
        """Catch up with the store, and return the revision that the index then shows.

        While another thread or process writes, it waits, and then takes over what that one wrote;
        without `wait` it leaves it at that.
        """
        self.people.catch_up(store, wait=wait)
        return self.catch_up_papers(store, wait=wait)

    def catch_up_papers(self, store: Store, more: Callable[[], bool] = _no_more, *, wait: bool = True) -> int:
        """Catch up in the same way, but leave out the names.

        `more` is called when all is written and may wait for more to come: where it answers True, that
        goes into the same commit.
        """
        with trouble_told(self._folder):
            return self._catch_up_papers(store, more, wait=wait)

    def _catch_up_papers(self, store: Store, more: Callable[[], bool], *, wait: bool) -> int:
        if not self._following.acquire(blocking=wait):
            return self.revision or 0
        try:
            self._refresh()
            generation = self._generation
            if generation is not None and self._trouble is None and _is_current(generation, store):
                generation.snapshot.keep_vocabulary()
                return generation.snapshot.state.revision
            self._folder.mkdir(parents=True, exist_ok=True)
            try:
                writing = self._writing.acquire(blocking=wait)
            except Timeout:
                return self.revision or 0
            with writing:
                return self._catch_up(store, more)
        finally:
            self._following.release()

    def close(self) -> None:
        """Let go of the files."""
        self.people.close()
        with self._opening:
            self._generation = None

    def _catch_up(self, store: Store, more: Callable[[], bool]) -> int:
        if self._trouble is not None or self._generation is None:
            # What looked damaged may have been another process between its commit and its seal.
            self._open(wholly=True)
        else:
            self._refresh()
        generation = self._generation
        reason = self._trouble or (_other_history(generation, store) if generation is not None else None)
        if generation is None or reason is not None:
            generation = self._rebuild(store, more)
            if reason is None:
                _LOGGER.info("The search index was made.")
            else:
                _LOGGER.warning("The search index was made anew: %s.", reason)
        else:
            write_changes(generation, store, more)
        return generation.snapshot.state.revision

    def _rebuild(self, store: Store, more: Callable[[], bool]) -> Generation:
        generation = Generation.create(self._folder / f"{_VERSION}{secrets.token_hex(4)}")
        try:
            with trouble_told(self._folder):
                write_changes(generation, store, more)
        except BaseException:
            # Half an index is of no use, and where the disk is full it would keep it so.
            shutil.rmtree(generation.path, ignore_errors=True)
            raise
        with self._opening:
            write_whole(self._current, generation.name.encode())
            self._generation, self._trouble = generation, None
        for beside in self._folder.glob(f"{_PAPERS}*"):
            if beside.name != generation.name:
                # Another process may still read it; what the system does not let go is removed next time.
                shutil.rmtree(beside, ignore_errors=True)
        return generation

    def _refresh(self) -> None:
        """Take over what this or another process has committed; costs two looks at files."""
        generation = self._generation
        if generation is None:
            if self._trouble is None:
                self._open()
        elif self._named() != generation.name:
            self._open()
        elif generation.has_new_commit() or generation.fills_memory():
            with suppress(OSError, ValueError):
                generation.reload()

    def _named(self) -> str | None:
        """The name of the current generation; read again only where its file has changed."""
        try:
            status = self._current.stat()
            seen = status.st_mtime_ns, status.st_ino
            before, name = self._name
            if before != seen:
                name = self._current.read_text(encoding="ascii").strip()
                self._name = seen, name
        except (OSError, ValueError):
            return None
        return name

    def _open(self, *, wholly: bool = False) -> None:
        """Open the current generation, or find out why it has to be made anew."""
        with self._opening:
            name = self._named()
            if name is None:
                self._generation, self._trouble = None, None
                return
            try:
                self._generation, self._trouble = self._sound(self._folder / name, wholly=wholly), None
            except DamagedIndexError as error:
                self._generation, self._trouble = None, str(error)

    def _sound(self, path: Path, *, wholly: bool) -> Generation:
        """Open an index after its check; of a large one that is not checked `wholly`, the rest follows."""
        if not path.name.startswith(_VERSION):
            raise DamagedIndexError("it was of another version")
        try:
            check_seal(path)
            at_once = wholly or sealed_size(path) <= _CHECK_AT_ONCE
            # What opening itself reads is small, and Tantivy panics where it is damaged.
            check_contents(path, None if at_once else ".store")
            generation = Generation(path)
        except (OSError, ValueError) as error:
            raise DamagedIndexError(f"it could not be opened ({error})") from None
        if not at_once:
            self.checking = threading.Thread(target=self._check, args=(generation,), daemon=True)
            self.checking.start()
        return generation

    def _check(self, generation: Generation) -> None:
        """Read the whole of a large index; the next `follow` replaces it where it is damaged."""
        try:
            check_contents(generation.path)
        except DamagedIndexError as error:
            with self._opening:
                if self._generation is generation:
                    self._trouble = str(error)


def _is_current(generation: Generation, store: Store) -> bool:
    state = generation.snapshot.state
    with store.reading() as session:
        latest = latest_revision(session)
        if latest is None:
            return state.revision == 0
        return (latest.number, latest.stamp) == (state.revision, state.stamp)


def _other_history(generation: Generation, store: Store) -> str | None:
    """Why the index cannot have been made from this store's past; None where it was."""
    state = generation.snapshot.state
    if state.revision == 0:
        return None
    with store.reading() as session:
        if revision_stamp(session, state.revision) == state.stamp:
            return None
    return "the database has another history"
