"""/sources: where papers come in by themselves."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands, tasks

from bot.discord_app import inputs
from bot.discord_app.client import Papercord
from bot.discord_app.permissions import check_admin
from bot.discord_app.replies import acknowledge, show
from bot.discord_app.safe_text import fit, plain
from bot.sources.providers import KINDS
from bot.sources.registry import (
    check_soon,
    find_source,
    pause_source,
    register_source,
    remove_source,
    report_silences,
    source_statuses,
)
from bot.sources.scheduler import SourceWorkers
from cogs.sources.cards import label_words, said_card, silence_message, sources_card

WAKE_SECONDS = 15.0
KIND_CHOICES = [
    app_commands.Choice(name=f"{kind.name} (such as {kind.example})"[:100], value=kind.name)
    for kind in KINDS.values()
]

Typed = app_commands.Transform[str, inputs.Typed]


async def suggest_sources(
    interaction: discord.Interaction[Papercord], typed: str
) -> list[app_commands.Choice[str]]:
    """The sources whose name has what is typed."""
    bot = interaction.client
    statuses = await bot.in_thread(source_statuses, bot.app)
    return [
        app_commands.Choice(name=fit(plain(status.label), 100), value=str(status.id))
        for status in statuses
        if typed.casefold() in status.label.casefold()
    ][: inputs.MAX_CHOICES]


class Sources(commands.Cog):
    """Following sources, and checking them in the background."""

    group = app_commands.Group(name="sources", description="Where papers come in by themselves")

    def __init__(self, bot: Papercord) -> None:
        self.bot = bot
        self.workers = SourceWorkers(bot.app, bot.library)

    async def cog_load(self) -> None:
        """Begin to check what is due."""
        self.wake.start()

    async def cog_unload(self) -> None:
        """End the checks under way; they go on at the next start."""
        self.wake.cancel()
        await self.bot.in_thread(self.workers.close)

    @tasks.loop(seconds=WAKE_SECONDS)
    async def wake(self) -> None:
        """Begin what is due, and tell of sources that have fallen silent."""
        with self.bot.app.outages.watching("Checking the sources"):
            await self.bot.in_thread(self.workers.wake)
            await self._tell_silences()

    async def _tell_silences(self) -> None:
        """Plan what administrators are told, once their channel can be seen; the announcer posts it."""
        channel = self.bot.get_channel(self.bot.app.settings.admin_channel or 0)
        if isinstance(channel, discord.TextChannel | discord.VoiceChannel | discord.Thread):
            await self.bot.in_thread(
                report_silences, self.bot.app, channel.id, channel.guild.id, silence_message
            )

    @group.command(name="status")
    async def status(self, interaction: discord.Interaction[Papercord]) -> None:
        """Show every source: when it was checked, what came, what went wrong."""
        await acknowledge(interaction, private=True)
        await self._show_all(interaction)

    @group.command(name="list")
    async def list(self, interaction: discord.Interaction[Papercord]) -> None:
        """List the sources that are followed."""
        await acknowledge(interaction, private=True)
        await self._show_all(interaction)

    async def _show_all(self, interaction: discord.Interaction[Papercord]) -> None:
        statuses = await self.bot.in_thread(source_statuses, self.bot.app)
        await show(interaction, sources_card(statuses, self.bot.app.clock()))

    @group.command(name="add")
    @app_commands.describe(
        kind="Where papers come from", value="The category, search, author or group that is followed there"
    )
    @app_commands.choices(kind=KIND_CHOICES)
    async def add(self, interaction: discord.Interaction[Papercord], kind: str, value: Typed) -> None:
        """Follow a source; its first check announces nothing (administrators)."""
        await acknowledge(interaction, private=True)
        await check_admin(interaction)
        status, is_new = await self.bot.in_thread(
            register_source, self.bot.app, kind, value, interaction.user.id
        )
        if is_new:
            await self.bot.in_thread(self.workers.wake)
        sentence = (
            "Its first check begins now. What it has until then is known and not announced; you will "
            "hear of what comes next."
            if is_new
            else "It was followed already; nothing changed."
        )
        await show(interaction, said_card(f"Followed: {label_words(status)}", sentence))

    @group.command(name="check")
    @app_commands.describe(source="One source; all where it is left out")
    @app_commands.autocomplete(source=suggest_sources)
    async def check(self, interaction: discord.Interaction[Papercord], source: Typed | None = None) -> None:
        """Check now (administrators)."""
        await acknowledge(interaction, private=True)
        await check_admin(interaction)
        chosen = (
            (await self.bot.in_thread(find_source, self.bot.app, source)).id if source is not None else None
        )
        count = await self.bot.in_thread(check_soon, self.bot.app, chosen)
        await self.bot.in_thread(self.workers.wake)
        sources = "1 source is" if count == 1 else f"{count:,} sources are"
        await show(
            interaction, said_card("Checking", f"{sources} checked now; `/sources status` shows how it goes.")
        )

    @group.command(name="pause")
    @app_commands.describe(source="The source", resume="Check it again")
    @app_commands.autocomplete(source=suggest_sources)
    async def pause(
        self, interaction: discord.Interaction[Papercord], source: Typed, resume: bool = False
    ) -> None:
        """Pause a source, or resume it (administrators)."""
        await acknowledge(interaction, private=True)
        await check_admin(interaction)
        chosen = await self.bot.in_thread(find_source, self.bot.app, source)
        status = await self.bot.in_thread(pause_source, self.bot.app, chosen.id, paused=not resume)
        sentence = "It is checked again." if resume else "It is not checked until it is resumed."
        await show(interaction, said_card(label_words(status), sentence))

    @group.command(name="remove")
    @app_commands.describe(source="The source")
    @app_commands.autocomplete(source=suggest_sources)
    async def remove(self, interaction: discord.Interaction[Papercord], source: Typed) -> None:
        """Follow a source no longer; its papers stay (administrators)."""
        await acknowledge(interaction, private=True)
        await check_admin(interaction)
        chosen = await self.bot.in_thread(find_source, self.bot.app, source)
        status = await self.bot.in_thread(remove_source, self.bot.app, chosen.id)
        await show(interaction, said_card(label_words(status), "It is not followed any more."))


async def setup(bot: Papercord) -> None:
    """Add the commands to the bot."""
    await bot.add_cog(Sources(bot))
