"""Papers as lists and cards show them, loaded by id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlmodel import Session

from bot.services.results import Paper
from bot.store.papers import papers_by_id, people_attributed


def load_papers(session: Session, ids: Sequence[int]) -> dict[int, Paper]:
    """These papers by id, in the order of `ids`; an id that the corpus lacks is left out."""
    if not ids:
        return {}
    attributed: defaultdict[int, list[str]] = defaultdict(list)
    for paper_id, name in people_attributed(session, ids):
        attributed[paper_id].append(name)
    found = {
        row.id: Paper(
            id=row.id,
            source_id=row.source_id,
            title=row.title,
            authors=tuple(row.authors),
            authors_truncated=row.authors_truncated,
            attributed_to=tuple(attributed.get(row.id, ())),
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
        for row in papers_by_id(session, ids)
    }
    return {paper_id: found[paper_id] for paper_id in ids if paper_id in found}
