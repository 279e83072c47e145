"""What is to be posted: a pure decision, from matches to messages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.announcements.results import Kind, MessageSpec

MOST_CARDS = 5
"""Of papers that wait for one channel; more than these come in groups."""
GROUP_SIZE = 10
MOST_LISTED = 100
"""More papers than these at once are a flood."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A subscription of a channel, with the new papers that it matches."""

    subscription_id: int
    words: str
    digest: bool
    role_id: int | None
    thread: bool
    command: str
    matched: Collection[int]


@dataclass(frozen=True, slots=True)
class PlannedMessage:
    """One message that is to be posted, and the papers it delivers."""

    spec: MessageSpec
    delivers: tuple[int, ...]
    """Shown papers first, then those that it only counts."""
    matches: tuple[tuple[int, int], ...]
    """(subscription, paper)."""
    thread: bool


Rank = Mapping[int, tuple[float, int]]
"""For each new paper (score, newest day as a number), missing ones lowest; higher is better."""


def plan(
    wishes: Sequence[Wish], delivered: Collection[int], place: Mapping[int, int], rank: Rank
) -> list[PlannedMessage]:
    """The messages of one channel.

    Args:
        wishes: Its subscriptions that are due, with what they match.
        delivered: Papers that the channel was told of before; they are not told again.
        place: Of each new paper in the order in which they came.
        rank: How good they are.

    """
    messages: list[PlannedMessage] = []
    told = set(delivered)
    for digest in (False, True):
        due = [wish for wish in wishes if wish.digest is digest]
        reasons: dict[int, list[Wish]] = {}
        for wish in due:
            for paper in wish.matched:
                if paper not in told:
                    reasons.setdefault(paper, []).append(wish)
        waiting = sorted(reasons, key=place.__getitem__)
        told.update(waiting)
        if waiting:
            messages += _messages(waiting, reasons, rank, digest=digest)
    return messages


def _messages(
    waiting: Sequence[int], reasons: Mapping[int, list[Wish]], rank: Rank, *, digest: bool
) -> Iterator[PlannedMessage]:
    if len(waiting) > MOST_LISTED:
        best = sorted(waiting, key=lambda paper: (rank[paper], paper), reverse=True)
        yield _message(Kind.FLOOD, best[:GROUP_SIZE], reasons, also=best[GROUP_SIZE:])
    elif digest:
        yield from _parts(Kind.DIGEST, waiting, reasons)
    elif len(waiting) > MOST_CARDS:
        yield from _parts(Kind.GROUP, waiting, reasons)
    else:
        for paper in waiting:
            yield _message(Kind.CARD, [paper], reasons)


def _parts(kind: Kind, waiting: Sequence[int], reasons: Mapping[int, list[Wish]]) -> Iterator[PlannedMessage]:
    parts = -(-len(waiting) // GROUP_SIZE)
    for part in range(parts):
        shown = waiting[part * GROUP_SIZE : (part + 1) * GROUP_SIZE]
        yield _message(kind, shown, reasons, total=len(waiting), part=part + 1, parts=parts)


def _message(
    kind: Kind,
    shown: Sequence[int],
    reasons: Mapping[int, list[Wish]],
    *,
    also: Sequence[int] = (),
    total: int | None = None,
    part: int = 1,
    parts: int = 1,
) -> PlannedMessage:
    delivers = (*shown, *also)
    wishes = _distinct(wish for paper in delivers for wish in reasons[paper])
    # One ping for what came at once, not one for each of its parts.
    roles = {wish.role_id: None for wish in wishes if wish.role_id is not None} if part == 1 else {}
    spec = MessageSpec(
        kind=kind,
        papers=tuple(shown),
        total=total if total is not None else len(delivers),
        matched={paper: tuple(wish.words for wish in reasons[paper]) for paper in shown},
        reasons=tuple(wish.words for wish in wishes),
        command=wishes[0].command if kind is Kind.FLOOD else None,
        roles=tuple(roles),
        part=part,
        parts=parts,
    )
    return PlannedMessage(
        spec=spec,
        delivers=delivers,
        matches=tuple((wish.subscription_id, paper) for paper in delivers for wish in reasons[paper]),
        thread=any(wish.thread for wish in wishes) and part == 1,
    )


def _distinct(wishes: Iterable[Wish]) -> list[Wish]:
    return list({wish.subscription_id: wish for wish in wishes}.values())
