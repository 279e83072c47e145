"""The buttons of journal clubs, and the cards with them."""

from __future__ import annotations

from bot.discord_app.buttons import (
    ID,
    MARKER,
    PERSON,
    Button,
    Control,
    Menu,
    acknowledge_for,
    chosen,
    marked,
)
from bot.discord_app.client import Interaction
from bot.discord_app.limits import Card
from bot.discord_app.permissions import home_of, known_place, manages_server, may_make_events, why_not
from bot.discord_app.replies import acknowledge, acknowledge_change, show
from bot.discord_app.wording import title_words
from bot.errors import RefusedError
from bot.papers.search import get_paper
from bot.reading import clubs, meetings
from bot.reading.clubs import GONE_PAPER, NO_CLUB, Club, ClubView
from bot.reading.lists import Reader
from bot.store.models import MeetingState
from cogs.clubs.cards import (
    choice_card,
    club_card,
    history_card,
    proposed_card,
)
from cogs.clubs.inputs import NO_CLUBS, NO_EVENTS
from cogs.papers.buttons import DetailsButton, show_kept
from cogs.papers.votes import SaveButton, VoteButton

GONE_CHANNEL = "Its channel is gone, or hidden from Papercord. Choose another one with /club edit."


class ClubButton(Button, pattern=rf"club:(?P<club>{ID}){MARKER}"):
    """Shows a club with its next meeting and what is proposed, privately."""

    @classmethod
    def of(cls, club_id: int, marker: str = "") -> Control:
        """The button of a club."""
        return cls.button("Journal club", marked(f"club:{club_id}", marker))

    async def respond(self, interaction: Interaction) -> None:
        """Show it."""
        guild = home_of(interaction)
        await acknowledge(interaction, private=True)
        view = await interaction.client.call(clubs.view_club, guild.id, int(self.given["club"]))
        await show(interaction, view_card(interaction, view))


class ProposalsButton(Button, pattern=rf"proposals:(?P<club>{ID}):(?P<page>[0-9]{{1,3}})"):
    """Shows a page of the proposals of a club, privately: a public card stays as it is."""

    @classmethod
    def of(cls, view: ClubView, *, private: bool) -> list[Control]:
        """The buttons of a club: on a public card one that opens all."""
        if view.pages == 1:
            return []
        before = f"proposals:{view.club.id}"
        if not private:
            return [cls.button(f"All {view.found} proposals", f"{before}:1")]
        return cls.turns(lambda to: f"{before}:{to}", view.page, view.pages)

    async def respond(self, interaction: Interaction) -> None:
        """Show the page."""
        guild = home_of(interaction)
        is_private = interaction.message is not None and interaction.message.flags.ephemeral
        if is_private:
            await acknowledge_change(interaction)
        else:
            await acknowledge(interaction, private=True)
        page = int(self.given["page"])
        view = await interaction.client.call(clubs.view_club, guild.id, int(self.given["club"]), page)
        await show(interaction, view_card(interaction, view))


class HistoryButton(
    Button, pattern=rf"club-history:(?P<club>{ID}):(?P<asker>{PERSON}):(?P<page>[0-9]{{1,4}})"
):
    """Shows another page of the meetings of a club."""

    @classmethod
    def back_and_forth(cls, page: meetings.HistoryPage, asker_id: int) -> list[Control]:
        """The buttons of a page."""
        if page.pages == 1:
            return []
        before = f"club-history:{page.club.id}:{asker_id}"
        return cls.turns(lambda to: f"{before}:{to}", page.page, page.pages)

    async def respond(self, interaction: Interaction) -> None:
        """Show the page; to anybody but the person who asked, in a copy."""
        guild = home_of(interaction)
        await acknowledge_for(interaction, int(self.given["asker"]))
        await show_history(interaction, guild.id, int(self.given["club"]), int(self.given["page"]))


class ProposeMenu(Button, pattern=rf"propose-to:(?P<paper>{ID})"):
    """Proposes a paper to the chosen one of several clubs."""

    @classmethod
    def of(cls, paper_id: int, found: tuple[Club, ...]) -> Menu:
        """The menu of the clubs of a server."""
        entries: list[tuple[int | str, str, str]] = [(one.id, one.name, "") for one in found]
        return cls.menu("Choose a club", entries, f"propose-to:{paper_id}")

    async def respond(self, interaction: Interaction) -> None:
        """Propose it; everybody in the channel sees that."""
        club_id = chosen(interaction)
        if club_id is None:
            raise RefusedError(NO_CLUB)
        await propose_paper(interaction, club_id, int(self.given["paper"]))


BUTTONS = (ClubButton, ProposalsButton, HistoryButton, ProposeMenu)


def member_of(interaction: Interaction) -> Reader:
    """Whoever uses a command or a button in a server."""
    return Reader(interaction.user.id, home_of(interaction).id, manages_server(interaction))


async def propose_here(interaction: Interaction, paper_id: int) -> None:
    """Propose a paper to the club of this server; where it has several, they are to choose from."""
    bot, guild = interaction.client, home_of(interaction)
    found = await bot.call(clubs.clubs_in, guild.id)
    if not found:
        raise RefusedError(NO_CLUBS)
    if len(found) == 1:
        await propose_paper(interaction, found[0].id, paper_id)
        return
    await acknowledge(interaction, private=True)
    paper = await bot.call(get_paper, paper_id)
    if paper is None:
        raise RefusedError(GONE_PAPER)
    await show(interaction, choice_card(title_words(paper), ProposeMenu.of(paper_id, found)))


async def propose_paper(interaction: Interaction, club_id: int, paper_id: int) -> None:
    """Propose a paper, and show it with its votes to everybody in the channel."""
    reader = member_of(interaction)
    await acknowledge(interaction, private=False)
    proposed = await interaction.client.call(clubs.propose, reader, club_id, paper_id)
    paper = proposed.proposal.paper
    controls = [
        VoteButton.of(paper.id, proposed.proposal.votes),
        SaveButton.of(paper.id),
        DetailsButton.of(paper.id),
        ClubButton.of(club_id),
    ]
    await show_kept(interaction, proposed_card(proposed, controls), [paper.id])


async def show_club(interaction: Interaction, club: Club, *, private: bool) -> None:
    """Show a club; a public card is kept up to date with the server's votes."""
    view = await interaction.client.call(clubs.view_club, club.guild_id, club.id)
    card = view_card(interaction, view, private=private)
    await show_kept(interaction, card, [one.paper.id for one in view.proposals])


def view_card(interaction: Interaction, view: ClubView, *, private: bool = True) -> Card:
    """A club with its buttons, and what is in its way."""
    controls = ProposalsButton.of(view, private=private)
    return club_card(view, controls, VoteButton.of, _troubles(interaction, view))


def _troubles(interaction: Interaction, view: ClubView) -> list[str]:
    """What keeps a club's card, thread or event from being made, and what to do."""
    place = known_place(interaction, view.club.channel_id)
    reasons = [
        GONE_CHANNEL if place is None else why_not(place, thread=True),
        None if may_make_events(home_of(interaction)) else NO_EVENTS,
    ]
    found = [one for one in reasons if one is not None]
    meeting = view.meeting
    if not found and meeting is not None and meeting.state is MeetingState.CHOSEN:
        found = [f"Discord refuses something at present: {one}" for one in meeting.troubles]
    return found


async def show_history(interaction: Interaction, guild_id: int, club_id: int, page: int = 1) -> None:
    """Show a page of a club's meetings that are over."""
    found = await interaction.client.call(meetings.history, guild_id, club_id, page)
    turning = HistoryButton.back_and_forth(found, interaction.user.id)
    await show(interaction, history_card(found, turning, DetailsButton.of))
