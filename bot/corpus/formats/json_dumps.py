"""Rows of JSON lines in the forms of others: arXiv, OpenAlex, Crossref, Semantic Scholar, OpenReview.

What no provider's form is, is made the form of Papercord key by key: other names of keys, authors as one text
or as objects, dates as people write them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, cast

from bot.corpus.formats import crossref, openalex, openreview, semantic_scholar
from bot.corpus.formats.answers import (
    MAX_LIST_LENGTH,
    address_of,
    entries_of,
    mention_of,
    object_of,
    pages_of,
    places_of,
    text_of,
    title_of,
    unmarked,
)
from bot.corpus.formats.author_page import field_of
from bot.corpus.formats.dates import date_with_month, read_date
from bot.corpus.formats.notices import kind_named, with_notices, without_notice
from bot.corpus.identity import normalise_arxiv_id, normalise_doi
from bot.corpus.merge import titles_beside
from bot.corpus.paper import Notice, NoticeKind, PaperRecord, TitleKind, code_address
from bot.corpus.person_names import MOST_NAMES, split_by_signs

Read = Callable[[Mapping[str, Any]], PaperRecord]

ARXIV_DUMP = "arxiv"
_VERSION = re.compile(r"v\d{1,4}", re.ASCII)

OTHER_KEYS = {
    "author": "authors",
    "author_list": "authors",
    "year": "date",
    "published": "date",
    "publication_date": "date",
    "publicationDate": "date",
    "publication_year": "date",
    "journal": "venue",
    "booktitle": "venue",
    "conference": "venue",
    "publicationTitle": "venue",
    "summary": "abstract",
    "abstractText": "abstract",
    "DOI": "doi",
    "URL": "url",
    "link": "url",
    "site": "url",
    "pdf_url": "url",
    "paper_url": "url",
    "github": "code_url",
    "code": "code_url",
    "cited_by": "citations",
    "citation_count": "citations",
    "citationCount": "citations",
    "arxiv": "arxiv_id",
    "arxivId": "arxiv_id",
    "name": "title",
}
"""Names that others give to the keys of Papercord; a key of Papercord's own goes first."""


_DATES = (
    *("publication_date", "publicationDate", "publicationdate", "year", "publication_year"),
    *("published", "issued", "posted"),
)
_NUMBER = re.compile(r"-?\d{1,9}(?:\.\d{1,9})?", re.ASCII)
_FLAGS = {
    "is_retracted": NoticeKind.RETRACTED,
    "retracted": NoticeKind.RETRACTED,
    "isRetracted": NoticeKind.RETRACTED,
    "is_withdrawn": NoticeKind.WITHDRAWN,
    "withdrawn": NoticeKind.WITHDRAWN,
}
_TITLES = {
    "other_titles": TitleKind.OTHER,
    "alternative_titles": TitleKind.OTHER,
    "alternative_title": TitleKind.OTHER,
    "short_title": TitleKind.SHORT,
    "shortTitle": TitleKind.SHORT,
    "original_title": TitleKind.ORIGINAL,
    "originalTitle": TitleKind.ORIGINAL,
    "translated_title": TitleKind.TRANSLATED,
    "translatedTitle": TitleKind.TRANSLATED,
    "title_translated": TitleKind.TRANSLATED,
    "title_en": TitleKind.TRANSLATED,
}
_COMMENTS = ("comments", "comment", "note", "notes")
_MORE_FACTS = frozenset(("notices", "pages", "page", "month", "day", *_FLAGS, *_TITLES))
MORE_KEYS = _MORE_FACTS.union(_COMMENTS, ("affiliations",))
"""Keys that rows in Papercord's form may have of any type, and that are read as far as they can be."""


def with_more(record: PaperRecord, row: Mapping[str, Any]) -> PaperRecord:
    """The record of a row in Papercord's form, with its notices, its other titles and its pages."""
    present = [key for key in _COMMENTS if key in row]
    comments = [text for key in present for text in _texts(row[key])] if present else []
    if _MORE_FACTS.isdisjoint(row) and not isinstance(row.get("title"), list):
        return with_notices(record, *comments)
    reported = [
        Notice(kind=kind, source=record.source)
        for kind in NoticeKind
        if any(row.get(key) is True for key, meant in _FLAGS.items() if meant is kind)
    ]
    for entry in entries_of(row.get("notices")):
        if (kind := kind_named(text_of(entry.get("kind")))) is not None:
            day, url = read_date(text_of(entry.get("day"))), address_of(entry.get("url"))
            reported.append(Notice(kind=kind, source=record.source, day=day, url=url))
    denied = [kind for key, kind in _FLAGS.items() if row.get(key) is False]
    if row.get("notices") == []:
        denied += NoticeKind
    titles = [(TitleKind.OTHER, text) for text in _texts(row.get("title"))[1:]]
    for key, kind in _TITLES.items():
        titles += [(kind, text) for text in _texts(row.get(key))]
    for entry in entries_of(row.get("other_titles")):
        kind = text_of(entry.get("kind"))
        titles.append(
            (TitleKind(kind) if kind in {*TitleKind} else TitleKind.OTHER, text_of(entry.get("title")))
        )
    beside = titles_beside(without_notice(record.title)[0], titles)
    record = record.model_copy(
        update={
            "notices": tuple(dict.fromkeys(reported)),
            "denied": tuple(dict.fromkeys(denied)),
            "other_titles": beside,
            "pages": pages_of(written_pages(row)),
        }
    )
    return with_notices(record, *comments)


_PLACES = ("affiliations", "affiliation", "institutions", "institution")


def written_affiliations(row: Mapping[str, Any]) -> list[list[tuple[Any, Any]]] | None:
    """The affiliations of each author of a row; None where it is unclear whose they are.

    They stand in "affiliations", one entry for each author, or in the objects of the authors.
    """
    authors: Any = row.get("authors") or row.get("author") or row.get("author_list")
    people = cast("list[Any]", authors if isinstance(authors, list) else [])
    given: Any = row.get("affiliations")
    if given:
        listed = cast("list[Any]", given if isinstance(given, list) else [given])
        if len(people) == len(listed):
            return [places_of(one) for one in listed]
        return [places_of(listed)] if len(people) == 1 else None
    if dict not in map(type, people):  # names alone, as in most rows
        return []
    objects = [object_of(one) for one in people]
    return [places_of(next((one[key] for key in _PLACES if one.get(key)), None)) for one in objects]


def written_pages(row: Mapping[str, Any]) -> str:
    """The pages of a row, as they are written."""
    pages = row.get("pages") or row.get("page")
    return str(pages) if isinstance(pages, int) and not isinstance(pages, bool) else text_of(pages)


def _texts(value: Any) -> list[str]:
    """A text, or the texts of a list."""
    return [text for one in (value if isinstance(value, list) else [value]) if (text := unmarked(one))]  # pyright: ignore[reportUnknownVariableType]


def dump_reader(row: Mapping[str, Any]) -> Read | None:
    """What reads a row in a provider's own form, recognised by its keys; None where it is in none of them."""
    if "authors_parsed" in row:
        return _arxiv_dump
    if "authorships" in row:
        return openalex.record_of
    if "DOI" in row and (isinstance(row.get("title"), list) or "container-title" in row):
        return crossref.record_of
    if "corpusid" in row or "externalIds" in row or "externalids" in row:
        return _semantic_scholar_dump
    if "forum" in row and isinstance(row.get("content"), dict):
        return openreview.record_of
    return None


def in_own_form(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with the keys and types of Papercord, as far as it has them under other names and types."""
    own = dict(row)
    for other, key in OTHER_KEYS.items():
        if other in own and not own.get(key):
            own[key] = own[other]
    if isinstance(title := own.get("title"), list) and title:
        own["title"] = title[0]
    if isinstance(authors := own.get("authors"), (str, list)):
        own["authors"] = _names(authors)
    categories = own.get("categories")
    if isinstance(categories, str):
        own["categories"] = categories.replace(",", " ").replace(";", " ").split()
    for key in ("abstract", "venue", "url", "code_url", "doi"):
        if isinstance(value := own.get(key), list):
            own[key] = value[0] if value else None
    if "date" not in row and isinstance(year := own.get("date"), (str, int)):
        parts = [str(own[key]) if isinstance(own.get(key), (str, int)) else "" for key in ("month", "day")]
        own["date"] = date_with_month(str(year), *parts) or year
    return own | {key: _number(own[key]) for key in ("citations", "score") if key in own}


def _number(value: Any) -> Any:
    """A number that is written as a text; anything else as it is."""
    if not isinstance(value, str) or _NUMBER.fullmatch(value.strip()) is None:
        return value
    return float(value) if "." in value else int(value)


def written_date(row: Mapping[str, Any]) -> str:
    """The date of a row in a provider's form, as it is written; empty where it has none."""
    for key in _DATES:
        value: Any = row.get(key)
        if isinstance(value, (str, int)) and str(value).strip():
            return str(value)
        parts = object_of(value).get("date-parts")
        if isinstance(parts, list) and parts and isinstance(parts[0], list):
            return "-".join(str(part) for part in parts[0] if part is not None)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return ""


def written_doi(row: Mapping[str, Any]) -> str:
    """The DOI of a row in a provider's form, as it is written; empty where it has none."""
    ids = object_of(row.get("externalIds")) or object_of(row.get("externalids"))
    return text_of(row.get("doi") or row.get("DOI") or ids.get("DOI"))


def _names(authors: Any) -> list[Any]:
    """The names of authors that are one text, a list of texts, or a list of objects; others as they are."""
    if isinstance(authors, str):
        listed = split_by_signs(unmarked(authors, MAX_LIST_LENGTH))
        return [*listed.names, *(["et al."] if listed.is_cut else [])]
    if not isinstance(authors, list):
        return []
    names: list[Any] = []
    for author in cast("list[Any]", authors):
        if isinstance(author, str):
            names.append(author)
        elif isinstance(author, dict):
            person = object_of(author)
            whole = next(
                (
                    text_of(person[key])
                    for key in ("name", "full_name", "fullname", "literal")
                    if key in person
                ),
                "",
            )
            given = text_of(
                person.get("given")
                or person.get("first")
                or person.get("first_name")
                or person.get("firstName")
            )
            family = text_of(
                person.get("family")
                or person.get("last")
                or person.get("last_name")
                or person.get("lastName")
            )
            names.append(whole or f"{given} {family}".strip())
        elif isinstance(author, list):
            parts = [text_of(part) for part in cast("list[Any]", author)]
            names.append(" ".join(part for part in (*parts[1:2], *parts[:1], *parts[2:]) if part))
        else:
            names.append(author)
    return names


def _arxiv_dump(row: Mapping[str, Any]) -> PaperRecord:
    """A row of the snapshot of arXiv's metadata that is offered at Kaggle."""
    written = text_of(row.get("id"))
    arxiv_id = normalise_arxiv_id(written)
    names = _names(row.get("authors_parsed"))
    mentions = (mention_of(name) for name in names[:MOST_NAMES])
    abstract = unmarked(row.get("abstract"))
    categories = tuple(text_of(row.get("categories")).split())
    doi = normalise_doi(text_of(row.get("doi")).split(" ")[0])
    comments = text_of(row.get("comments"))
    code = code_address(abstract) or code_address(comments)
    version = text_of(next((one.get("version") for one in entries_of(row.get("versions"))[-1:]), ""))
    record = PaperRecord(
        source=ARXIV_DUMP,
        source_id=f"{written}{version}" if _VERSION.fullmatch(version) else written,
        source_key=arxiv_id or written,
        title=title_of(row.get("title")),
        authors=tuple(mention for mention in mentions if mention is not None),
        authors_truncated=len(names) > MOST_NAMES,
        field=field_of(categories[0]) if categories else None,
        categories=categories,
        published=_first_version(row),
        abstract=abstract,
        url=f"https://arxiv.org/abs/{arxiv_id}" if arxiv_id is not None else None,
        has_code=code is not None,
        code_url=code,
        venue=unmarked(row.get("journal-ref")) or None,
        doi=doi,
        arxiv_id=arxiv_id,
    )
    return with_notices(record, comments)


def _first_version(row: Mapping[str, Any]) -> str | None:
    for version in entries_of(row.get("versions"))[:1]:
        try:
            return parsedate_to_datetime(text_of(version.get("created"))).date().isoformat()
        except ValueError:
            break
    return read_date(text_of(row.get("update_date")))


def _semantic_scholar_dump(row: Mapping[str, Any]) -> PaperRecord:
    """A row of Semantic Scholar's data sets, whose keys have no capitals, or of its API."""
    renamed = {
        "externalids": "externalIds",
        "publicationdate": "publicationDate",
        "citationcount": "citationCount",
        "publicationvenueid": "publicationVenueId",
    }
    own = {renamed.get(key, key): value for key, value in row.items()}
    if "paperId" not in own:
        own["paperId"] = f"CorpusId:{row.get('corpusid')}"
    return semantic_scholar.record_of(own)
