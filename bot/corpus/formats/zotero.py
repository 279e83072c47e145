"""Reads items of a Zotero library, as version 3 of its API gives them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.corpus.formats.answers import (
    Page,
    RefusedEntryError,
    UnusableAnswerError,
    address_of,
    date_of,
    entries_of,
    mention_of,
    object_of,
    read_json,
    read_records,
    text_of,
    title_of,
    unmarked,
    whole_list,
)
from bot.corpus.formats.dates import read_date
from bot.corpus.formats.notices import with_notices, without_notice
from bot.corpus.identity import normalise_arxiv_id, normalise_doi, stable_id
from bot.corpus.merge import titles_beside
from bot.corpus.paper import Mention, PaperRecord, TitleKind, code_address
from bot.corpus.person_names import from_parts

SOURCE = "zotero"
PAPERS = frozenset(
    {
        "journalArticle",
        "conferencePaper",
        "preprint",
        "manuscript",
        "report",
        "thesis",
        "bookSection",
        "book",
        "magazineArticle",
        "document",
        "encyclopediaArticle",
    }
)
"""Kinds of items that are papers; notes, attachments, web pages and films are none."""

_EXTRA = re.compile(r"^(arxiv|doi)(?:\s*id)?:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_VENUES = ("publicationTitle", "proceedingsTitle", "conferenceName", "bookTitle")


def read_zotero_items(body: bytes, total: int | None = None) -> Page:
    """Read one page of the items of a group.

    Args:
        body: The JSON.
        total: How many items the header Total-Results promises.

    """
    content = read_json(body, "Zotero")
    if not isinstance(content, list):
        raise UnusableAnswerError("Zotero answered JSON that is no list of items.")
    items = whole_list(content, "Zotero")  # pyright: ignore[reportUnknownArgumentType]
    records, refused = read_records(
        [item for item in items if text_of(object_of(item.get("data")).get("itemType")) in PAPERS],
        record_of,
        lambda item: text_of(item.get("key")) or "an item without key",
    )
    return Page(records, len(items), total=total, refused=refused)


def record_of(item: Mapping[str, Any]) -> PaperRecord:
    """The record of an item of the API, or of an export, which has no keys of libraries."""
    data = object_of(item.get("data")) or item
    if (kind := text_of(data.get("itemType"))) not in PAPERS:
        raise RefusedEntryError(f"it is no paper but of the kind {kind or 'unknown'}")
    key = text_of(item.get("key") or item.get("itemKey"))
    if not key and data is item:
        key = f"title-{stable_id(title_of(item.get('title')), None)}"
    library = object_of(item.get("library")).get("id")
    if not key:
        raise RefusedEntryError("it has no key")
    raw_extra = data.get("extra")
    extra = {
        found[1].lower(): found[2]
        for found in _EXTRA.finditer(raw_extra if isinstance(raw_extra, str) else "")
    }
    doi = normalise_doi(text_of(data.get("DOI"))) or normalise_doi(extra.get("doi", ""))
    written_ids = (
        extra.get("arxiv", ""),
        text_of(data.get("archiveID")),
        text_of(data.get("url")),
        doi or "",
    )
    arxiv_id = next((one for text in written_ids if (one := normalise_arxiv_id(text)) is not None), None)
    abstract = unmarked(data.get("abstractNote"))
    code = code_address(abstract)
    people = [_mention(one) for one in entries_of(data.get("creators")) if one.get("creatorType") == "author"]
    title = title_of(data.get("title"))
    record = PaperRecord(
        source=f"{SOURCE} {library}" if library is not None else SOURCE,
        source_id=key,
        source_key=key,
        title=title,
        authors=tuple(one for one in people if one is not None),
        published=date_of(object_of(item.get("meta")).get("parsedDate"))
        or read_date(text_of(data.get("date"))),
        abstract=abstract,
        url=address_of(data.get("url")),
        has_code=code is not None,
        code_url=code,
        venue=next((name for key in _VENUES if (name := unmarked(data.get(key)))), None),
        doi=doi if normalise_arxiv_id(doi or "") is None else None,
        arxiv_id=arxiv_id,
        other_titles=titles_beside(
            without_notice(title)[0], [(TitleKind.SHORT, unmarked(data.get("shortTitle")))]
        ),
    )
    return with_notices(record, *(raw_extra.split("\n") if isinstance(raw_extra, str) else ()))


def _mention(creator: Mapping[str, Any]) -> Mention | None:
    given, family = text_of(creator.get("firstName")), text_of(creator.get("lastName"))
    return mention_of(creator.get("name") or from_parts(given, family))
