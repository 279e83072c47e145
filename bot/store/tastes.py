"""Queries over what the members of a server like: what they voted for, and what is on the server's lists."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import func, literal, select, union_all
from sqlmodel import Session, col

from bot.store.bulk import read_rows
from bot.store.models import NO_SERVER, ListEntry, Paper, ReadingList, Vote


class LikedPaper(NamedTuple):
    """A paper, its votes in a server, and how many people put it on lists of that server."""

    paper_id: int
    votes: int
    saves: int

    @property
    def likes(self) -> int:
        """How often it is liked."""
        return max(1, self.votes + self.saves)


def liked_papers(session: Session, guild_id: int, limit: int) -> list[LikedPaper]:
    """The papers of the corpus that a server liked last; lists of persons count nowhere."""
    if guild_id == NO_SERVER:
        return []
    voted = (
        select(
            col(Vote.paper_id),
            func.count().label("votes"),
            literal(0).label("saves"),
            func.max(col(Vote.voted_at)).label("liked_at"),
        )
        .where(col(Vote.guild_id) == guild_id)
        .group_by(col(Vote.paper_id))
    )
    saved = (
        select(
            col(ListEntry.paper_id),
            literal(0),
            # Who had what is stored of them deleted is counted as nobody.
            func.count(col(ListEntry.added_by).distinct()),
            func.max(col(ListEntry.added_at)),
        )
        .join(ReadingList, col(ReadingList.id) == col(ListEntry.list_id))
        .where(col(ReadingList.guild_id) == guild_id)
        .group_by(col(ListEntry.paper_id))
    )
    both = union_all(voted, saved).subquery()
    statement = (
        select(both.c.paper_id, func.max(both.c.votes), func.max(both.c.saves))
        .join(Paper, col(Paper.id) == both.c.paper_id)
        .group_by(both.c.paper_id)
        .order_by(func.max(both.c.liked_at).desc(), both.c.paper_id.desc())
        .limit(limit)
    )
    return read_rows(session, LikedPaper, statement)
