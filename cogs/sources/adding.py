"""/add, /import and the menu "Papers here": papers that people bring."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

import discord
from discord import app_commands
from discord.ext import commands

from bot.corpus.formats.opening import FORMATS
from bot.discord_app import inputs
from bot.discord_app.client import Papercord
from bot.discord_app.permissions import check_admin
from bot.discord_app.replies import acknowledge, show
from bot.errors import PapercordError, RefusedError
from bot.ingest.importer import ATTACHMENT_BOUNDS, import_files
from bot.sources.lookup import LookedUpPaper, find_links, look_up, look_up_link
from cogs.sources import buttons
from cogs.sources.cards import found_card, import_card, papers_here_card

MAX_FILE_BYTES = 25 * 2**20
ENDINGS = (".bib", ".ris", ".jsonl", ".ndjson", ".txt", ".gz", ".xz")
LOOK_UPS_AT_ONCE = 4

P = ParamSpec("P")
T = TypeVar("T")

PRESSES = (buttons.added, buttons.declined, buttons.proposed)
"""The buttons of these cards; naming them here makes sure that the bot knows them."""


class Adding(commands.Cog):
    """Papers that people bring."""

    def __init__(self, bot: Papercord) -> None:
        self.bot = bot
        # Look-ups wait for sources; in threads of their own they hold up no other command.
        self._threads = ThreadPoolExecutor(LOOK_UPS_AT_ONCE, thread_name_prefix="look-up")
        self._menu = app_commands.ContextMenu(name="Papers here", callback=self.papers_here)
        bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take the menu away."""
        self.bot.tree.remove_command(self._menu.name, type=self._menu.type)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _looked_up(self, service: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: service(*args, **kwargs))

    @app_commands.command(name="add")
    @app_commands.describe(paper="An arXiv id, a DOI, or an address of either")
    async def add(
        self, interaction: discord.Interaction[Papercord], paper: app_commands.Transform[str, inputs.Typed]
    ) -> None:
        """Look a paper up, and add or propose it."""
        await acknowledge(interaction, private=True)
        bot, person = self.bot, interaction.user.id
        found = await self._looked_up(look_up, bot.app, bot.library, paper, person)
        card = await bot.in_thread(found_card, found, may_add=await _may_add(interaction))
        await show(interaction, card)

    @app_commands.command(name="import")
    @app_commands.rename(as_of="read_on")
    @app_commands.describe(
        file=FORMATS,
        as_of="The day on which an author page was read: 2026-03-15",
        skip_bad="Leave out what cannot be read, and import the rest",
    )
    async def import_file(
        self,
        interaction: discord.Interaction[Papercord],
        file: discord.Attachment,
        as_of: app_commands.Transform[str, inputs.Date] | None = None,
        skip_bad: bool = False,
    ) -> None:
        """Import a file of papers (administrators)."""
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
        with tempfile.TemporaryDirectory(prefix="papercord-") as folder:
            path = Path(folder) / name
            await file.save(path)
            report = await self._looked_up(
                import_files, self.bot.app, [path], as_of=day, skip_bad=skip_bad, bounds=ATTACHMENT_BOUNDS
            )
        await show(interaction, import_card(report))

    async def papers_here(
        self, interaction: discord.Interaction[Papercord], message: discord.Message
    ) -> None:
        """The papers that a message names, privately."""
        await acknowledge(interaction, private=True)
        embedded = " ".join(f"{one.url or ''} {one.description or ''}" for one in message.embeds)
        found: list[LookedUpPaper] = []
        failed: list[str] = []
        for link in find_links(f"{message.content} {embedded}"):
            try:
                found.append(
                    await self._looked_up(
                        look_up_link, self.bot.app, self.bot.library, link, interaction.user.id
                    )
                )
            except PapercordError as error:
                failed.append(f"{link.label}: {error}")
        card = await self.bot.in_thread(papers_here_card, found, failed, may_add=await _may_add(interaction))
        await show(interaction, card)


async def _may_add(interaction: discord.Interaction[Papercord]) -> bool:
    try:
        await check_admin(interaction)
    except RefusedError:
        return False
    return True


async def setup(bot: Papercord) -> None:
    """Add the commands to the bot."""
    await bot.add_cog(Adding(bot))
