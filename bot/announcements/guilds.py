"""Subscriptions of servers and channels that are gone, locked, or there again."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Collection

from sqlmodel import Session

from bot.app import App
from bot.store import blocked_channels, outbox, subscriptions, withdrawal

PURGED_AFTER = dt.timedelta(days=30)
CHANNEL_DELETED = "The channel was deleted."
THREAD_LOCKED = "The thread is locked."
LOCK_TRIED_AFTER = dt.timedelta(hours=6)
_log = logging.getLogger(__name__)


def suspend_guild(app: App, guild_id: int) -> None:
    """Post nothing in a server that removed the bot; its subscriptions and papers wait for its return."""
    now = app.clock()
    with app.store.writing() as session:
        for row in subscriptions.subscriptions_where(session, guild_id=guild_id, locked=True):
            withdrawal.withdraw_from_subscription(session, row.id, "The bot was removed from the server.")
            # A digest that was due is made again.
            due = now if withdrawal.has_waiting_digest(session, row.id) else row.next_digest_at
            subscriptions.change_subscription(session, row.id, missing_since=now, next_digest_at=due)


def restore_guild(app: App, guild_id: int) -> None:
    """Go on in a server that the bot is a member of again."""
    with app.store.writing() as session:
        rows = subscriptions.subscriptions_where(session, guild_id=guild_id)
        subscriptions.set_missing(session, guild_id, None)
        _free_channels(session, {row.channel_id for row in rows})


def free_channels(app: App, channels: Collection[int], parents: Collection[int] = ()) -> None:
    """Try at once those of these channels that refused messages: rights were changed, and now suffice.

    And the threads of `parents`.
    """
    with app.store.reading() as session:
        wanted = {*channels, *subscriptions.threads_of(session, parents)}
        has_unfinished = outbox.has_unfinished(session, wanted)
        if not has_unfinished and not blocked_channels.blocked_channels(session, list(wanted)):
            return
    with app.store.writing() as session:
        _free_channels(session, wanted)
        if has_unfinished:
            for channel_id in wanted:
                outbox.forget_waits(session, channel_id)


def _free_channels(session: Session, channels: Collection[int]) -> None:
    for blocked in blocked_channels.blocked_channels(session, list(channels)).values():
        if blocked.held_until is not None:
            blocked_channels.free_channel(session, blocked.channel_id)
            outbox.forget_waits(session, blocked.channel_id)


def record_lock(app: App, guild_id: int, thread_id: int) -> None:
    """Post nothing in a thread that was locked until it is unlocked; it is tried every few hours."""
    with app.store.reading() as session:
        if not subscriptions.subscriptions_where(session, channel_id=thread_id):
            return
    until = app.clock() + LOCK_TRIED_AFTER
    with app.store.writing() as session:
        blocked_channels.block_channel(
            session, thread_id, guild_id, reason=THREAD_LOCKED, held_until=until, refusals=1
        )


def record_deletion(app: App, guild_id: int, channel_id: int) -> None:
    """Pause the subscriptions of a channel that was deleted, and of its threads."""
    with app.store.reading() as session:
        gone = {channel_id, *subscriptions.threads_of(session, [channel_id])}
        gone = {one for one in gone if subscriptions.subscriptions_where(session, channel_id=one)}
    if not gone:
        return
    with app.store.writing() as session:
        for one in sorted(gone):
            subscriptions.pause_channel(session, one, CHANNEL_DELETED)
            withdrawal.close_channel(session, one, CHANNEL_DELETED)
            blocked_channels.block_channel(
                session, one, guild_id, reason=CHANNEL_DELETED, held_until=None, refusals=0
            )


def purge_guild(app: App, guild_id: int) -> int:
    """Delete what is stored of a server; how many subscriptions that were."""
    with app.store.writing() as session:
        withdrawal.drop_guild(session, guild_id)
        blocked_channels.free_guild(session, guild_id)
        return subscriptions.remove_guild(session, guild_id)


def look_after_guilds(
    app: App, present: Collection[int], is_known: Callable[[int], bool] = lambda _guild_id: True
) -> None:
    """Record which servers the bot is missing in, and purge their subscriptions after 30 days.

    And let nothing of a channel that is gone stay on its way.

    `present` are all servers that know the bot, also those that are unavailable at present; of those that
    are not `is_known`, another process knows whether they do.
    """
    now = app.clock()
    with app.store.writing() as session:
        withdrawal.close_gone_channels(session)
    with app.store.reading() as session:
        known = subscriptions.guilds_with_subscriptions(session)
    for guild_id, missing_since in known.items():
        if not is_known(guild_id):
            continue
        if guild_id in present:
            if missing_since is not None:
                restore_guild(app, guild_id)
        elif missing_since is None:
            suspend_guild(app, guild_id)
        elif now - missing_since >= PURGED_AFTER:
            purge_guild(app, guild_id)
            _log.warning(
                "The bot has not been in server %d for 30 days: its subscriptions are deleted.", guild_id
            )
