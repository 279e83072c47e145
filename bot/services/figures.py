"""One author's figures: what a source reports, what this corpus shows, and what to make of both."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row
from sqlmodel import Session

from bot.services.identifiers import show_identifier
from bot.services.papers import load_papers
from bot.services.plausibility import Basis, notices
from bot.services.results import Author, AuthorChoice, Coauthor, CorpusFigures, Reported
from bot.store import authors as store

MOST_COAUTHORS = 50
NEWEST_PAPERS = 8
_COAUTHORS_OF_A_CHOICE = 3


def author_card(session: Session, author_id: int) -> Author | None:
    """Gather everything that is known of one author; None where there is no such entry."""
    entry = next(iter(store.authors_by_id(session, [author_id])), None)
    if entry is None:
        return None
    rows = store.papers_of(session, [author_id])
    unlisted = [row for row in rows if not row.listed]
    basis = Basis(
        identified=bool(store.identifiers_of(session, [author_id])),
        cut=sum(row.authors_truncated for row in rows),
        unlisted=len(unlisted),
        unlisted_cut=sum(row.authors_truncated for row in unlisted),
        attributed_by=store.attributing_sources(session, author_id),
    )
    corpus = CorpusFigures(
        papers=len(rows),
        listed=sum(row.listed for row in rows),
        attributed=sum(row.attributed for row in rows),
        with_code=sum(row.has_code for row in rows),
        fields=_fields(rows),
        years=_years(rows),
        coauthors=tuple(
            Coauthor(author_id=other, name=name, papers=papers)
            for other, name, papers in store.coauthors_of(session, author_id, MOST_COAUTHORS)
        ),
    )
    reported = _newest_report(store.reports_of(session, author_id))
    newest = load_papers(session, [row.paper_id for row in rows[:NEWEST_PAPERS]])
    return Author(
        id=entry.id,
        name=entry.name,
        field=(reported.field if reported else None) or next(iter(corpus.fields), None),
        reported=reported,
        corpus=corpus,
        newest=tuple(newest.values()),
        notices=notices(entry.name, reported, corpus, basis),
    )


def author_choices(session: Session, ids: Sequence[int]) -> tuple[AuthorChoice, ...]:
    """Tell these entries apart, in their order; an unknown id is left out.

    Namesakes, whom their name does not tell apart, come with their most frequent co-authors.
    """
    entries = {entry.id: entry for entry in store.authors_by_id(session, ids)}
    bearers = Counter(entry.name_key for entry in entries.values())
    papers: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    for row in store.papers_of(session, ids):
        papers[row.author_id].append(row)
    identifiers: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for author_id, scheme, value in store.identifiers_of(session, ids):
        identifiers[author_id].append((scheme, value))

    def coauthors(author_id: int) -> tuple[str, ...]:
        if bearers[entries[author_id].name_key] == 1:
            return ()
        return tuple(name for _, name, _ in store.coauthors_of(session, author_id, _COAUTHORS_OF_A_CHOICE))

    return tuple(
        AuthorChoice(
            author_id=author_id,
            name=entries[author_id].name,
            papers=len(papers[author_id]),
            field=next(iter(_fields(papers[author_id])), None),
            years=_span(list(_years(papers[author_id]))),
            coauthors=coauthors(author_id),
            identifier=show_identifier(identifiers[author_id]),
        )
        for author_id in ids
        if author_id in entries
    )


def _fields(rows: Sequence[Row[Any]]) -> dict[str, int]:
    counts = Counter(row.field for row in rows if row.field is not None)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _years(rows: Sequence[Row[Any]]) -> dict[str, int]:
    counts = Counter(row.published[:4] for row in rows if row.published is not None)
    return dict(sorted(counts.items()))


def _span(years: Sequence[str]) -> str | None:
    if not years:
        return None
    return years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}"


def _newest_report(reports: Sequence[Row[Any]]) -> Reported | None:
    """Choose the reading of the latest day; one without a day counts by the day of its import."""
    row = max(reports, key=lambda row: (row.as_of or row.imported_at.date(), row.id), default=None)
    if row is None:
        return None
    return Reported(
        source=row.source,
        as_of=row.as_of,
        field=row.field,
        h_index=row.h_index,
        papers=row.papers,
        citations=row.citations,
        novelty=row.novelty,
        ai_score=row.ai_score,
    )
