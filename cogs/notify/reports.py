"""/notify: what would be and was posted, why, and subscriptions as a file."""

from __future__ import annotations

import io

import discord
from discord import app_commands
from discord.ext import commands

from bot.announcements import export, status, subscriptions
from bot.announcements.results import Filters
from bot.authors.profile import author_name
from bot.discord_app import inputs
from bot.discord_app.client import Papercord
from bot.discord_app.pages import Shown
from bot.discord_app.permissions import (
    check_person,
    home_of,
    known_places,
    place_here,
    place_of,
    why_not,
    why_not_the_person,
)
from bot.discord_app.replies import acknowledge, show_file
from bot.discord_app.wording import counted
from bot.errors import RefusedError
from bot.papers.search import find_paper
from cogs.notify.buttons import answer, show_status, subscription_of
from cogs.notify.cards import imported_card, preview_card, why_card
from cogs.notify.inputs import NewsChannel, SubscriptionId, suggest_subscriptions

Channel = app_commands.Transform[app_commands.AppCommandChannel, NewsChannel]
Typed = app_commands.Transform[str, inputs.Typed]

FILE_NAME = "papercord-subscriptions.json"
TOO_LARGE = (
    f"The file has more than {export.MAX_BYTES // 1024} KiB, so it was not read: "
    "give the file that `/notify export` wrote."
)
NOT_ONE_PAPER = "That is not exactly one paper: type the first letters of its title, and choose a suggestion."


class NotifyReports(commands.Cog):
    """Proofs and previews of news."""

    def __init__(self, bot: Papercord) -> None:
        self.bot = bot

    @app_commands.command(name="preview")
    @app_commands.describe(
        subscription="One that there is; or else say what to look for",
        query="Words that a paper must have, as in /papers",
        author="Only papers of this author",
        field="Only this field, such as CV",
        code="Only papers with code, or only those without",
        min_score="Only papers with this score or more",
    )
    @app_commands.autocomplete(subscription=suggest_subscriptions)
    @app_commands.autocomplete(author=inputs.authors, field=inputs.fields)
    async def preview(
        self,
        interaction: discord.Interaction[Papercord],
        subscription: SubscriptionId | None = None,
        query: Typed | None = None,
        author: Typed | None = None,
        field: Typed | None = None,
        code: bool | None = None,
        min_score: float | None = None,
    ) -> None:
        """Show what would have been posted in the last 30 days; nothing is."""
        home_of(interaction)
        if subscription is None:
            check_person(place_here(interaction))
        await acknowledge(interaction, private=True)
        bot = interaction.client
        if subscription is not None:
            filters = (await subscription_of(interaction, subscription)).filters
        else:
            if author is not None:
                author = await bot.in_thread(author_name, bot.app, author)
            filters = Filters(query or "", author, field, code, min_score)
        found = await bot.in_thread(subscriptions.preview, bot.app, filters)
        await answer(interaction, await bot.in_thread(preview_card, filters.words, found))

    @app_commands.command(name="status")
    @app_commands.describe(channel="Only this channel’s subscriptions")
    async def status(
        self,
        interaction: discord.Interaction[Papercord],
        channel: Channel | None = None,
    ) -> None:
        """Show what came in, what was sent where, and what is held and why."""
        home_of(interaction)
        check_person(place_of(interaction, channel))
        await acknowledge(interaction, private=True)
        await show_status(interaction, Shown(channel.id if channel is not None else None))

    @app_commands.command(name="why")
    @app_commands.describe(
        paper="A title, an arXiv id or a DOI", channel="In which channel; this one where left out"
    )
    @app_commands.autocomplete(paper=inputs.titles)
    async def why(
        self,
        interaction: discord.Interaction[Papercord],
        paper: Typed,
        channel: Channel | None = None,
    ) -> None:
        """Tell why a paper was or was not posted in a channel."""
        guild = home_of(interaction)
        place = place_of(interaction, channel)
        check_person(place)
        await acknowledge(interaction, private=True)
        bot = interaction.client
        found = await bot.in_thread(find_paper, bot.app, paper)
        if found.paper is None:
            raise RefusedError(NOT_ONE_PAPER)
        told = await bot.in_thread(status.why, bot.app, guild.id, place.id, found.paper.id)
        await answer(interaction, await bot.in_thread(why_card, told, place.id))

    @app_commands.command(name="export")
    async def export(self, interaction: discord.Interaction[Papercord]) -> None:
        """Give out this server’s subscriptions as a file."""
        guild = home_of(interaction)
        self._check_server(interaction)
        await acknowledge(interaction, private=True)
        bot = interaction.client
        content = await bot.in_thread(export.export_subscriptions, bot.app, guild.id)
        number = len(await bot.in_thread(subscriptions.list_all, bot.app, guild.id))
        file = discord.File(io.BytesIO(content), filename=FILE_NAME)
        words = f"{counted(number, 'subscription')} of this server. `/notify import` takes the file in again."
        await show_file(interaction, words, file)

    @app_commands.command(name="import")
    @app_commands.describe(file="The file that /notify export wrote")
    async def take_in(self, interaction: discord.Interaction[Papercord], file: discord.Attachment) -> None:
        """Add the subscriptions of a file; channels of other servers are refused."""
        guild = home_of(interaction)
        check_person(place_here(interaction))
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
            return why_not_the_person(place) or why_not(place, role=role, thread=thread)

        taken = await bot.in_thread(
            export.import_subscriptions,
            bot.app,
            guild.id,
            interaction.user.id,
            await file.read(),
            may_use=may_use,
        )
        await answer(interaction, await bot.in_thread(imported_card, taken))

    @staticmethod
    def _check_server(interaction: discord.Interaction[Papercord]) -> None:
        """The file names every channel's subscriptions, so it is for those who manage all channels."""
        person = interaction.user
        everywhere = person.guild_permissions if isinstance(person, discord.Member) else discord.Permissions()
        if not (everywhere.administrator or everywhere.manage_channels):
            raise RefusedError("You need the permission Manage Channels in the whole server for this.")
