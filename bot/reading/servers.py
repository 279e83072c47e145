"""Servers that removed the bot: their votes, lists and clubs rest for 30 days, and are deleted then."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Collection

from bot.app import App
from bot.store import clubs, lists, notes, outbox, reading_servers, votes, withdrawal

PURGED_AFTER = dt.timedelta(days=30)

_log = logging.getLogger(__name__)


def look_after_reading(
    app: App, present: Collection[int], is_known: Callable[[int], bool] = lambda _guild_id: True
) -> None:
    """Record in which servers the bot is missing, and delete their votes, lists and clubs after 30 days.

    `present` are all servers that know the bot, also those that are unavailable at present; of those that
    are not `is_known`, another process knows whether they do.
    """
    now = app.clock()
    with app.store.reading() as session:
        known = reading_servers.reading_servers(session)
    for guild_id, missing_since in known.items():
        if not is_known(guild_id):
            continue
        is_present, is_missing = guild_id in present, missing_since is not None
        if is_present is is_missing:
            with app.store.writing() as session:
                reading_servers.set_missing(session, guild_id, None if is_present else now)
        elif missing_since is not None and now - missing_since >= PURGED_AFTER:
            _purge(app, guild_id)


def set_missing(app: App, guild_id: int, *, is_missing: bool) -> None:
    """Record that the bot was removed from a server, or is back; its clubs rest meanwhile."""
    with app.store.writing() as session:
        known = reading_servers.reading_servers(session)
        if guild_id in known and (known[guild_id] is not None) is not is_missing:
            reading_servers.set_missing(session, guild_id, app.clock() if is_missing else None)


def _purge(app: App, guild_id: int) -> None:
    with app.store.writing() as session:
        votes.remove_votes(session, guild_id)
        lists.remove_lists(session, guild_id)
        notes.remove_notes(session, guild_id)
        withdrawal.drop_guild(session, guild_id)
        for club_id in clubs.clubs_of(session, guild_id):
            outbox.forget_messages(session, clubs.messages_of(session, club_id))
            clubs.remove_club(session, club_id)
        reading_servers.remove_server(session, guild_id)
    _log.warning(
        "The bot has not been in server %d for 30 days: its votes, lists and clubs are deleted.", guild_id
    )
