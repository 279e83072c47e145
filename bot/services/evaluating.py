"""Groups the mentions of a file into people, and tells how well where the people are known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bot.errors import PapercordError, UnreadableFileError
from bot.people.agreement import Agreement, b_cubed, pairwise
from bot.people.forms import form_of
from bot.people.grouping import group_mentions
from bot.people.mentions import Mention, words_of


def _written(value: Any) -> Any:
    """A number where a text is due: ids and venues are written both ways."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _list(value: Any) -> Any:
    return () if value is None else value


def _year(value: Any) -> Any:
    """A year that is no number is no year; a date counts by its year."""
    if isinstance(value, str):
        return int(value[:4]) if value[:4].isdigit() and value[:4].isascii() else None
    return int(value) if isinstance(value, float) and value.is_integer() else value


Text = Annotated[str, BeforeValidator(_written)]
OptionalText = Annotated[str | None, BeforeValidator(_written)]


class MentionRow(BaseModel):
    """One line of the file; what it says of the person is kept apart and never grouped by."""

    model_config = ConfigDict(extra="ignore")

    mention: Annotated[Text, Field(min_length=1, pattern=r"^[^\t\r\n]*$")]
    name: Annotated[str, Field(min_length=1)]
    paper: OptionalText = None
    coauthors: Annotated[tuple[str, ...], BeforeValidator(_list)] = ()
    year: Annotated[int | None, BeforeValidator(_year)] = None
    venue: OptionalText = None
    title: OptionalText = None
    person: OptionalText = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The groups of a file, and how they agree with the people where they are known."""

    groups: tuple[tuple[str, int], ...]
    """(mention, number of its group), in the order of the file."""
    known: int
    """Mentions whose person the file gives."""
    people: int
    pairwise: Agreement | None
    """Over the known ones; None where there are none."""
    b_cubed: Agreement | None

    @property
    def number_of_groups(self) -> int:
        """How many people were made of the mentions."""
        return len({group for _, group in self.groups})


def evaluate(path: Path) -> Evaluation:
    """Group the mentions of a file of JSON lines without ever looking at their people, then compare.

    Raises:
        UnreadableFileError: a row has no mention or no name, or is no JSON; names the line.

    """
    rows = list(_rows(path))
    numbers = group_mentions([_mention(row, number) for number, row in enumerate(rows)])
    known = [
        (number, row.person) for number, row in zip(numbers, rows, strict=True) if row.person is not None
    ]
    groups, people = [number for number, _ in known], [person for _, person in known]
    return Evaluation(
        groups=tuple((row.mention, number) for row, number in zip(rows, numbers, strict=True)),
        known=len(known),
        people=len(set(people)),
        pairwise=pairwise(groups, people) if known else None,
        b_cubed=b_cubed(groups, people) if known else None,
    )


def write_groups(evaluation: Evaluation, path: Path) -> None:
    """Write one line for each mention: mention, tab, number of its group."""
    lines = "".join(f"{mention}\t{group}\n" for mention, group in evaluation.groups)
    try:
        path.write_text(lines, encoding="utf-8")
    except OSError as error:
        raise PapercordError(f"The groups cannot be written to {path}: {error.strerror}.") from None


def _rows(path: Path) -> Iterator[MentionRow]:
    seen: dict[str, int] = {}
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                row = _row(path, number, line)
                if row.mention in seen:
                    reason = f"the mention {row.mention} stands in line {seen[row.mention]} already"
                    raise UnreadableFileError(str(path), number, reason)
                seen[row.mention] = number
                yield row
    except OSError as error:
        raise UnreadableFileError(str(path), None, f"cannot be read: {error.strerror}") from None


def _row(path: Path, number: int, line: bytes) -> MentionRow:
    try:
        document = orjson.loads(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)
    except orjson.JSONDecodeError as error:
        raise UnreadableFileError(str(path), number, f"is no JSON: {error}") from None
    if not isinstance(document, dict):
        raise UnreadableFileError(str(path), number, 'is no JSON object with "mention" and "name"')
    try:
        return MentionRow.model_validate(document)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
            for problem in error.errors()
        )
        raise UnreadableFileError(str(path), number, problems) from None


def _mention(row: MentionRow, number: int) -> Mention:
    form = form_of(row.name)
    others = (form_of(name) for name in dict.fromkeys(row.coauthors))
    return Mention(
        form=form,
        paper=row.paper if row.paper is not None else f"\t{number}",
        coauthors=tuple(other for other in others if other.key != form.key),
        year=row.year,
        venue=(row.venue or "").strip().casefold(),
        words=words_of(row.title or ""),
    )
