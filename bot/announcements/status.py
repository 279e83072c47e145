"""Proof of delivery: the state of announcing, of each subscription, and of one paper in one channel."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from sqlmodel import Session

from bot.announcements.lease import NAME, AnnouncerLease
from bot.announcements.matcher import NewPapers
from bot.announcements.planner import SPEC
from bot.announcements.results import (
    AnnouncerStatus,
    Explanation,
    Frequency,
    HeldMessage,
    LastPost,
    Reason,
    Subscription,
    SubscriptionStatus,
)
from bot.announcements.subscriptions import resume_channel, subscription_of
from bot.app import App
from bot.errors import RefusedError
from bot.lease import is_dead
from bot.papers.loading import load_papers
from bot.store import outbox, outbox_reports, subscriptions
from bot.store.leases import lease_row
from bot.store.settings import get_setting, put_setting

_RUN_SETTING = "announcer last run"
NOT_HELD = "This message is not held any more; `/notify status` shows how things stand."


def record_run(app: App, lease: AnnouncerLease) -> None:
    """Remember that a round ended without an error."""
    with app.store.writing() as session:
        lease.check(session)
        put_setting(session, _RUN_SETTING, app.clock().isoformat())


def announcer_status(app: App) -> AnnouncerStatus:
    """The state of announcing over all servers."""
    with app.store.reading() as session:
        lease = lease_row(session, NAME)
        last_run = get_setting(session, _RUN_SETTING)
        counts = outbox_reports.count_states(session)
    holder = None
    if lease is not None and lease[1] > app.clock() and not is_dead(lease[0]):
        holder = lease[0].rpartition(":")[0]
    return AnnouncerStatus(
        lease=holder,
        last_run=dt.datetime.fromisoformat(last_run) if last_run is not None else None,
        planned=counts.get("planned", 0) + counts.get("sending", 0),
        sent=counts.get("sent", 0),
        held=counts.get("held", 0),
        failed=counts.get("failed", 0),
    )


def subscription_status(
    app: App, guild_id: int, channel_id: int | None = None
) -> tuple[SubscriptionStatus, ...]:
    """Proof of delivery for each subscription of a server, or of one of its channels."""
    with app.store.reading() as session:
        rows = subscriptions.subscriptions_where(session, guild_id=guild_id, channel_id=channel_id)
        ids = [row.id for row in rows]
        counts = outbox_reports.count_matches(session, ids)
        posts = outbox_reports.last_posts(session, ids)
        blocked = outbox.blocked_channels(session, [row.channel_id for row in rows])
        lowest = min((row.cursor for row in rows if not row.paused), default=None)
        finished = subscriptions.newest_finished(session)
        arrivals = None
        if lowest is not None and lowest < finished:
            arrivals = NewPapers(session, subscriptions.newly_added(session, lowest, finished))
        return tuple(
            _status(
                row,
                counts.get(row.id, {}),
                posts.get(row.id),
                blocked.get(row.channel_id),
                unplanned=_unplanned(row, arrivals),
            )
            for row in rows
        )


def _unplanned(row: Any, arrivals: NewPapers | None) -> int:
    if arrivals is None or row.paused:
        return 0
    return len(arrivals.wanted_by(row.compiled, row.min_score, row.cursor))


def _status(
    row: Any, counts: dict[str, int], post: Any, blocked: Any, *, unplanned: int
) -> SubscriptionStatus:
    on_its_way = counts.get("planned", 0) + counts.get("sending", 0) + unplanned
    on_its_way += 0 if row.paused else counts.get("waiting", 0)
    stuck = on_its_way if blocked is not None else 0
    return SubscriptionStatus(
        subscription=subscription_of(row),
        new=sum(counts.values()) + unplanned,
        waiting=on_its_way - stuck,
        sent=counts.get("sent", 0),
        held=counts.get("held", 0) + stuck,
        failed=counts.get("failed", 0),
        last_post=_post(post),
        channel_trouble=blocked.reason if blocked is not None else None,
        next_try_at=blocked.held_until if blocked is not None else None,
    )


def _post(row: Any) -> LastPost | None:
    if row is None or row.discord_id is None or row.sent_at is None:
        return None
    return LastPost(row.guild_id, row.channel_id, row.discord_id, row.sent_at)


def why(app: App, guild_id: int, channel_id: int, paper_id: int) -> Explanation:
    """Why a paper was or was not posted in a channel; RefusedError where there is no such paper."""
    with app.store.reading() as session:
        paper = load_papers(session, [paper_id]).get(paper_id)
        if paper is None:
            raise RefusedError("This paper is not in the corpus.")
        message = outbox_reports.message_of_paper(session, channel_id, paper_id)
        rows = subscriptions.subscriptions_where(session, guild_id=guild_id, channel_id=channel_id)
        added_at = subscriptions.added_at(session, paper_id)
        arrival = _arrival(session, paper_id, added_at)
        waiting = outbox_reports.waiting_for(session, channel_id, paper_id)
        reasons = tuple(
            Reason(
                subscription_of(row),
                _reason(row, added_at, arrival, told=message is not None, waits=row.id in waiting),
            )
            for row in rows
        )
    if message is not None:
        return Explanation(paper, _told(message), _post(message), reasons)
    if not rows:
        return Explanation(paper, "This channel has no subscription.", None, ())
    return Explanation(paper, "It was not posted here.", None, reasons)


def _arrival(session: Session, paper_id: int, added_at: int | None) -> NewPapers | None:
    if added_at is None:
        return None
    rows = subscriptions.newly_added(session, added_at - 1, added_at)
    return NewPapers(session, [row for row in rows if row.id == paper_id])


def _told(message: Any) -> str:
    shown = "" if message.shown else ", counted among many without being shown"
    match message.state:
        case "sent":
            return f"It was posted here{shown}."
        case "planned" | "sending":
            trouble = f" Until now: {message.error}" if message.error else ""
            return f"It is on its way here{shown}.{trouble}"
        case "held":
            return f"It is held: {message.error or 'it cannot be told whether it was posted.'}"
        case "failed":
            return f"Discord refused the message: {message.error or 'no reason given.'}"
        case _:
            return f"It is not posted (again): {message.error or 'nobody wants it any more.'}"


def _reason(row: Any, added_at: int | None, arrival: NewPapers | None, *, told: bool, waits: bool) -> str:
    if added_at is None or arrival is None:
        return "Its import has not ended; it counts as new then."
    matches = bool(arrival.wanted_by(row.compiled, row.min_score, after=-1))
    known = added_at <= row.baseline
    subscription: Subscription = subscription_of(row)
    if not matches:
        return "It does not match."
    if known and not waits:
        return "It matches, and was known already when the subscription was added or resumed."
    if told:
        return "It matches."
    if row.paused:
        return f"It matches; the subscription is paused: {row.pause_reason or 'by hand.'}"
    waits = waits or added_at > row.cursor
    if waits and subscription.schedule.frequency is not Frequency.INSTANT:
        due = subscription.next_digest_at
        return f"It matches, and waits for the digest{f' at {due:%Y-%m-%d %H:%M} UTC' if due else ''}."
    if waits:
        return "It matches, and is going to be posted soon."
    return "It matches now, and did not when it came."


def count_held(app: App, guild_id: int) -> Mapping[int, int]:
    """How many messages are held or failed in each channel of a server that has any."""
    with app.store.reading() as session:
        return outbox_reports.count_troubled(session, guild_id)


def held_messages(
    app: App,
    guild_id: int,
    channel_ids: Collection[int] | None = None,
    *,
    start: int = 0,
    limit: int | None = None,
) -> tuple[HeldMessage, ...]:
    """A server's messages that are held or failed, or those of some of its channels, newest first."""
    with app.store.reading() as session:
        rows = outbox_reports.troubled_messages(session, guild_id, channel_ids, start=start, limit=limit)
        return tuple(
            HeldMessage(
                id=row.id,
                channel_id=row.channel_id,
                papers=SPEC.validate_python(row.spec).papers,
                state=row.state,
                error=row.error,
                last_attempt_at=row.last_attempt_at,
            )
            for row in rows
        )


def channel_of_held(app: App, guild_id: int, message_id: int) -> int:
    """The channel of a held or failed message; RefusedError where it is neither, or of another server."""
    with app.store.reading() as session:
        row = outbox.message_by_id(session, message_id)
    if row is None or row.guild_id != guild_id or row.state not in outbox_reports.TROUBLED:
        raise RefusedError(NOT_HELD)
    return row.channel_id


def retry_held(app: App, guild_id: int, message_id: int) -> None:
    """Post a held or failed message after all, as a person decides; RefusedError where it is neither."""
    with app.store.writing() as session:
        row = outbox.message_by_id(session, message_id)
        if row is None or row.guild_id != guild_id:
            raise RefusedError("There is no such message in this server.")
        changed = outbox.change_message(
            session,
            message_id,
            only_in=outbox_reports.TROUBLED,
            state="planned",
            first_attempt_at=None,
            next_attempt_at=None,
            error=None,
        )
        if not changed:
            raise RefusedError(NOT_HELD)
        outbox.free_channel(session, row.channel_id, only_gone=True)


def try_channel_again(app: App, guild_id: int, channel_id: int) -> None:
    """Try a channel that refused messages at once, as a person has mended what was in the way."""
    with app.store.writing() as session:
        if subscriptions.subscriptions_where(session, guild_id=guild_id, channel_id=channel_id):
            outbox.free_channel(session, channel_id)
            outbox.forget_waits(session, channel_id)
    resume_channel(app, guild_id, channel_id)
