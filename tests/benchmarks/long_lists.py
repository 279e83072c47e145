"""How long a page of a list of 10,000 papers takes: sorted, filtered and searched.

    python -m tests.benchmarks.long_lists [--folder FOLDER]

The list is the group's, of papers drawn from the 74,728 of arXiv with a fixed seed; every seventh paper has a
vote. Each page is made five times. The index is kept in the folder, if one is given: that of
tests.benchmarks.relevance. Milliseconds are of the processor, and by the clock.
"""

from __future__ import annotations

import argparse
import gc
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from bot.app import App
from bot.reading import lists
from bot.reading.lists import ListPage, ListView, Reader
from bot.store.lists import ListOrder, add_entries
from bot.store.models import ReadingState
from tests.apps import close_app
from tests.benchmarks.made_papers import REAL_PAPERS, SEED, real_rows
from tests.benchmarks.relevance import Collection, app_of

PAPERS, TIMES = 10_000, 5
READER = Reader(71, 72)
QUERIES = ("learning", "the", "decentralized", "language model reasoning", "field:CV", "year:>=2025")
NAME = "group"


def main() -> None:
    """Print the median and the worst of each page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        papers = [{**row, "text": row["abstract"]} for row in real_rows()]
        app = app_of(Collection("questions", papers, {}), given.folder or Path(folder))
        del papers
        fill(app)
        # What the benchmark itself holds is not looked through by garbage collections.
        gc.collect()
        gc.freeze()
        print(f"{'':44}{'found':>8}{'median':>9}{'worst':>9}{'by the clock':>14}")
        for label, page in pages(app):
            used, passed = zip(*(timed(page) for _ in range(TIMES)), strict=True)
            print(f"{label:44}{page().found:8,}{median(used):9.1f}{max(used):9.1f}{median(passed):14.1f}")
        close_app(app)


def fill(app: App) -> None:
    """Make the list and the votes, unless they are there."""
    opened = lists.save(app, READER, NAME, 1)
    drawn = random.Random(SEED).sample(range(1, REAL_PAPERS + 1), PAPERS)
    with app.store.writing() as session:
        add_entries(session, opened.list.id, drawn, READER.person_id, app.clock())
        session.connection().exec_driver_sql(
            f"INSERT OR IGNORE INTO vote SELECT id, {READER.guild_id}, 1, '2026-03-01 00:00:00.000000' "
            "FROM paper WHERE id % 7 = 0"
        )


def pages(app: App) -> Iterator[tuple[str, Callable[[], ListPage]]]:
    """What is asked for."""

    def page(view: ListView, number: int = 3) -> Callable[[], ListPage]:
        return lambda: lists.list_page(app, READER, NAME, view, number)

    for order in ListOrder:
        yield f"by {order}", page(ListView(order))
    yield "to read", page(ListView(state=ReadingState.TO_READ))
    for query in QUERIES:
        yield f"{query}, by votes", page(ListView(ListOrder.VOTES, query=query), 2)


def timed(page: Callable[[], ListPage]) -> tuple[float, float]:
    """Return milliseconds of the processor, and by the clock."""
    used, passed = time.thread_time(), time.perf_counter()
    page()
    return (time.thread_time() - used) * 1_000, (time.perf_counter() - passed) * 1_000


if __name__ == "__main__":
    main()
