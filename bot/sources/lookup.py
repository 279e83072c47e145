"""Lookup of single papers: links in texts, requests to providers, and proposals to add a paper."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any, Literal, cast
from urllib.parse import quote, unquote, urlencode

from bot.announcements.markers import database_tag
from bot.app import App
from bot.config import Settings
from bot.corpus.formats.arxiv import read_arxiv_atom
from bot.corpus.formats.crossref import read_crossref_work
from bot.corpus.formats.openalex import read_openalex_work
from bot.corpus.formats.openreview import read_openreview_note
from bot.corpus.formats.semantic_scholar import FIELDS, read_semantic_scholar_paper
from bot.corpus.identity import RecordKeys, normalise_arxiv_id, normalise_doi
from bot.corpus.paper import PaperRecord
from bot.errors import RefusedError
from bot.fetch.errors import NotFoundError
from bot.ingest.importer import import_records
from bot.papers.disagreements import Disagreement, disagreements
from bot.papers.loading import load_papers
from bot.papers.results import Paper, SearchAnswer, SearchRequest
from bot.papers.saved_searches import keep, stored_answer
from bot.papers.search import get_paper
from bot.sources.providers import (
    Library,
    Provider,
    Request,
    contact_options,
    openalex_options,
    semantic_scholar_headers,
)
from bot.store import sources
from bot.store.models import ProposalState
from bot.store.paper_sources import papers_with_keys, stored_digests

MOST_TEXT = 60_000
"""More than a message has with everything beside its text, in characters."""

Scheme = Literal[
    "arxiv", "doi", "openreview", "semantic scholar", "openalex", "pubmed", "pmc", "acl", "paper"
]

_LABELS: Mapping[Scheme, str] = {
    "arxiv": "arXiv:",
    "doi": "doi:",
    "openreview": "OpenReview ",
    "semantic scholar": "Semantic Scholar ",
    "openalex": "OpenAlex ",
    "pubmed": "PMID:",
    "pmc": "",
    "acl": "ACL Anthology ",
    "paper": "paper ",
}

_SICI = r"[^\s\"'`|]*?\((?:sici)\)[^\s\"'`|]*?co(?:;|%3b)2-(?:\w|\#|%23)"
"""DOIs of this kind have < and > within, and end in a version and a check character."""
_WRITTEN = re.compile(
    rf"""(?P<sici>(?:https?://|doi:\s*|\b10\.){_SICI})
    |https?://[^\s<>|"'`]+
    |(?<![\w./@-])(?:[a-z0-9-]+\.)+[a-z]{{2,24}}/[^\s<>|"'`]+
    |\barxiv(?::\s*[\w.-]+(?:/\d{{7}})?|\s+\d{{4}}\.\d{{4,5}})(?:v\d+)?
    |\bdoi:\s*10\.[^\s<>"'`]+
    |\b10\.\d{{4,9}}/[^\s<>"'`]+
    |\bpmid:\s*\d{{1,8}}\b
    |\bPMC\d{{3,8}}\b
    |\bcorpusid:\s*\d{{1,12}}\b""",
    re.IGNORECASE | re.VERBOSE,
)
_SCHEME_AND_WWW = re.compile(r"(?:https?://)?(?:www\.)?", re.IGNORECASE)
_ARXIV_ID = r"(?P<id>(?:[a-z-]+(?:\.[a-z]{2})?/)?\d{4}[\d.]+(?:v\d+)?)(?!\d|/\w)"


def _compiled(*patterns: tuple[Scheme, str]) -> Sequence[tuple[Scheme, re.Pattern[str]]]:
    return [(scheme, re.compile(pattern, re.IGNORECASE)) for scheme, pattern in patterns]


_ADDRESSES = _compiled(
    (
        "arxiv",
        r"(?:(?:huggingface\.co|hf\.co|arxiv-vanity\.com)/papers|(?:[\w-]+\.)?alphaxiv\.org/[\w-]+"
        r"|(?:[\w-]+\.)*arxiv\.org/(?:[\w-]+/)?\w+|ar5iv\.org(?:/\w+)?|xxx\.lanl\.gov/\w+"
        rf"|semanticscholar\.org/arxiv|scirate\.com/arxiv)/{_ARXIV_ID}",
    ),
    ("arxiv", r"(?:ui\.)?adsabs\.harvard\.edu/(?:#?abs/)?\d{4}arXiv(?P<id>\d{4}\.?\d{4,5})[A-Z]"),
    ("openreview", r"openreview\.net/(?:forum|pdf|attachment)\?(?:\S*&)?id=(?P<id>[\w-]{5,40})"),
    (
        "semantic scholar",
        r"(?:api\.)?semanticscholar\.org/(?:(?:paper|reader|graph/v1/paper)/(?:[^/?#]+/)?)?"
        r"(?P<id>[0-9a-f]{40}|corpusid:\s*\d{1,12})\b",
    ),
    ("semantic scholar", r"connectedpapers\.com/main/(?P<id>[0-9a-f]{40})\b"),
    ("openalex", r"(?:api\.|explore\.)?openalex\.org/(?:works/)?(?P<id>W\d{1,12})\b"),
    (
        "pubmed",
        r"(?:pubmed\.ncbi\.nlm\.nih\.gov|(?:m\.|ncbi\.nlm\.nih\.gov/)pubmed|europepmc\.org/"
        r"(?:article|abstract)/med)/(?P<id>\d{1,8})\b",
    ),
    (
        "pmc",
        r"(?:pmc\.ncbi\.nlm\.nih\.gov|(?:m\.)?ncbi\.nlm\.nih\.gov/(?:labs/)?pmc|europepmc\.org)/"
        r"(?:articles?/)?(?:pmc/)?(?P<id>PMC\d{1,8})\b",
    ),
    (
        "acl",
        r"(?:aclanthology\.(?:org|info)(?:/papers)?|aclweb\.org/anthology(?:/papers)?)/(?:[A-Z]/[A-Z]\d\d/)?"
        r"(?P<id>[A-Z]\d\d-\d{4}|\d{4}\.[\w-]+\.\d+)(?![\d-])",
    ),
)
_DOIS_OF_ADDRESSES = [
    (re.compile(pattern, re.IGNORECASE), before)
    for pattern, before in (
        (r"nature\.com/articles/(s\d{5}-\d{3}-\d{4,5}-\w|(?:nature|n[a-z]{2,8})\.?\d[\w.]*)", "10.1038/"),
        (
            r"(?:bio|med)rxiv\.org/(?:\S*/)?(?<!10\.1101/)(?<!10\.64898/)(\d{4}\.\d\d\.\d\d\.\d{6,8})",
            "10.1101/",
        ),
        (r"zenodo\.org/records?/(\d+)", "10.5281/zenodo."),
        (r"elifesciences\.org/(?:articles|content)/(\d{5,6})", "10.7554/elife."),
        (r"peerj\.com/articles/(\d+)", "10.7717/peerj."),
        (r"peerj\.com/articles/cs-(\d+)", "10.7717/peerj-cs."),
        (r"researchsquare\.com/article/(rs-\d+/v\d+)", "10.21203/rs.3."),
    )
]
"""Addresses without the DOI, which follows from them: what stands before their number in it."""
_BARE = _compiled(
    ("pubmed", r"pmid:\s*(?P<id>\d{1,8})"),
    ("pmc", r"(?:pmcid:\s*)?(?P<id>PMC\d{3,8})"),
    ("semantic scholar", r"(?P<id>corpusid:\s*\d{1,12})"),
    ("openalex", r"(?:openalex:\s*)?(?P<id>W\d{4,12})"),
)
_DOI_IN_ADDRESS = re.compile(
    r"(?:/|%2f|[?&](?:doi|id|article)=)(?:doi:)?(10\.\d{4,9}(?:/|%2f)[^\s?#&]+)", re.IGNORECASE
)
_PREPRINT = re.compile(r"(10\.(?:1101|64898)/(?:\d{4}\.\d\d\.\d\d\.\d{6,8}|\d{6}))(?:v\d+)?(?:[./+].*)?")
"""A DOI of bioRxiv or medRxiv, and the version and the form of the text that addresses have after it."""
_FORM = (
    r"(?:full|full-?text|abstract|abs|pdf|epdf|pdfdirect|pdf\+html|html?|xml|meta|summary|references|refs|citations"
    r"|citedby|cited-by|cite|figures|tables|metrics|issuetoc|toc|supinfo|suppl(?:ementary)?|suppl_file|asset|download"
    r"|short|long|epub|full-text|peer-review|related|info|figures-only|supplementary-material|article-info|notes)"
)
_AFTER_DOI = re.compile(rf"(?:(?:/{_FORM}(?:/\S*)?|\.{_FORM}|;jsessionid=\S*|/-/\S*|/)$)", re.IGNORECASE)
"""What publishers have after a DOI in their addresses: the form of the text, a session."""
_OXFORD = re.compile(r"(10\.1093/[^/]+/[^/]+)/\d{5,}(?:/.*)?")
"""A DOI of Oxford University Press, and the number of the article that addresses have after it."""
_TAIL = ".,;:!?*_~"
_AROUND = ("[]", "()", "{}", '""', "''", "``", "“”", "‘’", "«»")
_NAMED = re.compile(r"^(arxiv|doi|pmid)\s+(?=[\w(])", re.IGNORECASE)
"""The name of an identifier without its colon."""
_SUBJECTS = re.compile(r"\s+\[[\w.-]+(?:,?\s+[\w.-]+)*\](?:\s.*)?$")
"""What arXiv prints after its ids: "[cs.LG] 25 Oct 2021"."""


@dataclass(frozen=True, slots=True)
class PaperLink:
    """A paper that a text names; "paper" is one of the corpus, by its number."""

    scheme: Scheme
    value: str

    @property
    def label(self) -> str:
        """As people write it, such as "arXiv:2110.13363"."""
        return _LABELS[self.scheme] + self.value


def read_link(text: str) -> PaperLink | None:
    """The paper that an id or an address names; None where it is none."""
    bare = unescape(text.strip()) if "&lt;" in text or "&gt;" in text else text.strip()
    if len(bare) > 1 and bare[0] + bare[-1] in _AROUND:
        bare = bare[1:-1].strip()
    bare = _NAMED.sub(r"\1:", bare)
    bare = _SUBJECTS.sub("", bare.removeprefix("<").removesuffix(">") if bare.startswith("<") else bare)
    if (sici := _WRITTEN.fullmatch(bare.rstrip(_TAIL))) is not None and sici["sici"]:
        bare = unquote(bare.rstrip(_TAIL))
        return _doi_link(bare[bare.lower().index("10.") :])
    bare = _trimmed(bare)
    for scheme, pattern in _BARE:
        if found := pattern.fullmatch(bare):
            return _named(scheme, found["id"])
    if arxiv_id := normalise_arxiv_id(bare):
        return PaperLink("arxiv", arxiv_id)
    if not re.match(r"https?://|(?:[a-z0-9-]+\.)+[a-z]{2,24}/", bare, re.IGNORECASE):
        doi = normalise_doi(bare)
        return _doi_link(doi) if doi is not None else None
    return _in_address(bare)


def _in_address(address: str) -> PaperLink | None:
    """The paper of which an address is the page."""
    path = _SCHEME_AND_WWW.sub("", address, count=1)
    for scheme, pattern in _ADDRESSES:
        if (found := pattern.match(path)) and (link := _named(scheme, found["id"])) is not None:
            return link
    for pattern, before in _DOIS_OF_ADDRESSES:
        if found := pattern.match(path):
            return _doi_link(before + found[1])
    if inside := _DOI_IN_ADDRESS.search(path):
        # Publishers' own addresses have the DOI within: dl.acm.org/doi/10.1145/…
        doi = unquote(inside[1])
        while (shorter := _AFTER_DOI.sub("", doi)) != doi:
            doi = shorter
        numbered = _OXFORD.fullmatch(doi)
        return _doi_link(_trimmed(numbered[1] if numbered is not None else doi))
    return None


def _named(scheme: Scheme, value: str) -> PaperLink | None:
    """The link of an id that was found in an address; None where it cannot be one."""
    match scheme:
        case "arxiv":
            # The Astrophysics Data System writes it without its point.
            arxiv_id = normalise_arxiv_id(value.lower()) or normalise_arxiv_id(f"{value[:4]}.{value[4:]}")
            return PaperLink("arxiv", arxiv_id) if arxiv_id is not None else None
        case "semantic scholar":
            number = value.partition(":")[2].strip()
            return PaperLink(scheme, f"CorpusId:{number}" if number else value.lower())
        case "openalex" | "pmc":
            return PaperLink(scheme, value.upper())
        case "acl":
            return PaperLink(scheme, value.upper() if value[0].isalpha() else value.lower())
        case _:
            return PaperLink(scheme, value)


def _doi_link(written: str) -> PaperLink | None:
    """The paper of a DOI, which arXiv's own may be."""
    if arxiv_id := normalise_arxiv_id(written):
        return PaperLink("arxiv", arxiv_id)
    doi = normalise_doi(written)
    if doi is None:
        return None
    preprint = _PREPRINT.fullmatch(doi)
    return PaperLink("doi", preprint[1] if preprint is not None else doi)


def find_links(text: str) -> tuple[PaperLink, ...]:
    """The papers that a text names, each once, in its order."""
    found = (read_link(written[0]) for written in _WRITTEN.finditer(unescape(text[:MOST_TEXT])))
    return tuple(dict.fromkeys(link for link in found if link is not None))


def _trimmed(text: str) -> str:
    """Without the punctuation of the sentence around it."""
    text = text.rstrip(_TAIL)
    while text.endswith((")", "]", "}")) and text.count(")") + text.count("]") + text.count("}") > (
        text.count("(") + text.count("[") + text.count("{")
    ):
        text = text[:-1].rstrip(_TAIL)
    return text


def fetch_paper(settings: Settings, library: Library, link: PaperLink) -> PaperRecord:
    """What the provider that knows best says of a paper.

    Raises:
        RefusedError: no provider knows it.
        FetchError: the provider could not be asked.

    """
    try:
        match link.scheme:
            case "arxiv":
                return _from_arxiv(library, link)
            case "openreview":
                target = f"/notes?{urlencode({'id': link.value})}"
                return library.ask(
                    Provider.OPENREVIEW, Request(target), lambda answer: read_openreview_note(answer.body)
                )
            case "openalex" | "pubmed":
                key = link.value if link.scheme == "openalex" else f"pmid:{link.value}"
                return _from_openalex(settings, library, key)
            case "semantic scholar":
                return _from_semantic_scholar(settings, library, link.value)
            case "pmc":
                return _from_semantic_scholar(settings, library, f"PMCID:{link.value.removeprefix('PMC')}")
            case "acl":
                return _from_acl_anthology(settings, library, link)
            case "doi":
                return _from_doi(settings, library, link)
            case "paper":
                raise RefusedError("This paper is no longer in the corpus.")
    except NotFoundError:
        raise _unknown(link) from None


def _from_arxiv(library: Library, link: PaperLink) -> PaperRecord:
    target = f"/api/query?{urlencode({'id_list': link.value, 'max_results': '1'})}"
    page = library.ask(Provider.ARXIV, Request(target), lambda answer: read_arxiv_atom(answer.body))
    for record in page.records:
        if record.source_key == link.value:
            return record
    raise _unknown(link)


def _from_doi(settings: Settings, library: Library, link: PaperLink) -> PaperRecord:
    """From Crossref, where most publishers register; OpenAlex knows those of other registries."""
    try:
        return _from_crossref(settings, library, link.value)
    except NotFoundError:
        return _from_openalex(settings, library, f"doi:{_quoted(link.value)}")


def _from_acl_anthology(settings: Settings, library: Library, link: PaperLink) -> PaperRecord:
    """By the DOI that the Anthology makes of its id; Semantic Scholar knows those without one."""
    try:
        return _from_crossref(settings, library, _acl_dois(link)[0])
    except NotFoundError:
        return _from_semantic_scholar(settings, library, f"ACL:{link.value}")


def _acl_dois(link: PaperLink) -> tuple[str, ...]:
    return tuple(f"{prefix}/v1/{link.value.lower()}" for prefix in ("10.18653", "10.3115"))


def _from_crossref(settings: Settings, library: Library, doi: str) -> PaperRecord:
    request = _request(f"/works/{_quoted(doi)}", contact_options(settings))
    return library.ask(Provider.CROSSREF, request, lambda answer: read_crossref_work(answer.body))


def _from_openalex(settings: Settings, library: Library, key: str) -> PaperRecord:
    request = _request(f"/works/{key}", openalex_options(settings))
    return library.ask(Provider.OPENALEX, request, lambda answer: read_openalex_work(answer.body))


def _from_semantic_scholar(settings: Settings, library: Library, key: str) -> PaperRecord:
    target = f"/graph/v1/paper/{key}?{urlencode({'fields': FIELDS})}"
    request = Request(target, semantic_scholar_headers(settings))
    return library.ask(
        Provider.SEMANTIC_SCHOLAR, request, lambda answer: read_semantic_scholar_paper(answer.body)
    )


def _quoted(doi: str) -> str:
    return quote(doi, safe="/:;()._-")


def _request(path: str, options: Mapping[str, str]) -> Request:
    return Request(f"{path}?{urlencode(options)}" if options else path)


def _unknown(link: PaperLink) -> RefusedError:
    return RefusedError(f"No source knows {link.label}: look whether it is written right.")


KEPT = dt.timedelta(days=30)
"""For so long a paper that was looked up can be added by its button."""


@dataclass(frozen=True, slots=True)
class LookedUpPaper:
    """A paper that was looked up."""

    link: PaperLink
    paper: Paper
    proposal_id: int | None
    """What its button adds; None where the corpus has the paper."""
    disagreeing: tuple[Disagreement, ...] = ()
    """Where the sources of a paper of the corpus disagree."""


def look_up(app: App, library: Library, text: str, asked_by: int) -> LookedUpPaper:
    """Look a paper up by an arXiv id, a DOI, or an address; in the corpus first.

    Raises:
        RefusedError: the text names no paper, or no source knows it.
        FetchError: the source could not be asked.

    """
    link = read_link(text)
    if link is None:
        raise RefusedError(
            "That is no arXiv id, no DOI, and no address of a paper that Papercord knows to read."
        )
    return look_up_link(app, library, link, asked_by)


def look_up_link(app: App, library: Library, link: PaperLink, asked_by: int) -> LookedUpPaper:
    """The same for a link that was recognised."""
    if (known := known_paper(app, link)) is not None:
        return LookedUpPaper(link, known, None, disagreements(app, known.id))
    record = fetch_paper(app.settings, library, link)
    # The corpus may have it under another id than the one that was typed.
    if (known := _only_paper(app, RecordKeys.of(record).ids)) is not None:
        return LookedUpPaper(link, known, None, disagreements(app, known.id))
    now = app.clock()
    with app.store.writing() as session:
        sources.purge_proposals(session, now - KEPT)
        proposal_id = sources.add_proposal(session, record, asked_by, now)
    return LookedUpPaper(link, paper_of(record), proposal_id)


def keep_links(app: App, links: Sequence[PaperLink], asker_id: int) -> str:
    """Keep the links of a message as a search of the person, and return its id for buttons."""
    query = "\n".join(f"{link.scheme}|{link.value}" for link in links)
    answer = SearchAnswer(SearchRequest(query), "links of a message", 0, 0, None, (), (), 0, 0.0)
    return keep(app, answer, asker_id)


def kept_links(app: App, kept_id: str) -> tuple[PaperLink, ...] | None:
    """The links that were kept; None where they have expired or were deleted."""
    answer = stored_answer(app, kept_id)
    if answer is None:
        return None
    pairs = (line.partition("|") for line in answer.request.query.split("\n"))
    return tuple(PaperLink(cast("Scheme", scheme), value) for scheme, _, value in pairs if scheme in _LABELS)


def known_paper(app: App, link: PaperLink) -> Paper | None:
    """The paper of the corpus that a link names; None where there is none, or where it is not certain."""
    match link.scheme:
        case "arxiv" | "doi":
            return _only_paper(app, [(link.scheme, link.value)])
        case "acl":
            return _only_paper(app, [("doi", doi) for doi in _acl_dois(link)])
        case "paper":
            return get_paper(app, int(link.value))
        case _:
            key = (link.scheme, link.value)
            with app.store.reading() as session:
                stored = stored_digests(session, [key])
                return load_papers(session, [stored[key].paper_id]).popitem()[1] if key in stored else None


def _only_paper(app: App, keys: Sequence[tuple[str, str]]) -> Paper | None:
    """The one paper that has one of these keys."""
    with app.store.reading() as session:
        ids = papers_with_keys(session, keys)
        return load_papers(session, list(ids)).popitem()[1] if len(ids) == 1 else None


def ask_about(app: App, proposal_id: int) -> tuple[Paper, str]:
    """The paper that administrators are to be asked about, and the nonce of the message that asks them.

    Raises:
        RefusedError: they were asked already, or it is too long ago.

    """
    with app.store.writing() as session:
        row = sources.proposal(session, proposal_id)
        if row is None:
            raise RefusedError("That is too long ago: look the paper up again with /add.")
        if row.state is not ProposalState.SHOWN:
            raise RefusedError(f"This paper is {row.state} already.")
        record = PaperRecord.model_validate(row.record)
        asked = map(PaperRecord.model_validate, sources.records_asked_about(session))
        if any((one.source, one.source_key) == (record.source, record.source_key) for one in asked):
            raise RefusedError("This paper is proposed already.")
        return paper_of(record), f"{database_tag(session)}p{proposal_id}"


def propose(app: App, proposal_id: int) -> None:
    """Record that the administrators were asked, unless they decided already."""
    with app.store.writing() as session:
        row = sources.proposal(session, proposal_id)
        if row is not None and row.state is ProposalState.SHOWN:
            sources.change_proposal(session, proposal_id, state=ProposalState.PROPOSED)


def add_proposed(app: App, proposal_id: int, decided_by: int) -> Paper:
    """Add a paper that was looked up or proposed; it is announced as any other."""
    with app.store.reading() as session:
        row = sources.proposal(session, proposal_id)
    if row is None:
        raise RefusedError("That is too long ago: look the paper up again with /add.")
    if row.state is ProposalState.DECLINED:
        raise RefusedError("This paper was declined.")
    record = PaperRecord.model_validate(row.record)
    imported = import_records(app, f"/add {record.source} {record.source_id}", [record], newly_added=True)
    if imported.rejected:
        raise RefusedError(f"It cannot be added: {imported.rejected[0].reason}")
    with app.store.writing() as session:
        sources.change_proposal(
            session, proposal_id, state=ProposalState.ADDED, decided_by=decided_by, decided_at=app.clock()
        )
        key = (record.source, record.source_key)
        paper_id = stored_digests(session, [key])[key].paper_id
    app.index.catch_up(app.store)
    with app.store.reading() as session:
        return load_papers(session, [paper_id])[paper_id]


def decline_proposed(app: App, proposal_id: int, decided_by: int) -> Paper:
    """Decline a paper that somebody proposed."""
    with app.store.writing() as session:
        row = sources.proposal(session, proposal_id)
        if row is None or row.state is ProposalState.ADDED:
            raise RefusedError("It was added meanwhile." if row is not None else "That is too long ago.")
        sources.change_proposal(
            session, proposal_id, state=ProposalState.DECLINED, decided_by=decided_by, decided_at=app.clock()
        )
        return paper_of(PaperRecord.model_validate(row.record))


def paper_of(record: PaperRecord) -> Paper:
    """A paper that the corpus has not, as cards show it; its id is 0."""
    facts: dict[str, Any] = {**record.facts(), "authors": [mention.name for mention in record.authors]}
    return Paper(id=0, attributed_to=(), **facts)
