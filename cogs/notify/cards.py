"""Subscriptions as cards: what a channel hears of, and what it would have heard of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import discord

from bot.announcements.results import (
    AddedSubscription,
    Explanation,
    Frequency,
    ImportedSubscriptions,
    Preview,
    Schedule,
    Subscription,
)
from bot.discord_app import buttons
from bot.discord_app.limits import Card, Passage
from bot.discord_app.pages import Shown, pages_of, part_of
from bot.discord_app.safe_text import fit, safe
from bot.discord_app.wording import author_words, counted, fact_words, title_words
from cogs.notify.inputs import DAYS

MAX_FILTERS = 150
MAX_REASON = 300
LIST_PAGE = 8
"""So few that each is shown however long it is, beside what `answer` adds."""
MAX_ADDED = 10
FIRST_AUTHORS = 3

EMPTY = "No channel is told of new papers yet. `/notify add` tells this one, or another, of those that match."


def filter_words(subscription: Subscription, limit: int = MAX_FILTERS) -> str:
    """What a subscription asks for, in quotes."""
    return f"“{fit(safe(subscription.filters.words), limit)}”"


def schedule_words(schedule: Schedule) -> str:
    """When a channel is told: "at once", "every Monday at 09:00 (Europe/Berlin)"."""
    if schedule.frequency is Frequency.INSTANT:
        return "at once"
    day = "day" if schedule.frequency is Frequency.DAILY else DAYS[schedule.day or 0]
    return f"every {day} at {schedule.at} ({safe(schedule.timezone)})"


def moment_words(moment: dt.datetime, schedule: Schedule) -> str:
    """A moment as a clock in the subscription's zone shows it: "Mon 2 Mar 2026, 09:00 (Europe/Berlin)"."""
    local = moment.astimezone(ZoneInfo(schedule.timezone))
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M} ({safe(schedule.timezone)})"


def added_card(added: AddedSubscription) -> Card:
    """That a subscription stands, from which papers on, and what it would have told so far."""
    subscription = added.subscription
    known = (
        f"{counted(added.known_papers, 'paper')} {'is' if added.known_papers == 1 else 'are'} known; "
        "you will hear of the next one."
    )
    card = Card(
        Passage(f"### Subscription {subscription.id} is added\n{subscription_words(subscription)}\n{known}"),
        discord.ui.Separator(),
    )
    return _with_preview(card, added.recent)


def changed_card(subscription: Subscription, title: str, note: str = "") -> Card:
    """A subscription after a change."""
    text = f"### {title}\n{subscription_words(subscription)}"
    return Card(Passage(f"{text}\n{note}" if note else text))


def subscription_words(subscription: Subscription) -> str:
    """All of a subscription in a few lines."""
    schedule = subscription.schedule
    lines = [
        f"<#{subscription.channel_id}> hears {schedule_words(schedule)} of new papers that match "
        f"**{filter_words(subscription)}**."
    ]
    if subscription.variants:
        variants = fit(safe(", ".join(subscription.variants)), MAX_FILTERS)
        lines.append(f"These spellings count as well: {variants}.")
    extras = [f"It pings <@&{subscription.role_id}>."] if subscription.role_id is not None else []
    extras += ["A thread for discussion opens under each message."] if subscription.thread else []
    if extras:
        lines.append(" ".join(extras))
    if subscription.paused:
        lines.append(f"⚠ It is paused: {fit(safe(subscription.pause_reason or 'by hand.'), MAX_REASON)}")
    elif subscription.next_digest_at is not None:
        lines.append(f"Next digest: {moment_words(subscription.next_digest_at, schedule)}")
    return "\n".join(lines)


def list_card(subscriptions: Sequence[Subscription], shown: Shown) -> Card:
    """A page of the subscriptions of a server or a channel, by channel."""
    if not subscriptions:
        return Card(Passage(f"### Subscriptions\n{EMPTY}"))
    pages = pages_of(len(subscriptions), LIST_PAGE)
    shown = shown.within(pages)
    lines: list[str] = []
    channel = None
    ordered = sorted(subscriptions, key=lambda each: (each.channel_id, each.id))
    for each in part_of(ordered, shown.page, LIST_PAGE):
        lines += [f"<#{each.channel_id}>"] if each.channel_id != channel else []
        lines.append(f"- **{each.id}** {filter_words(each)} · {_short_words(each)}")
        channel = each.channel_id
    head = f"### {counted(len(subscriptions), 'subscription')}{page_words(shown, pages)}\n"
    card = Card(Passage(head + "\n".join(lines)))
    return card.add_item(buttons.turn_pages("list", shown, pages)) if pages > 1 else card


def page_words(shown: Shown, pages: int) -> str:
    """Which page it is, where there are several."""
    return f" · page {shown.page:,} of {pages:,}" if pages > 1 else ""


def _short_words(subscription: Subscription) -> str:
    facts = [
        schedule_words(subscription.schedule),
        f"pings <@&{subscription.role_id}>" if subscription.role_id is not None else None,
        "thread" if subscription.thread else None,
        "**paused**" if subscription.paused else None,
    ]
    return " · ".join(fact for fact in facts if fact)


def preview_card(asked: str, preview: Preview) -> Card:
    """What a subscription would have posted: a dry run."""
    card = Card(Passage(f"### A dry run: “{fit(safe(asked), MAX_FILTERS)}”\nNothing is posted by this."))
    return _with_preview(card, preview)


def _with_preview(card: Card, preview: Preview) -> Card:
    head = f"**In the last {preview.days} days** it would have posted"
    if not preview.total:
        text = f"{head} nothing: no paper that came in matches."
        return card.add_item(Passage(text))
    messages = counted(preview.messages, "message")
    head += f" {counted(preview.total, 'paper')} (in {messages}, had they come at once)"
    more = preview.total - len(preview.papers)
    card.add_item(Passage(f"{head}{', the newest of them:' if more else ':'}"))
    for paper in preview.papers:
        authors = author_words(paper, first=FIRST_AUTHORS)
        words = f"**{title_words(paper, 200)}**\n{authors}\n-# {fact_words(paper)}"
        card.add_item(discord.ui.Section[Any](Passage(words), accessory=buttons.details(paper.id)))
    return card


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
