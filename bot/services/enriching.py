"""`papercord enrich`: what arXiv, OpenAlex, Semantic Scholar and Crossref know of papers that stand here.

It goes through the corpus by id, a batch at a time, and remembers where it is; so it may be stopped
at any moment. Whatever is found joins its paper by identity, and each source's word stays its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson
from sqlalchemy import Row

from bot.config import Settings
from bot.corpus.formats.arxiv_atom import SOURCE as ARXIV_API
from bot.corpus.formats.arxiv_atom import read_arxiv_atom
from bot.corpus.formats.crossref import SOURCE as CROSSREF
from bot.corpus.formats.crossref import read_crossref_works
from bot.corpus.formats.openalex import SOURCE as OPENALEX
from bot.corpus.formats.openalex import read_openalex_works
from bot.corpus.formats.semantic_scholar import FIELDS, read_semantic_scholar_batch
from bot.corpus.formats.semantic_scholar import SOURCE as SEMANTIC_SCHOLAR
from bot.corpus.identity import title_key
from bot.corpus.jsonl import ARXIV
from bot.corpus.record import PaperRecord
from bot.errors import PapercordError
from bot.services.desk import Desk
from bot.services.notes import read_note, write_note
from bot.services.sources.bringing import bring_in
from bot.services.sources.lease import WorkLease
from bot.services.sources.providers import (
    Library,
    Provider,
    Request,
    openalex_options,
    semantic_scholar_headers,
)
from bot.store.enrichment import count_without, papers_without

MOST_TITLE_WORDS = 12


@dataclass(frozen=True, slots=True)
class Step:
    """How one provider is asked about papers."""

    provider: Provider
    sources: tuple[str, ...]
    """Papers of which one of these has spoken are not asked about."""
    batch: int
    ask: Callable[[Settings, Library, Sequence[Row[Any]]], Sequence[PaperRecord]]
    with_ids: bool = True
    """Papers with an arXiv id or a DOI; else those that have only a title."""

    @property
    def name(self) -> str:
        """Under which its progress is kept and shown."""
        return f"{self.provider.value} {'by id' if self.with_ids else 'by title'}"


@dataclass(frozen=True, slots=True)
class EnrichProgress:
    """How far it is with one provider."""

    step: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class EnrichReport:
    """What it brought."""

    asked: int
    """Papers that providers were asked about."""
    found: int
    """Records that they gave."""
    updated: int
    """Papers of which more is known now."""
    errors: tuple[str, ...]


def enrich(
    desk: Desk,
    library: Library,
    *,
    providers: Sequence[str] = (),
    progress: Callable[[EnrichProgress], None] | None = None,
    stop: threading.Event | None = None,
) -> EnrichReport:
    """Ask about every paper of which a provider has not spoken yet.

    Args:
        desk: The parts to work with.
        library: The providers.
        providers: Only these, by name; all where none is named.
        progress: Is told how far it is after each batch.
        stop: Ends it after the batch under way; the next run goes on from there.

    """
    say = progress or _say_nothing
    ending = stop or threading.Event()
    asked = found = updated = 0
    errors: list[str] = []
    chosen = {name.casefold() for name in providers}
    for step in STEPS:
        if chosen and step.provider.value.casefold() not in chosen:
            continue
        with WorkLease(desk, f"sources {step.provider.value}") as lease:
            if not lease.is_held:
                errors.append(f"{step.provider.value} is being asked by another process; try again later.")
                continue
            for one in _batches(desk, library, step, say, ending, errors):
                asked, found, updated = asked + one[0], found + one[1], updated + one[2]
    if updated:
        desk.index.follow(desk.store)
    return EnrichReport(asked, found, updated, tuple(errors))


def _batches(
    desk: Desk,
    library: Library,
    step: Step,
    say: Callable[[EnrichProgress], None],
    ending: threading.Event,
    errors: list[str],
) -> Sequence[tuple[int, int, int]]:
    """(asked, found, updated) of each batch, up to the end of the corpus or to an error."""
    note = f"enriched {step.name}"
    after = int(read_note(desk, note) or 0)
    with desk.store.reading() as session:
        total = count_without(session, step.sources, after, with_ids=step.with_ids)
    counts: list[tuple[int, int, int]] = []
    done = 0
    while not ending.is_set():
        with desk.store.reading() as session:
            papers = papers_without(session, step.sources, after, step.batch, with_ids=step.with_ids)
        if not papers:
            write_note(desk, note, "0")  # the next run asks again about those that nobody knew
            break
        try:
            records = step.ask(desk.settings, library, papers)
        except PapercordError as error:
            errors.append(f"{step.name}: {error}")
            break
        brought = bring_in(desk, f"enriching from {step.provider.value}", records, as_news=False)
        after = papers[-1].id
        write_note(desk, note, str(after))
        counts.append((len(papers), len(records), brought.updated))
        done += len(papers)
        say(EnrichProgress(step.name, done, max(total, done)))
    return counts


def _arxiv_by_id(_settings: Settings, library: Library, papers: Sequence[Row[Any]]) -> Sequence[PaperRecord]:
    ids = [paper.arxiv_id for paper in papers if paper.arxiv_id is not None]
    if not ids:
        return ()
    target = f"/api/query?{urlencode({'id_list': ','.join(ids), 'max_results': str(len(ids))})}"
    page = library.ask(Provider.ARXIV, Request(target), lambda answer: read_arxiv_atom(answer.body))
    return [record for record in page.records if record.source_key in ids]


def _arxiv_by_title(
    _settings: Settings, library: Library, papers: Sequence[Row[Any]]
) -> Sequence[PaperRecord]:
    (paper,) = papers
    words = " ".join(_words(paper.title))
    if not words or not paper.authors:
        return ()
    asked = {"search_query": f'ti:"{words}"', "max_results": "10"}
    target = f"/api/query?{urlencode(asked)}"
    page = library.ask(Provider.ARXIV, Request(target), lambda answer: read_arxiv_atom(answer.body))
    return _certainly(paper, page.records)


def _openalex_by_id(
    settings: Settings, library: Library, papers: Sequence[Row[Any]]
) -> Sequence[PaperRecord]:
    dois = [paper.doi or f"10.48550/arxiv.{paper.arxiv_id}" for paper in papers]
    plain = [doi for doi in dois if not any(sign in doi for sign in ",|")]
    asked = {
        "filter": f"doi:{'|'.join(plain)}",
        "per-page": str(len(plain) + 50),
        **openalex_options(settings),
    }
    page = library.ask(
        Provider.OPENALEX,
        Request(f"/works?{urlencode(asked)}"),
        lambda answer: read_openalex_works(answer.body),
    )
    return [one for one in page.records if (one.doi or f"10.48550/arxiv.{one.arxiv_id}") in plain]


def _openalex_by_title(
    settings: Settings, library: Library, papers: Sequence[Row[Any]]
) -> Sequence[PaperRecord]:
    (paper,) = papers
    words = " ".join(_words(paper.title))
    if not words or not paper.authors:
        return ()
    asked = {"filter": f"title.search:{words}", "per-page": "10", **openalex_options(settings)}
    page = library.ask(
        Provider.OPENALEX,
        Request(f"/works?{urlencode(asked)}"),
        lambda answer: read_openalex_works(answer.body),
    )
    return _certainly(paper, page.records)


def _semantic_scholar(
    settings: Settings, library: Library, papers: Sequence[Row[Any]]
) -> Sequence[PaperRecord]:
    ids = [f"ARXIV:{one.arxiv_id}" if one.arxiv_id is not None else f"DOI:{one.doi}" for one in papers]
    request = Request(
        f"/graph/v1/paper/batch?{urlencode({'fields': FIELDS})}",
        semantic_scholar_headers(settings),
        orjson.dumps({"ids": ids}),
    )
    found = library.ask(
        Provider.SEMANTIC_SCHOLAR, request, lambda answer: read_semantic_scholar_batch(answer.body)
    )
    return [record for record in found if record is not None]


def _crossref(settings: Settings, library: Library, papers: Sequence[Row[Any]]) -> Sequence[PaperRecord]:
    dois = [one.doi for one in papers if one.doi is not None and "," not in one.doi]
    if not dois:
        return ()
    asked = {"filter": ",".join(f"doi:{doi}" for doi in dois), "rows": str(len(dois))}
    if settings.contact is not None and "@" in settings.contact:
        asked["mailto"] = settings.contact
    page = library.ask(
        Provider.CROSSREF,
        Request(f"/works?{urlencode(asked)}"),
        lambda answer: read_crossref_works(answer.body),
    )
    return [record for record in page.records if record.source_key in dois]


def _certainly(paper: Row[Any], records: Sequence[PaperRecord]) -> Sequence[PaperRecord]:
    """Of what a search found the one record that has the paper's title and lead author."""
    wanted = title_key(paper.title, paper.authors[0])
    found = [
        record
        for record in records
        if record.authors and title_key(record.title, record.authors[0].name) == wanted
    ]
    return found if wanted is not None and len(found) == 1 else ()


def _words(title: str) -> list[str]:
    """The plain words of a title, for a search that knows no punctuation."""
    kept = "".join(character if character.isalnum() else " " for character in title)
    return kept.split()[:MOST_TITLE_WORDS]


def _say_nothing(_progress: EnrichProgress) -> None:
    """Nobody watches."""


STEPS = (
    Step(Provider.ARXIV, (ARXIV_API, ARXIV), 100, _arxiv_by_id),
    Step(Provider.ARXIV, (ARXIV_API, ARXIV), 1, _arxiv_by_title, with_ids=False),
    Step(Provider.CROSSREF, (CROSSREF,), 20, _crossref),
    Step(Provider.OPENALEX, (OPENALEX,), 50, _openalex_by_id),
    Step(Provider.OPENALEX, (OPENALEX,), 1, _openalex_by_title, with_ids=False),
    Step(Provider.SEMANTIC_SCHOLAR, (SEMANTIC_SCHOLAR,), 100, _semantic_scholar),
)
"""arXiv first: what it finds by title has ids by which the others are asked."""
