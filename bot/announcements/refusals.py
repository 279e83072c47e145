"""Channels that refuse messages: left alone for pauses that grow, and paused where they are gone."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from functools import partial

from sqlmodel import Session

from bot.announcements.notices import add_notice
from bot.announcements.results import PausedChannel, TellPause
from bot.store import outbox, subscriptions, withdrawing

CHANNEL_GONE = "The channel is gone."

_PAUSES = (60, 5 * 60, 15 * 60, 3600, 6 * 3600)
"""Seconds for which a channel that refuses messages is left alone; the last one again and again."""
_GONE_AFTER = dt.timedelta(days=1)
_GONE_AFTER_ANSWERS = 4
"""So many at least, as the bot may have been down for most of the day."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What Discord answered to a message that certainly was not made."""

    channel_id: int
    guild_id: int
    reason: str
    is_unknown: bool
    """Whether it says that it knows no such channel, or no such server."""


def leave_alone(session: Session, refusal: Refusal, now: dt.datetime, tell_pause: TellPause) -> None:
    """Leave a channel alone for a while; pause its subscriptions where it has not been known for a day."""
    channel_id = refusal.channel_id
    before = outbox.blocked_channels(session, [channel_id]).get(channel_id)
    refusals = before.refusals if before is not None else 0
    until = now + dt.timedelta(seconds=_PAUSES[min(refusals, len(_PAUSES) - 1)])
    if before is None or not refusal.is_unknown:
        outbox.forget_unknown(session, channel_id)
    if refusal.is_unknown:
        counts_at = outbox.unknown_since(session, channel_id, now) + _GONE_AFTER
        if now >= counts_at and refusals + 1 >= _GONE_AFTER_ANSWERS:
            _pause(session, refusal, now, tell_pause)
            return
        if now < counts_at:
            until = min(until, counts_at)  # it is asked when the day is over
    outbox.block_channel(
        session,
        channel_id,
        refusal.guild_id,
        reason=refusal.reason,
        held_until=until,
        refusals=refusals + 1,
    )


def _pause(session: Session, refusal: Refusal, now: dt.datetime, tell_pause: TellPause) -> None:
    """Pause the subscriptions of a channel that is gone; its papers wait for them to be resumed."""
    channel_id, guild_id = refusal.channel_id, refusal.guild_id
    paused = subscriptions.pause_channel(session, channel_id, CHANNEL_GONE)
    withdrawing.close_channel(session, channel_id, CHANNEL_GONE)
    _log.warning(
        "Discord has not known channel %d of server %d for a day (%s): its subscriptions (%d) are paused.",
        channel_id,
        guild_id,
        refusal.reason,
        paused,
    )
    if not paused:  # as in the channel of administrators: nobody could resume anything
        outbox.free_channel(session, channel_id)
    else:
        outbox.block_channel(session, channel_id, guild_id, reason=CHANNEL_GONE, held_until=None, refusals=0)
        channel = PausedChannel(channel_id, guild_id, paused, refusal.reason)
        add_notice(session, partial(tell_pause, channel), now)
