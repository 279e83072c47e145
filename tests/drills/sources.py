"""The drill of sources: whoever follows them is killed again and again, and nothing is lost or doubled.

    python -m tests.drills.sources --kills 200

It ends with a line that says how many papers came and what is wrong with them, compared with a run that
nobody disturbed. With --place-before-papers or --forget-cut-off a rule is broken on purpose, and the
drill has to notice.
"""

from __future__ import annotations

import argparse
import functools
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeAlias
from unittest.mock import patch

import orjson
from sqlalchemy import text

from bot.announcements import subscriptions
from bot.announcements.results import Filters
from bot.corpus.identity import TITLE
from bot.papers.results import SearchRequest
from bot.papers.search import search
from bot.sources.providers import table
from bot.sources.providers.arxiv import ARXIV
from bot.sources.providers.openalex import OPENALEX
from bot.sources.providers.table import PROVIDERS, kind_named
from bot.sources.registry import check_soon, register_source, source_statuses
from bot.sources.sweeper import Sweep
from bot.store.schema import prepare
from bot.store.sources import all_sources
from tests.apps import open_app
from tests.corpora import contents
from tests.drills.other_providers import ANSWERS, OTHER_SOURCES, answer, shown_by_feed
from tests.drills.source_process import CONTEXT, INDEX, Clock, Life, start
from tests.drills.waves import LATE_FROM, worlds
from tests.fetch.loopback import Loopback, Reply, Seen, loopback
from tests.sources.made_papers import World

SOURCES = (
    ("arxiv category", "cs.LG"),
    ("arxiv search", "all:matters"),
    ("openalex search", "matters"),
    *OTHER_SOURCES,
)
FETCHING, ANY_MOMENT = "a request", "any moment"
WRITING, FINISHING = "INSERT INTO paper (", "UPDATE corpus_import SET touched_at=?, finished_at"
MOMENTS = {
    FETCHING: 8,
    "": 300,
    WRITING: 6,
    FINISHING: 4,
    "UPDATE followed_source": 6,
    "INSERT INTO seen_entry": 6,
    INDEX: 250,
    ANY_MOMENT: 0,
}
"""Where a process is killed, and at most how often it comes there before: at a request, before a statement
that begins so, in the index, or anywhere."""
LONGEST_LIFE = 1.0
"""Seconds of a life that ends at any moment."""
PATIENCE = 2.0
"""Seconds until a process is killed that does not come to where it was to be."""
PAUSES = (0.0, 0.0, 2.0, 30.0, 100.0, 4_000.0, 25_000.0)
"""Seconds between a kill and the next start: within leases and beyond them, and until sweeps go on."""
FEED = "feed"
"""It shows its newest entries alone, so that what it has said in the end depends on when it was asked: in the
undisturbed run, with the first wave and the last. It has to have said all that it showed while a check of it
came to its end, and nothing that it never showed; it may have said what a killed check was shown."""
DAY_SECONDS, SWEEP_PAUSE_SECONDS = 24 * 3600.0, 6 * 3600.0
MOST_DAYS_OF_SWEEP = 30
"""Pages that fail, or whose host rests, wait for the next pause: a sweep comes round within so many days."""

Corpus: TypeAlias = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Plan:
    """What the drill does."""

    kills: int
    waves: tuple[int, ...] = (250, 40, 700, 5, 450, 120)
    """How many papers there are at first, and how many come later at once."""
    seed: int = 1
    sources: tuple[tuple[str, str], ...] = SOURCES
    moments: tuple[str, ...] = tuple(MOMENTS)
    faults: float = 0.05
    """The share of answers that are none."""
    place_before_papers: bool = False
    forget_cut_off: bool = False


@dataclass
class Report:
    """What the drill found."""

    papers: int
    announced: int
    kills: Counter[str] = field(default_factory=Counter)
    differences: int = 0
    """Rows of the corpus that are not as in the undisturbed run."""
    lost: int = 0
    doubled: int = 0
    uncalled: int = 0
    """Announced, though known from the beginning."""
    not_searchable: int = 0
    miscounted: int = 0
    """How far the counts of new papers are off that the sources show. A paper that came as two, until what
    came later showed that it is one, was new twice, unless one of them was of a check that was killed."""
    behind: int = 0
    """Sources that are not up to date."""

    @property
    def is_right(self) -> bool:
        """Whether nothing is wrong."""
        wrong = (self.differences, self.lost, self.doubled, self.uncalled)
        return not any((*wrong, self.not_searchable, self.miscounted, self.behind))

    def __str__(self) -> str:
        where = ", ".join(f"{count} at {moment or 'a statement'}" for moment, count in self.kills.items())
        return (
            f"{self.papers} papers, {self.announced} announced, {self.kills.total()} kills ({where}): "
            f"{self.differences} differences, {self.lost} lost, {self.doubled} doubled, "
            f"{self.uncalled} uncalled for, {self.not_searchable} not searchable, "
            f"{self.miscounted} miscounted, {self.behind} sources behind"
        )


class Drill:
    """One run, in a folder of its own."""

    def __init__(self, plan: Plan, folder: Path, servers: Mapping[str, Loopback]) -> None:
        """Begin with a server for each provider, by its name: where one fails, the others are not at rest."""
        self._plan = plan
        self._random = random.Random(plan.seed)
        self._weather = random.Random(plan.seed)
        self._states = worlds(plan.waves, plan.seed)
        self._world = World()
        self._ahead = CONTEXT.RawValue("d", 0.0)
        self.app = open_app(folder, Clock(self._ahead))
        for server in servers.values():
            server.answer = self._answer
        urls = {one: servers.get(one.name, servers[ARXIV.name]).url for one in PROVIDERS}
        urls |= {one: f"{url}/{one.name}" for one, url in urls.items() if one.name in ANSWERS}
        self._servers = servers
        self._life = Life(
            folder=folder,
            urls=urls,
            ahead=self._ahead,
            place_before_papers=plan.place_before_papers,
            forget_cut_off=plan.forget_cut_off,
        )
        self._process: BaseProcess | None = None
        self._requests_left = 0
        self._read_of_feed: set[str] = set()
        """What the feed showed while a check of it came to its end."""
        self.kills: Counter[str] = Counter()

    def run(self) -> None:
        """Play it to its end: the first wave is what was there, the others are news."""
        prepare(self.app.store)
        for kind, value in self._plan.sources:
            is_address = value.startswith("{server}")
            address = value.format(server=self._servers[value.split("/")[1]].url) if is_address else value
            on_loopback = {kind: replace(kind_named(kind), normalise=str)} if is_address else {}
            with patch.dict(table.KINDS, on_loopback):  # type: ignore[arg-type]
                register_source(self.app, kind, address)
        each, more = divmod(self._plan.kills, len(self._states))
        for number, things in enumerate(self._states):
            self._world.things = things
            check_soon(self.app)
            with self._watching_feed():
                for _ in range(each + (number < more)):
                    self._live_and_die()
                if number == 0:
                    self._live_on()
            if number == 0:
                subscriptions.add(self.app, guild_id=1, channel_id=1, creator_id=1, filters=Filters())
        with self._watching_feed():
            # To the end of the checks that were cut off: they began before the last papers came.
            self._live_on()
            check_soon(self.app)
            self._live_on()
        if len(self._states) > LATE_FROM:
            self._come_round()  # the sweep under way may be past what came late
            self._come_round()

    def close(self) -> None:
        self.app.index.close()
        self.app.store.close()

    def _answer(self, seen: Seen) -> Reply:
        self._requests_left -= 1
        if self._requests_left == 0 and self._process is not None:
            self._process.kill()
        if self._weather.random() < self._plan.faults:
            return self._weather.choice((Reply(status=503), Reply(fault="reset"), Reply(b"<html></html>")))
        name = seen.target.split("/")[1]
        return answer(name, self._world.things, seen) if name in ANSWERS else self._world.answer(seen)

    def _live_and_die(self) -> None:
        moment = self._random.choice(self._plan.moments)
        times = self._random.randint(1, max(1, MOMENTS[moment]))
        in_it = None if moment in {FETCHING, ANY_MOMENT} else (moment, times)
        self._requests_left = times if moment == FETCHING else 0
        # One that is to die at some statement comes to it, or to the end of its work, however slow it is.
        process = self._process = start(replace(self._life, dies_at=in_it, until_idle=in_it is not None))
        if in_it is not None:
            process.join()
        else:
            process.join(self._random.uniform(0.0, LONGEST_LIFE) if moment == ANY_MOMENT else PATIENCE)
        if process.exitcode != 0:
            self.kills[moment if process.exitcode is not None else ANY_MOMENT] += 1
        process.kill()
        process.join()
        self._process = None
        self._ahead.value += self._random.choice(PAUSES)

    def _live_on(self, **options: float) -> None:
        """Let it come to its end."""
        self._requests_left = 0
        process = start(replace(self._life, until_idle=True, **options))
        process.join()
        if process.exitcode:
            raise RuntimeError("following the sources failed")

    def _come_round(self) -> None:
        """Live on until the sweep of each source has begun anew."""
        now = self.app.clock()
        for _ in range(MOST_DAYS_OF_SWEEP):
            with self.app.store.reading() as session:
                sweeps = [row.sweep for row in all_sources(session) if row.sweep_at is not None]
            if all(one and Sweep.model_validate(one).started_at > now for one in sweeps):
                return
            until = self._ahead.value + DAY_SECONDS
            self._live_on(not_before=until, wake_seconds=SWEEP_PAUSE_SECONDS)

    def corpus(self) -> Corpus:
        """What came, whatever the way."""
        said = contents(self.app.store)
        del said["authors"]  # an entry for a name alone stays when the person is identified later
        # A title that a paper had before stays a key of it, if the paper was read while it had that title.
        said["keys"] = [key for key in said["keys"] if key[0] != TITLE]
        return said

    def report(self, expected: Corpus) -> Report:
        """Compare with what should be."""
        found = self.corpus()
        known = {thing.arxiv_id for thing in self._states[0]}
        ids: dict[str, int] = dict(
            self._rows("select source_key, paper_id from paper_source where source = 'arxiv api'")
        )
        news = {paper_id for arxiv_id, paper_id in ids.items() if arxiv_id not in known}
        told = Counter(row[0] for row in self._rows("select paper_id from delivery where kind = 'new'"))
        shown: Counter[int] = Counter()
        for (spec,) in self._rows("select spec from message where kind <> 'edit'"):
            shown.update(orjson.loads(spec)["papers"])
        statuses = source_statuses(self.app)
        now = self.app.clock()
        coming = len(self._states[-1]) - len(self._states[0])
        arrived = sum(one.arrived for one in statuses)
        [(merged,)] = self._rows("select count(*) from retired_paper")
        return Report(
            papers=len(found["papers"]),
            announced=len(told),
            kills=self.kills,
            differences=self._differences(found, expected),
            lost=coming - len(told.keys() & news),
            doubled=sum(count > 1 for count in (*told.values(), *shown.values())),
            uncalled=len(told.keys() - news),
            not_searchable=len(found["papers"]) - search(self.app, SearchRequest(query="matter")).total,
            miscounted=max(coming - arrived, arrived - coming - merged, 0),
            behind=sum(
                one.error is not None or one.checking or one.is_new or (one.next_check_at or now) <= now
                for one in statuses
            ),
        )

    @contextmanager
    def _watching_feed(self) -> Generator[None]:
        """Note what the feed shows meanwhile, if a check of it comes to its end."""
        checks = f"select checks from followed_source where kind = '{FEED}'"
        before = self._rows(checks)
        yield
        if self._rows(checks) != before:
            self._read_of_feed |= shown_by_feed(self._world.things)

    def _differences(self, found: Corpus, expected: Corpus) -> int:
        """How many rows are not as in the undisturbed run; of the feed, not as it showed them."""
        ours, theirs = _of_feed(found), _of_feed(expected)
        shown = set[str]().union(*map(shown_by_feed, self._states))
        wrong = (self._read_of_feed - ours.keys()) | (ours.keys() - shown)
        wrong |= {key for key in ours.keys() & theirs.keys() if ours[key] != theirs[key]}
        others = _but_of_feed(expected)
        return len(wrong) + sum(_differing(_but_of_feed(found)[name], others[name]) for name in others)

    def _rows(self, statement: str) -> Sequence[Any]:
        with self.app.store.reading() as session:
            return session.connection().execute(text(statement)).all()


def _of_feed(corpus: Corpus) -> dict[str, tuple[Any, ...]]:
    """What the feed said, by the id of the entry."""
    return {row[1]: row for row in corpus["sources"] if row[0] == FEED}


def _but_of_feed(corpus: Corpus) -> Corpus:
    return {**corpus, "sources": [row for row in corpus["sources"] if row[0] != FEED]}


def _differing(found: Sequence[Any], expected: Sequence[Any]) -> int:
    """How many rows only one of the two has."""
    ours, theirs = Counter(map(repr, found)), Counter(map(repr, expected))
    return (ours - theirs).total() + (theirs - ours).total()


def play(plan: Plan, expected: Corpus | None = None) -> tuple[Report, Corpus]:
    """Play a run in a folder that is removed afterwards; (what was found, the corpus in the end)."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="drill-", ignore_cleanup_errors=True))
        names = (ARXIV.name, OPENALEX.name, *ANSWERS)
        servers = {name: stack.enter_context(loopback()) for name in names}
        run = Drill(plan, Path(folder), servers)
        stack.callback(run.close)
        run.run()
        corpus = run.corpus()
        return run.report(corpus if expected is None else expected), corpus


@functools.cache
def undisturbed(waves: tuple[int, ...], seed: int, sources: tuple[tuple[str, str], ...]) -> Corpus:
    """The corpus of a run without kills and faults."""
    report, corpus = play(Plan(0, waves, seed, sources, faults=0.0))
    if not report.is_right:
        raise RuntimeError(f"the undisturbed run went wrong: {report}")
    return corpus


def drill(plan: Plan) -> Report:
    """Play a drill, and compare it with an undisturbed run of the same world."""
    return play(plan, undisturbed(plan.waves, plan.seed, plan.sources))[0]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--place-before-papers", action="store_true", help="break a rule: it must notice")
    parser.add_argument("--forget-cut-off", action="store_true", help="break another rule")
    arguments = parser.parse_args()
    report = drill(
        Plan(
            arguments.kills,
            seed=arguments.seed,
            place_before_papers=arguments.place_before_papers,
            forget_cut_off=arguments.forget_cut_off,
        )
    )
    print(report)
    return 0 if report.is_right else 1


if __name__ == "__main__":
    sys.exit(main())
