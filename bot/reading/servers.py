"""Servers that removed the bot: their votes and lists rest for 30 days, and are deleted then."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Collection

from bot.app import App
from bot.store import lists, notes, reading_servers, votes

PURGED_AFTER = dt.timedelta(days=30)

_log = logging.getLogger(__name__)


def look_after_reading(app: App, present: Collection[int]) -> None:
    """Record in which servers the bot is missing, and delete their votes and lists after 30 days.

    `present` are all servers that know the bot, also those that are unavailable at present.
    """
    now = app.clock()
    with app.store.reading() as session:
        known = reading_servers.reading_servers(session)
    for guild_id, missing_since in known.items():
        is_present, is_missing = guild_id in present, missing_since is not None
        if is_present is is_missing:
            with app.store.writing() as session:
                reading_servers.set_missing(session, guild_id, None if is_present else now)
        elif missing_since is not None and now - missing_since >= PURGED_AFTER:
            _purge(app, guild_id)


def _purge(app: App, guild_id: int) -> None:
    with app.store.writing() as session:
        votes.remove_votes(session, guild_id)
        lists.remove_lists(session, guild_id)
        notes.remove_notes(session, guild_id)
        reading_servers.remove_server(session, guild_id)
    _log.warning("The bot has not been in server %d for 30 days: its votes and lists are deleted.", guild_id)
