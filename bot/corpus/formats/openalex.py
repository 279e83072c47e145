"""Reads works of OpenAlex: single ones and pages with a cursor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.corpus.formats.answers import (
    MAX_TEXT_LENGTH,
    CitingEntry,
    CitingPage,
    Page,
    RefusedEntryError,
    RequestRefusedError,
    UnusableAnswerError,
    address_of,
    count_of,
    date_of,
    entries_of,
    free_copy_of,
    mention_of,
    object_of,
    places_of,
    pmc_copy,
    read_json_object,
    read_records,
    references_of,
    text_of,
    title_of,
    unmarked,
    whole_list,
    work_named,
)
from bot.corpus.formats.notices import with_notices
from bot.corpus.identity import normalise_arxiv_id, normalise_doi
from bot.corpus.paper import CitedWork, Mention, Notice, NoticeKind, PaperRecord, code_address
from bot.corpus.person_names import MOST_NAMES

SOURCE = "openalex"
_NO_PAPERS = {
    "dataset",
    "erratum",
    "grant",
    "libguides",
    "paratext",
    "peer-review",
    "retraction",
    "supplementary-materials",
}
"""Types of works that are about papers, or go with them."""

_MOST_WORDS = 20_000


def read_openalex_works(body: bytes, *, papers_only: bool = False) -> Page:
    """Read one page of a list of works, all of them or those that are papers."""
    content = read_json_object(body, "OpenAlex")
    if not isinstance(content.get("results"), list):
        raise RequestRefusedError(f"OpenAlex refuses the request: {_reason(content)}.")
    meta = object_of(content.get("meta"))
    records, refused = read_records(
        [one for one in whole_list(content["results"], "OpenAlex") if not papers_only or _is_paper(one)],
        record_of,
        lambda work: text_of(work.get("id")) or "a work without id",
    )
    return Page(
        records=records,
        entries=len(content["results"]),
        total=count_of(meta.get("count")),
        next_cursor=text_of(meta.get("next_cursor")) or None,
        refused=refused,
    )


def read_openalex_citing(body: bytes) -> CitingPage:
    """Read one page of works that cite papers, with their authors and what they cite."""
    content = read_json_object(body, "OpenAlex")
    if not isinstance(content.get("results"), list):
        raise RequestRefusedError(f"OpenAlex refuses the request: {_reason(content)}.")
    found = [_citing(work) for work in entries_of(content["results"])]
    cursor = text_of(object_of(content.get("meta")).get("next_cursor"))
    return CitingPage(tuple(one for one in found if one is not None), cursor or None if found else None)


def _citing(work: Mapping[str, Any]) -> CitingEntry | None:
    key = text_of(work.get("id")).rpartition("/")[2].upper()
    title = work.get("title") or work.get("display_name")
    named = work_named(
        doi=work.get("doi"),
        other=("openalex", key) if key.startswith("W") else None,
        title=title,
        year=work.get("publication_year"),
    )
    if named is None or named.title is None:
        return None
    people = entries_of(work.get("authorships"))[:MOST_NAMES]
    authors = tuple(one.name for one in map(_mention, people) if one is not None)
    cites = tuple(one.value for one in _references(work.get("referenced_works")))
    also = (("openalex", key),) if key.startswith("W") else ()
    return CitingEntry(named.model_copy(update={"authors": authors}), cites, also)


def read_openalex_work(body: bytes) -> PaperRecord:
    """Read the answer to the question for one work."""
    try:
        return record_of(read_json_object(body, "OpenAlex"))
    except RefusedEntryError as error:
        raise UnusableAnswerError(f"OpenAlex answered no paper: {error}.") from None


def record_of(work: Mapping[str, Any]) -> PaperRecord:
    """The record of a work."""
    key = text_of(work.get("id")).rpartition("/")[2].upper()
    if not key.startswith("W"):
        raise RefusedEntryError("its id is none of a work")
    abstract = _abstract(object_of(work.get("abstract_inverted_index")))
    code = code_address(abstract) or code_address(" ".join(_places(work)))
    people = entries_of(work.get("authorships"))
    authors = [_mention(one) for one in people[:MOST_NAMES]]
    doi = normalise_doi(text_of(work.get("doi")))
    is_retracted = work.get("is_retracted") is True
    record = PaperRecord(
        source=SOURCE,
        source_id=key,
        source_key=key,
        title=title_of(work.get("title") or work.get("display_name")),
        authors=tuple(one for one in authors if one is not None),
        authors_truncated=work.get("is_authors_truncated") is True or len(people) > MOST_NAMES,
        published=date_of(work.get("publication_date")) or date_of(work.get("publication_year")),
        abstract=abstract,
        url=address_of(object_of(work.get("primary_location")).get("landing_page_url"), work.get("id")),
        has_code=code is not None,
        code_url=code,
        venue=_venue(work),
        citations=count_of(work.get("cited_by_count")),
        doi=doi if normalise_arxiv_id(doi or "") is None else None,
        arxiv_id=normalise_arxiv_id(doi or "") or _arxiv_id(work),
        notices=(Notice(kind=NoticeKind.RETRACTED, source=SOURCE),) if is_retracted else (),
        pdf_url=_free_copy(work),
        references=_references(work.get("referenced_works")),
    )
    return with_notices(record)


def _is_paper(work: Mapping[str, Any]) -> bool:
    return text_of(work.get("type")) not in _NO_PAPERS


def _mention(authorship: Mapping[str, Any]) -> Mention | None:
    author = object_of(authorship.get("author"))
    name = authorship.get("raw_author_name") or author.get("display_name")
    identifiers = (("orcid", author.get("orcid")), ("openalex", author.get("id")))
    institutions = entries_of(authorship.get("institutions"))
    places = places_of(institutions or authorship.get("raw_affiliation_strings"))
    return mention_of(name, identifiers, places) or mention_of(
        author.get("display_name"), identifiers, places
    )


def _abstract(index: Mapping[str, Any]) -> str:
    """The text of an inverted index, which says for each word at which places it stands."""
    places: dict[int, str] = {}
    for word, positions in index.items():
        for position in positions if isinstance(positions, list) else ():  # pyright: ignore[reportUnknownVariableType]
            if isinstance(position, int) and 0 <= position < _MOST_WORDS:
                places[position] = word
    return unmarked(" ".join(places[place] for place in sorted(places))[:MAX_TEXT_LENGTH])


def _venue(work: Mapping[str, Any]) -> str | None:
    """Where it was published; a repository of preprints is no venue."""
    locations = [object_of(work.get("primary_location")), *entries_of(work.get("locations"))]
    for location in locations:
        source = object_of(location.get("source"))
        if source.get("type") != "repository" and (name := unmarked(source.get("display_name"))):
            return name
    return None


def _references(listed: Any) -> tuple[CitedWork, ...]:
    addresses: list[Any] = []
    if isinstance(listed, list):
        addresses += listed
    ids = (text_of(one).rpartition("/")[2].upper() for one in addresses)
    return references_of(work_named(other=("openalex", one)) for one in ids if one.startswith("W"))


def _free_copy(work: Mapping[str, Any]) -> str | None:
    """The PDF at the best place where it is free to read, else the page there; or that at PubMed Central."""
    best = object_of(work.get("best_oa_location"))
    if best.get("is_oa") is False:
        best = {}
    central = pmc_copy(text_of(object_of(work.get("ids")).get("pmcid")))
    return free_copy_of(best.get("pdf_url"), central, best.get("landing_page_url"))


def _arxiv_id(work: Mapping[str, Any]) -> str | None:
    ids = (normalise_arxiv_id(address) for address in _places(work))
    return next((one for one in ids if one is not None), None)


def _places(work: Mapping[str, Any]) -> Iterator[str]:
    """The addresses at which a work is found."""
    for location in [object_of(work.get("primary_location")), *entries_of(work.get("locations"))]:
        for address in (location.get("landing_page_url"), location.get("pdf_url")):
            if isinstance(address, str):
                yield address


def _reason(content: Mapping[str, Any]) -> str:
    return text_of(content.get("message") or content.get("error"))[:300] or "it gave no reason"
