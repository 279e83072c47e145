"""Dates as reference managers, publishers and people write them, with as much as is certain."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

from bot.corpus.formats.answers import date_of, date_of_parts

_MONTHS = tuple(
    line.split()
    for line in """
    jan enero ene gennaio gen janvier janv januari styczeń stycznia ledna leden янв січня січень ocak tammikuu tammikuuta ianuarie siječanj siječnja ιαν يناير
    feb fev fév febbraio février febrero luty lutego února únor фев лютого лютий şubat helmikuu helmikuuta veljača veljače φεβ فبراير
    mar mär maa mrt mars marzo maart março marzec marca března březen мар березня березень mart maaliskuu maaliskuuta ožujak ožujka μαρ مارس
    apr avr abr aprile avril abril kwiecień kwietnia dubna duben апр квітня квітень nisan huhtikuu huhtikuuta április travanj travnja απρ أبريل ابريل
    may mai maj mei mag mayo maggio maio maja května květen май мая травня травень mayıs toukokuu toukokuuta május svibanj svibnja μαι μαΐ μάι مايو
    jun juin giu juni junio giugno junho czerwiec czerwca června červen июн червня червень haziran kesäkuu kesäkuuta június iunie lipanj lipnja ιουν يونيو
    jul juil lug juli julio luglio julho lipiec lipca července červenec июл липня липень temmuz heinäkuu heinäkuuta július iulie srpanj srpnja ιουλ يوليو
    aug aoû aou ago agu août agosto sierpień sierpnia srpna srpen авг серпня серпень ağustos elokuu elokuuta kolovoz kolovoza αυγ αύγ أغسطس
    sep set sept settembre septiembre setembro wrzesień września září сен вересня вересень eylül syyskuu syyskuuta szeptember rujan rujna σεπ سبتمبر
    oct okt ott out octobre ottobre octubre outubro październik października října říjen окт жовтня жовтень ekim lokakuu lokakuuta október οκτ أكتوبر
    nov novembre noviembre novembro listopad listopada listopadu ноя листопада листопад kasım marraskuu marraskuuta studeni studenoga νοε نوفمبر
    dec dez dic déc des dicembre décembre diciembre dezembro grudzień grudnia prosince prosinec дек грудня грудень aralık joulukuu joulukuuta prosinac prosinca δεκ ديسمبر
    """.strip().splitlines()  # noqa: E501
)
"""Names of the months in the languages of journals, a month a line, whole or as far as they tell."""
_NUMBER_OF = {name: number for number, names in enumerate(_MONTHS, 1) for name in names}
_WORD = re.compile(r"[^\W\d_]+")
_YEAR = re.compile(r"(?<!\d)(1[4-9]\d\d|20\d\d)(?!\d)")
_DAY = re.compile(r"(?<!\d)(\d{1,2})(?!\d)")
_WITHOUT_DAY = re.compile(r"^(\d{4})/(\d{1,2})?/?(\d{1,2})?/?.*$")
_DAY_FIRST = re.compile(r"^(\d{1,2})(?:\.\s?|[/-])(\d{1,2})(?:\.\s?|[/-])(\d{4})\.?$")
_NUMBER = re.compile(r"\d{1,2}")
_WITHOUT_SIGNS = re.compile(r"^(1[4-9]\d\d|20\d\d)(0[1-9]|1[0-2])([0-3]\d)?$")
_TIME = re.compile(r"[T\s]\d{1,2}:\d\d\S*")
_SECONDS = re.compile(r"(\d{9,10})(?:\d{3})?(?:\.0)?", re.ASCII)
"""Seconds or milliseconds since 1970, as programs write times; no date without signs has so many digits."""
_CJK = re.compile(r"(?<!\d)(\d{4})\s*[年년]\s*(?:(\d{1,2})\s*[月월]\s*(?:(\d{1,2})\s*[日일号])?)?")
_CJK_MONTH = re.compile(r"(\d{1,2})\s*[月월]\s*(?:(\d{1,2})\s*[日일号])?")
_FIRST_OF_ERA = {"令和": 2019, "平成": 1989, "昭和": 1926, "大正": 1912, "民國": 1912, "民国": 1912}
_ERA = re.compile(rf"({'|'.join(_FIRST_OF_ERA)})\s*(\d{{1,3}}|元)\s*年")
_DECADE = re.compile(r"\b\d{3}0['’]?s\b")
"""No year: the 1850s."""
_LABEL = re.compile(
    r"^(?:(?:start|end|publication|published|issue|cover)\s+)?(?:date|on)?\s*:\s*", re.IGNORECASE
)
_LONGEST = 200
_DIGITS = re.compile(r"\d+")
_NO_DATES = frozenset({"year", "published", "copyright", "circa", "approx", "the", "and"})
"""Words beside a year that say nothing of its month."""
_MONTH_FIRST = re.compile(r"^(\d{1,2})[/-](\d{4})$")


def month_of(text: str) -> int | None:
    """The number of the first month that a text names; None where it names none, as with a season."""
    for word in _WORD.findall(unicodedata.normalize("NFC", text.replace("İ", "i").casefold())):
        number = _NUMBER_OF.get(word) or _NUMBER_OF.get(word[:4]) or _NUMBER_OF.get(word[:3])
        if number is not None:
            return number
    return None


def read_date(text: str) -> str | None:
    """YYYY, YYYY-MM or YYYY-MM-DD; None where not even the year is certain.

    A date of which day and month may stand either way ("03/04/2020") keeps its year alone.
    """
    text = (_LABEL.sub("", text.strip()) if ":" in text else text.strip()).removesuffix("Z")
    if not text or _DECADE.search(text) is not None:
        return None
    for read in (_of_numbers, _of_east_asia):
        if (parts := read(text)) is not None:
            return date_of_parts(parts)
    if found := _SECONDS.fullmatch(text):
        return dt.datetime.fromtimestamp(int(found[1]), dt.UTC).date().isoformat()
    if (month := month_of(text)) is not None and (year := _YEAR.search(text)) is not None:
        day = _DAY.search(text[: year.start()] + " " + text[year.end() :])
        return date_of_parts([int(year[1]), month, *([int(day[1])] if day is not None else [])])
    return date_of(text)


def _of_numbers(text: str) -> list[int] | None:
    """Year, month and day of a date that is written in numbers, as far as they are certain."""
    if found := _WITHOUT_DAY.match(text) or _WITHOUT_SIGNS.match(text):
        return [int(part) for part in found.groups() if part]
    if found := _MONTH_FIRST.match(text):
        return [int(found[2]), int(found[1])]
    if (found := _DAY_FIRST.match(text)) is None:
        return None
    first, second, year = (int(part) for part in found.groups())
    if "." in text or first > 12:
        return [year, second, first]
    return [year, first, second] if second > 12 else [year]


def _of_east_asia(text: str) -> list[int] | None:
    """Year, month and day of a date in Chinese, Japanese or Korean, also by the years of an emperor."""
    if found := _ERA.search(text):
        year = _FIRST_OF_ERA[found[1]] + (1 if found[2] == "元" else int(found[2])) - 1
        text = f"{year}年{text[found.end() :]}"
    found = _CJK.search(text)
    return [int(part) for part in found.groups() if part] if found is not None else None


def is_whole(written: str, date: str) -> bool:
    """Whether a date has all of the day and month that a text gives: not of "2023-02-29" or "Spring 2020"."""
    if len(date) == 10:
        return True
    text = _LABEL.sub("", written[:_LONGEST]) if ":" in written else written[:_LONGEST]
    text = _TIME.sub("", text.strip().removesuffix("Z")).replace(date[:4].lstrip("0"), " ", 1)
    numbers = [int(number) for number in _DIGITS.findall(text) if number.strip("0")]
    words = [word for word in _WORD.findall(text) if len(word) > 2 and word.casefold() not in _NO_DATES]
    if len(date) == 7:
        return len(numbers) <= (month_of(text) is None)
    return not words and not [number for number in numbers if number < 1000 or number > 9999]


def date_with_month(written: str, month: str, day: str) -> str | None:
    """A date whose month and day may stand in fields of their own ("jun", "9~dec", "OCT", "06", "14")."""
    date = read_date(written)
    if date is None or len(date) > 4 or not month.strip():
        return date
    if found := _CJK_MONTH.fullmatch(month.strip()):
        month, day = found[1], found[2] or day
    number = month_of(month)
    days = _DAY.findall(month) if number is not None else []
    if number is None and _NUMBER.fullmatch(month.strip(" .,;")):
        number = int(month.strip(" .,;"))
    if number is None:
        return date
    parts = [int(date), number]
    if _NUMBER.fullmatch(day.strip()):
        parts.append(int(day))
    elif len(days) == 1:
        parts.append(int(days[0]))
    return date_of_parts(parts)
