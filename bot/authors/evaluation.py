"""Groups the mentions of a file into people, and compares the groups with people who are known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, cast

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bot.corpus.formats.opening import open_lines
from bot.corpus.institutions import affiliations_of, place_of
from bot.disambiguation.grouping import group_mentions
from bot.disambiguation.name_forms import NameMention, form_of, words_of
from bot.disambiguation.name_marks import marked_words
from bot.errors import PapercordError, UnreadableFileError


@dataclass(frozen=True, slots=True)
class Agreement:
    """Precision, recall and F1; 1.0 where nothing could be wrong."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def pairwise(groups: Sequence[Hashable], people: Sequence[Hashable]) -> Agreement:
    """Of the pairs put together, how many are one person's; of one person's pairs, how many are together."""
    together = _pairs_within(groups)
    true = _pairs_within(people)
    both = _pairs_within(list(zip(groups, people, strict=True)))
    return Agreement(both / together if together else 1.0, both / true if true else 1.0)


def b_cubed(groups: Sequence[Hashable], people: Sequence[Hashable]) -> Agreement:
    """The same for each mention, averaged over mentions.

    After A. Bagga and B. Baldwin, "Entity-Based Cross-Document Coreferencing Using the Vector Space
    Model", COLING-ACL (1998) 79.
    """
    if not groups:
        return Agreement(1.0, 1.0)
    in_group, of_person = Counter(groups), Counter(people)
    both = Counter(zip(groups, people, strict=True))
    right = sum(count * count / in_group[group] for (group, _), count in both.items())
    found = sum(count * count / of_person[person] for (_, person), count in both.items())
    return Agreement(right / len(groups), found / len(groups))


def _pairs_within(labels: Sequence[Hashable]) -> int:
    return sum(count * (count - 1) // 2 for count in Counter(labels).values())


def _written(value: Any) -> Any:
    """A number where a text is due: ids and venues are written both ways."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _text(value: Any) -> Any:
    """A text, if it is there in any form; None for any other value."""
    written = _written(value)
    return written if isinstance(written, str) else None


def _list(value: Any) -> Any:
    """A list that is not there is empty, and so is an entry."""
    if isinstance(value, list):
        return [one for one in cast("list[Any]", value) if one is not None]
    return value or ()


def _name(value: Any) -> Any:
    return "" if value is None else value


def _year(value: Any) -> Any:
    """A year that is no number is no year; a date counts by its year."""
    if isinstance(value, str):
        return int(value[:4]) if value[:4].isdigit() and value[:4].isascii() else None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


Text = Annotated[str, BeforeValidator(_written)]
OptionalText = Annotated[str | None, BeforeValidator(_text)]


class MentionRow(BaseModel):
    """One line of the file; what it says of the person is kept apart and never grouped by."""

    model_config = ConfigDict(extra="ignore")

    mention: Annotated[Text, Field(min_length=1, pattern=r"^[^\t\r\n]*$")]
    name: Annotated[str, BeforeValidator(_name)]
    """Whoever is not named is a person alone."""
    paper: OptionalText = None
    coauthors: Annotated[tuple[str, ...], BeforeValidator(_list)] = ()
    year: Annotated[int | None, BeforeValidator(_year)] = None
    venue: OptionalText = None
    title: OptionalText = None
    affiliations: Annotated[tuple[str, ...], BeforeValidator(_list)] = ()
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
    labels: list[str] = []
    people: list[str | None] = []
    mentions: list[NameMention] = []
    for number, row in enumerate(_rows(path)):
        labels.append(row.mention)
        people.append(row.person)
        mentions.append(_mention(row, number))
    numbers = group_mentions(mentions)
    known = [(number, who) for number, who in zip(numbers, people, strict=True) if who is not None]
    groups, true = [number for number, _ in known], [who for _, who in known]
    return Evaluation(
        groups=tuple(zip(labels, numbers, strict=True)),
        known=len(known),
        people=len(set(true)),
        pairwise=pairwise(groups, true) if known else None,
        b_cubed=b_cubed(groups, true) if known else None,
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
    with open_lines(path) as lines:
        for line in lines:
            if line is None:
                raise UnreadableFileError(str(path), lines.number, "is too long for a mention")
            if not line.strip():
                continue
            row = _row(path, lines.number, line)
            if row.mention in seen:
                reason = f"the mention {row.mention} stands in line {seen[row.mention]} already"
                raise UnreadableFileError(str(path), lines.number, reason)
            seen[row.mention] = lines.number
            yield row


def _row(path: Path, number: int, line: bytes) -> MentionRow:
    try:
        document = orjson.loads(line)
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


def _mention(row: MentionRow, number: int) -> NameMention:
    form = form_of(row.name)
    others = (form_of(name) for name in dict.fromkeys(row.coauthors))
    return NameMention(
        form=form,
        paper=row.paper if row.paper is not None else f"\t{number}",
        coauthors=tuple(other for other in others if other.key != form.key),
        year=row.year,
        venue=(row.venue or "").strip().casefold(),
        words=words_of(row.title or ""),
        marked=marked_words(row.name),
        affiliations=frozenset(map(place_of, affiliations_of((one, None) for one in row.affiliations))),
    )
