"""Cards about subscriptions: lists, changes, previews and what was delivered."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import discord

from bot.announcements.results import (
    AddedSubscription,
    DeliveredPage,
    DigestOrder,
    Explanation,
    Frequency,
    ImportedSubscriptions,
    LastPost,
    Preview,
    Schedule,
    Subscription,
)
from bot.discord_app.buttons import Control, Menu, Row
from bot.discord_app.limits import Card, Passage
from bot.discord_app.safe_text import fit, plain, safe
from bot.discord_app.time_zones import zone_words
from bot.discord_app.times import DAYS
from bot.discord_app.wording import (
    NO_TASTE,
    ago,
    author_words,
    fact_words,
    like_words,
    title_words,
)
from bot.papers.results import Paper
from bot.store.models import PlaceKind
from bot.text.counting import counted
from cogs.notify.citations import known_words
from cogs.papers.buttons import DetailsButton

MAX_FILTERS = 150
MAX_LISTED = 100
MAX_REASON = 300
LIST_PAGE = 8
"""So few that each is shown however long it is, beside what `answer` adds."""
MAX_ADDED = 10
FIRST_AUTHORS = 3
CHECKED_PAGE = 8
MAX_MISSING = 400

CHANNEL = r"[1-9][0-9]{0,19}"
SHOWN = rf"(?P<only>0|{CHANNEL}):(?P<page>[0-9]{{1,5}})"
"""Of one channel or, with 0, of all; and which page."""

T = TypeVar("T")

NO_ALERTS = (
    "You have no alerts. `/alerts add` sends you new papers as direct messages; "
    "so does “Notify me” under a search."
)
CITATIONS_KNOWN = (
    "OpenAlex, Semantic Scholar and OpenCitations are asked within the hour what cites it, and then each "
    "day or week. What each names first is known; you will hear of what comes later, each work once, "
    "self-citations marked."
)
NOT_HEARD_HERE = "This channel is told of no new papers."
EMPTY = "No channel is told of new papers yet. `/notify add` tells this one, or another, of those that match."


@dataclass(frozen=True, slots=True)
class Shown:
    """Which part of a server's list a card shows, as the custom_ids of its buttons say it."""

    channel_id: int | None = None
    """The only channel; None: all of the server."""
    page: int = 1

    @property
    def words(self) -> str:
        """The part of a custom_id that `SHOWN` matches."""
        return f"{self.channel_id or 0}:{self.page}"

    @classmethod
    def of(cls, given: re.Match[str]) -> Shown:
        """What a custom_id says; all of the server from its beginning where it is one that says nothing."""
        only, page = given["only"], given["page"]
        return cls() if only is None else cls(int(only) or None, int(page))

    def within(self, pages: int) -> Shown:
        """The same, on the nearest page that there is."""
        return Shown(self.channel_id, min(max(1, self.page), pages))


def pages_of(count: int, size: int) -> int:
    """How many pages so many entries fill, at least one."""
    return max(1, -(-count // size))


def part_of(entries: Sequence[T], page: int, size: int) -> Sequence[T]:
    """The entries of a page, the first of which is 1."""
    return entries[(page - 1) * size : page * size]


Turns = Callable[[Shown, int], Row]
"""(what is shown, how many pages there are) -> back and forth."""
ControlOf = Callable[[int, Shown], Control]
"""(an id, what is shown) -> its button."""


def filter_words(subscription: Subscription, limit: int = MAX_FILTERS) -> str:
    """What a subscription asks for, in quotes."""
    return f"“{fit(safe(subscription.filters.words), limit)}”"


RANKED = {
    DigestOrder.ARRIVED: "",
    DigestOrder.VOTES: ", ranked by votes",
    DigestOrder.TASTE: ", ranked by the group’s taste",
}


def schedule_words(schedule: Schedule) -> str:
    """When a subscription posts: "at once", "every Monday at 09:00 (Europe/Berlin)"."""
    if schedule.frequency is Frequency.INSTANT:
        return "at once"
    day = "day" if schedule.frequency is Frequency.DAILY else DAYS[schedule.day or 0]
    words = f"every {day} at {schedule.at} ({safe(zone_words(schedule.timezone))})"
    words += RANKED[schedule.order]
    return words + (f", once they are here for {counted(schedule.delay, 'day')}" if schedule.delay else "")


def moment_words(moment: dt.datetime, schedule: Schedule) -> str:
    """A moment as a clock in the subscription's zone shows it: "Mon 2 Mar 2026, 09:00 (Europe/Berlin)"."""
    local = moment.astimezone(ZoneInfo(schedule.timezone))
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M} ({safe(zone_words(schedule.timezone))})"


def added_card(added: AddedSubscription, note: str = "") -> Card:
    """That a subscription is added, from which papers on, and what it would have posted so far."""
    subscription = added.subscription
    known = (
        f"{counted(added.known_papers, 'paper')} {'is' if added.known_papers == 1 else 'are'} known; "
        "you will hear of the next one."
    )
    is_of_new = True
    if subscription.filters.citing is not None:
        known, is_of_new = CITATIONS_KNOWN, False
    elif subscription.filters.retractions:
        known, is_of_new = "What is said of papers by now is known; you will hear of what comes.", False
    known = f"{note}\n{known}" if note else known
    card = Card(Passage(f"### {name_of(subscription)} is added\n{subscription_words(subscription)}\n{known}"))
    return _with_preview(card.add_item(discord.ui.Separator()), added.recent) if is_of_new else card


def name_of(subscription: Subscription) -> str:
    """What people call it, with its number: "Subscription 3", or "Alert 3" where it is a person's own."""
    return f"{'Alert' if subscription.place is PlaceKind.DIRECT else 'Subscription'} {subscription.id}"


def changed_card(subscription: Subscription, title: str, sentence: str = "") -> Card:
    """A subscription after a change."""
    text = f"### {title}\n{subscription_words(subscription)}"
    return Card(Passage(f"{text}\n{sentence}" if sentence else text))


def subscription_words(subscription: Subscription) -> str:
    """All of a subscription in a few lines."""
    schedule = subscription.schedule
    is_direct = subscription.place is PlaceKind.DIRECT
    hears = "You hear" if is_direct else f"<#{subscription.channel_id}> hears"
    what = "new papers that match" if subscription.hears_of_new else "what is"
    when = schedule_words(schedule)
    when += "," if ", " in when else ""
    lines = [f"{hears} {when} of {what} **{filter_words(subscription)}**."]
    if is_direct:
        lines.append("They come as direct messages of Papercord; a button beneath each ends the alert.")
    if subscription.place is PlaceKind.FORUM:
        lines.append("Each paper that is posted alone, and each digest, is a post of its own there.")
    if subscription.variants:
        variants = fit(safe(", ".join(subscription.variants)), MAX_FILTERS)
        lines.append(f"These spellings count as well: {variants}.")
    if subscription.doubts:
        lines.append(f"{doubt_words(subscription)}. You hear of papers once that changes.")
    extras: list[str] = []
    if subscription.role_trouble is not None:
        extras.append(
            f"⚠ It pings nobody: {safe(subscription.role_trouble)}; `/notify edit` gives it another role."
        )
    elif subscription.role_id is not None:
        extras.append(f"It pings <@&{subscription.role_id}>.")
    extras += ["A thread for discussion opens under each message."] if subscription.thread else []
    extras += ["Each message is published to the channels that follow it."] if subscription.publish else []
    if extras:
        lines.append(" ".join(extras))
    if subscription.paused:
        stands = "has ended" if is_direct else "is paused"
        lines.append(f"⚠ It {stands}: {fit(safe(subscription.pause_reason or 'by hand.'), MAX_REASON)}")
    elif subscription.next_digest_at is not None:
        # Discord shows the timestamp by the reader's own clock, so that a wrong zone is seen.
        stamp = discord.utils.format_dt(subscription.next_digest_at, "f")
        lines.append(f"Next digest: {moment_words(subscription.next_digest_at, schedule)}, for you {stamp}")
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class SubscriptionPage:
    """A page of the subscriptions of a server or a channel, by channel, and the last post of each."""

    total: int
    shown: Shown
    pages: int
    subscriptions: Sequence[Subscription]
    posts: Mapping[int, LastPost]


def list_card(
    page: SubscriptionPage, turns: Turns, *, noun: str = "subscription", empty: str = EMPTY
) -> Card:
    """A page of subscriptions or alerts, each with its last post and its next digest."""
    if not page.total:
        return Card(Passage(f"### {noun.title()}s\n{empty}"))
    lines: list[str] = []
    channel = None
    for each in page.subscriptions:
        if each.channel_id != channel and each.place is not PlaceKind.DIRECT:
            lines.append(f"<#{each.channel_id}>")
        lines.append(f"- **{each.id}** {filter_words(each, MAX_LISTED)} · {_short_words(each)}")
        lines.append(f"-# {_times(each, page.posts.get(each.id))}")
        channel = each.channel_id
    head = f"### {counted(page.total, noun)}{page_number(page.shown, page.pages)}\n"
    card = Card(Passage(head + "\n".join(lines)))
    return card.add_item(turns(page.shown, page.pages)) if page.pages > 1 else card


def _times(subscription: Subscription, post: LastPost | None) -> str:
    """When it posted last and is going to post, by the reader's own clock."""
    words = [last_post_words(post)]
    if subscription.paused:
        words.append("**ended**" if subscription.place is PlaceKind.DIRECT else "**paused**")
    elif subscription.next_digest_at is not None:
        words.append(f"next digest {discord.utils.format_dt(subscription.next_digest_at, 'f')}")
    return " · ".join(words)


def last_post_words(post: LastPost | None) -> str:
    """The newest post of a subscription, with its address."""
    return f"[last post]({post.url}) {ago(post.sent_at)}" if post is not None else "no post yet"


@dataclass(frozen=True, slots=True)
class CheckedChannel:
    """A channel, and what is missing for what it is to hear."""

    channel_id: int
    missing: tuple[str, ...]


def check_card(channels: Sequence[CheckedChannel], shown: Shown, turns: Turns) -> Card:
    """A page of channels with what is missing in each; those where something is come first."""
    if not channels:
        return Card(Passage(f"### Check\n{EMPTY}"))
    pages = pages_of(len(channels), CHECKED_PAGE)
    shown = shown.within(pages)
    wanting = sum(bool(each.missing) for each in channels)
    said = f"In {counted(wanting, 'channel')} something is missing." if wanting else "Nothing is missing."
    lines = [f"### {counted(len(channels), 'channel')} checked{page_number(shown, pages)}\n{said}"]
    ordered = sorted(channels, key=lambda each: (not each.missing, each.channel_id))
    for each in part_of(ordered, shown.page, CHECKED_PAGE):
        reasons = fit(safe(" ".join(each.missing)), MAX_MISSING)
        lines.append(f"⚠ <#{each.channel_id}>: {reasons}" if reasons else f"✓ <#{each.channel_id}>")
    card = Card(Passage("\n".join(lines)))
    return card.add_item(turns(shown, pages)) if pages > 1 else card


def page_number(shown: Shown, pages: int) -> str:
    """Which page it is, where there are several."""
    return f" · page {shown.page:,} of {pages:,}" if pages > 1 else ""


def _short_words(subscription: Subscription) -> str:
    facts = [
        schedule_words(subscription.schedule),
        ping_words(subscription),
        doubt_words(subscription),
        "thread" if subscription.thread else None,
        "published" if subscription.publish else None,
    ]
    return " · ".join(fact for fact in facts if fact)


def doubt_words(subscription: Subscription) -> str | None:
    """What may be wrong with its words; None where nothing is."""
    if not subscription.doubts:
        return None
    return f"⚠ It can match nothing yet: {fit(safe('; '.join(subscription.doubts)), MAX_REASON)}"


def ping_words(subscription: Subscription) -> str | None:
    """Whom it pings, or why nobody; None where it is to ping nobody."""
    if subscription.role_trouble is not None:
        return f"⚠ pings nobody: {safe(subscription.role_trouble)}"
    return f"pings <@&{subscription.role_id}>" if subscription.role_id is not None else None


def preview_card(asked: str, preview: Preview) -> Card:
    """What a subscription would have posted: a dry run."""
    card = Card(Passage(f"### A dry run: “{fit(safe(asked), MAX_FILTERS)}”\nNothing is posted by this."))
    return _with_preview(card, preview)


def _with_preview(card: Card, preview: Preview) -> Card:
    if preview.known is not None:
        for words in known_words(preview.known, preview.total):
            card.add_item(Passage(words))
        return card
    head = f"**In the last {preview.days} days** it would have posted"
    if not preview.total:
        text = f"{head} nothing: nothing that came in matches."
        return card.add_item(Passage(text))
    messages = counted(preview.messages, "message")
    head += f" {counted(preview.total, 'paper')} (in {messages}, had they come at once)"
    more = preview.total - len(preview.papers)
    which = _WHICH[preview.order if preview.by_taste is not False else DigestOrder.ARRIVED]
    card.add_item(Passage(f"{head}{f', {which}:' if more else ':'}"))
    for paper in preview.papers:
        card.add_item(_paper(paper, _why_so(preview, paper.id)))
    if preview.by_taste is False:
        card.add_item(Passage(f"-# {NO_TASTE}."))
    return card


_WHICH = {
    DigestOrder.ARRIVED: "the newest of them",
    DigestOrder.VOTES: "the first of them by votes",
    DigestOrder.TASTE: "the first of them by the group’s taste",
}


def _why_so(preview: Preview, paper_id: int) -> str | None:
    """Why a paper stands where it does."""
    if votes := preview.votes.get(paper_id):
        return counted(votes, "vote")
    like = preview.likes.get(paper_id)
    return like_words(like) if like is not None else None


def _paper(paper: Paper, why: str | None = None) -> discord.ui.Section[Any]:
    authors = author_words(paper, first=FIRST_AUTHORS)
    words = f"**{title_words(paper, 200)}**\n{authors}\n-# {fact_words(paper)}"
    words += f"\n-# {why}" if why else ""
    return discord.ui.Section[Any](Passage(words), accessory=DetailsButton.of(paper.id))


def delivered_card(page: DeliveredPage, turns: Row, menus: Sequence[Menu] = ()) -> Card:
    """A page of all papers that one message delivers."""
    number = f" · page {page.page:,} of {page.pages:,}" if page.pages > 1 else ""
    words = fit(" · ".join(map(safe, page.spec.reasons)), MAX_FILTERS)
    card = Card(Passage(f"### All {counted(page.total, 'paper')} of this message{number}\n-# {words}"))
    for paper in page.papers:
        card.add_item(_paper(paper))
    for menu in menus:
        card.add_item(Row(menu))
    if page.spec.command:
        command = fit(plain(page.spec.command).replace("`", ""), MAX_FILTERS)
        card.add_item(Passage(f"-# With those from before: `{command}`"))
    return card.add_item(turns) if page.pages > 1 else card


def why_card(why: Explanation, channel_id: int) -> Card:
    """Why a paper was or was not posted in a channel."""
    lines = [f"### Why, in <#{channel_id}>", f"**{title_words(why.paper)}**", safe(why.sentence)]
    if why.post is not None:
        moment = discord.utils.format_dt(why.post.sent_at, "R")
        lines.append(f"Posted {moment}: [the message]({why.post.url})")
    card = Card(Passage("\n".join(lines)))
    if why.reasons:
        reasons = "\n".join(
            f"- **{each.subscription.id}** {filter_words(each.subscription, 80)}: "
            f"{fit(safe(each.sentence), MAX_REASON)}"
            for each in why.reasons
        )
        card.add_item(discord.ui.Separator())
        card.add_item(Passage(f"**Each subscription of the channel**\n{reasons}"))
    return card


def imported_card(imported: ImportedSubscriptions) -> Card:
    """What became of a file of subscriptions; as many of those left out are named as there is room for."""
    lines = [f"### {counted(len(imported.added), 'subscription')} added"]
    lines += [
        f"- **{each.id}** <#{each.channel_id}> {filter_words(each, 80)}"
        + (" · **paused**" if each.paused else "")
        for each in imported.added[:MAX_ADDED]
    ]
    if len(imported.added) > MAX_ADDED:
        lines.append(f"… and {len(imported.added) - MAX_ADDED:,} more: `/notify list`")
    if imported.refused:
        lines.append(f"**Left out: {len(imported.refused):,}**")
    return Card(Passage("\n".join(lines), partial(_refused_words, imported.refused)))


def _refused_words(reasons: Sequence[str], room: int) -> str:
    """A line for each reason, each with a line break before it, and how many more there are."""
    lines = [f"\n- {fit(safe(reason), MAX_REASON)}" for reason in reasons]
    if sum(map(len, lines)) <= room:
        return "".join(lines)
    shown, room = 0, room - len(f"\n… and {len(lines):,} more")
    while len(lines[shown]) <= room:
        room -= len(lines[shown])
        shown += 1
    return "".join([*lines[:shown], f"\n… and {len(lines) - shown:,} more"])
