"""/about and /privacy: the state of Papercord, and what it stores of people."""

from __future__ import annotations

import math

from discord import app_commands

from bot.announcements.status import announcer_status
from bot.app import corpus_status
from bot.discord_app.client import Cog, Interaction, Papercord
from bot.discord_app.permissions import server_here
from bot.discord_app.replies import acknowledge, show
from bot.papers.saved_searches import stored_of_person
from bot.reading.lists import Reader
from bot.reading.use import use_of_reading
from cogs.about.buttons import privacy_card
from cogs.about.cards import about_card


class About(Cog):
    """What Papercord says of itself."""

    @app_commands.command(name="about")
    async def about(self, interaction: Interaction) -> None:
        """Show the version, the corpus and where to report problems."""
        await acknowledge(interaction, private=True)
        status = await self.bot.call(corpus_status)
        announcer = await self.bot.call(announcer_status)
        here = server_here(interaction)
        use = await self.bot.call(use_of_reading, Reader(interaction.user.id, here))
        # Before the first heartbeat is answered there is no latency to show.
        latency = self.bot.latency * 1000 if math.isfinite(self.bot.latency) else None
        card = about_card(
            status,
            announcer,
            latency_ms=latency,
            owner=self._owner(),
            report_url=self.bot.app.settings.report_url,
            use=use,
            in_server=here is not None,
        )
        await show(interaction, card)

    def _owner(self) -> str | None:
        application = self.bot.application
        if application is None:
            return None
        return application.team.name if application.team is not None else application.owner.name

    @app_commands.command(name="privacy")
    async def privacy(self, interaction: Interaction) -> None:
        """Show what is stored of you, and delete it."""
        await acknowledge(interaction, private=True)
        stored = await self.bot.call(stored_of_person, interaction.user.id)
        use = await self.bot.call(use_of_reading, Reader(interaction.user.id, server_here(interaction)))
        await show(interaction, privacy_card(stored, clubs=use.clubs))


async def setup(bot: Papercord) -> None:
    """Add the commands to the bot."""
    await bot.add_cog(About(bot))
