"""The index of papers: one generation of a Tantivy index is searched, a rebuild makes the next one."""

from __future__ import annotations

import logging
import mmap
import secrets
import shutil
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from filelock import FileLock, Timeout
from sqlmodel import Session
from tantivy import Index, IndexWriter, Query

from bot.search.derived_index import (
    DamagedIndexError,
    Seal,
    check_contents,
    check_seal,
    sealed_size,
    trouble_told,
    write_whole,
)
from bot.search.names_index import NamesIndex
from bot.search.schema import SCHEMA_VERSION, build_schema, paper_document, register_analyzers, state_document
from bot.search.snapshot import Snapshot, StoreState, Vocabularies
from bot.store.engine import Store
from bot.store.imports import latest_revision, revision_stamp
from bot.store.papers import changed_since, people_attributed, retired_since

_MOST_MAPPED = 128 << 20
"""Bytes of files that searching may bring into this process's memory until they are opened anew.

The system takes such pages back only when it needs room. They stay in its cache, so that it costs
little to read them once more.
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

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.path.name

    def writer(self, memory: int, threads: int) -> IndexWriter:
        """What makes the next commit, with so many bytes for so many threads."""
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
        """Whether so much of files is in this process's memory that `reload` is due."""
        mapped = _mapped()
        self._least_mapped = min(self._least_mapped, mapped)
        return mapped - self._least_mapped > _MOST_MAPPED

    def reload(self) -> None:
        """Take over the newest commit, and let go of the pages of its files."""
        with self._reloading:
            seen = self._signature()
            index = _opened(self.path)
            searcher = index.searcher()
            if seen == self._seen == self._signature():
                held: list[Snapshot] = [self.snapshot]
                self.snapshot = held[0].moved_to(searcher)
                # It takes several times as long as opening, and nobody need wait for it.
                Thread(target=held.clear, daemon=True).start()
            else:
                self.snapshot = Snapshot(searcher, index.schema, self._vocabularies)
            self._seen = seen
            self._least_mapped = sys.maxsize

    def _signature(self) -> tuple[int, int, int]:
        status = (self.path / "meta.json").stat()
        return status.st_mtime_ns, status.st_ino, status.st_size


def _opened(path: Path) -> Index:
    index = Index.open(str(path))
    register_analyzers(index)
    index.config_reader("manual")
    index.reload()
    return index


def _mapped() -> int:
    """Bytes of files in this process's memory; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", "rb", 0) as statm:  # noqa: PTH123 - it is asked with every search
            return int(statm.read(200).split()[2]) * mmap.PAGESIZE
    except OSError:
        return 0


_PAGE = 1_000
_THREADS = 1
"""More are hardly faster on two cores, and leave more pieces to merge."""

_MEMORY = 64_000_000
"""Bytes, over all threads; with less there are more pieces to merge, which takes longer than making them."""


def write_changes(generation: Generation, store: Store, more: Callable[[], bool]) -> None:
    """Commit everything up to the store's newest revision, and what comes while `more` waits for it.

    The revision is part of the commit.
    """
    changes = _Changes(generation, store)
    changes.add()
    while more():
        changes.add()
    changes.commit()


class _Changes:
    """The next commit of an index, while it is written."""

    def __init__(self, generation: Generation, store: Store) -> None:
        self._generation = generation
        self._store = store
        self._state = generation.snapshot.state
        self._writer = generation.writer(_MEMORY, _THREADS)

    def add(self) -> None:
        """Write the papers that changed since what is written already."""
        with self._store.reading() as session:
            newest = latest_revision(session)
        if newest is None:
            return
        self._take_out_retired(newest.number)
        highest_id, after_id = self._state.highest_id, 0
        while rows := self._page(after_id, newest.number):
            after_id = rows[-1].id
            highest_id = max(highest_id, after_id)
        self._state = StoreState(newest.number, newest.stamp, highest_id)

    def commit(self) -> None:
        """Make what is written the index that is searched."""
        generation, writer = self._generation, self._writer
        writer.delete_documents_by_term("kind", "state")
        writer.add_document(state_document(self._state.dump()))
        writer.commit()
        generation.seal()
        generation.reload()
        # Merges change the files of the commit once more; what is in it can be found before they end.
        writer.wait_merging_threads()
        generation.seal()
        generation.reload()
        # Both at once would take more memory than anything else does.
        generation.snapshot.keep_vocabulary()

    def _page(self, after_id: int, until: int) -> Sequence[Any]:
        with self._store.reading() as session:
            rows = changed_since(session, self._state.revision, after_id, _PAGE, until=until)
            attributed = _attributed(session, rows)
        self._take_out([row.id for row in rows if row.id <= self._state.highest_id])
        for row in rows:
            self._writer.add_document(paper_document(row, attributed.get(row.id, ())))
        return rows

    def _take_out_retired(self, until: int) -> None:
        """Take out papers that turned out to be another one; that one changed with it."""
        with self._store.reading() as session:
            self._take_out(retired_since(session, self._state.revision, until))

    def _take_out(self, ids: Sequence[int]) -> None:
        # By query: deleting by the term of a number deletes nothing in tantivy 0.27.
        if ids:
            schema = self._generation.snapshot.schema
            self._writer.delete_documents_by_query(Query.term_set_query(schema, "id", list(ids)))


def _attributed(session: Session, rows: Sequence[Any]) -> Mapping[int, Sequence[str]]:
    names: defaultdict[int, list[str]] = defaultdict(list)
    if rows:
        for paper_id, name in people_attributed(session, [row.id for row in rows]):
            names[paper_id].append(name)
    return names


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
