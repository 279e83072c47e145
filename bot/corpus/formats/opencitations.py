"""Reads what the index of OpenCitations answers: which works cite a paper, by their ids alone."""

from __future__ import annotations

from bot.corpus.formats.answers import (
    CitingEntry,
    CitingPage,
    RequestRefusedError,
    read_json,
    text_of,
    whole_list,
    work_named,
)
from bot.corpus.identity import normalise_doi

SOURCE = "opencitations"


def read_opencitations(body: bytes) -> CitingPage:
    """Read the works that cite a paper; each has the year, and no title."""
    content = read_json(body, "OpenCitations")
    if not isinstance(content, list):
        raise RequestRefusedError("OpenCitations answered no list of citations.")
    listed = whole_list(content, "OpenCitations")  # pyright: ignore[reportUnknownArgumentType]
    found = [_citing(text_of(one.get("citing")), text_of(one.get("creation"))) for one in listed]
    return CitingPage(tuple(one for one in found if one is not None))


def _citing(ids: str, day: str) -> CitingEntry | None:
    """Of ids such as "omid:br/0605028322 doi:10.1007/s11192-025-05248-8 openalex:W123"."""
    named: dict[str, str] = {}
    for one in ids.split():
        scheme, _, value = one.partition(":")
        named.setdefault(scheme, value)
    openalex, doi = named.get("openalex", "").upper(), normalise_doi(named.get("doi", ""))
    also = [("openalex", openalex)] if openalex.startswith("W") else []
    other = also[0] if also else None
    work = work_named(doi=doi, arxiv=named.get("arxiv"), other=other, year=day[:4])
    if work is None:
        return None
    also += [("doi", doi)] if doi else []
    return CitingEntry(work, also=tuple(also))
