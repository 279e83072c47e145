"""Reads works of Crossref: single ones and pages with a cursor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.corpus.formats.answers import (
    Page,
    RefusedEntryError,
    RequestRefusedError,
    UnusableAnswerError,
    address_of,
    count_of,
    date_of_parts,
    entries_of,
    mention_of,
    object_of,
    pages_of,
    places_of,
    read_json_object,
    read_records,
    references_of,
    text_of,
    title_of,
    unmarked,
    whole_list,
    work_named,
)
from bot.corpus.formats.notices import updates_of, updates_of_others, with_notices, without_notice
from bot.corpus.identity import normalise_arxiv_id, normalise_doi
from bot.corpus.merge import titles_beside
from bot.corpus.paper import Mention, PaperRecord, TitleKind, code_address, data_address
from bot.corpus.person_names import MOST_NAMES, from_parts

SOURCE = "crossref"
PAPER_TYPES = ("journal-article", "proceedings-article", "book-chapter")
"""Types of works that are published papers; others are preprints, theses, reviews of papers, grants."""

_NEW_EDITIONS = {"new_version", "new_edition"}
_TITLES = {
    "short-title": TitleKind.SHORT,
    "original-title": TitleKind.ORIGINAL,
    "title": TitleKind.OTHER,
}
_DATES = ("published", "published-online", "published-print", "issued", "posted")


def read_crossref_works(body: bytes) -> Page:
    """Read one page of a list of works."""
    message = _message(body)
    if not isinstance(message.get("items"), list):
        raise UnusableAnswerError("Crossref answered no list of works.")
    records, refused = read_records(
        whole_list(message["items"], "Crossref"),
        record_of,
        lambda work: text_of(work.get("DOI")) or "a work without DOI",
    )
    return Page(
        records=records,
        entries=len(message["items"]),
        total=count_of(message.get("total-results")),
        # It gives a cursor with every page, also with the empty one behind the last.
        next_cursor=(text_of(message.get("next-cursor")) or None) if message["items"] else None,
        refused=refused,
    )


def read_crossref_papers(body: bytes) -> tuple[PaperRecord, ...]:
    """Read what a search found, only published papers, under each title that they may have.

    Some publishers register what follows a title's colon apart, as a subtitle; others give there the
    short title at the head of each page. So a work with a subtitle is read in both ways.
    """
    papers: list[Mapping[str, Any]] = []
    for work in entries_of(_message(body).get("items")):
        if _is_paper(work):
            papers.append(work)
            if subtitle := text_of(_first(work.get("subtitle"))):
                papers.append({**work, "title": f"{text_of(_first(work.get('title')))}: {subtitle}"})
    return read_records(papers, record_of, str)[0]


def read_crossref_work(body: bytes) -> PaperRecord:
    """Read the answer to the question for one DOI."""
    try:
        return record_of(_message(body))
    except RefusedEntryError as error:
        raise UnusableAnswerError(f"Crossref answered no paper: {error}.") from None


def record_of(work: Mapping[str, Any]) -> PaperRecord:
    """The record of a work."""
    doi = normalise_doi(text_of(work.get("DOI")))
    if doi is None:
        raise RefusedEntryError("it has no DOI")
    abstract = unmarked(work.get("abstract")).removeprefix("Abstract").lstrip()
    supplements = " ".join(_supplements(work))
    code = code_address(abstract) or code_address(supplements)
    people = entries_of(work.get("author"))
    authors = [_mention(one) for one in people[:MOST_NAMES]]
    title = title_of(_first(work.get("title")))
    record = PaperRecord(
        source=SOURCE,
        source_id=doi,
        source_key=doi,
        title=title,
        authors=tuple(one for one in authors if one is not None),
        authors_truncated=len(people) > MOST_NAMES,
        published=_date(work),
        abstract=abstract,
        url=address_of(work.get("URL"), f"https://doi.org/{doi}"),
        has_code=code is not None,
        code_url=code,
        data_url=data_address(abstract) or data_address(supplements),
        venue=unmarked(_first(work.get("container-title"))) or unmarked(_event(work)) or None,
        citations=count_of(work.get("is-referenced-by-count")),
        doi=doi,
        arxiv_id=normalise_arxiv_id(doi) or _preprint(work),
        pages=pages_of(work.get("page")),
        notices=updates_of(work, doi, SOURCE),
        notices_of=updates_of_others(work, doi, SOURCE),
        references=references_of(
            work_named(doi=one.get("DOI"), title=one.get("article-title"), year=one.get("year"))
            for one in entries_of(work.get("reference"))
        ),
        other_titles=titles_beside(without_notice(title)[0], _other_titles(work, title)),
    )
    return with_notices(record)


def _other_titles(work: Mapping[str, Any], title: str) -> Iterator[tuple[TitleKind, str]]:
    for key, kind in _TITLES.items():
        given: Any = work.get(key)
        for text in given if isinstance(given, list) else []:  # pyright: ignore[reportUnknownVariableType]
            yield kind, unmarked(text)
    subtitle = unmarked(_first(work.get("subtitle")))
    if subtitle and subtitle.casefold() not in title.casefold():
        yield TitleKind.OTHER, f"{title}: {subtitle}"


def _message(body: bytes) -> Mapping[str, Any]:
    content = read_json_object(body, "Crossref")
    message = content.get("message")
    if content.get("status") == "ok" and isinstance(message, dict):
        return message  # pyright: ignore[reportUnknownVariableType]
    reasons = ", ".join(text_of(one.get("message")) for one in entries_of(message))
    raise RequestRefusedError(f"Crossref refuses the request: {reasons[:300] or 'it gave no reason'}.")


def _is_paper(work: Mapping[str, Any]) -> bool:
    """Whether a work is a published paper: no erratum, no retraction, no other notice about one."""
    updates = {text_of(one.get("type")).lower() for one in entries_of(work.get("update-to"))}
    return text_of(work.get("type")) in PAPER_TYPES and updates <= _NEW_EDITIONS


def _mention(author: Mapping[str, Any]) -> Mention | None:
    given, family, suffix = (text_of(author.get(part)) for part in ("given", "family", "suffix"))
    name = from_parts(given, family, suffix) or author.get("name")
    return mention_of(name, [("orcid", author.get("ORCID"))], places_of(author.get("affiliation")))


def _date(work: Mapping[str, Any]) -> str | None:
    for name in _DATES:
        parts = object_of(work.get(name)).get("date-parts")
        if isinstance(parts, list) and parts and isinstance(parts[0], list):
            date = date_of_parts(parts[0])  # pyright: ignore[reportUnknownArgumentType]
            if date is not None:
                return date
    return None


def _preprint(work: Mapping[str, Any]) -> str | None:
    """The arXiv id of the preprint that the publisher names."""
    for preprint in entries_of(object_of(work.get("relation")).get("has-preprint")):
        if (found := normalise_arxiv_id(text_of(preprint.get("id")))) is not None:
            return found
    return None


def _supplements(work: Mapping[str, Any]) -> Iterator[str]:
    """The addresses of what the publisher names as supplements, such as data at a repository."""
    for one in entries_of(object_of(work.get("relation")).get("is-supplemented-by")):
        named = text_of(one.get("id"))
        if address := address_of(named, f"https://doi.org/{normalise_doi(named)}"):
            yield address


def _event(work: Mapping[str, Any]) -> Any:
    return object_of(work.get("event")).get("name")


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value  # pyright: ignore[reportUnknownVariableType]
