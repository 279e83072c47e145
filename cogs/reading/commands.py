"""/list and /top: papers to read, one's own and the group's, and those with the most votes."""

from __future__ import annotations

import io
import itertools
import re
import zipfile
from collections.abc import Callable

import discord
from discord import app_commands
from discord.ext import commands

from bot.app import App
from bot.discord_app import inputs
from bot.discord_app.client import Cog, Interaction, Papercord
from bot.discord_app.permissions import home_of, manages_server, server_here
from bot.discord_app.replies import acknowledge, show, show_file
from bot.discord_app.safe_text import plain
from bot.errors import RefusedError
from bot.papers.references import Format, written
from bot.papers.results import Choice
from bot.papers.search import find_paper
from bot.reading import lists
from bot.reading.lists import GROUP, MAX_NAME, MINE, NO_GROUP, ListView, Reader
from bot.reading.use import use_of_reading
from bot.reading.votes import top_papers
from bot.sources.zotero_library import NOT_THIS_SERVER, may_write, push
from bot.store.lists import ListOrder
from bot.store.models import ReadingState
from bot.text.counting import counted
from cogs.papers.buttons import ChooseMenu, DetailsButton
from cogs.reading.buttons import list_choices, reader_of, save_paper, show_list
from cogs.reading.cards import STATES, list_name, pushed_words, sentence_card, top_card

Typed = app_commands.Transform[str, inputs.Typed]
Name = app_commands.Range[str, 1, MAX_NAME]
Days = app_commands.Range[int, 1, 366]
WHICH = "Which list; without it, your own “to read”"
NOT_PUSHER = "Papers are put into the group’s library by those who have the permission Manage Channels."
MAX_FILE = 9_500_000
"""Bytes; Discord takes 10 MiB."""
ENDINGS = {Format.BIBTEX: "bib", Format.CSL: "json", Format.RIS: "ris", Format.CSV: "csv"}
FORMATS = [
    app_commands.Choice(name=name, value=form.value)
    for name, form in (
        ("BibTeX", Format.BIBTEX),
        ("RIS", Format.RIS),
        ("CSL JSON", Format.CSL),
        ("CSV", Format.CSV),
    )
]
STATE_CHOICES = [app_commands.Choice(name=label, value=state.value) for state, label in STATES.items()]
ORDERS = [app_commands.Choice(name=order.value.title(), value=order.value) for order in ListOrder]


async def suggest_lists(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """The lists that the person may see here."""
    return await _suggested(interaction, typed, lambda _: True)


async def suggest_own_lists(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """The person's own lists."""
    return await _suggested(interaction, typed, lambda value: not _is_of_group(value))


async def suggest_group_lists(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """The lists of the server."""
    return await _suggested(interaction, typed, _is_of_group)


async def _suggested(
    interaction: Interaction, typed: str, is_wanted: Callable[[str], bool]
) -> list[app_commands.Choice[str]]:
    finding = interaction.client.call(_suggest, reader_of(interaction), plain(typed), is_wanted)
    return await inputs.suggested(interaction, finding)


def _suggest(app: App, reader: Reader, typed: str, is_wanted: Callable[[str], bool]) -> list[Choice]:
    found = list_choices(lists.lists_for(app, reader), in_server=reader.guild_id is not None)
    start = typed.strip().casefold()
    return [Choice(label, value) for label, value in found if is_wanted(value) and start in label.casefold()]


def _is_of_group(value: str) -> bool:
    return value == GROUP or value.startswith(f"{GROUP}:")


@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
@app_commands.allowed_installs(guilds=True, users=True)
class Lists(Cog, commands.GroupCog, group_name="list", group_description="Papers to read"):
    """Lists of papers."""

    @app_commands.command(name="show")
    @app_commands.describe(
        which=WHICH,
        query="Only papers with these words, as in /papers",
        state="Only those to read, being read, or read",
        sort="The order: last added, newest, by score, by votes",
        private="Show a list of the group to you alone; your own lists always are",
    )
    @app_commands.rename(which="list")
    @app_commands.autocomplete(which=suggest_lists)
    @app_commands.choices(state=STATE_CHOICES, sort=ORDERS)
    async def show(
        self,
        interaction: Interaction,
        which: Typed = MINE,
        query: Typed | None = None,
        state: str | None = None,
        sort: str = ListOrder.ADDED.value,
        private: bool = False,
    ) -> None:
        """Show a list of papers."""
        is_group = _is_of_group(which)
        if is_group and server_here(interaction) is None:
            raise RefusedError(NO_GROUP)
        await acknowledge(interaction, private=private or not is_group)
        await show_list(interaction, which, _view(query, state, sort))

    @app_commands.command(name="add")
    @app_commands.describe(paper="A title, an arXiv id or a DOI", which=WHICH)
    @app_commands.rename(which="list")
    @app_commands.autocomplete(paper=inputs.titles, which=suggest_lists)
    async def add(self, interaction: Interaction, paper: Typed, which: Typed = MINE) -> None:
        """Put a paper on a list."""
        await acknowledge(interaction, private=True)
        await save_paper(interaction, await self._only(paper), which)

    @app_commands.command(name="remove")
    @app_commands.describe(
        which="Which list", paper="The paper to take off; without one, a list that is empty is deleted"
    )
    @app_commands.rename(which="list")
    @app_commands.autocomplete(paper=inputs.titles, which=suggest_lists)
    async def remove(self, interaction: Interaction, which: Typed, paper: Typed | None = None) -> None:
        """Take a paper off a list, or delete an empty list."""
        await acknowledge(interaction, private=True)
        reader = reader_of(interaction)
        if paper is None:
            deleted = await self.bot.call(lists.delete_list, reader, which)
            sentence = f"The list {list_name(deleted)} is deleted."
        else:
            taken = await self.bot.call(lists.remove, reader, which, await self._only(paper))
            sentence = f"It is off {list_name(taken)}."
        await show(interaction, sentence_card(sentence))

    @app_commands.command(name="new")
    @app_commands.describe(
        name="What it is to be called", group="For the group (Manage Channels); without it, for you alone"
    )
    async def new(self, interaction: Interaction, name: Name, group: bool = False) -> None:
        """Make a list."""
        await acknowledge(interaction, private=True)
        made = await self.bot.call(lists.make_list, reader_of(interaction), plain(name), group=group)
        await show(interaction, sentence_card(f"The list {list_name(made)} is made."))

    @app_commands.command(name="rename")
    @app_commands.describe(which="Which list", name="What it is to be called")
    @app_commands.rename(which="list")
    @app_commands.autocomplete(which=suggest_lists)
    async def rename(self, interaction: Interaction, which: Typed, name: Name) -> None:
        """Give a list another name."""
        await acknowledge(interaction, private=True)
        named = await self.bot.call(lists.rename_list, reader_of(interaction), which, plain(name))
        await show(interaction, sentence_card(f"It is called {list_name(named)} now."))

    @app_commands.command(name="share")
    @app_commands.describe(which="A list of yours", into="A list of the group; without it, its “to read”")
    @app_commands.rename(which="list")
    @app_commands.autocomplete(which=suggest_own_lists, into=suggest_group_lists)
    async def share(self, interaction: Interaction, which: Typed, into: Typed = GROUP) -> None:
        """Put all papers of a list of yours on one of the group; your notes stay yours."""
        await acknowledge(interaction, private=True)
        own, group, number = await self.bot.call(lists.share, reader_of(interaction), which, into)
        are = "is" if number == 1 else "are"
        sentence = f"{counted(number, 'paper')} of {list_name(own)} {are} new on {list_name(group)}."
        await show(interaction, sentence_card(sentence))

    @app_commands.command(name="export")
    @app_commands.describe(
        form="The form of the file",
        which=WHICH,
        query="Only papers with these words, as in /papers",
        state="Only those to read, being read, or read",
        sort="The order: last added, newest, by score, by votes",
    )
    @app_commands.rename(which="list", form="format")
    @app_commands.autocomplete(which=suggest_lists)
    @app_commands.choices(form=FORMATS, state=STATE_CHOICES, sort=ORDERS)
    async def export(
        self,
        interaction: Interaction,
        form: str,
        which: Typed = MINE,
        query: Typed | None = None,
        state: str | None = None,
        sort: str = ListOrder.ADDED.value,
    ) -> None:
        """Give out a list as a file: BibTeX, RIS, CSL JSON or CSV."""
        await acknowledge(interaction, private=True)
        view = _view(query, state, sort)
        file = await self.bot.call(_file_of, reader_of(interaction), which, view, Format(form))
        await show_file(interaction, "The papers of this list:", file)

    @app_commands.command(name="push")
    @app_commands.describe(
        which="A list of the group; without it, its “to read”",
        query="Only papers with these words, as in /papers",
        state="Only those to read, being read, or read",
    )
    @app_commands.rename(which="list")
    @app_commands.autocomplete(which=suggest_group_lists)
    @app_commands.choices(state=STATE_CHOICES)
    async def push(
        self,
        interaction: Interaction,
        which: Typed = GROUP,
        query: Typed | None = None,
        state: str | None = None,
    ) -> None:
        """Put a list of the group into the group's Zotero library (Manage Channels)."""
        guild, bot = home_of(interaction), self.bot
        if not manages_server(interaction):
            raise RefusedError(NOT_PUSHER)
        is_only = len(bot.guilds) == 1 and (bot.shard_count or 1) == 1
        if not may_write(bot.app.settings, guild.id, is_only_server=is_only):
            raise RefusedError(NOT_THIS_SERVER)
        await acknowledge(interaction, private=True)
        reader, view = reader_of(interaction), _view(query, state, ListOrder.ADDED.value)
        one, papers = await bot.call(lists.group_papers, reader, which, view)
        pushed = await bot.in_look_up_thread(push, bot.app, bot.library, papers)
        await show(interaction, sentence_card(pushed_words(one, pushed)))

    async def cog_load(self) -> None:
        """Leave out what has no use here."""
        if self.bot.app.settings.zotero_library is None and self.app_command is not None:
            self.app_command.remove_command("push")  # pyright: ignore[reportAttributeAccessIssue]

    async def _only(self, text: str) -> int:
        found = await self.bot.call(find_paper, text)
        if found.paper is None:
            raise RefusedError("That is not exactly one paper: choose a suggestion while you type its title.")
        return found.paper.id


def _view(query: str | None, state: str | None, sort: str) -> ListView:
    return ListView(ListOrder(sort), ReadingState(state) if state else None, query or "")


def _file_of(app: App, reader: Reader, which: str, view: ListView, form: Format) -> discord.File:
    """The file of a list; a large one is packed."""
    name, papers = lists.listed_papers(app, reader, which, view)
    name = f"{re.sub(r'[^A-Za-z0-9]+', '-', name).strip('-') or 'list'}.{ENDINGS[form]}"
    first = next(papers, None)
    if first is None:
        raise RefusedError("No paper of this list is so." if view.query or view.state else lists.EMPTY)
    data = "".join(written(itertools.chain([first], papers), form)).encode()
    if len(data) > MAX_FILE:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, data)
        name, data = f"{name}.zip", packed.getvalue()
    if len(data) > MAX_FILE:
        raise RefusedError("These are more papers than Discord takes in a file: ask for fewer with `query`.")
    return discord.File(io.BytesIO(data), filename=name)


class Top(Cog):
    """The papers that a server likes best."""

    @app_commands.command(name="top")
    @app_commands.guild_only()
    @app_commands.describe(days="Votes of so many days; 7 where left out", private="Show it to you alone")
    async def top(self, interaction: Interaction, days: Days = 7, private: bool = False) -> None:
        """Show the papers for which most members of this server voted in the last days."""
        guild = home_of(interaction)
        await acknowledge(interaction, private=private)
        ranked = await self.bot.call(top_papers, guild.id, days)
        menus = ChooseMenu.below([one.paper for one in ranked], in_server=True)
        use = await self.bot.call(use_of_reading, reader_of(interaction))
        card = top_card(days, ranked, DetailsButton.of, menus, has_votes=use.votes)
        await show(interaction, card)


async def setup(bot: Papercord) -> None:
    """Add the commands to the bot."""
    await bot.add_cog(Top(bot))
    await bot.add_cog(Lists(bot))
