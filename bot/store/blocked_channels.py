"""Queries over channels that refuse messages: why, since when, and until when nothing is posted there."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlmodel import Session, col

from bot.errors import one_line
from bot.store.bulk import columns_of, read_rows, upsert
from bot.store.models import AnnouncedChannel
from bot.store.settings import delete_setting, get_setting, put_setting

_UNKNOWN_SETTING = "channel {} unknown since"

_log = logging.getLogger(__name__)


class BlockedChannel(NamedTuple):
    """Why a channel's messages are not posted at present."""

    channel_id: int
    reason: str
    refusals: int
    held_until: dt.datetime | None
    """None: until a person resumes a subscription."""


_BLOCKED = columns_of(AnnouncedChannel, BlockedChannel)


def blocked_channels(session: Session, channels: Sequence[int]) -> dict[int, BlockedChannel]:
    """Those of these channels whose messages are not posted at present, and why."""
    statement = select(*_BLOCKED).where(col(AnnouncedChannel.channel_id).in_(channels))
    return {row.channel_id: row for row in read_rows(session, BlockedChannel, statement)}


def block_channel(
    session: Session,
    channel_id: int,
    guild_id: int,
    *,
    reason: str,
    held_until: dt.datetime | None,
    refusals: int,
) -> None:
    """Record that a channel takes no messages until a moment, or until a person resumes."""
    values = {"guild_id": guild_id, "reason": reason, "held_until": held_until, "refusals": refusals}
    upsert(session, AnnouncedChannel, [{"channel_id": channel_id, **values}], changes=list(values))
    until = (
        f"until {held_until:%Y-%m-%d %H:%M:%S} UTC" if held_until is not None else "until a person resumes"
    )
    _log.warning(
        "Channel %d of server %d is left alone %s: %s", channel_id, guild_id, until, one_line(reason)
    )


def free_channel(session: Session, channel_id: int, *, only_gone: bool = False) -> None:
    """Let a channel's messages be posted again; or only where it counted as gone."""
    statement = delete(AnnouncedChannel).where(col(AnnouncedChannel.channel_id) == channel_id)
    if only_gone:
        statement = statement.where(col(AnnouncedChannel.held_until).is_(None))
    if session.connection().execute(statement).rowcount:
        _log.warning("Channel %d is left alone no longer.", channel_id)


def unknown_since(session: Session, channel_id: int, now: dt.datetime) -> dt.datetime:
    """Since when Discord has said that it does not know a channel; stored where that is new."""
    name = _UNKNOWN_SETTING.format(channel_id)
    known = get_setting(session, name)
    if known is not None:
        return dt.datetime.fromisoformat(known)
    put_setting(session, name, now.isoformat())
    return now


def forget_unknown(session: Session, channel_id: int) -> None:
    """Forget since when Discord has said that it does not know a channel."""
    delete_setting(session, _UNKNOWN_SETTING.format(channel_id))


def free_guild(session: Session, guild_id: int) -> None:
    """Forget the channels of a server that removed the bot."""
    session.connection().execute(delete(AnnouncedChannel).where(col(AnnouncedChannel.guild_id) == guild_id))
