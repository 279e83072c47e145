"""A made library of Zotero on loopback: it answers as the documentation of version 3 of its API says.

It takes the types, fields and creators of Zotero's published schema that papers use, and no others. It is no
recording: no group of Zotero was written to for these tests.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fetch.loopback import Reply, Seen

KEY = "a-key-that-may-write"
GROUP_NUMBER = 2319948
MOST = 50
_ALL = {"itemType", "title", "creators", "abstractNote", "date", "shortTitle", "url", "extra", "DOI"}
SCHEMA = {
    "preprint": _ALL | {"repository", "archiveID", "genre", "citationKey"},
    "conferencePaper": _ALL | {"proceedingsTitle", "conferenceName", "pages", "volume"},
    "journalArticle": _ALL | {"publicationTitle", "pages", "volume", "issue"},
}
"""Of github.com/zotero/zotero-schema."""


@dataclass
class MadeZotero:
    """The library, and what goes wrong with it."""

    items: list[dict[str, Any]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    may_write: bool = True
    most_bytes: int | None = None
    """A larger request is refused with 413."""
    refusing: list[Reply] = field(default_factory=list)
    """Answers to the next requests that write."""
    loses_answer: bool = False
    """The next request that writes is obeyed, and its answer is lost."""
    writes: int = 0

    def __call__(self, seen: Seen) -> Reply:
        parts = urlsplit(seen.target)
        if seen.headers.get("zotero-api-key") != KEY or seen.headers.get("zotero-api-version") != "3":
            return Reply(b"Forbidden", 403)
        if not parts.path.startswith(f"/groups/{GROUP_NUMBER}/"):
            return Reply(b"Not found", 404)
        if seen.method == "POST" and parts.path.endswith("/items"):
            return self._write(seen)
        asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
        start, limit = int(asked["start"]), int(asked["limit"])
        page = json.dumps(self.items[start : start + limit]).encode()
        return Reply(page, headers={"Total-Results": str(len(self.items))})

    def _write(self, seen: Seen) -> Reply:
        self.writes += 1
        if self.refusing:
            return self.refusing.pop(0)
        if not self.may_write:
            return Reply(b"Write access denied", 403)
        token, items = seen.headers["zotero-write-token"], json.loads(seen.body)
        if len(items) > MOST or (self.most_bytes is not None and len(seen.body) > self.most_bytes):
            return Reply(b"Too large", 413)
        if token in self.tokens:
            return Reply(b"Already submitted", 412)
        self.tokens.add(token)
        answer: dict[str, dict[str, Any]] = {"successful": {}, "success": {}, "unchanged": {}, "failed": {}}
        for place, item in enumerate(items):
            problem = _problem(item)
            if problem is not None:
                answer["failed"][str(place)] = {"key": "", "code": 400, "message": problem}
                continue
            key = f"KEY{len(self.items):05}"
            self.items.append({"key": key, "library": {"id": GROUP_NUMBER}, "data": item})
            answer["successful"][str(place)], answer["success"][str(place)] = self.items[-1], key
        if self.loses_answer:
            self.loses_answer = False
            return Reply(fault="reset")
        return Reply(json.dumps(answer).encode())


def _problem(item: dict[str, Any]) -> str | None:
    kind = item.get("itemType")
    if kind not in SCHEMA:
        return f"'{kind}' is not a valid itemType"
    for name, value in item.items():
        if name not in SCHEMA[kind]:
            return f"'{name}' is not a valid field for type '{kind}'"
        if name != "creators" and not isinstance(value, str):
            return f"'{name}' must be a string"
    for creator in item["creators"]:
        parts = set(creator) - {"creatorType"}
        if creator["creatorType"] != "author" or parts not in ({"name"}, {"firstName", "lastName"}):
            return "Invalid creator"
    return None if item.get("title") != "Refused" else "Zotero does not like it"
