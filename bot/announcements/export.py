"""Subscriptions as a file: exported, and imported again."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.announcements import subscriptions
from bot.announcements.results import Filters, ImportedSubscriptions, Schedule, Subscription
from bot.app import App
from bot.errors import RefusedError
from bot.store.models import DigestOrder, Frequency, PlaceKind

VERSION = 1
MAX_BYTES = 25 * 1024 * 1024
"""To be checked before a file is fetched or read; more than the 10 MiB that Discord lets a bot send."""

KindOf = Callable[[int], tuple[PlaceKind, int | None]]
"""Answers a channel with the kind of place that it is, and the channel of a thread."""

CitedOf = Callable[[str], tuple[int | None, int | None]]
"""Answers what is cited with the paper, or the entry of the author, that it names."""

AuthorOf = Callable[[str], tuple[str, int | None]]
"""Answers a name with the author's name and entry; with itself where it does not name exactly one."""

_log = logging.getLogger(__name__)


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    channel_id: str = Field(pattern=r"^[0-9]{1,20}$")
    query: str = Field(default="", max_length=4_000)
    author: str | None = Field(default=None, max_length=4_000)
    field: str | None = Field(default=None, max_length=4_000)
    code: bool | None = None
    min_score: float | None = None
    retractions: bool | None = None
    published: bool | None = None
    citing: str | None = Field(default=None, max_length=4_000)
    when: str = "instant"
    day: int | None = None
    at: str | None = None
    timezone: str = "UTC"
    order: str = "arrived"
    delay: int = 0
    role_id: str | None = Field(default=None, pattern=r"^[0-9]{1,20}$")
    thread: bool = False
    publish: bool = False
    paused: bool = False

    @property
    def uses(self) -> tuple[int, int | None, bool]:
        """Its channel, the role that it pings, and whether it opens threads."""
        return int(self.channel_id), int(self.role_id) if self.role_id is not None else None, self.thread


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid")

    papercord_subscriptions: int
    subscriptions: list[Any]


def export_subscriptions(
    app: App, guild_id: int, *, channels: Collection[int] | None = None, most_bytes: int = MAX_BYTES
) -> bytes:
    """A JSON document of the subscriptions of a server, or of some of its channels.

    Ids are strings, as JavaScript rounds numbers.

    Raises:
        RefusedError: It would have more bytes than may be sent.

    """
    entries = [
        {
            "channel_id": str(each.channel_id),
            "query": each.filters.query,
            "author": each.filters.author,
            "field": each.filters.field,
            "code": each.filters.code,
            "min_score": each.filters.min_score,
            "retractions": each.filters.retractions,
            "published": each.filters.published,
            "citing": each.filters.citing,
            "when": each.schedule.frequency,
            "day": each.schedule.day,
            "at": each.schedule.at,
            "timezone": each.schedule.timezone,
            "order": each.schedule.order,
            "delay": each.schedule.delay,
            "role_id": str(each.role_id) if each.role_id is not None else None,
            "thread": each.thread,
            "publish": each.publish,
            "paused": each.paused,
        }
        for each in subscriptions.list_all(app, guild_id)
        if channels is None or each.channel_id in channels
    ]
    document = {"papercord_subscriptions": VERSION, "subscriptions": entries}
    content = orjson.dumps(document, option=orjson.OPT_INDENT_2)
    if len(content) > most_bytes:
        content = orjson.dumps(document)
    if len(content) > most_bytes:
        raise RefusedError(
            f"The file would have {len(content) // 1024:,} KiB; Discord takes {most_bytes // 1024:,} here."
        )
    return content


def import_subscriptions(
    app: App,
    guild_id: int,
    creator_id: int,
    content: bytes,
    *,
    may_use: Callable[[int, int | None, bool], str | None],
    kind_of: KindOf = lambda _channel: (PlaceKind.CHANNEL, None),
    author_of: AuthorOf = lambda name: (name, None),
    cited_of: CitedOf = lambda _text: (None, None),
) -> ImportedSubscriptions:
    """Add the subscriptions of a document; what cannot be added is said and left out.

    Args:
        app: The parts.
        guild_id: The server to which they are added.
        creator_id: The person who adds them.
        content: The document.
        may_use: Answers a channel, a role, and whether threads are opened there, with the reason why
            that cannot be; None: it can.
        kind_of: Answers a channel with the kind of place that it is, and the channel of a thread.
        cited_of: Answers what is cited with the paper or the author's entry here.
        author_of: Answers the name of an author with the entry that it names here, where it is one.

    Raises:
        RefusedError: It is too large, or no such document.

    """
    document = _document(content)
    added: list[Subscription] = []
    refused: list[str] = []
    for place, raw in enumerate(document.subscriptions, start=1):
        try:
            entry = _Entry.model_validate(raw)
            reason = may_use(*entry.uses)
            if reason is not None:
                raise RefusedError(reason)  # noqa: TRY301 - as what `_add` refuses
            added.append(_add(app, guild_id, creator_id, entry, kind_of, author_of, cited_of))
        except ValidationError as error:
            refused.append(f"Entry {place}: {_first_problem(error)}")
        except RefusedError as error:
            refused.append(f"Entry {place}: {error}")
        except Exception:  # noqa: BLE001 - one bad entry must not keep the others out
            _log.exception("Entry %s of a file of subscriptions could not be added", place)
            refused.append(f"Entry {place}: it could not be added; the reason is in the log.")
    return ImportedSubscriptions(tuple(added), tuple(refused))


def _document(content: bytes) -> _Document:
    if len(content) > MAX_BYTES:
        raise RefusedError(f"The file has more than {MAX_BYTES // 1024} KiB.")
    try:
        # Not orjson, which takes no file of which one entry has a number or a character that cannot be,
        # and none that an editor saved as UTF-16 or with a byte order mark.
        document = _Document.model_validate(json.loads(content))
    except (ValueError, RecursionError):
        raise RefusedError("The file is none that `/notify export` wrote.") from None
    if document.papercord_subscriptions != VERSION:
        raise RefusedError("The file was written by another version of Papercord.")
    return document


def _add(
    app: App,
    guild_id: int,
    creator_id: int,
    entry: _Entry,
    kind_of: KindOf,
    author_of: AuthorOf,
    cited_of: CitedOf,
) -> Subscription:
    channel_id, role_id, thread = entry.uses
    place, parent_id = kind_of(channel_id)
    if entry.when not in set(Frequency):
        raise RefusedError("when: write instant, daily or weekly.")
    if entry.order not in set(DigestOrder):
        raise RefusedError("order: write arrived, votes or taste.")
    return subscriptions.add(
        app,
        guild_id=guild_id,
        channel_id=channel_id,
        place=place,
        parent_id=parent_id,
        creator_id=creator_id,
        filters=Filters(
            entry.query,
            *(author_of(entry.author) if entry.author else (entry.author, None)),
            field=entry.field,
            code=entry.code,
            min_score=entry.min_score,
            retractions=entry.retractions or None,
            published=entry.published or None,
            **_cited(entry.citing, cited_of),
        ),
        schedule=Schedule(
            Frequency(entry.when),
            entry.day,
            entry.at,
            entry.timezone,
            DigestOrder(entry.order),
            entry.delay,
        ),
        role_id=role_id,
        thread=thread,
        publish=entry.publish,
        paused=entry.paused,
        preview_days=0,
    ).subscription


def _cited(citing: str | None, cited_of: CitedOf) -> dict[str, Any]:
    """The filters of a subscription to citations; RefusedError where what is cited is not here."""
    if citing is None:
        return {}
    paper_id, author_id = cited_of(citing)
    if paper_id is None and author_id is None:
        raise RefusedError("citing: it is not exactly one paper or author of this corpus.")
    return {"citing": citing, "citing_paper_id": paper_id, "citing_author_id": author_id}


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in problem['loc']) or 'it'}: {problem['msg']}"
