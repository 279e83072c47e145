"""Events in the life of a paper that is known: it was retracted, corrected or published."""

from __future__ import annotations

from enum import StrEnum

from bot.corpus.merge import MergedPaper
from bot.corpus.paper import Notice, NoticeKind


class EventKind(StrEnum):
    """What may become of a paper after it came."""

    RETRACTED = "retracted"
    WITHDRAWN = "withdrawn"
    CONCERN = "concern"
    CORRECTED = "corrected"
    PUBLISHED = "published"
    """What was a preprint."""


NOTICES = {kind: EventKind(kind.value) for kind in NoticeKind}
"""The events that are notices."""


def events_between(before: MergedPaper, after: MergedPaper) -> tuple[EventKind, ...]:
    """What became of a paper between two states; a lesser notice after a graver one is no event."""
    found: list[EventKind] = []
    gravest = _gravest(after.notices)
    known = _gravest(before.notices)
    order = [*NoticeKind]
    if gravest is not None and (known is None or order.index(gravest) < order.index(known)):
        found.append(NOTICES[gravest])
    if before.appeared is None and after.appeared is not None:
        found.append(EventKind.PUBLISHED)
    return tuple(found)


def _gravest(notices: tuple[Notice, ...]) -> NoticeKind | None:
    """Of a merged paper, whose notices are in this order."""
    return notices[0].kind if notices else None
