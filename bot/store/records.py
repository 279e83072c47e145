"""How records of sources are kept: as what they say otherwise than their paper, compressed.

Nearly all papers have one source, which says what the paper says: of it nothing is kept twice. What is
left of the others is JSON, compressed by zstd with a dictionary that lies in the database itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cached_property
from operator import attrgetter
from typing import Any

import orjson
import zstandard
from sqlalchemy import insert, select
from sqlmodel import Session, col

from bot.corpus.merge import MergedPaper
from bot.corpus.paper import FACTS, Mention, PaperRecord
from bot.errors import DatabaseUnusableError
from bot.store.models import RecordDictionary

LEVEL = 6
DICTIONARY_BYTES = 32 * 1024
LEAST_COMPRESSED = 64
"""Bytes; what is shorter stays as it is."""
_PEOPLE = "people"
"""What is known of each author beside the name, in the order of the list, where the names are the paper's."""
_JSON = b"{"

_known: dict[int, zstandard.ZstdCompressionDict] = {}
"""Dictionaries by their ids, which are random: also those of several databases differ."""


class RecordCodec:
    """Writes and reads records as the database of a session keeps them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._compressor: zstandard.ZstdCompressor | None = None
        self._decompressors: dict[int, zstandard.ZstdDecompressor] = {}

    def encode(self, record: PaperRecord, paper: MergedPaper) -> bytes:
        """What a record says otherwise than its paper; empty where that is nothing."""
        difference = _difference(record, paper)
        if not difference:
            return b""
        said = orjson.dumps(difference, default=_plain)
        if len(said) < LEAST_COMPRESSED:
            return said
        return min(said, self._compress(said), key=len)

    def decode(self, said: bytes, source: str, source_key: str, paper: Mapping[str, Any]) -> PaperRecord:
        """The record of which this was kept beside these facts of its paper.

        Raises:
            DatabaseUnusableError: It is damaged.

        """
        try:
            difference: dict[str, Any] = orjson.loads(self.text(said)) if said else {}
            return PaperRecord.model_validate(_record(difference, source, source_key, paper))
        except (zstandard.ZstdError, ValueError, TypeError, LookupError) as error:
            raise DatabaseUnusableError(
                f"What {source} says of {source_key} is damaged in the database ({_reason(error)}): "
                "restore a backup."
            ) from None

    def text(self, said: bytes) -> bytes:
        """What is kept, as JSON."""
        if said.startswith(_JSON):
            return said
        number = zstandard.get_frame_parameters(said).dict_id
        if number not in self._decompressors:
            dictionary = self._dictionary(number) if number else None
            self._decompressors[number] = zstandard.ZstdDecompressor(dict_data=dictionary)
        return self._decompressors[number].decompress(said)

    def _compress(self, said: bytes) -> bytes:
        if self._compressor is None:
            dictionary = self._dictionary(self._newest) if self._newest else None
            self._compressor = zstandard.ZstdCompressor(LEVEL, dict_data=dictionary, write_checksum=True)
        return self._compressor.compress(said)

    def is_current(self, said: bytes) -> bool:
        """Whether it is kept as `encode` would keep it now."""
        is_compressed = bool(said) and not said.startswith(_JSON)
        return not is_compressed or zstandard.get_frame_parameters(said).dict_id == self._newest

    @cached_property
    def _newest(self) -> int:
        """The dictionary for new records; 0 where there is none yet."""
        newest = select(col(RecordDictionary.id)).order_by(col(RecordDictionary.made_at).desc()).limit(1)
        return self._session.connection().execute(newest).scalar() or 0

    def _dictionary(self, number: int) -> zstandard.ZstdCompressionDict:
        if number not in _known:
            content = select(col(RecordDictionary.content)).where(col(RecordDictionary.id) == number)
            found = self._session.connection().execute(content).scalar()
            if found is None:
                raise LookupError(f"it lacks its dictionary {number}")
            _known[number] = zstandard.ZstdCompressionDict(found)
        return _known[number]


def packed(json: bytes) -> bytes:
    """A whole record, compressed without a dictionary."""
    return zstandard.ZstdCompressor(LEVEL, write_checksum=True).compress(json)


def unpacked(record: bytes) -> bytes:
    """The JSON of a whole record."""
    return zstandard.ZstdDecompressor().decompress(record)


def make_dictionary(session: Session, samples: Sequence[bytes], now: dt.datetime) -> None:
    """Make a dictionary of what records say, with which others are compressed from now on."""
    dictionary = zstandard.train_dictionary(DICTIONARY_BYTES, list(samples), level=LEVEL)
    values = {"id": dictionary.dict_id(), "content": dictionary.as_bytes(), "made_at": now}
    session.connection().execute(insert(RecordDictionary).values(values))


def _difference(record: PaperRecord, paper: MergedPaper) -> dict[str, Any]:
    ours, theirs = vars(record), vars(paper)
    difference = {
        name: ours[name]
        for name in _COMPARED
        if ours[name] is not theirs[name] and ours[name] != theirs[name]
    }
    authors: tuple[Mention, ...] = record.authors
    if authors is not paper.authors and [one.name for one in authors] != [one.name for one in paper.authors]:
        difference["authors"] = authors
    elif any(map(_IDENTIFIERS, authors)) or any(map(_WORKS_AT, authors)):
        people = [one.model_dump(exclude_defaults=True, exclude={"name"}) for one in authors]
        if any(people):
            difference[_PEOPLE] = people
    for name, default in _OWN.items():
        if ours[name] != default:
            difference[name] = ours[name]
    return difference


_IDENTIFIERS, _WORKS_AT = attrgetter("identifiers"), attrgetter("affiliations")
_COMPARED = tuple(name for name in FACTS if name != "authors")
_OWN = {
    name: field.default
    for name, field in PaperRecord.model_fields.items()
    if name not in {*FACTS, "source", "source_key"}
}
"""What only a record has, and no paper, each with its default."""


def _record(
    difference: dict[str, Any], source: str, source_key: str, paper: Mapping[str, Any]
) -> dict[str, Any]:
    values: dict[str, Any] = {name: paper[name] for name in FACTS}
    for name in ("notices", "other_titles"):
        values[name] = values[name] or ()
    values["authors"] = [{"name": name} for name in paper["authors"]]
    for author, known in zip(values["authors"], difference.pop(_PEOPLE, ()), strict=False):
        author.update(known)
    return {**values, **difference, "source": source, "source_key": source_key}


def _plain(value: Any) -> Any:
    return value.model_dump(exclude_defaults=True)


def _reason(error: Exception) -> str:
    return str(error.args[0] if error.args else error).splitlines()[0][:200]
