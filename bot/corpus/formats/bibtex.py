"""Reads BibTeX files."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping

from bot.corpus.formats.answers import (
    RefusedEntryError,
    address_of,
    date_of,
    date_of_parts,
    mention_of,
    pages_of,
    text_of,
    unmarked,
)
from bot.corpus.formats.author_page import field_of
from bot.corpus.formats.library_entry import library_record, whole_text
from bot.corpus.formats.opening import EXPECTED, Item, Lines, PaperRead, RowRefused
from bot.corpus.identity import normalise_arxiv_id
from bot.corpus.names import is_et_al
from bot.corpus.paper import Mention, PaperRecord, code_address
from bot.errors import UnreadableFileError
from bot.text.latex import unescaped

SOURCE = "bibtex"

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_VENUES = ("journal", "journaltitle", "booktitle", "howpublished")
_NO_VENUES = ("arxiv", "corr", "http", "\\url")


def read_bibtex(lines: Lines) -> Iterator[Item]:
    """Read every entry; comments, strings and preambles are none."""
    from bibtexparser.entrypoint import parse_string
    from bibtexparser.middlewares.enclosing import RemoveEnclosingMiddleware
    from bibtexparser.middlewares.interpolate import ResolveStringReferencesMiddleware
    from bibtexparser.model import DuplicateBlockKeyBlock, Entry

    text = whole_text(lines)
    # What it logs about damaged blocks is answered as a refused row.
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    strings = "".join(f"@string{{{month} = {{{month}}}}}\n" for month in _MONTHS)
    library = parse_string(
        strings + text, parse_stack=[ResolveStringReferencesMiddleware(), RemoveEnclosingMiddleware()]
    )
    found = False
    for block in library.blocks:
        line = (block.start_line or 0) + 1 - len(_MONTHS)
        # One key twice is the file's own trouble: both are papers.
        entry = block.ignore_error_block if isinstance(block, DuplicateBlockKeyBlock) else block
        if isinstance(entry, Entry):
            found = True
            yield _item(line, {field.key.lower(): str(field.value) for field in entry.fields})
        elif block in library.failed_blocks:
            found = True
            yield RowRefused(line, "the entry is damaged: its braces or quotes are not closed")
    if not found:
        raise UnreadableFileError(
            str(lines.path), None, f"it has no BibTeX entry such as @article{{…}}; {EXPECTED}"
        )


def _item(line: int, fields: Mapping[str, str]) -> Item:
    try:
        return PaperRead(line, _record(fields))
    except RefusedEntryError as error:
        return RowRefused(line, f"the entry cannot be read: {error}")


def _record(fields: Mapping[str, str]) -> PaperRecord:
    authors, truncated = _authors(fields.get("author", ""))
    abstract = _plain(fields.get("abstract", ""))
    eprint = fields.get("eprint", "") if _is_arxiv(fields) else ""
    primary = text_of(fields.get("primaryclass", ""))
    venue = next((name for key in _VENUES if (name := fields.get(key, ""))), "")
    addresses = (fields.get("url", ""), fields.get("howpublished", "").removeprefix("\\url{").rstrip("}"))
    return library_record(
        source=SOURCE,
        title=_plain(fields.get("title", "")),
        authors=authors,
        truncated=truncated,
        published=_published(fields),
        abstract=abstract,
        url=address_of(*addresses),
        code_url=code_address(abstract) or code_address(fields.get("note", "")),
        venue=None if venue.lower().startswith(_NO_VENUES) else _plain(venue) or None,
        pages=pages_of(_plain(fields.get("pages", ""))),
        ids=(
            fields.get("doi", "").replace("\\", ""),
            eprint,
            *addresses,
            *fields.get("journal", "").replace(",", " ").split(),
        ),
        categories=(primary,) if 0 < len(primary) <= 64 else (),
        field=field_of(primary) if primary else None,
    )


def _is_arxiv(fields: Mapping[str, str]) -> bool:
    kind = fields.get("archiveprefix", fields.get("eprinttype", "")).lower()
    return kind == "arxiv" or (not kind and normalise_arxiv_id(fields.get("eprint", "")) is not None)


def _authors(written: str) -> tuple[list[Mention], bool]:
    from bibtexparser.middlewares.names import (
        InvalidNameError,
        parse_single_name_into_parts,
        split_multiple_persons_names,
    )

    names = split_multiple_persons_names(written) if written.strip() else []
    truncated = bool(names) and is_et_al(names[-1])
    mentions: list[Mention] = []
    for name in names[: len(names) - truncated]:
        try:
            printed = parse_single_name_into_parts(name).merge_first_name_first
        except InvalidNameError:
            printed = name
        if (mention := mention_of(_plain(printed))) is not None:
            mentions.append(mention)
    return mentions, truncated


def _published(fields: Mapping[str, str]) -> str | None:
    year = date_of(fields.get("date", "")) or date_of(fields.get("year", ""))
    month = fields.get("month", "").strip().lower()[:3]
    if year is None or len(year) > 4 or not month:
        return year
    number = _MONTHS.index(month) + 1 if month in _MONTHS else int(month) if month.isdecimal() else 0
    return date_of_parts([int(year), number])


def _plain(text: str) -> str:
    """A text without LaTeX's accents and braces, else without HTML; formulas stay as they are."""
    plain = unescaped(text)
    return unmarked(text) if plain is text else text_of(plain)
