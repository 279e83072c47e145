"""What the readers of reference files (BibTeX, RIS) share: the text of a file, and the record of an entry.

A citation key means one paper in one file and another in the next, so it is no id. The DOI or arXiv id
of the entry is its id, else a digest of its title and lead author.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.corpus.formats.answers import RefusedEntryError
from bot.corpus.formats.opening import EXPECTED, Lines
from bot.corpus.identity import normalise_arxiv_id, normalise_doi, stable_id
from bot.corpus.paper import Mention, PaperRecord
from bot.errors import UnreadableFileError

MAX_FILE_BYTES = 64 * 1024 * 1024
"""Such a file is read whole; a larger one is no list of references."""


def whole_text(lines: Lines) -> str:
    """The text of a file of references; old ones are not always UTF-8."""
    read: list[bytes] = []
    size = 0
    for line in lines:
        size += len(line) + 1 if line is not None else MAX_FILE_BYTES
        if size > MAX_FILE_BYTES:
            raise UnreadableFileError(
                str(lines.path), None, f"it is larger than {MAX_FILE_BYTES // 2**20} MiB; split it"
            )
        read.append(line or b"")
    body = b"\n".join(read)
    if b"\x00" in body:
        raise UnreadableFileError(
            str(lines.path), None, f"it has NUL bytes, so it is damaged or no text; {EXPECTED}"
        )
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body.decode("cp1252", errors="replace")


def library_record(
    *,
    source: str,
    title: str,
    authors: Sequence[Mention],
    truncated: bool,
    published: str | None,
    abstract: str,
    url: str | None,
    code_url: str | None,
    venue: str | None,
    pages: str | None,
    ids: Sequence[str],
    categories: Sequence[str] = (),
    field: str | None = None,
) -> PaperRecord:
    """The record of an entry; `ids` are texts that may be a DOI, an arXiv id, or an address of either."""
    if not title:
        raise RefusedEntryError("it has no title")
    doi = _first(normalise_doi(text) for text in ids)
    arxiv_id = _first(normalise_arxiv_id(text) for text in ids)
    if doi is not None and normalise_arxiv_id(doi) is not None:
        doi = None
    key = arxiv_id or doi or f"title-{stable_id(title, authors[0].name if authors else None)}"
    return PaperRecord(
        source=source,
        source_id=key,
        source_key=key,
        title=title,
        authors=tuple(authors),
        authors_truncated=truncated,
        field=field,
        categories=tuple(categories),
        published=published,
        abstract=abstract,
        url=url,
        has_code=code_url is not None,
        code_url=code_url,
        venue=venue,
        doi=doi,
        arxiv_id=arxiv_id,
        pages=pages,
    )


def _first(found: Iterator[str | None]) -> str | None:
    return next((one for one in found if one is not None), None)
