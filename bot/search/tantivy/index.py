"""The index of papers: one generation of a Tantivy index is searched, a rebuild makes the next one."""

from __future__ import annotations

import logging
import mmap
import secrets
import shutil
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from threading import Lock, Thread

from tantivy import Index, IndexWriter, Query

from bot.search.changes import Changes
from bot.search.derived_index import DerivedIndex, ShownRevision, errors_explained, write_whole
from bot.search.fields import SCHEMA_VERSION, state_fields
from bot.search.snapshot import Snapshot, StoreState, Vocabularies
from bot.search.tantivy.engine import TantivyEngine, build_schema, document, register_analyzers
from bot.search.tantivy.files import (
    DamagedIndexError,
    Seal,
    check_contents,
    check_seal,
    newest_commit,
    remove_unfinished,
    sealed_size,
)
from bot.search.tantivy.names_index import NamesIndex
from bot.store.engine import Store
from bot.store.imports import latest_revision

_MOST_MAPPED = 128 << 20
"""Bytes of files that searches may map into this process's memory before they are opened anew.

The system takes mapped pages back only when memory is short. They stay in its cache, so that reading
them again costs little.
"""


class Generation:
    """An opened index."""

    snapshot: Snapshot
    """The commit that is searched."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seal = Seal(path)
        self._reloading = Lock()
        self._vocabularies = Vocabularies(path)
        self._seen: tuple[int, int, int] | None = None
        self.reload()

    @classmethod
    def create(cls, path: Path) -> Generation:
        """Make an empty one in a new folder."""
        path.mkdir(parents=True)
        Index(build_schema(), path=str(path), reuse=False)
        return cls(path)

    def writer(self, memory: int, threads: int) -> IndexWriter:
        """What makes the next commit, with so many bytes for so many threads."""
        remove_unfinished(self.path)
        return _opened(self.path).writer(memory, threads)

    def seal(self) -> None:
        """Write the digests of the present commit."""
        self._seal.put()

    def has_new_commit(self) -> bool:
        """Whether this or another process has committed since the last `reload`."""
        try:
            return self._signature() != self._seen
        except OSError:
            return False

    def fills_memory(self) -> bool:
        """Whether so many bytes of files are mapped that `reload` is due."""
        mapped = _mapped()
        self._least_mapped = min(self._least_mapped, mapped)
        return mapped - self._least_mapped > _MOST_MAPPED

    def reload(self) -> None:
        """Open the newest commit, and unmap the files of the one before."""
        with self._reloading:
            seen = self._signature()
            index = _opened(self.path)
            engine = TantivyEngine(index.searcher(), index.schema)
            if seen == self._seen == self._signature():
                held: list[Snapshot] = [self.snapshot]
                self.snapshot = held[0].moved_to(engine)
                # Unmapping takes several times as long as opening: no search waits for it.
                Thread(target=held.clear, daemon=True).start()
            else:
                self.snapshot = Snapshot(engine, self._vocabularies)
            self._seen = seen
            self._least_mapped = sys.maxsize

    def _signature(self) -> tuple[int, int, int]:
        status = (self.path / "meta.json").stat()
        return status.st_mtime_ns, status.st_ino, status.st_size


def _opened(path: Path) -> Index:
    index = Index.open(str(path))
    register_analyzers(index)
    return newest_commit(index)


def _mapped() -> int:
    """Bytes of files in this process's memory; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", "rb", 0) as statm:  # noqa: PTH123 - it is asked with every search
            return int(statm.read(200).split()[2]) * mmap.PAGESIZE
    except OSError:
        return 0


_THREADS = 1
"""More are hardly faster on two cores, and leave more segments to merge."""

_MEMORY = 64_000_000
"""Bytes, over all threads; with less there are more segments to merge, which takes longer than writing."""


def write_changes(generation: Generation, store: Store, more: Callable[[], bool]) -> None:
    """Commit everything up to the store's newest revision, and what comes while `more` waits for it.

    The revision is part of the commit.
    """
    changes = Changes(store, generation.snapshot.state)
    writer = generation.writer(_MEMORY, _THREADS)
    _write(writer, changes)
    while more():
        _write(writer, changes)
    _commit(generation, writer, changes.state)


def _write(writer: IndexWriter, changes: Changes) -> None:
    for batch in changes.batches():
        # By query: deleting by the term of a number deletes nothing in tantivy 0.27.
        if batch.gone:
            writer.delete_documents_by_query(Query.term_set_query(build_schema(), "id", list(batch.gone)))
        for fields in batch.papers.values():
            writer.add_document(document(fields))


def _commit(generation: Generation, writer: IndexWriter, state: StoreState) -> None:
    """Commit what is written, so that it is searched."""
    writer.delete_documents_by_term("kind", "state")
    writer.add_document(document(state_fields(state.dump())))
    writer.commit()
    generation.seal()
    generation.reload()
    # Merges change the files of the commit once more; what is in it can be found before they end.
    writer.wait_merging_threads()
    generation.seal()
    generation.reload()
    # While no other process writes: it would make the same words.
    generation.snapshot.keep_vocabulary()


_LOGGER = logging.getLogger(__name__)

_PAPERS = "papers-"
"""Begins the names of the folders of generations."""
_VERSION = f"{_PAPERS}{SCHEMA_VERSION}-{'.'.join(version('tantivy').split('.')[:2])}-"
"""And continues with the versions of the schema and of Tantivy's files."""

_NAMES = "people"
"""The folder of the index of names, beside the generations."""

_CHECK_AT_ONCE = 64 << 20
"""Bytes; a larger index is checked in the background: the start is short, damage is found later."""


def _no_more() -> bool:
    """Nothing is waited for."""
    return False


class SearchIndex(DerivedIndex):
    """The index of papers, with the index of names beside it.

    The folder holds one generation, the file `current` that names it, and a lock file. A rebuild
    writes a new generation beside the old one and then changes the name, so that reading never stops.
    """

    cluster_address = None

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, folder / "writer.lock")
        self._current = folder / "current"
        self._named_at = (0, 0), ""
        self.names = NamesIndex(folder / _NAMES)
        self._opening = threading.RLock()
        self._generation: Generation | None = None
        self.checking: threading.Thread | None = None
        """The check of a large index, in the background."""
        self._open()

    def trouble(self) -> None:
        """Nothing does: what is damaged is made anew."""

    def snapshot(self) -> Snapshot | None:
        """The newest commit, also of another process; None where there is no usable index yet."""
        self._refresh()
        generation = self._generation
        return generation.snapshot if generation is not None else None

    def catch_up(self, store: Store, *, wait: bool = True) -> int:
        """Catch up with the store, and return the revision that the index then shows.

        While another thread or process writes, it waits for that one; without `wait` it returns at once.
        """
        self.names.catch_up(store, wait=wait)
        return self.catch_up_papers(store, wait=wait)

    def catch_up_papers(self, store: Store, more: Callable[[], bool] = _no_more, *, wait: bool = True) -> int:
        """Catch up in the same way, but leave out the names.

        `more` is called when all is written and may wait for more to come: where it answers True, that
        goes into the same commit.
        """

        def update(store: Store) -> None:
            if self._generation is not None:
                write_changes(self._generation, store, more)

        def rebuild(store: Store, reason: str | None) -> None:
            self._rebuild(store, more)
            if reason is None:
                _LOGGER.info("The search index was made.")
            else:
                _LOGGER.warning("The search index was made anew: %s.", reason)

        is_current = self._catch_up(store, update, rebuild, wait)
        generation = self._generation
        if generation is None:
            return 0
        if is_current:
            generation.snapshot.keep_vocabulary()
        return generation.snapshot.state.revision

    def close(self) -> None:
        """Release the files."""
        self.names.close()
        with self._opening:
            self._generation = None

    def _shown(self) -> ShownRevision | None:
        generation = self._generation
        return generation.snapshot.state if generation is not None else None

    def _is_current(self, store: Store) -> bool:
        self._refresh()
        shown = self._shown()
        if shown is None or self._damage is not None:
            return False
        with store.reading() as session:
            latest = latest_revision(session)
        newest = ShownRevision(latest.number, latest.stamp) if latest is not None else ShownRevision()
        return (shown.revision, shown.stamp) == (newest.revision, newest.stamp)

    def _reopen(self) -> None:
        if self._damage is not None or self._generation is None:
            # What looked damaged may have been another process between its commit and its seal.
            self._open(wholly=True)

    def _rebuild(self, store: Store, more: Callable[[], bool]) -> None:
        generation = Generation.create(self._folder / f"{_VERSION}{secrets.token_hex(4)}")
        try:
            with errors_explained(self._folder):
                write_changes(generation, store, more)
        except BaseException:
            # Half an index is of no use, and where the disk is full it would keep it so.
            shutil.rmtree(generation.path, ignore_errors=True)
            raise
        with self._opening:
            write_whole(self._current, generation.path.name.encode())
            self._generation, self._damage = generation, None
        for beside in self._folder.glob(f"{_PAPERS}*"):
            if beside.name != generation.path.name:
                # Another process may still read it; what the system does not delete now is deleted next time.
                shutil.rmtree(beside, ignore_errors=True)

    def _refresh(self) -> None:
        """Take over what this or another process has committed; costs the status of two files."""
        generation = self._generation
        if generation is None:
            if self._damage is None:
                self._open()
        elif self._named() != generation.path.name:
            self._open()
        elif generation.has_new_commit() or generation.fills_memory():
            with suppress(OSError, ValueError):
                generation.reload()

    def _named(self) -> str | None:
        """The name of the current generation; read again only where its file has changed."""
        try:
            status = self._current.stat()
            seen = status.st_mtime_ns, status.st_ino
            before, name = self._named_at
            if before != seen:
                name = self._current.read_text(encoding="ascii").strip()
                self._named_at = seen, name
        except (OSError, ValueError):
            return None
        return name

    def _open(self, *, wholly: bool = False) -> None:
        """Open the current generation, or find out why it must be rebuilt."""
        with self._opening:
            name = self._named()
            generation, damage = None, None
            if name is not None:
                try:
                    generation = self._sound(self._folder / name, wholly=wholly)
                except DamagedIndexError as error:
                    damage = str(error)
            self._generation, self._damage = generation, damage

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
            self.checking = threading.Thread(target=self._check_rest, args=(generation,), daemon=True)
            self.checking.start()
        return generation

    def _check_rest(self, generation: Generation) -> None:
        """Read the whole of a large index; the next `catch_up` rebuilds it where it is damaged."""
        try:
            check_contents(generation.path)
        except DamagedIndexError as error:
            with self._opening:
                if self._generation is generation:
                    self._damage = str(error)
