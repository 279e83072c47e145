"""The buttons of alerts, which people have for themselves, and the answers with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import discord

from bot.announcements import alerts, subscriptions
from bot.announcements.results import Filters, Schedule
from bot.announcements.subscriptions import paused_by_bot
from bot.app import App
from bot.authors.results import AuthorChoice
from bot.discord_app.buttons import ID, Button, Control, Menu, Row
from bot.discord_app.client import Interaction
from bot.discord_app.limits import Card, Passage
from bot.discord_app.permissions import home_of
from bot.discord_app.replies import acknowledge, acknowledge_change, answer_privately, show
from bot.discord_app.safe_text import fit, safe
from bot.errors import RefusedError, one_line
from bot.store.models import NO_SERVER, PlaceKind
from cogs.notify.buttons import names_meant, people_entries, subscription_page, with_author
from cogs.notify.cards import (
    NO_ALERTS,
    NOT_HEARD_HERE,
    SHOWN,
    Shown,
    added_card,
    changed_card,
    filter_words,
    list_card,
    name_of,
)

MAX_ENDED = 5
MAX_REASON = 150
NOT_OPENED = "Discord does not let Papercord write to you at present ({}). Try again later."
ENDED_ALREADY = "This alert has ended already; `/alerts list` shows those that you have."


class EndButton(Button, pattern=r"end:(?P<nonce>[a-z2-7]{21})"):
    """Ends the alerts for which a direct message was sent."""

    @classmethod
    def of(cls, nonce: str) -> Control:
        """The button of a message."""
        return cls.button("End this alert", f"end:{nonce}")

    async def respond(self, interaction: Interaction) -> None:
        """End them."""
        await acknowledge(interaction, private=True)
        ended = await interaction.client.call(
            alerts.end_alerts_of_message, interaction.user.id, self.given["nonce"]
        )
        if not ended:
            await answer_privately(interaction, ENDED_ALREADY)
            return
        lines = [f"{name_of(each)} has ended: {filter_words(each)}" for each in ended]
        await show(interaction, Card(Passage("\n".join([*lines, "-# `/alerts add` makes another."]))))


class AlertsButton(Button, pattern=rf"alerts:(?P<choice>list|here|resume):{SHOWN}"):
    """Shows another page of a person's alerts or of what a channel hears; starts alerts again that ended."""

    @classmethod
    def back_and_forth(cls, choice: str, shown: Shown, pages: int) -> Row:
        """The buttons of the page before and of the one after, disabled where there is none."""
        return Row(
            *cls.turns(lambda to: f"alerts:{choice}:{replace(shown, page=to).words}", shown.page, pages)
        )

    @classmethod
    def start_again(cls) -> Control:
        """The button that starts again what ended as the person took no direct messages."""
        return cls.button("Start again", f"alerts:resume:{Shown().words}", style=discord.ButtonStyle.primary)

    async def respond(self, interaction: Interaction) -> None:
        """Show the page."""
        await acknowledge_change(interaction)
        shown = Shown.of(self.given)
        if self.given["choice"] == "here":
            # Whoever can press it sees the channel.
            await show_heard(interaction, replace(shown, channel_id=interaction.channel_id))
            return
        if self.given["choice"] == "resume":
            await interaction.client.call(_resume_all, interaction.user.id)
        await show_alerts(interaction, shown)


class AlertNameMenu(Button, pattern=rf"name-of-mine:(?P<alert>{ID})"):
    """Gives an alert the author that its person meant, in place of a name that nobody has."""

    @classmethod
    def of(cls, alert_id: int, people: Sequence[AuthorChoice]) -> Menu:
        """The menu of an alert."""
        return cls.menu("Did you mean …?", people_entries(people), f"name-of-mine:{alert_id}")

    async def respond(self, interaction: Interaction) -> None:
        """Change the author of the alert."""
        await acknowledge_change(interaction)
        bot = interaction.client
        before = await bot.call(alerts.own_alert, interaction.user.id, int(self.given["alert"]))
        changed = await with_author(interaction, before)
        await answer_alerts(interaction, changed_card(changed, f"{name_of(changed)} is changed"))


BUTTONS = (EndButton, AlertsButton, AlertNameMenu)


def _resume_all(app: App, person_id: int) -> None:
    for each in alerts.alerts_of(app, person_id):
        if paused_by_bot(each):
            subscriptions.resume(app, NO_SERVER, each.id)


async def answer_alerts(interaction: Interaction, card: Card) -> None:
    """Show a card, and beneath it which alerts of the person have ended without their doing."""
    found = await interaction.client.call(alerts.alerts_of, interaction.user.id)
    ended = [each for each in found if paused_by_bot(each)]
    if ended:
        lines = [
            f"⚠ {name_of(each)} has ended: {fit(safe(each.pause_reason or ''), MAX_REASON)}"
            for each in ended[:MAX_ENDED]
        ]
        lines += [f"⚠ … and {len(ended) - MAX_ENDED:,} more"] if len(ended) > MAX_ENDED else []
        lines.append(
            "-# Let Papercord write to you (Privacy Settings of a server that you share), and press:"
        )
        card.add_item(Passage("", partial(fit, "\n".join(lines))))
        card.add_item(Row(AlertsButton.start_again()))
    await show(interaction, card)


async def show_alerts(interaction: Interaction, shown: Shown) -> None:
    """A page of the person's alerts."""
    bot = interaction.client
    found = await bot.call(alerts.alerts_of, interaction.user.id)
    page = await bot.call(subscription_page, found, shown)
    turns = partial(AlertsButton.back_and_forth, "list")
    await answer_alerts(interaction, list_card(page, turns, noun="alert", empty=NO_ALERTS))


async def show_heard(interaction: Interaction, shown: Shown) -> None:
    """A page of what a channel hears, for everybody who can see the channel."""
    bot, guild = interaction.client, home_of(interaction)
    found = await bot.call(subscriptions.list_all, guild.id, shown.channel_id)
    page = await bot.call(subscription_page, found, shown)
    turns = partial(AlertsButton.back_and_forth, "here")
    await show(interaction, list_card(page, turns, empty=NOT_HEARD_HERE))


async def alert_me(interaction: Interaction, find: Callable[[App], Filters | None], gone: str) -> None:
    """Make an alert of the filters found for the person; where there are none, say `gone`."""
    await acknowledge(interaction, private=True)
    filters = await interaction.client.call(find)
    if filters is None:
        await answer_privately(interaction, gone)
    else:
        await add_alert(interaction, filters)


async def add_alert(
    interaction: Interaction,
    filters: Filters,
    schedule: Schedule = Schedule(),  # noqa: B008 - it is frozen
) -> None:
    """Add an alert for the person, and confirm it."""
    bot, person = interaction.client, interaction.user.id
    conversation = await _conversation(interaction)

    def add() -> Card:
        added = subscriptions.add(
            bot.app,
            guild_id=NO_SERVER,
            channel_id=conversation,
            creator_id=person,
            filters=filters,
            place=PlaceKind.DIRECT,
            schedule=schedule,
        )
        card, meant = added_card(added), names_meant(bot.app, added.subscription)
        return card.add_item(Row(AlertNameMenu.of(added.subscription.id, meant))) if meant else card

    await answer_alerts(interaction, await bot.in_thread(add))


async def _conversation(interaction: Interaction) -> int:
    """The channel of the direct messages between the person and the bot.

    Raises:
        RefusedError: Discord does not open it.

    """
    known = await interaction.client.call(alerts.alerts_of, interaction.user.id)
    if known:
        return known[0].channel_id
    try:
        return (await interaction.user.create_dm()).id
    except discord.HTTPException as error:
        raise RefusedError(NOT_OPENED.format(one_line(error))) from error
