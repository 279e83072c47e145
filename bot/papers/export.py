"""Papers given out for other programs: all that a search finds, or the whole corpus, in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.app import App
from bot.papers.loading import list_papers
from bot.papers.results import Paper, SearchRequest
from bot.papers.search import every_match
from bot.store.papers import ids_after

BATCH = 500
"""So many papers are in memory at once."""


def papers_matching(app: App, request: SearchRequest) -> Iterator[Paper]:
    """All papers that have everything that is asked; those of the whole corpus where nothing is.

    Up to 200 papers come in the order of the search; more of them the newest first, or the highest score;
    those of the whole corpus in the order in which they came.

    Raises:
        RefusedError: an option of the request cannot be.

    """
    if not any((request.query.strip(), request.field, request.author, request.since, request.until)) and (
        request.code is None
    ):
        batches = _whole_corpus(app)
    else:
        ids = every_match(app, request)
        batches = (ids[place : place + BATCH] for place in range(0, len(ids), BATCH))
    for batch in batches:
        yield from list_papers(app.store, batch).values()


def _whole_corpus(app: App) -> Iterator[Sequence[int]]:
    last = 0
    while True:
        with app.store.reading() as session:
            ids = ids_after(session, last, BATCH)
        if not ids:
            return
        yield ids
        last = ids[-1]
