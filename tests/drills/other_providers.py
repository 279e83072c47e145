"""The papers of the drill as feeds, repositories, bioRxiv, PubMed, DBLP, Crossref, OpenReview give them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fetch.loopback import Reply, Seen
from tests.sources.made_papers import Thing
from tests.sources.provider_answers import oai_answer

Things = Sequence[Thing]
OTHER_SOURCES = (
    ("feed", "{server}/feeds/toc"),
    ("oai repository", "{server}/repositories/oai?set=all"),
    ("biorxiv category", "neuroscience"),
    ("pubmed search", "matters"),
    ("dblp venue", "NeurIPS"),
    ("crossref journal", "0028-0836"),
    ("openalex institution", "I27837315"),
    ("openreview venue", "ICLR.cc/2026/Conference"),
)
_FULL_AUTHOR = "FAU - %s\n"
_SHOWN = 60
"""Entries of the feed: what is older has gone from it."""


def shown_by_feed(things: Things) -> set[str]:
    """The ids of the entries that the feed shows."""
    return {f"arxiv:{one.arxiv_id}" for one in things[:_SHOWN]}


def _json(content: Any) -> Reply:
    return Reply(json.dumps(content).encode())


def _doi(thing: Thing) -> str:
    return f"10.48550/arxiv.{thing.arxiv_id}"


def _feed(things: Things, _asked: Mapping[str, str], _path: str) -> Reply:
    items = "".join(
        f"<item><title>{one.name}</title><link>https://arxiv.org/abs/{one.arxiv_id}</link></item>"
        for one in things[:_SHOWN]
    )
    return Reply(f'<rss version="2.0"><channel><title>J</title>{items}</channel></rss>'.encode())


def _oai(things: Things, asked: Mapping[str, str], _path: str) -> Reply:
    start = int(asked.get("resumptionToken", "0"))
    records = "".join(
        f"<record><header><identifier>oai:arXiv.org:{one.arxiv_id}</identifier></header><metadata>"
        f'<dc xmlns="http://purl.org/dc/elements/1.1/"><title>{one.name}</title>'
        f"{''.join(f'<creator>{name}</creator>' for name in one.authors)}<date>{one.published}</date>"
        "</dc></metadata></record>"
        for one in things[start : start + 200]
    )
    token = f"<resumptionToken>{start + 200}</resumptionToken>" if start + 200 < len(things) else ""
    return oai_answer(f"<ListRecords>{records}{token}</ListRecords>")


def _biorxiv(things: Things, _asked: Mapping[str, str], path: str) -> Reply:
    start = int(path.split("/")[4])
    listed = things[start : start + 100]
    collection = [
        {
            "title": one.name,
            "authors": "; ".join(one.authors),
            "doi": _doi(one),
            "date": one.published,
            "version": "1",
        }
        for one in listed
    ]
    message = {"status": "ok", "cursor": start, "count": len(listed), "total": str(len(things))}
    return _json({"messages": [message], "collection": collection})


def _pubmed(things: Things, asked: Mapping[str, str], path: str) -> Reply:
    by_id = {str(41_000_000 + one.number): one for one in things}
    if "esearch" in path:
        start, most = int(asked["retstart"]), int(asked["retmax"])
        found = {"count": str(len(by_id)), "idlist": [*by_id][start : start + most]}
        return _json({"esearchresult": found})
    records = [
        f"PMID- {number}\nTI  - {by_id[number].name}\n"
        f"{''.join(_FULL_AUTHOR % name for name in by_id[number].authors)}AID - {_doi(by_id[number])} [doi]\n"
        for number in asked["id"].split(",")
        if number in by_id
    ]
    return Reply("\n".join(["", *records]).encode())


def _dblp(things: Things, asked: Mapping[str, str], _path: str) -> Reply:
    start, most = int(asked["f"]), int(asked["h"])
    hits = [
        {
            "info": {
                "key": f"journals/corr/{one.number}",
                "title": f"{one.name}.",
                "authors": {"author": [{"text": name} for name in one.authors]},
                "year": one.published[:4],
                "ee": f"https://arxiv.org/abs/{one.arxiv_id}",
            }
        }
        for one in things[start : start + most]
    ]
    return _json({"result": {"hits": {"@total": str(len(things)), "@first": str(start), "hit": hits}}})


def _crossref(things: Things, asked: Mapping[str, str], _path: str) -> Reply:
    # A cursor names the entry after which a page begins, whatever is added above.
    numbers = [one.number for one in things]
    start = 0 if asked["cursor"] == "*" else numbers.index(int(asked["cursor"])) + 1
    rows = int(asked["rows"])
    listed = things[start : start + rows]
    works = [
        {
            "DOI": _doi(one),
            "title": [one.name],
            "author": [{"name": name} for name in one.authors],
            "issued": {"date-parts": [[int(part) for part in one.published.split("-")]]},
        }
        for one in listed
    ]
    message = {
        "total-results": len(things),
        "items": works,
        "next-cursor": str(listed[-1].number) if listed else "",
    }
    return _json({"status": "ok", "message": message})


def _openreview(things: Things, asked: Mapping[str, str], _path: str) -> Reply:
    start, most = int(asked["offset"]), int(asked["limit"])
    notes = [
        {
            "id": f"note{one.number}",
            "content": {"title": {"value": one.name}, "authors": {"value": one.authors}},
        }
        for one in things[start : start + most]
    ]
    return _json({"notes": notes, "count": len(things)})


ANSWERS: Mapping[str, Callable[[Things, Mapping[str, str], str], Reply]] = {
    "feeds": _feed,
    "repositories": _oai,
    "bioRxiv": _biorxiv,
    "PubMed": _pubmed,
    "DBLP": _dblp,
    "Crossref": _crossref,
    "OpenReview": _openreview,
}
"""By the name of the provider, which is the first part of the path."""


def answer(name: str, things: Things, seen: Seen) -> Reply:
    """What a provider answers: each paper as it first was, since these know no versions."""
    parts = urlsplit(seen.target.removeprefix(f"/{name}"))
    asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
    first = [replace(one, version=1, title=None, doi=None) for one in things]
    return ANSWERS[name](first, asked, parts.path)
