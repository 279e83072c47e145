"""What providers are asked about papers that stand here: by their ids, else by title and lead author.

What a search by title finds is believed only where it is the same paper by the house's own rule
(corpus/deciding.py): the same title and lead author, no id that contradicts, and about the same year.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import orjson

from bot.config import Settings
from bot.corpus.deciding import Joins, Known, New, RecordKeys, decide
from bot.corpus.formats.answers import Page
from bot.corpus.formats.arxiv_atom import SOURCE as ARXIV_API
from bot.corpus.formats.arxiv_atom import read_arxiv_atom
from bot.corpus.formats.crossref import PAPER_TYPES, read_crossref_papers, read_crossref_works
from bot.corpus.formats.crossref import SOURCE as CROSSREF
from bot.corpus.formats.jsonl import ARXIV
from bot.corpus.formats.openalex import SOURCE as OPENALEX
from bot.corpus.formats.openalex import read_openalex_works
from bot.corpus.formats.semantic_scholar import FIELDS, read_semantic_scholar_batch
from bot.corpus.formats.semantic_scholar import SOURCE as SEMANTIC_SCHOLAR
from bot.corpus.paper import PaperRecord, first_day
from bot.sources.providers import (
    Library,
    Provider,
    Request,
    contact_options,
    openalex_options,
    semantic_scholar_headers,
)
from bot.store.enrichment import Which
from bot.text.readable import readable

MOST_TITLE_WORDS = 12
"""Of a search that wants all of them; a title that begins with so many is found."""

MOST_YEARS_APART = 3
"""So long after its preprint a paper may be in print; what is further apart is another of that title."""

COUNTS_HOLD = dt.timedelta(days=90)
"""So long figures of citations are taken as they are."""

TEXTS_HOLD = dt.timedelta(days=365)
"""The same for a source that tells no citations: its papers seldom change."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A paper that is asked about."""

    id: int
    title: str
    lead: str | None
    published: str | None
    doi: str | None
    arxiv_id: str | None
    known: Known
    """Its ids and titles in all sources."""


Ask = Callable[[Settings, Library, Sequence[Subject]], Sequence[PaperRecord]]


@dataclass(frozen=True, slots=True)
class Question:
    """How one provider is asked about papers, some at a time."""

    provider: Provider
    by: str
    """What it names papers by: "id" or "title"."""
    about: Which
    sources: tuple[str, ...]
    """As which the provider speaks."""
    holds: dt.timedelta
    """How long an answer is taken as it is."""
    batch: int
    ask: Ask

    @property
    def name(self) -> str:
        """Under which it is shown, and kept when it was asked."""
        return f"{self.provider.value} by {self.by}"


def _arxiv_by_id(_settings: Settings, library: Library, papers: Sequence[Subject]) -> Sequence[PaperRecord]:
    ids = [paper.arxiv_id for paper in papers if paper.arxiv_id is not None]
    page = _ask_arxiv(library, {"id_list": ",".join(ids), "max_results": str(len(ids))})
    return _about(papers, page.records)


def _arxiv_by_title(
    _settings: Settings, library: Library, papers: Sequence[Subject]
) -> Sequence[PaperRecord]:
    (paper,) = papers
    words = _words(paper.title)[:MOST_TITLE_WORDS]
    if not words or paper.lead is None:
        return ()
    page = _ask_arxiv(library, {"search_query": f'ti:"{" ".join(words)}"', "max_results": "10"})
    return _the_same(paper, page.records)


def _ask_arxiv(library: Library, asked: Mapping[str, str]) -> Page:
    request = Request(f"/api/query?{urlencode(asked)}")
    return library.ask(Provider.ARXIV, request, lambda answer: read_arxiv_atom(answer.body))


def _crossref_by_id(settings: Settings, library: Library, papers: Sequence[Subject]) -> Sequence[PaperRecord]:
    dois = [paper.doi for paper in papers if paper.doi is not None and "," not in paper.doi]
    if not dois:
        return ()
    asked = {"filter": ",".join(f"doi:{doi}" for doi in dois), "rows": str(len(dois))}
    request = Request(f"/works?{urlencode({**asked, **contact_options(settings)})}")
    page = library.ask(Provider.CROSSREF, request, lambda answer: read_crossref_works(answer.body))
    return _about(papers, page.records)


def _crossref_by_title(
    settings: Settings, library: Library, papers: Sequence[Subject]
) -> Sequence[PaperRecord]:
    (paper,) = papers
    words = _words(paper.title)
    if not words or paper.lead is None:
        return ()
    asked = {
        "query.bibliographic": " ".join(words),
        "query.author": paper.lead,
        "filter": ",".join(f"type:{name}" for name in PAPER_TYPES),
        "rows": "5",
    }
    request = Request(f"/works?{urlencode({**asked, **contact_options(settings)})}")
    found = library.ask(Provider.CROSSREF, request, lambda answer: read_crossref_papers(answer.body))
    return _the_same(paper, found)


def _openalex_by_id(settings: Settings, library: Library, papers: Sequence[Subject]) -> Sequence[PaperRecord]:
    dois = [paper.doi or f"10.48550/arxiv.{paper.arxiv_id}" for paper in papers]
    plain = [doi for doi in dois if not any(sign in doi for sign in ",|")]
    if not plain:
        return ()
    asked = {"filter": f"doi:{'|'.join(plain)}", "per-page": str(len(plain) + 50)}
    return _about(papers, _ask_openalex(settings, library, asked).records)


def _openalex_by_title(
    settings: Settings, library: Library, papers: Sequence[Subject]
) -> Sequence[PaperRecord]:
    (paper,) = papers
    # In lower case, since AND, OR and NOT are no words there.
    words = [word.lower() for word in _words(paper.title)[:MOST_TITLE_WORDS]]
    if not words or paper.lead is None:
        return ()
    asked = {"search.title": " ".join(words), "per-page": "10"}
    return _the_same(paper, _ask_openalex(settings, library, asked, papers_only=True).records)


def _ask_openalex(
    settings: Settings, library: Library, asked: Mapping[str, str], *, papers_only: bool = False
) -> Page:
    return library.ask(
        Provider.OPENALEX,
        Request(f"/works?{urlencode({**asked, **openalex_options(settings)})}"),
        lambda answer: read_openalex_works(answer.body, papers_only=papers_only),
    )


def _semantic_scholar(
    settings: Settings, library: Library, papers: Sequence[Subject]
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
    return _about(papers, [record for record in found if record is not None])


QUESTIONS = (
    Question(Provider.ARXIV, "id", "with arXiv id", (ARXIV_API, ARXIV), TEXTS_HOLD, 100, _arxiv_by_id),
    Question(Provider.ARXIV, "title", "without arXiv id", (ARXIV_API, ARXIV), TEXTS_HOLD, 1, _arxiv_by_title),
    Question(Provider.CROSSREF, "title", "without DOI", (CROSSREF,), COUNTS_HOLD, 1, _crossref_by_title),
    Question(Provider.CROSSREF, "id", "with DOI", (CROSSREF,), COUNTS_HOLD, 20, _crossref_by_id),
    Question(Provider.OPENALEX, "title", "without id", (OPENALEX,), COUNTS_HOLD, 1, _openalex_by_title),
    Question(Provider.OPENALEX, "id", "with id", (OPENALEX,), COUNTS_HOLD, 50, _openalex_by_id),
    Question(
        Provider.SEMANTIC_SCHOLAR, "id", "with id", (SEMANTIC_SCHOLAR,), COUNTS_HOLD, 100, _semantic_scholar
    ),
)
"""In their order: what one finds by title has ids by which the next are asked."""


def _about(papers: Sequence[Subject], records: Sequence[PaperRecord]) -> Sequence[PaperRecord]:
    """Those that describe one of these papers; nothing else that an answer has comes in with it."""
    known = [paper.known for paper in papers]
    return [record for record in records if not isinstance(decide(RecordKeys.of(record), known), New)]


def _the_same(paper: Subject, records: Sequence[PaperRecord]) -> Sequence[PaperRecord]:
    """Of what a search found the records of this very paper; none where they contradict each other."""
    found = [record for record in records if _is_same(paper, record)]
    known = paper.known
    for record in found:
        keys = RecordKeys.of(record)
        if not isinstance(decide(keys, [known]), Joins):
            return ()
        known = _with(known, keys)
    return found


def _is_same(paper: Subject, record: PaperRecord) -> bool:
    keys = RecordKeys.of(record)
    if not isinstance(decide(keys, [paper.known]), Joins):
        return False
    by_id = any(scheme != "title" and paper.known.has(scheme, value) for scheme, value in keys.shared)
    return by_id or _is_near(paper.published, record.published)


def _is_near(one: str | None, other: str | None) -> bool:
    """Whether two dates may be of one paper; an unknown one tells nothing."""
    if one is None or other is None:
        return True
    return abs(first_day(one).year - first_day(other).year) <= MOST_YEARS_APART


def _with(known: Known, keys: RecordKeys) -> Known:
    """The same paper with one more record."""
    source_keys: defaultdict[str, AbstractSet[str]] = defaultdict(frozenset, known.source_keys)
    source_keys[keys.source] |= {keys.source_key}
    shared: defaultdict[str, AbstractSet[str]] = defaultdict(frozenset, known.keys)
    for scheme, value in keys.shared:
        shared[scheme] |= {value}
    return replace(known, source_keys=source_keys, keys=shared)


def _words(title: str) -> list[str]:
    """The plain words of a title, for a search that knows no punctuation and no LaTeX."""
    text = unicodedata.normalize("NFKC", readable(title))
    return "".join(character if character.isalnum() else " " for character in text).split()
