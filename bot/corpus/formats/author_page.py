"""Reads an author page saved as text: the author's figures, then one block for each paper.

A block begins with its head line ("75.3CVMar 12Code": score, field, date, Code badge, run together as
such pages are copied), then come title, authors and abstract. A line that merely looks like a head
stays in the abstract unless a title and a list of authors follow it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from bot.corpus.addresses import code_address
from bot.corpus.formats.items import Item, PaperRead, ProfileRead, Remark, RowRefused
from bot.corpus.formats.opening import EXPECTED, Lines
from bot.corpus.formats.page_lines import Head, read_date, read_figure, read_head
from bot.corpus.identity import stable_id
from bot.corpus.names import is_et_al, is_generation, name_key
from bot.corpus.paper import AuthorProfile, Mention, PaperRecord
from bot.errors import UnreadableFileError

SOURCE = "author page"

MAX_PAGE_BYTES = 64 * 1024 * 1024
"""A page is read whole, to look ahead; one with tens of thousands of papers is smaller."""

MAX_PAGE_LINES = 500_000

_MAX_NAME_WORDS = 8
_MAX_NAME_LENGTH = 80


@dataclass(slots=True)
class _Block:
    """The lines of one paper."""

    line: int
    head: Head
    title: str
    authors: str | None
    abstract: list[str]


def read_author_page(lines: Lines, *, as_of: dt.date | None, today: dt.date) -> Iterator[Item]:
    """Read a page; raises `UnreadableFileError` where it names no author or lists no paper."""
    texts = _texts(lines)
    file = str(lines.path)
    heads = list(_heads(texts))
    header = texts[: heads[0] if heads else len(texts)]
    named = next((number for number, text in enumerate(header) if text), None)
    if named is None:
        reason = (
            "the author's name is missing before the first paper" if heads else f"it is empty; {EXPECTED}"
        )
        raise UnreadableFileError(file, None, reason)
    name = header[named]
    profile, remarks = _read_header(name, named, header, as_of)
    if not heads:
        if profile.model_dump(exclude={"author", "source", "as_of"}, exclude_none=True):
            raise UnreadableFileError(file, None, f"the page of {name} lists no paper")
        raise UnreadableFileError(file, None, f"this is no list of papers: {EXPECTED}")
    if not name_key(name):
        raise UnreadableFileError(file, named + 1, f"{name!r} is no author's name")
    yield ProfileRead(named + 1, profile)
    yield from remarks
    if profile.papers is not None and profile.papers != len(heads):
        yield Remark(
            named + 1, f"the header says {profile.papers:,} papers, and the page lists {len(heads):,}"
        )
    for start, end in zip(heads, [*heads[1:], len(texts)], strict=True):
        yield from _read_paper(_block(texts, start, end), profile.author, as_of or today)


def _texts(lines: Lines) -> list[str]:
    """The page's lines as text, with single spaces."""
    texts: list[str] = []
    size = 0
    for line in lines:
        size += len(line or b"")
        if line is None or size > MAX_PAGE_BYTES or lines.number > MAX_PAGE_LINES:
            raise UnreadableFileError(
                str(lines.path), lines.number, f"it is too long for an author page; {EXPECTED}"
            )
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            reason = f"it is not UTF-8 (byte 0x{line[error.start]:02x}); save it as UTF-8"
            raise UnreadableFileError(str(lines.path), lines.number, reason) from None
        if "\x00" in text:
            raise UnreadableFileError(
                str(lines.path), lines.number, f"it has NUL bytes, so it is damaged or no text; {EXPECTED}"
            )
        texts.append(" ".join(text.split()))
    return texts


def _heads(texts: list[str]) -> Iterator[int]:
    """The places of the lines with which papers begin."""
    place = 0
    while place < len(texts):
        body = _body_of_head(texts, place)
        if body is None:
            place += 1
        else:
            yield place
            place = body


def _body_of_head(texts: list[str], place: int) -> int | None:
    """Where the abstract begins if a paper begins here; None where none does."""
    head = read_head(texts[place])
    if head is None:
        return None
    title = _next_text(texts, place + 1)
    if title is None or read_head(texts[title]) is not None:
        return None
    authors = _next_text(texts, title + 1)
    if authors is not None and _looks_like_authors(texts[authors]):
        return authors + 1
    stands_alone = place == 0 or not texts[place - 1]
    is_laid_out = title == place + 1 and (title + 1 == len(texts) or not texts[title + 1])
    return title + 1 if head.run_together and stands_alone and is_laid_out else None


def _next_text(texts: list[str], place: int) -> int | None:
    return next((number for number in range(place, min(place + 20, len(texts))) if texts[number]), None)


def _looks_like_authors(text: str) -> bool:
    if read_head(text) is not None:
        return False
    names, truncated = _split_authors(text)
    if truncated:
        return True
    return not text.endswith((".", "!", "?", ":")) and all(
        len(name) <= _MAX_NAME_LENGTH
        and len(name.split()) <= _MAX_NAME_WORDS
        and any(word[0].isupper() or not word[0].islower() for word in name.split())
        for name in names
    )


def _split_authors(text: str) -> tuple[list[str], bool]:
    """The names of a list, and whether it ends in "et al."."""
    names: list[str] = []
    truncated = False
    for part in (piece.strip() for piece in text.split(",")):
        words = part.split()
        for width in (2, 1):
            if len(words) >= width and is_et_al(" ".join(words[-width:])):
                truncated, words = True, words[:-width]
                break
        name = " ".join(words)
        if names and is_generation(name):
            names[-1] += f", {name}"
        elif name:
            names.append(name)
    return names, truncated


def _block(texts: list[str], start: int, end: int) -> _Block:
    head = read_head(texts[start])
    title = _next_text(texts, start + 1)
    body = _body_of_head(texts, start)
    assert head is not None and title is not None and body is not None  # noqa: S101, PT018 - it is a head
    authors = texts[body - 1] if body - 1 != title else None
    return _Block(start + 1, head, texts[title], authors, texts[body:end])


def _read_paper(block: _Block, owner: Mention, read_on: dt.date) -> Iterator[Item]:
    head = block.head
    try:
        published, inferred = read_date(head.date, read_on)
    except ValueError as error:
        yield RowRefused(block.line, f"the date of “{block.title}” cannot be: {error}")
        return
    names, truncated = _split_authors(block.authors or "")
    known = [name for name in names if name_key(name)]
    if not known:
        yield Remark(block.line, f"“{block.title}” names no author")
    abstract = _paragraphs(block.abstract)
    key = stable_id(block.title, known[0] if known else None)
    try:
        record = PaperRecord(
            source=SOURCE,
            source_id=f"page-{key}",
            source_key=f"page-{key}",
            title=block.title,
            authors=tuple(Mention(name=name) for name in known),
            authors_truncated=truncated,
            attributed_to=owner,
            field=head.field,
            categories=(head.category,) if head.category else (),
            published=published,
            published_inferred=inferred,
            abstract=abstract,
            has_code=head.has_code,
            code_url=code_address(abstract),
            score=head.score,
        )
    except ValidationError as error:
        yield RowRefused(block.line, f"“{block.title}” cannot be read: {error.errors()[0]['msg']}")
        return
    yield PaperRead(block.line, record)


def _paragraphs(texts: list[str]) -> str:
    """Lines joined to paragraphs, with a blank line between them."""
    paragraphs: list[list[str]] = [[]]
    for text in texts:
        if text:
            paragraphs[-1].append(text)
        elif paragraphs[-1]:
            paragraphs.append([])
    return "\n\n".join(" ".join(paragraph) for paragraph in paragraphs if paragraph)


def _read_header(
    name: str, named: int, header: list[str], as_of: dt.date | None
) -> tuple[AuthorProfile, list[Remark]]:
    """What the page reports of its author, and the lines that say something else."""
    figures: dict[str, int | float | str] = {}
    remarks: list[Remark] = []
    for number, text in enumerate(header[named + 1 :], named + 2):
        if not text:
            continue
        figure = read_figure(text)
        if figure is None:
            remarks.append(Remark(number, f"this line of the header is not understood: “{text[:80]}”"))
        elif figures.setdefault(*figure) != figure[1]:
            remarks.append(
                Remark(number, f"the header gives {figure[0]} as {figures[figure[0]]} and as {figure[1]}")
            )
    profile = AuthorProfile.model_validate(
        {"author": Mention(name=name), "source": SOURCE, "as_of": as_of, **figures}
    )
    return profile, remarks
