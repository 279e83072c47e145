"""Affiliations: at which institutions the people of lists of authors work, as sources say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from bot.corpus.institutions import institution_key
from bot.corpus.merge import PlacedAffiliation
from bot.corpus.paper import Affiliation
from bot.store.bulk import add_rows, columns_of, reserve_ids, rows_with, write_rows
from bot.store.models import Authorship, Institution, Paper, StoredAffiliation


class AffiliationRow(NamedTuple):
    """A row of `affiliation`."""

    paper_id: int
    position: int
    source: str
    institution_id: int


class InstitutionOfPaper(NamedTuple):
    """An institution at which a person works, as a source of one paper says."""

    paper_id: int
    published: str | None
    source: str
    key: str
    name: str


def write_affiliations(
    session: Session, papers: Mapping[int, Sequence[PlacedAffiliation]], changed: Collection[int]
) -> None:
    """Write where the people of these papers work; of changed ones only what differs from before."""
    if not changed and not any(papers.values()):
        return
    ids = _institutions(session, (placed.affiliation for some in papers.values() for placed in some))
    after = {
        AffiliationRow(paper_id, one.position, one.source, ids[institution_key(one.affiliation)])
        for paper_id, some in papers.items()
        for one in some
    }
    statement = select(*columns_of(StoredAffiliation, AffiliationRow))
    rows = rows_with(session, statement, col(StoredAffiliation.paper_id), changed)
    before = {AffiliationRow(*row) for row in rows}
    write_rows(
        session, StoredAffiliation, AffiliationRow._fields, sorted(after - before), sorted(before - after)
    )


def _institutions(session: Session, affiliations: Iterable[Affiliation]) -> dict[str, int]:
    """The ids of these institutions by their keys; those that are new are added."""
    names: dict[str, str] = {}
    for one in affiliations:
        names.setdefault(institution_key(one), one.name)
    statement = select(col(Institution.key), col(Institution.id))
    found = dict(rows_with(session, statement, col(Institution.key), names))
    new = [key for key in names if key not in found]
    ids = reserve_ids(session, Institution, len(new)) if new else ()
    rows = [(one, key, names[key]) for one, key in zip(ids, new, strict=True)]
    add_rows(session, Institution, ("id", "key", "name"), rows)
    return found | dict(zip(new, ids, strict=True))


def affiliations_of_papers(
    session: Session, ids: Collection[int]
) -> dict[tuple[int, int], list[Affiliation]]:
    """Where the people of these papers work, by the paper and the place in its list."""
    columns = (col(StoredAffiliation.paper_id), col(StoredAffiliation.position))
    statement = (
        select(*columns, col(Institution.key), col(Institution.name))
        .join(Institution, col(Institution.id) == col(StoredAffiliation.institution_id))
        .distinct()
    )
    found: defaultdict[tuple[int, int], list[Affiliation]] = defaultdict(list)
    for paper_id, position, key, name in rows_with(session, statement, columns[0], ids):
        found[paper_id, position].append(stored_affiliation(key, name))
    return found


def affiliations_of_person(session: Session, author_id: int) -> Sequence[InstitutionOfPaper]:
    """Where a person works, by the papers on which sources say so, the oldest first."""
    place = (
        col(StoredAffiliation.paper_id) == col(Authorship.paper_id),
        col(StoredAffiliation.position) == col(Authorship.position),
    )
    statement = (
        select(
            col(StoredAffiliation.paper_id),
            col(StoredAffiliation.source),
            col(Institution.key),
            col(Institution.name),
            col(Institution.id),
        )
        .select_from(Authorship)
        .join(StoredAffiliation, place[0] & place[1])
        .join(Institution, col(Institution.id) == col(StoredAffiliation.institution_id))
        .where(col(Authorship.author_id) == author_id)
    )
    # Apart, for SQLite would read all papers of the person before it looked which have affiliations.
    found = session.connection().execute(statement).all()
    dates = select(col(Paper.id), col(Paper.published))
    published = dict(rows_with(session, dates, col(Paper.id), sorted({row[0] for row in found})))
    found = sorted(found, key=lambda row: (published[row[0]] or "9", row[0], row[4]))
    return [
        InstitutionOfPaper(paper_id, published[paper_id], source, key, name)
        for paper_id, source, key, name, _ in found
    ]


def stored_affiliation(key: str, name: str) -> Affiliation:
    """The affiliation of a stored institution."""
    ror = key.removeprefix("ror ") if key.startswith("ror ") else None
    return Affiliation(name=name, ror=ror)
