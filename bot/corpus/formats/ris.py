"""Reads RIS files, as reference managers and publishers export them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from bot.corpus.formats.answers import RefusedEntryError, address_of, date_of, mention_of, pages_of, unmarked
from bot.corpus.formats.library_entry import library_record, whole_text
from bot.corpus.formats.opening import EXPECTED, Item, Lines, PaperRead, RowRefused
from bot.corpus.names import is_et_al
from bot.corpus.paper import PaperRecord, code_address
from bot.errors import UnreadableFileError

SOURCE = "ris"

_BEGINNING = re.compile(r"^TY  ?-", re.MULTILINE)
_END = re.compile(r"^ER  ?-", re.MULTILINE)
_TITLES = ("title", "primary_title", "translated_title")
_VENUES = ("journal_name", "secondary_title", "alternate_title3", "alternate_title2", "alternate_title1")
_DATES = ("date", "publication_year", "year")


def read_ris(lines: Lines) -> Iterator[Item]:
    """Read every reference."""
    text = whole_text(lines)
    starts = [found.start() for found in _BEGINNING.finditer(text)]
    if not starts:
        raise UnreadableFileError(
            str(lines.path), None, f'it has no RIS reference, which begins with "TY  -"; {EXPECTED}'
        )
    line, place = 1, 0
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        line += text.count("\n", place, start)
        place = start
        try:
            yield PaperRead(line, _record(_fields(text[start:end])))
        except RefusedEntryError as error:
            yield RowRefused(line, f"the reference cannot be read: {error}")


def _fields(text: str) -> Mapping[str, Any]:
    import rispy  # pyright: ignore[reportMissingTypeStubs]

    if not _END.search(text):
        raise RefusedEntryError('it has no end ("ER  -"), so the file broke off or is damaged')
    parser: Any = rispy
    try:
        found = parser.loads(text)
    except Exception as error:  # noqa: BLE001 - it fails in many ways on damaged references
        raise RefusedEntryError(str(error) or "it is damaged") from None
    return found[0] if found else {}


def _record(fields: Mapping[str, Any]) -> PaperRecord:
    names = [*_texts(fields.get("authors")), *_texts(fields.get("first_authors"))]
    truncated = bool(names) and is_et_al(names[-1])
    abstract = unmarked(fields.get("abstract") or fields.get("notes_abstract"))
    addresses = _texts(fields.get("urls"))
    mentions = (mention_of(_given_first(name)) for name in names[: len(names) - truncated])
    return library_record(
        source=SOURCE,
        title=next((title for key in _TITLES if (title := unmarked(fields.get(key)))), ""),
        authors=[one for one in mentions if one is not None],
        truncated=truncated,
        published=next((date for key in _DATES if (date := date_of(fields.get(key))) is not None), None),
        abstract=abstract,
        url=address_of(*addresses),
        code_url=code_address(abstract),
        venue=next((name for key in _VENUES if (name := unmarked(fields.get(key)))), None),
        pages=pages_of("-".join(dict.fromkeys(_texts([fields.get("start_page"), fields.get("end_page")])))),
        ids=[*_texts(fields.get("doi")), *addresses, *_texts(fields.get("accession_number"))],
    )


def _texts(value: Any) -> list[str]:
    """A field that may stand once or often."""
    values = cast("list[Any]", value) if isinstance(value, list) else [value]
    return [text for text in values if isinstance(text, str)]


def _given_first(name: str) -> str:
    """Turn "family, given, suffix" round, as papers print it."""
    parts = [part.strip() for part in name.split(",")]
    return " ".join(part for part in (*parts[1:2], parts[0], *parts[2:]) if part)
