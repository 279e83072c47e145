"""How providers are asked about papers of the corpus, by their ids and by their titles."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from urllib.parse import urlencode

import orjson

from bot.config import Settings
from bot.corpus.decision import Joins, KnownPaper, New, decide, is_surely
from bot.corpus.formats import datacite as datacite_format
from bot.corpus.formats.answers import Page
from bot.corpus.formats.arxiv import SOURCE as ARXIV_API
from bot.corpus.formats.arxiv import read_arxiv_atom
from bot.corpus.formats.crossref import PAPER_TYPES, read_crossref_papers, read_crossref_works
from bot.corpus.formats.crossref import SOURCE as CROSSREF
from bot.corpus.formats.jsonl import ARXIV
from bot.corpus.formats.openalex import SOURCE as OPENALEX
from bot.corpus.formats.openalex import read_openalex_works
from bot.corpus.formats.pubmed import read_pubmed_records
from bot.corpus.formats.semantic_scholar import FIELDS_OF_BATCH, read_semantic_scholar_batch
from bot.corpus.formats.semantic_scholar import SOURCE as SEMANTIC_SCHOLAR
from bot.corpus.formats.tagged_dialects import MEDLINE
from bot.corpus.identity import Pair, RecordKeys
from bot.corpus.paper import PaperRecord, first_day
from bot.sources.library import Library
from bot.sources.providers import arxiv, crossref, datacite, openalex, pubmed, semantic_scholar
from bot.sources.providers.kinds import Provider, Request, contact_options
from bot.sources.providers.openalex import openalex_options
from bot.sources.providers.semantic_scholar import semantic_scholar_headers
from bot.store.paper_sources import Which
from bot.text.latex import readable

MOST_TITLE_WORDS = 12
"""Words of a title in a search for all of them; longer titles that begin with them are found."""

MOST_YEARS_APART = 3
"""Between a preprint and its publication; papers of one title that are further apart are different ones."""

COUNTS_HOLD = dt.timedelta(days=90)
"""How long an answer with citations holds."""

TEXTS_HOLD = dt.timedelta(days=365)
"""The same for a source without citations: its papers seldom change."""


@dataclass(frozen=True, slots=True)
class EnrichedPaper:
    """A paper of the corpus about which a provider is asked."""

    id: int
    title: str
    lead: str | None
    published: str | None
    doi: str | None
    arxiv_id: str | None
    known: KnownPaper
    """Its ids and titles in all sources."""

    @property
    def pmid(self) -> str | None:
        """Its PubMed id, where a source gives one."""
        ids = (one for record in self.known.records for one in record.other_ids)
        return next((one.value for one in ids if one.scheme == "pmid"), None)


Ask = Callable[[Settings, Library, Sequence[EnrichedPaper]], Sequence[PaperRecord]]


@dataclass(frozen=True, slots=True)
class ProviderQuery:
    """How one provider is asked about papers, `batch` at a time."""

    provider: Provider
    by: str
    """How papers are looked up: "id" or "title"."""
    about: Which
    sources: tuple[str, ...]
    """The names of its records in the corpus."""
    holds: dt.timedelta
    """How long an answer holds."""
    batch: int
    ask: Ask
    has_notices: bool = False
    """Whether it says what became of papers: it is asked about all young ones each month."""

    @property
    def name(self) -> str:
        """Shown to people, and stored with the day on which a paper was asked about."""
        return f"{self.provider.name} by {self.by}"


def arxiv_by_id(
    _settings: Settings, library: Library, papers: Sequence[EnrichedPaper]
) -> Sequence[PaperRecord]:
    """What arXiv says of papers with arXiv ids."""
    ids = [paper.arxiv_id for paper in papers if paper.arxiv_id is not None]
    page = _ask_arxiv(library, {"id_list": ",".join(ids), "max_results": str(len(ids))})
    return records_of(papers, page.records)


def _arxiv_by_title(
    _settings: Settings, library: Library, papers: Sequence[EnrichedPaper]
) -> Sequence[PaperRecord]:
    (paper,) = papers
    words = _words(paper.title)[:MOST_TITLE_WORDS]
    if not words or paper.lead is None:
        return ()
    page = _ask_arxiv(library, {"search_query": f'ti:"{" ".join(words)}"', "max_results": "10"})
    return _records_of_same(paper, page.records)


def _ask_arxiv(library: Library, asked: Mapping[str, str]) -> Page:
    request = Request(f"/api/query?{urlencode(asked)}")
    return library.ask(arxiv.ARXIV, request, lambda answer: read_arxiv_atom(answer.body))


def crossref_by_id(
    settings: Settings, library: Library, papers: Sequence[EnrichedPaper]
) -> Sequence[PaperRecord]:
    """What Crossref says of papers with DOIs."""
    dois = [paper.doi for paper in papers if paper.doi is not None and "," not in paper.doi]
    if not dois:
        return ()
    asked = {"filter": ",".join(f"doi:{doi}" for doi in dois), "rows": str(len(dois))}
    request = Request(f"/works?{urlencode({**asked, **contact_options(settings)})}")
    page = library.ask(crossref.CROSSREF, request, lambda answer: read_crossref_works(answer.body))
    return records_of(papers, page.records)


def _crossref_by_title(
    settings: Settings, library: Library, papers: Sequence[EnrichedPaper]
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
    found = library.ask(crossref.CROSSREF, request, lambda answer: read_crossref_papers(answer.body))
    return _records_of_same(paper, found)


def _openalex_by_id(
    settings: Settings, library: Library, papers: Sequence[EnrichedPaper]
) -> Sequence[PaperRecord]:
    dois = [paper.doi or f"10.48550/arxiv.{paper.arxiv_id}" for paper in papers]
    plain = [doi for doi in dois if not any(sign in doi for sign in ",|")]
    if not plain:
        return ()
    asked = {"filter": f"doi:{'|'.join(plain)}", "per-page": str(len(plain) + 50)}
    return records_of(papers, _ask_openalex(settings, library, asked).records)


def _openalex_by_title(
    settings: Settings, library: Library, papers: Sequence[EnrichedPaper]
) -> Sequence[PaperRecord]:
    (paper,) = papers
    # In lower case, since AND, OR and NOT are no words there.
    words = [word.lower() for word in _words(paper.title)[:MOST_TITLE_WORDS]]
    if not words or paper.lead is None:
        return ()
    asked = {"search.title": " ".join(words), "per-page": "10"}
    return _records_of_same(paper, _ask_openalex(settings, library, asked, papers_only=True).records)


def _ask_openalex(
    settings: Settings, library: Library, asked: Mapping[str, str], *, papers_only: bool = False
) -> Page:
    return library.ask(
        openalex.OPENALEX,
        Request(f"/works?{urlencode({**asked, **openalex_options(settings)})}"),
        lambda answer: read_openalex_works(answer.body, papers_only=papers_only),
    )


def _semantic_scholar(
    settings: Settings, library: Library, papers: Sequence[EnrichedPaper]
) -> Sequence[PaperRecord]:
    ids = [f"ARXIV:{one.arxiv_id}" if one.arxiv_id is not None else f"DOI:{one.doi}" for one in papers]
    request = Request(
        f"/graph/v1/paper/batch?{urlencode({'fields': FIELDS_OF_BATCH})}",
        semantic_scholar_headers(settings),
        orjson.dumps({"ids": ids}),
    )
    found = library.ask(
        semantic_scholar.SEMANTIC_SCHOLAR, request, lambda answer: read_semantic_scholar_batch(answer.body)
    )
    return records_of(papers, [record for record in found if record is not None])


def pubmed_by_id(
    settings: Settings, library: Library, papers: Sequence[EnrichedPaper]
) -> Sequence[PaperRecord]:
    """What PubMed says of papers with PubMed ids."""
    ids = [pmid for paper in papers if (pmid := paper.pmid) is not None]
    if not ids:
        return ()
    request = pubmed.records_request(settings, ids)
    page = library.ask(pubmed.PUBMED, request, lambda answer: read_pubmed_records(answer.body, ids))
    return records_of(papers, page.records)


def _datacite(settings: Settings, library: Library, papers: Sequence[EnrichedPaper]) -> Sequence[PaperRecord]:
    """Data and software that are registered with papers, as records that say nothing else of them."""
    names = [one for paper in papers for one in _names_at_datacite(paper)]
    plain = [one for one in names if '"' not in one and "\\" not in one]
    if not plain:
        return ()
    quoted = [f'"{one}"' for one in plain]
    asked = {
        "query": f"relatedIdentifiers.relatedIdentifier:({' OR '.join(quoted)})",
        "resource-type-id": datacite_format.RESOURCE_TYPES,
        "fields[dois]": datacite_format.FIELDS,
        "page[size]": "200",
        **contact_options(settings),
    }
    request = Request(f"/dois?{urlencode(asked)}")
    found = library.ask(datacite.DATACITE, request, lambda answer: datacite_format.read_datacite(answer.body))
    records: list[PaperRecord] = []
    for paper in papers:
        own = [one for one in found if {paper.doi, paper.arxiv_id} & one.papers]
        data = next((one.url for one in own if not one.is_software), None)
        code = next((one.url for one in own if one.is_software), None)
        if data is not None or code is not None:
            key = paper.doi or paper.arxiv_id or ""
            records.append(
                PaperRecord(
                    source=datacite_format.SOURCE,
                    source_id=key,
                    source_key=key,
                    title=paper.title,
                    doi=paper.doi,
                    arxiv_id=paper.arxiv_id,
                    data_url=data,
                    code_url=code,
                    has_code=code is not None,
                )
            )
    return records


def _names_at_datacite(paper: EnrichedPaper) -> list[str]:
    """The ids under which data and software may name a paper."""
    of_arxiv = [f"10.48550/arxiv.{paper.arxiv_id}", f"arXiv:{paper.arxiv_id}"] if paper.arxiv_id else []
    return [*([paper.doi] if paper.doi else []), *of_arxiv]


QUERIES = (
    ProviderQuery(
        arxiv.ARXIV, "id", "with arXiv id", (ARXIV_API, ARXIV), TEXTS_HOLD, 100, arxiv_by_id, has_notices=True
    ),
    ProviderQuery(
        arxiv.ARXIV, "title", "without arXiv id", (ARXIV_API, ARXIV), TEXTS_HOLD, 1, _arxiv_by_title
    ),
    ProviderQuery(crossref.CROSSREF, "title", "without DOI", (CROSSREF,), COUNTS_HOLD, 1, _crossref_by_title),
    ProviderQuery(
        crossref.CROSSREF, "id", "with DOI", (CROSSREF,), COUNTS_HOLD, 20, crossref_by_id, has_notices=True
    ),
    ProviderQuery(datacite.DATACITE, "id", "with id", (datacite_format.SOURCE,), TEXTS_HOLD, 25, _datacite),
    ProviderQuery(
        pubmed.PUBMED,
        "id",
        "with PubMed id",
        (MEDLINE.source,),
        TEXTS_HOLD,
        100,
        pubmed_by_id,
        has_notices=True,
    ),
    ProviderQuery(openalex.OPENALEX, "title", "without id", (OPENALEX,), COUNTS_HOLD, 1, _openalex_by_title),
    ProviderQuery(openalex.OPENALEX, "id", "with id", (OPENALEX,), COUNTS_HOLD, 50, _openalex_by_id),
    ProviderQuery(
        semantic_scholar.SEMANTIC_SCHOLAR,
        "id",
        "with id",
        (SEMANTIC_SCHOLAR,),
        COUNTS_HOLD,
        100,
        _semantic_scholar,
    ),
)
"""In their order: records found by title have ids for the queries that follow."""


def records_of(papers: Sequence[EnrichedPaper], records: Sequence[PaperRecord]) -> Sequence[PaperRecord]:
    """The records that describe one of these papers; an answer may have others."""
    known = _Related([paper.known for paper in papers])
    return [record for record in records if known.have(RecordKeys.of(record))]


class _Related:
    """Papers that were asked about, by what makes a difference to whether a record is theirs."""

    def __init__(self, known: Sequence[KnownPaper]) -> None:
        self._known = known
        self._by_source: defaultdict[Pair, list[KnownPaper]] = defaultdict(list)
        self._by_key: defaultdict[Pair, list[KnownPaper]] = defaultdict(list)
        for paper in known:
            for by, keys in ((self._by_source, paper.source_keys), (self._by_key, paper.keys)):
                for scheme, values in keys.items():
                    for value in values:
                        by[scheme, value].append(paper)

    def have(self, record: RecordKeys) -> bool:
        """Whether a record describes one of them."""
        found = [*self._by_source.get(record.pair, ())]
        for key in record.shared:
            found += self._by_key.get(key, ())
        if not any(is_surely(record, one) for one in (*found, *self._known)):
            return False
        related = {one.paper_id: one for one in found}
        return not isinstance(decide(record, related.values()), New)


def _records_of_same(paper: EnrichedPaper, records: Sequence[PaperRecord]) -> Sequence[PaperRecord]:
    """The records found that describe this paper; none where they contradict each other."""
    found = [record for record in records if _is_same(paper, record)]
    known = paper.known
    for record in found:
        keys = RecordKeys.of(record)
        if not isinstance(decide(keys, [known]), Joins):
            return ()
        known = with_record(known, keys)
    return found


def _is_same(paper: EnrichedPaper, record: PaperRecord) -> bool:
    keys = RecordKeys.of(record)
    if not is_surely(keys, paper.known) or not isinstance(decide(keys, [paper.known]), Joins):
        return False
    return any(paper.known.has(*key) for key in keys.ids) or _is_near(paper.published, record.published)


def _is_near(one: str | None, other: str | None) -> bool:
    """Whether two dates may be of one paper; an unknown one may be any."""
    if one is None or other is None:
        return True
    return abs(first_day(one).year - first_day(other).year) <= MOST_YEARS_APART


def with_record(known: KnownPaper, keys: RecordKeys) -> KnownPaper:
    """The same paper with one more record."""
    shared: defaultdict[str, AbstractSet[str]] = defaultdict(frozenset, known.keys)
    for scheme, value in keys.shared:
        shared[scheme] |= {value}
    records = (*known.records, keys.record)
    return KnownPaper.of(known.paper_id, known.title, known.lead, shared, records, [keys])


def _words(title: str) -> list[str]:
    """The plain words of a title, for a search that knows no punctuation and no LaTeX."""
    text = unicodedata.normalize("NFKC", readable(title))
    return "".join(character if character.isalnum() else " " for character in text).split()
