"""The index of names: who may be meant by a name that is not exact."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session
from tantivy import Document, Index, Occur, Query, Schema, SchemaBuilder

from bot.search.asked_names import other_keys
from bot.search.derived_index import DerivedIndex, ShownRevision
from bot.search.name_likeness import MOST_PARTS, joined_spellings
from bot.search.name_readings import is_read_by_sound, latin_parts, latin_writings, sounds_of
from bot.search.tantivy.files import (
    DamagedIndexError,
    Seal,
    check_contents,
    newest_commit,
    remove_unfinished,
)
from bot.store.authors import named_authors
from bot.store.corrections import corrections_stamp
from bot.store.engine import Store
from bot.store.grouping import grouping_state
from bot.store.imports import ImportState, last_import, latest_revision, state_of

_FORMAT = 6
"""Version of the documents: an index of another one is rebuilt."""
_WRITER_BYTES = 32_000_000
_LONGEST_PART = 60
"""Characters of a part that are indexed: longer ones are no names."""
_SHORT_BEGINNING = 2
"""Characters of the beginnings that are indexed as terms: a prefix query of one or two meets too many."""
_SHORT_BEGINNINGS = range(1, _SHORT_BEGINNING + 1)
_FUZZY_FROM = 3
"""Characters of the shortest part in which a wrong letter is looked for."""
_SOUND = "~"
"""What stands before the sound of a part, which is no part itself."""


@dataclass(frozen=True, slots=True)
class NameCandidate:
    """An entry that could be meant."""

    author_id: int
    name_key: str
    papers: int
    """How many papers it had when it was indexed; decides who is best known."""


@dataclass(frozen=True)
class _ShownNames(ShownRevision):
    """The state of the store that the index shows."""

    corrections: int = 0
    """The stamp of the corrections of who is who: differs once one was made or undone."""
    grouping: int = 0
    """The number of the last change by grouping."""

    def __str__(self) -> str:
        return f"{_FORMAT} {self.revision} {self.stamp} {self.corrections} {self.grouping}"


class NamesIndex(DerivedIndex):
    """All names of one store, in a folder of its own; made by the first `catch_up`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, folder.with_name(f"{folder.name}.lock"))
        self.clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
        self._schema = _schema()
        self._index = self._open()

    def catch_up(self, store: Store, *, wait: bool = True) -> None:
        """Catch up with the store; the names of an import that is running wait for its end.

        Without `wait` it returns at once while another thread or process writes.
        """
        self._catch_up(store, self._write, self._write_anew, wait)

    def close(self) -> None:
        """Release the files."""
        with self._catching_up:
            self._index = None

    def having(self, parts: Sequence[str], limit: int) -> list[NameCandidate]:
        """Find names that have each of these parts, whole, in any order."""
        return self._best_known(_all_of(self._has(part) for part in parts[:MOST_PARTS]), limit)

    def beginning(self, parts: Sequence[str], limit: int) -> list[NameCandidate]:
        """Find names in which each of these begins a part; no parts: everybody."""
        return self._best_known(_all_of(self._begins(part) for part in parts[:MOST_PARTS]), limit)

    def initialled(self, parts: Sequence[str], limit: int) -> list[NameCandidate]:
        """Find names that have each of these parts, at least one whole and the others perhaps as initials."""
        known = parts[:MOST_PARTS]
        clauses = [_any_of((self._has(part), self._has(part[0]))) for part in known]
        return self._best_known(_all_of([*clauses, _any_of(self._has(part) for part in known)]), limit)

    def misspelt(self, parts: Sequence[str], limit: int) -> list[NameCandidate]:
        """Find names that have each of these parts, give or take one letter of each."""
        return self._best_known(_all_of(self._nearly(part) for part in parts[:MOST_PARTS]), limit)

    def joined(self, parts: Sequence[str], limit: int) -> list[NameCandidate]:
        """Find names of the same letters, divided otherwise or in another script; then longer ones."""
        writings = latin_writings(" ".join(parts[:MOST_PARTS]))
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
        return self._best_known(_any_of(self._has(part) for part in parts[:MOST_PARTS]), limit)

    def sounding(self, parts: Sequence[str], limit: int) -> list[NameCandidate]:
        """Find names in scripts that have many ways into Latin letters, which sound like these parts."""
        sounds = sounds_of([part for part in parts[:MOST_PARTS] if len(part) > 1 and part.isascii()])
        if not sounds:
            return []
        return self._best_known(_all_of(self._has(f"{_SOUND}{sound}") for sound in sounds), limit)

    def _has(self, part: str) -> Query:
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
            NameCandidate(int(author_id or 0), _stored(searcher.doc(address), "key"), int(papers))
            for author_id, (papers, address) in zip(ids, hits, strict=True)
        ]

    def _open(self) -> Index | None:
        """Open the index; None where there is none, or one that is damaged or of another schema."""
        try:
            check_contents(self._folder)
            return newest_commit(Index(self._schema, str(self._folder)))
        except (DamagedIndexError, OSError, ValueError):
            return None

    def _reopen(self) -> None:
        self._index = self._open()

    def _create(self) -> Index:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()
        return newest_commit(Index(self._schema, str(self._folder)))

    def _shown(self) -> _ShownNames | None:
        if self._index is None:
            return None
        searcher = self._index.searcher()
        hits = searcher.search(Query.exists_query("is_state"), 1, count=False).hits
        if not hits:
            return None
        form, *state = (int(part) for part in _stored(searcher.doc(hits[0][1]), "state").split())
        return _ShownNames(*state) if form == _FORMAT else None

    def _is_current(self, store: Store) -> bool:
        """Whether the index shows the store, or an import is running whose end has to come first."""
        with store.reading() as session:
            importing = last_import(session)
            if importing is not None and state_of(importing, self.clock()) is ImportState.RUNNING:
                return True
            return self._shown() == _newest(session)

    def _other_history(self, store: Store) -> str | None:
        """Why it must be rebuilt; a correction may concern people whose papers did not change."""
        shown = self._shown()
        with store.reading() as session:
            if shown is not None and shown.corrections != corrections_stamp(session):
                return "people were corrected"
            if shown is not None and shown.grouping > grouping_state(session).number:
                return "the database has another history"
        return super()._other_history(store)

    def _write_anew(self, store: Store, _reason: str | None) -> None:
        self._index = self._index or self._create()
        self._write(store, anew=True)

    def _write(self, store: Store, *, anew: bool = False) -> None:
        index = self._index or self._create()
        shown = None if anew else self._shown()
        remove_unfinished(self._folder)
        writer = index.writer(_WRITER_BYTES, 1)
        if shown is None:
            writer.delete_all_documents()
        else:
            writer.delete_documents_by_query(Query.exists_query("is_state"))
        replaced: set[int] = set()
        with store.reading() as session:
            newest = _newest(session)
            since = (shown.revision, shown.grouping) if shown is not None else (None, 0)
            for row in named_authors(session, *since):
                if shown is not None and row.id not in replaced:
                    replaced.add(row.id)
                    writer.delete_documents_by_query(Query.term_query(self._schema, "author_id", row.id))
                if row.name_key:
                    for key in dict.fromkeys((row.name_key, *other_keys(row.name, row.name_key))):
                        writer.add_document(_document(row.id, key, row.papers))
        state = Document()
        state.add_bytes("state", str(newest).encode())
        state.add_boolean("is_state", True)
        writer.add_document(state)
        writer.commit()
        writer.wait_merging_threads()
        Seal(self._folder).put()
        index.reload()


def _newest(session: Session) -> _ShownNames:
    newest = latest_revision(session)
    revision, stamp = (newest.number, newest.stamp) if newest is not None else (0, 0)
    return _ShownNames(revision, stamp, corrections_stamp(session), grouping_state(session).number)


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
    if name_key.isascii() and len(name_key) <= _LONGEST_PART:  # as most are
        words = name_key.split()
        parts, joined = set(words), joined_spellings(words)
    else:
        latin = latin_writings(name_key)
        written = (*name_key.split(), *(part for one in latin for part in one))
        parts = {part[:_LONGEST_PART] for part in written}
        joined = {one[:_LONGEST_PART] for parts in latin for one in joined_spellings(parts)}
    document.add_text("joined", " ".join(joined))
    sounds = sounds_of(latin_parts(name_key)) if is_read_by_sound(name_key) else ()
    document.add_text("parts", " ".join((*parts, *(f"{_SOUND}{sound}" for sound in sounds))))
    beginnings = {part[:length] for length in _SHORT_BEGINNINGS for part in parts}
    document.add_text("beginnings", " ".join(beginnings))
    return document


def _all_of(queries: Iterable[Query]) -> Query:
    clauses = [(Occur.Must, query) for query in queries]
    return Query.boolean_query(clauses) if clauses else Query.exists_query("papers")


def _any_of(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Should, query) for query in queries])


def _stored(document: Document, field: str) -> str:
    return bytes(document.get_first(field) or b"").decode()
