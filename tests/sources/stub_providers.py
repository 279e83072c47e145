"""arXiv, Crossref, OpenAlex and Semantic Scholar, which know what a test tells them.

Each is at a path of its own. Searches by title answer as real ones do: with whatever resembles it.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from bot.sources.library import Library
from bot.sources.providers.arxiv import ARXIV
from bot.sources.providers.crossref import CROSSREF
from bot.sources.providers.datacite import DATACITE
from bot.sources.providers.openalex import OPENALEX
from bot.sources.providers.opencitations import OPENCITATIONS
from bot.sources.providers.pubmed import PUBMED
from bot.sources.providers.semantic_scholar import SEMANTIC_SCHOLAR
from tests.fetch.loopback import Loopback, Reply, Seen
from tests.sources.made_papers import Thing, atom

PATHS = {
    ARXIV: "arxiv",
    CROSSREF: "crossref",
    OPENALEX: "openalex",
    SEMANTIC_SCHOLAR: "semantic-scholar",
    PUBMED: "pubmed",
    OPENCITATIONS: "opencitations",
    DATACITE: "datacite",
}


@dataclass
class Catalogues:
    """What they know, and what they were asked."""

    arxiv: list[Thing] = field(default_factory=list)
    crossref: list[dict[str, Any]] = field(default_factory=list)
    openalex: list[dict[str, Any]] = field(default_factory=list)
    semantic_scholar: list[dict[str, Any]] = field(default_factory=list)
    pubmed: dict[str, str] = field(default_factory=dict)
    """Records by PubMed id, as tagged lines without the id."""
    citing: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """What Semantic Scholar says that cites papers, by their DOIs: pages of a thousand."""
    indexed: dict[str, list[str]] = field(default_factory=dict)
    """What OpenCitations says that cites papers, by their DOIs: the ids of works."""
    supplements: list[tuple[str, str, str]] = field(default_factory=list)
    """What DataCite has: (DOI, type, the paper that it supplements)."""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """(path of the provider, what was asked)."""
    refusing: dict[str, Reply] = field(default_factory=dict)
    """A provider's path, or a word of what is asked, and what is answered to it."""

    def of(self, server: Loopback, library: Library) -> Library:
        """Let the server answer for them, and return the library that asks them."""
        server.answer = self
        addresses = {provider: f"{server.url}/{path}" for provider, path in PATHS.items()}
        return Library(library.fetcher, {**library.addresses, **addresses})

    def requests(self) -> Counter[str]:
        """How often each was asked, and forget it."""
        counted = Counter(path for path, _ in self.asked)
        self.asked.clear()
        return counted

    def __call__(self, seen: Seen) -> Reply:
        parts = urlsplit(seen.target)
        path = parts.path.split("/")[1]
        asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if "/citations" in parts.path:
            asked["cited"] = unquote(parts.path).partition("10.")[2].removesuffix("/citations")
        if seen.body:
            asked["ids"] = ",".join(json.loads(seen.body)["ids"])
        self.asked.append((path, asked))
        for word, reply in self.refusing.items():
            if word == path or any(word in value for value in asked.values()):
                return reply
        answers = {
            "arxiv": self._arxiv,
            "crossref": self._crossref,
            "openalex": self._openalex,
            "semantic-scholar": self._semantic_scholar,
            "pubmed": self._pubmed,
            "opencitations": self._opencitations,
            "datacite": self._datacite,
        }
        return Reply(answers[path](asked))

    def _arxiv(self, asked: dict[str, str]) -> bytes:
        if "id_list" in asked:
            found = [one for one in self.arxiv if one.arxiv_id in asked["id_list"].split(",")]
        else:
            words = asked["search_query"].removeprefix('ti:"').removesuffix('"')
            found = [one for one in self.arxiv if words.casefold() in _plain(one.name)]
        return atom(found, len(found), 0)

    def _crossref(self, asked: dict[str, str]) -> bytes:
        rows = int(asked["rows"])
        if asked["filter"].startswith("doi:"):
            dois = [one.removeprefix("doi:") for one in asked["filter"].split(",")]
            works = [one for one in self.crossref if one["DOI"].lower() in dois]
        else:
            works = _like(asked["query.bibliographic"], self.crossref)
        message = {"total-results": len(works), "items": works[:rows]}
        return json.dumps({"status": "ok", "message": message}).encode()

    def _openalex(self, asked: dict[str, str]) -> bytes:
        size = int(asked["per-page"])
        if asked.get("filter", "").startswith("cites:"):
            return self._citing(asked, size)
        if "filter" in asked:
            dois = asked["filter"].removeprefix("doi:").split("|")
            works = [one for one in self.openalex if _doi(one) in dois]
        else:
            works = _like(asked["search.title"], self.openalex)
        return json.dumps({"meta": {"count": len(works)}, "results": works[:size]}).encode()

    def _citing(self, asked: dict[str, str], size: int) -> bytes:
        """Works that cite some, newest first, a page at a time."""
        wanted = set(asked["filter"].removeprefix("cites:").split("|"))
        works = [
            one
            for one in sorted(self.openalex, key=lambda each: each["publication_date"], reverse=True)
            if wanted & {address.rpartition("/")[2] for address in one.get("referenced_works", ())}
        ]
        start = 0 if asked["cursor"] == "*" else int(asked["cursor"])
        end = start + size
        meta = {"count": len(works), "next_cursor": str(end) if end < len(works) else None}
        return json.dumps({"meta": meta, "results": works[start:end]}).encode()

    def _datacite(self, asked: dict[str, str]) -> bytes:
        """In the form of VizieR's supplement of 10.3847/1538-4365/ac9af8."""
        found = [one for one in self.supplements if f'"{one[2]}"' in asked["query"]]
        data = [
            {
                "id": doi,
                "type": "dois",
                "attributes": {
                    "doi": doi,
                    "types": {"resourceTypeGeneral": kind},
                    "relatedIdentifiers": [
                        {
                            "relationType": "IsSupplementTo",
                            "relatedIdentifier": "2023ApJS..264....8H",
                            "relatedIdentifierType": "bibcode",
                        },
                        {
                            "relationType": "IsSupplementTo",
                            "relatedIdentifier": paper,
                            "relatedIdentifierType": "DOI",
                        },
                    ],
                },
            }
            for doi, kind, paper in found
        ]
        return json.dumps({"data": data, "meta": {"total": len(data)}}).encode()

    def _opencitations(self, asked: dict[str, str]) -> bytes:
        found = self.indexed.get(f"10.{asked['cited']}", [])
        return json.dumps([{"oci": "1-2", "citing": one, "creation": "2026-02"} for one in found]).encode()

    def _semantic_scholar_citing(self, asked: dict[str, str]) -> bytes:
        found = self.citing.get(f"10.{asked['cited']}", [])
        start, size = int(asked["offset"]), int(asked["limit"])
        page = {"offset": start, "data": [{"citingPaper": one} for one in found[start : start + size]]}
        following = {"next": start + size} if len(found) > start + size else {}
        return json.dumps(page | following).encode()

    def _semantic_scholar(self, asked: dict[str, str]) -> bytes:
        if "cited" in asked:
            return self._semantic_scholar_citing(asked)

        def known(named: str) -> dict[str, Any] | None:
            scheme, _, value = named.partition(":")
            name = {"ARXIV": "ArXiv", "DOI": "DOI"}[scheme]
            return next((one for one in self.semantic_scholar if one["externalIds"].get(name) == value), None)

        return json.dumps([known(one) for one in asked["ids"].split(",")]).encode()

    def _pubmed(self, asked: dict[str, str]) -> bytes:
        known = [(one, self.pubmed[one]) for one in asked["id"].split(",") if one in self.pubmed]
        return "".join(f"\nPMID- {one}\n{lines}\n" for one, lines in known).encode()


def crossref_work(doi: str, title: str, *authors: str, year: int = 2026, **more: Any) -> dict[str, Any]:
    """A work as Crossref answers it."""
    people = [{"given": name.rpartition(" ")[0], "family": name.rpartition(" ")[2]} for name in authors]
    return {
        "DOI": doi,
        "type": "journal-article",
        "title": [title],
        "author": people,
        "container-title": ["Journal of Matters"],
        "is-referenced-by-count": 3,
        "published": {"date-parts": [[year, 5]]},
        **more,
    }


def _like(words: str, works: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those whose title has one of these words, those first that have most of them."""
    wanted = set(words.casefold().split())
    shared = [(len(wanted & set(_plain(str(one["title"])).split())), one) for one in works]
    return [one for count, one in sorted(shared, key=lambda pair: -pair[0]) if count]


def _plain(title: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in title.casefold()).split())


def _doi(work: dict[str, Any]) -> str:
    return (work.get("doi") or "").removeprefix("https://doi.org/").lower()
