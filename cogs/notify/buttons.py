"""What happens when a channel is subscribed by a button, and when something held is tried again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from bot.announcements import status, subscriptions
from bot.announcements.results import Filters, Schedule, Subscription
from bot.app import corpus_status
from bot.authors.profile import author_by_id
from bot.discord_app.limits import Card, Passage
from bot.discord_app.pages import CHANNEL, SHOWN, Shown
from bot.discord_app.permissions import (
    ChannelPlace,
    check_bot,
    check_channel,
    check_person,
    home_of,
    may_manage,
    place_here,
)
from bot.discord_app.replies import Interaction, acknowledge, acknowledge_change, show, tell_privately
from bot.discord_app.safe_text import fit, safe
from bot.ingest.inbox import inbox_state
from bot.papers.results import SearchRequest
from bot.papers.saved_searches import stored_page
from bot.sources.registry import source_statuses
from cogs.notify.cards import added_card, list_card
from cogs.notify.status_cards import HELD_PAGE, Report, status_card
from cogs.papers.buttons import GONE_AUTHOR, GONE_SEARCH, ID, MARKER, PERSON, SEARCH, on_press

MAX_TOLD = 5
MAX_REASON = 150


async def answer(interaction: Interaction, card: Card) -> None:
    """Show a card, and beneath it which subscriptions of the server were paused without a person's doing."""
    bot, guild = interaction.client, home_of(interaction)
    known = await bot.in_thread(subscriptions.list_all, bot.app, guild.id)
    paused = [
        each
        for each in known
        if each.paused
        and each.pause_reason not in {None, subscriptions.PAUSED_BY_HAND}
        and may_manage(interaction, each.channel_id)
    ]
    if paused:
        lines = [
            f"⚠ Subscription {each.id} of <#{each.channel_id}> is paused: "
            f"{fit(safe(each.pause_reason or ''), MAX_REASON)}"
            for each in paused[:MAX_TOLD]
        ]
        if len(paused) > MAX_TOLD:
            lines.append(f"⚠ … and {len(paused) - MAX_TOLD:,} more")
        lines.append("-# `/notify remove` deletes one, `/notify resume` goes on once the channel is back.")
        card.add_item(Passage("", partial(fit, "\n".join(lines))))
    await show(interaction, card)


async def subscription_of(interaction: Interaction, subscription_id: int) -> Subscription:
    """A subscription of the server that the person may change.

    Raises:
        RefusedError: there is none, or they may not.

    """
    bot, guild = interaction.client, home_of(interaction)
    found = await bot.in_thread(subscriptions.get, bot.app, guild.id, subscription_id)
    check_channel(interaction, found.channel_id)
    return found


@on_press(rf"notify:(?P<search>{SEARCH}):(?P<asker>{PERSON})")
async def notified(interaction: Interaction, given: re.Match[str]) -> None:
    """The channel subscribed to a search, by somebody who may."""
    place = _checked_place(interaction)
    await acknowledge(interaction, private=True)
    bot = interaction.client
    stored = await bot.in_thread(stored_page, bot.app, given["search"], 1)
    if stored is None:
        await tell_privately(interaction, GONE_SEARCH)
        return
    await subscribe(interaction, place.id, filters_of_search(stored.page.answer.request))


@on_press(rf"follow:(?P<author>{ID})")
async def followed(interaction: Interaction, given: re.Match[str]) -> None:
    """The channel subscribed to an author's papers, by somebody who may."""
    place = _checked_place(interaction)
    await acknowledge(interaction, private=True)
    bot = interaction.client
    author = await bot.in_thread(author_by_id, bot.app, int(given["author"]))
    if author is None:
        await tell_privately(interaction, GONE_AUTHOR)
        return
    await subscribe(interaction, place.id, Filters(author=author.name))


@on_press(f"delivery:0{MARKER}")
async def reported(interaction: Interaction, _given: re.Match[str]) -> None:
    """The proof of delivery, privately."""
    home_of(interaction)
    await acknowledge(interaction, private=True)
    await show_status(interaction, Shown(None))


@on_press(rf"retry:(?P<message>{ID})(?::{SHOWN})?")
async def retried(interaction: Interaction, given: re.Match[str]) -> None:
    """A held message posted after all, as somebody who may decided."""
    guild = home_of(interaction)
    await acknowledge_change(interaction)
    bot, message_id = interaction.client, int(given["message"])
    channel_id = await bot.in_thread(status.channel_of_held, bot.app, guild.id, message_id)
    check_channel(interaction, channel_id)
    await bot.in_thread(status.retry_held, bot.app, guild.id, message_id)
    await show_status(interaction, Shown.of(given))


@on_press(rf"try:(?P<channel>{CHANNEL})(?::{SHOWN})?")
async def tried(interaction: Interaction, given: re.Match[str]) -> None:
    """A channel that refused messages tried at once, as somebody mended what was in the way."""
    guild, channel_id = home_of(interaction), int(given["channel"])
    check_channel(interaction, channel_id)
    await acknowledge_change(interaction)
    bot = interaction.client
    await bot.in_thread(status.try_channel_again, bot.app, guild.id, channel_id)
    await show_status(interaction, Shown.of(given))


@on_press(rf"list:{SHOWN}")
async def list_turned(interaction: Interaction, given: re.Match[str]) -> None:
    """Another page of the subscriptions, for somebody who may still see them."""
    shown = _checked_part(interaction, given)
    await acknowledge_change(interaction)
    await show_list(interaction, shown)


@on_press(rf"status:{SHOWN}")
async def status_turned(interaction: Interaction, given: re.Match[str]) -> None:
    """Another page of the proof of delivery, for somebody who may still see it."""
    shown = _checked_part(interaction, given)
    await acknowledge_change(interaction)
    await show_status(interaction, shown)


def filters_of_search(request: SearchRequest) -> Filters:
    """A search as a standing wish; its period becomes part of the words."""
    words = [request.query]
    words += [f"since:{request.since}"] if request.since else []
    words += [f"until:{request.until}"] if request.until else []
    return Filters(" ".join(words), request.author, request.field, request.code)


def _checked_place(interaction: Interaction) -> ChannelPlace:
    """The channel, where the person may subscribe it and the bot can post."""
    home_of(interaction)
    place = place_here(interaction)
    check_person(place)
    check_bot(place)
    return place


def _checked_part(interaction: Interaction, given: re.Match[str]) -> Shown:
    """What is to be shown, where the person may manage its channel, or the one in which they are."""
    home_of(interaction)
    shown = Shown.of(given)
    if shown.channel_id is not None:
        check_channel(interaction, shown.channel_id)
    else:
        check_person(place_here(interaction))
    return shown


async def subscribe(
    interaction: Interaction,
    channel_id: int,
    filters: Filters,
    schedule: Schedule = Schedule(),  # noqa: B008 - it is frozen
    *,
    role_id: int | None = None,
    thread: bool = False,
) -> None:
    """Add a subscription, and confirm it."""
    bot, guild = interaction.client, home_of(interaction)

    def add() -> Card:
        added = subscriptions.add(
            bot.app,
            guild_id=guild.id,
            channel_id=channel_id,
            creator_id=interaction.user.id,
            filters=filters,
            schedule=schedule,
            role_id=role_id,
            thread=thread,
        )
        return added_card(added)

    await answer(interaction, await bot.in_thread(add))


async def show_list(interaction: Interaction, shown: Shown) -> None:
    """A page of the subscriptions, of the channels that the person may manage."""
    bot, guild = interaction.client, home_of(interaction)
    found = await bot.in_thread(subscriptions.list_all, bot.app, guild.id, shown.channel_id)
    allowed = [each for each in found if may_manage(interaction, each.channel_id)]
    await answer(interaction, await bot.in_thread(list_card, allowed, shown))


async def show_status(interaction: Interaction, shown: Shown) -> None:
    """A page of the proof of delivery, of the channels that the person may manage."""
    bot, guild = interaction.client, home_of(interaction)
    app = bot.app

    def collect() -> tuple[Report, Mapping[int, int]]:
        report = Report(
            corpus=corpus_status(app),
            announcer=status.announcer_status(app),
            inbox=inbox_state(app),
            sources=source_statuses(app),
            subscriptions=status.subscription_status(app, guild.id, shown.channel_id),
            held=(),
            held_total=0,
            shown=shown,
        )
        return report, status.count_held(app, guild.id)

    report, held = await bot.in_thread(collect)
    channels = {
        channel_id: number
        for channel_id, number in held.items()
        if shown.channel_id in {None, channel_id} and may_manage(interaction, channel_id)
    }
    subscriptions = tuple(
        each for each in report.subscriptions if may_manage(interaction, each.subscription.channel_id)
    )
    allowed = replace(report, subscriptions=subscriptions, held_total=sum(channels.values()))

    def card() -> Card:
        part = shown.within(allowed.pages)
        start = (part.page - 1) * HELD_PAGE
        page = status.held_messages(app, guild.id, channels, start=start, limit=HELD_PAGE)
        return status_card(replace(allowed, held=page, shown=part))

    await answer(interaction, await bot.in_thread(card))
