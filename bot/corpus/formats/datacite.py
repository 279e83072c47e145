"""Reads what DataCite answers: data and software that are registered as supplements of papers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.corpus.formats.answers import (
    RequestRefusedError,
    address_of,
    entries_of,
    object_of,
    read_json_object,
    text_of,
)
from bot.corpus.identity import normalise_arxiv_id, normalise_doi

SOURCE = "datacite"
RESOURCE_TYPES = "dataset,software"
FIELDS = "doi,types,relatedIdentifiers"
_SUPPLEMENTS = {"issupplementto", "isdescribedby", "isdocumentedby"}
"""How data and software name their paper; not those that only cite it."""


@dataclass(frozen=True, slots=True)
class Supplement:
    """Data or software of papers."""

    url: str
    is_software: bool
    papers: frozenset[str]
    """Their DOIs and arXiv ids."""


def read_datacite(body: bytes) -> tuple[Supplement, ...]:
    """Read a page of data and software; what is no supplement of a paper is left out."""
    content = read_json_object(body, "DataCite")
    if not isinstance(content.get("data"), list):
        errors = entries_of(content.get("errors"))
        reason = ", ".join(text_of(one.get("title")) for one in errors)[:300] or "it gave no reason"
        raise RequestRefusedError(f"DataCite refuses the request: {reason}.")
    found = [_supplement(object_of(one.get("attributes"))) for one in entries_of(content["data"])]
    return tuple(one for one in found if one is not None)


def _supplement(attributes: Mapping[str, Any]) -> Supplement | None:
    doi = normalise_doi(text_of(attributes.get("doi")))
    named = [
        text_of(one.get("relatedIdentifier"))
        for one in entries_of(attributes.get("relatedIdentifiers"))
        if text_of(one.get("relationType")).lower() in _SUPPLEMENTS
    ]
    papers = {normalise_arxiv_id(one) or normalise_doi(one) for one in named}
    url = address_of(f"https://doi.org/{doi}")
    if doi is None or url is None:
        return None
    kind = text_of(object_of(attributes.get("types")).get("resourceTypeGeneral")).lower()
    return Supplement(url, kind == "software", frozenset(one for one in papers if one))
