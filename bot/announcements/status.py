"""What was delivered: the state of the outbox, of each subscription, and of one paper in one channel."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from sqlmodel import Session

from bot.announcements.matcher import NewPapers
from bot.announcements.outbox import LEASE, NO_THREAD, NOT_PUBLISHED
from bot.announcements.results import (
    AnnouncerStatus,
    DeliveredPage,
    Explanation,
    HeldMessage,
    LastPost,
    Reason,
    Subscription,
    SubscriptionStatus,
    Unfinished,
    read_spec,
)
from bot.announcements.subscriptions import parts_of, resume_channel
from bot.app import App
from bot.errors import RefusedError
from bot.lease import Lease
from bot.papers.loading import load_papers
from bot.store import blocked_channels, outbox, outbox_reports, subscriptions
from bot.store.blocked_channels import BlockedChannel
from bot.store.leases import is_dead, lease_holder
from bot.store.models import Frequency, MessageState
from bot.store.outbox import OutboxMessage
from bot.store.outbox_reports import UnfinishedMessage
from bot.store.settings import get_setting, put_setting
from bot.store.subscriptions import StoredSubscription

UNFINISHED_FOR = dt.timedelta(days=7)
"""For how long it is said that a message lacks its thread, or was not published."""
_RUN_SETTING = "announcer last run"
DELIVERED_PAGE = 10
NOT_HELD = "This message is not held any more; `/notify status` shows how things stand."


def record_run(app: App, lease: Lease) -> None:
    """Remember that a round ended without an error."""
    with app.store.writing() as session:
        lease.check(session)
        put_setting(session, _RUN_SETTING, app.clock().isoformat())


def announcer_status(app: App) -> AnnouncerStatus:
    """The state of announcing over all servers."""
    with app.store.reading() as session:
        holder = lease_holder(session, LEASE)
        last_run = get_setting(session, _RUN_SETTING)
        counts = outbox_reports.count_states(session)
    holds = holder is not None and holder.expires_at > app.clock() and not is_dead(holder.name)
    return AnnouncerStatus(
        lease=holder.name.rpartition(":")[0] if holder is not None and holds else None,
        last_run=dt.datetime.fromisoformat(last_run) if last_run is not None else None,
        planned=_on_its_way(counts),
        sent=counts.get(MessageState.SENT, 0),
        held=counts.get(MessageState.HELD, 0),
        failed=counts.get(MessageState.FAILED, 0),
    )


def _on_its_way(counts: Mapping[str, int]) -> int:
    return sum(counts.get(state, 0) for state in outbox.ON_ITS_WAY)


def subscription_status(
    app: App, guild_id: int, channel_id: int | None = None
) -> tuple[SubscriptionStatus, ...]:
    """What became of the papers of each subscription of a server, or of one of its channels."""
    with app.store.reading() as session:
        rows = subscriptions.subscriptions_where(session, guild_id=guild_id, channel_id=channel_id)
        ids = [row.id for row in rows]
        counts = outbox_reports.count_matches(session, ids)
        posts = outbox_reports.last_posts(session, ids)
        channels = {row.channel_id for row in rows}
        blocked = blocked_channels.blocked_channels(session, list(channels))
        since = app.clock() - UNFINISHED_FOR
        unfinished = _unfinished(outbox_reports.unfinished_messages(session, channels, since))
        lowest = min((row.cursor for row in rows if not row.paused), default=None)
        finished = subscriptions.newest_finished(session)
        new_papers = None
        if lowest is not None and lowest < finished:
            new_papers = NewPapers(session, subscriptions.newly_added(session, lowest, finished))
            new_papers.find_authors(session, [row.compiled for row in rows])
        return tuple(
            _status(
                row,
                counts.get(row.id, {}),
                posts.get(row.id),
                blocked.get(row.channel_id),
                unfinished.get(row.channel_id),
                unplanned=_unplanned(row, new_papers),
                parted=_parted(session, row),
            )
            for row in rows
        )


def _unplanned(row: StoredSubscription, new_papers: NewPapers | None) -> int:
    if new_papers is None or row.paused:
        return 0
    return len(new_papers.matching(row.compiled, row.min_score, row.cursor))


def _status(
    row: StoredSubscription,
    counts: Mapping[str, int],
    post: OutboxMessage | None,
    blocked: BlockedChannel | None,
    unfinished: Unfinished | None,
    *,
    unplanned: int,
    parted: Mapping[int, str],
) -> SubscriptionStatus:
    on_its_way = _on_its_way(counts) + unplanned
    on_its_way += 0 if row.paused else counts.get(outbox_reports.WAITING, 0)
    stuck = on_its_way if blocked is not None else 0
    return SubscriptionStatus(
        subscription=Subscription.of(row),
        new=sum(counts.values()) + unplanned,
        waiting=on_its_way - stuck,
        sent=counts.get(MessageState.SENT, 0),
        held=counts.get(MessageState.HELD, 0) + stuck,
        failed=counts.get(MessageState.FAILED, 0),
        last_post=_post(post),
        channel_trouble=blocked.reason if blocked is not None else None,
        next_try_at=blocked.held_until if blocked is not None else None,
        unfinished=unfinished,
        parted=parted,
    )


def _parted(session: Session, row: StoredSubscription) -> dict[int, str]:
    """The people who stood under the author whom a subscription follows, and have not been named yet."""
    if row.author_id is None:
        return {}
    named = set(row.author_parts or ())
    found = parts_of(session, row.author_id, row.baseline)
    return {entry: name for entry, name in found.items() if entry not in named}


def record_named(app: App, statuses: Sequence[SubscriptionStatus]) -> None:
    """Record that the people who stand apart from an author by now were named to who follows them."""
    named = {one.subscription.id: one.parted for one in statuses if one.parted}
    if not named:
        return
    with app.store.writing() as session:
        for row in subscriptions.subscriptions_where(session, ids=list(named), locked=True):
            parts = sorted({*(row.author_parts or ()), *named[row.id]})
            subscriptions.add_named_parts(session, row.id, parts)


def _unfinished(messages: Sequence[UnfinishedMessage]) -> dict[int, Unfinished]:
    """What the posted messages of each channel lack."""
    found: dict[int, Unfinished] = {}
    for one in messages:
        before = found.get(one.channel_id, Unfinished(0, 0, 0, None))
        error = one.error or ""
        found[one.channel_id] = Unfinished(
            without_thread=before.without_thread + (NO_THREAD in error),
            to_publish=before.to_publish + one.publish,
            unpublished=before.unpublished + (not one.publish and NOT_PUBLISHED in error),
            trouble=one.error or before.trouble,
        )
    return found


def _post(message: OutboxMessage | None) -> LastPost | None:
    if message is None or message.discord_id is None or message.sent_at is None:
        return None
    stands_in = message.posted_in or message.channel_id
    return LastPost(message.guild_id, stands_in, message.discord_id, message.sent_at)


def last_posts(app: App, subscription_ids: Sequence[int]) -> Mapping[int, LastPost]:
    """The newest message of each of these subscriptions that has one."""
    with app.store.reading() as session:
        found = outbox_reports.last_posts(session, subscription_ids)
    posts = {subscription_id: _post(message) for subscription_id, message in found.items()}
    return {subscription_id: post for subscription_id, post in posts.items() if post is not None}


def why(app: App, guild_id: int, channel_id: int, paper_id: int) -> Explanation:
    """Why a paper was or was not posted in a channel; RefusedError where there is no such paper."""
    with app.store.reading() as session:
        paper = load_papers(session, [paper_id]).get(paper_id)
        if paper is None:
            raise RefusedError("This paper is not in the corpus.")
        found = outbox_reports.message_of_paper(session, channel_id, paper_id)
        rows = subscriptions.subscriptions_where(session, guild_id=guild_id, channel_id=channel_id)
        added_at = subscriptions.added_at(session, paper_id)
        added = _as_new(session, paper_id, added_at, rows)
        waiting = outbox_reports.waiting_for(session, channel_id, paper_id)
        reasons = tuple(
            Reason(
                Subscription.of(row),
                _reason(row, added_at, added, has_message=found is not None, waits=row.id in waiting),
            )
            for row in rows
        )
    if found is not None:
        message, shown = found
        return Explanation(paper, _state_sentence(message, shown=shown), _post(message), reasons)
    if not rows:
        return Explanation(paper, "This channel has no subscription.", None, ())
    return Explanation(paper, "It was not posted here.", None, reasons)


def _as_new(
    session: Session, paper_id: int, added_at: int | None, rows: Sequence[StoredSubscription]
) -> NewPapers | None:
    if added_at is None:
        return None
    papers = subscriptions.newly_added(session, added_at - 1, added_at)
    new_papers = NewPapers(session, [paper for paper in papers if paper.id == paper_id])
    new_papers.find_authors(session, [row.compiled for row in rows])
    return new_papers


def _state_sentence(message: OutboxMessage, *, shown: bool) -> str:
    counted = "" if shown else ", counted among many without being shown"
    match message.state:
        case MessageState.SENT:
            return f"It was posted here{counted}."
        case MessageState.PLANNED | MessageState.SENDING:
            trouble = f" Until now: {message.error}" if message.error else ""
            return f"It is on its way here{counted}.{trouble}"
        case MessageState.HELD:
            return f"It is held: {message.error or 'it cannot be told whether it was posted.'}"
        case MessageState.FAILED:
            return f"Discord refused the message: {message.error or 'no reason given.'}"
        case MessageState.DROPPED:
            return f"It is not posted (again): {message.error or 'nobody wants it any more.'}"


def _reason(
    row: StoredSubscription,
    added_at: int | None,
    added: NewPapers | None,
    *,
    has_message: bool,
    waits: bool,
) -> str:
    if added_at is None or added is None:
        return "Its import has not ended; it counts as new then."
    if not added.matching(row.compiled, row.min_score, after=-1):
        return "It does not match."
    if added_at <= row.baseline and not waits:
        return "It matches, and was known already when the subscription was added or resumed."
    if has_message:
        return "It matches."
    if row.paused:
        return f"It matches; the subscription is paused: {row.pause_reason or 'by hand.'}"
    if not waits and added_at <= row.cursor:
        return "It matches now, and did not when it came."
    if row.frequency is Frequency.INSTANT:
        return "It matches, and is going to be posted soon."
    if row.delay_days:
        return f"It matches, and waits for a digest that is {row.delay_days} days or more after it came."
    due = row.next_digest_at
    return f"It matches, and waits for the digest{f' at {due:%Y-%m-%d %H:%M} UTC' if due else ''}."


def refusing_channels(app: App, guild_id: int) -> Mapping[int, str]:
    """The channels of a server that have subscriptions and refuse messages at present, and why."""
    with app.store.reading() as session:
        rows = subscriptions.subscriptions_where(session, guild_id=guild_id)
        blocked = blocked_channels.blocked_channels(session, [row.channel_id for row in rows])
        return {one.channel_id: one.reason for one in blocked.values() if one.held_until is not None}


def delivered_page(app: App, nonce: str, page: int) -> DeliveredPage | None:
    """A page of what a message delivers, in an order that does not change; None where nothing is known of it.

    What it shows comes first, then the others as they came.
    """
    with app.store.reading() as session:
        message = outbox.message_by_nonce(session, nonce)
        if message is None:
            return None
        delivered = set(outbox.papers_of_message(session, message.id))
        spec = read_spec(message.spec)
        shown = [paper_id for paper_id in spec.papers if paper_id in delivered]
        ids = [*shown, *sorted(delivered.difference(shown))]
        pages = -(-len(ids) // DELIVERED_PAGE)
        page = min(max(1, page), pages)
        papers = load_papers(session, ids[(page - 1) * DELIVERED_PAGE : page * DELIVERED_PAGE])
    return DeliveredPage(nonce, spec, len(ids), page, pages, tuple(papers.values())) if ids else None


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
                papers=read_spec(row.spec).papers,
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
            state=MessageState.PLANNED,
            first_attempt_at=None,
            next_attempt_at=None,
            error=None,
        )
        if not changed:
            raise RefusedError(NOT_HELD)
        blocked_channels.free_channel(session, row.channel_id, only_gone=True)


def try_channel_again(app: App, guild_id: int, channel_id: int) -> None:
    """Try a channel that refused messages at once, as a person has mended what was in the way."""
    with app.store.writing() as session:
        if subscriptions.subscriptions_where(session, guild_id=guild_id, channel_id=channel_id):
            blocked_channels.free_channel(session, channel_id)
            outbox.forget_waits(session, channel_id)
    resume_channel(app, guild_id, channel_id)
