"""Reads what the API of bioRxiv and medRxiv answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.corpus.formats.answers import (
    MAX_LIST_LENGTH,
    Page,
    RefusedEntryError,
    UnusableAnswerError,
    address_of,
    date_of,
    entries_of,
    free_copy_of,
    mention_of,
    read_json_object,
    read_records,
    text_of,
    title_of,
    unmarked,
    whole_list,
    written_count,
)
from bot.corpus.formats.notices import with_notices
from bot.corpus.identity import normalise_doi
from bot.corpus.paper import PaperRecord, code_address

SOURCE, MEDRXIV = "biorxiv", "medrxiv"


def read_biorxiv_page(body: bytes) -> Page:
    """Read one page of what was posted in some days.

    Each version of a preprint is an entry of its own. Only first versions are read: a revision of an old
    preprint is no new paper.
    """
    content = read_json_object(body, "bioRxiv")
    message = next(iter(entries_of(content.get("messages"))), None)
    if message is None or not isinstance(content.get("collection"), list):
        if message is not None and "no posts" in text_of(message.get("status")).lower():
            return Page(records=(), entries=0, total=0)
        raise UnusableAnswerError("bioRxiv answered no list of preprints.")
    versions = whole_list(content["collection"], "bioRxiv")
    records, refused = read_records(
        [one for one in versions if text_of(str(one.get("version"))) in {"1", "None"}],
        record_of,
        lambda one: text_of(one.get("doi")) or "a preprint without DOI",
    )
    entries = len(content["collection"])
    total, start = written_count(message.get("total")), written_count(message.get("cursor")) or 0
    # The pages are of a size that the API has changed: the cursor follows from what came.
    goes_on = entries > 0 and total is not None and start + entries < total
    return Page(
        records=records,
        entries=entries,
        total=total,
        start=start,
        next_cursor=str(start + entries) if goes_on else None,
        refused=refused,
    )


def record_of(preprint: Mapping[str, Any]) -> PaperRecord:
    """The record of a preprint."""
    doi = normalise_doi(text_of(preprint.get("doi")))
    if doi is None:
        raise RefusedEntryError("it has no DOI")
    abstract = unmarked(preprint.get("abstract"))
    code = code_address(abstract)
    category = text_of(preprint.get("category"))
    names = text_of(preprint.get("authors"), MAX_LIST_LENGTH).split(";")
    record = PaperRecord(
        source=MEDRXIV if text_of(preprint.get("server")).lower() == MEDRXIV else SOURCE,
        source_id=doi,
        source_key=doi,
        title=title_of(preprint.get("title")),
        authors=tuple(one for name in names if (one := mention_of(name)) is not None),
        categories=(category,) if 0 < len(category) <= 64 else (),
        published=date_of(preprint.get("date")),
        abstract=abstract,
        url=address_of(f"https://doi.org/{doi}"),
        has_code=code is not None,
        code_url=code,
        doi=doi,
        pdf_url=_pdf(doi, preprint),
    )
    return with_notices(record)


def _pdf(doi: str, preprint: Mapping[str, Any]) -> str | None:
    server = MEDRXIV if text_of(preprint.get("server")).lower() == MEDRXIV else SOURCE
    version = text_of(str(preprint.get("version") or "1"))
    return free_copy_of(f"https://www.{server}.org/content/{doi}v{version}.full.pdf")
