"""The prospects of filters: a subscription that asks for what no paper of the corpus has may never post."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.announcements.results import Filters, Subscription
from bot.app import App
from bot.errors import RefusedError, SearchUnusableError
from bot.papers.results import SearchRequest
from bot.papers.search import request_filters
from bot.search.filters import filter_query
from bot.search.query import AuthorFilter, CodeFilter, FieldFilter, Filter, ScoreFilter, parse_query
from bot.search.snapshot import Snapshot

_ANY_SCORE = ScoreFilter(low=-1e30)


def with_doubts(app: App, subscriptions: Iterable[Subscription]) -> tuple[Subscription, ...]:
    """The same subscriptions, each with why it can match nothing at present."""
    return tuple(replace(each, doubts=doubts(app, each.filters)) for each in subscriptions)


def doubts(app: App, filters: Filters) -> tuple[str, ...]:
    """What filters ask for that no paper has, a few words each; none where the corpus is empty.

    None, too, where some papers cannot be searched now: these may have it.
    """
    try:
        app.index.catch_up(app.store)
        snapshot = app.index.snapshot()
        if snapshot is None:
            return ()
        found = snapshot.answered(lambda asked: _doubts(asked, filters))
    except SearchUnusableError:
        return ()
    return () if snapshot.engine.is_incomplete else found


def _doubts(snapshot: Snapshot, filters: Filters) -> tuple[str, ...]:
    if not snapshot.frequency("kind", "paper"):
        return ()
    wanted = [one for one in _all_filters(filters, snapshot) if not one.negated]
    found = (_doubt(snapshot, one) for one in wanted)
    return tuple(dict.fromkeys(doubt for doubt in found if doubt is not None))


def _all_filters(filters: Filters, snapshot: Snapshot) -> list[Filter]:
    codes = snapshot.field_codes
    found = list(parse_query(filters.query, codes).filters)
    if filters.min_score is not None:
        found.append(ScoreFilter(low=filters.min_score))
    for request in (
        SearchRequest("", field=filters.field),
        SearchRequest("", author=filters.author),
        SearchRequest("", code=filters.code),
    ):
        try:
            found += request_filters(request, codes)
        except RefusedError:  # papers with that field were there once
            found.append(FieldFilter(filters.field or ""))
    return found


def _doubt(snapshot: Snapshot, wanted: Filter) -> str | None:
    """Why a filter finds nothing at present; None where it does, or where only time decides."""
    if snapshot.engine.finds(filter_query(snapshot, wanted)):
        return None
    match wanted:
        case AuthorFilter(name=name):
            return f"nobody in the corpus has the name “{name}”"
        case FieldFilter(code=code):
            return f"no paper in the corpus has the field “{code}”"
        case CodeFilter():
            return "of no paper in the corpus any code is known"
        case ScoreFilter():
            if snapshot.engine.finds(filter_query(snapshot, _ANY_SCORE)):
                return "no paper in the corpus has such a score"
            return "no paper in the corpus has a score, and no source on the net gives one"
        case _:
            return None
