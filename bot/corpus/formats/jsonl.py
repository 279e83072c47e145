"""A row of JSON lines: one object, one paper."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, ConfigDict, FailFast, ValidationError

from bot.corpus.formats.answers import RefusedEntryError, unmarked
from bot.corpus.formats.author_page import field_of
from bot.corpus.formats.dates import read_date
from bot.corpus.formats.json_dumps import (
    MORE_KEYS,
    doubt_of_authors,
    dump_reader,
    in_own_form,
    own_key,
    with_more,
    written_affiliations,
    written_date,
    written_doi,
    written_pages,
)
from bot.corpus.formats.library_entry import NOTHING, Unkept
from bot.corpus.formats.notices import without_notice
from bot.corpus.formats.opening import Item, PaperRead, Remark, RowRefused
from bot.corpus.identity import MAX_KEY_LENGTH, find_doi, normalise_arxiv_id, normalise_other_id, stable_id
from bot.corpus.institutions import affiliations_of
from bot.corpus.names import PersonId, identifier_of, is_et_al, name_key
from bot.corpus.paper import Identifier, Mention, PaperRecord, code_address, first_day, problem_of_address
from bot.corpus.person_names import MOST_NAMES, given_first
from bot.text.latex import readable

_NOT_A_NUMBER = re.compile(rb"[\[:,]\s*(-?(?:NaN|Infinity))\b")
_LONE_SURROGATE = re.compile(r"lone|surrogate", re.IGNORECASE)
_EXPECTED_TYPES = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "finite_number": "a finite number",
}
_KINDS: Mapping[str, str] = {
    "str": "a text",
    "list": "a list",
    "dict": "an object",
    "bool": "true or false",
    "NoneType": "null",
}


def json_problem(line: bytes, error: orjson.JSONDecodeError) -> str:
    """Why a line is no JSON."""
    if b"\x00" in line:
        return "the line has NUL bytes, so the file is damaged or no text"
    try:
        line.decode()
    except UnicodeDecodeError as wrong:
        return f"the line is not UTF-8: byte 0x{line[wrong.start]:02x} at place {wrong.start + 1:,}"
    if found := _NOT_A_NUMBER.search(line):
        return f"the line has {found[1].decode()}, which is no number in JSON; write null"
    message = str(error.msg)
    if _LONE_SURROGATE.search(message):
        return "a text has half of a surrogate pair (such as \\ud800), which is no character"
    if "recursion" in message.lower() or "depth" in message.lower():
        return "the line is nested too deeply"
    if "end of data" in message or "end of input" in message or error.pos >= len(line.decode()):
        return "the line ends in the middle of its object"
    return f"the line is not JSON: {message} at character {error.pos + 1:,}"


def validation_problem(error: ValidationError) -> str:
    """What is wrong with the keys of a row."""
    # A key that may be of several types reports one problem for each.
    by_key: dict[str, list[Mapping[str, Any]]] = {}
    for problem in error.errors(include_url=False):
        by_key.setdefault(_key(problem["loc"]), []).append(problem)
    return "; ".join(_sentence(key, problems) for key, problems in by_key.items())


def _key(location: tuple[int | str, ...]) -> str:
    """The key in a row, and the entry of its list counted from 1."""
    key = f'"{location[0]}"'
    return f"{key}, entry {location[1] + 1}" if len(location) > 1 and isinstance(location[1], int) else key


def _sentence(key: str, problems: list[Mapping[str, Any]]) -> str:
    first = problems[0]
    if key.startswith('"author_ids", '):
        return f'{key} must be a text, null, or an object with the texts "scheme" and "value"'
    if first["type"] == "missing":
        return f"{key} is missing"
    wanted = dict.fromkeys(_EXPECTED_TYPES.get(problem["type"], "") for problem in problems)
    given = first["input"]
    if "" in wanted:
        return f"{key} cannot be read: {first['msg']}"
    return f"{key} must be {' or '.join(wanted)}, not {_kind(given)}"


def _kind(value: object) -> str:
    """What stands there instead; a number is named as it is."""
    return _KINDS.get(type(value).__name__) or str(value)[:40]


ARXIV = "arxiv"

NoteDate = Callable[[str, str | None], None]
"""Notes what is written as a date, and what was understood of it."""

_DATE = re.compile(r"[0-9]{4}(?:-[0-9]{2}){0,2}")
_LARGEST = 2**31 - 1
"""What an integer column holds."""
_MAX_CATEGORY_LENGTH = 64
_ARXIV_CATEGORY = re.compile(r"[a-z-]{2,10}(?:\.[A-Za-z-]{2,12})?")
_MAX_NAME_LENGTH = 600


class RefusedRowError(ValueError):
    """A row that says something that cannot be."""


class _Row(BaseModel):
    """What a line may say; other keys are left alone."""

    model_config = ConfigDict(extra="ignore", strict=True, allow_inf_nan=False)

    title: str
    id: str | int | None = None
    authors: Annotated[list[str] | None, FailFast()] = None
    author_ids: Annotated[list[PersonId] | None, FailFast()] = None
    date: str | int | None = None
    categories: Annotated[list[str] | None, FailFast()] = None
    abstract: str | None = None
    url: str | None = None
    has_code: bool | None = None
    code_url: str | None = None
    venue: str | None = None
    citations: int | None = None
    score: float | None = None
    doi: str | None = None
    arxiv_id: str | None = None
    pmid: str | int | None = None
    openalex: str | None = None
    s2: str | None = None


_KNOWN_KEYS = frozenset(_Row.model_fields) | MORE_KEYS


class RowReport:
    """What of a file's rows was not read: keys that Papercord does not know, and dates that are none."""

    def __init__(self, place: str = "line") -> None:
        self.unkept = Unkept(place)
        self._shapes: dict[tuple[str, ...], int] = {}
        """Keys of rows in the order in which they stand, as most rows of a file have the same."""

    def add(self, later: RowReport) -> None:
        """Take over what was not read of the rows that follow."""
        self.unkept.extend(later.unkept)
        for shape, rows in later._shapes.items():
            self._shapes[shape] = self._shapes.get(shape, 0) + rows

    def saw(self, row: Mapping[str, Any]) -> None:
        """Count the keys of a row in Papercord's own form."""
        shape = tuple(row)
        self._shapes[shape] = self._shapes.get(shape, 0) + 1

    def remarks(self) -> Iterator[Item]:
        """One remark for each kind."""
        yield from self.unkept.remarks()
        seen: Counter[str] = Counter()
        for shape, rows in self._shapes.items():
            seen.update(dict.fromkeys(shape, rows))
        unknown = [
            (key, rows) for key, rows in seen.most_common() if key not in _KNOWN_KEYS and own_key(key) is None
        ]
        if unknown:
            shown = ", ".join(f"“{key[:40]}” ({rows:,})" for key, rows in unknown[:12])
            more = f" and {len(unknown) - 12:,} more" if len(unknown) > 12 else ""
            yield Remark(None, f"keys that are not read: {shown}{more}")
            read = {(own_key(key) or (key, 0))[0] for key in seen}
            absent = [key for key in ("authors", "date", "abstract") if key not in read]
            if absent:
                yield Remark(None, f"no row has {' or '.join(f'“{key}”' for key in absent)}")


def read_row(
    content: Mapping[str, Any], number: int, id_space: str, report: RowReport, *, has_nul: bool
) -> Iterator[Item]:
    """The paper of one object, or why there is none; `has_nul` is whether NUL characters may be in it."""
    remarks: list[str] = []
    try:
        read_dump = dump_reader(content)
        if read_dump is not None:
            record = read_dump(content)
            if written := written_date(content):
                report.unkept.date(number, written, record.published)
            report.unkept.compare(number, record, doi=written_doi(content))
        else:
            report.saw(content)
            if (doubt := doubt_of_authors(content)) is not None:
                report.unkept.add("lists of authors may be read wrongly; write a list", number, doubt)
            places = _places(content, remarks)
            row = _row(content, has_nul=has_nul)
            record = _record(row, places, id_space, remarks, partial(report.unkept.date, number))
            record = with_more(record, content)
            if record.authors_truncated or (record.pages is None and "pages" in content):
                report.unkept.compare(number, record, pages=written_pages(content))
    except ValidationError as error:
        yield RowRefused(number, validation_problem(error))
        return
    except RefusedRowError as error:
        yield RowRefused(number, str(error))
        return
    except RefusedEntryError as error:
        yield RowRefused(number, f"the row cannot be read: {error}")
        return
    yield PaperRead(number, record)
    for remark in remarks:
        yield Remark(number, remark)


def _places(content: Mapping[str, Any], remarks: list[str]) -> Sequence[Sequence[tuple[Any, Any]]]:
    """Where each of the authors works, as far as it is clear whose an affiliation is."""
    places = written_affiliations(content)
    if places is None:
        remarks.append('"affiliations" is left out: one entry is due for each of "authors"')
    return places or ()


@lru_cache(maxsize=1024)
def _has_other_keys(keys: tuple[str, ...]) -> bool:
    """Whether others' names of keys stand in a row in place of Papercord's own."""
    found = (own_key(key) for key in keys if key not in _KNOWN_KEYS)
    return "externalIds" in keys or any(one is not None and one[0] not in keys for one in found)


def _row(content: Mapping[str, Any], *, has_nul: bool) -> _Row:
    """The row of an object; where it is of another form, as far as that can be understood."""
    try:
        row = None if _has_other_keys(tuple(content)) else _Row.model_validate(content)
    except ValidationError:
        row = None
    if row is None:
        row = _Row.model_validate(in_own_form(content))
    if has_nul:
        _refuse_nul(row)
    return row


def _record(
    row: _Row,
    places: Sequence[Sequence[tuple[Any, Any]]],
    id_space: str,
    remarks: list[str],
    note_date: NoteDate,
) -> PaperRecord:
    """The record of a row; raises `RefusedRowError` where the row cannot be."""
    title = _in_a_line(row.title)
    if not title:
        raise RefusedRowError('"title" is empty')
    if row.citations is not None and not 0 <= row.citations <= _LARGEST:
        raise RefusedRowError(f'"citations" cannot be {row.citations}')
    if len(row.categories or ()) > MOST_NAMES:
        raise RefusedRowError(f'"categories" has more than {MOST_NAMES:,} entries')
    authors, truncated = _authors(row, places, id_space, remarks)
    doi = _doi(row, remarks)
    source, source_id, source_key, arxiv_id = _identity(row, title, authors, id_space)
    if arxiv_id is None:
        named = (row.arxiv_id, row.url, doi)
        arxiv_id = next((one for text in named if text and (one := normalise_arxiv_id(text))), None)
    categories = _categories(row, remarks)
    abstract = _abstract(row.abstract or "")
    code_url = _address("code_url", row.code_url, remarks) or code_address(abstract)
    return PaperRecord(
        source=source,
        source_id=source_id,
        source_key=source_key,
        title=title,
        authors=authors,
        authors_truncated=truncated,
        field=field_of(categories[0]) if categories else None,
        categories=categories,
        published=_date(row.date, note_date),
        abstract=abstract,
        url=_address("url", row.url, remarks),
        has_code=code_url is not None if row.has_code is None else row.has_code,
        code_url=code_url,
        venue=_in_a_line(row.venue or "") or None,
        citations=row.citations,
        score=row.score,
        doi=doi,
        arxiv_id=arxiv_id,
        other_ids=_other_ids(row, remarks),
    )


def _other_ids(row: _Row, remarks: list[str]) -> tuple[Identifier, ...]:
    """The ids of other schemes that a row names."""
    if row.openalex is None and row.s2 is None and row.pmid is None:
        return ()
    found: list[Identifier] = []
    for scheme, written in (("openalex", row.openalex), ("s2", row.s2), ("pmid", row.pmid)):
        text = str(written or "").strip()
        if not text:
            continue
        value = normalise_other_id(scheme, text)
        if value is None:
            remarks.append(f'"{scheme}" is no id of that kind and is left out: {text[:80]!r}')
        else:
            found.append(Identifier(scheme=scheme, value=value))
    return tuple(found)


def _identity(
    row: _Row, title: str, authors: tuple[Mention, ...], id_space: str
) -> tuple[str, str, str, str | None]:
    """The id space, the id as written, the id that decides, and the arXiv id where it is one."""
    written = str(row.id).strip() if row.id is not None else ""
    if not written:
        key = f"title-{stable_id(without_notice(title)[0], authors[0].name if authors else None)}"
        return id_space, key, key, None
    if len(written) > MAX_KEY_LENGTH:
        raise RefusedRowError(f'"id" has {len(written):,} characters; at most {MAX_KEY_LENGTH} are taken')
    arxiv_id = normalise_arxiv_id(written)
    if arxiv_id is not None and _is_of_arxiv(row, written):
        return ARXIV, written, arxiv_id, arxiv_id
    return id_space, written, written, None


def _is_of_arxiv(row: _Row, written: str) -> bool:
    """Whether an id that looks like one of arXiv is one: nothing in the row says that it is another's."""
    return (
        "arxiv" in written.lower()
        or not row.url
        or "arxiv.org/" in row.url.lower()
        or (row.venue or "").strip().lower() == "arxiv"
    )


def _authors(
    row: _Row, places: Sequence[Sequence[tuple[Any, Any]]], id_space: str, remarks: list[str]
) -> tuple[tuple[Mention, ...], bool]:
    """The people of a list in its order, and whether it ends in "et al."."""
    names: list[str] = row.authors or []
    truncated = bool(names) and is_et_al(names[-1])
    if truncated:
        names = names[:-1]
    ids: list[PersonId] = row.author_ids or []
    if not ids and not any(places) and len(names) <= MOST_NAMES:
        found = tuple(filter(None, map(_mention, names)))
        if len(found) == len(names) and max(map(len, names), default=0) <= _MAX_NAME_LENGTH:  # as nearly all
            return found, truncated
    if ids and len(ids) != len(names) and len(ids) != len(row.authors or []):
        raise RefusedRowError(
            f'"author_ids" has {len(ids):,} entries and "authors" has {len(names):,}: one is due for each'
        )
    mentions: list[Mention] = []
    for place, given in enumerate(names[:MOST_NAMES]):
        mention = _mention(given)
        if mention is None:
            if not given.strip():
                remarks.append(f'"authors", entry {place + 1} is empty and is left out')
            continue
        if len(mention.name) > _MAX_NAME_LENGTH:
            length = len(mention.name)
            raise RefusedRowError(f'"authors", entry {place + 1}: a name of {length:,} characters')
        identifier = _identifier(ids, place, id_space, remarks)
        works_at = affiliations_of(places[place]) if place < len(places) else ()
        if identifier is not None or works_at:
            identifiers = (identifier,) if identifier is not None else ()
            mention = Mention(name=mention.name, identifiers=identifiers, affiliations=works_at)
        mentions.append(mention)
    return tuple(mentions), truncated or len(names) > MOST_NAMES


def _identifier(ids: Sequence[PersonId], place: int, id_space: str, remarks: list[str]) -> Identifier | None:
    """The identifier of the person at a place of a list, where one is given."""
    given = ids[place] if ids else None
    found = identifier_of(given, id_space)
    if found is None and given:
        remarks.append(f'"author_ids", entry {place + 1} is no identifier and is left out')
    return found


@lru_cache(maxsize=1 << 16)
def _mention(given: str) -> Mention | None:
    """A name alone, as the same people write many papers; None for what is no name.

    Sources also write a colon between a team and its people.
    """
    name = given_first(_in_a_line(readable(given) if "\\" in given else given))
    return Mention(name=name) if name[:1].isalnum() or name_key(name) else None


def forget_people() -> None:
    """Free the memory of the names that were read."""
    _mention.cache_clear()


def _in_a_line(written: str) -> str:
    """A text on one line; markup is taken out where there is any."""
    return unmarked(written) if "<" in written or "&" in written else " ".join(written.split())


def _abstract(written: str) -> str:
    """An abstract with its paragraphs; markup is taken out where there is any."""
    if "<" in written or "&" in written:
        written = "\n".join(unmarked(line) for line in written.split("\n"))
    return written.strip()


def _date(written: str | int | None, note: NoteDate) -> str | None:
    """The date; where it is shorter than what is written, that is noted."""
    text = str(written).strip() if written is not None else ""
    date = _known_date(text) if text else None
    if text != (date or ""):
        note(text, date)
    return date


@lru_cache(maxsize=4096)
def _known_date(text: str) -> str | None:
    if _DATE.fullmatch(text):
        try:
            first_day(text)
        except ValueError:
            pass
        else:
            return text
    return read_date(text)


def _categories(row: _Row, remarks: list[str]) -> tuple[str, ...]:
    given = [category.strip() for category in row.categories or []]
    if len(given) == 1 and all(map(_ARXIV_CATEGORY.fullmatch, given[0].split())):
        given = given[0].split()  # older copies of arXiv's metadata: ["cs.CL cs.LG"]
    kept = tuple(category for category in given if 0 < len(category) <= _MAX_CATEGORY_LENGTH)
    if any(len(category) > _MAX_CATEGORY_LENGTH for category in given):
        remarks.append(
            f'"categories" has an entry of more than {_MAX_CATEGORY_LENGTH} characters; it is left out'
        )
    return kept


def _address(name: str, address: str | None, remarks: list[str]) -> str | None:
    """An address that may become a link; else None, with a remark."""
    address = (address or "").strip()
    if address.casefold() in NOTHING:
        return None
    problem = problem_of_address(address)
    if problem is None:
        return address
    remarks.append(f'"{name}" {problem}, so it is left out')
    return None


def _doi(row: _Row, remarks: list[str]) -> str | None:
    written = (row.doi or "").strip()
    doi = find_doi(written) if written else None
    if doi is None and written.casefold() not in NOTHING:
        remarks.append(f'"doi" is no DOI and is left out: {written[:80]!r}')
    return doi


def _refuse_nul(row: _Row) -> None:
    """Refuse NUL characters, which PostgreSQL cannot keep."""
    for name, value in row:
        if _holds_nul(value):
            raise RefusedRowError(f'"{name}" has a NUL character (\\u0000) in it')


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, list):
        return any(_holds_nul(entry) for entry in value)  # pyright: ignore[reportUnknownVariableType]
    return isinstance(value, BaseModel) and any(_holds_nul(entry) for _, entry in value)
