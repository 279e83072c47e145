"""One author's figures: what a source reports, what this corpus shows, and what to make of both."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Row
from sqlmodel import Session

from bot.authors.clusters import MOST_PAPERS, circle_notice, circles_of
from bot.authors.metrics import citation_figures
from bot.authors.plausibility import Basis, notices
from bot.authors.results import Author, Coauthor, CorpusFigures, Course, Reported
from bot.corpus.identifiers import write_identifier
from bot.papers.loading import load_papers
from bot.store import authors as store
from bot.store.corrections import corrections, lists_of

MOST_COAUTHORS = 50
NEWEST_PAPERS = 8
FIGURES = ("h_index", "papers", "citations", "novelty", "ai_score")


def author_card(session: Session, author_id: int) -> Author | None:
    """Gather everything that is known of one author; None where there is no such entry."""
    author_id = store.person_of_entry(session, author_id)
    entry = next(iter(store.authors_by_id(session, [author_id])), None)
    if entry is None:
        return None
    rows = store.papers_of(session, [author_id])
    lists = lists_of(session, (row.paper_id for row in rows))
    common = Counter(other for people in lists.values() for other in set(people) if other != author_id)
    frequent = sorted(common.items(), key=lambda item: (-item[1], item[0]))[:MOST_COAUTHORS]
    identifiers = [
        write_identifier(scheme, value) for _, scheme, value in store.identifiers_of(session, [author_id])
    ]
    drawn = not identifiers and 1 < len(rows) <= MOST_PAPERS
    names = store.names_of(session, [other for other, _ in frequent])
    unlisted = [row for row in rows if not row.listed]
    basis = Basis(
        identified=bool(identifiers),
        cut=sum(row.authors_truncated for row in rows),
        unlisted=len(unlisted),
        unlisted_cut=sum(row.authors_truncated for row in unlisted),
        attributed_by=store.attributing_sources(session, author_id),
    )
    coauthors = tuple(Coauthor(other, names[other], papers) for other, papers in frequent if other in names)
    corpus = corpus_figures(author_id, rows, lists, coauthors)
    reports = store.reports_of(session, author_id)
    reported, course = _newest_report(reports)
    circles = circles_of(author_id, rows, lists, partial(store.names_of, session)) if drawn else ()
    told = circle_notice(circles, basis.cut, len(rows)) if drawn else None
    newest = load_papers(session, [row.paper_id for row in rows[:NEWEST_PAPERS]])
    return Author(
        id=entry.id,
        name=entry.name,
        field=(reported.field if reported else None) or next(iter(corpus.fields), None),
        reported=reported,
        corpus=corpus,
        newest=tuple(newest.values()),
        notices=(*notices(entry.name, reported, corpus, basis), *([told] if told else [])),
        course=course,
        circles=circles,
        identifiers=tuple(identifiers),
        corrections=tuple(_correction(row, author_id) for row in corrections(session, author_id=author_id)),
    )


def corpus_figures(
    author_id: int,
    rows: Sequence[Row[Any]],
    lists: Mapping[int, Sequence[int]],
    coauthors: tuple[Coauthor, ...],
) -> CorpusFigures:
    """Count what the corpus shows in these papers of an author."""
    cited: Counter[str] = Counter()
    by_year: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        if row.published is not None:
            by_year[row.published[:4]][row.field or ""] += 1
            if row.citations is not None:
                cited[row.published[:4]] += row.citations
    whole = [row for row in rows if not row.authors_truncated and lists.get(row.paper_id)]
    return CorpusFigures(
        papers=len(rows),
        listed=sum(row.listed for row in rows),
        attributed=sum(row.attributed for row in rows),
        with_code=sum(row.has_code for row in rows),
        fields=_fields(rows),
        years={year: sum(by_year[year].values()) for year in sorted(by_year)},
        coauthors=coauthors,
        first_author=sum(people[0] == author_id for people in lists.values() if people),
        last_author=sum(
            len(lists[row.paper_id]) > 1 and lists[row.paper_id][-1] == author_id for row in whole
        ),
        whole_lists=len(whole),
        cited=citation_figures(row.citations for row in rows if row.citations is not None),
        fields_by_year={year: dict(by_year[year]) for year in sorted(by_year)},
        citations_by_year={year: cited[year] for year in sorted(cited)},
    )


def _fields(rows: Sequence[Row[Any]]) -> dict[str, int]:
    counts = Counter(row.field for row in rows if row.field is not None)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _newest_report(rows: Sequence[Row[Any]]) -> tuple[Reported | None, Course | None]:
    """Choose the reading of the latest day, and compare it with the same source's reading before.

    A reading without a day counts by the day of its import.
    """
    readings = sorted(rows, key=lambda row: (row.as_of or row.imported_at.date(), row.id))
    if not readings:
        return None, None
    newest = readings[-1]
    reported = Reported(
        source=newest.source,
        as_of=newest.as_of,
        field=newest.field,
        h_index=newest.h_index,
        papers=newest.papers,
        citations=newest.citations,
        novelty=newest.novelty,
        ai_score=newest.ai_score,
    )
    before = [
        row for row in readings[:-1] if (row.source, row.author_id) == (newest.source, newest.author_id)
    ]
    if not before:
        return reported, None
    changes: dict[str, float] = {}
    for name in FIGURES:
        now, then = getattr(newest, name), getattr(before[-1], name)
        if now is not None and then is not None and now != then:
            changes[name] = now - then
    return reported, Course(before[-1].as_of or before[-1].imported_at.date(), changes)


def _correction(row: Row[Any], author_id: int) -> str:
    day = f"{row.made_at:%Y-%m-%d}"
    if row.kind == "merge":
        what = f"the entry {row.author_name} was merged into this one"
        if row.into_id != author_id:
            what = f"this entry was merged into {row.into_name}"
    else:
        papers = "1 paper was" if row.papers == 1 else f"{row.papers:,} papers were"
        what = f"{papers} moved {'here' if row.into_id == author_id else 'to another entry'}"
    return f"Correction {row.id} of {day}: {what} ({row.reason})."
