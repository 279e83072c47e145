"""What each source says of papers, the keys of papers, and which ones providers are to be asked about."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, case, delete, exists, func, not_, or_, select, update
from sqlmodel import Session, col

from bot.corpus.decision import KnownPaper
from bot.corpus.identity import TITLE, Pair
from bot.corpus.paper import PaperRecord
from bot.store.bulk import add_rows, columns_of, read_rows, rows_with, write_rows
from bot.store.imports import lock_corpus
from bot.store.models import Enquiry, Paper, PaperKey, PaperSource
from bot.store.papers import paper_facts
from bot.store.records import RecordCodec


class PaperSourceRow(NamedTuple):
    """What a source says newly of a paper; see `PaperSource`."""

    source: str
    source_key: str
    paper_id: int
    said: bytes
    digest: str
    read_on: dt.date | None
    import_id: int | None


class StoredDigest(NamedTuple):
    """Which paper a source's record belongs to, and the digest of the record as it was read last."""

    paper_id: int
    digest: str


class ReadRecord(NamedTuple):
    """What a source says of a paper."""

    record: PaperRecord
    read_on: dt.date | None
    """The day on which the source was read; None where it is unknown."""


class AskedPaper(NamedTuple):
    """What a question about a paper may name; see `Paper`."""

    id: int
    title: str
    authors: list[str]
    published: str | None
    doi: str | None
    arxiv_id: str | None


_PAIRS = select(col(PaperSource.source), col(PaperSource.source_key))
_DIGESTS = _PAIRS.add_columns(col(PaperSource.paper_id), col(PaperSource.digest))
_SAID = _PAIRS.add_columns(
    col(PaperSource.paper_id), col(PaperSource.read_on), col(PaperSource.said), col(PaperSource.record)
)
_SAID_OF_ONE = _SAID.where(col(PaperSource.paper_id) == bindparam("paper"))
"""Made once, for it is asked for with every card."""


def stored_digests(session: Session, wanted: Collection[Pair]) -> dict[Pair, StoredDigest]:
    """What is stored of these (source, source key)."""
    return {
        (source, key): StoredDigest(paper_id, digest)
        for name, keys in _grouped(wanted)
        for source, key, paper_id, digest in rows_with(
            session, _DIGESTS.where(col(PaperSource.source) == name), col(PaperSource.source_key), keys
        )
    }


def papers_with_keys(session: Session, wanted: Collection[Pair]) -> set[int]:
    """The ids of all papers that have one of these (scheme, value)."""
    papers = select(col(PaperKey.paper_id))
    return {
        paper_id
        for scheme, values in _grouped(wanted)
        for (paper_id,) in rows_with(
            session, papers.where(col(PaperKey.scheme) == scheme), col(PaperKey.value), values
        )
    }


def papers_with_one_title(session: Session, limit: int) -> list[list[int]]:
    """The ids of papers that share a key of a title, those with the fewest others first."""
    key = PaperKey.value
    several = (
        select(col(key))
        .where(col(PaperKey.scheme) == TITLE)
        .group_by(col(key))
        .having(func.count() > 1)
        .order_by(func.count(), col(key))
        .limit(limit)
    )
    statement = select(col(key), col(PaperKey.paper_id)).where(
        col(PaperKey.scheme) == TITLE, col(key).in_(several)
    )
    found: defaultdict[str, list[int]] = defaultdict(list)
    for value, paper_id in session.connection().execute(statement):
        found[value].append(paper_id)
    return sorted(found.values(), key=lambda ids: (len(ids), ids))


def has_keys_of(session: Session, scheme: str) -> bool:
    """Whether any paper has a key of this scheme."""
    return session.connection().execute(select(exists().where(col(PaperKey.scheme) == scheme))).scalar_one()


def known_papers(session: Session, ids: Collection[int]) -> dict[int, KnownPaper]:
    """These papers as the decision on identity sees them."""
    return {paper.known.paper_id: paper.known for paper in stored_papers(session, ids)}


class StoredPaper(NamedTuple):
    """A paper as it is stored."""

    known: KnownPaper
    facts: Mapping[str, Any]
    """By name; see `PaperFacts`."""


def stored_papers(session: Session, ids: Collection[int]) -> list[StoredPaper]:
    """These papers with what their sources say."""
    facts = paper_facts(session, ids)
    records = _read_records(session, facts)
    keys: defaultdict[int, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    shared = select(col(PaperKey.paper_id), col(PaperKey.scheme), col(PaperKey.value))
    for paper_id, scheme, value in rows_with(session, shared, col(PaperKey.paper_id), ids):
        keys[paper_id][scheme].add(value)
    return [
        StoredPaper(
            KnownPaper.of(
                paper_id,
                paper["title"],
                next(iter(paper["authors"]), None),
                keys[paper_id],
                [one.record for one in records[paper_id]],
            ),
            paper,
        )
        for paper_id, paper in facts.items()
    ]


def source_records(session: Session, ids: Collection[int]) -> dict[int, dict[Pair, PaperRecord]]:
    """All that the sources say of these papers: paper id -> (source, source key) -> record."""
    read = _read_records(session, paper_facts(session, ids))
    return {
        paper_id: {(one.record.source, one.record.source_key): one.record for one in read.get(paper_id, ())}
        for paper_id in ids
    }


def said_of(session: Session, paper_id: int) -> list[ReadRecord]:
    """What each source says of a paper."""
    return _read_records(session, paper_facts(session, [paper_id])).get(paper_id, [])


def _read_records(session: Session, papers: Mapping[int, Mapping[str, Any]]) -> dict[int, list[ReadRecord]]:
    """What the sources say of papers of which these are the facts."""
    codec = RecordCodec(session)
    found: dict[int, list[ReadRecord]] = {paper_id: [] for paper_id in papers}
    if len(papers) == 1:
        rows = iter(session.connection().execute(_SAID_OF_ONE, {"paper": next(iter(papers))}))
    else:
        rows = rows_with(session, _SAID, col(PaperSource.paper_id), papers)
    for source, key, paper_id, read_on, said, whole in rows:
        if said is None:
            record = PaperRecord.model_validate(whole)
        else:
            record = codec.decode(said, source, key, papers[paper_id])
        found[paper_id].append(ReadRecord(record, read_on))
    return found


def write_sources(
    session: Session,
    added: Sequence[PaperSourceRow],
    changed: Sequence[PaperSourceRow],
    rewritten: Mapping[Pair, tuple[int, bytes]],
) -> None:
    """Write what sources say.

    Args:
        session: Writes.
        added: What is new.
        changed: What they say otherwise than before.
        rewritten: Of others, the papers that these are of now, and how the same is kept beside them.

    """
    names = (*PaperSourceRow._fields, "record")
    add_rows(session, PaperSource, names, [(*row, _NOTHING) for row in added])
    connection = session.connection()
    if changed:
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in PaperSourceRow._fields[2:]}
        rows = [{f"new_{name}": value for name, value in row._asdict().items()} for row in changed]
        connection.execute(_OF_PAIR.values(record={}, **values), rows)
    if rewritten:
        rows = [
            {"new_source": source, "new_source_key": key, "paper": paper_id, "beside": said}
            for (source, key), (paper_id, said) in rewritten.items()
        ]
        beside: dict[str, Any] = {"paper_id": bindparam("paper"), "said": bindparam("beside"), "record": {}}
        connection.execute(_OF_PAIR.values(**beside), rows)


_NOTHING = "{}"
_OF_PAIR = update(PaperSource).where(
    col(PaperSource.source) == bindparam("new_source"),
    col(PaperSource.source_key) == bindparam("new_source_key"),
)


def read_before(session: Session, pairs: Collection[Pair], day: dt.date) -> list[Pair]:
    """Those of these (source, source key) that were not yet read on that day."""
    unread = or_(col(PaperSource.read_on).is_(None), col(PaperSource.read_on) < day)
    statement = _PAIRS.where(unread)
    return [
        (source, key)
        for name, keys in _grouped(pairs)
        for source, key in rows_with(
            session, statement.where(col(PaperSource.source) == name), col(PaperSource.source_key), keys
        )
    ]


def mark_read(session: Session, pairs: Collection[Pair], day: dt.date | None) -> None:
    """Keep that they were read on that day and said the same as before: no change of their papers."""
    if not pairs:
        return
    same = [{"new_source": source, "new_source_key": key} for source, key in pairs]
    session.connection().execute(_OF_PAIR.values(read_on=day), same)


def write_keys(
    session: Session, added: Iterable[tuple[str, str, int]], gone: Iterable[tuple[str, str, int]]
) -> None:
    """Add and take away (scheme, value, paper id)."""
    write_rows(session, PaperKey, ("scheme", "value", "paper_id"), added, gone)


def _grouped(pairs: Collection[Pair]) -> Iterable[tuple[str, list[str]]]:
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for first, second in pairs:
        groups[first].append(second)
    return groups.items()


Which = Literal[
    "with arXiv id", "without arXiv id", "with DOI", "without DOI", "with PubMed id", "with id", "without id"
]

_HAS_ARXIV_ID, _HAS_DOI = col(Paper.arxiv_id).is_not(None), col(Paper.doi).is_not(None)
_HAS_ID = or_(_HAS_ARXIV_ID, _HAS_DOI)
_WHICH: Mapping[Which, ColumnElement[bool]] = {
    "with arXiv id": _HAS_ARXIV_ID,
    "without arXiv id": not_(_HAS_ARXIV_ID),
    "with DOI": _HAS_DOI,
    "without DOI": not_(_HAS_DOI),
    "with PubMed id": exists().where(col(PaperKey.scheme) == "pmid", col(PaperKey.paper_id) == col(Paper.id)),
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
    any_venue: bool = False
    """Whether those with a venue count as young, too."""


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
        select(col(PaperSource.paper_id), func.max(col(PaperSource.read_on)).label("on"))
        .where(col(PaperSource.source).in_(sources))
        .group_by(col(PaperSource.paper_id))
        .subquery()
    )
    enquiries = select(col(Enquiry.paper_id), col(Enquiry.asked_on))
    asked = enquiries.where(col(Enquiry.question) == question).subquery()
    said_later = or_(asked.c.asked_on.is_(None), said.c.on > asked.c.asked_on)
    heard = case((said_later, said.c.on), else_=asked.c.asked_on)
    never = and_(said.c.paper_id.is_(None), asked.c.paper_id.is_(None))
    statement = (
        select(col(Paper.id))
        .outerjoin(said, said.c.paper_id == col(Paper.id))
        .outerjoin(asked, asked.c.paper_id == col(Paper.id))
        .where(_WHICH[which])
        # Of those that nobody was asked about, papers whose authors are not all known gain most.
        .order_by(never.desc(), heard.nulls_first(), col(Paper.authors_truncated).desc(), col(Paper.id))
    )
    if holding is not None:
        young = col(Paper.published) >= holding.born.isoformat()
        if not holding.any_venue:
            young = and_(young, col(Paper.venue).is_(None))
        since = case((young, holding.young_since), else_=holding.since)
        statement = statement.where(or_(heard.is_(None), heard < since))
    return session.connection().execute(statement).scalars().all()


def papers_asked_about(session: Session, ids: Sequence[int]) -> Sequence[AskedPaper]:
    """What a question about these papers may name, in their order; without those that are gone."""
    statement = select(*columns_of(Paper, AskedPaper)).where(col(Paper.id).in_(ids))
    return sorted(read_rows(session, AskedPaper, statement), key=lambda row: ids.index(row.id))


def asked_on(session: Session, question: str, ids: Collection[int]) -> dict[int, dt.date]:
    """On which day a question was asked about each of these papers last; others were never asked about."""
    columns = select(col(Enquiry.paper_id), col(Enquiry.asked_on)).where(col(Enquiry.question) == question)
    return {row[0]: row[1] for row in rows_with(session, columns, col(Enquiry.paper_id), ids)}


def mark_asked(session: Session, question: str, ids: Collection[int], day: dt.date) -> None:
    """Keep that a question was asked about these papers, as far as they are still there."""
    lock_corpus(session)
    connection = session.connection()
    living = connection.execute(select(col(Paper.id)).where(col(Paper.id).in_(ids))).scalars().all()
    earlier = (col(Enquiry.question) == question, col(Enquiry.paper_id).in_(living))
    connection.execute(delete(Enquiry).where(*earlier))
    rows = [(question, paper_id, day.isoformat()) for paper_id in living]
    add_rows(session, Enquiry, ("question", "paper_id", "asked_on"), rows)
