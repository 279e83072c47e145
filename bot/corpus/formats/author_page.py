"""Reads an author page saved as text: the author's figures, then one block for each paper."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from bot.corpus.formats.notices import with_notices
from bot.corpus.formats.opening import EXPECTED, Item, Lines, PaperRead, ProfileRead, Remark, RowRefused
from bot.corpus.identity import ARCHIVE, stable_id
from bot.corpus.names import is_et_al, is_generation, name_key
from bot.corpus.paper import AuthorProfile, Mention, PaperRecord, code_address, first_day
from bot.errors import UnreadableFileError

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_DATE = re.compile(
    rf"(?P<month>{_MONTH})\s+(?P<day>\d{{1,2}})(?:,?\s+(?P<year>\d{{4}}))?"
    rf"|(?P<day_first>\d{{1,2}})\s+(?P<its_month>{_MONTH})(?:,?\s+(?P<its_year>\d{{4}}))?"
    rf"|(?P<only_month>{_MONTH}),?\s+(?P<month_year>\d{{4}})"
    r"|(?P<numbers>\d{4}(?:-\d{2}){0,2})",
    re.ASCII,
)
_CATEGORY = rf"{ARCHIVE}(?:\.[A-Z]{{2}}|\.[a-z]+(?:-[a-z]+)*)?"
_HEAD = re.compile(
    rf"(?P<score>\d{{1,4}}(?:\.\d+)?)?\s*(?P<field>{_CATEGORY}|[A-Z]{{2,6}})"
    rf"\s*(?P<date>{re.sub('[?]P<[a-z_]+>', '?:', _DATE.pattern)})\s*(?P<code>Code)?",
    re.ASCII,
)
_FIELD = re.compile(rf"{_CATEGORY}|[A-Z]{{2,6}}")

_NUMBER = r"(?P<number>\d{1,3}(?:[, '’]\d{3})+|\d+(?:\.\d+)?)"
_LABEL = r"(?P<label>h-?\s?index|papers?|citations?|novelty|ai\s?score)"
_FIGURE = (
    re.compile(rf"{_LABEL}\s*[:=]?\s*{_NUMBER}\s*%?", re.IGNORECASE),
    re.compile(rf"{_NUMBER}\s*%?\s*{_LABEL}", re.IGNORECASE),
)
_LARGEST = 2**31 - 1
"""What an integer column holds."""

_YEARS_BACK = 8
"""The longest time between two 29ths of February."""


@dataclass(frozen=True, slots=True)
class Head:
    """The line with which a paper begins."""

    field: str
    category: str | None
    """The whole category, where the page gives one such as cs.CV."""
    date: str
    score: float | None
    has_code: bool
    run_together: bool
    """Field and date stand without a space between them, which prose never has."""


def read_head(text: str) -> Head | None:
    """Read a head line such as "75.3CVMar 12Code"; None where it is none."""
    found = _HEAD.fullmatch(text) if len(text) < 80 else None
    if found is None:
        return None
    category = found["field"]
    return Head(
        field=field_of(category),
        category=category if category.islower() or "." in category else None,
        date=found["date"],
        score=float(found["score"]) if found["score"] else None,
        has_code=found["code"] is not None,
        run_together=found.end("field") == found.start("date"),
    )


def field_of(category: str) -> str:
    """The field's code of a category: CV of cs.CV, quant-ph of quant-ph."""
    return category.rsplit(".", 1)[-1]


def read_date(text: str, read_on: dt.date) -> tuple[str, bool]:
    """Read a date as far as it is given; the flag says whether its year was inferred.

    A date without a year is the last such day that does not lie ahead of the day of reading.

    Raises:
        ValueError: There is no such day.

    """
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no date")
    try:
        return _written_date(found, read_on)
    except ValueError:
        raise ValueError(f"there is no {text}") from None


def _written_date(found: re.Match[str], read_on: dt.date) -> tuple[str, bool]:
    if found["numbers"]:
        first_day(found["numbers"])
        return found["numbers"], False
    if found["only_month"]:
        published = f"{found['month_year']}-{_month_number(found['only_month']):02}"
        first_day(published)
        return published, False
    month = _month_number(found["month"] or found["its_month"])
    day = int(found["day"] or found["day_first"])
    year = found["year"] or found["its_year"]
    if year:
        return dt.date(int(year), month, day).isoformat(), False
    dt.date(2000, month, day)  # a leap year: has it such a day at all?
    for candidate in range(read_on.year, read_on.year - _YEARS_BACK - 1, -1):
        try:
            inferred = dt.date(candidate, month, day)
        except ValueError:  # a 29th of February
            continue
        if inferred <= read_on:
            return inferred.isoformat(), True
    raise ValueError("no such day")


def _month_number(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1


def read_figure(text: str) -> tuple[str, int | float | str] | None:
    """Read a line of the header, such as "1,791citations", as (field of `AuthorProfile`, value)."""
    if _FIELD.fullmatch(text):
        return "field", field_of(text)
    found = next((match for pattern in _FIGURE if (match := pattern.fullmatch(text))), None)
    if found is None:
        return None
    number = float(re.sub(r"[, '’]", "", found["number"]))
    label = found["label"].lower().replace("-", "").replace(" ", "")
    if label == "novelty":
        return ("novelty", number) if number <= 100 else None
    if label == "aiscore":
        return "ai_score", number
    name = {"h": "h_index", "p": "papers", "c": "citations"}[label[0]]
    return (name, int(number)) if number.is_integer() and number <= _LARGEST else None


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
    yield PaperRead(block.line, with_notices(record))


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
