"""/author, /compare, /coauthors, and the corrections of who is who."""

from __future__ import annotations

from functools import partial

from discord import app_commands
from discord.ext import tasks

from bot.authors.charts import compared_picture
from bot.authors.corrections import (
    merge_authors,
    newest_corrections,
    papers_of_cluster,
    split_author,
)
from bot.authors.grouping_process import GroupingProcess
from bot.authors.network import coauthor_list, compare, shortest_path
from bot.authors.profile import find_author
from bot.authors.results import Author
from bot.discord_app import inputs
from bot.discord_app.client import Cog, Interaction, Papercord
from bot.discord_app.permissions import check_admin
from bot.discord_app.replies import acknowledge, show
from bot.errors import RefusedError
from bot.ingest.corrections import doubtful_papers, newest_paper_corrections
from bot.papers.results import Match
from bot.papers.search import find_paper
from bot.store.corrections import MAX_REASON
from cogs.authors.buttons import (
    author_choices_card,
    correction_card,
    newest_corrections_card,
    show_author,
)
from cogs.authors.cards import coauthors_card, comparison_card, path_card, show_pictured, which_card
from cogs.papers.corrections import add_paper_corrections

_SHOWN, _OF_PAPERS, _DOUBTS = 10, 5, 2
"""On a card with all kinds of corrections: each has a button, and Discord allows 40 components."""

GROUPING_SECONDS = 60.0

Reason = app_commands.Range[str, 1, MAX_REASON]
Name = app_commands.Transform[str, inputs.Typed]


class Authors(Cog):
    """One author, authors beside each other, and who is who."""

    def __init__(self, bot: Papercord) -> None:
        super().__init__(bot)
        self.grouping = GroupingProcess(bot.app)

    async def cog_load(self) -> None:
        """Begin to group the people of papers that come in."""
        self.group_people.start()

    async def cog_unload(self) -> None:
        """End a grouping that is under way; it goes on at the next start."""
        self.group_people.cancel()
        await self.bot.in_thread(self.grouping.close)

    @tasks.loop(seconds=GROUPING_SECONDS)
    async def group_people(self) -> None:
        """Begin to group what waits; not at the start, when everything else begins."""
        if self.group_people.current_loop:
            with self.bot.app.outages.watching("Grouping people"):
                await self.bot.in_thread(self.grouping.wake)

    @app_commands.command(name="author")
    @app_commands.describe(name="The author's name", private="Show the answer to you alone")
    @app_commands.autocomplete(name=inputs.authors)
    async def author(
        self,
        interaction: Interaction,
        name: Name,
        private: bool = False,
    ) -> None:
        """Show an author: what sources report, and what this corpus shows."""
        await acknowledge(interaction, private=private)
        answer = await self.bot.call(find_author, name)
        if answer.match is Match.EXACT and answer.author is not None:
            asked = name if answer.is_likely else None
            await show_author(interaction, answer.author, answer.choices, asked)
            return
        person = interaction.user.id
        await show(interaction, await self.bot.in_thread(author_choices_card, answer, person))

    @app_commands.command(name="compare")
    @app_commands.describe(
        first="An author’s name",
        second="Another author",
        third="A third author",
        private="Show the answer to you alone",
    )
    @app_commands.autocomplete(first=inputs.authors, second=inputs.authors, third=inputs.authors)
    async def compare(
        self,
        interaction: Interaction,
        first: Name,
        second: Name,
        third: Name | None = None,
        private: bool = False,
    ) -> None:
        """Compare two or three authors: figures, fields, common papers, shared co-authors."""
        await acknowledge(interaction, private=private)
        people = await self._people(
            interaction, [name for name in (first, second, third) if name is not None]
        )
        if people is None:
            return
        ids = list(dict.fromkeys(person.id for person in people))
        if len(ids) < len(people):
            raise RefusedError("That is the same person twice: name different authors.")
        found = await self.bot.call(compare, ids)
        if found is None:
            raise RefusedError("One of these authors is no longer in the corpus. Ask again with the names.")
        card = await self.bot.in_thread(comparison_card, found)
        await show_pictured(interaction, card, partial(compared_picture, found.authors))

    @app_commands.command(name="coauthors")
    @app_commands.describe(
        author="An author’s name",
        to="Another author: shows the shortest way between both",
        private="Show the answer to you alone",
    )
    @app_commands.autocomplete(author=inputs.authors, to=inputs.authors)
    async def coauthors(
        self,
        interaction: Interaction,
        author: Name,
        to: Name | None = None,
        private: bool = False,
    ) -> None:
        """Show with whom an author writes, or the shortest way from one author to another."""
        await acknowledge(interaction, private=private)
        people = await self._people(interaction, [name for name in (author, to) if name is not None])
        if people is None:
            return
        bot, person = self.bot, people[0]
        if len(people) == 1:
            found = await bot.call(coauthor_list, person.id)
            card = coauthors_card(found) if found is not None else None
        elif people[1].id == person.id:
            raise RefusedError("Both names are one entry: name different people.")
        else:
            path = await bot.call(shortest_path, person.id, people[1].id)
            card = path_card(path, people[1].name) if path is not None else None
        if card is None:
            raise RefusedError("This author is no longer in the corpus. Look for the name again.")
        await show(interaction, card)

    @app_commands.command(name="author-merge")
    @app_commands.describe(
        author="The entry that is the same person", into="The entry that stays", reason="How you know"
    )
    @app_commands.autocomplete(author=inputs.authors, into=inputs.authors)
    async def author_merge(self, interaction: Interaction, author: Name, into: Name, reason: Reason) -> None:
        """Say that two entries are one person (administrators)."""
        await acknowledge(interaction, private=True)
        await check_admin(interaction)
        people = await self._people(interaction, [author, into], exactly=True)
        if people is None:
            return
        made = await self.bot.call(
            merge_authors,
            people[0].id,
            people[1].id,
            reason=reason,
            made_by=interaction.user.id,
        )
        await show(interaction, correction_card(made))

    @app_commands.command(name="author-split")
    @app_commands.rename(cluster="circle")
    @app_commands.describe(
        author="The entry whose papers are not all by one person",
        paper="A paper that is by another person",
        reason="How you know",
        cluster="Also move the papers that share co-authors with it",
        to="The entry of the other person; a new one where left out",
    )
    @app_commands.autocomplete(author=inputs.authors, paper=inputs.titles, to=inputs.authors)
    async def author_split(
        self,
        interaction: Interaction,
        author: Name,
        paper: Name,
        reason: Reason,
        cluster: bool = False,
        to: Name | None = None,
    ) -> None:
        """Move papers of an entry to another person (administrators)."""
        await acknowledge(interaction, private=True)
        await check_admin(interaction)
        bot = self.bot
        names = [name for name in (author, to) if name is not None]
        people = await self._people(interaction, names, exactly=True)
        if people is None:
            return
        found = await bot.call(find_paper, paper)
        if found.paper is None:
            raise RefusedError("That is not exactly one paper: choose a suggestion while you type its title.")
        papers = (found.paper.id,)
        if cluster:
            papers = await bot.call(papers_of_cluster, people[0].id, found.paper.id) or papers
        made = await bot.call(
            split_author,
            people[0].id,
            papers,
            people[1].id if len(people) > 1 else None,
            reason=reason,
            made_by=interaction.user.id,
        )
        await show(interaction, correction_card(made))

    @app_commands.command(name="corrections")
    async def corrections(self, interaction: Interaction) -> None:
        """Show the newest corrections of people and papers, and undo them (administrators)."""
        await acknowledge(interaction, private=True)
        await check_admin(interaction)
        of_papers = await self.bot.call(newest_paper_corrections, _OF_PAPERS)
        of_people = await self.bot.call(newest_corrections, _SHOWN - len(of_papers))
        card = newest_corrections_card(of_people)
        add_paper_corrections(card, of_papers, await self.bot.call(doubtful_papers, _DOUBTS))
        await show(interaction, card)

    async def _people(
        self, interaction: Interaction, names: list[str], *, exactly: bool = False
    ) -> list[Author] | None:
        """The authors that names name; where one does not name one, that is answered, and None returned."""
        people: list[Author] = []
        for name in names:
            answer = await self.bot.call(find_author, name, exactly=exactly)
            if answer.match is not Match.EXACT or answer.author is None:
                await show(interaction, which_card(answer))
                return None
            people.append(answer.author)
        return people


async def setup(bot: Papercord) -> None:
    """Add the commands to the bot."""
    await bot.add_cog(Authors(bot))
