"""The circles of an entry: papers that share co-authors, and what they can and cannot tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from bot.authors.results import Circle
from bot.disambiguation.clusters import circles

MOST_PAPERS = 3_000
"""Of more papers under one name no circles are drawn: they would all hang together."""
_COAUTHORS = 3


def circles_of(
    author_id: int,
    rows: Sequence[Row[Any]],
    lists: Mapping[int, Sequence[int]],
    names_of: Callable[[Iterable[int]], Mapping[int, str]],
) -> tuple[Circle, ...]:
    """Draw the circles of an author's papers.

    Args:
        author_id: Whose papers they are.
        rows: The papers, with `paper_id` and `published`.
        lists: The people in the list of each paper.
        names_of: Answers the names of people.

    """
    others = [[one for one in lists.get(row.paper_id, ()) if one != author_id] for row in rows]
    found = circles(others)
    frequent: list[list[int]] = []
    for circle in found:
        people = Counter(one for number in circle for one in set(others[number]))
        frequent.append(sorted(people, key=lambda one: (-people[one], one))[:_COAUTHORS])
    names = names_of({one for few in frequent for one in few})
    return tuple(
        Circle(
            papers=len(circle),
            coauthors=tuple(names[one] for one in few if one in names),
            years=span(sorted(rows[number].published[:4] for number in circle if rows[number].published)),
        )
        for circle, few in zip(found, frequent, strict=True)
    )


def circle_notice(found: Sequence[Circle], cut: int, papers: int) -> str | None:
    """Say how the papers hang together, and what that does not tell; None for a single paper."""
    if papers < 2:
        return None
    sizes = [circle.papers for circle in found if circle.papers > 1]
    alone = sum(circle.papers == 1 for circle in found)
    if not sizes:
        told = f"None of the {papers:,} papers share a visible co-author."
    elif alone == 0 and len(sizes) == 1:
        told = f"All {papers:,} papers hang together by shared co-authors."
    else:
        joined = " and ".join(part for part in (", ".join(map(str, sizes[:-1])), str(sizes[-1])) if part)
        circle = "a circle" if len(sizes) == 1 else "circles"
        told = f"Shared co-authors make {circle} of {joined} papers"
        told += f"; {alone:,} {'paper shares' if alone == 1 else 'papers share'} none." if alone else "."
    if cut:
        lists = "list is" if papers == 1 else "lists are"
        told += (
            f" {cut:,} of {papers:,} {lists} cut, so papers apart may still share co-authors, and whole "
            "lists would join them."
        )
    return f"{told} A circle is likely, not surely, one person; papers apart may still be by the same."


def span(years: Sequence[str]) -> str | None:
    """The first and the last of ordered years: "2019 to 2025"."""
    if not years:
        return None
    return years[0] if years[0] == years[-1] else f"{years[0]} to {years[-1]}"
