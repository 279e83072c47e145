"""Queries over the servers that have votes or lists, and whether the bot is a member there."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from bot.store.bulk import upsert
from bot.store.models import ReadingServer

_guild = col(ReadingServer.guild_id)


def record_server(session: Session, guild_id: int) -> None:
    """Record that a server has votes or lists."""
    upsert(session, ReadingServer, [{"guild_id": guild_id}], changes=())


def reading_servers(session: Session) -> dict[int, dt.datetime | None]:
    """The servers that have votes or lists, and since when the bot has been missing there."""
    rows = session.connection().execute(select(_guild, col(ReadingServer.missing_since)))
    return {row[0]: row[1] for row in rows}


def set_missing(session: Session, guild_id: int, since: dt.datetime | None) -> None:
    """Record since when the bot has not been in a server; None: it is there."""
    session.connection().execute(update(ReadingServer).where(_guild == guild_id).values(missing_since=since))


def remove_server(session: Session, guild_id: int) -> None:
    """Record that a server has no votes and lists any more."""
    session.connection().execute(delete(ReadingServer).where(_guild == guild_id))
