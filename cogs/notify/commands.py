"""/notify: subscriptions of channels, what they would post and did post, and subscriptions as a file."""

from __future__ import annotations

import io
from functools import partial

import discord
from discord import app_commands
from discord.ext import commands

from bot.announcements import export, status, subscriptions
from bot.announcements.results import Filters, Subscription
from bot.announcements.schedule import MOST_DELAY
from bot.authors.profile import author_followed
from bot.discord_app import inputs
from bot.discord_app.client import Cog, Interaction, Papercord
from bot.discord_app.permissions import (
    ChosenPlace,
    check_bot,
    check_manager,
    check_server,
    home_of,
    know_grants,
    known_place,
    known_places,
    manages_server,
    may_manage,
    place_here,
    place_of,
    why_not,
    why_not_the_person,
)
from bot.discord_app.replies import acknowledge, show_file
from bot.discord_app.times import DAY_CHOICES, TimeOfDay, TimeZone, zones
from bot.errors import RefusedError
from bot.papers.search import find_paper
from bot.store.models import DigestOrder, PlaceKind
from bot.text.counting import counted
from cogs.notify.buttons import (
    answer,
    show_check,
    show_list,
    show_status,
    subscribe,
    subscription_of,
)
from cogs.notify.cards import Shown, changed_card, imported_card, preview_card, why_card
from cogs.notify.inputs import (
    CITING,
    FILTER_OPTIONS,
    ORDER_CHOICES,
    WHEN_CHOICES,
    ChosenChannel,
    SubscriptionId,
    changed_filters,
    cited,
    cited_named,
    followed,
    schedule_from,
    suggest_cited,
    suggest_subscriptions,
)

Typed = app_commands.Transform[str, inputs.Typed]
Channel = app_commands.Transform[ChosenPlace, ChosenChannel]
Time = app_commands.Transform[str, TimeOfDay]
Zone = app_commands.Transform[str, TimeZone]
Delay = app_commands.Range[int, 0, MOST_DELAY]

CLEARED = [
    app_commands.Choice(name=name, value=name)
    for name in (
        *("query", "author", "field", "code", "min_score", "retractions", "published", "citing"),
        "role",
    )
]
CITED = "Not new papers, but who newly cites this paper or author"
WHICH = "Which one; /notify list shows the numbers"
POSTING_OPTIONS = {
    "when": "At once, or in a digest",
    "day": "The day of a weekly digest",
    "at": "The time of a digest, such as 09:00",
    "timezone": "The time zone of the digest, such as Europe/Berlin",
    "order": "The order of a digest: as papers came in, by this server’s votes, or by its taste",
    "delay": "Only papers that came so many days before the digest, or earlier",
    "role": "A role that is pinged",
    "thread": "Open a thread for discussion under each message",
    "publish": "Publish each message to the channels that follow this announcement channel",
}
FILE_NAME = "papercord-subscriptions.json"
TOO_LARGE = (
    f"The file has more than {export.MAX_BYTES // 1024} KiB, so it was not read: "
    "give the file that `/notify export` wrote."
)
NOT_ONE_PAPER = "That is not exactly one paper: type the first letters of its title, and choose a suggestion."
GONE_CHANNEL = "Its channel is gone, or hidden from Papercord. Remove the subscription, and add it elsewhere."


@app_commands.guild_only()
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.default_permissions(manage_channels=True)
class Notify(Cog, commands.GroupCog, group_name="notify", group_description="News of papers in channels"):
    """Subscriptions of channels to new papers, and the proof of what was posted."""

    @app_commands.command(name="preview")
    @app_commands.describe(
        subscription="One that there is; or else say what to look for",
        **FILTER_OPTIONS,
        citing=CITED,
        order="In which order to show them; that of the subscription where left out",
    )
    @app_commands.autocomplete(subscription=suggest_subscriptions)
    @app_commands.autocomplete(author=inputs.authors, field=inputs.fields, citing=suggest_cited)
    @app_commands.choices(order=ORDER_CHOICES)
    async def preview(
        self,
        interaction: Interaction,
        subscription: SubscriptionId | None = None,
        query: Typed | None = None,
        author: Typed | None = None,
        field: Typed | None = None,
        code: bool | None = None,
        min_score: float | None = None,
        retractions: bool | None = None,
        published: bool | None = None,
        citing: Typed | None = None,
        order: str | None = None,
    ) -> None:
        """Show what would have been posted in the last 30 days; nothing is."""
        guild = home_of(interaction)
        if subscription is None:
            await check_manager(interaction, place_here(interaction))
        await acknowledge(interaction, private=True)
        bot = interaction.client
        ranking = DigestOrder(order) if order is not None else DigestOrder.ARRIVED
        if subscription is not None:
            known = await subscription_of(interaction, subscription)
            filters, ranking = known.filters, ranking if order is not None else known.schedule.order
        else:
            filters = Filters(
                query or "",
                *await followed(bot, author),
                field,
                code,
                min_score,
                retractions or None,
                published or None,
                **await cited(bot, citing),
            )
        found = await bot.call(subscriptions.preview, filters, guild_id=guild.id, order=ranking)
        await answer(interaction, await bot.in_thread(preview_card, filters.words, found))

    @app_commands.command(name="status")
    @app_commands.describe(channel="Only this channel’s subscriptions")
    async def status(
        self,
        interaction: Interaction,
        channel: Channel | None = None,
    ) -> None:
        """Show what came in, what was sent where, and what is held and why."""
        home_of(interaction)
        await check_manager(interaction, place_of(interaction, channel))
        await acknowledge(interaction, private=True)
        await show_status(interaction, Shown(channel.id if channel is not None else None))

    @app_commands.command(name="check")
    @app_commands.describe(channel="Only this channel, also one that hears nothing yet")
    async def check(self, interaction: Interaction, channel: Channel | None = None) -> None:
        """Name what is missing in each channel: permissions, roles, tags, locked threads."""
        home_of(interaction)
        await check_manager(interaction, place_of(interaction, channel))
        await acknowledge(interaction, private=True)
        await show_check(interaction, Shown(channel.id if channel is not None else None))

    @app_commands.command(name="why")
    @app_commands.describe(
        paper="A title, an arXiv id or a DOI", channel="In which channel; this one where left out"
    )
    @app_commands.autocomplete(paper=inputs.titles)
    async def why(
        self,
        interaction: Interaction,
        paper: Typed,
        channel: Channel | None = None,
    ) -> None:
        """Tell why a paper was or was not posted in a channel."""
        guild = home_of(interaction)
        place = place_of(interaction, channel)
        await check_manager(interaction, place)
        await acknowledge(interaction, private=True)
        bot = interaction.client
        found = await bot.call(find_paper, paper)
        if found.paper is None:
            raise RefusedError(NOT_ONE_PAPER)
        explanation = await bot.call(status.why, guild.id, place.id, found.paper.id)
        await answer(interaction, await bot.in_thread(why_card, explanation, place.id))

    @app_commands.command(name="export")
    async def export(self, interaction: Interaction) -> None:
        """Give out this server’s subscriptions as a file."""
        guild = home_of(interaction)
        await acknowledge(interaction, private=True)
        await know_grants(interaction)
        check_server(interaction)
        bot = interaction.client
        found = await bot.call(subscriptions.list_all, guild.id)
        channels = {each.channel_id for each in found}
        if not manages_server(interaction):
            # What the server's owner granted shows no channel that the person cannot see.
            channels = {
                each.channel_id for each in found if may_manage(interaction, each.channel_id, each.parent_id)
            }
        content = await bot.call(
            export.export_subscriptions,
            guild.id,
            channels=channels,
            most_bytes=min(interaction.filesize_limit, export.MAX_BYTES),
        )
        number = sum(each.channel_id in channels for each in found)
        file = discord.File(io.BytesIO(content), filename=FILE_NAME)
        words = f"{counted(number, 'subscription')} of this server. `/notify import` takes the file in again."
        await show_file(interaction, words, file)

    @app_commands.command(name="import")
    @app_commands.describe(file="The file that /notify export wrote")
    async def import_file(self, interaction: Interaction, file: discord.Attachment) -> None:
        """Add the subscriptions of a file; channels of other servers are refused."""
        guild = home_of(interaction)
        await check_manager(interaction, place_here(interaction))
        if file.size > export.MAX_BYTES:
            raise RefusedError(TOO_LARGE)
        await acknowledge(interaction, private=True)
        bot, places = interaction.client, known_places(interaction)
        roles = {role.id: role for role in guild.roles}

        def may_use(channel_id: int, role_id: int | None, thread: bool) -> str | None:
            place = places.get(channel_id)
            if place is None:
                return "The channel is not one of this server."
            role = roles.get(role_id) if role_id is not None else None
            if role_id is not None and role is None:
                return "The role is not one of this server."
            return why_not_the_person(interaction, place) or why_not(place, role=role, thread=thread)

        imported = await bot.call(
            export.import_subscriptions,
            guild.id,
            interaction.user.id,
            await file.read(),
            may_use=may_use,
            kind_of=lambda channel_id: (
                places[channel_id].kind or PlaceKind.CHANNEL,
                places[channel_id].parent_id,
            ),
            author_of=partial(author_followed, bot.app),
            cited_of=lambda text: cited_named(bot.app, text)[1:],
        )
        await answer(interaction, await bot.in_thread(imported_card, imported))

    @app_commands.command(name="add")
    @app_commands.describe(
        **FILTER_OPTIONS,
        citing=CITING,
        channel="The channel that is told; this one where left out",
        **POSTING_OPTIONS,
    )
    @app_commands.autocomplete(
        author=inputs.authors, field=inputs.fields, timezone=zones, citing=suggest_cited
    )
    @app_commands.choices(when=WHEN_CHOICES, order=ORDER_CHOICES)
    @app_commands.choices(day=DAY_CHOICES)
    async def add(
        self,
        interaction: Interaction,
        query: Typed | None = None,
        author: Typed | None = None,
        field: Typed | None = None,
        code: bool | None = None,
        min_score: float | None = None,
        retractions: bool | None = None,
        published: bool | None = None,
        citing: Typed | None = None,
        channel: Channel | None = None,
        when: str | None = None,
        day: int | None = None,
        at: Time | None = None,
        timezone: Zone | None = None,
        order: str | None = None,
        delay: Delay | None = None,
        role: discord.Role | None = None,
        thread: bool = False,
        publish: bool = False,
    ) -> None:
        """Tell a channel of new papers; they need all the words and options."""
        home_of(interaction)
        frequency = when or ("weekly" if citing is not None else None)
        schedule = schedule_from(frequency, day, at, timezone, order=order, delay=delay)
        place = place_of(interaction, channel)
        await check_manager(interaction, place)
        check_bot(place, role=role, thread=thread, publish=publish)
        await acknowledge(interaction, private=True)
        await subscribe(
            interaction,
            place,
            Filters(
                query or "",
                *await followed(interaction.client, author),
                field,
                code,
                min_score,
                retractions or None,
                published or None,
                **await cited(interaction.client, citing),
            ),
            schedule,
            role_id=role.id if role is not None else None,
            thread=thread,
            publish=publish,
        )

    @app_commands.command(name="list")
    @app_commands.describe(channel="Only this channel’s")
    async def list_all(
        self,
        interaction: Interaction,
        channel: Channel | None = None,
    ) -> None:
        """Show the subscriptions of this server."""
        home_of(interaction)
        await check_manager(interaction, place_of(interaction, channel))
        await acknowledge(interaction, private=True)
        await show_list(interaction, Shown(channel.id if channel is not None else None))

    @app_commands.command(name="edit")
    @app_commands.describe(
        subscription=WHICH,
        **FILTER_OPTIONS | {"query": "Other words that a paper must have"},
        citing=CITED,
        **POSTING_OPTIONS,
        clear="An option that shall hold no longer",
    )
    @app_commands.autocomplete(subscription=suggest_subscriptions)
    @app_commands.autocomplete(
        author=inputs.authors, field=inputs.fields, timezone=zones, citing=suggest_cited
    )
    @app_commands.choices(when=WHEN_CHOICES, order=ORDER_CHOICES, clear=CLEARED)
    @app_commands.choices(day=DAY_CHOICES)
    async def edit(
        self,
        interaction: Interaction,
        subscription: SubscriptionId,
        query: Typed | None = None,
        author: Typed | None = None,
        field: Typed | None = None,
        code: bool | None = None,
        min_score: float | None = None,
        retractions: bool | None = None,
        published: bool | None = None,
        citing: Typed | None = None,
        when: str | None = None,
        day: int | None = None,
        at: Time | None = None,
        timezone: Zone | None = None,
        order: str | None = None,
        delay: Delay | None = None,
        role: discord.Role | None = None,
        thread: bool | None = None,
        publish: bool | None = None,
        clear: str | None = None,
    ) -> None:
        """Change a subscription; what you leave out stays."""
        home_of(interaction)
        if clear == "role" and role is not None:
            raise RefusedError("role is given and cleared as well: leave one of the two out.")
        await acknowledge(interaction, private=True)
        bot = interaction.client
        before = await subscription_of(interaction, subscription)
        opens_thread = before.thread if thread is None else thread
        # That an announcement channel became a text channel keeps nobody from changing something else.
        _check_bot(interaction, before, role=role, thread=opens_thread, publish=publish or False)
        given = Filters(
            query or "",
            *await followed(bot, author),
            field,
            code,
            min_score,
            retractions or None,
            published or None,
            **await cited(bot, citing),
        )
        role_id = role.id if role is not None else before.role_id
        changed = await bot.call(
            subscriptions.edit,
            before.guild_id,
            before.id,
            filters=changed_filters(before.filters, given, clear),
            schedule=schedule_from(when, day, at, timezone, before.schedule, order=order, delay=delay),
            role_id=None if clear == "role" else role_id,
            thread=opens_thread,
            publish=publish,
            version=before.version,
        )
        await answer(interaction, changed_card(changed, f"Subscription {changed.id} is changed"))

    @app_commands.command(name="pause")
    @app_commands.describe(subscription=WHICH)
    @app_commands.autocomplete(subscription=suggest_subscriptions)
    async def pause(self, interaction: Interaction, subscription: SubscriptionId) -> None:
        """Post nothing for a subscription until it is resumed."""
        home_of(interaction)
        await acknowledge(interaction, private=True)
        found = await subscription_of(interaction, subscription)
        paused = await interaction.client.call(subscriptions.pause, found.guild_id, found.id)
        await answer(interaction, changed_card(paused, f"Subscription {paused.id} is paused"))

    @app_commands.command(name="resume")
    @app_commands.describe(subscription=WHICH)
    @app_commands.autocomplete(subscription=suggest_subscriptions)
    async def resume(self, interaction: Interaction, subscription: SubscriptionId) -> None:
        """Go on with a paused subscription."""
        home_of(interaction)
        await acknowledge(interaction, private=True)
        found = await subscription_of(interaction, subscription)
        _check_bot(interaction, found, role=None, thread=found.thread)
        resumed = await interaction.client.call(subscriptions.resume, found.guild_id, found.id)
        sentence = "What came in while it was paused is not posted; you will hear of the next paper."
        if subscriptions.paused_by_bot(found):
            sentence = "What came in while Papercord itself had paused it is posted now."
        await answer(interaction, changed_card(resumed, f"Subscription {resumed.id} goes on", sentence))

    @app_commands.command(name="remove")
    @app_commands.describe(subscription=WHICH)
    @app_commands.autocomplete(subscription=suggest_subscriptions)
    async def remove(self, interaction: Interaction, subscription: SubscriptionId) -> None:
        """Delete a subscription."""
        home_of(interaction)
        await acknowledge(interaction, private=True)
        found = await subscription_of(interaction, subscription)
        await interaction.client.call(subscriptions.remove, found.guild_id, found.id)
        await answer(interaction, changed_card(found, f"Subscription {found.id} is removed. It was:"))


def _check_bot(
    interaction: Interaction,
    subscription: Subscription,
    *,
    role: discord.Role | None,
    thread: bool,
    publish: bool = False,
) -> None:
    """Refuse where the bot could not do in the subscription's channel what it is to do there."""
    place = known_place(interaction, subscription.channel_id, subscription.parent_id)
    if place is None:
        raise RefusedError(GONE_CHANNEL)
    check_bot(place, role=role, thread=thread, publish=publish)


async def setup(bot: Papercord) -> None:
    """Add the commands to the bot."""
    await bot.add_cog(Notify(bot))
