"""Reads papers of the Semantic Scholar Graph API: batches, and pages with an offset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.corpus.formats.answers import (
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
    pmc_copy,
    read_json,
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
from bot.corpus.paper import CitedWork, Mention, PaperRecord, code_address
from bot.corpus.person_names import MOST_NAMES

SOURCE = "semantic scholar"
FIELDS = (
    "paperId,externalIds,url,title,abstract,venue,year,publicationDate,citationCount,authors.authorId,"
    "authors.name"
)
FIELDS_OF_BATCH = (
    f"{FIELDS},openAccessPdf,tldr,references.paperId,references.externalIds,references.title,references.year"
)
"""In a batch it says more than in lists."""
FIELDS_OF_CITING = "paperId,externalIds,title,year,authors"
_LONGEST_SUMMARY = 1_000


def read_semantic_scholar_page(body: bytes) -> Page:
    """Read one page of an author's papers, or of a search."""
    content = read_json_object(body, "Semantic Scholar")
    if not isinstance(content.get("data"), list):
        raise RequestRefusedError(f"Semantic Scholar refuses the request: {_reason(content)}.")
    listed = whole_list(content["data"], "Semantic Scholar")
    papers = [object_of(entry.get("paper")) or entry for entry in listed]
    records, refused = _read(papers)
    following = content.get("next")
    return Page(
        records=records,
        entries=len(content["data"]),
        total=count_of(content.get("total")),
        start=count_of(content.get("offset")),
        next_cursor=str(following) if isinstance(following, int) else None,
        refused=refused,
    )


def read_semantic_scholar_batch(body: bytes) -> tuple[PaperRecord | None, ...]:
    """Read the answer to the question for some papers, in its order; None for an unknown one."""
    content = read_json(body, "Semantic Scholar")
    if not isinstance(content, list):
        raise RequestRefusedError(f"Semantic Scholar refuses the request: {_reason(object_of(content))}.")
    return tuple(_record_or_none(object_of(entry)) for entry in content)  # pyright: ignore[reportUnknownVariableType]


def read_semantic_scholar_paper(body: bytes) -> PaperRecord:
    """Read the answer to the question for one paper."""
    try:
        return record_of(read_json_object(body, "Semantic Scholar"))
    except RefusedEntryError as error:
        raise UnusableAnswerError(f"Semantic Scholar answered no paper: {error}.") from None


def record_of(paper: Mapping[str, Any]) -> PaperRecord:
    """The record of a paper."""
    key = text_of(paper.get("paperId"))
    if not key:
        raise RefusedEntryError("it has no id")
    ids = object_of(paper.get("externalIds"))
    abstract = unmarked(paper.get("abstract"))
    code = code_address(abstract)
    people = entries_of(paper.get("authors"))
    authors = [_mention(one) for one in people[:MOST_NAMES]]
    doi = normalise_doi(text_of(ids.get("DOI")))
    record = PaperRecord(
        source=SOURCE,
        source_id=key,
        source_key=key,
        title=title_of(paper.get("title")),
        authors=tuple(one for one in authors if one is not None),
        authors_truncated=len(people) > MOST_NAMES,
        published=date_of(paper.get("publicationDate")) or date_of(paper.get("year")),
        abstract=abstract,
        url=address_of(paper.get("url")),
        has_code=code is not None,
        code_url=code,
        venue=_venue(unmarked(paper.get("venue"))),
        citations=count_of(paper.get("citationCount")),
        doi=doi if normalise_arxiv_id(doi or "") is None else None,
        arxiv_id=normalise_arxiv_id(text_of(ids.get("ArXiv"))) or normalise_arxiv_id(doi or ""),
        pdf_url=free_copy_of(
            pmc_copy(f"PMC{ids.get('PubMedCentral')}"), object_of(paper.get("openAccessPdf")).get("url")
        ),
        references=references_of(map(_cited, entries_of(paper.get("references")))),
        summary=unmarked(object_of(paper.get("tldr")).get("text"))[:_LONGEST_SUMMARY] or None,
    )
    return with_notices(record)


def read_semantic_scholar_citing(body: bytes) -> CitingPage:
    """Read one page of the papers that cite a paper."""
    content = read_json_object(body, "Semantic Scholar")
    if "data" not in content:
        raise RequestRefusedError(f"Semantic Scholar refuses the request: {_reason(content)}.")
    listed = whole_list(content["data"] or [], "Semantic Scholar")  # it says null where there is none
    found = [_citing(object_of(entry.get("citingPaper"))) for entry in listed]
    following = content.get("next")
    return CitingPage(
        tuple(one for one in found if one is not None), str(following) if isinstance(following, int) else None
    )


def _citing(paper: Mapping[str, Any]) -> CitingEntry | None:
    work, key = _cited(paper), text_of(paper.get("paperId"))
    if work is None or work.title is None:
        return None
    people = entries_of(paper.get("authors"))[:MOST_NAMES]
    authors = tuple(one.name for one in map(_mention, people) if one is not None)
    doi = normalise_doi(text_of(object_of(paper.get("externalIds")).get("DOI")))
    also = [("s2", key)] if key else []
    also += [("doi", doi)] if doi else []
    return CitingEntry(work.model_copy(update={"authors": authors}), also=tuple(also))


def _read(papers: list[dict[str, Any]]) -> tuple[tuple[PaperRecord, ...], tuple[str, ...]]:
    return read_records(
        papers, record_of, lambda paper: text_of(paper.get("paperId")) or "a paper without id"
    )


def _record_or_none(paper: Mapping[str, Any]) -> PaperRecord | None:
    try:
        return record_of(paper)
    except RefusedEntryError:
        return None


def _cited(work: Mapping[str, Any]) -> CitedWork | None:
    ids, key = object_of(work.get("externalIds")), text_of(work.get("paperId"))
    return work_named(
        doi=ids.get("DOI"),
        arxiv=ids.get("ArXiv"),
        other=("s2", key) if key else None,
        title=work.get("title"),
        year=work.get("year"),
    )


def _mention(author: Mapping[str, Any]) -> Mention | None:
    return mention_of(author.get("name"), [(SOURCE, author.get("authorId"))])


def _venue(name: str) -> str | None:
    """Where it was published; a preprint's "arXiv.org" is no venue."""
    return name if name and not name.lower().startswith("arxiv") else None


def _reason(content: Mapping[str, Any]) -> str:
    return text_of(content.get("error") or content.get("message"))[:300] or "it gave no reason"
