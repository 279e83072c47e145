"""A day of 1,000 papers by feed: how long Papercord's own part takes, from answers to frozen messages.

    python -m tests.benchmarks.feed_day

Twenty journals' feeds show 50 new articles each, with DOIs, which Crossref completes; the corpus has 5,000
papers, one channel hears of everything and 100 have a query. What the hosts take is not in it.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bot.announcements.outbox import LEASE
from bot.announcements.planner import Planner
from bot.app import App
from bot.fetch.client import Answer
from bot.lease import Lease
from bot.papers.results import SearchRequest
from bot.papers.search import search
from bot.sources.providers.kinds import Request
from bot.sources.registry import check_soon, register_source
from bot.sources.scheduler import check_due_sources
from cogs.notify.announcement_cards import compose
from tests.benchmarks.arxiv_day import WORDS, fill, made_title, print_days, subscribe

FEEDS, ENTRIES = 20, 50
GOAL_SECONDS = 3.0


def main() -> None:
    """Run some times, each in a database of its own, and print the table."""
    print_days(f"{FEEDS * ENTRIES:,} entries of {FEEDS} feeds", _measure, GOAL_SECONDS)


def _measure(app: App, chance: random.Random, folder: Path) -> dict[str, float]:
    fill(app, chance, folder)
    articles = [_article(number, chance) for number in range(2 * FEEDS * ENTRIES)]
    shown: list[dict[str, Any]] = articles[: FEEDS * ENTRIES]
    library = SimpleNamespace(ask=_answering({one["DOI"]: one for one in articles}, lambda: shown))
    for number in range(FEEDS):
        register_source(app, "feed", f"https://journal{number}.example.org/toc.rss")
    check_due_sources(app, library)  # type: ignore[arg-type] - the baseline
    subscribe(app, chance)
    lease = Lease(app, LEASE)
    lease.take()
    planner = Planner(app, lease, compose)
    planner.plan_due()
    shown = articles[FEEDS * ENTRIES :]
    check_soon(app)

    begun, processor = time.perf_counter(), time.process_time()
    report = check_due_sources(app, library)  # type: ignore[arg-type]
    searchable = time.perf_counter()
    answer = search(app, SearchRequest(query="submission0001300"))
    planned = planner.plan_due()
    announced, processed = time.perf_counter(), time.process_time()
    lease.release()
    assert report.added == FEEDS * ENTRIES, report
    assert answer.total == 1, answer
    assert planned
    return {
        "answers to searchable": searchable - begun,
        "searchable to frozen in the outbox": announced - searchable,
        "together": announced - begun,
        "processor time of it": processed - processor,
    }


def _article(number: int, chance: random.Random) -> dict[str, Any]:
    """What Crossref has of an article."""
    people = [
        (chance.choice(WORDS).title(), chance.choice(WORDS).title()) for _ in range(chance.randint(1, 9))
    ]
    return {
        "DOI": f"10.1000/day.{number}",
        "type": "journal-article",
        "title": [made_title(chance, number)],
        "author": [{"given": given, "family": family} for given, family in people],
        "container-title": [f"Journal {number % FEEDS}"],
        "abstract": f"<jats:p>submission{number:07d} {' '.join(chance.choices(WORDS, k=170))}</jats:p>",
        "issued": {"date-parts": [[2026, 3, 1]]},
    }


def _answering(
    known: dict[str, dict[str, Any]], shown: Callable[[], list[dict[str, Any]]]
) -> Callable[..., Any]:
    def ask(_provider: object, request: Request, read: Callable[[Answer], Any]) -> Any:
        parts = urlsplit(request.target)
        if parts.hostname is None:
            dois = parse_qs(parts.query)["filter"][0].split(",")
            works = [known[doi.removeprefix("doi:")] for doi in dois]
            message = {"total-results": len(works), "items": works}
            body = json.dumps({"status": "ok", "message": message}).encode()
        else:
            number = int(parts.hostname.removeprefix("journal").partition(".")[0])
            body = _feed(shown()[number * ENTRIES : (number + 1) * ENTRIES])
        return read(Answer(request.target, 200, {}, body))

    return ask


def _feed(articles: list[dict[str, Any]]) -> bytes:
    items = "".join(
        f"<item><title>{one['title'][0]}</title><link>https://doi.org/{one['DOI']}</link>"
        f"<description>&lt;p&gt;{one['abstract'][8:400]}&lt;/p&gt;</description>"
        f"<dc:identifier>doi:{one['DOI']}</dc:identifier>"
        "<pubDate>Sun, 01 Mar 2026 10:00:00 GMT</pubDate></item>"
        for one in articles
    )
    space = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return f'<rss version="2.0" {space}><channel><title>J</title>{items}</channel></rss>'.encode()


if __name__ == "__main__":
    main()
