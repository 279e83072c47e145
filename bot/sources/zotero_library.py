"""The group's library of Zotero: papers of lists are put into it, each once."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import orjson

from bot.app import App
from bot.config import Settings
from bot.corpus.formats.answers import UnusableAnswerError, entries_of, object_of, read_json, text_of
from bot.errors import RefusedError
from bot.fetch.client import Answer
from bot.fetch.errors import FetchError, HostRestingError, NotFoundError, RequestFailedError
from bot.lease import Lease
from bot.papers.results import Paper
from bot.papers.zotero_item import Key, item_of, keys_of, keys_of_item
from bot.sources.library import Library
from bot.sources.providers.kinds import Request
from bot.sources.providers.zotero import PAGE, ZOTERO

AT_ONCE = 50
"""Items of one request; Zotero takes no more."""
MOST_PUSHED = 1_000
"""Papers that are put there by one command, so that it ends within Discord's 15 minutes."""
MOST_ITEMS = 30_000
"""Of a library that is read through for what is there already."""

NOT_SET = "Papercord knows no library of Zotero. Whoever runs it sets PAPERCORD_ZOTERO_LIBRARY."
NO_KEY = "Papercord has no key of Zotero. Whoever runs it sets PAPERCORD_ZOTERO_KEY to one that may write."
NOT_THIS_SERVER = (
    "This server may not put papers into the library of Zotero. Whoever runs Papercord names the servers "
    "that may in PAPERCORD_ZOTERO_SERVERS."
)
REFUSED_KEY = (
    "Zotero refuses the key (status 403): it may not read and write the library. Whoever runs Papercord "
    "makes one that may at zotero.org/settings/keys, and sets PAPERCORD_ZOTERO_KEY."
)
UNKNOWN = (
    "Zotero knows no group {library} (status 404). Whoever runs Papercord sets PAPERCORD_ZOTERO_LIBRARY."
)
LOCKED = "Zotero has locked the library (status 409). Try again in a few minutes."
TOO_LARGE = "it is too large for Zotero"
BUSY = "Papers are being put into the library already. Try again in a minute."
_WRITTEN_BEFORE = 412
_TOO_LARGE = 413

_one_at_a_time = threading.Lock()


@dataclass(slots=True)
class Pushed:
    """What became of papers that were to be put into the library."""

    added: int = 0
    known: int = 0
    """Papers that were there already."""
    left: int = 0
    """Papers that wait for the next time, since these were very many."""
    refused: list[str] = field(default_factory=list[str])
    """Titles, each with why Zotero does not take it."""


def may_write(settings: Settings, guild_id: int, *, is_only_server: bool) -> bool:
    """Whether a server may put papers into the library."""
    named = settings.zotero_server_ids
    return guild_id in named if named else is_only_server


def push(app: App, library: Library, papers: Iterable[Paper]) -> Pushed:
    """Put papers into the library; what is there already, by DOI, arXiv or our key, stays as it is.

    Raises:
        RefusedError: it cannot be done; says why, and how many papers were put there before.

    """
    settings = app.settings
    if settings.zotero_library is None:
        raise RefusedError(NOT_SET)
    if settings.zotero_key is None:
        raise RefusedError(NO_KEY)
    lease = Lease(app, "zotero library")
    if not _one_at_a_time.acquire(blocking=False):
        raise RefusedError(BUSY)
    try:
        if not lease.take():
            raise RefusedError(BUSY)
        with lease:
            return _Push(settings, library).run(papers)
    finally:
        _one_at_a_time.release()


class _Push:
    """One run."""

    def __init__(self, settings: Settings, library: Library) -> None:
        self._library = library
        self._number = settings.zotero_library
        key = settings.zotero_key.get_secret_value() if settings.zotero_key is not None else ""
        self._headers = {"Zotero-API-Version": "3", "Zotero-API-Key": key}
        self._done = Pushed()

    def run(self, papers: Iterable[Paper]) -> Pushed:
        """Put what is missing there."""
        try:
            wanted, missing = list(papers), list[Paper]()
            known = self._known() if wanted else set[Key]()
            for paper in wanted:
                keys = keys_of(paper)
                if keys & known:
                    self._done.known += 1
                elif len(missing) == MOST_PUSHED:
                    self._done.left += 1
                else:
                    missing.append(paper)
                known |= keys
            for start in range(0, len(missing), AT_ONCE):
                self._add(missing[start : start + AT_ONCE])
        except (FetchError, UnusableAnswerError) as error:
            raise RefusedError(self._words(error)) from error
        return self._done

    def _known(self) -> set[Key]:
        """By what the papers of the library are known."""
        found, start, total = set[Key](), 0, 1
        while start < total:
            target = f"/groups/{self._number}/items/top?format=json&start={start}&limit={PAGE}"
            total, items = self._library.ask(ZOTERO, Request(target, self._headers), _read_items)
            if total > MOST_ITEMS:
                raise RefusedError(
                    f"The library has {total:,} items; what is there already is looked up among "
                    f"{MOST_ITEMS:,} at most."
                )
            for item in items:
                found |= keys_of_item(item)
            start += PAGE
        return found

    def _add(self, papers: Sequence[Paper]) -> None:
        """Put some papers there; where they are too large together, by halves."""
        # A repeated request with the same token writes nothing again.
        headers = {**self._headers, "Zotero-Write-Token": secrets.token_hex(16)}
        body = orjson.dumps([item_of(paper) for paper in papers])
        try:
            failed = self._library.ask(
                ZOTERO, Request(f"/groups/{self._number}/items", headers, body), _read_failed
            )
        except RequestFailedError as error:
            if error.status == _TOO_LARGE:
                self._add_halves(papers)
                return
            if error.status != _WRITTEN_BEFORE:
                raise
            failed = dict[int, str]()
        self._done.added += len(papers) - len(failed)
        self._done.refused += [f"{papers[place].title}: {why}" for place, why in failed.items()]

    def _add_halves(self, papers: Sequence[Paper]) -> None:
        if len(papers) == 1:
            self._done.refused.append(f"{papers[0].title}: {TOO_LARGE}")
            return
        half = len(papers) // 2
        self._add(papers[:half])
        self._add(papers[half:])

    def _words(self, error: FetchError | UnusableAnswerError) -> str:
        said = {403: REFUSED_KEY, 409: LOCKED}
        if isinstance(error, NotFoundError):
            words = UNKNOWN.format(library=self._number)
        elif isinstance(error, RequestFailedError):
            words = said.get(error.status, str(error))
        elif isinstance(error, HostRestingError):
            minutes = max(1, round(error.seconds / 60))
            words = f"{error} Try again in {minutes} minute{'s' * (minutes > 1)}."
        else:
            words = f"{error} Try again later."
        done = self._done.added
        if done:
            were = "papers were" if done > 1 else "paper was"
            words += f" {done} {were} put there before that; the next push goes on."
        return words


def _read_items(answer: Answer) -> tuple[int, list[dict[str, Any]]]:
    """How many items the library has, and those of a page."""
    content, total = read_json(answer.body, "Zotero"), answer.headers.get("total-results", "")
    if not isinstance(content, list) or not total.isdecimal():
        raise UnusableAnswerError("Zotero answered no list of items.")
    return int(total), entries_of(cast("object", content))


def _read_failed(answer: Answer) -> dict[int, str]:
    """Of the items of a request those that Zotero did not take, and why."""
    content = object_of(read_json(answer.body, "Zotero"))
    if "successful" not in content and "success" not in content:
        raise UnusableAnswerError("Zotero did not say which items it took.")
    failed = object_of(content.get("failed"))
    return {
        int(place): text_of(object_of(why).get("message")) or "Zotero does not say why"
        for place, why in failed.items()
        if place.isdecimal()
    }
