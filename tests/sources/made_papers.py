"""A small world of papers, told by arXiv, OpenAlex, Semantic Scholar and Zotero as their descriptions say."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from tests.fetch.loopback import Reply, Seen


@dataclass(frozen=True)
class Thing:
    """A paper of this world."""

    number: int
    version: int = 1
    authors: tuple[str, ...] = ("Ann Lee", "Bo Berg")
    doi: str | None = None
    title: str | None = None
    published: str = "2026-03-01"

    @property
    def arxiv_id(self) -> str:
        return f"2603.{self.number:05d}"

    @property
    def name(self) -> str:
        return self.title or f"On the matter of {_word(self.number)}"


def _word(number: int) -> str:
    letters = "abcdefghijklmnopqrstuvwxyz"
    word = ""
    while number or not word:
        number, rest = divmod(number, 26)
        word += letters[rest]
    return f"{word}ologia"


def atom_entry(thing: Thing) -> str:
    authors = "".join(f"<author><name>{escape(name)}</name></author>" for name in thing.authors)
    doi = f"<arxiv:doi>{thing.doi}</arxiv:doi>" if thing.doi else ""
    return (
        f"<entry><id>http://arxiv.org/abs/{thing.arxiv_id}v{thing.version}</id>"
        f"<title>{escape(thing.name)}</title><updated>2026-03-0{thing.version}T10:00:00Z</updated>"
        f"<summary>We look at {escape(thing.name)}.</summary>"
        f"<published>{thing.published}T10:00:00Z</published>"
        f'<category term="cs.LG" scheme="http://arxiv.org/schemas/atom"/>'
        f'<arxiv:primary_category term="cs.LG"/>{authors}{doi}</entry>'
    )


def atom(things: list[Thing], total: int, start: int) -> bytes:
    return (
        "<?xml version='1.0' encoding='UTF-8'?>"
        '<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"'
        ' xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">'
        f"<opensearch:totalResults>{total}</opensearch:totalResults>"
        f"<opensearch:startIndex>{start}</opensearch:startIndex>"
        f"{''.join(map(atom_entry, things))}</feed>"
    ).encode()


def openalex_work(thing: Thing) -> dict[str, Any]:
    return {
        "id": f"https://openalex.org/W{thing.number}",
        "doi": f"https://doi.org/{thing.doi}"
        if thing.doi
        else f"https://doi.org/10.48550/arXiv.{thing.arxiv_id}",
        "title": thing.name,
        "publication_date": f"{thing.published[:8]}05",
        "authorships": [
            {"author": {"id": f"https://openalex.org/A{10_000 + sum(map(ord, name))}", "display_name": name}}
            for name in thing.authors
        ],
        "cited_by_count": thing.number,
        "primary_location": {"landing_page_url": f"https://arxiv.org/abs/{thing.arxiv_id}"},
    }


def zotero_item(thing: Thing) -> dict[str, Any]:
    people = [{"creatorType": "author", "name": name} for name in thing.authors]
    data = {"itemType": "preprint", "title": thing.name, "creators": people, "archiveID": thing.arxiv_id}
    return {"key": f"K{thing.number}", "library": {"id": 77}, "data": data}


def s2_paper(thing: Thing) -> dict[str, Any]:
    people = [{"authorId": str(sum(map(ord, name))), "name": name} for name in thing.authors]
    ids = {"ArXiv": thing.arxiv_id}
    return {"paperId": f"s2-{thing.number}", "title": thing.name, "authors": people, "externalIds": ids}


@dataclass
class World:
    """What the providers know, newest first, and what goes wrong."""

    things: list[Thing] = field(default_factory=list)
    faults: list[Callable[[Reply], Reply]] = field(default_factory=list)
    """Each spoils one answer; None of them left, answers are right."""
    spoil: Callable[[Seen, Reply], Reply] = lambda _seen, reply: reply

    def fill(self, count: int, first: int = 1) -> None:
        """Add so many papers, each newer than the one before."""
        self.things = [Thing(number) for number in range(first + count - 1, first - 1, -1)] + self.things

    def answer(self, seen: Seen) -> Reply:
        parts = urlsplit(seen.target)
        asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
        reply = self._right_answer(parts.path, asked)
        if self.faults:
            reply = self.faults.pop(0)(reply)
        return self.spoil(seen, reply)

    def _right_answer(self, path: str, asked: dict[str, str]) -> Reply:
        if path == "/api/query":
            if "id_list" in asked:
                wanted = asked["id_list"].split(",")
                found = [one for one in self.things if one.arxiv_id in wanted]
                return Reply(atom(found, len(found), 0))
            start, size = int(asked["start"]), int(asked["max_results"])
            return Reply(atom(self.things[start : start + size], len(self.things), start))
        if path == "/works":
            # As there, a cursor names the entry after which a page begins, whatever is added above.
            numbers = [one.number for one in self.things]
            start = 0 if asked["cursor"] == "*" else numbers.index(int(asked["cursor"])) + 1
            end = start + int(asked["per-page"])
            following = numbers[end - 1] if end < len(numbers) else None
            works = [openalex_work(one) for one in self.things[start:end]]
            meta = {"count": len(self.things), "next_cursor": str(following) if following else None}
            return Reply(json.dumps({"meta": meta, "results": works}).encode())
        if path.endswith("/items/top"):
            start, size = int(asked["start"]), int(asked["limit"])
            items = [zotero_item(one) for one in self.things[start : start + size]]
            return Reply(json.dumps(items).encode(), headers={"Total-Results": str(len(self.things))})
        if path.startswith("/graph/v1/author/"):
            start, size = int(asked["offset"]), int(asked["limit"])
            listed = {"offset": start, "data": [s2_paper(one) for one in self.things[start : start + size]]}
            more = {"next": start + size} if start + size < len(self.things) else {}
            return Reply(json.dumps(listed | more).encode())
        return Reply(status=404)


def revised(thing: Thing, **changes: Any) -> Thing:
    """Return the next version of a paper."""
    return replace(thing, version=thing.version + 1, **changes)
