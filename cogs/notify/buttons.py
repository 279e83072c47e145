"""The buttons of subscriptions and of the proof of delivery, and the answers with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import discord

from bot.announcements import status, subscriptions
from bot.announcements.prospects import doubts, with_doubts
from bot.announcements.results import DeliveredPage, Filters, Schedule, Subscription
from bot.app import App, corpus_status
from bot.authors.profile import author_by_id, find_author
from bot.authors.results import AuthorChoice
from bot.discord_app.buttons import ID, MARKER, Button, Control, Menu, Row, chosen, marked
from bot.discord_app.client import Interaction
from bot.discord_app.forums import tag_words
from bot.discord_app.limits import Card, Passage
from bot.discord_app.permissions import (
    WITH_THREADS,
    ChannelPlace,
    check_bot,
    check_channel,
    check_person,
    home_of,
    know_grants,
    known_place,
    may_manage,
    place_here,
    why_not,
    why_not_pinged,
)
from bot.discord_app.replies import acknowledge, acknowledge_change, answer_privately, show
from bot.discord_app.safe_text import fit, safe
from bot.errors import RefusedError
from bot.ingest.inbox import inbox_state
from bot.sources.registry import source_statuses
from bot.store.models import PlaceKind
from bot.text.counting import counted
from cogs.notify.cards import (
    CHANNEL,
    LIST_PAGE,
    SHOWN,
    CheckedChannel,
    Shown,
    SubscriptionPage,
    added_card,
    changed_card,
    check_card,
    delivered_card,
    list_card,
    name_of,
    pages_of,
    part_of,
)
from cogs.notify.status_card import HELD_PAGE, SUBSCRIPTIONS_PAGE, Report, status_card
from cogs.papers.buttons import ChooseMenu

NOT_DELIVERED = "The papers of this message are not known any more."
MAX_TROUBLES = 5
MAX_REASON = 150


class StatusButton(Button, pattern=f"delivery:0{MARKER}"):
    """Shows the proof of delivery, privately: what was sent where, and what is held and why."""

    @classmethod
    def of(cls, marker: str) -> Control:
        """The button of a message."""
        return cls.button("Status", marked("delivery:0", marker))

    async def respond(self, interaction: Interaction) -> None:
        """Show the proof."""
        home_of(interaction)
        await acknowledge(interaction, private=True)
        await know_grants(interaction)
        await show_status(interaction, Shown())


class RetryButton(Button, pattern=rf"retry:(?P<message>{ID})(?::{SHOWN})?"):
    """Posts a held message after all, as somebody who may decided."""

    @classmethod
    def of(cls, message_id: int, shown: Shown) -> Control:
        """The button of a message; it shows the same part of the status again."""
        return cls.button("Retry", f"retry:{message_id}:{shown.words}")

    async def respond(self, interaction: Interaction) -> None:
        """Plan the message again."""
        guild = home_of(interaction)
        await acknowledge_change(interaction)
        await know_grants(interaction)
        bot, message_id = interaction.client, int(self.given["message"])
        channel_id = await bot.call(status.channel_of_held, guild.id, message_id)
        check_channel(interaction, channel_id, await bot.call(subscriptions.parent_of, channel_id))
        await bot.call(status.retry_held, guild.id, message_id)
        await show_status(interaction, Shown.of(self.given))


class TryButton(Button, pattern=rf"try:(?P<channel>{CHANNEL})(?::{SHOWN})?"):
    """Tries a channel that refused messages at once, as somebody changed what was in the way."""

    @classmethod
    def of(cls, channel_id: int, shown: Shown) -> Control:
        """The button of a channel; it shows the same part of the status again."""
        return cls.button("Try now", f"try:{channel_id}:{shown.words}")

    async def respond(self, interaction: Interaction) -> None:
        """Try the channel."""
        guild, channel_id = home_of(interaction), int(self.given["channel"])
        await acknowledge_change(interaction)
        await know_grants(interaction)
        bot = interaction.client
        check_channel(interaction, channel_id, await bot.call(subscriptions.parent_of, channel_id))
        await bot.call(status.try_channel_again, guild.id, channel_id)
        await show_status(interaction, Shown.of(self.given))


class PageButton(Button, pattern=rf"(?P<kind>list|status|check):{SHOWN}"):
    """Shows another page of subscriptions, of the proof of delivery or of a check, to whom they concern."""

    @classmethod
    def back_and_forth(cls, kind: str, shown: Shown, pages: int) -> Row:
        """The buttons of the page before and of the one after, disabled where there is none."""
        return Row(*cls.turns(lambda to: f"{kind}:{replace(shown, page=to).words}", shown.page, pages))

    async def respond(self, interaction: Interaction) -> None:
        """Show the page."""
        home_of(interaction)
        await acknowledge_change(interaction)
        await know_grants(interaction)
        shown = await _checked_part(interaction, self.given)
        match self.given["kind"]:
            case "list":
                await show_list(interaction, shown)
            case "check":
                await show_check(interaction, shown)
            case _:
                await show_status(interaction, shown)


class DeliveredButton(Button, pattern=r"all:(?P<nonce>[a-z2-7]{21}):(?P<page>[0-9]{1,5})"):
    """Shows all papers that a message delivers, privately; who knows its nonce has seen the message."""

    @classmethod
    def of(cls, nonce: str, total: int) -> Control:
        """The button of a message that only counts some of its papers."""
        return cls.button(f"All {total:,}", f"all:{nonce}:0")

    @classmethod
    def back_and_forth(cls, page: DeliveredPage) -> Row:
        """The buttons of the page before and of the one after, disabled where there is none."""
        return Row(*cls.turns(lambda to: f"all:{page.nonce}:{to}", page.page, page.pages))

    async def respond(self, interaction: Interaction) -> None:
        """Show the page: the first one in an answer of its own, the others in its place."""
        number = int(self.given["page"])
        if number:
            await acknowledge_change(interaction)
        else:
            await acknowledge(interaction, private=True)
        bot = interaction.client
        page = await bot.call(status.delivered_page, self.given["nonce"], number)
        if page is None:
            await answer_privately(interaction, NOT_DELIVERED)
            return
        menus = ChooseMenu.below(page.papers, in_server=page.spec.place is not PlaceKind.DIRECT)
        await show(interaction, await bot.in_thread(delivered_card, page, self.back_and_forth(page), menus))


class NameMenu(Button, pattern=rf"name-of:(?P<subscription>{ID})"):
    """Gives a subscription the author that somebody meant, in place of a name that nobody has."""

    @classmethod
    def of(cls, subscription_id: int, people: Sequence[AuthorChoice]) -> Menu:
        """The menu of a subscription."""
        return cls.menu("Did you mean …?", people_entries(people), f"name-of:{subscription_id}")

    async def respond(self, interaction: Interaction) -> None:
        """Change the author of the subscription."""
        await acknowledge_change(interaction)
        before = await subscription_of(interaction, int(self.given["subscription"]))
        changed = await with_author(interaction, before)
        await answer(interaction, changed_card(changed, f"{name_of(changed)} is changed"))


def people_entries(people: Sequence[AuthorChoice]) -> list[tuple[int, str, str]]:
    """People as a menu shows them."""
    return [(each.author_id, each.name, counted(each.papers, "paper")) for each in people]


async def with_author(interaction: Interaction, before: Subscription) -> Subscription:
    """A subscription or alert after it was given the author who was chosen in a menu.

    Raises:
        RefusedError: the author is gone.

    """
    bot, author_id = interaction.client, chosen(interaction)
    author = await bot.call(author_by_id, author_id) if author_id is not None else None
    if author is None:
        raise RefusedError(f"This author is no longer in the corpus: give {name_of(before)} another one.")
    return await bot.call(
        subscriptions.edit,
        before.guild_id,
        before.id,
        filters=replace(before.filters, author=author.name, author_id=author.id),
        schedule=before.schedule,
        role_id=before.role_id,
        thread=before.thread,
        version=before.version,
    )


BUTTONS = (StatusButton, RetryButton, TryButton, PageButton, NameMenu, DeliveredButton)


async def answer(interaction: Interaction, card: Card) -> None:
    """Show a card, and beneath it which subscriptions of the server were paused without a person's doing."""
    bot, guild = interaction.client, home_of(interaction)
    known = await bot.call(subscriptions.list_all, guild.id)
    lines = [
        f"⚠ Subscription {each.id} of <#{each.channel_id}> is paused: "
        f"{fit(safe(each.pause_reason or ''), MAX_REASON)}"
        for each in known
        if subscriptions.paused_by_bot(each) and may_manage(interaction, each.channel_id, each.parent_id)
    ]
    if lines:
        advice = "-# `/notify remove` deletes one, `/notify resume` goes on once the channel is back."
        card.add_item(_warnings([*_first(lines), advice]))
    await show(interaction, card)


def _first(lines: Sequence[str]) -> list[str]:
    """The first of some lines, and how many more there are."""
    more = [f"⚠ … and {len(lines) - MAX_TROUBLES:,} more"] if len(lines) > MAX_TROUBLES else []
    return [*lines[:MAX_TROUBLES], *more]


def _warnings(lines: Sequence[str]) -> Passage:
    return Passage("", partial(fit, "\n".join(lines)))


async def subscription_of(interaction: Interaction, subscription_id: int) -> Subscription:
    """A subscription of the server that the person may change.

    Raises:
        RefusedError: there is none, or they may not.

    """
    bot, guild = interaction.client, home_of(interaction)
    await know_grants(interaction)
    found = await bot.call(subscriptions.get, guild.id, subscription_id)
    check_channel(interaction, found.channel_id, found.parent_id)
    return found


async def _checked_part(interaction: Interaction, given: re.Match[str]) -> Shown:
    """What is to be shown, where the person may manage its channel, or the one in which they are."""
    shown = Shown.of(given)
    if shown.channel_id is not None:
        parent_id = await interaction.client.call(subscriptions.parent_of, shown.channel_id)
        check_channel(interaction, shown.channel_id, parent_id)
    else:
        check_person(interaction, place_here(interaction))
    return shown


async def subscribe_here(interaction: Interaction, find: Callable[[App], Filters | None], gone: str) -> None:
    """Subscribe the channel to the filters found, for somebody who may; where there are none, say `gone`."""
    home_of(interaction)
    place = place_here(interaction)
    await acknowledge(interaction, private=True)
    await know_grants(interaction)
    check_person(interaction, place)
    check_bot(place)
    filters = await interaction.client.call(find)
    if filters is None:
        await answer_privately(interaction, gone)
    else:
        await subscribe(interaction, place, filters)


async def subscribe(
    interaction: Interaction,
    place: ChannelPlace,
    filters: Filters,
    schedule: Schedule = Schedule(),  # noqa: B008 - it is frozen
    *,
    role_id: int | None = None,
    thread: bool = False,
    publish: bool = False,
) -> None:
    """Add a subscription, and confirm it."""
    bot, guild = interaction.client, home_of(interaction)

    def add() -> Card:
        added = subscriptions.add(
            bot.app,
            guild_id=guild.id,
            channel_id=place.id,
            place=place.kind or PlaceKind.CHANNEL,
            parent_id=place.parent_id,
            creator_id=interaction.user.id,
            filters=filters,
            schedule=schedule,
            role_id=role_id,
            thread=thread,
            publish=publish,
        )
        meant = names_meant(bot.app, added.subscription)
        card = added_card(added, tag_words(place.forum) if place.forum is not None else "")
        return card.add_item(Row(NameMenu.of(added.subscription.id, meant))) if meant else card

    await answer(interaction, await bot.in_thread(add))


def names_meant(app: App, subscription: Subscription) -> Sequence[AuthorChoice]:
    """The people who may be meant by the name of an author that nobody has."""
    name = subscription.filters.author
    if name is None or not doubts(app, Filters(author=name)):
        return ()
    return find_author(app, name, exactly=True).choices


async def show_list(interaction: Interaction, shown: Shown) -> None:
    """A page of the subscriptions, of the channels that the person may manage."""
    bot, guild = interaction.client, home_of(interaction)
    found = await bot.call(subscriptions.list_all, guild.id, shown.channel_id)
    allowed = [each for each in found if may_manage(interaction, each.channel_id, each.parent_id)]

    def card() -> Card:
        page = subscription_page(bot.app, allowed, shown)
        listed = list_card(page, partial(PageButton.back_and_forth, "list"))
        refusing = status.refusing_channels(bot.app, guild.id)
        channels = dict.fromkeys(each.channel_id for each in page.subscriptions)
        troubles = [
            f"⚠ <#{channel_id}> refuses messages: {fit(safe(refusing[channel_id]), MAX_REASON)}"
            for channel_id in channels
            if channel_id in refusing
        ]
        return listed.add_item(_warnings(_first(troubles))) if troubles else listed

    await answer(interaction, await bot.in_thread(card))


def subscription_page(app: App, allowed: Sequence[Subscription], shown: Shown) -> SubscriptionPage:
    """A page of these subscriptions, by channel."""
    pages = pages_of(len(allowed), LIST_PAGE)
    shown = shown.within(pages)
    ordered = sorted(allowed, key=lambda each: (each.channel_id, each.id))
    part = part_of(ordered, shown.page, LIST_PAGE)
    part = with_doubts(app, part)
    posts = status.last_posts(app, [each.id for each in part])
    return SubscriptionPage(len(allowed), shown, pages, part, posts)


async def show_check(interaction: Interaction, shown: Shown) -> None:
    """What is missing in each channel, for what it is to hear; of the channels that the person may manage."""
    bot, guild = interaction.client, home_of(interaction)
    found = await bot.call(subscriptions.list_all, guild.id, shown.channel_id)
    channels: dict[int, list[Subscription]] = {}
    for each in found:
        if may_manage(interaction, each.channel_id, each.parent_id):
            channels.setdefault(each.channel_id, []).append(each)
    if shown.channel_id is not None:
        channels.setdefault(shown.channel_id, [])
    checked = [CheckedChannel(one, _missing_in(interaction, one, of)) for one, of in channels.items()]
    await answer(interaction, check_card(checked, shown, partial(PageButton.back_and_forth, "check")))


def _missing_in(interaction: Interaction, channel_id: int, here: Sequence[Subscription]) -> tuple[str, ...]:
    """What a channel lacks for its subscriptions; where it has none, for one with a thread, too."""
    guild = home_of(interaction)
    place = known_place(interaction, channel_id, here[0].parent_id if here else None)
    if place is None:
        return ("The channel is gone, or hidden from Papercord.",)
    reason = why_not(place, thread=any(each.thread for each in here))
    if reason is None and not here and place.type in WITH_THREADS:
        reason = why_not(place, thread=True)
        reason = f"For the option thread: {reason}" if reason is not None else None
    reasons = [reason] if reason is not None else []
    if place.type is not discord.ChannelType.news and (published := [each for each in here if each.publish]):
        numbers = ", ".join(str(each.id) for each in published)
        reasons.append(f"Subscription {numbers} publishes nothing: this is no announcement channel.")
    for role_id in dict.fromkeys(each.role_id for each in here if each.role_id is not None):
        if (reason := why_not_pinged(guild, channel_id, role_id)) is not None:
            numbers = ", ".join(str(each.id) for each in here if each.role_id == role_id)
            reasons.append(f"Subscription {numbers} pings nobody: {reason}.")
    if place.type is not discord.ChannelType.news and any(each.publish for each in here):
        numbers = ", ".join(str(each.id) for each in here if each.publish)
        reasons.append(f"Subscription {numbers} publishes nothing: it is no announcement channel (any more).")
    return tuple(reasons)


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
    parents = {each.subscription.channel_id: each.subscription.parent_id for each in report.subscriptions}
    channels = {
        channel_id: number
        for channel_id, number in held.items()
        if shown.channel_id in {None, channel_id}
        and may_manage(interaction, channel_id, parents.get(channel_id))
    }
    allowed = replace(
        report,
        subscriptions=tuple(
            each
            for each in report.subscriptions
            if may_manage(interaction, each.subscription.channel_id, each.subscription.parent_id)
        ),
        held_total=sum(channels.values()),
    )

    def card() -> Card:
        part = shown.within(allowed.pages)
        start = (part.page - 1) * HELD_PAGE
        page = status.held_messages(app, guild.id, channels, start=start, limit=HELD_PAGE)
        here = part_of(allowed.subscriptions, part.page, SUBSCRIPTIONS_PAGE)
        looked_up = {each.id: each for each in with_doubts(app, [one.subscription for one in here])}
        statuses = tuple(
            replace(one, subscription=looked_up.get(one.subscription.id, one.subscription))
            for one in allowed.subscriptions
        )
        return status_card(
            replace(allowed, subscriptions=statuses, held=page, shown=part),
            partial(PageButton.back_and_forth, "status"),
            TryButton.of,
            RetryButton.of,
        )

    await answer(interaction, await bot.in_thread(card))
    named = part_of(allowed.subscriptions, shown.within(allowed.pages).page, SUBSCRIPTIONS_PAGE)
    await bot.call(status.record_named, named)
