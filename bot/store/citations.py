"""Queries over citations: what papers cite and what cites them, in the corpus and beyond it."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, TypeAlias

from sqlalchemy import ColumnElement, bindparam, delete, exists, func, select, update
from sqlmodel import Session, col

from bot.corpus.identity import Pair
from bot.corpus.paper import CitedWork
from bot.store.bulk import add_rows, columns_of, new_ids, read_rows, rows_with
from bot.store.engine import as_json
from bot.store.models import Citation, CitationCount, PaperKey, PaperSource, Work

_SOURCES = {"openalex": "openalex", "semantic scholar": "s2"}
"""Sources whose own ids name works, and the schemes of these ids."""
_SCHEMES = {scheme: source for source, scheme in _SOURCES.items()}
_SHARED = ("doi", "arxiv", "openalex", "s2")
"""Schemes of ids of works that keys of papers have, too."""


def works_for(session: Session, works: Iterable[CitedWork]) -> dict[Pair, int]:
    """The ids of these works, in a writing transaction; those that are new are added."""
    wanted = {(one.scheme, one.value): one for one in works}
    known: dict[Pair, int] = {}
    unnamed: list[tuple[int, CitedWork]] = []
    columns = select(
        col(Work.scheme),
        col(Work.value),
        col(Work.id),
        col(Work.title).is_(None),
        col(Work.authors).is_(None),
    )
    for scheme, values in _by_scheme(wanted).items():
        rows = rows_with(session, columns.where(col(Work.scheme) == scheme), col(Work.value), values)
        for _, value, work_id, no_title, no_authors in rows:
            known[scheme, value] = work_id
            said = wanted[scheme, value]
            if said.title is not None and (no_title or (no_authors and said.authors)):
                unnamed.append((work_id, said))
    missing = [one for pair, one in wanted.items() if pair not in known]
    numbers = dict(zip(missing, islice(new_ids(session, Work, len(missing)), len(missing)), strict=True))
    add_rows(
        session,
        Work,
        ("id", "scheme", "value", "title", "year", "authors"),
        [
            (
                number,
                one.scheme,
                one.value,
                one.title,
                one.year,
                as_json(list(one.authors)) if one.authors else None,
            )
            for one, number in numbers.items()
        ],
    )
    if unnamed:
        names = ("title", "year", "authors")
        statement = update(Work).where(col(Work.id) == bindparam("of_work"))
        session.connection().execute(
            statement.values({name: bindparam(f"to_{name}") for name in names}),
            [
                {
                    "of_work": one,
                    "to_title": said.title,
                    "to_year": said.year,
                    "to_authors": list(said.authors) or None,
                }
                for one, said in unnamed
            ],
        )
    return known | {(one.scheme, one.value): number for one, number in numbers.items()}


def write_references(session: Session, source: str, references: Mapping[int, Sequence[CitedWork]]) -> None:
    """Let papers cite these works as a source says, and no longer what it said before."""
    works = works_for(session, (one for some in references.values() for one in some))
    wanted = {
        (paper_id, works[one.scheme, one.value]) for paper_id, some in references.items() for one in some
    }
    statement = select(col(Citation.paper_id), col(Citation.work_id)).where(
        col(Citation.is_citing).is_(False), col(Citation.source) == source
    )
    known = {(row[0], row[1]) for row in rows_with(session, statement, col(Citation.paper_id), references)}
    if gone := known - wanted:
        conditions = (
            col(Citation.paper_id) == bindparam("of_paper"),
            col(Citation.work_id) == bindparam("of_work"),
            col(Citation.is_citing).is_(False),
            col(Citation.source) == source,
        )
        rows = [{"of_paper": paper_id, "of_work": work_id} for paper_id, work_id in gone]
        session.connection().execute(delete(Citation).where(*conditions), rows)
    _add(session, wanted - known, source, is_citing=False)


def forget_references(session: Session, saying: Iterable[tuple[int, str]]) -> None:
    """Delete what papers cite as sources said, by (paper, source)."""
    rows = [{"of_paper": paper_id, "of_source": source} for paper_id, source in saying]
    if rows:
        conditions = (
            col(Citation.paper_id) == bindparam("of_paper"),
            col(Citation.source) == bindparam("of_source"),
            col(Citation.is_citing).is_(False),
        )
        session.connection().execute(delete(Citation).where(*conditions), rows)


def add_citing(session: Session, source: str, pairs: Collection[tuple[int, int]]) -> None:
    """Let works cite papers as a source says, given as (paper, work)."""
    statement = select(col(Citation.paper_id), col(Citation.work_id)).where(
        col(Citation.is_citing).is_(True), col(Citation.source) == source
    )
    papers = {paper_id for paper_id, _ in pairs}
    known = {(row[0], row[1]) for row in rows_with(session, statement, col(Citation.paper_id), papers)}
    _add(session, {*pairs} - known, source, is_citing=True)


def _add(session: Session, pairs: Iterable[tuple[int, int]], source: str, *, is_citing: bool) -> None:
    rows = [(paper_id, work_id, is_citing, source) for paper_id, work_id in sorted(pairs)]
    add_rows(session, Citation, ("paper_id", "work_id", "is_citing", "source"), rows)


Reading: TypeAlias = tuple[dt.date, int]
"""How often a paper was cited, and on which day that was read."""


def write_counts(session: Session, changes: Mapping[tuple[int, str], tuple[Reading | None, Reading]]) -> None:
    """Keep how often papers are cited, by (paper, source), as (what was read before, and what now).

    A number that was never another one is not kept here: it stands with its paper.
    """
    last = {
        (one.paper_id, one.source): one
        for one in sorted(
            _counts(session, {paper_id for paper_id, _ in changes}), key=lambda row: row.read_on
        )
    }
    rows: list[tuple[int, str, str, int]] = []
    for key, (before, now) in changes.items():
        known = last.get(key)
        if known is None and before is not None and before[0] < now[0]:
            rows.append((*key, before[0].isoformat(), before[1]))
        if known is None or (now[1] != known.citations):
            rows.append((*key, now[0].isoformat(), now[1]))
    _forget_counts(session, [row[:3] for row in rows], col(CitationCount.read_on) == bindparam("of_day"))
    add_rows(session, CitationCount, ("paper_id", "source", "read_on", "citations"), rows)


def take_counts(session: Session, after: Mapping[tuple[int, str], dt.date | None]) -> None:
    """Delete what was read after a day, by (paper, source), or all of it; one reading is no growth."""
    gone = [(*key, (day or dt.date.min).isoformat()) for key, day in after.items()]
    _forget_counts(session, gone, col(CitationCount.read_on) > bindparam("of_day"))
    left = Counter(
        (one.paper_id, one.source) for one in _counts(session, {paper_id for paper_id, _ in after})
    )
    alone = [(*key, dt.date.min.isoformat()) for key in after if left[key] == 1]
    _forget_counts(session, alone, col(CitationCount.read_on) > bindparam("of_day"))


def _forget_counts(
    session: Session, keys: Sequence[tuple[int, str, str]], which: ColumnElement[bool]
) -> None:
    if keys:
        conditions = (
            col(CitationCount.paper_id) == bindparam("of_paper"),
            col(CitationCount.source) == bindparam("of_source"),
            which,
        )
        gone = [
            {"of_paper": paper_id, "of_source": source, "of_day": dt.date.fromisoformat(day)}
            for paper_id, source, day in keys
        ]
        session.connection().execute(delete(CitationCount).where(*conditions), gone)


class CountRow(NamedTuple):
    """How often a paper was cited; see `CitationCount`."""

    paper_id: int
    source: str
    read_on: dt.date
    citations: int


def counts_of(session: Session, paper_id: int) -> list[CountRow]:
    """How often a paper was cited, by source, the oldest reading first."""
    return sorted(_counts(session, [paper_id]), key=lambda row: (row.source, row.read_on))


def _counts(session: Session, papers: Collection[int]) -> list[CountRow]:
    statement = select(*columns_of(CitationCount, CountRow))
    return [CountRow._make(row) for row in rows_with(session, statement, col(CitationCount.paper_id), papers)]


def has_citations(session: Session) -> bool:
    """Whether any citation is known."""
    return session.connection().execute(select(exists().where(col(Citation.paper_id) > 0))).scalar_one()


def reference_sources(session: Session, paper_id: int) -> dict[str, int]:
    """How many works a paper cites, by source."""
    source = col(Citation.source)
    statement = (
        select(source, func.count())
        .where(col(Citation.paper_id) == paper_id, col(Citation.is_citing).is_(False))
        .group_by(source)
    )
    return {row[0]: row[1] for row in session.connection().execute(statement)}


def cites_here(session: Session, paper_id: int) -> list[int]:
    """The papers of the corpus that a paper cites."""
    statement = (
        select(*columns_of(Work, _NamedWork))
        .join(Citation, col(Citation.work_id) == col(Work.id))
        .where(col(Citation.paper_id) == paper_id, col(Citation.is_citing).is_(False))
    )
    works = read_rows(session, _NamedWork, statement)
    papers = {paper for some in papers_of_works(session, works).values() for paper in some}
    return sorted(papers - {paper_id})


class CitingHere(NamedTuple):
    """That a paper of the corpus cites another one, as a source says."""

    paper_id: int
    citing_id: int
    source: str


def citing_here(session: Session, papers: Collection[int]) -> list[CitingHere]:
    """Which papers of the corpus cite these, as what they cite is known."""
    named = ids_of_papers(session, papers)
    columns = select(col(Work.scheme), col(Work.value), col(Work.id))
    works: dict[int, set[int]] = {}
    for scheme, values in _by_scheme(named).items():
        rows = rows_with(session, columns.where(col(Work.scheme) == scheme), col(Work.value), values)
        for _, value, work_id in rows:
            works[work_id] = named[scheme, value]
    cited = select(col(Citation.work_id), col(Citation.paper_id), col(Citation.source)).where(
        col(Citation.is_citing).is_(False)
    )
    return [
        CitingHere(paper_id, citing_id, source)
        for work_id, citing_id, source in rows_with(session, cited, col(Citation.work_id), works)
        for paper_id in works[work_id]
        if paper_id != citing_id
    ]


def cited_here(session: Session, papers: Collection[int]) -> dict[int, set[int]]:
    """Of each of these papers the papers of the corpus that cite it."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    for one in citing_here(session, papers):
        found[one.paper_id].add(one.citing_id)
    citing_works = (
        select(col(Citation.paper_id), *columns_of(Work, _NamedWork))
        .join(Work, col(Work.id) == col(Citation.work_id))
        .where(col(Citation.is_citing).is_(True))
    )
    rows = [*rows_with(session, citing_works, col(Citation.paper_id), papers)]
    here = papers_of_works(session, [_NamedWork._make(row[1:]) for row in rows])
    for row in rows:
        found[row[0]] |= here.get(row[1], set())
    return {paper_id: some - {paper_id} for paper_id, some in found.items() if some - {paper_id}}


class _NamedWork(NamedTuple):
    id: int
    scheme: str
    value: str


def papers_of_works(session: Session, works: Iterable[_NamedWork]) -> dict[int, set[int]]:
    """The papers of the corpus that works are, by the ids of works."""
    named: defaultdict[Pair, set[int]] = defaultdict(set)
    for one in works:
        named[one.scheme, one.value].add(one.id)
    found: defaultdict[int, set[int]] = defaultdict(set)
    keys = select(col(PaperKey.value), col(PaperKey.paper_id))
    said = select(col(PaperSource.source_key), col(PaperSource.paper_id))
    for scheme, values in _by_scheme(named).items():
        rows = [*rows_with(session, keys.where(col(PaperKey.scheme) == scheme), col(PaperKey.value), values)]
        if (source := _SCHEMES.get(scheme)) is not None:
            of_source = said.where(col(PaperSource.source) == source)
            rows += rows_with(session, of_source, col(PaperSource.source_key), values)
        for value, paper_id in rows:
            for work_id in named[scheme, value]:
                found[work_id].add(paper_id)
    return found


def ids_of_papers(session: Session, papers: Collection[int]) -> dict[Pair, set[int]]:
    """The ids under which works may be these papers."""
    found: defaultdict[Pair, set[int]] = defaultdict(set)
    keys = select(col(PaperKey.scheme), col(PaperKey.value), col(PaperKey.paper_id)).where(
        col(PaperKey.scheme).in_(_SHARED)
    )
    for scheme, value, paper_id in rows_with(session, keys, col(PaperKey.paper_id), papers):
        found[scheme, value].add(paper_id)
    said = select(col(PaperSource.source), col(PaperSource.source_key), col(PaperSource.paper_id)).where(
        col(PaperSource.source).in_(_SOURCES)
    )
    for source, key, paper_id in rows_with(session, said, col(PaperSource.paper_id), papers):
        found[_SOURCES[source], key].add(paper_id)
    return found


def openalex_ids(session: Session, papers: Collection[int]) -> dict[str, int]:
    """The ids that OpenAlex gives these papers, where they are known."""
    return {
        value: min(some)
        for (scheme, value), some in ids_of_papers(session, papers).items()
        if scheme == "openalex"
    }


def _by_scheme(pairs: Iterable[Pair]) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for scheme, value in pairs:
        found[scheme].append(value)
    return found
