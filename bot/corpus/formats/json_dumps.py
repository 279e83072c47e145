"""Rows of JSON lines in the forms of others: arXiv, OpenAlex, Crossref, Semantic Scholar, OpenReview.

What no provider's form is, is made the form of Papercord key by key: other names of keys, authors as one text
or as objects, dates as people write them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from functools import lru_cache
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
from bot.corpus.formats.library_entry import NOTHING
from bot.corpus.formats.notices import kind_named, with_notices, without_notice
from bot.corpus.identity import normalise_arxiv_id, normalise_doi
from bot.corpus.merge import titles_beside
from bot.corpus.paper import Notice, NoticeKind, PaperRecord, TitleKind, code_address
from bot.corpus.person_names import (
    MOST_NAMES,
    from_parts,
    given_first,
    initials_are_behind,
    split_at_commas,
    split_by_signs,
)
from bot.text.latex import readable

Read = Callable[[Mapping[str, Any]], PaperRecord]

ARXIV_DUMP = "arxiv"
_VERSION = re.compile(r"v\d{1,4}", re.ASCII)

OTHER_KEYS = {
    name: key
    for key, names in {
        "title": ("name", "paper_title", "article_title", "display_title"),
        "authors": ("author", "author_list", "authorString", "author_names", "creators", "creator"),
        "date": (
            *(
                "year",
                "published",
                "publication_date",
                "publication_year",
                "published_date",
                "date_published",
            ),
            *("pub_date", "pub_year", "cover_date", "issued", "update_date"),
        ),
        "venue": (
            *("journal", "booktitle", "conference", "publication_title", "journal_title", "journal_name"),
            *("source_title", "publication_name", "container-title", "journal-ref", "pub"),
        ),
        "abstract": ("summary", "abstract_text", "description"),
        "url": ("link", "site", "paper_url", "entry_id", "landing_page_url", "pdf_url"),
        "doi": ("doi_url",),
        "code_url": ("github", "code", "repository"),
        "citations": ("cited_by", "cited_by_count", "citation_count", "n_citation", "times_cited"),
        "arxiv_id": ("arxiv",),
        "pages": ("page", "page_info", "page_range"),
    }.items()
    for name in names
}
"""Names that others give to the keys of Papercord, the likeliest first; a key of Papercord's own goes first.

Capitals, blanks, hyphens and underscores make no difference.
"""
_OWN_KEYS = (
    *(
        "title",
        "id",
        "authors",
        "author_ids",
        "date",
        "categories",
        "abstract",
        "url",
        "has_code",
        "code_url",
    ),
    *("venue", "citations", "score", "doi", "arxiv_id", "pmid", "openalex", "s2", "pages", "affiliations"),
)
_SIGNS_IN_KEYS = re.compile(r"^(?:dc|prism):|[\s_-]+")


def _folded(key: str) -> str:
    return _SIGNS_IN_KEYS.sub("", key).lower()


_RANKED = {_folded(name): (key, rank) for rank, (name, key) in enumerate(OTHER_KEYS.items(), 1)} | {
    _folded(key): (key, 0) for key in _OWN_KEYS
}


@lru_cache(maxsize=4096)
def own_key(key: str) -> tuple[str, int] | None:
    """The key of Papercord for which another stands, and its rank among such; None for an unknown one."""
    return _RANKED.get(_folded(key))


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
_PAGES = ("pages", "page", "pageInfo", "page_info", "page_range")
_MORE_FACTS = frozenset(("notices", "month", "day", *_PAGES, "page_start", "page_end", *_FLAGS, *_TITLES))
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
        if any(_says(row.get(key), True) for key, meant in _FLAGS.items() if meant is kind)
    ]
    for entry in entries_of(row.get("notices")):
        if (kind := kind_named(text_of(entry.get("kind")))) is not None:
            day, url = read_date(text_of(entry.get("day"))), address_of(entry.get("url"))
            reported.append(Notice(kind=kind, source=record.source, day=day, url=url))
    denied = [kind for key, kind in _FLAGS.items() if _says(row.get(key), False)]
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
    pages = next((row[key] for key in _PAGES if row.get(key)), None)
    if pages is None and row.get("page_start"):
        pages = "-".join(str(row[key]) for key in ("page_start", "page_end") if row.get(key))
    return str(pages) if isinstance(pages, int) and not isinstance(pages, bool) else text_of(pages)


def _says(value: Any, meant: bool) -> bool:
    """Whether a flag says so, as a truth value, a number or a word."""
    return value is meant or value == int(meant) or text_of(value).lower() in _WORDS_OF[meant]


_WORDS_OF = {True: ("true", "yes", "1"), False: ("false", "no", "0")}


def _texts(value: Any) -> list[str]:
    """A text, or the texts of a list."""
    return [text for one in (value if isinstance(value, list) else [value]) if (text := unmarked(one))]  # pyright: ignore[reportUnknownVariableType]


def dump_reader(row: Mapping[str, Any]) -> Read | None:
    """What reads a row in a provider's own form, recognised by its keys; None where it is in none of them."""
    if "authors_parsed" in row or ("update_date" in row and "submitter" in row):
        return _arxiv_dump
    if "authorships" in row:
        return openalex.record_of
    if "DOI" in row and (isinstance(row.get("title"), list) or "container-title" in row):
        return crossref.record_of
    if "corpusid" in row or (
        ("externalIds" in row or "paperId" in row) and not _has_texts(row.get("authors")) and "id" not in row
    ):
        return _semantic_scholar_dump
    if "forum" in row and isinstance(row.get("content"), dict):
        return openreview.record_of
    return None


def _has_texts(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and any(isinstance(one, str) for one in value))  # pyright: ignore[reportUnknownVariableType]


def in_own_form(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with the keys and types of Papercord, as far as it has them under other names and types."""
    own = _with_own_keys(row)
    if isinstance(title := own.get("title"), list) and title:
        own["title"] = title[0]
    if isinstance(authors := own.get("authors"), dict):
        authors = [*object_of(authors).values()]
    if isinstance(authors, (str, list)):
        own["authors"] = _names(authors)
    categories = own.get("categories")
    if isinstance(categories, str):
        own["categories"] = categories.replace(",", " ").replace(";", " ").split()
    elif isinstance(categories, list):
        own["categories"] = [
            text for one in cast("list[Any]", categories) if (text := _one_text(one)) is not None
        ]
    if isinstance(abstract := own.get("abstract"), list):
        own["abstract"] = "\n\n".join(_texts(abstract))
    for key in ("venue", "url", "code_url", "doi", "arxiv_id"):
        own[key] = _one_text(own.get(key))
    own["date"] = _as_text(own.get("date"))
    if "date" not in row and (year := own["date"]) is not None:
        parts = [str(own[key]) if isinstance(own.get(key), (str, int)) else "" for key in ("month", "day")]
        own["date"] = date_with_month(str(year), *parts) or year
    return own | {key: _number(own[key]) for key in ("citations", "score") if key in own}


def _with_own_keys(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with Papercord's names of keys beside those of others; of several others the likeliest."""
    own = dict(row)
    named = sorted(
        (*found, key) for key in row if key not in _OWN_KEYS and (found := own_key(key)) is not None
    )
    for key, _, other in named:
        if not own.get(key):
            own[key] = row[other]
    ids = object_of(row.get("externalIds"))
    for key, name in (("doi", "DOI"), ("arxiv_id", "ArXiv"), ("pmid", "PubMed")):
        if name in ids and not own.get(key):
            own[key] = ids[name]
    return own


def _one_text(value: Any) -> Any:
    """The first of several texts, or the name of an object; anything else as it is."""
    if isinstance(value, list):
        return cast("list[Any]", value)[0] if value else None
    named = object_of(value)
    return next((named[key] for key in _NAMES_OF_OBJECTS if named.get(key)), None) if named else value


_NAMES_OF_OBJECTS = ("name", "display_name", "term", "raw", "title", "value")


def _as_text(date: Any) -> Any:
    """A date that is written as a number, an object or a list; anything else as it is."""
    if isinstance(date, float) and date.is_integer():
        date = int(date)
    if isinstance(date, dict):
        given = object_of(date)
        date = given.get("date-parts") or [given.get(key) for key in ("year", "month", "day")]
    if isinstance(date, list) and date and isinstance(date[0], list):
        date = date[0]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(date, list):
        return "-".join(str(part) for part in cast("list[Any]", date) if part is not None) or None
    return date


def _number(value: Any) -> Any:
    """A number that is written as a text; anything else as it is."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, str):
        return value
    digits = value.strip().replace(",", "")
    if digits.casefold() in NOTHING:
        return None
    if _NUMBER.fullmatch(digits) is None:
        return value
    return float(digits) if "." in digits else int(digits)


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


_WHOLE_NAMES = ("name", "full_name", "fullname", "fullName", "literal", "display_name", "author_name", "text")
_GIVEN_NAMES = (
    "given",
    "first",
    "first_name",
    "firstName",
    "firstname",
    "given_name",
    "givenName",
    "forename",
)
_FAMILY_NAMES = (
    "family",
    "last",
    "last_name",
    "lastName",
    "lastname",
    "family_name",
    "familyName",
    "surname",
)


def doubt_of_authors(row: Mapping[str, Any]) -> str | None:
    """What of the authors of a row is not certain, where they are one text."""
    authors = row.get("authors") or row.get("author")
    if not isinstance(authors, str) or len(authors) > _LONGEST_DOUBT:
        return None
    return split_by_signs(unmarked(authors)).doubt


_LONGEST_DOUBT = 10_000


def _names(authors: Any) -> list[Any]:
    """The names of authors that are one text, a list of texts, or a list of objects; others as they are."""
    if isinstance(authors, str):
        listed = split_by_signs(unmarked(authors, MAX_LIST_LENGTH))
        return [*listed.names, *(["et al."] if listed.is_cut else [])]
    if not isinstance(authors, list):
        return []
    names: list[Any] = []
    texts = [one for one in cast("list[Any]", authors) if isinstance(one, str)]
    family_first = initials_are_behind(texts[:MOST_NAMES])
    for author in cast("list[Any]", authors):
        if isinstance(author, str):
            names.append(given_first(author, family_first=True) if family_first else author)
        elif author is None:
            continue
        elif isinstance(author, dict):
            person = object_of(object_of(author).get("name")) or object_of(author)
            whole = next(
                (text_of(person[key]) for key in _WHOLE_NAMES if person.get(key)),
                "",
            )
            given, family = (
                next((text for key in keys if (text := " ".join(_texts(person.get(key))))), "")
                for keys in (_GIVEN_NAMES, _FAMILY_NAMES)
            )
            person = object_of(person.get("author"))
            whole = whole or text_of(person.get("display_name") or person.get("name"))
            names.append(whole or from_parts(given, family))
        elif isinstance(author, list):
            parts = [text_of(part) for part in cast("list[Any]", author)]
            names.append(" ".join(part for part in (*parts[1:2], *parts[:1], *parts[2:3]) if part))
        else:
            names.append(author)
    return names


def _arxiv_dump(row: Mapping[str, Any]) -> PaperRecord:
    """A row of the snapshot of arXiv's metadata that is offered at Kaggle."""
    written = text_of(row.get("id"))
    arxiv_id = normalise_arxiv_id(written)
    parsed = row.get("authors_parsed")
    names = _names(parsed) if parsed else [*split_at_commas(readable(text_of(row.get("authors")))).names]
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
