"""Lookup of single papers: links in texts, requests to providers, and proposals to add a paper."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote, urlencode

from bot.announcements.markers import database_tag
from bot.app import App
from bot.config import Settings
from bot.corpus.formats.arxiv import read_arxiv_atom
from bot.corpus.formats.crossref import read_crossref_work
from bot.corpus.formats.openalex import read_openalex_work
from bot.corpus.formats.openreview import read_openreview_note
from bot.corpus.identity import normalise_arxiv_id, normalise_doi
from bot.corpus.paper import PaperRecord
from bot.errors import RefusedError
from bot.fetch.errors import NotFoundError
from bot.ingest.importer import import_records
from bot.papers.disagreements import Disagreement, disagreements
from bot.papers.loading import load_papers
from bot.papers.results import Paper
from bot.sources.providers import Library, Provider, Request, contact_options, openalex_options
from bot.store import sources
from bot.store.models import ProposalState
from bot.store.paper_sources import papers_with_keys, stored_digests

MOST_LINKS = 10
MOST_TEXT = 10_000

_ADDRESS = re.compile(r"https?://[^\s<>|\"'`]+", re.IGNORECASE)
_NAMED = re.compile(
    r"\b(?:arxiv:\s*[\w.-]+(?:/\d{7})?(?:v\d+)?|doi:\s*10\.\S+|10\.\d{4,9}/[^\s<>\"'`]+)", re.IGNORECASE
)
_OPENREVIEW = re.compile(
    r"https?://(?:www\.)?openreview\.net/(?:forum|pdf)\?(?:\S*&)?id=([\w-]{5,40})", re.IGNORECASE
)
_DOI_IN_ADDRESS = re.compile(r"/(10\.\d{4,9}/[^\s?#&]+)")
_TAIL = ".,;:!?*_~"


@dataclass(frozen=True, slots=True)
class PaperLink:
    """A paper that a text names."""

    scheme: Literal["arxiv", "doi", "openreview"]
    value: str

    @property
    def label(self) -> str:
        """As people write it, such as "arXiv:2110.13363"."""
        return {"arxiv": "arXiv:", "doi": "doi:", "openreview": "OpenReview "}[self.scheme] + self.value


def read_link(text: str) -> PaperLink | None:
    """The paper that an id or an address names; None where it is none."""
    bare = _trimmed(text.strip())
    if found := _OPENREVIEW.match(bare):
        return PaperLink("openreview", found[1])
    if arxiv_id := normalise_arxiv_id(bare):
        return PaperLink("arxiv", arxiv_id)
    if doi := normalise_doi(bare):
        return PaperLink("doi", doi)
    if bare.lower().startswith("http") and (inside := _DOI_IN_ADDRESS.search(bare)):
        # Publishers' own addresses have the DOI within: dl.acm.org/doi/10.1145/…
        doi = normalise_doi(re.sub(r"/(?:full|abstract|pdf|epdf)$|\.pdf$", "", inside[1]))
        return PaperLink("doi", doi) if doi is not None else None
    return None


def find_links(text: str) -> tuple[PaperLink, ...]:
    """The papers that a text names, each once, in its order; ten at most."""
    text = text[:MOST_TEXT]
    places = [(found.start(), found[0]) for pattern in (_ADDRESS, _NAMED) for found in pattern.finditer(text)]
    found = (read_link(written) for _, written in sorted(places))
    return tuple(dict.fromkeys(link for link in found if link is not None))[:MOST_LINKS]


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
            case _:
                return _from_doi(settings, library, link)
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
    doi = quote(link.value, safe="/:;()._-")
    try:
        request = _request(f"/works/{doi}", contact_options(settings))
        return library.ask(Provider.CROSSREF, request, lambda answer: read_crossref_work(answer.body))
    except NotFoundError:
        request = _request(f"/works/doi:{doi}", openalex_options(settings))
        return library.ask(Provider.OPENALEX, request, lambda answer: read_openalex_work(answer.body))


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
        raise RefusedError("That is no arXiv id, no DOI, and no address of either.")
    return look_up_link(app, library, link, asked_by)


def look_up_link(app: App, library: Library, link: PaperLink, asked_by: int) -> LookedUpPaper:
    """The same for a link that was recognised."""
    known = known_paper(app, link)
    if known is not None:
        return LookedUpPaper(link, known, None, disagreements(app, known.id))
    record = fetch_paper(app.settings, library, link)
    now = app.clock()
    with app.store.writing() as session:
        sources.purge_proposals(session, now - KEPT)
        proposal_id = sources.add_proposal(session, record, asked_by, now)
    return LookedUpPaper(link, paper_of(record), proposal_id)


def known_paper(app: App, link: PaperLink) -> Paper | None:
    """The paper of the corpus that a link names; None where there is none, or where it is not certain."""
    key = (link.scheme, link.value)
    with app.store.reading() as session:
        ids = papers_with_keys(session, [key])
        if link.scheme == "openreview":
            ids = {row.paper_id for row in stored_digests(session, [key]).values()}
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
