"""/author: an author's figures and papers."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.authors.profile import find_author
from bot.discord_app import inputs
from bot.discord_app.client import Papercord
from bot.discord_app.replies import acknowledge, show
from bot.papers.results import Match
from cogs.authors.cards import author_choices, show_author


class Authors(commands.Cog):
    """Finding people."""

    def __init__(self, bot: Papercord) -> None:
        self.bot = bot

    @app_commands.command(name="author")
    @app_commands.describe(name="The author's name", private="Show the answer to you alone")
    @app_commands.autocomplete(name=inputs.authors)
    async def author(
        self,
        interaction: discord.Interaction[Papercord],
        name: app_commands.Transform[str, inputs.Typed],
        private: bool = False,
    ) -> None:
        """Show an author: what sources report, and what this corpus shows."""
        await acknowledge(interaction, private=private)
        answer = await self.bot.in_thread(find_author, self.bot.app, name)
        if answer.match is Match.EXACT and answer.author is not None:
            await show_author(interaction, answer.author)
            return
        person = interaction.user.id
        await show(interaction, await self.bot.in_thread(author_choices, answer, person))


async def setup(bot: Papercord) -> None:
    """Add the command to the bot."""
    await bot.add_cog(Authors(bot))
