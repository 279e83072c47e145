"""The card of `/notify status`: the state of everything between a new paper and its channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import discord

from bot.announcements.results import (
    AnnouncerStatus,
    HeldMessage,
    SubscriptionStatus,
    Unfinished,
)
from bot.app import CorpusStatus
from bot.discord_app.buttons import Control
from bot.discord_app.limits import Card, Passage
from bot.discord_app.safe_text import fit, safe
from bot.discord_app.wording import (
    ago,
    joined_names,
    name_words,
    running_words,
)
from bot.ingest.inbox import InboxState
from bot.sources.registry import SourceStatus
from bot.text.counting import counted
from cogs.notify.cards import (
    EMPTY,
    ControlOf,
    Shown,
    Turns,
    doubt_words,
    filter_words,
    last_post_words,
    moment_words,
    page_number,
    pages_of,
    part_of,
    ping_words,
    schedule_words,
)

SUBSCRIPTIONS_PAGE = 5
CHANNELS_PAGE = 3
HELD_PAGE = 3
"""So few of each on a page that none is cut, however long its facts are."""
MAX_SOURCES = 5
MAX_ERROR = 200
MAX_TROUBLE = 80
MOST_PARTED = 4


@dataclass(frozen=True, slots=True)
class Report:
    """All that `/notify status` shows."""

    corpus: CorpusStatus
    announcer: AnnouncerStatus
    inbox: InboxState
    sources: tuple[SourceStatus, ...]
    subscriptions: tuple[SubscriptionStatus, ...]
    """All, of which the card shows a page."""
    held: tuple[HeldMessage, ...]
    """Those of the page."""
    held_total: int
    shown: Shown

    @property
    def refusing(self) -> tuple[SubscriptionStatus, ...]:
        """One subscription of each channel that gets nothing at present."""
        refused = [each for each in self.subscriptions if each.channel_trouble is not None]
        return tuple({each.subscription.channel_id: each for each in refused}.values())

    @property
    def pages(self) -> int:
        """How many pages there are; each shows its part of every list."""
        return max(
            pages_of(len(self.subscriptions), SUBSCRIPTIONS_PAGE),
            pages_of(len(self.refusing), CHANNELS_PAGE),
            pages_of(self.held_total, HELD_PAGE),
        )


def status_card(report: Report, turns: Turns, try_channel: ControlOf, retry: ControlOf) -> Card:
    """The state of everything between a new paper and its channel; a page of what is long."""
    shown, pages = report.shown, report.pages
    head = f"### News in channels{page_number(shown, pages)}\n{running_words(report.announcer)}"
    if len(report.subscriptions) > 1:
        head += f"\nAll {len(report.subscriptions):,} together · {' · '.join(_counts(report.subscriptions))}"
    card = Card(
        Passage(f"{head}\n{_imports(report)}", partial(fit, _sources(report))),
        discord.ui.Separator(),
    )
    subscriptions = part_of(report.subscriptions, shown.page, SUBSCRIPTIONS_PAGE)
    if subscriptions:
        card.add_item(Passage("\n".join(_subscription(each) for each in subscriptions)))
    elif not report.subscriptions:
        card.add_item(Passage(EMPTY))
    for each in part_of(report.refusing, shown.page, CHANNELS_PAGE):
        card.add_item(_channel_trouble(each, try_channel(each.subscription.channel_id, shown)))
    if report.held_total:
        card.add_item(discord.ui.Separator())
        card.add_item(Passage(f"**Held or failed: {counted(report.held_total, 'message')}**"))
    for message in report.held:
        card.add_item(_held(message, retry(message.id, shown)))
    return card.add_item(turns(shown, pages)) if pages > 1 else card


def _imports(report: Report) -> str:
    last = report.corpus.last_import
    changed = "never"
    if last is not None:
        moment = ago(last.finished_at or last.started_at)
        changed = f"{moment} ({last.state}: {last.added:,} added, {last.updated:,} updated)"
    inbox = f"Inbox: {counted(report.inbox.waiting, 'file')} waiting"
    if report.inbox.refused:
        inbox += f" · ⚠ {counted(report.inbox.refused, 'file')} refused; the reasons lie beside them"
    return f"-# Corpus last imported into: {changed}\n-# {inbox}"


def _sources(report: Report) -> str:
    """A line for each of the first sources, each with a line break before it."""
    lines: list[str] = []
    for source in report.sources[:MAX_SOURCES]:
        checked = ago(source.checked_at) if source.checked_at is not None else "not yet"
        words = f"Source {fit(safe(source.label), 80)}: checked {checked}, {source.arrived:,} new"
        words += " · paused" if source.paused else ""
        words += f" · ⚠ {fit(safe(source.error), 100)}" if source.error else ""
        lines.append(words)
    if len(report.sources) > MAX_SOURCES:
        lines.append(f"… and {len(report.sources) - MAX_SOURCES:,} more sources: `/sources status`")
    return "".join(f"\n-# {line}" for line in lines)


def _subscription(status: SubscriptionStatus) -> str:
    subscription = status.subscription
    counts = [*_counts([status]), last_post_words(status.last_post)]
    if subscription.paused:
        counts.append("**paused**")
    if subscription.role_trouble is not None and (words := ping_words(subscription)):
        counts.append(words)
    if words := doubt_words(subscription):
        counts.append(words)
    lines = [
        f"**{subscription.id}** <#{subscription.channel_id}> {filter_words(subscription, 80)} · "
        f"{schedule_words(subscription.schedule)}",
        f"-# {' · '.join(counts)}",
    ]
    more = [_digests(status), *_unfinished(status.unfinished), _parted(status)]
    return "\n".join([*lines, *(f"-# {line}" for line in more if line)])


def _parted(status: SubscriptionStatus) -> str | None:
    """Whose some papers are by now that stood under the author whom it follows."""
    if not status.parted:
        return None
    name = name_words(status.subscription.filters.author or "")
    others = joined_names(list(status.parted.values()), MOST_PARTED)
    return f"Some papers of {name} turned out to be by others: {others}. It goes on with {name}."


def _unfinished(lacking: Unfinished | None) -> list[str]:
    """What is still to be done with messages that are posted, or could not be done."""
    if lacking is None:
        return []
    words: list[str] = []
    if lacking.without_thread:
        words.append(f"⚠ {counted(lacking.without_thread, 'message')} without a thread")
    if lacking.unpublished:
        words.append(f"⚠ {counted(lacking.unpublished, 'message')} not published")
    if lacking.to_publish:
        words.append(f"{lacking.to_publish:,} to be published; Discord publishes 10 an hour in a channel")
    reason = f" ({fit(safe(lacking.trouble), MAX_TROUBLE)})" if lacking.trouble else ""
    return [f"{' · '.join(words)}{reason}"] if words else []


def _counts(statuses: Sequence[SubscriptionStatus]) -> list[str]:
    """What became of the papers that these subscriptions asked for, in words."""
    new, sent = sum(each.new for each in statuses), sum(each.sent for each in statuses)
    waiting = sum(each.waiting for each in statuses)
    held, failed = sum(each.held for each in statuses), sum(each.failed for each in statuses)
    counts = [f"papers: {new:,} new", f"**{sent:,} sent**"]
    counts += [f"{waiting:,} on their way"] if waiting else []
    counts += [f"⚠ {held:,} held"] if held else []
    counts += [f"⚠ {failed:,} failed"] if failed else []
    return counts


def _digests(status: SubscriptionStatus) -> str:
    subscription = status.subscription
    words: list[str] = []
    if subscription.last_digest_at is not None:
        papers = subscription.last_digest_papers or 0
        posted = counted(papers, "paper") if papers else "no papers, so nothing was posted"
        words.append(
            f"last digest {moment_words(subscription.last_digest_at, subscription.schedule)}: {posted}"
        )
    if subscription.next_digest_at is not None and not subscription.paused:
        words.append(f"next digest {moment_words(subscription.next_digest_at, subscription.schedule)}")
    return " · ".join(words)


def _channel_trouble(status: SubscriptionStatus, control: Control) -> discord.ui.Section[Any]:
    channel_id = status.subscription.channel_id
    reason = fit(safe(status.channel_trouble or ""), MAX_TROUBLE)
    if status.next_try_at is None:
        text = f"⚠ <#{channel_id}> is gone, or Papercord was shut out of it ({reason})"
        advice = " Its subscriptions are paused and kept. Remove them, or mend the channel and resume them."
    else:
        text = f"⚠ <#{channel_id}> refuses messages ({reason})"
        advice = (
            f" Nothing is lost: they are held, and tried again {ago(status.next_try_at)}. "
            "Give Papercord View Channel and Send Messages there."
        )
    return discord.ui.Section(Passage(text, partial(fit, advice)), accessory=control)


def _held(message: HeldMessage, control: Control) -> discord.ui.Section[Any]:
    when = ago(message.last_attempt_at) if message.last_attempt_at is not None else "never"
    reason = fit(safe(message.error or "It cannot be told whether it was posted."), MAX_ERROR)
    what = counted(len(message.papers), "paper") if message.papers else "a notice to administrators"
    text = f"{message.state.title()}: {what} for <#{message.channel_id}>, last tried {when}."
    more = f" {reason}"
    if message.state == "held":
        more = (
            f"\n-# Look in the channel first: if the message stands there, do not post it again.\n-# {reason}"
        )
    return discord.ui.Section(Passage(text, partial(fit, more)), accessory=control)
