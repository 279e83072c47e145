"""Papers that turned out to be another one: their ids are retired, and lead to the one that lives on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Table, delete, exists, insert, select, update
from sqlmodel import Session

from bot.store.tables import (
    attribution,
    authorship,
    correction_paper,
    delivery,
    enquiry,
    paper,
    paper_key,
    paper_source,
    retired_paper,
    subscription_match,
)

_MOVED: Mapping[Table, tuple[str, ...]] = {
    paper_source: (),
    delivery: ("channel_id", "kind"),
    subscription_match: ("subscription_id",),
    correction_paper: ("correction_id",),
    enquiry: ("question",),
}
"""What is said of a paper by its id; where the same is said of the other one already, that stands."""

_MADE_ANEW = (authorship, attribution, paper_key)
"""What follows from what its sources say, and is written with the paper that has them now."""


def retire_papers(session: Session, retired: Mapping[int, int], revision: int) -> None:
    """Let all that hangs on these papers hang on the others: retired id -> the id that lives on.

    An id that no row has, since its paper was never written, needs nothing.
    """
    connection = session.connection()
    for paper_id, into_id in retired.items():
        for table, key in _MOVED.items():
            if key:
                other = table.alias()
                same = [other.c[name] == table.c[name] for name in key]
                stands = exists().where(other.c.paper_id == into_id, *same)
                connection.execute(delete(table).where(table.c.paper_id == paper_id, stands))
            connection.execute(update(table).where(table.c.paper_id == paper_id).values(paper_id=into_id))
        for table in _MADE_ANEW:
            connection.execute(delete(table).where(table.c.paper_id == paper_id))
        connection.execute(
            update(retired_paper).where(retired_paper.c.into_id == paper_id).values(into_id=into_id)
        )
        if connection.execute(delete(paper).where(paper.c.id == paper_id)).rowcount:
            values = {"id": paper_id, "into_id": into_id, "revision": revision}
            connection.execute(insert(retired_paper).values(values))


def living_papers(session: Session, ids: Collection[int]) -> dict[int, int]:
    """Those of these ids that are retired, and the papers that they lead to."""
    statement = select(retired_paper.c.id, retired_paper.c.into_id).where(retired_paper.c.id.in_(ids))
    return {row.id: row.into_id for row in session.connection().execute(statement)}


def retired_since(session: Session, revision: int, until: int) -> Sequence[int]:
    """The ids that were retired after a revision, up to another."""
    statement = select(retired_paper.c.id).where(
        retired_paper.c.revision > revision, retired_paper.c.revision <= until
    )
    return session.connection().execute(statement).scalars().all()
