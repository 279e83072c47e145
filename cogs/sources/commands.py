"""/sources, /add, /import and the menu "Papers here": where papers come in."""

from __future__ import annotations

from pathlib import Path

import discord
from discord import app_commands
from discord.ext import tasks

from bot.app import App
from bot.corpus.files import ENDINGS
from bot.corpus.formats.opening import FORMATS
from bot.discord_app import inputs
from bot.discord_app.client import Cog, Interaction, Papercord
from bot.discord_app.permissions import check_admin
from bot.discord_app.replies import acknowledge, show
from bot.errors import RefusedError
from bot.papers.results import Choice
from bot.sources.enrichment import EnrichmentWorker
from bot.sources.providers.table import KINDS
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
from cogs.sources.buttons import look_up_here, preview_card, show_links, silence_message
from cogs.sources.cards import label_words, said_card, sources_card
from cogs.sources.messages import links_of, read_message
from cogs.sources.uploads import Upload, forget_old_uploads, forget_upload, keep_upload, preview_upload

WAKE_SECONDS = 15.0
MAX_FILE_BYTES = 25 * 2**20
KIND_CHOICES = [
    app_commands.Choice(name=f"{kind.name} (such as {kind.example})"[:100], value=kind.name)
    for kind in KINDS.values()
]

Typed = app_commands.Transform[str, inputs.Typed]


async def suggest_sources(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """The sources whose name has what is typed."""

    def matching(app: App) -> list[Choice]:
        return [
            Choice(label=status.label, value=str(status.id))
            for status in source_statuses(app)
            if typed.casefold() in status.label.casefold()
        ]

    return await inputs.suggested(interaction, interaction.client.call(matching))


class Sources(Cog):
    """Following sources, and checking them in the background."""

    group = app_commands.Group(name="sources", description="Where papers come in by themselves")

    def __init__(self, bot: Papercord) -> None:
        super().__init__(bot)
        self.workers = SourceWorkers(bot.app, bot.library)
        self.enrichment = EnrichmentWorker(bot.app, bot.library)

    async def cog_load(self) -> None:
        """Begin to check what is due."""
        self.wake.start()

    async def cog_unload(self) -> None:
        """End the checks under way; they go on at the next start."""
        self.wake.cancel()
        await self.bot.in_thread(self.workers.close)
        await self.bot.in_thread(self.enrichment.close)

    @tasks.loop(seconds=WAKE_SECONDS)
    async def wake(self) -> None:
        """Begin what is due, plan the notice of silent sources, and delete old attachments."""
        with self.bot.app.outages.watching("Checking the sources"):
            await self.bot.in_thread(self.workers.wake)
            await self.bot.in_thread(self.enrichment.wake)
            await self._plan_silence_notice()
            await self.bot.call(forget_old_uploads)

    async def _plan_silence_notice(self) -> None:
        """Plan the notice to administrators, once their channel can be seen; the announcer posts it."""
        channel = self.bot.get_channel(self.bot.app.settings.admin_channel or 0)
        if isinstance(channel, discord.TextChannel | discord.VoiceChannel | discord.Thread):
            await self.bot.call(report_silences, channel.id, channel.guild.id, silence_message)

    @group.command(name="status")
    async def status(self, interaction: Interaction) -> None:
        """Show every source: when it was checked, what came, what went wrong."""
        await acknowledge(interaction, private=True)
        await self._show_all(interaction)

    @group.command(name="list")
    async def list(self, interaction: Interaction) -> None:
        """List the sources that are followed."""
        await acknowledge(interaction, private=True)
        await self._show_all(interaction)

    async def _show_all(self, interaction: Interaction) -> None:
        statuses = await self.bot.call(source_statuses)
        await show(interaction, sources_card(statuses, self.bot.app.clock()))

    @group.command(name="add")
    @app_commands.describe(
        kind="Where papers come from", value="The category, search, author or group that is followed there"
    )
    @app_commands.choices(kind=KIND_CHOICES)
    async def add(self, interaction: Interaction, kind: str, value: Typed) -> None:
        """Follow a source; its first check announces nothing (administrators)."""
        await acknowledge(interaction, private=True)
        await check_admin(interaction)
        status, is_new = await self.bot.call(register_source, kind, value, interaction.user.id)
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
    async def check(self, interaction: Interaction, source: Typed | None = None) -> None:
        """Check now (administrators)."""
        await acknowledge(interaction, private=True)
        await check_admin(interaction)
        chosen = (await self.bot.call(find_source, source)).id if source is not None else None
        count = await self.bot.call(check_soon, chosen)
        await self.bot.in_thread(self.workers.wake)
        sources = "1 source is" if count == 1 else f"{count:,} sources are"
        await show(
            interaction, said_card("Checking", f"{sources} checked now; `/sources status` shows how it goes.")
        )

    @group.command(name="pause")
    @app_commands.describe(source="The source", resume="Check it again")
    @app_commands.autocomplete(source=suggest_sources)
    async def pause(self, interaction: Interaction, source: Typed, resume: bool = False) -> None:
        """Pause a source, or resume it (administrators)."""
        await acknowledge(interaction, private=True)
        await check_admin(interaction)
        chosen = await self.bot.call(find_source, source)
        status = await self.bot.call(pause_source, chosen.id, paused=not resume)
        sentence = "It is checked again." if resume else "It is not checked until it is resumed."
        await show(interaction, said_card(label_words(status), sentence))

    @group.command(name="remove")
    @app_commands.describe(source="The source")
    @app_commands.autocomplete(source=suggest_sources)
    async def remove(self, interaction: Interaction, source: Typed) -> None:
        """Follow a source no longer; its papers stay (administrators)."""
        await acknowledge(interaction, private=True)
        await check_admin(interaction)
        chosen = await self.bot.call(find_source, source)
        status = await self.bot.call(remove_source, chosen.id)
        await show(interaction, said_card(label_words(status), "It is not followed any more."))


class Adding(Cog):
    """Papers that people add."""

    def __init__(self, bot: Papercord) -> None:
        super().__init__(bot)
        self._menu = app_commands.ContextMenu(name="Papers here", callback=self.papers_here)
        bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take the menu away."""
        self.bot.tree.remove_command(self._menu.name, type=self._menu.type)

    @app_commands.command(name="add")
    @app_commands.describe(paper="An arXiv id, a DOI, or an address of either")
    async def add(self, interaction: Interaction, paper: Typed) -> None:
        """Look a paper up, and add or propose it."""
        await acknowledge(interaction, private=True)
        await look_up_here(interaction, paper)

    @app_commands.command(name="import")
    @app_commands.rename(as_of="read_on")
    @app_commands.describe(
        file=FORMATS,
        as_of="The day on which an author page was read: 2026-03-15",
        strict="All or nothing: import nothing where a row is refused",
    )
    async def import_file(
        self,
        interaction: Interaction,
        file: discord.Attachment,
        as_of: app_commands.Transform[str, inputs.Date] | None = None,
        strict: bool = False,
    ) -> None:
        """Show what a file of papers would bring, and import it (administrators)."""
        await acknowledge(interaction, private=True)
        await check_admin(interaction)
        name = Path(file.filename).name
        if not name.lower().endswith(ENDINGS):
            raise RefusedError(f"Papercord reads files that end in {', '.join(ENDINGS)}.")
        if file.size > MAX_FILE_BYTES:
            raise RefusedError(
                f"The file has {file.size / 2**20:.0f} MiB; at most {MAX_FILE_BYTES // 2**20} are taken "
                "here. Import it with `papercord import`."
            )
        day = inputs.day_of(as_of) if as_of is not None else None
        upload = Upload(
            name=name, asker_id=interaction.user.id, kept_at=self.bot.app.clock(), read_on=day, strict=strict
        )
        token = await self.bot.call(keep_upload, upload, await file.read())
        importable = False
        try:
            preview, channels = await self.bot.in_look_up_thread(preview_upload, self.bot.app, token)
            importable = preview.report.papers > 0 and not (strict and preview.report.rejected)
        finally:
            if not importable:
                await self.bot.call(forget_upload, token)
        button = token if importable else None
        await show(interaction, preview_card(preview, channels, interaction.guild_id, button, strict=strict))

    async def papers_here(self, interaction: Interaction, message: discord.Message) -> None:
        """The papers that a message names, privately."""
        await acknowledge(interaction, private=True)
        read = read_message(message, self.bot.application_id)
        await show_links(interaction, await self.bot.call(links_of, read))


async def setup(bot: Papercord) -> None:
    """Add the commands to the bot."""
    await bot.add_cog(Sources(bot))
    await bot.add_cog(Adding(bot))
