"""Completes what a feed says of new papers: arXiv, Crossref and PubMed are asked before they are imported."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from bot.app import App
from bot.corpus.decision import KnownPaper
from bot.corpus.identity import RecordKeys
from bot.corpus.paper import PaperRecord
from bot.errors import DatabaseUnusableError, PapercordError
from bot.fetch.errors import ClosedError
from bot.sources.library import Library
from bot.sources.queries import EnrichedPaper, arxiv_by_id, crossref_by_id, pubmed_by_id, with_record
from bot.store.paper_sources import stored_digests

MOST = 400
"""Papers of one page that are completed; `papercord enrich` completes the others later."""

_Ask = Callable[[Sequence[EnrichedPaper]], Sequence[PaperRecord]]

_log = logging.getLogger(__name__)


def completing_records(app: App, library: Library, records: Sequence[PaperRecord]) -> Sequence[PaperRecord]:
    """What providers say of those records that are not stored yet; nothing where they do not answer."""
    with app.store.reading() as session:
        stored = {
            key for _, key in stored_digests(session, {(one.source, one.source_key) for one in records})
        }
    unknown = [one for one in records if one.source_key not in stored][:MOST]
    papers = [_subject(place, record) for place, record in enumerate(unknown)]
    with_pmid = [paper for paper in papers if paper.pmid is not None]
    others = [paper for paper in papers if paper.pmid is None]
    found: list[PaperRecord] = []
    queries: tuple[tuple[_Ask, list[EnrichedPaper], int], ...] = (
        (lambda some: arxiv_by_id(app.settings, library, some), [one for one in others if one.arxiv_id], 100),
        (
            lambda some: crossref_by_id(app.settings, library, some),
            [one for one in others if one.doi and not one.arxiv_id],
            20,
        ),
        (lambda some: pubmed_by_id(app.settings, library, some), with_pmid, 100),
    )
    for ask, asked_about, size in queries:
        try:
            for some in _batches(asked_about, size):
                found += ask(some)
        except (ClosedError, DatabaseUnusableError):
            raise
        except PapercordError as error:
            _log.info("New papers of a feed are imported as it says, since: %s", error)
    return found


def _subject(place: int, record: PaperRecord) -> EnrichedPaper:
    keys = RecordKeys.of(record)
    known = with_record(KnownPaper.of(place, record.title, keys.lead, {}, ()), keys)
    return EnrichedPaper(place, record.title, keys.lead, record.published, record.doi, record.arxiv_id, known)


def _batches(papers: Sequence[EnrichedPaper], size: int) -> Iterator[Sequence[EnrichedPaper]]:
    left = iter(papers)
    while some := list(islice(left, size)):
        yield some
