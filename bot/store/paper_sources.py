"""What each source says of papers, the keys of papers, and which ones providers are to be asked about."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Row, and_, bindparam, case, delete, func, not_, or_, select, update
from sqlmodel import Session

from bot.corpus.identity import KnownPaper
from bot.corpus.paper import PaperRecord
from bot.store.bulk import add_rows, rows_with, write_rows
from bot.store.imports import lock_corpus
from bot.store.tables import enquiry, paper, paper_key, paper_source

Pair = tuple[str, str]
"""(source, source key), or (scheme, value)."""


class SourceRow(NamedTuple):
    """A row of `paper_source`; the record is JSON already."""

    source: str
    source_key: str
    paper_id: int
    digest: str
    record: str
    read_on: dt.date | None = None


def stored_digests(session: Session, wanted: Collection[Pair]) -> dict[Pair, tuple[int, str]]:
    """(paper id, digest of what was read last) of these (source, source key)."""
    table = paper_source.c
    statement = select(table.source, table.source_key, table.paper_id, table.digest)
    return {
        (source, key): (paper_id, digest)
        for name, keys in _grouped(wanted)
        for source, key, paper_id, digest in rows_with(
            session, statement.where(table.source == name), table.source_key, keys
        )
    }


def papers_with_keys(session: Session, wanted: Collection[Pair]) -> set[int]:
    """The ids of all papers that have one of these (scheme, value)."""
    table = paper_key.c
    return {
        paper_id
        for scheme, values in _grouped(wanted)
        for (paper_id,) in rows_with(
            session, select(table.paper_id).where(table.scheme == scheme), table.value, values
        )
    }


def known_papers(session: Session, ids: Collection[int]) -> dict[int, KnownPaper]:
    """These papers as the decision on identity sees them; their sets may be added to."""
    source_keys: defaultdict[int, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    keys: defaultdict[int, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    sources = select(paper_source.c.paper_id, paper_source.c.source, paper_source.c.source_key)
    for paper_id, source, key in rows_with(session, sources, paper_source.c.paper_id, ids):
        source_keys[paper_id][source].add(key)
    for row in rows_with(session, select(paper_key), paper_key.c.paper_id, ids):
        keys[row.paper_id][row.scheme].add(row.value)
    titles = select(paper.c.id, paper.c.title, paper.c.authors)
    return {
        paper_id: KnownPaper(
            paper_id, title, next(iter(authors), None), source_keys[paper_id], keys[paper_id]
        )
        for paper_id, title, authors in rows_with(session, titles, paper.c.id, ids)
    }


def source_records(session: Session, ids: Collection[int]) -> dict[int, dict[Pair, PaperRecord]]:
    """All that the sources say of these papers: paper id -> (source, source key) -> record."""
    records: dict[int, dict[Pair, PaperRecord]] = {paper_id: {} for paper_id in ids}
    for row in rows_with(session, select(paper_source), paper_source.c.paper_id, ids):
        records[row.paper_id][row.source, row.source_key] = PaperRecord.model_validate(row.record)
    return records


def write_sources(session: Session, added: Sequence[SourceRow], changed: Sequence[SourceRow]) -> None:
    """Write what sources say: rows that are new, and rows that say something else than before."""
    add_rows(session, paper_source, SourceRow._fields, added)
    if changed:
        statement = (
            update(paper_source)
            .where(
                paper_source.c.source == bindparam("of_source"),
                paper_source.c.source_key == bindparam("of_key"),
            )
            .values(digest=bindparam("digest"), record=bindparam("record"), read_on=bindparam("day"))
        )
        rows = [
            {
                "of_source": row.source,
                "of_key": row.source_key,
                "digest": row.digest,
                "record": orjson.Fragment(row.record),
                "day": row.read_on,
            }
            for row in changed
        ]
        session.connection().execute(statement, rows)


def read_before(session: Session, pairs: Collection[Pair], day: dt.date) -> list[Pair]:
    """Those of these (source, source key) that were not yet read on that day."""
    table = paper_source.c
    statement = select(table.source, table.source_key).where(
        or_(table.read_on.is_(None), table.read_on < day)
    )
    return [
        (source, key)
        for name, keys in _grouped(pairs)
        for source, key in rows_with(session, statement.where(table.source == name), table.source_key, keys)
    ]


def mark_read(session: Session, pairs: Collection[Pair], day: dt.date | None) -> None:
    """Keep that they were read on that day and said the same as before: no change of their papers."""
    if not pairs:
        return
    statement = (
        update(paper_source)
        .where(
            paper_source.c.source == bindparam("of_source"), paper_source.c.source_key == bindparam("of_key")
        )
        .values(read_on=day)
    )
    session.connection().execute(statement, [{"of_source": one, "of_key": key} for one, key in pairs])


def said_of(session: Session, paper_id: int) -> list[tuple[PaperRecord, dt.date | None]]:
    """What each source says of a paper, and the day on which it was read, where that is known."""
    statement = select(paper_source.c.record, paper_source.c.read_on).where(
        paper_source.c.paper_id == paper_id
    )
    return [
        (PaperRecord.model_validate(record), day) for record, day in session.connection().execute(statement)
    ]


def write_keys(
    session: Session, added: Iterable[tuple[str, str, int]], gone: Iterable[tuple[str, str, int]]
) -> None:
    """Add and take away (scheme, value, paper id)."""
    write_rows(session, (paper_key.c.scheme, paper_key.c.value, paper_key.c.paper_id), added, gone)


def _grouped(pairs: Collection[Pair]) -> Iterable[tuple[str, list[str]]]:
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for first, second in pairs:
        groups[first].append(second)
    return groups.items()


Which = Literal["with arXiv id", "without arXiv id", "with DOI", "without DOI", "with id", "without id"]

_HAS_ARXIV_ID, _HAS_DOI = paper.c.arxiv_id.is_not(None), paper.c.doi.is_not(None)
_HAS_ID = or_(_HAS_ARXIV_ID, _HAS_DOI)
_WHICH: Mapping[Which, ColumnElement[bool]] = {
    "with arXiv id": _HAS_ARXIV_ID,
    "without arXiv id": not_(_HAS_ARXIV_ID),
    "with DOI": _HAS_DOI,
    "without DOI": not_(_HAS_DOI),
    "with id": _HAS_ID,
    "without id": not_(_HAS_ID),
}


@dataclass(frozen=True, slots=True)
class Holding:
    """From which day on it still holds that a source spoke, or that it was asked."""

    since: dt.date
    young_since: dt.date
    """The same for young papers: those without a venue that came out on `born` or later."""
    born: dt.date


def papers_due(
    session: Session, question: str, sources: Collection[str], which: Which, holding: Holding | None
) -> Sequence[int]:
    """The ids of papers about which a question is due: never asked first, then those asked longest ago.

    Args:
        session: Reads.
        question: Its name.
        sources: As which its provider speaks; their word counts as an answer.
        which: Papers that it can be asked about.
        holding: How long an answer holds; an answer of an unknown day does not. None: all are due.

    """
    said = (
        select(paper_source.c.paper_id, func.max(paper_source.c.read_on).label("on"))
        .where(paper_source.c.source.in_(sources))
        .group_by(paper_source.c.paper_id)
        .subquery()
    )
    asked = select(enquiry.c.paper_id, enquiry.c.asked_on).where(enquiry.c.question == question).subquery()
    said_later = or_(asked.c.asked_on.is_(None), said.c.on > asked.c.asked_on)
    heard = case((said_later, said.c.on), else_=asked.c.asked_on)
    never = and_(said.c.paper_id.is_(None), asked.c.paper_id.is_(None))
    statement = (
        select(paper.c.id)
        .outerjoin(said, said.c.paper_id == paper.c.id)
        .outerjoin(asked, asked.c.paper_id == paper.c.id)
        .where(_WHICH[which])
        # Of those that nobody was asked about, papers whose authors are not all known gain most.
        .order_by(never.desc(), heard.nulls_first(), paper.c.authors_truncated.desc(), paper.c.id)
    )
    if holding is not None:
        young = and_(paper.c.venue.is_(None), paper.c.published >= holding.born.isoformat())
        since = case((young, holding.young_since), else_=holding.since)
        statement = statement.where(or_(heard.is_(None), heard < since))
    return session.connection().execute(statement).scalars().all()


def papers_asked_about(session: Session, ids: Sequence[int]) -> Sequence[Row[Any]]:
    """What a question about these papers may name, in their order; without those that are gone."""
    columns = (paper.c.id, paper.c.title, paper.c.authors, paper.c.published, paper.c.doi, paper.c.arxiv_id)
    statement: Any = select(*columns).where(paper.c.id.in_(ids))
    rows: Sequence[Row[Any]] = session.connection().execute(statement).all()
    return sorted(rows, key=lambda row: ids.index(row.id))


def mark_asked(session: Session, question: str, ids: Collection[int], day: dt.date) -> None:
    """Keep that a question was asked about these papers, as far as they are still there."""
    lock_corpus(session)
    connection = session.connection()
    living = connection.execute(select(paper.c.id).where(paper.c.id.in_(ids))).scalars().all()
    connection.execute(delete(enquiry).where(enquiry.c.question == question, enquiry.c.paper_id.in_(living)))
    rows = [(question, paper_id, day.isoformat()) for paper_id in living]
    add_rows(session, enquiry, ("question", "paper_id", "asked_on"), rows)
