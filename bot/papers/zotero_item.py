"""A paper as an item of Zotero, in the fields of its schema, and by what it is found there again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.corpus.formats.answers import RefusedEntryError, object_of
from bot.corpus.formats.zotero import record_of
from bot.corpus.identity import stable_id
from bot.corpus.paper import TitleKind
from bot.papers.bibtex import type_and_venue
from bot.papers.references import given_and_family, one_line, remarks
from bot.papers.results import Paper

_TYPES = {"misc": "preprint", "inproceedings": "conferencePaper", "article": "journalArticle"}
_VENUES = {"conferencePaper": "proceedingsTitle", "journalArticle": "publicationTitle"}
_OWN_KEY = re.compile(r"^Papercord: *(\S+)", re.MULTILINE)
CUT = "The source’s list of authors is cut"

Key = tuple[str, str]
"""By what a paper is known to be the same: a scheme, and an identifier of it."""


def keys_of(paper: Paper) -> set[Key]:
    """By what a paper is found again in a library: its DOI, its id on arXiv, and a key of its own."""
    found = {"doi": paper.doi, "arxiv": paper.arxiv_id, "papercord": _own_key(paper)}
    return {(scheme, value.casefold()) for scheme, value in found.items() if value is not None}


def keys_of_item(item: Mapping[str, Any]) -> set[Key]:
    """The same of an item of a library; none where it is no paper."""
    try:
        record = record_of(item)
    except RefusedEntryError:
        return set()
    own = _OWN_KEY.search(str(object_of(item.get("data")).get("extra", "")))
    found = [
        ("doi", record.doi),
        ("arxiv", record.arxiv_id),
        ("papercord", own[1] if own is not None else None),
        # Also what people put there themselves, without any of these.
        ("papercord", stable_id(record.title, record.authors[0].name if record.authors else None)),
    ]
    return {(scheme, value.casefold()) for scheme, value in found if value is not None}


def item_of(paper: Paper) -> dict[str, Any]:
    """The item of a paper."""
    kind = _TYPES[type_and_venue(paper)[0]]
    short = next((one.title for one in paper.other_titles if one.kind is TitleKind.SHORT), None)
    fields = {
        "title": one_line(paper.title),
        "shortTitle": one_line(short or ""),
        "abstractNote": one_line(paper.abstract),
        "date": paper.appeared or paper.published,
        "DOI": paper.doi,
        "url": paper.url,
        "extra": "\n".join(_extra(paper)),
    }
    if kind == "preprint":
        fields |= {
            "repository": "arXiv" if paper.arxiv_id is not None else None,
            "archiveID": f"arXiv:{paper.arxiv_id}" if paper.arxiv_id is not None else None,
        }
    else:
        fields |= {_VENUES[kind]: one_line(paper.venue or ""), "pages": paper.pages}
    item: dict[str, Any] = {"itemType": kind, "creators": [_creator(name) for name in paper.authors]}
    return item | {name: value for name, value in fields.items() if value}


def _own_key(paper: Paper) -> str:
    return stable_id(paper.title, paper.authors[0] if paper.authors else None)


def _extra(paper: Paper) -> list[str]:
    ids = [f"arXiv: {paper.arxiv_id}"] if paper.arxiv_id is not None else []
    cut = [CUT] if paper.authors_truncated else []
    return [*ids, f"Papercord: {_own_key(paper)}", *map(one_line, remarks(paper)), *cut]


def _creator(name: str) -> dict[str, str]:
    given, family = given_and_family(name)
    parts = {"firstName": given, "lastName": family} if given else {"name": one_line(name)}
    return {"creatorType": "author", **parts}
