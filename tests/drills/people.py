"""What people do while the announcer is killed, and what readers may then see: judged by what was done.

The judgement knows neither the database nor the announcer. A paper, that a paper which a channel has was
retracted, and who cites a paper that a channel asks for: each has to be seen once where it came
while the channel wanted it, and nobody stopped that since. It is unwanted where the process that posted
it was started after somebody had stopped it, or where nobody wanted it when it came. Every paper has its
score in the end, so it does not matter here whether a channel asks for one.
"""

from __future__ import annotations

import itertools
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from sqlalchemy import text

from bot.announcements import guilds, subscriptions
from bot.announcements.results import Filters
from bot.app import App
from bot.store.models import PlaceKind
from tests.loopback_discord.reading import papers_in, text_of
from tests.loopback_discord.server import LoopbackDiscord

GUILDS = (77, 78)
FORUM_EVERY = 4
"""Of so many places one is a forum."""
PUBLISH_EVERY = 4
"""Of so many places one is an announcement channel whose messages are published."""
ANNOUNCEMENTS = 5
SCORED_EVERY = 3
"""Of so many places one asks for papers with a score, which come without."""
WANTED, OTHERS = Filters(query="decentralized"), Filters(query="gossip")
SCORED = Filters(query="decentralized", min_score=50)
CITING_EVERY = 12
"""Of so many places one asks who cites a paper, and for nothing else."""
CITED_TITLE = "A paper that is cited"
AWAY = 0.1
"""How likely the bot is removed from a server; it is soon back."""


class What(Enum):
    """What a channel may hear of."""

    PAPER = auto()
    RETRACTION = auto()
    CITATION = auto()


Thing = tuple[What, int]
"""A paper, the retraction of a paper, or a citing work by its number."""


def things_in(message: dict[str, Any]) -> set[Thing]:
    """Of what a message informs."""
    words = text_of(message)
    if "new citation" in words:
        return {(What.CITATION, int(number)) for number in re.findall(r"\*\*Citing (\d+)\*\*", words)}
    what = What.RETRACTION if re.search(r"known papers? (was|were) retracted", words) else What.PAPER
    return {(what, paper) for paper in papers_in(message["components"])}


class Standing(Enum):
    """What a channel asks for."""

    ON = auto()
    PAUSED = auto()
    OTHERS = auto()
    """It asks for other papers."""
    REMOVED = auto()


@dataclass
class Place:
    """A channel, and all that was done there: (in which life, what it has asked for since)."""

    number: int
    subscription: int = 0
    role: int | None = None
    log: list[tuple[int, Standing]] = field(default_factory=lambda: [(-1, Standing.ON)])
    deleted_roles: dict[int, int] = field(default_factory=dict)
    """And in which life."""

    @property
    def guild(self) -> int:
        return GUILDS[self.number % len(GUILDS)]

    @property
    def kind(self) -> PlaceKind:
        return PlaceKind.CHANNEL if self.number % FORUM_EVERY else PlaceKind.FORUM

    @property
    def publishes(self) -> bool:
        return self.number % PUBLISH_EVERY == 1

    @property
    def hears_of(self) -> tuple[What, ...]:
        return (What.PAPER, What.RETRACTION) if self.number % CITING_EVERY else (What.CITATION,)

    @property
    def wanted(self) -> Filters:
        if What.CITATION in self.hears_of:
            return Filters(citing=CITED_TITLE, citing_paper_id=1)
        return WANTED if self.number % SCORED_EVERY else SCORED

    @property
    def standing(self) -> Standing:
        return self.log[-1][1]


@dataclass(frozen=True)
class Judgement:
    """What readers miss, see twice, and were not to see."""

    lost: int
    doubled: int
    unwanted: int
    unpublished: int
    """Of which the outbox does not say that it gave up publishing them."""


class People:
    """Those who manage the channels."""

    def __init__(self, app: App, discord: LoopbackDiscord, places: int, seed: int) -> None:
        self._app = app
        self._discord = discord
        self._random = random.Random(seed)
        self._roles = itertools.count(1)
        self._places = [Place(number + 1) for number in range(places)]
        self._away: int | None = None
        """The server that the bot was removed from."""
        self._came: dict[Thing, int] = {}
        """Of each thing how much had been done in each place by then; see `_before`."""
        self._before: list[list[int]] = []
        self._had: dict[int, set[int]] = {}
        """Of each retracted paper the places that had it by then."""
        self._posted: dict[tuple[str, str], int] = {}
        """In which life each message was made."""
        self.done = Counter[str]()

    def settle_in(self) -> None:
        """Make the channels and their subscriptions."""
        for place in self._places:
            if place.kind is PlaceKind.FORUM:
                self._discord.add_forum(place.number, "LG", requires_tag=True)
            else:
                self._discord.add_channel(place.number).type = ANNOUNCEMENTS if place.publishes else 0
            self._add(place)

    def act(self, life: int, times: int) -> None:
        """Do some things, as people do while the announcer works."""
        if self._away is not None:
            self.invite()
        elif self._random.random() < AWAY:
            self._remove_bot()
        for _ in range(times):
            place = self._random.choice(self._places)
            self._random.choice(self._possible(place))(place, life)

    def give_back(self) -> None:
        """Give all rights back, so that all that is wanted can be posted."""
        if self._away is not None:
            self.invite()
        for place in self._places:
            self._allow(place, -1)

    def papers_came(self, papers: Sequence[int]) -> None:
        """Remember what was asked for when papers came."""
        self._things_came([(What.PAPER, paper) for paper in papers])

    def was_retracted(self, paper: int) -> None:
        """Remember that a paper was retracted, and where it is seen."""
        self._had[paper] = {
            place.number
            for place in self._places
            if any((What.PAPER, paper) in things_in(message) for _, message in self._messages(place))
        }
        self._things_came([(What.RETRACTION, paper)])
        self.done["retracted"] += len(self._had[paper])

    def was_cited(self, number: int) -> None:
        """Remember that a work cites the cited paper."""
        self._things_came([(What.CITATION, number)])
        self.done["cited"] += 1

    def _things_came(self, things: Sequence[Thing]) -> None:
        self._before.append([len(place.log) for place in self._places])
        self._came.update(dict.fromkeys(things, len(self._before) - 1))

    def look(self, life: int) -> None:
        """Remember which messages are new since the life before."""
        for place in self._places:
            for channel, message in self._messages(place):
                self._posted.setdefault((channel, message["id"]), life)

    # What they do.

    def _possible(self, place: Place) -> list[Callable[[Place, int], None]]:
        match place.standing:
            case Standing.PAUSED:
                return [self._resume, self._resume, self._remove]
            case Standing.OTHERS:
                return [self._ask_again]
            case Standing.REMOVED:
                return [self._add_anew]
            case Standing.ON:
                channel = self._discord.channels[str(place.number)]
                return [
                    *[self._change_role] * 4,
                    *[self._pause, self._ask_for_others, self._remove],
                    *([self._delete_role] if place.role is not None else []),
                    *([self._forbid] if channel.may_send else [self._allow] * 6),
                ]

    def _note(self, place: Place, life: int, standing: Standing) -> None:
        place.log.append((life, standing))
        self.done[standing.name.lower()] += 1

    def _add(self, place: Place) -> None:
        added = subscriptions.add(
            self._app,
            guild_id=place.guild,
            channel_id=place.number,
            place=place.kind,
            publish=place.publishes,
            creator_id=1,
            filters=place.wanted,
        )
        place.subscription, place.role = added.subscription.id, None

    def _add_anew(self, place: Place, life: int) -> None:
        self._add(place)
        self._note(place, life, Standing.ON)

    def _remove(self, place: Place, life: int) -> None:
        subscriptions.remove(self._app, place.guild, place.subscription)
        self._note(place, life, Standing.REMOVED)

    def _pause(self, place: Place, life: int) -> None:
        subscriptions.pause(self._app, place.guild, place.subscription)
        self._note(place, life, Standing.PAUSED)

    def _resume(self, place: Place, life: int) -> None:
        subscriptions.resume(self._app, place.guild, place.subscription)
        self._note(place, life, Standing.ON)

    def _edit(self, place: Place, filters: Filters, role: int | None) -> None:
        one = subscriptions.get(self._app, place.guild, place.subscription)
        subscriptions.edit(
            self._app,
            place.guild,
            one.id,
            filters=filters,
            schedule=one.schedule,
            role_id=role,
            thread=False,
        )
        place.role = role

    def _ask_for_others(self, place: Place, life: int) -> None:
        self._edit(place, OTHERS, place.role)
        self._note(place, life, Standing.OTHERS)

    def _ask_again(self, place: Place, life: int) -> None:
        self._edit(place, place.wanted, place.role)
        self._note(place, life, Standing.ON)

    def _change_role(self, place: Place, _life: int) -> None:
        self._edit(place, place.wanted, next(self._roles))
        self.done["other role"] += 1

    def _delete_role(self, place: Place, life: int) -> None:
        roles = subscriptions.pinged_roles(self._app, place.guild)
        trouble = {one: "its role was deleted" for one in roles if one.role_id == place.role}
        subscriptions.record_roles(self._app, trouble)
        if place.role is not None:
            place.deleted_roles[place.role] = life
        self.done["role deleted"] += 1

    def _forbid(self, place: Place, _life: int) -> None:
        self._discord.channels[str(place.number)].may_send = False
        self.done["rights taken"] += 1

    def _allow(self, place: Place, _life: int) -> None:
        self._discord.channels[str(place.number)].may_send = True
        guilds.free_channels(self._app, [place.number])

    def _remove_bot(self) -> None:
        self._away = self._random.choice(GUILDS)
        self._set_present(self._away, is_present=False)
        guilds.suspend_guild(self._app, self._away)
        self.done["bot removed"] += 1

    def invite(self) -> None:
        """Let the bot be in all servers."""
        if self._away is not None:
            self._set_present(self._away, is_present=True)
            guilds.restore_guild(self._app, self._away)
        self._away = None

    def _set_present(self, guild: int, *, is_present: bool) -> None:
        for place in self._places:
            if place.guild == guild:
                channel = self._discord.channels[str(place.number)]
                channel.exists, channel.unknown_as = is_present, "no server"

    # What a reader sees.

    def _messages(self, place: Place) -> Iterator[tuple[str, dict[str, Any]]]:
        channel = self._discord.channels[str(place.number)]
        for each in (channel, *self._discord.posts(place.number)):
            yield from ((each.id, message) for message in each.visible())

    def judge(self) -> Judgement:
        """Compare what is to be seen with what is seen."""
        lost = doubled = unwanted = 0
        for index, place in enumerate(self._places):
            seen = Counter[Thing]()
            for channel, message in self._messages(place):
                life = self._posted[channel, message["id"]]
                things = things_in(message)
                seen.update(things)
                unwanted += sum(not self._may_be_posted(place, index, one, life) for one in things)
                pinged = {int(role) for role in (message.get("allowed_mentions") or {}).get("roles", ())}
                unwanted += any(life > place.deleted_roles.get(role, life) for role in pinged)
            for thing in self._came:
                doubled += max(0, seen[thing] - 1)
                lost += seen[thing] == 0 and self._has_to_be_posted(place, index, thing)
        return Judgement(lost, doubled, unwanted, self._unpublished())

    def _unpublished(self) -> int:
        with self._app.store.reading() as session:
            statement = text("select discord_id from message where error like '%not published%'")
            given_up = {str(one) for one in session.execute(statement).scalars()}
        return sum(
            not message.get("published") and message["id"] not in given_up
            for place in self._places
            if place.publishes
            for _, message in self._messages(place)
        )

    def _since(self, place: Place, index: int, thing: Thing) -> tuple[Standing, list[tuple[int, Standing]]]:
        """What was asked for when something came, and what was done since."""
        known = self._before[self._came[thing]][index]
        return place.log[known - 1][1], place.log[known:]

    def _has_to_be_posted(self, place: Place, index: int, thing: Thing) -> bool:
        what, paper = thing
        standing, since = self._since(place, index, thing)
        if what not in place.hears_of or standing is not Standing.ON or since:
            return False
        if what is not What.RETRACTION:
            return True
        return place.number in self._had[paper] and self._has_to_be_posted(place, index, (What.PAPER, paper))

    def _may_be_posted(self, place: Place, index: int, thing: Thing, life: int) -> bool:
        standing, since = self._since(place, index, thing)
        if thing[0] not in place.hears_of or standing in {Standing.PAUSED, Standing.REMOVED}:
            return False
        before = [standing, *(now for done_in, now in since if done_in < life)]
        if Standing.REMOVED in before:
            return False
        # What became of a paper that it has a channel hears also where it asks for others by now.
        welcome = {Standing.ON, Standing.OTHERS} if thing[0] is What.RETRACTION else {Standing.ON}
        # What was done while the process lived that posted it may have come too late, or just in time.
        return bool(welcome & {before[-1], *(now for done_in, now in since if done_in == life)})
