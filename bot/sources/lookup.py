"""/add: a paper is looked up, shown, and added by a button; people without the right propose it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bot.announcements.planner import database_tag
from bot.app import Desk
from bot.corpus.paper import PaperRecord
from bot.errors import RefusedError
from bot.ingest.fetched import bring_in
from bot.papers.disagreements import Disagreement, disagreements
from bot.papers.loading import load_papers
from bot.papers.results import Paper
from bot.sources.asking import fetch_paper
from bot.sources.links import PaperLink, read_link
from bot.sources.providers import Library
from bot.store import proposals
from bot.store.paper_sources import papers_with_keys, stored_digests

KEPT = dt.timedelta(days=30)
"""For so long a paper that was looked up can be added by its button."""


@dataclass(frozen=True, slots=True)
class Found:
    """A paper that was looked up."""

    link: PaperLink
    paper: Paper
    proposal_id: int | None
    """What its button adds; None where the corpus has the paper."""
    disagreeing: tuple[Disagreement, ...] = ()
    """Where the sources of a paper of the corpus disagree."""


def look_up(desk: Desk, library: Library, text: str, asked_by: int) -> Found:
    """Look a paper up by an arXiv id, a DOI, or an address; in the corpus first.

    Raises:
        RefusedError: the text names no paper, or no source knows it.
        FetchError: the source could not be asked.

    """
    link = read_link(text)
    if link is None:
        raise RefusedError("That is no arXiv id, no DOI, and no address of either.")
    return look_up_link(desk, library, link, asked_by)


def look_up_link(desk: Desk, library: Library, link: PaperLink, asked_by: int) -> Found:
    """The same for a link that was recognised."""
    known = known_paper(desk, link)
    if known is not None:
        return Found(link, known, None, disagreements(desk, known.id))
    record = fetch_paper(desk.settings, library, link)
    now = desk.clock()
    with desk.store.writing() as session:
        proposals.purge_proposals(session, now - KEPT)
        proposal_id = proposals.add_proposal(session, record, asked_by, now)
    return Found(link, paper_of(record), proposal_id)


def known_paper(desk: Desk, link: PaperLink) -> Paper | None:
    """The paper of the corpus that a link names; None where there is none, or where it is not certain."""
    key = (link.scheme, link.value)
    with desk.store.reading() as session:
        ids = papers_with_keys(session, [key])
        if link.scheme == "openreview":
            ids = {paper_id for paper_id, _ in stored_digests(session, [key]).values()}
        return load_papers(session, list(ids)).popitem()[1] if len(ids) == 1 else None


def ask_about(desk: Desk, proposal_id: int) -> tuple[Paper, str]:
    """The paper that administrators are to be asked about, and the nonce of the message that asks them.

    Raises:
        RefusedError: they were asked already, or it is too long ago.

    """
    with desk.store.writing() as session:
        row = proposals.proposal(session, proposal_id)
        if row is None:
            raise RefusedError("That is too long ago: look the paper up again with /add.")
        if row.state != "shown":
            raise RefusedError(f"This paper is {row.state} already.")
        return paper_of(PaperRecord.model_validate(row.record)), f"{database_tag(session)}p{proposal_id}"


def propose(desk: Desk, proposal_id: int) -> None:
    """Keep that the administrators were asked; what they decided meanwhile stands."""
    with desk.store.writing() as session:
        row = proposals.proposal(session, proposal_id)
        if row is not None and row.state == "shown":
            proposals.change_proposal(session, proposal_id, state="proposed")


def add_proposed(desk: Desk, proposal_id: int, decided_by: int) -> Paper:
    """Add a paper that was looked up or proposed; it is announced as any other."""
    with desk.store.reading() as session:
        row = proposals.proposal(session, proposal_id)
    if row is None:
        raise RefusedError("That is too long ago: look the paper up again with /add.")
    if row.state == "declined":
        raise RefusedError("This paper was declined.")
    record = PaperRecord.model_validate(row.record)
    brought = bring_in(desk, f"/add {record.source} {record.source_id}", [record], as_news=True)
    if brought.rejected:
        raise RefusedError(f"It cannot be added: {brought.rejected[0].reason}")
    with desk.store.writing() as session:
        proposals.change_proposal(
            session, proposal_id, state="added", decided_by=decided_by, decided_at=desk.clock()
        )
        key = (record.source, record.source_key)
        paper_id, _ = stored_digests(session, [key])[key]
    desk.index.follow(desk.store)
    with desk.store.reading() as session:
        return load_papers(session, [paper_id])[paper_id]


def decline_proposed(desk: Desk, proposal_id: int, decided_by: int) -> Paper:
    """Decline a paper that somebody proposed."""
    with desk.store.writing() as session:
        row = proposals.proposal(session, proposal_id)
        if row is None or row.state == "added":
            raise RefusedError("It was added meanwhile." if row is not None else "That is too long ago.")
        proposals.change_proposal(
            session, proposal_id, state="declined", decided_by=decided_by, decided_at=desk.clock()
        )
        return paper_of(PaperRecord.model_validate(row.record))


def paper_of(record: PaperRecord) -> Paper:
    """A paper that the corpus has not, as cards show it; its id is 0."""
    return Paper(
        id=0,
        source_id=record.source_id,
        title=record.title,
        authors=tuple(mention.name for mention in record.authors),
        authors_truncated=record.authors_truncated,
        attributed_to=(),
        field=record.field,
        categories=record.categories,
        published=record.published,
        published_inferred=record.published_inferred,
        abstract=record.abstract,
        url=record.url,
        has_code=record.has_code,
        code_url=record.code_url,
        venue=record.venue,
        citations=record.citations,
        score=record.score,
        doi=record.doi,
        arxiv_id=record.arxiv_id,
    )
