"""Journal clubs in the crash drill: what their members and managers do, and what a reader may then see.

Each club has one meeting in the drill. Of it a reader sees one card with one thread, members one event, and
an hour before one reminder; where somebody deleted the event, that the meeting is called off; where managers
skipped it, neither event nor reminder.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from bot.app import App
from bot.reading import clubs, meetings
from bot.reading.clubs import ClubDetails
from bot.reading.lists import Reader
from bot.reading.votes import vote
from tests.apps import Clock
from tests.discord_app.requests import walk
from tests.loopback_discord.reading import text_of
from tests.loopback_discord.server import LoopbackDiscord

CLUBS = 6
FIRST_CHANNEL = 100_001
PROPOSED = 3
PEOPLE = range(1, 9)
CHOSEN_IN = dt.timedelta(minutes=3)
"""From the beginning of the drill to the time at which papers are chosen."""


class Fate(Enum):
    """What becomes of a meeting."""

    HELD = auto()
    SKIPPED = auto()
    """Managers skip it shortly before its reminder."""
    DELETED = auto()
    """Somebody deletes its event then."""


@dataclass
class DrilledClub:
    """A club, and what becomes of its meeting."""

    id: int
    guild: int
    channel: int
    fate: Fate
    starts_at: dt.datetime


class ClubMembers:
    """Those who propose, vote and exchange their turns; and who skips meetings and deletes events."""

    def __init__(
        self, app: App, discord: LoopbackDiscord, clock: Clock, guilds: Sequence[int], seed: int
    ) -> None:
        self._app, self._discord, self._clock = app, discord, clock
        self._guilds = guilds
        self._random = random.Random(seed)
        self._clubs: list[DrilledClub] = []
        self._papers: list[int] = []
        self.done = Counter[str]()

    def settle_in(self) -> None:
        """Make the clubs, whose papers are chosen soon."""
        start = self._clock() + dt.timedelta(days=1) + CHOSEN_IN
        start = start.replace(second=0, microsecond=0)
        fates = list(Fate)
        for number in range(CLUBS):
            guild, channel = self._guilds[number % len(self._guilds)], FIRST_CHANNEL + number
            self._discord.add_channel(channel)
            details = ClubDetails(
                f"Club {number}",
                channel,
                start.weekday(),
                f"{start:%H:%M}",
                "UTC",
                60,
                "",
                (1, 2, 3),
            )
            made = clubs.make_club(self._app, guild, details)
            fate = fates[number % len(fates)]
            self._clubs.append(DrilledClub(made.id, guild, channel, fate, made.next_at))

    def papers_came(self, papers: Sequence[int]) -> None:
        """Propose some of the first papers to each club."""
        if self._papers or not papers:
            return
        self._papers = list(papers)[:PROPOSED]
        for club in self._clubs:
            for paper in self._papers:
                clubs.propose(self._app, Reader(1, club.guild), club.id, paper)

    def act(self, times: int) -> None:
        """Vote, and exchange turns."""
        for _ in range(times if self._papers else 0):
            guild, paper = self._random.choice(self._guilds), self._random.choice(self._papers)
            vote(self._app, guild, paper, self._random.choice(PEOPLE))
            self.done["vote"] += 1
        if self._random.random() < 0.5:
            club = self._random.choice(self._clubs)
            meetings.swap(self._app, Reader(0, club.guild, manages=True), club.id, None, None)
            self.done["turns exchanged"] += 1

    def let_fate_strike(self) -> bool:
        """Skip meetings and delete events, once all events are there; whether that was done."""
        if any(not self._events_of(club) for club in self._clubs):
            return False
        for club in self._clubs:
            match club.fate:
                case Fate.SKIPPED:
                    meetings.skip(self._app, club.guild, club.id)
                    self.done["meeting skipped"] += 1
                case Fate.DELETED:
                    for event in self._events_of(club):
                        self._discord.events.delete(club.guild, event["id"])
                    self.done["event deleted"] += 1
                case Fate.HELD:
                    pass
        self._clock.now = self._clubs[0].starts_at - dt.timedelta(minutes=50)
        return True

    # What a reader and a member see.

    def _events_of(self, club: DrilledClub) -> list[dict[str, Any]]:
        """All events that were ever made for a club."""
        name = f"Club {club.channel - FIRST_CHANNEL}:"
        return [
            event
            for guild, event in self._discord.events.made
            if guild == str(club.guild) and event["name"].startswith(name)
        ]

    def judge(self) -> tuple[int, int, int]:
        """How much is lost, doubled, and unwanted."""
        lost = doubled = unwanted = 0
        for club in self._clubs:
            messages = self._discord.visible(club.channel)
            cards = [one for one in messages if _is(one, "reads this on", "was skipped or called off")]
            reminders = [one for one in messages if _is(one, " begins <t:")]
            called_off = [one for one in messages if _is(one, "Its event was deleted or ended")]
            threads = [one for one in cards if one["id"] in self._discord.threads]
            events = self._events_of(club)
            ahead = [one for one in events if one["status"] == 1 and club.fate is Fate.SKIPPED]
            once = [cards, threads, events]
            once += [reminders] if club.fate is Fate.HELD else []
            once += [called_off] if club.fate is Fate.DELETED else []
            lost += sum(not each for each in once)
            doubled += sum(len(each) > 1 for each in [*once, reminders, called_off])
            unwanted += len(ahead) + len(reminders) * (club.fate is not Fate.HELD)
        return lost, doubled, unwanted

    def wrong_numbers(self) -> int:
        """How many of the clubs' cards show another number of votes than there are."""
        own = [(club.guild, one) for club in self._clubs for one in self._discord.visible(club.channel)]
        wrong = 0
        for guild, message in own:
            for each in walk(message["components"]):
                kind, _, rest = str(each.get("custom_id", "")).partition(":")
                if kind == "vote":
                    number = self._votes(guild, int(rest.partition(":")[0]))
                    wrong += each["label"] != (f"👍 {number}" if number else "👍")
        return wrong

    def _votes(self, guild: int, paper: int) -> int:
        with self._app.store.reading() as session:
            statement = f"select count(*) from vote where guild_id = {guild} and paper_id = {paper}"
            return session.connection().exec_driver_sql(statement).scalar_one()


def _is(message: dict[str, Any], *words: str) -> bool:
    return any(each in text_of(message) for each in words)
