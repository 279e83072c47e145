"""The index of names: who could be meant by a name that is not exact.

Derived from the store like the index of papers: it follows the store's revisions and may be
deleted at any time. It proposes candidates, best-known first; `alike.py` judges them.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from filelock import FileLock, Timeout
from sqlmodel import Session
from tantivy import Document, Index, Occur, Query, Schema, SchemaBuilder

from bot.search.index_seal import DamagedIndexError, Seal, check_contents, trouble_told
from bot.search.name_likeness import joined_spellings, latin_writings
from bot.store.authors import named_authors
from bot.store.corrections import corrections_stamp
from bot.store.engine import Store
from bot.store.imports import ImportState, last_import, latest_revision, revision_stamp, state_of

_FORMAT = 4
"""Of the documents; another one is rebuilt."""
_WRITER_BYTES = 32_000_000
_LONGEST_PART = 60
"""Characters of a part that are indexed: longer ones are no names."""
_MOST_PARTS = 12
_SHORT_BEGINNING = 2
"""Characters of the beginnings that are indexed as they are: too many parts go on from one or two."""
_FUZZY_FROM = 3
"""Characters of the shortest part in which a wrong letter is looked for."""


@dataclass(frozen=True, slots=True)
class NameCandidate:
    """An entry that could be meant."""

    author_id: int
    name_key: str
    papers: int
    """How many papers it had when it was indexed; decides who is best known."""


@dataclass(frozen=True, slots=True)
class _State:
    """Which state of which store the index shows."""

    revision: int
    stamp: int
    corrections: int
    """Differs once a correction of who is who was made or undone."""

    def __str__(self) -> str:
        return f"{_FORMAT} {self.revision} {self.stamp} {self.corrections}"


class NamesIndex:
    """All names of one store, in a folder of its own; made when it is first followed."""

    def __init__(self, folder: Path) -> None:
        self.clock: Callable[[], dt.datetime] = _system_clock
        self._folder = folder
        self._mutex = Lock()
        self._writing = FileLock(folder.with_name(f"{folder.name}.lock"), thread_local=False)
        self._schema = _schema()
        self._index = self._open()

    @property
    def revision(self) -> int | None:
        """The revision of the store that it shows; None where there is no usable index."""
        state = self._state()
        return state.revision if state is not None else None

    def catch_up(self, store: Store, *, wait: bool = True) -> None:
        """Catch up with the store; the names of an import that is running wait for its end.

        Without `wait` it leaves it at that while another thread or process writes.
        """
        with trouble_told(self._folder):
            self._catch_up(store, wait=wait)

    def _catch_up(self, store: Store, *, wait: bool) -> None:
        if not self._mutex.acquire(blocking=wait):
            return
        try:
            # Nobody waits for the lock within a transaction, which would hold back the database's tidying.
            with store.reading() as session:
                if self._goal(session) is None:
                    return
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            try:
                writing = self._writing.acquire(blocking=wait)
            except Timeout:
                return
            with writing, store.reading() as session:
                # Another process may have brought it up to date, or mended it, meanwhile.
                self._index = self._open() or self._create()
                goal = self._goal(session)
                if goal is not None:
                    self._write(self._index, session, goal)
        finally:
            self._mutex.release()

    def _goal(self, session: Session) -> _State | None:
        """The state to be written; None where the index shows it, or an import is running."""
        importing = last_import(session)
        if importing is not None and state_of(importing, self.clock()) is ImportState.RUNNING:
            return None
        newest = latest_revision(session)
        corrected = corrections_stamp(session)
        goal = _State(newest.number, newest.stamp, corrected) if newest else _State(0, 0, corrected)
        return None if self._state() == goal else goal

    def close(self) -> None:
        """Let go of the files."""
        with self._mutex:
            self._index = None

    def having(self, parts: Sequence[str], limit: int) -> list[NameCandidate]:
        """Find names that have each of these parts, whole, in any order."""
        return self._best_known(_all_of(self._is(part) for part in parts[:_MOST_PARTS]), limit)

    def beginning(self, parts: Sequence[str], limit: int) -> list[NameCandidate]:
        """Find names in which each of these begins a part; no parts: everybody."""
        return self._best_known(_all_of(self._begins(part) for part in parts[:_MOST_PARTS]), limit)

    def initialled(self, parts: Sequence[str], limit: int) -> list[NameCandidate]:
        """Find names that have each of these parts, at least one whole and the others perhaps as initials."""
        known = parts[:_MOST_PARTS]
        clauses = [_any_of((self._is(part), self._is(part[0]))) for part in known]
        return self._best_known(_all_of([*clauses, _any_of(self._is(part) for part in known)]), limit)

    def misspelt(self, parts: Sequence[str], limit: int) -> list[NameCandidate]:
        """Find names that have each of these parts, give or take one letter of each."""
        return self._best_known(_all_of(self._nearly(part) for part in parts[:_MOST_PARTS]), limit)

    def joined(self, parts: Sequence[str], limit: int) -> list[NameCandidate]:
        """Find names of the same letters, parted otherwise or in another script; then those that go on."""
        writings = latin_writings(" ".join(parts[:_MOST_PARTS]))
        spellings = {one for written in writings for one in joined_spellings(written)}
        found = self._best_known(
            _any_of(
                Query.term_query(self._schema, "joined", one[:_LONGEST_PART], "basic") for one in spellings
            ),
            limit,
        )
        if len(parts) == 1 and len(parts[0]) > _FUZZY_FROM and len(found) < limit:
            begun = Query.fuzzy_term_query(self._schema, "joined", parts[0][:_LONGEST_PART], 0, prefix=True)
            found += [one for one in self._best_known(begun, limit) if one not in found]
        return found

    def sharing(self, parts: Sequence[str], limit: int) -> list[NameCandidate]:
        """Find names that have at least one of these parts, whole."""
        return self._best_known(_any_of(self._is(part) for part in parts[:_MOST_PARTS]), limit)

    def _is(self, part: str) -> Query:
        return Query.term_query(self._schema, "parts", part[:_LONGEST_PART], "basic")

    def _begins(self, part: str) -> Query:
        if len(part) <= _SHORT_BEGINNING:
            return Query.term_query(self._schema, "beginnings", part, "basic")
        return Query.fuzzy_term_query(self._schema, "parts", part[:_LONGEST_PART], distance=0, prefix=True)

    def _nearly(self, part: str) -> Query:
        if len(part) < _FUZZY_FROM:
            return self._begins(part)
        return Query.fuzzy_term_query(self._schema, "parts", part[:_LONGEST_PART], distance=1)

    def _best_known(self, query: Query, limit: int) -> list[NameCandidate]:
        if self._index is None:
            return []
        searcher = self._index.searcher()
        hits = searcher.search(query, limit, count=False, order_by_field="papers").hits
        ids = searcher.fast_field_values("author_id", [address for _, address in hits])
        return [
            NameCandidate(int(author_id or 0), _written(searcher.doc(address), "key"), int(papers))
            for author_id, (papers, address) in zip(ids, hits, strict=True)
        ]

    def _open(self) -> Index | None:
        """Open the index; None where there is none, or one that is damaged or of another form."""
        try:
            check_contents(self._folder)
            index = Index(self._schema, str(self._folder))
        except (DamagedIndexError, OSError, ValueError):
            return None
        index.config_reader("manual")
        index.reload()
        return index

    def _create(self) -> Index:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()
        index = Index(self._schema, str(self._folder))
        index.config_reader("manual")
        return index

    def _state(self) -> _State | None:
        if self._index is None:
            return None
        searcher = self._index.searcher()
        hits = searcher.search(Query.exists_query("is_state"), 1, count=False).hits
        if not hits:
            return None
        form, *state = (int(part) for part in _written(searcher.doc(hits[0][1]), "state").split())
        return _State(*state) if form == _FORMAT else None

    def _write(self, index: Index, session: Session, target: _State) -> None:
        shown = self._state()
        if shown is not None and revision_stamp(session, shown.revision) != shown.stamp:
            shown = None  # the database has another history
        elif shown is not None and shown.corrections != target.corrections:
            shown = None  # rare, and it may concern people whose papers did not change
        writer = index.writer(_WRITER_BYTES, 1)
        if shown is None:
            writer.delete_all_documents()
        else:
            writer.delete_documents_by_query(Query.exists_query("is_state"))
        replaced: set[int] = set()
        for row in named_authors(session, shown.revision if shown else None):
            if shown is not None and row.id not in replaced:
                replaced.add(row.id)
                writer.delete_documents_by_query(Query.term_query(self._schema, "author_id", row.id))
            writer.add_document(_document(row.id, row.name_key, row.papers))
        state = Document()
        state.add_bytes("state", str(target).encode())
        state.add_boolean("is_state", True)
        writer.add_document(state)
        writer.commit()
        writer.wait_merging_threads()
        Seal(self._folder).put()
        index.reload()


def _system_clock() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _schema() -> Schema:
    builder = SchemaBuilder()
    builder.add_unsigned_field("author_id", indexed=True, fast=True)
    builder.add_unsigned_field("papers", fast=True)
    builder.add_bytes_field("key", stored=True, indexed=False)
    builder.add_text_field("parts", tokenizer_name="whitespace", index_option="basic")
    builder.add_text_field("joined", tokenizer_name="whitespace", index_option="basic")
    builder.add_text_field("beginnings", tokenizer_name="whitespace", index_option="basic")
    builder.add_bytes_field("state", stored=True, indexed=False)
    builder.add_boolean_field("is_state", fast=True)
    return builder.build()


def _document(author_id: int, name_key: str, papers: int) -> Document:
    document = Document()
    document.add_unsigned("author_id", author_id)
    document.add_unsigned("papers", papers)
    document.add_bytes("key", name_key.encode())
    latin = latin_writings(name_key)
    parts = {part[:_LONGEST_PART] for part in (*name_key.split(), *(part for one in latin for part in one))}
    joined = {one[:_LONGEST_PART] for written in latin for one in joined_spellings(written)}
    document.add_text("joined", " ".join(joined))
    document.add_text("parts", " ".join(parts))
    beginnings = {part[:length] for part in parts for length in range(1, _SHORT_BEGINNING + 1)}
    document.add_text("beginnings", " ".join(beginnings))
    return document


def _all_of(queries: Iterable[Query]) -> Query:
    clauses = [(Occur.Must, query) for query in queries]
    return Query.boolean_query(clauses) if clauses else Query.exists_query("papers")


def _any_of(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Should, query) for query in queries])


def _written(document: Document, field: str) -> str:
    return bytes(document.get_first(field) or b"").decode()
