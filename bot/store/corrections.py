"""Corrections of who is who: stored, and applied wherever the people of papers are written or read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, delete, func, insert, or_, select, update
from sqlmodel import Session

from bot.store.bulk import rows_with
from bot.store.tables import (
    attribution,
    author,
    author_identifier,
    authorship,
    correction,
    correction_paper,
    paper,
)

OWN_SCHEME = "papercord"
"""The scheme of identifiers that we give: to people whom only a correction tells from a namesake."""


class Corrections:
    """The corrections that hold, loaded once for a request: people make them, so they are few."""

    def __init__(self, rows: Sequence[Row[Any]]) -> None:
        self._merges: dict[int, int] = {}
        self._splits: dict[tuple[int, int], int] = {}
        self._rows: dict[int, Row[Any]] = {}
        self._papers: Counter[int] = Counter()
        for row in rows:
            self._rows[row.id] = row
            if row.kind == "merge":
                self._merges[row.author_id] = row.into_id
            if row.paper_id is not None:
                self._splits[row.paper_id, row.author_id] = row.into_id
                self._papers[row.id] += 1

    def __bool__(self) -> bool:
        return bool(self._rows)

    def entry(self, author_id: int) -> int:
        """The entry that stands for this one after all merges."""
        seen = {author_id}
        while (into := self._merges.get(author_id)) is not None and into not in seen:
            seen.add(into)
            author_id = into
        return author_id

    def merged_into(self, ids: Iterable[int]) -> dict[int, int]:
        """These entries, and all that were merged into one of them: entry -> the one of `ids`."""
        wanted = set(ids)
        found = {author_id: author_id for author_id in wanted}
        found.update((one, into) for one in self._merges if (into := self.entry(one)) in wanted)
        return found

    def person(self, paper_id: int, author_id: int) -> int:
        """Whose a paper is that a source gives to this entry."""
        seen = {author_id}
        while True:
            into = self._splits.get((paper_id, author_id))
            if into is None or into in seen:
                into = self._merges.get(author_id)
            if into is None or into in seen:
                return author_id
            seen.add(into)
            author_id = into

    def of_author(self, author_id: int, limit: int = 10) -> list[tuple[Row[Any], int]]:
        """The newest corrections that concern an entry, each with the number of papers that it moves."""
        concerned = [row for row in self._rows.values() if author_id in {row.author_id, row.into_id}]
        return [(row, self._papers[row.id]) for row in reversed(concerned[-limit:])]


def load_corrections(session: Session) -> Corrections:
    """The corrections that hold now, in one statement."""
    statement = (
        select(correction, correction_paper.c.paper_id)
        .join_from(
            correction,
            correction_paper,
            correction_paper.c.correction_id == correction.c.id,
            isouter=True,
        )
        .where(correction.c.undone_at.is_(None))
        .order_by(correction.c.id)
    )
    return Corrections(session.connection().execute(statement).all())


def corrections_stamp(session: Session) -> int:
    """A number that differs once a correction was made or undone."""
    statement = select(func.count(), func.count(correction.c.undone_at))
    made, undone = session.connection().execute(statement).one()
    return made + undone


def add_correction(session: Session, papers: Iterable[int], **values: Any) -> int:
    """Write a correction with the papers that it moves, and return its id."""
    connection = session.connection()
    correction_id = connection.execute(
        insert(correction).values(**values).returning(correction.c.id)
    ).scalar_one()
    rows = [{"correction_id": correction_id, "paper_id": paper_id} for paper_id in papers]
    if rows:
        connection.execute(insert(correction_paper), rows)
    return correction_id


def change_correction(session: Session, correction_id: int, **values: Any) -> None:
    """Change columns of a correction."""
    session.connection().execute(update(correction).where(correction.c.id == correction_id).values(**values))


def corrections(
    session: Session, *, correction_id: int | None = None, author_id: int | None = None, limit: int = 10
) -> Sequence[Row[Any]]:
    """The newest corrections with the number of papers of splits; one alone, or one person's alone."""
    papers = (
        select(func.count())
        .where(correction_paper.c.correction_id == correction.c.id)
        .scalar_subquery()
        .label("papers")
    )
    statement = select(correction, papers).order_by(correction.c.id.desc()).limit(limit)
    if correction_id is not None:
        statement = statement.where(correction.c.id == correction_id)
    if author_id is not None:
        concerned = or_(correction.c.author_id == author_id, correction.c.into_id == author_id)
        statement = statement.where(concerned, correction.c.undone_at.is_(None))
    return session.connection().execute(statement).all()


def papers_given_to(session: Session, author_id: int) -> set[int]:
    """The papers whose list names this entry, or that stand on its page."""
    connection = session.connection()
    listed = select(authorship.c.paper_id).where(authorship.c.author_id == author_id)
    attributed = select(attribution.c.paper_id).where(attribution.c.author_id == author_id)
    return {*connection.execute(listed).scalars(), *connection.execute(attributed).scalars()}


def lists_of(session: Session, ids: Iterable[int]) -> dict[int, list[int]]:
    """The people in the lists of these papers, in order."""
    places = authorship.c
    statement = select(places.paper_id, places.author_id).order_by(places.paper_id, places.position)
    lists: defaultdict[int, list[int]] = defaultdict(list)
    for paper_id, person in rows_with(session, statement, places.paper_id, ids):
        lists[paper_id].append(person)
    return lists


def mark_changed(session: Session, ids: Sequence[int], revision: int) -> None:
    """Say that these papers changed with a revision."""
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        session.connection().execute(update(paper).where(paper.c.id.in_(some)).values(revision=revision))


def add_person(session: Session, name: str, name_key: str) -> int:
    """Make an entry for a person whom no source tells from a namesake, with an identifier of ours."""
    connection = session.connection()
    values = {"name": name, "name_key": name_key}
    author_id = connection.execute(insert(author).values(**values).returning(author.c.id)).scalar_one()
    connection.execute(
        insert(author_identifier).values(scheme=OWN_SCHEME, value=str(author_id), author_id=author_id)
    )
    return author_id


def remove_person(session: Session, author_id: int) -> None:
    """Take away an entry that a split made, once it has no papers any more."""
    connection = session.connection()
    connection.execute(delete(author_identifier).where(author_identifier.c.author_id == author_id))
    connection.execute(delete(author).where(author.c.id == author_id))
