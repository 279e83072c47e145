"""The single lines of an author page: heads of papers, dates, figures of the header."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from bot.corpus.identity import ARCHIVE
from bot.corpus.paper import first_day

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
    """Read a date as far as it is given; the flag tells that its year was inferred.

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
