"""A day of arXiv: how long Papercord's own part takes, from answers to searchable and announced.

    python -m tests.benchmarks.arxiv_day

1,000 entries come in ten pages of 100, about as long as real ones, to a corpus of 5,000 papers; what
arXiv itself and its pace of one request in three seconds take is not in it. "Announced" means frozen in
the outbox, for one channel that hears of everything and 100 with a query.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bot.announcements import subscriptions
from bot.announcements.outbox import LEASE
from bot.announcements.planner import Planner
from bot.announcements.results import Filters
from bot.app import App, utc_now
from bot.fetch.client import Answer
from bot.garbage import loading
from bot.ingest.importer import import_files
from bot.lease import Lease
from bot.papers.results import SearchRequest
from bot.papers.search import search
from bot.sources.providers.kinds import Request
from bot.sources.registry import check_soon, register_source
from bot.sources.scheduler import check_due_sources
from cogs.notify.announcement_cards import compose
from tests.apps import close_app, open_app

ENTRIES, CORPUS, CHANNELS = 1_000, 5_000, 100
GOAL_SECONDS = 2.0
RUNS = 3
STARTS = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu".split()  # noqa: SIM905
MIDDLES = "ph rn ct del mb sk tr ll nd pt gr ff st ch".split()  # noqa: SIM905
ENDS = "s ing al er ive ion ology ate em ust".split()  # noqa: SIM905
WORDS = [f"{start}{middle}{end}" for start in STARTS for middle in MIDDLES for end in ENDS]


def main() -> None:
    """Run some times, each in a database of its own, and print the table."""
    print_days(f"{ENTRIES:,} entries of arXiv", _measure, GOAL_SECONDS)


def print_days(
    what: str, measure: Callable[[App, random.Random, Path], dict[str, float]], goal: float
) -> None:
    """Measure a day some times, each in a database of its own, and print the table."""
    runs: list[dict[str, float]] = []
    with loading():  # as Papercord begins: what is loaded by now is not looked through for garbage
        pass
    for seed in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            app = open_app(Path(folder) / "data")
            try:
                runs.append(measure(app, random.Random(seed), Path(folder)))
            finally:
                close_app(app)
    print(f"{what}, corpus of {CORPUS:,} papers, {CHANNELS + 1} subscriptions")
    print(f"{'':36}{'median':>10}{'worst':>10}")
    for name in runs[0]:
        values = [run[name] for run in runs]
        print(f"{name:36}{statistics.median(values):9.2f}s{max(values):9.2f}s")
    print(f"{'goal':36}{goal:9.2f}s")


def _measure(app: App, chance: random.Random, folder: Path) -> dict[str, float]:
    fill(app, chance, folder)
    day: list[str] = [_entry(number, chance) for number in range(1, 301)]
    library = SimpleNamespace(ask=_answering(lambda: day))
    register_source(app, "arxiv category", "cs.LG")
    check_due_sources(app, library)  # type: ignore[arg-type] - the baseline
    subscribe(app, chance)
    lease = Lease(app, LEASE)
    lease.take()
    planner = Planner(app, lease, compose)
    planner.plan_due()
    day[:0] = [_entry(number, chance) for number in range(301, 301 + ENTRIES)]
    check_soon(app)

    begun, processor = time.perf_counter(), time.process_time()
    report = check_due_sources(app, library)  # type: ignore[arg-type]
    searchable = time.perf_counter()
    answer = search(app, SearchRequest(query="submission0001300"))
    planned = planner.plan_due()
    announced, processed = time.perf_counter(), time.process_time()
    lease.release()
    assert report.added == ENTRIES, report
    assert answer.total == 1, answer
    assert planned
    return {
        "answers to searchable": searchable - begun,
        "searchable to frozen in the outbox": announced - searchable,
        "together": announced - begun,
        "processor time of it": processed - processor,
    }


def subscribe(app: App, chance: random.Random) -> None:
    """Let one channel hear of everything, and the others of what has a word.

    Much later, as it seems, so that no subscription is shown what it would have heard of lately.
    """
    later = replace(app, clock=lambda: utc_now() + dt.timedelta(days=60))
    for channel in range(CHANNELS + 1):
        filters = Filters(query=chance.choice(WORDS)) if channel else Filters()
        subscriptions.add(later, guild_id=1, channel_id=channel + 1, creator_id=1, filters=filters)


def fill(app: App, chance: random.Random, folder: Path) -> None:
    """Import papers that were there before."""
    file = folder / "corpus.jsonl"
    with file.open("w", encoding="utf-8") as lines:
        for number in range(CORPUS):
            row = {
                "id": f"2401.{number:05d}",
                "title": made_title(chance, number),
                "authors": [f"{word.title()} Known" for word in chance.sample(WORDS, 4)],
                "abstract": " ".join(chance.choices(WORDS, k=150)),
            }
            lines.write(json.dumps(row) + "\n")
    import_files(app, [file])


def _answering(day: Callable[[], list[str]]) -> Callable[..., Any]:
    def ask(_provider: object, request: Request, read: Callable[[Answer], Any]) -> Any:
        asked = parse_qs(urlsplit(request.target).query)
        start, size = int(asked["start"][0]), int(asked["max_results"][0])
        entries = day()
        body = (
            '<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"'
            ' xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">'
            f"<opensearch:totalResults>{len(entries)}</opensearch:totalResults>"
            f"{''.join(entries[start : start + size])}</feed>"
        )
        return read(Answer(request.target, 200, {}, body.encode()))

    return ask


def _entry(number: int, chance: random.Random) -> str:
    authors = "".join(
        f"<author><name>{chance.choice(WORDS).title()} {chance.choice(WORDS).title()}</name></author>"
        for _ in range(chance.randint(1, 9))
    )
    return (
        f"<entry><id>http://arxiv.org/abs/2603.{number:05d}v1</id><title>{made_title(chance, number)}</title>"
        f"<summary>submission{number:07d} {' '.join(chance.choices(WORDS, k=170))}</summary>"
        f"<published>{dt.date(2026, 3, 1)}T10:00:00Z</published>"
        '<category term="cs.LG"/><arxiv:primary_category term="cs.LG"/>'
        f"{authors}</entry>"
    )


def made_title(chance: random.Random, number: int) -> str:
    """Return a title that no other number has."""
    return f"{' '.join(chance.choices(WORDS, k=9))} case {number}"


if __name__ == "__main__":
    main()
