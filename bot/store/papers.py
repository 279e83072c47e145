"""Queries over papers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, Row, bindparam, func, select, update
from sqlmodel import Session

from bot.corpus.merge import PaperFacts
from bot.store.bulk import add_rows, rows_with
from bot.store.engine import as_json
from bot.store.revisions import latest_revision, revision_stamp
from bot.store.tables import attribution, author, paper

__all__ = [
    "adopt_papers",
    "changed_since",
    "count_authors",
    "count_papers",
    "latest_revision",
    "papers_by_field",
    "papers_by_id",
    "people_attributed",
    "revision_stamp",
    "texts_by_id",
    "write_papers",
]

# Made once, for they are asked for with every search.
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_BY_ID = select(paper).where(paper.c.id.in_(_IDS))
_SEARCHED = select(
    paper.c.id,
    paper.c.title,
    paper.c.authors,
    paper.c.field,
    paper.c.published,
    paper.c.abstract,
    paper.c.has_code,
    paper.c.score,
)
_TEXTS = select(paper.c.id, paper.c.title, paper.c.abstract).where(paper.c.id.in_(_IDS))
_ATTRIBUTED = (
    select(attribution.c.paper_id, author.c.name)
    .join(author, author.c.id == attribution.c.author_id)
    .where(attribution.c.paper_id.in_(_IDS))
    .distinct()
    .order_by(author.c.name)
)


def papers_by_id(session: Session, ids: Sequence[int]) -> Sequence[Row[Any]]:
    """All columns of these papers, in no particular order; an unknown id has no row."""
    return session.connection().execute(_BY_ID, {"ids": ids}).all()


def texts_by_id(session: Session, ids: Sequence[int]) -> Sequence[Row[int, str, str]]:
    """(id, title, abstract) of these papers, in no particular order; an unknown id has no row."""
    return session.connection().execute(_TEXTS, {"ids": ids}).all()


def people_attributed(session: Session, paper_ids: Sequence[int]) -> Sequence[Row[int, str]]:
    """(paper id, name) of the people on whose pages these papers stand, by name."""
    return session.connection().execute(_ATTRIBUTED, {"ids": paper_ids}).all()


def changed_since(
    session: Session, revision: int, after_id: int, limit: int, *, until: int | None = None
) -> Sequence[Row[*tuple[Any, ...]]]:
    """What a search needs of the papers changed after `revision`, by id, beginning after `after_id`.

    Papers changed after the revision `until` are left out: they come next time.
    """
    # A sum keeps the database from an index: where few papers have changed, their revision finds them,
    # else their id.
    if revision > 0:
        revised, after = paper.c.revision, paper.c.id + 0
    else:
        revised, after = paper.c.revision + 0, paper.c.id
    changed = select(paper.c.id).where(revised > revision, after > after_id).order_by(paper.c.id).limit(limit)
    if until is not None:
        changed = changed.where(revised <= until)
    statement = _SEARCHED.where(paper.c.id.in_(changed)).order_by(paper.c.id)
    return session.connection().execute(statement).all()


def count_papers(session: Session) -> int:
    """How many papers the corpus has."""
    return session.connection().execute(select(func.count()).select_from(paper)).scalar_one()


def count_authors(session: Session) -> int:
    """How many people the corpus knows."""
    return session.connection().execute(select(func.count()).select_from(author)).scalar_one()


def papers_by_field(session: Session) -> Sequence[Row[str | None, int]]:
    """(field, papers), the most frequent field first; None stands for papers without one."""
    count = func.count()
    statement = select(paper.c.field, count).group_by(paper.c.field).order_by(count.desc(), paper.c.field)
    return session.connection().execute(statement).all()


def write_papers(
    session: Session,
    added: Mapping[int, PaperFacts],
    changed: Mapping[int, PaperFacts],
    *,
    import_id: int,
    revision: int,
) -> None:
    """Write these papers by id; new ones belong to the import, all are of the revision."""
    if added:
        rows = [
            {"id": paper_id, "import_id": import_id, **_values(facts, revision)}
            for paper_id, facts in added.items()
        ]
        for row in rows:
            row["authors"], row["categories"] = as_json(row["authors"]), as_json(row["categories"])
        add_rows(session, paper, tuple(rows[0]), [tuple(row.values()) for row in rows])
    if changed:
        statement = update(paper).where(paper.c.id == bindparam("of_paper"))
        rows = [{"of_paper": paper_id, **_values(facts, revision)} for paper_id, facts in changed.items()]
        session.connection().execute(statement, rows)


def shown_publications(session: Session, ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Where and when these papers were published, as they show it: the fields of `PaperFacts`."""
    table = paper.c
    statement = select(table.id, table.venue, table.published, table.published_inferred)
    return {
        paper_id: {"venue": venue, "published": published, "published_inferred": inferred}
        for paper_id, venue, published, inferred in rows_with(session, statement, table.id, ids)
    }


def adopt_papers(
    session: Session, ids: Collection[int], cut_off: Collection[int], import_id: int
) -> set[int]:
    """Hand those of these papers that a cut-off import brought to this import; return their ids."""
    left = select(paper.c.id).where(paper.c.import_id.in_(cut_off))
    adopted = {row.id for row in rows_with(session, left, paper.c.id, ids)}
    if adopted:
        statement = update(paper).where(paper.c.id == bindparam("of_paper")).values(import_id=import_id)
        session.connection().execute(statement, [{"of_paper": paper_id} for paper_id in adopted])
    return adopted


def _values(facts: PaperFacts, revision: int) -> dict[str, Any]:
    return {
        "source_id": facts.source_id,
        "title": facts.title,
        "authors": [mention.name for mention in facts.authors],
        "authors_truncated": facts.authors_truncated,
        "field": facts.field,
        "categories": facts.categories,
        "published": facts.published,
        "published_inferred": facts.published_inferred,
        "abstract": facts.abstract,
        "url": facts.url,
        "has_code": facts.has_code,
        "code_url": facts.code_url,
        "venue": facts.venue,
        "citations": facts.citations,
        "score": facts.score,
        "doi": facts.doi,
        "arxiv_id": facts.arxiv_id,
        "revision": revision,
    }
