"""Lookup of single papers: requests to providers, and proposals to add a paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote, urlencode

from bot.announcements.markers import database_tag
from bot.app import App
from bot.config import Settings
from bot.corpus.formats.arxiv import read_arxiv_atom
from bot.corpus.formats.crossref import read_crossref_work
from bot.corpus.formats.openalex import read_openalex_work
from bot.corpus.formats.openreview import read_openreview_note
from bot.corpus.formats.semantic_scholar import FIELDS, read_semantic_scholar_paper
from bot.corpus.identity import RecordKeys
from bot.corpus.links import LABELS, PaperLink, Scheme, read_link
from bot.corpus.paper import PaperRecord
from bot.errors import RefusedError
from bot.fetch.errors import NotFoundError
from bot.ingest.importer import import_records
from bot.papers.disagreements import Disagreement, disagreements
from bot.papers.identifiers import keys_of, papers_of_link
from bot.papers.loading import load_papers
from bot.papers.results import Paper, SearchAnswer, SearchRequest
from bot.papers.saved_searches import keep, stored_answer
from bot.papers.search import get_paper
from bot.sources.library import Library
from bot.sources.providers.arxiv import ARXIV
from bot.sources.providers.crossref import CROSSREF
from bot.sources.providers.kinds import Request, contact_options
from bot.sources.providers.openalex import OPENALEX, openalex_options
from bot.sources.providers.openreview import OPENREVIEW
from bot.sources.providers.semantic_scholar import SEMANTIC_SCHOLAR, semantic_scholar_headers
from bot.store import sources
from bot.store.models import ProposalState
from bot.store.paper_sources import papers_with_keys, stored_digests


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
                    OPENREVIEW, Request(target), lambda answer: read_openreview_note(answer.body)
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
    page = library.ask(ARXIV, Request(target), lambda answer: read_arxiv_atom(answer.body))
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
        return _from_crossref(settings, library, keys_of(link)[0][1])
    except NotFoundError:
        return _from_semantic_scholar(settings, library, f"ACL:{link.value}")


def _from_crossref(settings: Settings, library: Library, doi: str) -> PaperRecord:
    request = _request(f"/works/{_quoted(doi)}", contact_options(settings))
    return library.ask(CROSSREF, request, lambda answer: read_crossref_work(answer.body))


def _from_openalex(settings: Settings, library: Library, key: str) -> PaperRecord:
    request = _request(f"/works/{key}", openalex_options(settings))
    return library.ask(OPENALEX, request, lambda answer: read_openalex_work(answer.body))


def _from_semantic_scholar(settings: Settings, library: Library, key: str) -> PaperRecord:
    target = f"/graph/v1/paper/{key}?{urlencode({'fields': FIELDS})}"
    request = Request(target, semantic_scholar_headers(settings))
    return library.ask(SEMANTIC_SCHOLAR, request, lambda answer: read_semantic_scholar_paper(answer.body))


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
    return tuple(PaperLink(cast("Scheme", scheme), value) for scheme, _, value in pairs if scheme in LABELS)


def known_paper(app: App, link: PaperLink) -> Paper | None:
    """The paper of the corpus that a link names; None where there is none, or where it is not certain."""
    match link.scheme:
        case "paper":
            return get_paper(app, int(link.value))
        case _:
            with app.store.reading() as session:
                ids = papers_of_link(session, link)
                return load_papers(session, ids).popitem()[1] if len(ids) == 1 else None


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
