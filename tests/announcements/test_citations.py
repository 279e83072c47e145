"""Who newly cites a paper or an author: each citing work once, with what it cites, self-citations apart."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from bot.announcements import subscriptions
from bot.announcements.results import Filters, Frequency, Schedule
from bot.corpus.paper import CitedWork
from bot.errors import RefusedError
from bot.ingest.importer import import_records
from bot.sources import citing
from bot.sources.library import Library
from bot.sources.providers.table import PROVIDERS
from tests.announcements.announcer import GUILD, Office
from tests.fetch.loopback import Reply, Ticks, fetcher_for, loopback
from tests.loopback_discord.reading import text_of
from tests.sources.made_papers import Thing, openalex_work
from tests.sources.stub_providers import Catalogues, crossref_work
from tests.sources.test_precedence import record

# fixtures
from tests.announcements.test_withdrawing import app  # noqa: F401  # isort: skip

CHANNEL, OTHER, WEEKLY = 1, 2, 3


class Citations(Catalogues):
    """OpenAlex, of which the test says who cites whom."""

    office: Office
    library: Library

    def cites(
        self, number: int, *cited: int, title: str | None = None, by: tuple[str, ...] = ("Eve Fox",)
    ) -> None:
        thing = Thing(number, doi=f"10.5555/{number}", title=title or f"Citing {number}", authors=by)
        addresses = [f"https://openalex.org/W{one}" for one in cited]
        self.openalex.append(
            {**openalex_work(thing), "referenced_works": addresses, "publication_year": 2026}
        )

    def ask(self) -> int:
        self.office.clock.move(days=1)
        return citing.ask_citing(self.office.app, self.library, threading.Event()).new


@pytest.fixture
def world(office: Office) -> Iterator[Citations]:
    with loopback() as server:
        found = Citations()
        found.office = office
        fetcher = fetcher_for(server, Ticks())
        found.library = found.of(server, Library(fetcher, dict.fromkeys(PROVIDERS, server.url)))
        records = [
            record(
                "openalex",
                f"W{number}",
                title=f"Ours {number}",
                doi=f"10.1000/{number}",
                authors=({"name": "Ada Lin"}, {"name": "Bo Berg"}),
            )
            for number in (1, 2, 3)
        ]
        import_records(office.app, "a", records, newly_added=False)
        yield found


def noon_of_a_tuesday(now: dt.datetime) -> dt.datetime:
    """The next one: no weekly digest is due within the days that follow."""
    noon = now.replace(hour=12, minute=0, second=0, microsecond=0)
    return noon + dt.timedelta(days=(1 - now.weekday()) % 7 or 7)


def of_paper(paper_id: int, title: str = "Ours 1") -> Filters:
    return Filters(citing=title, citing_paper_id=paper_id)


def of_author(office: Office) -> Filters:
    author = office.scalar("select id from author where name = 'Ada Lin'")
    return Filters(citing="Ada Lin", citing_author_id=author)


async def test_each_citing_work_is_shown_once_and_nothing_that_was_there_before(
    office: Office, world: Citations
):
    office.clock.now = noon_of_a_tuesday(office.clock())
    ids = office.column("select id from paper order by title")
    office.subscribe(CHANNEL, of_author(office))
    office.subscribe(CHANNEL, of_paper(ids[0]))
    office.subscribe(OTHER, of_paper(ids[2], "Ours 3"))
    office.digest(WEEKLY, Schedule(Frequency.WEEKLY, day=0), of_author(office))
    world.cites(100, 1)
    assert world.ask() == 0  # the baseline
    await office.settle()
    assert office.discord.visible(CHANNEL) == []

    world.cites(101, 1, 2, by=("Eve Fox", "Gus Hill"))
    world.cites(102, 2, by=("B. Berg",))
    world.cites(103, 3, title="Citing 101", by=("Eve Fox",))  # the same under another id
    assert world.ask() > 0
    office.restart()
    await office.settle()
    (message,) = office.discord.visible(CHANNEL)
    words = text_of(message)
    assert "### 2 new citations" in words
    assert words.count("**Citing 101**") == 1
    assert "Eve Fox, Gus Hill · 2026 · [open](https://doi.org/10.5555/101)" in words
    assert "-# cites “Ours 1” and “Ours 2”" in words
    assert words.index("Citing 101") < words.index("Citing 102")
    assert "self-citation" in words[words.index("Citing 102") :]
    assert "self-citation" not in words[: words.index("Citing 102")]
    (other,) = office.discord.visible(OTHER)
    assert "### A new citation" in text_of(other)
    assert office.discord.visible(WEEKLY) == []

    # It is found to cite another of ours later, and asked again: nothing is repeated.
    world.openalex[1]["referenced_works"].append("https://openalex.org/W3")
    world.ask()
    world.ask()
    await office.settle()
    assert len(office.discord.visible(CHANNEL)) == 1
    office.clock.move(days=8)
    await office.settle()
    assert len(office.discord.visible(WEEKLY)) == 1
    office.clock.move(days=8)
    await office.settle()
    assert len(office.discord.visible(WEEKLY)) == 1


async def test_a_batch_is_asked_about_once_a_day_and_only_as_far_as_it_is_unknown(
    office: Office, world: Citations
):
    ids = office.column("select id from paper order by title")
    one = office.subscribe(CHANNEL, of_paper(ids[0]))
    for number in range(100, 350):
        world.cites(number, 1)
    assert world.ask() == 0
    assert world.requests() == {"openalex": 3, "semantic-scholar": 1, "opencitations": 1}
    assert citing.ask_citing(office.app, world.library, threading.Event()).papers == 0
    world.requests()
    assert world.ask() == 0
    assert world.requests() == {"openalex": 1}
    assert office.scalar("select count(*) from citation where is_citing") == 250
    subscriptions.pause(office.app, one.guild_id, one.id)
    world.cites(400, 1)
    assert world.ask() == 0
    assert world.requests() == {}
    with pytest.raises(RefusedError, match="goes with no other filter"):
        office.subscribe(OTHER, Filters(query="x", citing="Ours 1", citing_paper_id=ids[0]))
    with pytest.raises(RefusedError):
        office.subscribe(CHANNEL, of_paper(ids[0]))


async def test_many_citations_come_in_parts(office: Office, world: Citations):
    ids = office.column("select id from paper order by title")
    office.subscribe(CHANNEL, of_paper(ids[0]))
    world.ask()
    for number in range(100, 112):
        world.cites(number, 1)
    world.ask()
    await office.settle()
    texts: list[Any] = [text_of(one) for one in office.discord.visible(CHANNEL)]
    assert ["(1 of 2)" in texts[0], "(2 of 2)" in texts[1], len(texts)] == [True, True, 2]
    assert sum(text.count("[open]") for text in texts) == 12


async def test_what_is_planned_is_withdrawn_with_its_subscription_and_stays_for_others(
    office: Office, world: Citations
):
    ids = office.column("select id from paper order by title")
    removed = office.subscribe(CHANNEL, of_paper(ids[0]))
    office.subscribe(CHANNEL, of_paper(ids[1], "Ours 2"))
    world.ask()  # the baseline
    world.cites(101, 1)
    world.cites(102, 1, 2)
    assert world.ask() > 0
    assert office.lease.take()
    assert office.citations.plan() == 1

    subscriptions.remove(office.app, GUILD, removed.id)
    await office.settle()

    (message,) = office.discord.visible(CHANNEL)
    assert "Citing 102" in text_of(message)
    assert "Citing 101" not in text_of(message)


def s2_citing(number: int, *, doi: str | None = None, arxiv: str | None = None) -> dict[str, Any]:
    """A paper that cites another one, as Semantic Scholar answers; made from its published schema."""
    ids = {"DOI": doi, "ArXiv": arxiv}
    return {
        "paperId": f"s2-{number}",
        "externalIds": {name: value for name, value in ids.items() if value},
        "title": f"Citing {number}",
        "year": 2026,
        "authors": [{"authorId": "1", "name": "E. Fox"}],
    }


async def test_one_citing_work_is_shown_once_whichever_provider_says_it_first(
    office: Office, world: Citations
):
    ids = office.column("select id from paper order by title")
    office.subscribe(CHANNEL, of_paper(ids[0]))
    world.cites(100, 1)
    world.citing = {"10.1000/1": [s2_citing(101, doi="10.5555/101")]}
    world.indexed = {"10.1000/1": ["omid:br/1 doi:10.5555/102 openalex:W102"]}
    assert world.ask() == 0  # the baseline of each
    world.cites(101, 1)
    world.cites(102, 1)
    # These are known, of 100 under another id; 103 is in the preprint's and the publisher's version.
    world.citing["10.1000/1"] += [s2_citing(100, arxiv="2603.00100"), s2_citing(103, arxiv="2603.00103")]
    world.indexed["10.1000/1"] += [
        "omid:br/3 doi:10.5555/103",
        "omid:br/4 doi:10.5555/104",
        "omid:br/5 doi:10.5555/none",
        "omid:br/6 pmid:7",
    ]
    world.crossref = [
        crossref_work("10.5555/103", "Citing 103", "Eve Fox"),
        crossref_work("10.5555/104", "Citing 104", "Ada Lin"),
    ]
    world.requests()
    assert world.ask() == 0  # OpenAlex is asked each day, the others each week
    assert world.requests() == {"openalex": 1}
    office.clock.move(days=6)
    assert world.ask() == 2
    await office.settle()
    (message,) = office.discord.visible(CHANNEL)
    words = text_of(message)
    assert "### 2 new citations" in words
    assert "[open](https://arxiv.org/abs/2603.00103) · Semantic Scholar, read " in words
    assert "[open](https://doi.org/10.5555/104) · self-citation · OpenCitations, read" in words
    world.cites(103, 1)
    world.cites(104, 1)
    office.clock.move(days=7)
    assert world.ask() == 0
    await office.settle()
    assert len(office.discord.visible(CHANNEL)) == 1


async def test_papers_of_the_corpus_that_cite_are_found_without_asking_anybody(
    office: Office, world: Citations
):
    ids = office.column("select id from paper order by title")
    office.subscribe(CHANNEL, of_paper(ids[0]))
    citing_one = {"title": "Here", "doi": "10.5555/7", "authors": ({"name": "Eve Fox"},)}
    cited = (CitedWork(scheme="doi", value="10.1000/1"), CitedWork(scheme="openalex", value="W2"))
    old = record(
        "crossref", "10.5555/6", **citing_one | {"doi": "10.5555/6", "title": "Old"}, references=cited
    )
    new = record("crossref", "10.5555/7", **citing_one, references=cited)
    import_records(office.app, "a", [old], newly_added=False)
    import_records(office.app, "b", [new], newly_added=True)
    office.subscribe(OTHER, of_paper(ids[1], "Ours 2"))  # afterwards: it is known to it
    await office.settle()
    (message,) = office.discord.visible(CHANNEL)
    words = text_of(message)
    assert "### A new citation" in words
    assert "**Here**" in words
    assert "Crossref, read" in words
    assert office.discord.visible(OTHER) == []
    world.cites(7, 1, 2, title="Here")
    world.ask()
    world.cites(8, 1, 2, title="Here")  # OpenAlex has it twice
    world.ask()
    await office.settle()
    assert [len(office.discord.visible(channel)) for channel in (CHANNEL, OTHER)] == [1, 0]


async def test_a_provider_that_fails_is_named_and_keeps_the_others_from_nothing(
    office: Office, world: Citations
):
    ids = office.column("select id from paper order by title")
    office.subscribe(CHANNEL, of_paper(ids[0]))
    world.refusing = {
        "openalex": Reply(b'{"results": 3}'),
        "semantic-scholar": Reply(b'{"error": "Paper not found"}', status=404),
    }
    report = citing.ask_citing(office.app, world.library, threading.Event())
    assert report.papers == 2
    assert report.errors == ["OpenAlex citations: OpenAlex refuses the request: it gave no reason."]
