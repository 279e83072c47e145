"""Papers as lists and cards show them, loaded by id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlmodel import Session

from bot.papers.results import Paper
from bot.store.engine import Store
from bot.store.papers import PaperRow, listed, living_papers, papers_by_id, people_attributed


def load_papers(session: Session, ids: Sequence[int]) -> dict[int, Paper]:
    """These papers by id, in the order of `ids`; an id that the corpus lacks is left out.

    A merged paper's id stands for the paper that it turned out to be, unless that one is asked for too.
    """
    if not ids:
        return {}
    attributed: defaultdict[int, list[str]] = defaultdict(list)
    for person in people_attributed(session, ids):
        attributed[person.paper_id].append(person.name)
    found = {row.id: _paper(row, attributed.get(row.id, ())) for row in papers_by_id(session, ids)}
    if len(found) < len(set(ids)):
        into = living_papers(session, [paper_id for paper_id in ids if paper_id not in found])
        living = load_papers(session, [one for one in dict.fromkeys(into.values()) if one not in found])
        for paper_id, into_id in into.items():
            if into_id in living:
                found[paper_id] = living.pop(into_id)
    return {paper_id: found[paper_id] for paper_id in ids if paper_id in found}


def list_papers(store: Store, ids: Sequence[int]) -> dict[int, Paper]:
    """What `load_papers` loads, at the price that every search can afford."""
    rows: dict[int, PaperRow] = {}
    attributed: defaultdict[int, dict[str, None]] = defaultdict(dict)
    for row, person in listed(store, ids):
        rows[row.id] = row
        if person is not None:
            attributed[row.id][person] = None
    found = {paper_id: _paper(row, attributed.get(paper_id, ())) for paper_id, row in rows.items()}
    if len(found) < len(set(ids)):
        with store.reading() as session:
            return load_papers(session, ids)
    return {paper_id: found[paper_id] for paper_id in ids}


def _paper(row: PaperRow, attributed_to: Iterable[str]) -> Paper:
    return Paper(
        id=row.id,
        source_id=row.source_id,
        title=row.title,
        authors=tuple(row.authors),
        authors_truncated=row.authors_truncated,
        attributed_to=tuple(attributed_to),
        field=row.field,
        categories=tuple(row.categories),
        published=row.published,
        published_inferred=row.published_inferred,
        abstract=row.abstract,
        url=row.url,
        has_code=row.has_code,
        code_url=row.code_url,
        venue=row.venue,
        citations=row.citations,
        score=row.score,
        doi=row.doi,
        arxiv_id=row.arxiv_id,
    )
