"""Reads notes of OpenReview, as version 2 of its API gives them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from bot.corpus.formats.answers import (
    Page,
    RefusedEntryError,
    UnusableAnswerError,
    address_of,
    count_of,
    entries_of,
    mention_of,
    object_of,
    places_of,
    read_json_object,
    read_records,
    text_of,
    title_of,
    unmarked,
    whole_list,
)
from bot.corpus.formats.notices import with_notices
from bot.corpus.paper import Mention, PaperRecord, code_address

SOURCE = "openreview"

_LATEST = 4_102_444_800_000
"""The year 2100, in milliseconds since 1970."""


def read_openreview_notes(body: bytes) -> Page:
    """Read one page of a list of notes."""
    content = read_json_object(body, "OpenReview")
    if not isinstance(content.get("notes"), list):
        raise UnusableAnswerError("OpenReview answered no list of notes.")
    records, refused = read_records(
        whole_list(content["notes"], "OpenReview"),
        record_of,
        lambda note: text_of(note.get("id")) or "a note without id",
    )
    return Page(
        records=records,
        entries=len(content["notes"]),
        total=count_of(content.get("count")),
        refused=refused,
    )


def read_openreview_note(body: bytes) -> PaperRecord:
    """Read the answer to the question for one note."""
    notes = entries_of(read_json_object(body, "OpenReview").get("notes"))
    if not notes:
        raise UnusableAnswerError("OpenReview answered no note.")
    try:
        return record_of(notes[0])
    except RefusedEntryError as error:
        raise UnusableAnswerError(f"OpenReview answered no paper: {error}.") from None


def record_of(note: Mapping[str, Any]) -> PaperRecord:
    """The record of a note."""
    key = text_of(note.get("forum")) or text_of(note.get("id"))
    if not key:
        raise RefusedEntryError("it has no id")
    content = object_of(note.get("content"))
    names, ids = _value(content, "authors"), _value(content, "authorids")
    abstract = unmarked(_value(content, "abstract"))
    code = code_address(abstract)
    profiles = ids if isinstance(ids, list) and isinstance(names, list) and len(ids) == len(names) else []  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    authors = [
        _mention(name, profiles[place] if place < len(profiles) else None)  # pyright: ignore[reportUnknownArgumentType]
        for place, name in enumerate(names if isinstance(names, list) else [])  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    ]
    record = PaperRecord(
        source=SOURCE,
        source_id=key,
        source_key=key,
        title=title_of(_value(content, "title")),
        authors=tuple(one for one in authors if one is not None),
        published=_day(note),
        abstract=abstract,
        url=address_of(f"https://openreview.net/forum?id={key}"),
        has_code=code is not None,
        code_url=code,
        venue=unmarked(_value(content, "venue")) or None,
    )
    return with_notices(record)


def _mention(author: Any, profile: Any) -> Mention | None:
    """A name, or an object with the name, the profile and the institutions."""
    person = object_of(author)
    if not person:
        return mention_of(author, [("openreview", profile)])
    name = person.get("fullname") or person.get("name")
    username = person.get("username") or profile
    return mention_of(name, [("openreview", username)], places_of(person.get("institutions")))


def _day(note: Mapping[str, Any]) -> str | None:
    """The day on which it was published, came online, or was sent in; the API gives milliseconds."""
    moments = (_moment(note.get(name)) for name in ("pdate", "odate", "cdate"))
    moment = next((one for one in moments if one is not None), None)
    return moment.date().isoformat() if moment is not None else None


def _moment(value: Any) -> dt.datetime | None:
    """A moment in UTC from the milliseconds since 1970; None where it is none."""
    if not isinstance(value, int) or not 0 < value < _LATEST:
        return None
    return dt.datetime.fromtimestamp(value / 1000, dt.UTC)


def _value(content: Mapping[str, Any], name: str) -> Any:
    """A field, which version 2 wraps into an object."""
    field = content.get(name)
    return object_of(field).get("value") if isinstance(field, dict) else field
