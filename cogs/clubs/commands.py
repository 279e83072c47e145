"""/club: journal clubs, made by managers; members propose papers and vote."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord_app import inputs
from bot.discord_app.client import Cog, Interaction, Papercord
from bot.discord_app.permissions import home_of, place_of
from bot.discord_app.replies import acknowledge, show
from bot.discord_app.safe_text import plain
from bot.discord_app.times import DAY_CHOICES, TimeOfDay, TimeZone, zones
from bot.errors import RefusedError
from bot.papers.search import find_paper
from bot.reading import clubs, meetings
from bot.reading.clubs import LONGEST, MAX_NAME, MAX_PLACE, SHORTEST, ClubDetails
from cogs.clubs.buttons import member_of, propose_paper, show_club, show_history
from cogs.clubs.cards import changed_card, ended_card, held_card, skipped_card, swapped_card
from cogs.clubs.inputs import (
    ClubChannel,
    check_club_manager,
    check_club_place,
    club_meant,
    read_presenters,
    suggest_clubs,
    suggest_proposals,
)

Typed = app_commands.Transform[str, inputs.Typed]
Name = app_commands.Range[str, 1, MAX_NAME]
Place = app_commands.Range[str, 1, MAX_PLACE]
Minutes = app_commands.Range[int, SHORTEST, LONGEST]
Time = app_commands.Transform[str, TimeOfDay]
Zone = app_commands.Transform[str, TimeZone]
Channel = app_commands.Transform[app_commands.AppCommandChannel, ClubChannel]
DEFAULT_MINUTES = 60

WHICH = "Which club; needed only where there are several"
OPTIONS = {
    "channel": "The channel of its papers, threads and reminders; this one where left out",
    "day": "The day of the week on which it meets",
    "at": "The time at which it begins, such as 14:00",
    "timezone": "The time zone of that, such as Europe/Berlin",
    "minutes": "How long it lasts, in minutes",
    "presenters": "Mention who presents, in turn: @ada @bob",
    "place": "Where it meets, such as a room or an address; its channel where left out",
}
NOT_ONE_PAPER = "That is not exactly one paper: choose a suggestion while you type its title."


@app_commands.guild_only()
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
@app_commands.allowed_installs(guilds=True, users=False)
class Clubs(Cog, commands.GroupCog, group_name="club", group_description="Journal clubs"):
    """Journal clubs."""

    @app_commands.command(name="new")
    @app_commands.describe(name="What it is to be called", **OPTIONS)
    @app_commands.autocomplete(timezone=zones)
    @app_commands.choices(day=DAY_CHOICES)
    async def new(
        self,
        interaction: Interaction,
        name: Name,
        day: int,
        at: Time,
        timezone: Zone,
        presenters: str | None = None,
        minutes: Minutes = DEFAULT_MINUTES,
        channel: Channel | None = None,
        place: Place | None = None,
    ) -> None:
        """Make a journal club, which meets each week (Manage Channels)."""
        guild = check_club_manager(interaction)
        people = read_presenters(presenters) if presenters else ()
        where = place_of(interaction, channel)
        check_club_place(guild, where)
        await acknowledge(interaction, private=False)
        details = ClubDetails(plain(name), where.id, day, at, timezone, minutes, plain(place or ""), people)
        made = await self.bot.call(clubs.make_club, guild.id, details)
        await show(interaction, changed_card(made, "is made"))

    @app_commands.command(name="edit")
    @app_commands.describe(club=WHICH, name="What it is to be called", **OPTIONS)
    @app_commands.autocomplete(club=suggest_clubs, timezone=zones)
    @app_commands.choices(day=DAY_CHOICES)
    async def edit(
        self,
        interaction: Interaction,
        club: Typed | None = None,
        name: Name | None = None,
        day: int | None = None,
        at: Time | None = None,
        timezone: Zone | None = None,
        presenters: str | None = None,
        minutes: Minutes | None = None,
        channel: Channel | None = None,
        place: Place | None = None,
    ) -> None:
        """Change a club; a meeting that is announced stays as it is (Manage Channels)."""
        guild = check_club_manager(interaction)
        people = read_presenters(presenters) if presenters else None
        where = place_of(interaction, channel) if channel is not None else None
        if where is not None:
            check_club_place(guild, where)
        await acknowledge(interaction, private=True)
        meant = await club_meant(interaction, club)
        details = ClubDetails(
            plain(name) if name is not None else None,
            where.id if where is not None else None,
            day,
            at,
            timezone,
            minutes,
            plain(place) if place is not None else None,
            people,
        )
        changed = await self.bot.call(clubs.edit_club, guild.id, meant.id, details)
        await show(interaction, changed_card(changed, "is changed"))

    @app_commands.command(name="end")
    @app_commands.describe(club="Which club; all that is stored of it is deleted")
    @app_commands.autocomplete(club=suggest_clubs)
    async def end(self, interaction: Interaction, club: Typed) -> None:
        """End a club, and call off its next meeting (Manage Channels)."""
        guild = check_club_manager(interaction)
        await acknowledge(interaction, private=False)
        meant = await club_meant(interaction, club)
        await show(interaction, ended_card(await self.bot.call(clubs.end_club, guild.id, meant.id)))

    @app_commands.command(name="propose")
    @app_commands.describe(paper="A title, an arXiv id or a DOI", club=WHICH)
    @app_commands.autocomplete(paper=inputs.titles, club=suggest_clubs)
    async def propose(self, interaction: Interaction, paper: Typed, club: Typed | None = None) -> None:
        """Propose a paper for the next meeting of a club."""
        home_of(interaction)
        await acknowledge(interaction, private=False)
        meant = await club_meant(interaction, club)
        await propose_paper(interaction, meant.id, await self._only(paper))

    @app_commands.command(name="withdraw")
    @app_commands.describe(paper="The paper that was proposed", club=WHICH)
    @app_commands.autocomplete(paper=suggest_proposals, club=suggest_clubs)
    async def withdraw(self, interaction: Interaction, paper: Typed, club: Typed | None = None) -> None:
        """Withdraw a paper that you proposed to a club."""
        reader = member_of(interaction)
        await acknowledge(interaction, private=True)
        meant = await club_meant(interaction, club)
        await self.bot.call(clubs.withdraw, reader, meant.id, await self._only(paper))
        await show_club(interaction, meant, private=True)

    @app_commands.command(name="next")
    @app_commands.describe(club=WHICH, private="Show it to you alone")
    @app_commands.autocomplete(club=suggest_clubs)
    async def next(self, interaction: Interaction, club: Typed | None = None, private: bool = False) -> None:
        """Show the next meeting of a club, and vote for what is proposed."""
        home_of(interaction)
        await acknowledge(interaction, private=private)
        await show_club(interaction, await club_meant(interaction, club), private=private)

    @app_commands.command(name="skip")
    @app_commands.describe(club=WHICH, undo="Hold the meeting after all that was skipped last")
    @app_commands.autocomplete(club=suggest_clubs)
    async def skip(self, interaction: Interaction, club: Typed | None = None, undo: bool = False) -> None:
        """Leave out the next meeting of a club (Manage Channels)."""
        guild = check_club_manager(interaction)
        await acknowledge(interaction, private=False)
        meant = await club_meant(interaction, club)
        if undo:
            card = held_card(await self.bot.call(meetings.unskip, guild.id, meant.id))
        else:
            card = skipped_card(await self.bot.call(meetings.skip, guild.id, meant.id))
        await show(interaction, card)

    @app_commands.command(name="swap")
    @app_commands.describe(
        other="Who presents instead; the one after in turn where left out",
        presenter="Whose turn it is; the next presenter’s where left out",
        club=WHICH,
    )
    @app_commands.rename(other="with")
    @app_commands.autocomplete(club=suggest_clubs)
    async def swap(
        self,
        interaction: Interaction,
        other: discord.User | None = None,
        presenter: discord.User | None = None,
        club: Typed | None = None,
    ) -> None:
        """Exchange your turn at a club with somebody; managers exchange any turns."""
        reader = member_of(interaction)
        await acknowledge(interaction, private=False)
        meant = await club_meant(interaction, club)
        person, instead = (one.id if one is not None else None for one in (presenter, other))
        swapped = await self.bot.call(meetings.swap, reader, meant.id, person, instead)
        await show(interaction, swapped_card(swapped))

    @app_commands.command(name="history")
    @app_commands.describe(club=WHICH, private="Show it to you alone")
    @app_commands.autocomplete(club=suggest_clubs)
    async def history(
        self, interaction: Interaction, club: Typed | None = None, private: bool = False
    ) -> None:
        """Show the meetings of a club, and what was read."""
        guild = home_of(interaction)
        await acknowledge(interaction, private=private)
        meant = await club_meant(interaction, club)
        await show_history(interaction, guild.id, meant.id)

    async def _only(self, text: str) -> int:
        found = await self.bot.call(find_paper, text)
        if found.paper is None:
            raise RefusedError(NOT_ONE_PAPER)
        return found.paper.id


async def setup(bot: Papercord) -> None:
    """Add the commands to the bot."""
    await bot.add_cog(Clubs(bot))
