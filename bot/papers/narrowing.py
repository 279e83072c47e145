"""The options of a search as filters; what cannot be is refused with what can."""

from __future__ import annotations

from collections.abc import Sequence

from bot.corpus.paper import first_day, last_day
from bot.errors import RefusedError
from bot.papers.results import SearchRequest
from bot.search.filters import AuthorFilter, CodeFilter, DateFilter, FieldFilter, Filter, find_code, read_day

_MOST_CODES = 40
_LONGEST_OPTION = 40


def filters_of(request: SearchRequest, codes: Sequence[str]) -> tuple[Filter, ...]:
    """The filters that the options of a request stand for, or RefusedError."""
    filters: list[Filter] = []
    if request.field is not None and request.field.strip():
        filters.append(_field(request.field.strip(), codes))
    if request.author is not None and request.author.strip():
        filters.append(AuthorFilter(request.author.strip()))
    if request.since or request.until:
        filters.append(_dates(request.since or None, request.until or None))
    if request.code is not None:
        filters.append(CodeFilter(negated=not request.code))
    return tuple(filters)


def _field(value: str, codes: Sequence[str]) -> FieldFilter:
    code = find_code(value, codes)
    if code is None:
        if not codes:
            raise RefusedError("field: the corpus has no papers with a field yet; leave the option out.")
        known = ", ".join(codes[:_MOST_CODES]) + (", …" if len(codes) > _MOST_CODES else "")
        raise RefusedError(f"field: no paper has the field {_shown(value)}; the corpus has {known}.")
    return FieldFilter(code)


def _dates(since: str | None, until: str | None) -> DateFilter:
    for name, value in (("since", since), ("until", until)):
        if value is not None:
            _check_day(name, value)
    since, until = (value.strip() if value is not None else None for value in (since, until))
    if since is not None and until is not None and first_day(since) > last_day(until):
        raise RefusedError(f"since: {since} is after until: {until}; no day lies between them.")
    return DateFilter(since, until)


def _check_day(name: str, value: str) -> None:
    try:
        read_day(value.strip())
    except ValueError:
        raise RefusedError(
            f"{name}: {_shown(value)} is no date; write a year, a month or a day, "
            "such as 2021, 2021-05 or 2021-05-26."
        ) from None


def _shown(value: str) -> str:
    return value if len(value) <= _LONGEST_OPTION else value[: _LONGEST_OPTION - 1] + "…"
