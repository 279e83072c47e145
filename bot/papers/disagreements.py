"""Where the sources of a paper disagree: what each says, and on which day it said so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.app import App
from bot.corpus.merge import in_order_of_trust
from bot.corpus.paper import PaperRecord
from bot.papers.results import Paper
from bot.store.paper_sources import said_of

_NAMES: Mapping[str, str] = {
    "arxiv api": "arXiv",
    "arxiv": "arXiv",
    "arxiv rss": "arXiv",
    "bibtex": "BibTeX",
    "biorxiv": "bioRxiv",
    "crossref": "Crossref",
    "csl json": "CSL JSON",
    "datacite": "DataCite",
    "dblp": "DBLP",
    "endnote": "EndNote",
    "json lines": "JSON",
    "medrxiv": "medRxiv",
    "oai": "the repository",
    "openalex": "OpenAlex",
    "opencitations": "OpenCitations",
    "openreview": "OpenReview",
    "pubmed": "PubMed",
    "ris": "RIS",
    "semantic scholar": "Semantic Scholar",
    "web of science": "Web of Science",
    "zotero": "Zotero",
}


def source_name(source: str) -> str:
    """What people call a source."""
    return _NAMES.get(source, source)


@dataclass(frozen=True, slots=True)
class Said:
    """What one source says."""

    value: str
    source: str
    read_on: dt.date | None
    """None where the day is unknown."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A fact of a paper on which its sources disagree."""

    fact: str
    said: tuple[Said, ...]
    """Each value once, from the source that is trusted most for it; the one that counts comes first."""


@dataclass(frozen=True, slots=True)
class _Fact:
    name: str
    field: str
    """Of a record."""
    shown: Callable[[PaperRecord], str | None]
    compared: Callable[[str], str] = str.casefold


def _citations(record: PaperRecord) -> str | None:
    return f"{record.citations:,}" if record.citations is not None else None


def _plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


_FACTS = (
    _Fact("Citations", "citations", _citations),
    _Fact("Venue", "venue", lambda record: record.venue, _plain),
    _Fact("DOI", "doi", lambda record: record.doi),
    # A preprint comes some weeks before its publication; only another year is worth a line.
    _Fact("Date", "published", lambda record: record.published, lambda text: text[:4]),
)


def days_read(app: App, paper: Paper) -> Mapping[str, dt.date]:
    """On which day each source of a paper with notices was read last, where that is known."""
    if not paper.notices:
        return {}
    with app.store.reading() as session:
        read = [(row.record.source, row.read_on) for row in said_of(session, paper.id)]
    return dict(sorted(((source, day) for source, day in read if day is not None), key=lambda one: one[1]))


_OF_ONE = ("summary", "pdf_url", "appeared")
"""Facts that are shown as one source's word."""


def said_by(app: App, paper: Paper) -> Mapping[str, Said]:
    """Who says the facts of a paper that are shown as one source's word, and when; by name of the fact."""
    wanted = {name: value for name in _OF_ONE if (value := getattr(paper, name)) is not None}
    if not wanted:
        return {}
    with app.store.reading() as session:
        read = said_of(session, paper.id)
    days = {id(row.record): row.read_on for row in read}
    found: dict[str, Said] = {}
    for record in in_order_of_trust([row.record for row in read]):
        published = record.published if record.venue is not None else None
        for name, value in wanted.items():
            if value == (published if name == "appeared" else getattr(record, name)):
                found.setdefault(name, Said(value, source_name(record.source), days[id(record)]))
    return found


def disagreements(app: App, paper_id: int) -> tuple[Disagreement, ...]:
    """The facts of a paper on which its sources disagree; a paper of one source has none."""
    with app.store.reading() as session:
        read = {(row.record.source, row.record.source_key): row for row in said_of(session, paper_id)}
    if len(read) < 2:
        return ()
    records = [row.record for row in read.values()]
    found: list[Disagreement] = []
    for fact in _FACTS:
        said: dict[str, Said] = {}
        for record in in_order_of_trust(records, fact.field):
            value = fact.shown(record)
            if value is not None:
                name = source_name(record.source)
                day = read[record.source, record.source_key].read_on
                said.setdefault(fact.compared(value), Said(value, name, day))
        if len(said) > 1:
            found.append(Disagreement(fact.name, tuple(said.values())))
    return tuple(found)
