"""Subscriptions: added, changed, paused and removed by people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlmodel import Session

from bot.announcements.citing import newest_known, shown_work
from bot.announcements.markers import database_tag
from bot.announcements.matcher import (
    ENTRY,
    EVENTS_ONLY,
    NAMES,
    Candidate,
    NewPapers,
    names_of_authors,
    plan_messages,
    taste_for,
)
from bot.announcements.planner import let_wait
from bot.announcements.prospects import with_doubts
from bot.announcements.results import AddedSubscription, Filters, Preview, Schedule, Subscription
from bot.announcements.schedule import completed, next_digest
from bot.app import App
from bot.corpus.events import EventKind
from bot.corpus.identity import normalise_arxiv_id, normalise_doi
from bot.errors import RefusedError, SearchUnusableError
from bot.papers.loading import load_papers
from bot.papers.results import SearchRequest
from bot.papers.search import PART_AWAY
from bot.papers.search import request_filters as options_of
from bot.search.query import parse_query
from bot.search.standing_queries import Fixed, fix_query
from bot.store import blocked_channels, events, subscriptions, votes, waiting, withdrawal
from bot.store.authors import entries_of, living_entry
from bot.store.citing_works import CitingSubscription
from bot.store.corrections import load_corrections
from bot.store.imports import latest_revision, lock_corpus
from bot.store.models import NO_SERVER, PAUSED_BY_HAND, DigestOrder, MessageKind, PlaceKind
from bot.store.papers import count_papers, living_papers
from bot.store.subscriptions import AddedPaper, PingedRole, StoredSubscription

MOST_PER_CHANNEL = 25
MANY = f"This channel has {MOST_PER_CHANNEL} subscriptions; remove one first."
MANY_ALERTS = f"You have {MOST_PER_CHANNEL} alerts; remove one first."
PREVIEW_DAYS = 30
PREVIEW_PAPERS = 5
UNKNOWN = "There is no such subscription in this server; `/notify list` shows those there are."


def fixed_query(app: App, filters: Filters) -> Fixed:
    """The filters as a fixed query; RefusedError where they name what cannot be.

    Raises:
        SearchUnusableError: How some papers spell the words is not known at present.

    """
    app.index.catch_up(app.store)
    snapshot = app.index.snapshot()
    codes = snapshot.field_codes if snapshot is not None else ()
    query = parse_query(filters.query, codes, app.clock().date())
    if filters.query.strip() and query.is_empty:
        raise RefusedError("query: there is no word in it to look for.")
    if query.paper_id is not None or is_about_one_paper(filters.query):
        raise RefusedError(
            "query: a subscription looks for new papers by words, author and field; "
            "it cannot mean one paper, or those similar to one."
        )
    author = filters.author if filters.author_id is None else None
    request = SearchRequest(query=filters.query, field=filters.field, author=author, code=filters.code)
    options = options_of(request, codes)
    whole = replace(query, filters=(*query.filters, *options))
    if snapshot is None:
        fixed = fix_query(whole)
    else:
        fixed = snapshot.answered(lambda asked: fix_query(whole, asked))
        if snapshot.engine.is_incomplete:
            raise SearchUnusableError(PART_AWAY)
    if filters.citing is not None and filters != Filters(
        citing=filters.citing,
        citing_paper_id=filters.citing_paper_id,
        citing_author_id=filters.citing_author_id,
    ):
        raise RefusedError("citing: it goes with no other filter; it hears of all that newly cites it.")
    if filters.published and (filters.author is None or filters.retractions):
        raise RefusedError("published: it goes with author, and says when preprints of that author appeared.")
    if filters.retractions or filters.citing is not None:
        fixed |= {EVENTS_ONLY: True}
    if filters.author_id is None:
        return fixed
    with app.store.reading() as session:
        names = names_of_authors(session, [filters.author_id])[filters.author_id]
    return fixed | {ENTRY: filters.author_id, NAMES: sorted(names)}


def is_about_one_paper(query: str) -> bool:
    """Whether a search asks for one paper, or for those similar to one, which no subscription can mean."""
    words = query.strip().casefold()
    return words.startswith(("paper:", "similar:")) or bool(normalise_arxiv_id(words) or normalise_doi(words))


def _columns(filters: Filters, schedule: Schedule) -> dict[str, Any]:
    """The columns of the table that a person sets."""
    return {
        "query": filters.query,
        "author": filters.author,
        "author_id": filters.author_id,
        "field": filters.field,
        "code": filters.code,
        "min_score": filters.min_score,
        "retractions": filters.retractions or False,
        "published": filters.published or False,
        "citing": filters.citing,
        "citing_paper_id": filters.citing_paper_id,
        "citing_author_id": filters.citing_author_id,
        "frequency": schedule.frequency,
        "day": schedule.day,
        "at": schedule.at,
        "timezone": schedule.timezone,
        "digest_order": schedule.order,
        "delay_days": schedule.delay,
    }


def add(
    app: App,
    *,
    guild_id: int,
    channel_id: int,
    creator_id: int,
    filters: Filters,
    place: PlaceKind = PlaceKind.CHANNEL,
    parent_id: int | None = None,
    schedule: Schedule = Schedule(),  # noqa: B008 - it is frozen
    role_id: int | None = None,
    thread: bool = False,
    publish: bool = False,
    paused: bool = False,
    preview_days: int = PREVIEW_DAYS,
) -> AddedSubscription:
    """Add a subscription; what the corpus has at this moment is its baseline, of which nothing is posted.

    `parent_id` is the channel of a thread. For direct messages `guild_id` is `NO_SERVER`, and
    `channel_id` the person's conversation with the bot.

    Raises:
        RefusedError: a filter or the time cannot be, or the channel has it already.

    """
    compiled = fixed_query(app, filters)
    schedule = completed(schedule)
    recent = preview(app, filters, compiled, guild_id=guild_id, order=schedule.order, days=preview_days)
    now = app.clock()
    with app.store.writing() as session:
        present = subscriptions.subscriptions_where(session, channel_id=channel_id)
        if len(present) >= MOST_PER_CHANNEL:
            raise RefusedError(MANY_ALERTS if place is PlaceKind.DIRECT else MANY)
        _refuse_duplicate(present, filters, schedule)
        # A person sees it, so it is not gone.
        blocked_channels.free_channel(session, channel_id, only_gone=True)
        # Made now at the latest, so that every copy of the database that can post has the same.
        database_tag(session)
        baseline = _revision(session)
        parts = known_parts(session, filters.author_id, baseline)
        subscription_id = subscriptions.add_subscription(
            session,
            guild_id=guild_id,
            channel_id=channel_id,
            place=place,
            parent_id=parent_id,
            creator_id=creator_id,
            created_at=now,
            compiled=compiled,
            role_id=role_id,
            thread=thread,
            publish=publish,
            paused=paused,
            pause_reason=PAUSED_BY_HAND if paused else None,
            baseline=baseline,
            cursor=baseline,
            recheck_after=baseline,
            next_digest_at=next_digest(schedule, now),
            author_parts=parts,
            **_columns(filters, schedule),
        )
        row = subscriptions.subscriptions_where(session, ids=[subscription_id])[0]
        known = count_papers(session)
    [added] = with_doubts(app, [Subscription.of(row)])
    return AddedSubscription(added, known, recent)


def known_parts(session: Session, author_id: int | None, upto: int) -> list[int] | None:
    """Who stood under an author's entry and has papers of before; None where no author is followed."""
    if author_id is None:
        return None
    return sorted(parts_of(session, author_id, upto))


def parts_of(session: Session, author_id: int, upto: int) -> dict[int, str]:
    """The people who stood under an author's entry, with papers that were there at a revision."""
    corrections = load_corrections(session)
    person = living_entry(session, corrections, author_id)
    return subscriptions.parts_of_author(session, entries_of(session, corrections, [person, author_id]), upto)


def _refuse_duplicate(
    present: Sequence[StoredSubscription], filters: Filters, schedule: Schedule, but: int | None = None
) -> None:
    for row in present:
        if row.id != but and Filters.of(row) == filters and Schedule.of(row).posts_as(schedule):
            if row.place is PlaceKind.DIRECT:
                ended = ", and has ended; `/alerts list` starts it again" if row.paused else ""
                raise RefusedError(f"You have that alert already: it is number {row.id}{ended}.")
            raise RefusedError(f"This channel has that subscription already: it is number {row.id}.")


def list_all(app: App, guild_id: int, channel_id: int | None = None) -> tuple[Subscription, ...]:
    """The subscriptions of a server, or of one of its channels, oldest first."""
    with app.store.reading() as session:
        rows = subscriptions.subscriptions_where(session, guild_id=guild_id, channel_id=channel_id)
        return tuple(Subscription.of(row) for row in rows)


def get(app: App, guild_id: int, subscription_id: int) -> Subscription:
    """One subscription of a server; RefusedError where it has none of that id."""
    with app.store.reading() as session:
        return Subscription.of(_own(session, guild_id, subscription_id))


def parent_of(app: App, channel_id: int) -> int | None:
    """The channel of a thread that has subscriptions; None where it is no thread, or has none."""
    with app.store.reading() as session:
        rows = subscriptions.subscriptions_where(session, channel_id=channel_id)
    return next((row.parent_id for row in rows), None)


def edit(
    app: App,
    guild_id: int,
    subscription_id: int,
    *,
    filters: Filters,
    schedule: Schedule,
    role_id: int | None,
    thread: bool,
    publish: bool | None = None,
    version: int | None = None,
) -> Subscription:
    """Change all that a person may change.

    Papers that wait to be posted are planned again by what it is now; others that it has considered
    are not considered again. `version` is that of the subscription as the person saw it.

    Raises:
        RefusedError: a filter or the time cannot be, nothing would change, the channel has another such
            subscription, or somebody changed this one meanwhile.

    """
    compiled, schedule = fixed_query(app, filters), completed(schedule)
    now = app.clock()
    with app.store.writing() as session:
        before = _own(session, guild_id, subscription_id, locked=True)
        now_is = Filters.of(before)
        publish = before.publish if publish is None else publish
        if version not in {None, before.version}:
            raise RefusedError(
                f"Somebody changed subscription {subscription_id} at the same time; it looks for "
                f"“{now_is.words}” now. Nothing was changed by you: give the command again "
                "if you still want it."
            )
        if (now_is, Schedule.of(before), before.role_id, before.thread, before.publish) == (
            filters,
            schedule,
            role_id,
            thread,
            publish,
        ):
            raise RefusedError("Nothing of it would change: give an option that it is to have otherwise.")
        present = subscriptions.subscriptions_where(session, channel_id=before.channel_id)
        _refuse_duplicate(present, filters, schedule, but=subscription_id)
        subscriptions.change_subscription(
            session,
            subscription_id,
            compiled=compiled,
            role_id=role_id,
            role_trouble=before.role_trouble if role_id == before.role_id else None,
            thread=thread,
            publish=publish,
            # What it has considered by other filters is not considered again, whatever changes of it.
            recheck_after=before.recheck_after if filters == now_is else before.cursor,
            author_parts=before.author_parts
            if filters.author_id == now_is.author_id
            else known_parts(session, filters.author_id, before.baseline),
            **_columns(filters, schedule),
        )
        withdrawal.withdraw_from_subscription(session, subscription_id, "The subscription was changed.")
        if filters != now_is:
            waiting.forget_waiting(session, subscription_id)
        due = next_digest(schedule, now)
        if Schedule.of(before).posts_as(schedule):
            # A digest that was due is made again.
            due = now if withdrawal.has_waiting_digest(session, subscription_id) else before.next_digest_at
        subscriptions.change_subscription(session, subscription_id, next_digest_at=due)
        after = Subscription.of(_own(session, guild_id, subscription_id))
    [changed] = with_doubts(app, [after])
    return changed


def pinged_roles(app: App, guild_id: int | None = None) -> Sequence[PingedRole]:
    """The roles of the subscriptions of a server, or of all."""
    with app.store.reading() as session:
        return subscriptions.pinged_roles(session, guild_id)


def record_roles(app: App, troubles: Mapping[PingedRole, str | None]) -> None:
    """Record why roles are not pinged, or that they are; what waits is planned again without a ping."""
    now = app.clock()
    changed = {role: trouble for role, trouble in troubles.items() if role.trouble != trouble}
    if not changed:
        return
    with app.store.writing() as session:
        ids = [role.subscription_id for role in changed]
        rows = {row.id: row for row in subscriptions.subscriptions_where(session, ids=ids, locked=True)}
        for role, trouble in changed.items():
            row = rows.get(role.subscription_id)
            if row is None or row.role_id != role.role_id:
                continue  # a person was quicker
            due = row.next_digest_at
            if trouble is not None and row.role_trouble is None:
                withdrawal.withdraw_from_subscription(session, row.id, f"Its role is not pinged: {trouble}")
                if withdrawal.has_waiting_digest(session, row.id):
                    due = now
            subscriptions.change_subscription(session, row.id, role_trouble=trouble, next_digest_at=due)


def pause(app: App, guild_id: int, subscription_id: int) -> Subscription:
    """Post nothing more for it until it is resumed.

    What is planned for it alone is dropped; what came before and waits, as for a digest, goes on waiting.
    """
    while True:
        with app.store.reading() as session:
            before = _own(session, guild_id, subscription_id)
            revision = _revision(session)
            waiting = [] if _is_paused_by_hand(before) else _unconsidered(session, before, revision)
        with app.store.writing() as session:
            lock_corpus(session)
            row = _own(session, guild_id, subscription_id, locked=True)
            if (row.version, row.cursor) != (before.version, before.cursor):
                continue  # it was changed or planned for meanwhile
            if not _is_paused_by_hand(row):
                _keep_waiting(session, row, waiting, app.clock())
                subscriptions.change_subscription(session, subscription_id, cursor=revision)
            subscriptions.change_subscription(
                session, subscription_id, paused=True, pause_reason=PAUSED_BY_HAND
            )
            withdrawal.withdraw_from_subscription(session, subscription_id, "The subscription was paused.")
            return Subscription.of(_own(session, guild_id, subscription_id))


def _unconsidered(session: Session, row: StoredSubscription, revision: int) -> list[int]:
    """The papers that a subscription matches and that nothing was planned for yet."""
    if row.cursor >= subscriptions.newest_finished(session):
        return []
    new_papers = NewPapers(session, subscriptions.newly_added(session, row.cursor, revision))
    new_papers.find_authors(session, [row.compiled])
    return new_papers.matching(row.compiled, row.min_score, row.cursor)


def _keep_waiting(session: Session, row: StoredSubscription, papers: Sequence[int], now: dt.datetime) -> None:
    """Let papers wait for a subscription that is being paused, as its cursor moves past them."""
    living = living_papers(session, papers)
    wanted = {living.get(paper, paper) for paper in papers}
    wanted -= withdrawal.matched_papers(session, row.id, wanted)
    if not wanted:
        return
    let_wait(session, MessageKind.WAITING, [(row, paper) for paper in sorted(wanted)], now)


def resume(app: App, guild_id: int, subscription_id: int) -> Subscription:
    """Go on: what came while a person had paused it is not posted, what came while the bot had is."""
    now = app.clock()
    with app.store.writing() as session:
        row = _own(session, guild_id, subscription_id, locked=True)
        changes: dict[str, Any] = {"paused": False, "pause_reason": None}
        due = row.next_digest_at
        if _is_paused_by_hand(row):
            revision = _revision(session)
            changes |= {"baseline": revision, "cursor": revision, "recheck_after": revision}
            due = next_digest(Schedule.of(row), now)
        if withdrawal.has_waiting_digest(session, subscription_id):
            due = now
        subscriptions.change_subscription(session, subscription_id, **changes, next_digest_at=due)
        # Whatever stood in the way of the channel is tried anew.
        blocked_channels.free_channel(session, row.channel_id)
        if row.paused and not _is_paused_by_hand(row):
            withdrawal.reopen_channel(session, row.channel_id)
        return Subscription.of(_own(session, guild_id, subscription_id))


def resume_channel(app: App, guild_id: int, channel_id: int) -> None:
    """Go on with all subscriptions of a channel that the bot itself had paused."""
    for each in list_all(app, guild_id, channel_id):
        if paused_by_bot(each):
            resume(app, guild_id, each.id)


def paused_by_bot(subscription: Subscription) -> bool:
    """Whether the bot itself paused it, and no person."""
    return subscription.paused and subscription.pause_reason not in {None, PAUSED_BY_HAND}


def _is_paused_by_hand(row: StoredSubscription) -> bool:
    return row.paused and row.pause_reason in {None, PAUSED_BY_HAND}


def remove(app: App, guild_id: int, subscription_id: int) -> Subscription:
    """Delete it; what is planned for it alone is dropped."""
    with app.store.writing() as session:
        row = _own(session, guild_id, subscription_id, locked=True)
        withdrawal.withdraw_from_subscription(session, subscription_id, "The subscription was removed.")
        subscriptions.remove_subscriptions(session, [subscription_id])
        return Subscription.of(row)


def preview(
    app: App,
    filters: Filters,
    compiled: Fixed | None = None,
    *,
    guild_id: int = NO_SERVER,
    order: DigestOrder = DigestOrder.ARRIVED,
    days: int = PREVIEW_DAYS,
) -> Preview:
    """What would have been posted of the papers that came in the last days; nothing is.

    The first of them, as a digest of the server in an order has them; as they came, the newest.
    """
    fixed = compiled if compiled is not None else fixed_query(app, filters)
    since = app.clock() - dt.timedelta(days=days)
    with app.store.reading() as session:
        if filters.citing is not None:
            wanted = CitingSubscription(0, filters.citing_paper_id, filters.citing_author_id, 0)
            works = newest_known(session, wanted)
            known = tuple(map(shown_work, works[:PREVIEW_PAPERS]))
            return Preview(days, len(works), (), 0, known=known)
        rows = subscriptions.added_since(session, since)
        if filters.retractions:
            rows = _noticed_since(session, since)
        new_papers = NewPapers(session, rows)
        new_papers.find_authors(session, [fixed])
        if filters.retractions:
            found = new_papers.described(fixed, filters.min_score)
        else:
            found = new_papers.matching(fixed, filters.min_score, after=-1)
        found.sort(key=new_papers.order.__getitem__)
        candidate = Candidate(
            subscription_id=0,
            words=filters.words,
            digest=order is not DigestOrder.ARRIVED,
            role_id=None,
            thread=False,
            command=filters.command,
            matched=found,
            order=order,
        )
        given = votes.counts_in(session, guild_id, found) if order is DigestOrder.VOTES else {}
    taste = taste_for(app, guild_id, [candidate], new_papers.rank)
    messages = plan_messages([candidate], (), new_papers.order, new_papers.rank, given, taste)
    is_ranked = order is DigestOrder.VOTES or taste is not None
    first = (
        messages[0].spec.papers[:PREVIEW_PAPERS] if is_ranked and messages else found[-PREVIEW_PAPERS:][::-1]
    )
    with app.store.reading() as session:
        papers = tuple(load_papers(session, first).values())
    if not messages:
        return Preview(days, 0, (), 0)
    spec = messages[0].spec
    return Preview(days, len(found), papers, len(messages), order, spec.by_taste, spec.likes, spec.votes)


def _noticed_since(session: Session, moment: dt.datetime) -> Sequence[AddedPaper]:
    """The papers of the corpus of which retractions and corrections became known after a moment."""
    revision = _revision(session)
    found = events.events_since(session, subscriptions.revision_before(session, moment), revision)
    papers = list(dict.fromkeys(one.paper_id for one in found if one.kind is not EventKind.PUBLISHED))
    return subscriptions.added_before(session, papers, revision)


def _own(
    session: Session, guild_id: int, subscription_id: int, *, locked: bool = False
) -> StoredSubscription:
    rows = subscriptions.subscriptions_where(session, guild_id=guild_id, ids=[subscription_id], locked=locked)
    if not rows:
        raise RefusedError(UNKNOWN)
    return rows[0]


def _revision(session: Session) -> int:
    latest = latest_revision(session)
    return latest.number if latest is not None else 0
