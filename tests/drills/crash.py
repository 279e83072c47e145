"""The crash drill: an announcer is killed again and again, and no reader misses or sees a paper twice.

    python -m tests.drills.crash --posts 2000 --kills 200

Scores come later than their papers, and cards are edited; papers are retracted, and one is cited again and
again. Journal clubs meet: members vote and exchange turns, meetings are skipped, and events deleted. All the
while people edit, pause and remove subscriptions, take rights away and give them back, remove the bot and
invite it again, and delete roles.
It ends with a line such as "2000 posts, 200 kills (37 while sending): 0 lost, 0 doubled, 0 unwanted, 0 not
published, 0 with wrong votes", and with what the people did. With --without-nonce or --record-after-post a
rule is broken on purpose, and the drill has to notice.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import sys
import tempfile
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bot.corpus.paper import CitedWork, Mention, PaperRecord
from bot.ingest.importer import import_files, import_records
from bot.store.models import PlaceKind
from bot.store.schema import prepare
from bot.store.withdrawal import waiting_papers
from tests.announcements.announcer import papers, write_papers
from tests.apps import Clock, open_app
from tests.drills.announcer_process import Life, start
from tests.drills.clubs import FIRST_CHANNEL, ClubMembers
from tests.drills.people import CITED_TITLE, GUILDS, People
from tests.loopback_discord.faults import Weather
from tests.loopback_discord.server import LoopbackDiscord

PAPERS = 5
"""In one wave: as many as are posted one by one."""
PAUSES = (0.0, 0.0, 2.0, 20.0, 90.0, 150.0, 400.0, 4_000.0)
"""Seconds between a kill and the next start, on the moved clock: within and beyond the nonce's life."""
AT_A_POST = 0.7
"""The share of kills that come between a post and its record; the others come at any moment."""
SCORES = 0.2
"""How likely the scores of the papers so far come before a life."""
EVENTS = 0.3
"""How likely some papers are retracted before a life, and one is cited anew."""
MOST_LIVES = 40
"""To come to the end after the last kill."""


@dataclass(frozen=True)
class Report:
    """What the drill found."""

    posts: int
    kills: int
    while_sending: int
    lost: int
    doubled: int
    unwanted: int
    unpublished: int
    wrong_votes: int
    """Cards of clubs that show another number of votes than there are."""
    done: dict[str, int]
    """What people did, and how often."""

    def __str__(self) -> str:
        return (
            f"{self.posts} posts, {self.kills} kills ({self.while_sending} while sending): "
            f"{self.lost} lost, {self.doubled} doubled, {self.unwanted} unwanted, "
            f"{self.unpublished} not published, {self.wrong_votes} with wrong votes\n"
            f"What people did: {', '.join(f'{words} {number}' for words, number in self.done.items())}"
        )


@dataclass(frozen=True)
class Plan:
    """What the drill does."""

    posts: int
    kills: int
    seed: int = 1
    longest_life: float = 0.6
    """Seconds of a life that does not end at a post."""
    faults: float = 10.0
    """In a hundred requests."""
    kinds: tuple[int | str, ...] = (502, 503, 429, "reset", "page")
    slowest: float = 0.02
    """Seconds, before and after the work of a request each."""
    pauses: tuple[float, ...] = PAUSES
    actions: int = 4
    """Of people in each life."""
    without_nonce: bool = False
    record_after_post: bool = False


TABLES = ("waiting_event", "citing_work")
WAITING = """select count(*) from {} join subscription on subscription_id = subscription.id
    where message_id is null and not paused"""

CITED = PaperRecord(
    source="crossref",
    source_id="10.5555/cited",
    source_key="10.5555/cited",
    doi="10.5555/cited",
    title=CITED_TITLE,
)


def citing_record(number: int) -> PaperRecord:
    """What Crossref says of a paper that cites the cited one."""
    doi = f"10.5555/citing.{number}"
    return PaperRecord(
        source="crossref",
        source_id=doi,
        source_key=doi,
        doi=doi,
        title=f"Citing {number}",
        authors=(Mention(name="Eve Fox"),),
        references=(CitedWork(scheme="doi", value=CITED.doi or ""),),
    )


class Drill:
    """One run, in a folder of its own."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self._plan = plan
        self._folder = folder
        self._random = random.Random(plan.seed)
        self._chance = random.Random(plan.seed)
        self._clock = Clock()
        self._app = open_app(folder, self._clock)
        weather = random.Random(plan.seed)
        self._discord = LoopbackDiscord(
            self._clock.timestamp,
            faults=Weather(plan.seed, percent=plan.faults, kinds=plan.kinds),
            latency=lambda: weather.uniform(0.0, plan.slowest),
        )
        self._places = -(-plan.posts // PAPERS)
        self._people = People(self._app, self._discord, self._places, plan.seed)
        self._members = ClubMembers(self._app, self._discord, self._clock, GUILDS, plan.seed)
        self._is_struck = False
        """Whether it is less than an hour before the meetings."""
        self._unscored: list[dict[str, Any]] = []
        """Papers whose scores have not come yet."""
        self._unretracted: list[dict[str, Any]] = []
        self._citing = 0
        self._lives = 0
        self._while_sending = 0

    async def run(self) -> Report:
        """Play it to its end."""
        prepare(self._app.store)
        import_records(self._app, "the cited paper", [CITED], newly_added=False)
        await self._discord.start()
        await asyncio.to_thread(self._people.settle_in)
        await asyncio.to_thread(self._members.settle_in)
        waves = [0, *sorted(self._random.choices(range(max(1, self._plan.kills // 2)), k=PAPERS - 1))]
        for life in range(self._plan.kills):
            if life in waves:
                await asyncio.to_thread(self._bring, waves.count(life))
            elif self._random.random() < SCORES:
                await asyncio.to_thread(self._bring_scores)
            if life == self._plan.kills // 2 or self._chance.random() < EVENTS:
                await asyncio.to_thread(self._bring_events)
            if life >= self._plan.kills // 2 and not self._is_struck:
                await asyncio.to_thread(self._strike)
            await self._live_and_die()
            self._clock.move(seconds=self._random.choice(self._plan.pauses))
        await asyncio.to_thread(self._bring_scores)
        await asyncio.to_thread(self._people.give_back)
        await self._finish()
        if not self._is_struck:
            await asyncio.to_thread(self._strike)
            await self._finish()
        found = self._people.judge()
        lost, doubled, unwanted = self._members.judge()
        report = Report(
            posts=self._places * PAPERS,
            kills=self._plan.kills,
            while_sending=self._while_sending,
            lost=found.lost + lost,
            doubled=found.doubled + doubled,
            unwanted=found.unwanted + unwanted,
            unpublished=found.unpublished,
            wrong_votes=self._members.wrong_numbers(),
            done=dict(self._people.done + self._members.done),
        )
        await self._discord.close()
        self._app.index.close()
        self._app.store.close()
        return report

    def _bring(self, count: int) -> None:
        before = self._ids()
        records = papers(count)
        import_files(self._app, [write_papers(self._app, records)])
        self._unscored += records
        self._unretracted += records
        came = sorted(self._ids() - before)
        self._people.papers_came(came)
        self._members.papers_came(came)

    def _strike(self) -> None:
        self._people.invite()  # away for a day, it would be given up
        self._is_struck = self._members.let_fate_strike()

    def _bring_scores(self) -> None:
        scored = [{**record, "score": 60.0} for record in self._unscored]
        self._unscored.clear()
        if scored:
            import_files(self._app, [write_papers(self._app, scored)])

    def _bring_events(self) -> None:
        """Retract a paper, and let a new one cite the cited one."""
        if self._unretracted:
            retracted = self._unretracted.pop(0)
            retracted |= {"notices": [{"kind": "retracted", "url": "https://doi.org/10.5555/notice"}]}
            is_scored = all(one is not retracted for one in self._unscored)
            said = retracted | ({"score": 60.0} if is_scored else {})
            import_files(self._app, [write_papers(self._app, [said])])
            with self._app.store.reading() as session:
                found = text("select id from paper where title = :title")
                paper_id = session.execute(found, {"title": retracted["title"]}).scalar_one()
            self._people.was_retracted(paper_id)
        self._citing += 1
        import_records(self._app, "a citing paper", [citing_record(self._citing)], newly_added=True)
        self._people.was_cited(self._citing)

    def _ids(self) -> set[int]:
        with self._app.store.reading() as session:
            return set(session.execute(text("select id from paper")).scalars())

    def _start(self, *, until_idle: bool = False) -> BaseProcess:
        return start(
            Life(
                folder=self._folder,
                url=self._discord.url,
                ahead=self._clock.ahead,
                until_idle=until_idle,
                without_nonce=self._plan.without_nonce,
                record_after_post=self._plan.record_after_post,
            )
        )

    async def _live_and_die(self) -> None:
        process, died = self._start(), asyncio.Event()
        acting = asyncio.gather(
            asyncio.to_thread(self._people.act, self._lives, self._plan.actions),
            asyncio.to_thread(self._members.act, self._plan.actions),
        )
        left = self._random.randint(1, max(1, self._plan.posts // self._plan.kills))

        def kill_at_post() -> None:
            """Kill between a post and its record: Discord has the message, and has not answered."""
            nonlocal left
            left -= 1
            if left == 0:
                process.kill()
                died.set()

        if self._random.random() < AT_A_POST:
            self._discord.on_made = self._discord.on_published = kill_at_post
            self._discord.events.on_made = kill_at_post
            patience = 6.0
        else:
            patience = self._random.uniform(0.0, self._plan.longest_life)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(died.wait(), timeout=patience)
        self._discord.on_made = self._discord.on_published = self._discord.events.on_made = None
        process.kill()
        await self._end_of(process)
        await acting
        # What it asked for before it was killed is its own, however late it is done.
        await self._discord.settled()
        self._people.look(self._lives)
        self._lives += 1
        self._while_sending += self._on_their_way("sending") > 0

    async def _finish(self) -> None:
        """Let it come to its end; what cannot be tried again yet is tried when the clock has moved."""
        for _ in range(MOST_LIVES):
            process = self._start(until_idle=True)
            await self._end_of(process)
            self._people.look(self._lives)
            self._lives += 1
            if process.exitcode:
                raise RuntimeError("the announcer failed")
            on_their_way = self._on_their_way("planned") + self._on_their_way("sending")
            if not on_their_way + self._waiting() + self._to_publish() + self._to_edit():
                return
            self._clock.move(seconds=150)

    async def _end_of(self, process: BaseProcess) -> None:
        await asyncio.to_thread(process.join)

    def _on_their_way(self, state: str) -> int:
        with self._app.store.reading() as session:
            statement = text("select count(*) from message where state = :state and kind <> 'edit'")
            return session.execute(statement, {"state": state}).scalar_one()

    def _to_publish(self) -> int:
        with self._app.store.reading() as session:
            statement = text("select count(*) from message where publish and state = 'sent'")
            return session.execute(statement).scalar_one()

    def _to_edit(self) -> int:
        """How many cards and events of clubs are to be edited, and papers lack votes on their cards."""
        of_clubs = f"(channel_id >= {FIRST_CHANNEL} or place = '{PlaceKind.EVENTS}')"
        clubs = f"kind = 'edit' and state = 'planned' and {of_clubs}"
        with self._app.store.reading() as session:
            return sum(
                session.execute(text(f"select count(*) from {each}")).scalar_one()
                for each in (f"message where {clubs}", "vote_change")
            )

    def _waiting(self) -> int:
        """How much waits to be planned, again or for the first time."""
        with self._app.store.reading() as session:
            papers = sum(len(papers) for papers in waiting_papers(session).values())
            return papers + sum(session.execute(text(WAITING.format(table))).scalar_one() for table in TABLES)


def drill(plan: Plan) -> Report:
    """Play a drill in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="drill-", ignore_cleanup_errors=True) as folder:
        return asyncio.run(Drill(plan, Path(folder)).run())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, default=2_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without-nonce", action="store_true", help="break a rule: the drill must notice")
    parser.add_argument("--record-after-post", action="store_true", help="break another rule")
    arguments = parser.parse_args()
    report = drill(
        Plan(
            arguments.posts,
            arguments.kills,
            arguments.seed,
            without_nonce=arguments.without_nonce,
            record_after_post=arguments.record_after_post,
        )
    )
    print(report)
    found = (report.lost, report.doubled, report.unwanted, report.unpublished, report.wrong_votes)
    return 1 if any(found) else 0


if __name__ == "__main__":
    sys.exit(main())
