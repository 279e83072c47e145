"""Subscriptions of servers that the bot has left, or that have left it."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Collection

from bot.app import Desk
from bot.store import subscriptions, withdrawing

PURGED_AFTER = dt.timedelta(days=30)

_log = logging.getLogger(__name__)


def purge_guild(desk: Desk, guild_id: int) -> int:
    """Delete what is stored of a server that removed the bot; how many subscriptions that were."""
    with desk.store.writing() as session:
        return subscriptions.purge_guild(session, guild_id)


def look_after_guilds(desk: Desk, present: Collection[int]) -> None:
    """Rest the subscriptions of servers where the bot is not, and purge them after 30 days.

    And let nothing of a channel that is gone stay on its way.

    `present` are all servers that know the bot, also those that are unavailable at present.
    """
    now = desk.clock()
    with desk.store.writing() as session:
        withdrawing.close_gone_channels(session)
    with desk.store.reading() as session:
        known = subscriptions.guilds_with_subscriptions(session)
    for guild_id, missing_since in known.items():
        if guild_id in present:
            changed = missing_since is not None
            since = None
        else:
            changed = missing_since is None
            since = now
        if missing_since is not None and guild_id not in present and now - missing_since >= PURGED_AFTER:
            purge_guild(desk, guild_id)
            _log.warning(
                "The bot has not been in server %d for 30 days: its subscriptions are deleted.", guild_id
            )
        elif changed:
            with desk.store.writing() as session:
                subscriptions.set_missing(session, guild_id, since)
