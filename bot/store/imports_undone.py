"""What is needed to take an import back: what it replaced, and what others said too."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from sqlalchemy import (
    Table,
    and_,
    bindparam,
    delete,
    exists,
    insert,
    not_,
    or_,
    select,
    update,
)
from sqlmodel import Session, SQLModel, col

from bot.corpus.identity import Pair
from bot.corpus.paper import PaperRecord
from bot.store.bulk import rows_with
from bot.store.models import (
    Attribution,
    Author,
    AuthorIdentifier,
    AuthorName,
    AuthorReport,
    Authorship,
    CorpusImport,
    Correction,
    Delivery,
    GroupedMention,
    Paper,
    PaperMerge,
    PaperSource,
    RemovedPaper,
    RepeatedRecords,
    ReplacedRecord,
)
from bot.store.papers import READING, move_rows
from bot.store.records import unpacked

KEPT = dt.timedelta(days=90)
"""So long what imports replaced is kept; after that they cannot be taken back."""
_HASH_BYTES = 8
_HASHES_AT_ONCE = 50_000


class ReplacedRow(NamedTuple):
    """What a source said before an import said otherwise; see `ReplacedRecord`."""

    import_id: int
    source: str
    source_key: str
    record: bytes
    digest: str
    read_on: dt.date | None
    said_by: int | None

    def restored(self) -> PaperRecord:
        """The record itself."""
        return PaperRecord.model_validate_json(unpacked(self.record))


class SaidRow(NamedTuple):
    """What an import said of a paper; see `PaperSource`."""

    source: str
    source_key: str
    paper_id: int
    digest: str
    read_on: dt.date | None
    import_id: int | None


_REPLACED = select(*(getattr(ReplacedRecord, name) for name in ReplacedRow._fields))
_SAID = select(*(getattr(PaperSource, name) for name in SaidRow._fields))


def hash_of(source: str, source_key: str, digest: str) -> bytes:
    """A few bytes that stand for what a source says."""
    return blake2b(f"{source}\0{source_key}\0{digest}".encode(), digest_size=_HASH_BYTES).digest()


def write_repeated(session: Session, import_id: int, hashes: Sequence[bytes]) -> None:
    """Keep that an import said what was known already."""
    rows = [
        {"import_id": import_id, "part": part, "hashes": b"".join(hashes[start : start + _HASHES_AT_ONCE])}
        for part, start in enumerate(range(0, len(hashes), _HASHES_AT_ONCE))
    ]
    if rows:
        session.connection().execute(insert(RepeatedRecords), rows)


def repeated_by_others(session: Session, import_id: int) -> dict[bytes, int]:
    """What other imports, which were not taken back, said too: hash -> the import."""
    parts = select(col(RepeatedRecords.import_id), col(RepeatedRecords.hashes))
    found: dict[bytes, int] = {}
    for other, hashes in session.connection().execute(
        parts.where(col(RepeatedRecords.import_id) != import_id)
    ):
        for start in range(0, len(hashes), _HASH_BYTES):
            found[bytes(hashes[start : start + _HASH_BYTES])] = other
    return found


def said_by(session: Session, pairs: Collection[Pair]) -> dict[Pair, SaidRow]:
    """Who said these (source, source key)."""
    keys = {key for _, key in pairs}
    rows = (SaidRow._make(row) for row in rows_with(session, _SAID, col(PaperSource.source_key), keys))
    return {pair: row for row in rows if (pair := (row.source, row.source_key)) in pairs}


def forget_old(session: Session, now: dt.datetime) -> None:
    """Delete what is kept of imports that cannot be taken back any more."""
    old = select(col(CorpusImport.id)).where(col(CorpusImport.started_at) < now - KEPT - dt.timedelta(days=1))
    for model in (ReplacedRecord, RepeatedRecords):
        session.connection().execute(delete(model).where(col(model.import_id).in_(old)))


def write_replaced(session: Session, rows: Sequence[ReplacedRow]) -> None:
    """Keep what an import replaced."""
    if rows:
        session.connection().execute(insert(ReplacedRecord), [row._asdict() for row in rows])


def adopt_records(
    session: Session, papers: Collection[int], cut_off: Collection[int], import_id: int
) -> None:
    """Let what cut-off imports said of these papers be of the import that completes them."""
    of_them = select(col(PaperSource.source), col(PaperSource.source_key), col(PaperSource.import_id))
    rows = rows_with(session, of_them, col(PaperSource.paper_id), set(papers))
    give_to(session, {(source, key): import_id for source, key, by in rows if by in cut_off})


def papers_said_by(session: Session, import_id: int, after: int, limit: int) -> Sequence[int]:
    """The next papers of which an import says something."""
    paper = col(PaperSource.paper_id)
    statement = select(paper).where(col(PaperSource.import_id) == import_id, paper > after)
    statement = statement.group_by(paper).order_by(paper).limit(limit)
    return session.connection().execute(statement).scalars().all()


def rows_of_papers(session: Session, ids: Collection[int]) -> list[SaidRow]:
    """All that is said of these papers."""
    return [SaidRow._make(row) for row in rows_with(session, _SAID, col(PaperSource.paper_id), ids)]


def replaced_by(session: Session, import_id: int, pairs: Collection[Pair]) -> dict[Pair, ReplacedRow]:
    """What an import replaced of these (source, source key)."""
    statement = _REPLACED.where(col(ReplacedRecord.import_id) == import_id)
    keys = {key for _, key in pairs}
    rows = (
        ReplacedRow._make(row) for row in rows_with(session, statement, col(ReplacedRecord.source_key), keys)
    )
    return {pair: row for row in rows if (pair := (row.source, row.source_key)) in pairs}


def give_to(session: Session, owners: Mapping[Pair, int]) -> None:
    """Let what was said be of other imports, which said it too."""
    for (source, key), import_id in owners.items():
        of_pair = (col(PaperSource.source) == source, col(PaperSource.source_key) == key)
        session.connection().execute(update(PaperSource).where(*of_pair).values(import_id=import_id))


def delete_records(session: Session, pairs: Iterable[Pair]) -> None:
    """Delete what was said under these (source, source key)."""
    of_pair = (col(PaperSource.source) == bindparam("one"), col(PaperSource.source_key) == bindparam("key"))
    if rows := [{"one": source, "key": key} for source, key in pairs]:
        session.connection().execute(delete(PaperSource).where(*of_pair), rows)


def close_gaps(session: Session, import_id: int) -> None:
    """Take an import's word out of what later imports replaced; what it had replaced takes its place."""
    connection = session.connection()
    later = [
        ReplacedRow._make(row)
        for row in connection.execute(_REPLACED.where(col(ReplacedRecord.said_by) == import_id))
    ]
    earlier = replaced_by(session, import_id, {(row.source, row.source_key) for row in later})
    for row in later:
        of_row = and_(
            col(ReplacedRecord.import_id) == row.import_id,
            col(ReplacedRecord.source) == row.source,
            col(ReplacedRecord.source_key) == row.source_key,
        )
        before = earlier.get((row.source, row.source_key))
        if before is None:
            connection.execute(delete(ReplacedRecord).where(of_row))
        else:
            values = before._asdict()
            connection.execute(
                update(ReplacedRecord)
                .where(of_row)
                .values({name: values[name] for name in ("record", "digest", "read_on", "said_by")})
            )
    for model in (ReplacedRecord, RepeatedRecords):
        connection.execute(delete(model).where(col(model.import_id) == import_id))


def take_figures(session: Session, import_id: int) -> set[int]:
    """Delete the figures of authors that came with an import; whose they were."""
    of_import = col(AuthorReport.import_id) == import_id
    connection = session.connection()
    people = set(connection.execute(select(col(AuthorReport.author_id)).where(of_import)).scalars())
    connection.execute(delete(AuthorReport).where(of_import))
    return people


_TABLES = SQLModel.metadata.tables
_KEPT = tuple(_TABLES[name] for name in ("delivery", "correction_paper", "paper_event"))
"""What waits for a paper that was removed to come back: where it was announced, corrections, events."""
_READ = tuple(_TABLES[name] for name in ("vote", "list_entry", "paper_note"))
"""What people made of a paper: it stays, and is the paper's again that comes back."""
_GONE = tuple(
    _TABLES[name]
    for name in (
        *("authorship", "attribution", "affiliation", "paper_key", "enquiry"),
        *(
            "grouped_mention",
            "subscription_match",
            "waiting_event",
            "citation",
            "citation_count",
            "citing_work",
        ),
    )
)


def remove_papers(session: Session, papers: Mapping[int, Collection[Pair]], revision: int) -> None:
    """Delete papers, given with the (source, source key) under which they were known."""
    connection = session.connection()
    kept = {str(table.name): _rows_by_paper(session, table, papers) for table in _KEPT}
    waited_for = _read_papers(session, papers).union(*kept.values())
    for paper_id in waited_for:
        pairs = papers[paper_id]
        connection.execute(delete(RemovedPaper).where(_is_one_of(pairs)))
        of_paper = {name: rows.get(paper_id, []) for name, rows in kept.items()}
        rows = [
            {"source": one, "source_key": key, "paper_id": paper_id, "kept": of_paper} for one, key in pairs
        ]
        connection.execute(insert(RemovedPaper), rows)
    for table in (*_KEPT, *_GONE):
        connection.execute(delete(table).where(table.c.paper_id.in_(papers)))
    merged = update(PaperMerge).where(col(PaperMerge.into_id).in_(papers))
    connection.execute(merged.values(into_id=None, revision=revision))
    ids = {row[0] for row in rows_with(session, select(col(Paper.id)), col(Paper.id), papers)}
    connection.execute(delete(Paper).where(col(Paper.id).in_(ids)))
    if ids:
        connection.execute(
            insert(PaperMerge), [{"id": one, "into_id": None, "revision": revision} for one in sorted(ids)]
        )


def _read_papers(session: Session, ids: Collection[int]) -> set[int]:
    """Those of these papers for which people voted, or which they have on a list or noted."""
    return {
        row[0]
        for table in _READ
        for row in rows_with(session, select(table.c.paper_id), table.c.paper_id, ids)
    }


def bring_back(session: Session, papers: Mapping[Pair, int]) -> None:
    """Give papers that come again what waited for them: they are no news where they were announced."""
    connection = session.connection()
    if (
        not papers
        or not connection.execute(select(exists().where(col(RemovedPaper.paper_id) > 0))).scalar_one()
    ):
        return
    statement = select(
        col(RemovedPaper.source),
        col(RemovedPaper.source_key),
        col(RemovedPaper.paper_id),
        col(RemovedPaper.kept),
    )
    keys = {key for _, key in papers}
    back = {
        old_id: (papers[source, key], kept)
        for source, key, old_id, kept in rows_with(session, statement, col(RemovedPaper.source_key), keys)
        if (source, key) in papers
    }
    there = {table: _rows_by_paper(session, table, papers.values()) for table in _KEPT} if back else {}
    for old_id, (paper_id, kept) in back.items():
        for table in _KEPT:
            rows_there = there[table].get(paper_id, ())
            known = {tuple(row[name] for name in _others(table)) for row in rows_there}
            rows = [
                {**row, "paper_id": paper_id}
                for row in kept.get(table.name, ())
                if tuple(row[name] for name in _others(table)) not in known
            ]
            if rows:
                connection.execute(insert(table), rows)
        move_rows(session, READING, old_id, paper_id)
        connection.execute(delete(RemovedPaper).where(col(RemovedPaper.paper_id) == old_id))


def announced(session: Session, ids: Collection[int]) -> int:
    """How many of these papers were announced somewhere."""
    return len(
        {row[0] for row in rows_with(session, select(col(Delivery.paper_id)), col(Delivery.paper_id), ids)}
    )


def messages_on_their_way_with(session: Session, ids: Collection[int]) -> list[int]:
    """The messages that deliver one of these papers."""
    rows = rows_with(session, select(col(Delivery.message_id)), col(Delivery.paper_id), ids)
    return sorted({message_id for (message_id,) in rows})


def people_of(session: Session, ids: Collection[int]) -> set[int]:
    """The entries of people on these papers."""
    found: set[int] = set()
    for model in (Authorship, Attribution):
        statement = select(col(model.author_id), col(model.entry_id))
        for pair in rows_with(session, statement, col(model.paper_id), ids):
            found.update(one for one in pair if one is not None)
    return found


def remove_idle_people(session: Session, entries: Collection[int]) -> int:
    """Delete those of these entries of whom nothing is left: no paper, no page, no figure, no correction."""
    person = col(Author.id)
    used = [
        *(
            exists().where(col(model.author_id) == person)
            for model in (Authorship, Attribution, AuthorReport)
        ),
        exists().where(or_(col(Correction.author_id) == person, col(Correction.into_id) == person)),
        *(
            person.in_(select(column).where(column.is_not(None)))
            for column in (
                col(Authorship.entry_id),
                col(Attribution.entry_id),
                col(GroupedMention.entry_id),
                col(GroupedMention.author_id),
            )
        ),
    ]
    idle = and_(*(not_(one) for one in used), col(Author.leads_to).is_(None), col(Author.part_of).is_(None))
    found = {row[0] for row in rows_with(session, select(person).where(idle), person, entries)}
    led = select(col(Author.leads_to), col(Author.part_of))
    for column in (col(Author.leads_to), col(Author.part_of)):
        found -= {one for row in rows_with(session, led, column, found) for one in row}
    connection = session.connection()
    for model in (AuthorName, AuthorIdentifier):
        connection.execute(delete(model).where(col(model.author_id).in_(found)))
    return connection.execute(delete(Author).where(person.in_(found))).rowcount


def _is_one_of(pairs: Iterable[Pair]) -> Any:
    return or_(
        *(and_(col(RemovedPaper.source) == one, col(RemovedPaper.source_key) == key) for one, key in pairs)
    )


def _rows_by_paper(session: Session, table: Table, ids: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """The rows of a table by the papers that they are of, without these ids."""
    found: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows_with(session, select(table), table.c.paper_id, ids):
        values = dict(zip(table.columns.keys(), row, strict=True))
        found[values.pop("paper_id")].append(values)
    return dict(found)


def _others(table: Table) -> list[str]:
    return [str(column.name) for column in table.primary_key if column.name != "paper_id"]
