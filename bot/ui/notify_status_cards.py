"""Proof of delivery as a card: what came in, what was sent where, what is held and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.services.announcing.results import AnnouncerStatus, HeldMessage, SubscriptionStatus
from bot.services.inbox import InboxState
from bot.services.results import CorpusStatus
from bot.services.sources.results import SourceStatus
from bot.ui import buttons
from bot.ui.limits import Card, Passage
from bot.ui.notify_cards import EMPTY, filter_words, moment_words, schedule_words
from bot.ui.text import fit, safe
from bot.ui.words import counted

MAX_HELD = 5
MAX_CHANNELS = 3
MAX_SOURCES = 5
ROOM = 2_200
"""Characters of the subscriptions."""
MAX_ERROR = 200


@dataclass(frozen=True, slots=True)
class Report:
    """All that `/notify status` tells."""

    corpus: CorpusStatus
    announcer: AnnouncerStatus
    inbox: InboxState
    sources: tuple[SourceStatus, ...]
    subscriptions: tuple[SubscriptionStatus, ...]
    held: tuple[HeldMessage, ...]


def status_card(report: Report) -> Card:
    """The state of everything between a new paper and its channel."""
    card = Card(
        Passage("### News in channels\n" + "\n".join([announcer_words(report.announcer), *_ways_in(report)])),
        discord.ui.Separator(),
        Passage(_subscriptions(report.subscriptions)),
    )
    blocked = [each for each in report.subscriptions if each.channel_trouble is not None]
    channels = {each.subscription.channel_id: each for each in blocked}
    for each in list(channels.values())[:MAX_CHANNELS]:
        card.add_item(_channel_trouble(each))
    if report.held:
        card.add_item(discord.ui.Separator())
        card.add_item(Passage(f"**Held or failed: {counted(len(report.held), 'message')}**"))
        for message in report.held[:MAX_HELD]:
            card.add_item(_held(message))
        if len(report.held) > MAX_HELD:
            card.add_item(Passage(f"-# … and {len(report.held) - MAX_HELD:,} older ones"))
    return card


def announcer_words(status: AnnouncerStatus) -> str:
    """Whether news is being posted, and when that last went well."""
    last = _ago(status.last_run) if status.last_run is not None else "not yet"
    state = "at work" if status.lease is not None else "⚠ not at work: no running bot holds the lease"
    counts = (
        f"{status.sent:,} sent, {status.planned:,} on their way, "
        f"{status.held:,} held, {status.failed:,} failed"
    )
    return f"Announcer: {state} · last good round {last} · messages: {counts}"


def _ways_in(report: Report) -> list[str]:
    last = report.corpus.last_import
    changed = "never"
    if last is not None:
        moment = _ago(last.finished_at or last.started_at)
        changed = f"{moment} ({last.state}: {last.added:,} added, {last.updated:,} updated)"
    lines = [f"Corpus last imported into: {changed}"]
    inbox = f"Inbox: {counted(report.inbox.waiting, 'file')} waiting"
    if report.inbox.refused:
        inbox += f" · ⚠ {counted(report.inbox.refused, 'file')} refused; the reasons lie beside them"
    lines.append(inbox)
    for source in report.sources[:MAX_SOURCES]:
        checked = _ago(source.checked_at) if source.checked_at is not None else "not yet"
        words = f"Source {fit(safe(source.label), 80)}: checked {checked}, {source.arrived:,} new"
        words += " · paused" if source.paused else ""
        words += f" · ⚠ {fit(safe(source.error), 100)}" if source.error else ""
        lines.append(words)
    if len(report.sources) > MAX_SOURCES:
        lines.append(f"… and {len(report.sources) - MAX_SOURCES:,} more sources: `/sources status`")
    return [f"-# {line}" for line in lines]


def _subscriptions(statuses: Sequence[SubscriptionStatus]) -> str:
    if not statuses:
        return EMPTY
    lines: list[str] = []
    room = ROOM
    for each in statuses:
        line = _subscription(each)
        if len(line) + 1 > room:
            rest = len(statuses) - len(lines)
            lines.append(f"… and {rest:,} more: `/notify status channel:` shows one channel’s.")
            break
        lines.append(line)
        room -= len(line) + 1
    return "\n".join(lines)


def _subscription(status: SubscriptionStatus) -> str:
    subscription = status.subscription
    counts = [f"{status.new:,} new", f"**{status.sent:,} sent**"]
    counts += [f"{status.waiting:,} on their way"] if status.waiting else []
    counts += [f"⚠ {status.held:,} held"] if status.held else []
    counts += [f"⚠ {status.failed:,} failed"] if status.failed else []
    if status.last_post is not None:
        counts.append(f"[last post]({status.last_post.url}) {_ago(status.last_post.sent_at)}")
    else:
        counts.append("no post yet")
    if subscription.paused:
        counts.append("**paused**")
    lines = [
        f"**{subscription.id}** <#{subscription.channel_id}> {filter_words(subscription, 80)} · "
        f"{schedule_words(subscription.schedule)}",
        f"-# {' · '.join(counts)}",
    ]
    digests = _digests(status)
    return "\n".join([*lines, f"-# {digests}"] if digests else lines)


def _digests(status: SubscriptionStatus) -> str:
    subscription = status.subscription
    words: list[str] = []
    if subscription.last_digest_at is not None:
        papers = subscription.last_digest_papers or 0
        told = counted(papers, "paper") if papers else "no papers, so nothing was posted"
        words.append(
            f"last digest {moment_words(subscription.last_digest_at, subscription.schedule)}: {told}"
        )
    if subscription.next_digest_at is not None and not subscription.paused:
        words.append(f"next digest {moment_words(subscription.next_digest_at, subscription.schedule)}")
    return " · ".join(words)


def _channel_trouble(status: SubscriptionStatus) -> discord.ui.Section[Any]:
    channel_id = status.subscription.channel_id
    reason = fit(safe(status.channel_trouble or ""), MAX_ERROR)
    if status.next_try_at is None:
        text = (
            f"⚠ <#{channel_id}> is gone, or Papercord was shut out of it ({reason}) Its subscriptions are "
            "paused and kept. Remove them, or mend the channel and resume them."
        )
    else:
        text = (
            f"⚠ <#{channel_id}> refuses messages ({reason}) Nothing is lost: they are held, and tried again "
            f"{_ago(status.next_try_at)}. Give Papercord View Channel and Send Messages there."
        )
    return discord.ui.Section(Passage(text), accessory=buttons.try_channel(channel_id))


def _held(message: HeldMessage) -> discord.ui.Section[Any]:
    when = _ago(message.last_attempt_at) if message.last_attempt_at is not None else "never"
    reason = fit(safe(message.error or "It cannot be told whether it was posted."), MAX_ERROR)
    what = counted(len(message.papers), "paper") if message.papers else "a notice to administrators"
    text = f"{message.state.title()}: {what} for <#{message.channel_id}>, last tried {when}. {reason}"
    if message.state == "held":
        text += "\n-# Look in the channel first: if the message stands there, do not post it again."
    return discord.ui.Section(Passage(text), accessory=buttons.retry_message(message.id))


def _ago(moment: dt.datetime) -> str:
    return discord.utils.format_dt(moment, "R")
