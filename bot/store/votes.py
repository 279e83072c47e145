"""Queries over votes: given and taken back, counted, and which posted cards are to show them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import delete, func, select
from sqlmodel import Session, col

from bot.store.bulk import read_rows, rows_with, upsert
from bot.store.models import Paper, Vote, VoteChange
from bot.store.reading_servers import record_server

_paper, _guild, _person = col(Vote.paper_id), col(Vote.guild_id), col(Vote.person_id)


class VotedPaper(NamedTuple):
    """A paper in a server."""

    guild_id: int
    paper_id: int


def toggle_vote(session: Session, guild_id: int, paper_id: int, person_id: int, now: dt.datetime) -> bool:
    """Give a person's vote, or take it back; whether it is given now."""
    record_server(session, guild_id)
    # Written first, so that whoever plans edits sees this vote, or this change after it.
    mark_changed(session, [VotedPaper(guild_id, paper_id)], now)
    own = delete(Vote).where(_paper == paper_id, _guild == guild_id, _person == person_id)
    if session.connection().execute(own).rowcount:
        return False
    row = {"paper_id": paper_id, "guild_id": guild_id, "person_id": person_id, "voted_at": now}
    upsert(session, Vote, [row], changes=())
    return True


def has_votes(session: Session, guild_id: int) -> bool:
    """Whether members of a server have voted for any paper."""
    statement = select(_paper).where(_guild == guild_id).limit(1)
    return session.connection().execute(statement).first() is not None


def has_voted(session: Session, guild_id: int, paper_id: int, person_id: int) -> bool:
    """Whether a person's vote is given."""
    return session.get(Vote, (paper_id, guild_id, person_id)) is not None


def counts_of(session: Session, papers: Iterable[int]) -> dict[VotedPaper, int]:
    """The votes of these papers in all servers; what has none is left out."""
    statement = select(_guild, _paper, func.count()).group_by(_guild, _paper)
    return {VotedPaper(row[0], row[1]): row[2] for row in rows_with(session, statement, _paper, papers)}


def votes_in(counts: Mapping[VotedPaper, int], guild_id: int, papers: Iterable[int]) -> dict[int, int]:
    """Of the votes in all servers those of these papers in one; what has none is left out."""
    found = {paper_id: counts.get(VotedPaper(guild_id, paper_id), 0) for paper_id in papers} if counts else {}
    return {paper_id: number for paper_id, number in found.items() if number}


def counts_in(session: Session, guild_id: int, papers: Iterable[int]) -> dict[int, int]:
    """The votes of these papers in a server; what has none is left out."""
    statement = select(_paper, func.count()).where(_guild == guild_id).group_by(_paper)
    return {row[0]: row[1] for row in rows_with(session, statement, _paper, papers)}


class RankedPaper(NamedTuple):
    """A paper and its votes of some time."""

    paper_id: int
    votes: int


def most_voted(session: Session, guild_id: int, since: dt.datetime, limit: int) -> list[RankedPaper]:
    """The papers with the most votes that a server gave since a moment; then by score, then the newest."""
    votes = func.count()
    statement = (
        select(_paper, votes)
        .join(Paper, col(Paper.id) == _paper)
        .where(_guild == guild_id, col(Vote.voted_at) >= since)
        .group_by(_paper, col(Paper.score))
        .order_by(votes.desc(), func.coalesce(col(Paper.score), -1).desc(), _paper.desc())
        .limit(limit)
    )
    return read_rows(session, RankedPaper, statement)


# Cards that are to show them.


def mark_changed(session: Session, papers: Collection[VotedPaper], now: dt.datetime) -> None:
    """Let the cards of these papers show their votes anew; those that wait already wait from then on."""
    rows = [{"paper_id": one.paper_id, "guild_id": one.guild_id, "since": now} for one in papers]
    # A row that is there is locked, though nothing changes in it.
    upsert(session, VoteChange, rows, changes=("paper_id",))


def mark_merged(session: Session, papers: Iterable[int]) -> None:
    """Let the cards of papers into which others were merged show the votes of both."""
    statement = select(_guild, _paper, func.max(col(Vote.voted_at))).group_by(_guild, _paper)
    for guild_id, paper_id, last in rows_with(session, statement, _paper, papers):
        mark_changed(session, [VotedPaper(guild_id, paper_id)], last)


def has_changes(session: Session, before: dt.datetime) -> bool:
    """Whether cards wait since before a moment."""
    statement = select(col(VoteChange.paper_id)).where(col(VoteChange.since) <= before).limit(1)
    return session.connection().execute(statement).first() is not None


def take_changes(session: Session, before: dt.datetime, limit: int) -> list[VotedPaper]:
    """Papers whose cards wait since before a moment, the longest first; they wait no more."""
    guild, paper = col(VoteChange.guild_id), col(VoteChange.paper_id)
    statement = select(guild, paper).where(col(VoteChange.since) <= before)
    found = read_rows(session, VotedPaper, statement.order_by(col(VoteChange.since)).limit(limit))
    for one in found:
        session.connection().execute(delete(VoteChange).where(guild == one.guild_id, paper == one.paper_id))
    return found


# Of persons and servers.


def papers_of_person(session: Session, person_id: int) -> list[VotedPaper]:
    """What a person voted for."""
    return read_rows(session, VotedPaper, select(_guild, _paper).where(_person == person_id))


def count_votes_of(session: Session, person_id: int) -> int:
    """How many votes of a person are stored."""
    statement = select(func.count()).select_from(Vote).where(_person == person_id)
    return session.connection().execute(statement).scalar_one()


def forget_votes_of(session: Session, person_id: int, now: dt.datetime) -> None:
    """Delete all votes of a person; cards show the others."""
    mark_changed(session, papers_of_person(session, person_id), now)
    session.connection().execute(delete(Vote).where(_person == person_id))


def remove_votes(session: Session, guild_id: int) -> None:
    """Delete all votes of a server."""
    for model in (Vote, VoteChange):
        session.connection().execute(delete(model).where(col(model.guild_id) == guild_id))
