"""/notify: subscriptions of channels, added, changed and removed."""

from __future__ import annotations

from dataclasses import replace

import discord
from discord import app_commands
from discord.ext import commands

from bot.announcements import subscriptions
from bot.announcements.results import Filters, Subscription
from bot.authors.profile import author_name
from bot.discord_app import inputs
from bot.discord_app.client import Papercord
from bot.discord_app.pages import Shown
from bot.discord_app.permissions import check_bot, check_person, home_of, known_place, place_of
from bot.discord_app.replies import acknowledge
from bot.errors import RefusedError
from cogs.notify.buttons import answer, show_list, subscribe, subscription_of
from cogs.notify.cards import changed_card
from cogs.notify.inputs import (
    DAY_CHOICES,
    WHEN_CHOICES,
    NewsChannel,
    SubscriptionId,
    TimeOfDay,
    TimeZone,
    schedule_from,
    suggest_subscriptions,
    zones,
)
from cogs.notify.reports import NotifyReports

Typed = app_commands.Transform[str, inputs.Typed]
Channel = app_commands.Transform[app_commands.AppCommandChannel, NewsChannel]
Time = app_commands.Transform[str, TimeOfDay]
Zone = app_commands.Transform[str, TimeZone]

CLEARED = [
    app_commands.Choice(name=name, value=name)
    for name in ("query", "author", "field", "code", "min_score", "role")
]
GONE_CHANNEL = "Its channel is gone, or hidden from Papercord. Remove the subscription, and add it elsewhere."


@app_commands.guild_only()
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.default_permissions(manage_channels=True)
class Notify(
    NotifyReports, commands.GroupCog, group_name="notify", group_description="News of papers in channels"
):
    """Telling channels of new papers."""

    @app_commands.command(name="add")
    @app_commands.describe(
        query="Words that a paper must have, as in /papers",
        author="Only papers of this author",
        field="Only this field, such as CV",
        code="Only papers with code, or only those without",
        min_score="Only papers with this score or more",
        channel="The channel that is told; this one where left out",
        when="At once, or in a digest",
        day="The day of a weekly digest",
        at="The time of a digest, such as 09:00",
        timezone="The time zone of the digest, such as Europe/Berlin",
        role="A role that is pinged",
        thread="Open a thread for discussion under each message",
    )
    @app_commands.autocomplete(author=inputs.authors, field=inputs.fields, timezone=zones)
    @app_commands.choices(when=WHEN_CHOICES)
    @app_commands.choices(day=DAY_CHOICES)
    async def add(
        self,
        interaction: discord.Interaction[Papercord],
        query: Typed | None = None,
        author: Typed | None = None,
        field: Typed | None = None,
        code: bool | None = None,
        min_score: float | None = None,
        channel: Channel | None = None,
        when: str | None = None,
        day: int | None = None,
        at: Time | None = None,
        timezone: Zone | None = None,
        role: discord.Role | None = None,
        thread: bool = False,
    ) -> None:
        """Tell a channel of new papers; they need all the words and options."""
        home_of(interaction)
        schedule = schedule_from(when, day, at, timezone)
        place = place_of(interaction, channel)
        check_person(place)
        check_bot(place, role=role, thread=thread)
        await acknowledge(interaction, private=True)
        if author is not None:
            author = await interaction.client.in_thread(author_name, interaction.client.app, author)
        await subscribe(
            interaction,
            place.id,
            Filters(query or "", author, field, code, min_score),
            schedule,
            role_id=role.id if role is not None else None,
            thread=thread,
        )

    @app_commands.command(name="list")
    @app_commands.describe(channel="Only this channel’s")
    async def list_all(
        self,
        interaction: discord.Interaction[Papercord],
        channel: Channel | None = None,
    ) -> None:
        """Show the subscriptions of this server."""
        home_of(interaction)
        check_person(place_of(interaction, channel))
        await acknowledge(interaction, private=True)
        await show_list(interaction, Shown(channel.id if channel is not None else None))

    @app_commands.command(name="edit")
    @app_commands.describe(
        subscription="Which one; /notify list shows the numbers",
        query="Other words that a paper must have",
        author="Only papers of this author",
        field="Only this field, such as CV",
        code="Only papers with code, or only those without",
        min_score="Only papers with this score or more",
        when="At once, or in a digest",
        day="The day of a weekly digest",
        at="The time of a digest, such as 09:00",
        timezone="The time zone of the digest, such as Europe/Berlin",
        role="A role that is pinged",
        thread="Open a thread for discussion under each message",
        clear="An option that shall hold no longer",
    )
    @app_commands.autocomplete(subscription=suggest_subscriptions)
    @app_commands.autocomplete(author=inputs.authors, field=inputs.fields, timezone=zones)
    @app_commands.choices(when=WHEN_CHOICES, clear=CLEARED)
    @app_commands.choices(day=DAY_CHOICES)
    async def edit(
        self,
        interaction: discord.Interaction[Papercord],
        subscription: SubscriptionId,
        query: Typed | None = None,
        author: Typed | None = None,
        field: Typed | None = None,
        code: bool | None = None,
        min_score: float | None = None,
        when: str | None = None,
        day: int | None = None,
        at: Time | None = None,
        timezone: Zone | None = None,
        role: discord.Role | None = None,
        thread: bool | None = None,
        clear: str | None = None,
    ) -> None:
        """Change a subscription; what you leave out stays."""
        home_of(interaction)
        await acknowledge(interaction, private=True)
        bot = interaction.client
        before = await subscription_of(interaction, subscription)
        opens_thread = before.thread if thread is None else thread
        _check_bot(interaction, before, role=role, thread=opens_thread)
        given = {
            "query": query,
            "author": await bot.in_thread(author_name, bot.app, author) if author is not None else None,
            "field": field,
            "code": code,
            "min_score": min_score,
        }
        filters = replace(
            before.filters, **{name: value for name, value in given.items() if value is not None}
        )
        role_id = role.id if role is not None else before.role_id
        if clear == "role":
            role_id = None
        elif clear is not None:
            filters = replace(filters, **{clear: "" if clear == "query" else None})
        changed = await bot.in_thread(
            subscriptions.edit,
            bot.app,
            before.guild_id,
            before.id,
            filters=filters,
            schedule=schedule_from(when, day, at, timezone, before.schedule),
            role_id=role_id,
            thread=opens_thread,
        )
        await answer(interaction, changed_card(changed, f"Subscription {changed.id} is changed"))

    @app_commands.command(name="pause")
    @app_commands.describe(subscription="Which one; /notify list shows the numbers")
    @app_commands.autocomplete(subscription=suggest_subscriptions)
    async def pause(self, interaction: discord.Interaction[Papercord], subscription: SubscriptionId) -> None:
        """Post nothing for a subscription until it is resumed."""
        home_of(interaction)
        await acknowledge(interaction, private=True)
        bot = interaction.client
        found = await subscription_of(interaction, subscription)
        paused = await bot.in_thread(subscriptions.pause, bot.app, found.guild_id, found.id)
        await answer(interaction, changed_card(paused, f"Subscription {paused.id} is paused"))

    @app_commands.command(name="resume")
    @app_commands.describe(subscription="Which one; /notify list shows the numbers")
    @app_commands.autocomplete(subscription=suggest_subscriptions)
    async def resume(self, interaction: discord.Interaction[Papercord], subscription: SubscriptionId) -> None:
        """Go on with a paused subscription."""
        home_of(interaction)
        await acknowledge(interaction, private=True)
        bot = interaction.client
        found = await subscription_of(interaction, subscription)
        _check_bot(interaction, found, role=None, thread=found.thread)
        resumed = await bot.in_thread(subscriptions.resume, bot.app, found.guild_id, found.id)
        note = "What came in while it was paused is not posted; you will hear of the next paper."
        if subscriptions.paused_by_bot(found):
            note = "What came in while Papercord itself had paused it is posted now."
        await answer(interaction, changed_card(resumed, f"Subscription {resumed.id} goes on", note))

    @app_commands.command(name="remove")
    @app_commands.describe(subscription="Which one; /notify list shows the numbers")
    @app_commands.autocomplete(subscription=suggest_subscriptions)
    async def remove(self, interaction: discord.Interaction[Papercord], subscription: SubscriptionId) -> None:
        """Delete a subscription."""
        home_of(interaction)
        await acknowledge(interaction, private=True)
        bot = interaction.client
        found = await subscription_of(interaction, subscription)
        await bot.in_thread(subscriptions.remove, bot.app, found.guild_id, found.id)
        await answer(interaction, changed_card(found, f"Subscription {found.id} is removed. It was:"))


def _check_bot(
    interaction: discord.Interaction[Papercord],
    subscription: Subscription,
    *,
    role: discord.Role | None,
    thread: bool,
) -> None:
    """Refuse where the bot could not do in the subscription's channel what it is to do there."""
    place = known_place(interaction, subscription.channel_id)
    if place is None:
        raise RefusedError(GONE_CHANNEL)
    check_bot(place, role=role, thread=thread)


async def setup(bot: Papercord) -> None:
    """Add the commands to the bot."""
    await bot.add_cog(Notify(bot))
