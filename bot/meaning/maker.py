"""Makes the vectors of papers, newest papers first; may be stopped anywhere, and goes on where it was."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout

from bot.child_process import usable_cores
from bot.corpus.paper import last_day
from bot.errors import ConfigurationError, is_full
from bot.meaning.encoder import encode, model_name, text_number, text_of
from bot.meaning.state import VectorsState, newest_revision, read_state, write_state
from bot.search.derived_index import ShownRevision
from bot.store.engine import Store
from bot.store.imports import ImportState, last_import, state_of
from bot.store.papers import SearchedPaper, changed_since, count_papers, papers_merged_since, texts_of

AT_ONCE = 32
"""Papers between looks at whether to stop, whether an import runs, and whether newer papers have come."""
PAUSE_SECONDS = 2.0
"""Between looks whether the import still runs that is waited for."""

_PAGE = 1_000
_ID_BITS = 40
_VECTORS = "vectors-"
"""Begins the names of files."""

Wait = Callable[[float], bool]
"""Waits so many seconds, and answers whether to stop."""
Report = Callable[[VectorsState], None]


def make_vectors(
    store: Store, folder: Path, wait: Wait, report: Report, clock: Callable[[], dt.datetime]
) -> bool:
    """Make the vectors that are missing; False where it was stopped, or another process makes them.

    Raises:
        ConfigurationError: the vectors cannot be written; says why.

    """
    with _errors_explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(folder / "writer.lock", blocking=False), _Maker(store, folder).opened() as maker:
                return maker.make(wait, report, clock)
        except Timeout:
            return False


@contextmanager
def _errors_explained(folder: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        reason = "the disk is full" if is_full(error) else error.strerror
        raise ConfigurationError(
            f"The vectors in {folder} cannot be written ({reason}). Papers are found by words all the same; "
            "once this is mended, the vectors that are missing are made."
        ) from error


class _Maker:
    """One run: what is missing, and the file that it goes into."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store = store
        self._folder = folder
        self._missing: list[int] = []
        """Papers by date and id, each as one number; the newest at the end."""

    @contextmanager
    def opened(self) -> Generator[_Maker]:
        """Open the file: the one that the state names, or a new one where that is of no use."""
        from bot.meaning.vectors import VectorsFile  # numpy, which most commands do not need

        state = read_state(self._folder)
        if state is None or state.model != model_name() or not state.is_of(self._store):
            state = VectorsState(model_name(), self._new_name())
        self._file = VectorsFile(self._folder / state.file)
        if self._file.is_worth_rewriting():
            # Which papers the damaged rows were of is not known.
            state = replace(
                state, file=self._new_name(), revision=0 if self._file.damaged else state.revision
            )
            self._file.rewrite(self._folder / state.file)
            self._file.close()
            self._file = VectorsFile(self._folder / state.file)
        elif self._file.made < state.made:
            state = replace(state, revision=0)
        try:
            self._state = replace(state, made=self._file.made)
            self._seen = self._state.revision
            self._keep_state()
            for path in self._folder.glob(f"{_VECTORS}*"):
                if path.name != state.file:
                    path.unlink(missing_ok=True)
            yield self
        finally:
            self._file.close()

    def make(self, wait: Wait, report: Report, clock: Callable[[], dt.datetime]) -> bool:
        """Make what is missing, until nothing is, or `wait` says to stop."""
        with ThreadPoolExecutor(usable_cores()) as threads:
            while self._look() or self._missing:
                report(self._state)
                while self._import_runs(clock()):
                    if wait(PAUSE_SECONDS):
                        return False
                if wait(0):
                    return False
                batch = [_id_of(self._missing.pop()) for _ in range(min(AT_ONCE, len(self._missing)))]
                self._encode(batch, threads, clock())
                self._keep_state()
        self._state = replace(self._state, revision=self._seen)
        self._keep_state()
        report(self._state)
        return True

    def _keep_state(self) -> None:
        self._file.sync()
        write_state(self._folder, self._state)

    def _look(self) -> bool:
        """Look for papers that changed since the last look; answers whether the corpus changed."""
        newest = newest_revision(self._store)
        if newest.revision == self._seen and self._state.newest:
            return False
        self._take_out_merged(newest)
        missing, after = set(self._missing), 0
        while rows := self._page(after, newest):
            after = rows[-1].id
            known = self._file.texts([row.id for row in rows])
            missing.update(
                _number_of(row)
                for row in rows
                if row.id not in known or known[row.id] != text_number(text_of(row.title, row.abstract))
            )
        self._missing = sorted(missing)
        self._seen = newest.revision
        with self._store.reading() as session:
            papers = count_papers(session)
        self._state = replace(self._state, newest=newest.revision, stamp=newest.stamp, papers=papers)
        return True

    def _page(self, after: int, newest: ShownRevision) -> Sequence[SearchedPaper]:
        with self._store.reading() as session:
            return changed_since(session, self._seen, after, _PAGE, until=newest.revision)

    def _take_out_merged(self, newest: ShownRevision) -> None:
        with self._store.reading() as session:
            merged = papers_merged_since(session, self._seen, newest.revision)
        known = self._file.texts(merged)
        self._file.add({paper: (0, None) for paper, text in known.items() if text})
        self._state = replace(self._state, made=self._file.made)

    def _encode(self, papers: Sequence[int], threads: ThreadPoolExecutor, now: dt.datetime) -> None:
        texts = {row.id: text_of(row.title, row.abstract) for row in texts_of(self._store, papers)}
        vectors = threads.map(encode, texts.values())
        rows = zip(texts.items(), vectors, strict=True)
        self._file.add({paper: (text_number(text), vector) for (paper, text), vector in rows})
        self._state = replace(self._state, made=self._file.made, made_at=int(now.timestamp()))

    def _import_runs(self, now: dt.datetime) -> bool:
        with self._store.reading() as session:
            newest = last_import(session)
        return newest is not None and state_of(newest, now) is ImportState.RUNNING

    def _new_name(self) -> str:
        return f"{_VECTORS}{secrets.token_hex(4)}"


def _number_of(row: SearchedPaper) -> int:
    day = last_day(row.published).toordinal() if row.published is not None else 0
    return day << _ID_BITS | row.id


def _id_of(number: int) -> int:
    return number & ((1 << _ID_BITS) - 1)
