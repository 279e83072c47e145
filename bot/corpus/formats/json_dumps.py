"""Rows of JSON lines in the forms of others: arXiv, OpenAlex, Crossref, Semantic Scholar, OpenReview.

What no provider's form is, is made the form of Papercord key by key: other names of keys, authors as one text
or as objects, dates as people write them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, cast

from bot.corpus.formats import crossref, openalex, openreview, semantic_scholar
from bot.corpus.formats.answers import entries_of, mention_of, object_of, text_of, title_of, unmarked
from bot.corpus.formats.author_page import field_of
from bot.corpus.formats.dates import read_date
from bot.corpus.identity import normalise_arxiv_id, normalise_doi
from bot.corpus.paper import PaperRecord, code_address
from bot.corpus.person_names import split_by_signs

Read = Callable[[Mapping[str, Any]], PaperRecord]

ARXIV_DUMP = "arxiv"

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


def dump_reader(row: Mapping[str, Any]) -> Read | None:
    """What reads a row in a provider's own form, told by its keys; None where it is in none of them."""
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
    if isinstance(written := own.get("date"), str):
        own["date"] = read_date(written) or written
    return own


def _names(authors: Any) -> list[Any]:
    """The names of authors that are one text, a list of texts, or a list of objects; others as they are."""
    if isinstance(authors, str):
        listed = split_by_signs(unmarked(authors))
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
    mentions = (mention_of(name) for name in names)
    abstract = unmarked(row.get("abstract"))
    categories = tuple(text_of(row.get("categories")).split())
    doi = normalise_doi(text_of(row.get("doi")).split(" ")[0])
    code = code_address(abstract) or code_address(text_of(row.get("comments")))
    return PaperRecord(
        source=ARXIV_DUMP,
        source_id=written,
        source_key=arxiv_id or written,
        title=title_of(row.get("title")),
        authors=tuple(mention for mention in mentions if mention is not None),
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
