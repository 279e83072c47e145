"""How people put a question: words that only ask for papers, and the dates of papers in words."""

from __future__ import annotations

import datetime as dt
import re
from calendar import month_abbr, month_name
from collections.abc import Sequence
from typing import NamedTuple

_WORD = re.compile(r"[^\W_]+")
_ASKED_WITH = """
 a about all am an and any anything are at best can cited could current do does existing few find for get
 give good great have hello hi how i im important in influential interested interesting is key know
 latest like list look looking m me more most my need new newest of please read recent recommend
 recommended relevant s re search searching see seminal show some suggest tell that the there to top us
 want wanted we what where which who would you
"""
_PAPERS = r"(?:papers?|articles?|publications?|preprints?|literature|works?|research|studies)"
_ASKING = re.compile(
    rf"\W*(?:(?:{'|'.join(_ASKED_WITH.split())})\b\W+){{0,16}}{_PAPERS}"
    r"(?:\s+(?:(?:(?:that|which)\s+)?(?:deals?|dealing)\s+with|by|(?:(?:that|which)\s+)?(?:are|is)?\s*relat(?:ed|ing)\s+to"
    r"|(?:(?:that|which|are|is|discuss(?:es|ing)?|focus(?:es|ing|ed)?)\s+)*(?:on|about|regarding|concerning))"
    r"\s+(?=\w)|\s+(?=[a-z]+:\S)|\W*$)",
    re.IGNORECASE,
)
_PAPERS_LAST = re.compile(rf"\b{_PAPERS}\s*$", re.IGNORECASE)
_MONTHS = {
    name.lower(): number for names in (month_name, month_abbr) for number, name in enumerate(names) if name
} | {"sept": 9}
_DATE = rf"(?:(?:{'|'.join(_MONTHS)})\.?,?\s+)?(?:19|20)\d\d(?![\w-])"
_SINCE = re.compile(
    rf"\b(?:(?:published|posted|written|from)\s+)?(?P<word>since|after|newer\s+than|later\s+than)\s+(?P<date>{_DATE})"
    rf"|\bfrom\s+(?P<from>{_DATE})\s+(?:onwards?(?!\w)|on\W*$)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r'["“„«][^"“”„«»]*["”“»]')
_OF_PAPERS = rf"\b(?:{_PAPERS}(?P<noun>)|published|posted|written)\s+"
_UNTIL = re.compile(
    rf"{_OF_PAPERS}(?P<word>before|prior\s+to|until|till|up\s+to)\s+(?P<date>{_DATE})", re.IGNORECASE
)
_BETWEEN = re.compile(
    rf"{_OF_PAPERS}(?:between|from)\s+(?P<date>{_DATE})\s+(?:and|to|until|till)\s+(?P<other>{_DATE})",
    re.IGNORECASE,
)
_NUMBERS = {"": 1, "one": 1, "two": 2, "couple of": 2, "three": 3, "few": 3, "four": 4, "five": 5, "ten": 10}
_NUMBER = rf"\d{{1,3}}|{'|'.join(filter(None, _NUMBERS))}"
_LATELY = re.compile(
    rf"{_OF_PAPERS}(?:(?:from|in|of|within|during|over)\s+)?(?:the\s+)?"
    rf"(?:(?P<this>this)|last|past|previous)\s+(?:(?P<number>{_NUMBER})\s+)?"
    r"(?P<unit>year|month|week|day)s?(?!\w)",
    re.IGNORECASE,
)
"""Read beside a word for papers alone: "Europe before 1914" and "the last ten years" are about times."""
_FEW_WORDS = 5
"""Beside so few words "since 2021" is the date of papers; a sentence says that something is so since then."""
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


class DatesSaid(NamedTuple):
    """A span of dates in words, and where it stands in the text."""

    start: int
    end: int
    span: str
    """As after "year:", such as "2024-03..", ">2023" and "2019..2021"."""


def words_that_ask(bare: str, dates: Sequence[DatesSaid]) -> list[int]:
    """Where the words begin that only ask for papers, before a question or the `dates` that stood in it.

    Such as "what are good papers about" and the "papers" of "papers since 2024".
    """
    asking = _ASKING.match(bare)
    found = [word.start() for word in _WORD.finditer(bare, 0, asking.end())] if asking is not None else []
    before_dates = (_PAPERS_LAST.search(bare, 0, said.start) for said in dates)
    return found + [papers.start() for papers in before_dates if papers is not None]


def without_dates(text: str, dates: Sequence[DatesSaid]) -> str:
    """The text with blanks in place of dates."""
    for said in dates:
        text = text[: said.start] + " " * (said.end - said.start) + text[said.end :]
    return text


def dates_said(text: str, today: dt.date | None = None) -> list[DatesSaid]:
    """The spans of dates that a question says in words: "since March 2024", "published before 2020".

    And those before today, where that is given: "papers of the last two months".
    """
    text = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), text)
    found: list[DatesSaid] = []
    for match in _SINCE.finditer(text):
        if not _is_of_papers(match):
            continue
        is_after = match["word"] is not None and match["word"].lower() != "since"
        day = _day(match["date"] or match["from"])
        found.append(DatesSaid(*match.span(), f">{day}" if is_after else f"{day}.."))
    for match in _UNTIL.finditer(text):
        is_before = match["word"].lower() in {"before", "prior to"}
        day = _day(match["date"])
        found.append(DatesSaid(_behind_noun(match), match.end(), f"<{day}" if is_before else f"..{day}"))
    for match in _BETWEEN.finditer(text):
        days = sorted((_day(match["date"]), _day(match["other"])))
        found.append(DatesSaid(_behind_noun(match), match.end(), "..".join(days)))
    if today is not None:
        lately = _LATELY.finditer(text)
        found += [DatesSaid(_behind_noun(each), each.end(), _lately(each, today)) for each in lately]
    return found


def _is_of_papers(match: re.Match[str]) -> bool:
    """Whether a date is that of papers: of a sentence, it is part of what is said."""
    text, others = match.string, f"{match.string[: match.start()]} {match.string[match.end() :]}"
    is_published = match[0].lower().startswith(("p", "w"))
    is_said = is_published or _PAPERS_LAST.search(text, 0, match.start()) is not None
    return is_said or _ASKING.match(others) is not None or len(_WORD.findall(others)) <= _FEW_WORDS


def _lately(match: re.Match[str], today: dt.date) -> str:
    """The year or month of the calendar that is meant; else so many days, also for several of them."""
    number, unit = (match["number"] or "").lower(), match["unit"].lower()
    if not number and unit in {"year", "month"}:
        first = today.replace(day=1) if unit == "month" else today.replace(month=1, day=1)
        if match["this"] is None:
            first = (first - dt.timedelta(days=1)).replace(day=1)
        return first.isoformat()[: 4 if unit == "year" else 7]
    count = int(number) if number.isdigit() else _NUMBERS[number]
    return f"{today - dt.timedelta(days=count * _DAYS[unit])}.."


def _behind_noun(match: re.Match[str]) -> int:
    """Where the dates begin: a word for papers before them stays, "published" goes with them."""
    return match.end("noun") if match["noun"] is not None else match.start()


def _day(said: str) -> str:
    """A year, or a month with its year, as "2024" and "2024-03"."""
    *month, year = re.findall(r"\w+", said.lower())
    return f"{year}-{_MONTHS[month[0]]:02}" if month else year
