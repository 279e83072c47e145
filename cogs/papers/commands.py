"""/papers and /paper: search the corpus, look at one paper, and say which papers are one."""

from __future__ import annotations

from discord import app_commands

from bot.authors.profile import author_name
from bot.discord_app import inputs
from bot.discord_app.client import Cog, Interaction, Papercord
from bot.discord_app.permissions import check_admin
from bot.discord_app.replies import acknowledge, show
from bot.errors import RefusedError
from bot.ingest.corrections import merge_papers, split_paper
from bot.papers.results import Match, Paper, SearchRequest
from bot.papers.search import find_paper, search_page
from bot.search.query import Sort
from bot.store.corrections import MAX_REASON
from cogs.papers.buttons import nearest_papers_card, show_paper_publicly, show_search
from cogs.papers.corrections import paper_correction_card, suggest_descriptions

Reason = app_commands.Range[str, 1, MAX_REASON]
Name = app_commands.Transform[str, inputs.Typed]

SORTS = [app_commands.Choice(name=sort.value.title(), value=sort.value) for sort in Sort]


class Papers(Cog):
    """Finding papers."""

    @app_commands.command(name="papers")
    @app_commands.describe(
        query="Words, a title, an arXiv id or a DOI",
        field="Only this field, such as CV",
        author="Only papers of this author",
        since="From this year, month or day on: 2021, 2021-03 or 2021-03-15",
        until="Up to this year, month or day: 2021, 2021-03 or 2021-03-15",
        code="Only papers with code, or only those without",
        sort="The order of the results",
        private="Show the answer to you alone",
    )
    @app_commands.autocomplete(query=inputs.titles, field=inputs.fields, author=inputs.authors)
    @app_commands.choices(sort=SORTS)
    async def papers(
        self,
        interaction: Interaction,
        query: app_commands.Transform[str, inputs.Typed],
        field: app_commands.Transform[str, inputs.Typed] | None = None,
        author: app_commands.Transform[str, inputs.Typed] | None = None,
        since: app_commands.Transform[str, inputs.Date] | None = None,
        until: app_commands.Transform[str, inputs.Date] | None = None,
        code: bool | None = None,
        sort: str = Sort.RELEVANCE.value,
        private: bool = False,
    ) -> None:
        """Search the papers of this corpus."""
        inputs.check_period(since, until, self.bot.app.clock())
        await acknowledge(interaction, private=private)
        if author is not None:
            author = await self.bot.call(author_name, author)
        request = SearchRequest(
            query=query, field=field, author=author, since=since, until=until, code=code, sort=Sort(sort)
        )
        await show_search(interaction, await self.bot.call(search_page, request))

    @app_commands.command(name="paper")
    @app_commands.describe(title="A title, an arXiv id or a DOI", private="Show the answer to you alone")
    @app_commands.autocomplete(title=inputs.titles)
    async def paper(
        self,
        interaction: Interaction,
        title: app_commands.Transform[str, inputs.Typed],
        private: bool = False,
    ) -> None:
        """Show one paper: abstract, authors, links and BibTeX."""
        await acknowledge(interaction, private=private)
        found = await self.bot.call(find_paper, title)
        if found.match is Match.EXACT and found.paper is not None:
            await show_paper_publicly(interaction, found.paper)
            return
        person = interaction.user.id
        await show(interaction, await self.bot.in_thread(nearest_papers_card, title, found.choices, person))

    @app_commands.command(name="paper-merge")
    @app_commands.describe(
        paper="One of the two papers", same="The other paper, which is the same", reason="How you know"
    )
    @app_commands.autocomplete(paper=inputs.titles, same=inputs.titles)
    async def paper_merge(self, interaction: Interaction, paper: Name, same: Name, reason: Reason) -> None:
        """Say that two papers are one (administrators)."""
        await acknowledge(interaction, private=True)
        await check_admin(interaction)
        one, other = await self._only(paper), await self._only(same)
        person = interaction.user.id
        made = await self.bot.call(merge_papers, one.id, other.id, reason=reason, made_by=person)
        await show(interaction, paper_correction_card(made))

    @app_commands.command(name="paper-split")
    @app_commands.describe(
        paper="A paper that is two", part="What of it describes another paper", reason="How you know"
    )
    @app_commands.autocomplete(paper=inputs.titles, part=suggest_descriptions)
    async def paper_split(self, interaction: Interaction, paper: Name, part: Name, reason: Reason) -> None:
        """Say that what one source says of a paper is of another one (administrators)."""
        await acknowledge(interaction, private=True)
        await check_admin(interaction)
        one = await self._only(paper)
        person = interaction.user.id
        made = await self.bot.call(split_paper, one.id, [part], reason=reason, made_by=person)
        await show(interaction, paper_correction_card(made))

    async def _only(self, text: str) -> Paper:
        found = await self.bot.call(find_paper, text)
        if found.paper is None:
            raise RefusedError("That is not exactly one paper: choose a suggestion while you type its title.")
        return found.paper


async def setup(bot: Papercord) -> None:
    """Add the commands to the bot."""
    await bot.add_cog(Papers(bot))
